// expect: a factory returns a service of class type
#include <armature/di/di.hpp>

using namespace armature;

App app() {
    return App::create().provide_factory([] { return 1; });
}
