// expect: route_pattern_must_start_with_a_slash
#include <armature/app/app.hpp>
#include <armature/app/json.hpp>
#include <armature/core/result.hpp>

using namespace armature;

App app() {
    return App::create().route("users", get([] { return "x"; }));
}
