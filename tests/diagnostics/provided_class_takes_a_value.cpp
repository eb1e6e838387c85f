// expect: no public constructor of this class takes only what can be injected
#include <armature/di/di.hpp>

using namespace armature;

struct Database {};
struct Users {
    Users(Database&, std::string) {}
};

App app() { return App::create().provide<Users>(); }
