// expect: a factory is a function, or a lambda with spelled-out parameter types
#include <armature/di/di.hpp>

using namespace armature;

struct Database {};

App app() {
    return App::create().provide_factory([](auto&) { return Database{}; });
}
