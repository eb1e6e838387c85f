// expect: a handler takes the request as Request& or const Request&
#include <armature/app/app.hpp>
#include <armature/app/json.hpp>
#include <armature/core/result.hpp>

using namespace armature;

App app() {
    return App::create().route("/", get([](Request) { return "x"; }));
}
