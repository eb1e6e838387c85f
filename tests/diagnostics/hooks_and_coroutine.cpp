// expect: either before/after hooks or a coroutine around the rest, not both
#include <armature/app/app.hpp>
#include <armature/app/json.hpp>
#include <armature/core/result.hpp>

using namespace armature;

struct Both {
    void before(Request&) const {}
    Task<Response> operator()(Request& request, Next next) const {
        co_return co_await next(request);
    }
};

App app() { return App::create().wrap(Both{}); }
