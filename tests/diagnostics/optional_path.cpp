// expect: the first parameter of this handler can't be made from a request; allowed are Request&
#include <armature/armature.hpp>

using namespace armature;

App app() {
    return App::create().route("/{a}", get([](std::optional<Path<int>>) { return "x"; }));
}
