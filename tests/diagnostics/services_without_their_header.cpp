// expect: include_armature_di_di_hpp
#include <armature/app/app.hpp>

using namespace armature;

struct Database {};

App app() { return App::create().provide<Database>(); }
