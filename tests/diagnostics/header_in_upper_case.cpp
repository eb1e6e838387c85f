// expect: the name in Header<"name"> is a field's, in lower case
#include <armature/armature.hpp>

using namespace armature;

App app() {
    return App::create().route("/", get([](Header<"X-Tenant">) { return "x"; }));
}
