// expect: Path<T> takes an integer, a floating-point type, std::string or std::string_view
#include <armature/app/app.hpp>
#include <armature/app/json.hpp>
#include <armature/core/result.hpp>

using namespace armature;

struct Id {};

App app() {
    return App::create().route("/{id}", get([](Path<Id>) { return "x"; }));
}
