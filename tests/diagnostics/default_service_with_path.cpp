// expect: a default service has no path parameters
#include <armature/app/app.hpp>
#include <armature/app/json.hpp>
#include <armature/core/result.hpp>

using namespace armature;

App app() {
    return App::create().default_service([](Path<int>) { return "x"; });
}
