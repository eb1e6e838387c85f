// expect: this handler takes the request's content twice
#include <armature/armature.hpp>

using namespace armature;

App app() {
    return App::create().route("/", post([](BodyStream&, Bytes) { return "x"; }));
}
