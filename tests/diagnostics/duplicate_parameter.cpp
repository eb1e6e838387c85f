// expect: route_pattern_has_two_parameters_with_the_same_name
#include <armature/app/app.hpp>
#include <armature/app/json.hpp>
#include <armature/core/result.hpp>

using namespace armature;

App app() {
    return App::create().route("/{id}/{id}", get([](Path<int>, Path<int>) { return "x"; }));
}
