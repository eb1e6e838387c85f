#include <armature/armature.hpp>
#include <armature/testing/client.hpp>

#include <cstdio>

using namespace armature;

int main() {
    TestClient client{App::create().route("/", get([] { return "Hello, World!"; }))};
    const TestResponse response = client.get("/").send();
    std::printf("%s\n", response.text().c_str());
    return response.text() == "Hello, World!" ? 0 : 1;
}
