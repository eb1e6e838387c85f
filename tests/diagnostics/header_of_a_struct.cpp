// expect: Header<"name", T> takes a number, bool, a described enumeration
#include <armature/armature.hpp>

using namespace armature;

struct User {
    std::string name;
};

App app() {
    return App::create().route("/", get([](Header<"x-user", User>) { return "x"; }));
}
