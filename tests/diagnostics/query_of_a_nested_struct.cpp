// expect: Query<T> takes a struct with ARMATURE_DESCRIBE whose members are numbers
#include <armature/armature.hpp>

using namespace armature;

struct Range {
    int from;
    int to;
};
ARMATURE_DESCRIBE(Range, from, to);

struct Search {
    Range years;
};
ARMATURE_DESCRIBE(Search, years);

App app() {
    return App::create().route("/", get([](Query<Search>) { return "x"; }));
}
