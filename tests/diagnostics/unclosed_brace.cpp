// expect: route_pattern_has_an_unclosed_brace
#include <armature/app/app.hpp>
#include <armature/app/json.hpp>
#include <armature/core/result.hpp>

using namespace armature;

App app() {
    return App::create().route("/users/{id", get([] { return "x"; }));
}
