// expect: after(Request&, Response&) of a middleware returns void
#include <armature/app/app.hpp>
#include <armature/app/json.hpp>
#include <armature/core/result.hpp>

using namespace armature;

struct Late {
    Task<> after(Request&, Response&) const { co_return; }
};

App app() {
    return App::create().route("/", get([] { return "x"; }).wrap(Late{}));
}
