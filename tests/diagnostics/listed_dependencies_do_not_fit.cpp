// expect: no constructor of this class takes its Dependencies and then the values
#include <armature/di/di.hpp>

using namespace armature;

struct Database {};
struct Users {
    using Dependencies = DependencyList<Database&, Database&>;
    explicit Users(Database&) {}
};

App app() { return App::create().provide<Users>(); }
