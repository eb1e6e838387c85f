// expect: a lambda with spelled-out parameter types (no 'auto')
#include <armature/app/app.hpp>
#include <armature/app/json.hpp>
#include <armature/core/result.hpp>

using namespace armature;

App app() {
    return App::create().route("/", get([](auto&) { return "x"; }));
}
