// expect: the lifecycle hooks are on_module_init()
#include <armature/di/di.hpp>

using namespace armature;

struct Database {
    void on_module_init(int) {}
};

App app() { return App::create().provide<Database>(); }
