// [hello]
#include <armature/armature.hpp>

using namespace armature;

int main() {
    return App::create().route("/", get([] { return "Hello, World!"; })).run("127.0.0.1:8080");
}
// [/hello]
