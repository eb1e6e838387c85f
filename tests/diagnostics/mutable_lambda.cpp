// expect: that isn't 'mutable': all event loops share it
#include <armature/app/app.hpp>
#include <armature/app/json.hpp>
#include <armature/core/result.hpp>

using namespace armature;

App app() {
    return App::create().route("/", get([count = 0]() mutable { return std::to_string(++count); }));
}
