#include "app.hpp"

#include <armature/testing/client.hpp>

#include <gtest/gtest.h>

using namespace armature;

namespace {

TEST({{Name}}, SaysHelloOverASocket) {
    TestClient client = TestClient::over_http({{name}}::make_app());
    EXPECT_EQ(client.get("/").send().text(), "Hello, World!");
    EXPECT_EQ(client.get("/hello/Ada").send().text(), "Hello, Ada!");
    EXPECT_EQ(client.get("/nothing").send().status(), Status::not_found);
}

} // namespace
