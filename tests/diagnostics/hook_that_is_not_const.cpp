// expect: both const: all event loops share it
#include <armature/app/app.hpp>
#include <armature/app/json.hpp>
#include <armature/core/result.hpp>

using namespace armature;

struct Counting {
    void before(Request&) { ++count; }
    void after(Request&, Response&) const {}
    int count = 0;
};

App app() { return App::create().wrap(Counting{}); }
