// expect: the Dependencies of this class name a parameter that can't be injected
#include <armature/di/di.hpp>

using namespace armature;

struct Database {};
struct Users {
    using Dependencies = DependencyList<Database>;
    explicit Users(const Database&) {}
};

App app() { return App::create().provide<Users>(); }
