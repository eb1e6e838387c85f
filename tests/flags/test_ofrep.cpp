#include "support/process.hpp"

#include <armature/app/app.hpp>
#include <armature/flags/ofrep.hpp>
#include <armature/testing/client.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// The remote evaluation protocol, and what clients may not do with it.
namespace armature::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* some = R"({
  "flags": {
    "color": {"state": "ENABLED", "variants": {"r": "red", "b": "blue"}, "defaultVariant": "r",
      "targeting": {"if": [{"==": [{"var": "country"}, "PL"]}, "b"]}},
    "off": {"state": "DISABLED", "variants": {"on": true}, "defaultVariant": "on"},
    "broken": {"state": "ENABLED", "variants": {"on": true}, "defaultVariant": "on",
      "targeting": {"if": [{"<": [{"var": "country"}, 1]}, "on"]}},
    "deep": {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "off",
      "targeting": {"if": [{"in": ["x", {"var": "a"}]}, "on"]}}
  }
})";

App service() { return App::create().service(ofrep(Flags::from_json(some), 4096)); }

std::string evaluate(const TestClient& client, const std::string& flag, const std::string& path,
                     const std::string& content) {
    const Ran ran =
        shell("curl -sSk -i --max-time 60 " + flag + " -H 'content-type: application/json' -d '" +
              content + "' '" + client.origin() + "/ofrep/v1/evaluate/flags" + path + "'");
    EXPECT_EQ(ran.status, 0) << ran.output;
    return ran.output;
}

void expect_evaluations(const TestClient& client, const std::string& flag,
                        const std::string& version) {
    const std::string one =
        evaluate(client, flag, "/color", R"({"context": {"targetingKey": "a", "country": "PL"}})");
    EXPECT_THAT(one, StartsWith(version + " 200"));
    EXPECT_THAT(
        one,
        EndsWith(R"({"key":"color","reason":"TARGETING_MATCH","value":"blue","variant":"b"})"));
    const std::string missing = evaluate(client, flag, "/nothing", "{}");
    EXPECT_THAT(missing, StartsWith(version + " 404"));
    EXPECT_THAT(missing, HasSubstr(R"("errorCode":"FLAG_NOT_FOUND")"));
    const std::string all = evaluate(client, flag, "", R"({"context": {"country": "DE"}})");
    EXPECT_THAT(all, StartsWith(version + " 200"));
    EXPECT_THAT(all, HasSubstr("etag: \""));
    EXPECT_THAT(all,
                HasSubstr(R"({"key":"color","reason":"DEFAULT","value":"red","variant":"r"})"));
    EXPECT_THAT(all, HasSubstr(R"("errorCode":"GENERAL")"));
    EXPECT_THAT(all, Not(HasSubstr("\"key\":\"off\"")));
}

TEST(Ofrep, SpeaksHttp1) {
    const TestClient client = TestClient::over_http(service());
    expect_evaluations(client, "--http1.1", "HTTP/1.1");
}
TEST(Ofrep, SpeaksHttp2OverTls) {
    const TestClient client = TestClient::over_https(service());
    expect_evaluations(client, "--http2", "HTTP/2");
}

struct Attack {
    std::string content;
    Status status;
    std::string code;
};

std::string nested(std::size_t depth, char open, char close) {
    return std::string(depth, open) + (open == '{' ? "" : "1") + std::string(depth, close);
}

TEST(Ofrep, TakesNoHarmFromContexts) {
    std::string objects = "1";
    for (int i = 0; i < 200; ++i)
        objects = "{\"a\":" + objects + "}";
    const Attack table[] = {
        {"", Status::ok, "DEFAULT"},
        {"{}", Status::ok, "DEFAULT"},
        {"{\"context\": null}", Status::ok, "DEFAULT"},
        {"{", Status::bad_request, "PARSE_ERROR"},
        {"[]", Status::bad_request, "INVALID_CONTEXT"},
        {"\"x\"", Status::bad_request, "INVALID_CONTEXT"},
        {"{\"context\": []}", Status::bad_request, "INVALID_CONTEXT"},
        {"{\"context\": \"x\"}", Status::bad_request, "INVALID_CONTEXT"},
        {"{\"context\": {\"targetingKey\": {}}}", Status::bad_request, "INVALID_CONTEXT"},
        {"{\"context\": {\"targetingKey\": 1}}", Status::bad_request, "INVALID_CONTEXT"},
        {"{\"context\": {\"a\": 1, \"a\": 2}}", Status::bad_request, "PARSE_ERROR"},
        {"{\"context\": {\"a\": " + nested(1000, '[', ']') + "}}", Status::bad_request,
         "PARSE_ERROR"},
        {"{\"context\": " + objects + "}", Status::bad_request, "PARSE_ERROR"},
        {std::string(4000, '['), Status::bad_request, "PARSE_ERROR"},
        {"{\"context\": {\"a\": 1e999}}", Status::bad_request, "PARSE_ERROR"},
        {"{\"context\": {\"a\": \"\xFF\"}}", Status::bad_request, "PARSE_ERROR"},
        {"{\"context\": {\"country\": {\"$ref\": \"x\"}}}", Status::bad_request, "GENERAL"},
        {"{\"context\": {\"country\": {\"var\": \"targetingKey\"}, \"targetingKey\": \"PL\"}}",
         Status::bad_request, "GENERAL"},
        {"{\"context\": {\"__proto__\": {\"country\": \"PL\"}}}", Status::ok, "DEFAULT"},
        {"{\"context\": {\"$flagd\": {\"flagKey\": \"x\"}}}", Status::ok, "DEFAULT"},
    };
    TestClient client{service()};
    for (const Attack& attack : table) {
        const TestResponse response = client.post("/ofrep/v1/evaluate/flags/color")
                                          .body("application/json", attack.content)
                                          .send();
        EXPECT_EQ(response.status(), attack.status)
            << attack.content.substr(0, 100) << response.text();
        EXPECT_THAT(response.text(), HasSubstr("\"" + attack.code + "\""))
            << attack.content.substr(0, 100);
    }
}

TEST(Ofrep, TakesNoMoreThanItsLimitAndNothingButJson) {
    TestClient client{service()};
    const auto send = [&](const std::string& type, std::string content) {
        return client.post("/ofrep/v1/evaluate/flags")
            .body(type, std::move(content))
            .send()
            .status();
    };
    EXPECT_EQ(
        send("application/json", "{\"context\": {\"a\": \"" + std::string(5000, 'x') + "\"}}"),
        Status::content_too_large);
    EXPECT_EQ(send("text/plain", "{}"), Status::unsupported_media_type);
    EXPECT_EQ(send("application/json; charset=utf-8", "{}"), Status::ok);
    EXPECT_EQ(client.get("/ofrep/v1/evaluate/flags").send().status(), Status::method_not_allowed);
}

TEST(Ofrep, HidesDisabledFlags) {
    TestClient client{service()};
    const TestResponse response =
        client.post("/ofrep/v1/evaluate/flags/off").body("application/json", "{}").send();
    EXPECT_EQ(response.status(), Status::not_found);
    EXPECT_THAT(response.text(), HasSubstr("FLAG_NOT_FOUND"));
}

} // namespace
} // namespace armature::testing
