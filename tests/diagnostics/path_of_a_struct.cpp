// expect: Path<T> takes a number, bool, a described enumeration, std::string, std::string_view or a type with a TextForm
#include <armature/app/app.hpp>
#include <armature/app/json.hpp>
#include <armature/core/result.hpp>

using namespace armature;

struct Id {};

App app() {
    return App::create().route("/{id}", get([](Path<Id>) { return "x"; }));
}
