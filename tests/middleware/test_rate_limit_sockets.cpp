#include "middleware/rate_limit_app.hpp"
#include "support/process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// Over sockets, asked by curl.
namespace armature::testing {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::StartsWith;

void expect_limited(const TestClient& client, const std::string& flag, const std::string& version) {
    const auto ask = [&](const std::string& more) {
        const Ran ran = shell("curl -sS -k -i --max-time 60 " + flag + " " + more + " '" +
                              client.origin() + "/'");
        EXPECT_EQ(ran.status, 0) << ran.output;
        return ran.output;
    };
    for (int left = 2; left >= 0; --left) {
        const std::string answer = ask("");
        EXPECT_THAT(answer, StartsWith(version + " 200"));
        EXPECT_THAT(answer, HasSubstr("ratelimit-policy: \"default\";q=3;w=86400\r\n"));
        EXPECT_THAT(answer, ContainsRegex("ratelimit: \"default\";r=" + std::to_string(left) +
                                          ";t=[0-9]+\r\n"));
    }
    const std::string refused = ask("-H 'x-forwarded-for: 203.0.113.9' -H 'forwarded: for=x'");
    EXPECT_THAT(refused, StartsWith(version + " 429"));
    EXPECT_THAT(refused, ContainsRegex("retry-after: [0-9]+\r\n"));
    EXPECT_THAT(refused, HasSubstr("content-type: application/problem+json\r\n"));
    EXPECT_THAT(refused, HasSubstr("#quota-exceeded\""));
}

App limited_app() {
    const Duration day = Duration::seconds(86'400);
    return App::create()
        .wrap(RateLimit{RateLimitPolicy::sliding_window(3, day)})
        .route("/", get(hello));
}

TEST(RateLimitOverSockets, SpeaksHttp1) {
    expect_limited(TestClient::over_http(limited_app()), "--http1.1", "HTTP/1.1");
}

TEST(RateLimitOverSockets, SpeaksHttp2OverTls) {
    expect_limited(TestClient::over_https(limited_app()), "--http2", "HTTP/2");
}

} // namespace
} // namespace armature::testing
