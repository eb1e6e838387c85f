// expect: Cookie<"name", T> takes a number, bool, a described enumeration
#include <armature/armature.hpp>

using namespace armature;

struct User {
    std::string name;
};

App app() {
    return App::create().route("/", get([](Cookie<"user", User>) { return "x"; }));
}
