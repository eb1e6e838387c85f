// expect: the second parameter of this handler can't be made from a request; allowed are Request&
#include <armature/app/app.hpp>
#include <armature/app/json.hpp>
#include <armature/core/result.hpp>

using namespace armature;

struct Thing {
    int number;
};

App app() {
    return App::create().route("/{id}", get([](Path<int>, Thing) { return "x"; }));
}
