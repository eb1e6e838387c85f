#include <armature/armature.hpp>

#include <cstdio>

using namespace armature;

int main() {
    const auto app = App::create().route("/", get([] { return "Hello, World!"; })).build();
    const auto response = app.handle(Request::get("/"));
    std::printf("%s\n", std::string(response.body().text()).c_str());
    return response.body().text() == "Hello, World!" ? 0 : 1;
}
