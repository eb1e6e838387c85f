// expect: nothing can make an object of an abstract class
#include <armature/di/di.hpp>

using namespace armature;

struct Mailer {
    virtual void send() = 0;
};

App app() { return App::create().provide<Mailer>(); }
