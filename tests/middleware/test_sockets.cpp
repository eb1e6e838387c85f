#include "support/process.hpp"

#include <armature/app/app.hpp>
#include <armature/middleware/cors.hpp>
#include <armature/middleware/request_id.hpp>
#include <armature/middleware/security_headers.hpp>
#include <armature/testing/client.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// All three over sockets, asked by curl.
namespace armature::testing {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

App all_three() {
    CorsOptions cors;
    cors.origins = {"https://shop.example"};
    return App::create()
        .wrap(RequestId{})
        .wrap(Cors{std::move(cors)})
        .wrap(SecurityHeaders{}.csp(ContentSecurityPolicy{}.nonce("script-src")))
        .route("/", get([](Extension<CurrentRequestId> id) { return std::string{id->text}; }))
        .route("/own", get([] { return Response::text("x").header("x-frame-options", "DENY"); }))
        .route("/stream", get([] {
                   return Response::stream(
                       [](BodyWriter& out) -> Task<> { co_await out.write("streamed"); });
               }));
}

std::string curl(const TestClient& client, const std::string& arguments,
                 const std::string& target = "/") {
    const Ran ran =
        shell("curl -sS -k -i --max-time 60 " + arguments + " '" + client.origin() + target + "'");
    EXPECT_EQ(ran.status, 0) << ran.output;
    return ran.output;
}

// The same of curl's answers over each protocol; `version` as curl writes it.
void expect_all_three(const TestClient& client, const std::string& flag,
                      const std::string& version) {
    const std::string preflight =
        curl(client, flag + " -X OPTIONS -H 'origin: https://shop.example' "
                            "-H 'access-control-request-method: PUT'");
    EXPECT_THAT(preflight, StartsWith(version + " 204"));
    EXPECT_THAT(preflight, HasSubstr("access-control-allow-origin: https://shop.example\r\n"));
    EXPECT_THAT(preflight, HasSubstr("vary: Origin\r\n"));
    EXPECT_THAT(preflight, HasSubstr("x-request-id: "));

    for (const std::string target : {"/", "/stream", "/own", "/nothing"}) {
        const std::string answer =
            curl(client, flag + " -H 'origin: https://shop.example'", target);
        EXPECT_THAT(answer, StartsWith(version + (target == "/nothing" ? " 404" : " 200")));
        EXPECT_THAT(answer, ContainsRegex("x-request-id: [0-9a-f-]{36}\r\n"));
        EXPECT_THAT(answer, HasSubstr("access-control-allow-origin: https://shop.example\r\n"));
        EXPECT_THAT(answer, HasSubstr("vary: Origin\r\n"));
        EXPECT_THAT(answer, HasSubstr("x-content-type-options: nosniff\r\n"));
        EXPECT_THAT(answer, HasSubstr("x-xss-protection: 0\r\n"));
        EXPECT_THAT(answer, HasSubstr(target == "/own" ? "x-frame-options: DENY\r\n"
                                                       : "x-frame-options: SAMEORIGIN\r\n"));
        EXPECT_THAT(answer, ContainsRegex("script-src 'self' 'nonce-[A-Za-z0-9+/]{22}=='"));
    }
    const std::string foreign = curl(client, flag + " -H 'origin: https://shop.example.evil.test'");
    EXPECT_THAT(foreign, Not(HasSubstr("access-control-allow")));
    EXPECT_THAT(foreign, HasSubstr("vary: Origin\r\n"));
}

TEST(MiddlewareOverSockets, SpeaksHttp1) {
    const TestClient client = TestClient::over_http(all_three());
    expect_all_three(client, "--http1.1", "HTTP/1.1");
    EXPECT_THAT(curl(client, "--http1.1"), Not(HasSubstr("strict-transport-security")));
}

TEST(MiddlewareOverSockets, SpeaksHttp2OverTls) {
    const TestClient client = TestClient::over_https(all_three());
    expect_all_three(client, "--http2", "HTTP/2");
    EXPECT_THAT(curl(client, "--http2"),
                HasSubstr("strict-transport-security: max-age=31536000; includeSubDomains\r\n"));
}

TEST(MiddlewareOverSockets, KeepsAPreparedBlockOfFieldsWhole) {
    const TestClient client = TestClient::over_http(
        App::create().wrap(SecurityHeaders{}).route("/", get([] { return "hello"; })));
    // Two requests on one connection: the second response uses the first one's memory.
    const Ran ran = shell("curl -sS -i --max-time 60 '" + client.origin() + "/' '" +
                          client.origin() + "/nothing' '" + client.origin() + "/'");
    ASSERT_EQ(ran.status, 0) << ran.output;
    std::size_t count = 0;
    for (std::size_t at = 0; (at = ran.output.find("\r\nx-frame-options: SAMEORIGIN\r\n"
                                                   "x-permitted-cross-domain-policies: none\r\n"
                                                   "x-xss-protection: 0\r\n",
                                                   at)) != std::string::npos;
         ++at)
        ++count;
    EXPECT_EQ(count, 3u) << ran.output;
}

} // namespace
} // namespace armature::testing
