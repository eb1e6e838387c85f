#include "app.hpp"

#include <armature/testing/client.hpp>

#include <gtest/gtest.h>

using namespace armature;

namespace {

{{name}}::Settings settings_with(std::string upstream) {
    {{name}}::Settings settings;
    settings.upstream = std::move(upstream);
    return settings;
}

TEST({{Name}}, GreetsOverASocket) {
    TestClient client = TestClient::over_http({{name}}::make_app({}));
    EXPECT_EQ(client.get("/greetings/Ada").send().text(), R"({"text":"Hello, Ada!"})");
    EXPECT_EQ(client.get("/health/ready").send().status(), Status::ok);
    EXPECT_NE(client.get("/metrics").send().text().find("http_server_request_duration_seconds"),
              std::string::npos);
}

TEST({{Name}}, PassesOnWhatTheNextServiceSays) {
    TestClient next = TestClient::over_http(App::create().route("/", get([] { return "next"; })));
    TestClient client = TestClient::over_http({{name}}::make_app(settings_with(next.origin())));
    EXPECT_EQ(client.get("/relay").send().text(), "next");
}

TEST({{Name}}, SaysThatTheNextServiceIsGone) {
    TestClient client =
        TestClient::over_http({{name}}::make_app(settings_with("http://127.0.0.1:1")));
    EXPECT_EQ(client.get("/relay").send().status(), Status::bad_gateway);
}

} // namespace
