#include "hello/app.hpp"

#include <armature/testing/client.hpp>
#include <armature/testing/gmock.hpp>

namespace hello {
namespace {

using namespace armature;

TEST(Hello, Greets) {
    TestClient client{make_app()};
    EXPECT_THAT(client.get("/").send(), HasBody("Hello, World!"));
    EXPECT_THAT(client.get("/other").send(), IsProblem(404));
    EXPECT_THAT(client.post("/").send(), IsProblem(405));
}

} // namespace
} // namespace hello
