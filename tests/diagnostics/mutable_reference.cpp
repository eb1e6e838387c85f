// expect: a handler takes its parameters by value or by const reference
#include <armature/app/app.hpp>
#include <armature/app/json.hpp>
#include <armature/core/result.hpp>

using namespace armature;

App app() {
    return App::create().route("/", post([](Json<int>&) { return "x"; }));
}
