// expect: takes some path parameters by position and some by name
#include <armature/armature.hpp>

using namespace armature;

App app() {
    return App::create().route("/{a}/{b}", get([](Path<int>, Path<int, "b">) { return "x"; }));
}
