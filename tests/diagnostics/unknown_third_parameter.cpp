// expect: the third parameter of this handler can't be made from a request; allowed are Request&
#include <armature/armature.hpp>

using namespace armature;

struct User {
    std::string name;
};

App app() {
    return App::create().route("/{a}", get([](Path<int>, BearerToken, User) { return "x"; }));
}
