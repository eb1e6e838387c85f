#include "support.hpp"

#include <gtest/gtest.h>

#include <string_view>

using namespace armature;

namespace {{name}} {
namespace {

struct Application : testing::Test {
    ServedApp app;
    TestClient& client = app.client;
};

TEST_F(Application, IsReadyWhenItsDatabaseIs) {
    EXPECT_EQ(client.get("/health/live").send().status(), Status::ok);
    EXPECT_EQ(client.get("/health/ready").send().text(),
              R"({"status":"pass","checks":{"database":{"status":"pass"}}})");
}

TEST_F(Application, DescribesItself) {
    const TestResponse document = client.get("/openapi.json").send();
    EXPECT_NE(document.text().find(R"("openapi":"3.1)"), std::string::npos);
    EXPECT_EQ(client.get("/docs").follow_redirects().send().status(), Status::ok);
}

TEST_F(Application, CountsItsRequests) {
    EXPECT_EQ(client.get("/health/live").send().status(), Status::ok);
    EXPECT_NE(client.get("/metrics").send().text().find("http_server_request_duration_seconds"),
              std::string::npos);
}

TEST_F(Application, TellsWhatIsntThere) {
    const TestResponse response = client.get("/nothing").send();
    EXPECT_EQ(response.status(), Status::not_found);
    EXPECT_EQ(response.header("content-type"), "application/problem+json");
}

} // namespace
} // namespace {{name}}
