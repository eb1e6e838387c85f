// expect: a handler takes the content's stream as BodyStream&
#include <armature/armature.hpp>

using namespace armature;

App app() {
    return App::create().route("/", post([](const BodyStream&) { return "x"; }));
}
