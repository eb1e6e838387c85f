// expect: the handlers of one path take different numbers of Path<T> arguments
#include <armature/app/app.hpp>
#include <armature/app/json.hpp>
#include <armature/core/result.hpp>

using namespace armature;

App app() {
    return App::create().route("/{a}/{b}", get([](Path<int>, Path<int>) {
                                               return "x";
                                           }).post([](Path<int>) { return "x"; }));
}
