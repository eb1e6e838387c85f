// expect: a service can be provided as one of its public base classes only
#include <armature/di/di.hpp>

using namespace armature;

struct Mailer {};
struct Smtp {};

App app() { return App::create().provide_as<Mailer, Smtp>(); }
