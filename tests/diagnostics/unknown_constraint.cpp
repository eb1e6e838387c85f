// expect: route_pattern_has_an_unknown_constraint
#include <armature/app/app.hpp>
#include <armature/app/json.hpp>
#include <armature/core/result.hpp>

using namespace armature;

App app() {
    return App::create().route("/{id:number}", get([](Path<int>) { return "x"; }));
}
