// expect: this handler takes the request's content twice
#include <armature/app/app.hpp>
#include <armature/app/json.hpp>
#include <armature/core/result.hpp>

using namespace armature;

App app() {
    return App::create().route("/", post([](Bytes, Json<int>) { return "x"; }));
}
