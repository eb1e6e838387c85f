// expect: this constructor is a template that takes anything
#include <armature/di/di.hpp>

using namespace armature;

struct Users {
    template <class T>
    explicit Users(T&&) {}
};

App app() { return App::create().provide<Users>(); }
