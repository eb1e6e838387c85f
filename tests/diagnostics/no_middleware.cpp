// expect: a middleware has before(Request&) const and/or after(Request&, Response&) const
#include <armature/app/app.hpp>
#include <armature/app/json.hpp>
#include <armature/core/result.hpp>

using namespace armature;

struct Nothing {};

App app() { return App::create().wrap(Nothing{}); }
