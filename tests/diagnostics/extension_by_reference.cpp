// expect: a handler takes its parameters by value or by const reference
#include <armature/armature.hpp>

using namespace armature;

struct User {
    std::string name;
};

App app() {
    return App::create().route("/", get([](Extension<User>&) { return "x"; }));
}
