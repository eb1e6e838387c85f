#include "support.hpp"

#include <gtest/gtest.h>

using namespace armature;

namespace {{name}} {
namespace {

struct Pages : testing::Test {
    ServedApp app;
    TestClient& client = app.client;
};

TEST_F(Pages, AreHtml) {
    const TestResponse home = client.get("/").send();
    EXPECT_EQ(home.header("content-type"), "text/html; charset=utf-8");
    EXPECT_NE(home.text().find("<h1>{{Title}}</h1>"), std::string::npos);
}

TEST_F(Pages, HaveTheirFiles) {
    EXPECT_EQ(client.get("/public/style.css").send().status(), Status::ok);
    EXPECT_EQ(client.get("/public/../CMakeLists.txt").send().status(), Status::not_found);
}

TEST_F(Pages, QueueReports) {
    EXPECT_EQ(client.post("/reports/sales").send().status(), Status::accepted);
}

} // namespace
} // namespace {{name}}
