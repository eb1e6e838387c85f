// expect: Query<T> takes a struct with ARMATURE_DESCRIBE whose members are
#include <armature/armature.hpp>

using namespace armature;

struct User {
    std::string name;
};

App app() {
    return App::create().route("/", get([](Query<User>) { return "x"; }));
}
