// expect: before(Request&) of a middleware returns void to go on, or std::optional<Response>
#include <armature/app/app.hpp>
#include <armature/app/json.hpp>
#include <armature/core/result.hpp>

using namespace armature;

struct Guard {
    bool before(Request&) const { return true; }
};

App app() { return App::create().wrap(Guard{}); }
