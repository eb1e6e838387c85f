// expect: this handler takes the request's content twice; keep one of Json<T>, Form<T>, Multipart,
// Bytes and BodyStream&
#include <armature/armature.hpp>

using namespace armature;

struct Search {
    int page;
};
ARMATURE_DESCRIBE(Search, page);

App app() {
    return App::create().route("/", post([](Form<Search>, Json<int>) { return "x"; }));
}
