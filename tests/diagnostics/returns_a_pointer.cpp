// expect: this handler's result can't become a response
#include <armature/app/app.hpp>
#include <armature/app/json.hpp>
#include <armature/core/result.hpp>

using namespace armature;

struct User {};

App app() {
    return App::create().route("/", get([]() -> User* { return nullptr; }));
}
