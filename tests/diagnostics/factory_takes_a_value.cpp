// expect: a parameter of this factory can't be injected
#include <armature/di/di.hpp>

using namespace armature;

struct Database {};

App app() {
    return App::create().provide_factory([](int) { return Database{}; });
}
