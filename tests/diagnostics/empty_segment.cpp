// expect: route_pattern_has_an_empty_segment
#include <armature/app/app.hpp>
#include <armature/app/json.hpp>
#include <armature/core/result.hpp>

using namespace armature;

App app() {
    return App::create().service(scope("/api").route("/a//b", get([] { return "x"; })));
}
