// expect: route_pattern_has_fewer_parameters_than_the_handler_takes_as_Path_arguments
#include <armature/app/app.hpp>
#include <armature/app/json.hpp>
#include <armature/core/result.hpp>

using namespace armature;

App app() {
    return App::create().route("/{id}", get([](Path<int>, Path<int>) { return "x"; }));
}
