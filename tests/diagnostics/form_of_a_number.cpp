// expect: Form<T> takes a struct with ARMATURE_DESCRIBE whose members are
#include <armature/armature.hpp>

using namespace armature;

App app() {
    return App::create().route("/", post([](Form<int>) { return "x"; }));
}
