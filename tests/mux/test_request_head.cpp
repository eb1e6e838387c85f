#include "mux/request_head.hpp"

#include <armature/core/error.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace armature::mux {
namespace {

class NoExchange final : public Exchange {
    void completed() override {}
};

struct MuxRequestHead : ::testing::Test {
    using Fields = std::vector<std::pair<std::string, std::string>>;

    void build(const Fields& fields) {
        head.begin(Protocol::http_2, true, limits, known_host);
        for (const auto& [name, value] : fields)
            head.add(name, value);
        head.finish();
    }
    static Fields get(std::string path, Fields more = {}) {
        Fields fields{{":method", "GET"},
                      {":scheme", "https"},
                      {":authority", "example.com"},
                      {":path", std::move(path)}};
        fields.insert(fields.end(), more.begin(), more.end());
        return fields;
    }
    std::optional<Status> refusal(const Fields& fields) {
        try {
            build(fields);
            return std::nullopt;
        } catch (const Error& error) {
            return error.status();
        }
    }

    HeadLimits limits;
    KnownHost known_host;
    NoExchange x;
    RequestHeadBuilder head{x};
};

TEST_F(MuxRequestHead, MakesTheRequestThatHttp1WouldHaveMade) {
    build(get("/a%20b?q=1", {{"accept", "text/html"}, {"x-own", "v"}}));
    const Request& request = x.request;
    EXPECT_EQ(request.method(), Method::get);
    EXPECT_EQ(request.method_text(), "GET");
    EXPECT_EQ(request.protocol(), Protocol::http_2);
    EXPECT_EQ(request.scheme(), "https");
    EXPECT_EQ(request.authority(), "example.com");
    EXPECT_EQ(request.header(Field::host), "example.com");
    EXPECT_EQ(request.target(), "/a%20b?q=1");
    EXPECT_EQ(request.query_text(), "q=1");
    EXPECT_EQ(request.header(Field::accept), "text/html");
    EXPECT_EQ(request.header("X-Own"), "v");
}

TEST_F(MuxRequestHead, JoinsCookiesThatTheClientSplit) {
    build(get("/", {{"cookie", "a=1"},
                    {"accept", "*/*"},
                    {"cookie", "b=2"},
                    {"cookie", std::string(100, 'c')}}));
    EXPECT_EQ(x.request.header(Field::cookie), "a=1; b=2; " + std::string(100, 'c'));
}

TEST_F(MuxRequestHead, KeepsMethodsThatNobodyRegistered) {
    Fields fields = get("/");
    fields[0].second = "BREW";
    build(fields);
    EXPECT_EQ(x.request.method(), Method::other);
    EXPECT_EQ(x.request.method_text(), "BREW");
}

TEST_F(MuxRequestHead, TakesHostWhereThereIsNoAuthority) {
    build({{":method", "GET"}, {":scheme", "http"}, {":path", "/"}, {"host", "old.example"}});
    EXPECT_EQ(x.request.authority(), "old.example");
}

TEST_F(MuxRequestHead, RefusesTwoDifferentHostsAndHostsThatAreNone) {
    EXPECT_EQ(refusal(get("/", {{"host", "example.com"}})), std::nullopt);
    EXPECT_EQ(refusal(get("/", {{"host", "other.example"}})), Status::bad_request);
    EXPECT_EQ(refusal({{":method", "GET"}, {":scheme", "http"}, {":path", "/"}}),
              Status::bad_request);
    Fields fields = get("/");
    fields[2].second = "user@example.com";
    EXPECT_EQ(refusal(fields), Status::bad_request);
}

TEST_F(MuxRequestHead, RefusesTargetsThatAreNoPaths) {
    for (const char* path : {"http://example.com/", "*", "/a b", "/#f", "a"})
        EXPECT_EQ(refusal(get(path)), Status::bad_request) << path;
    Fields fields = get("*");
    fields[0].second = "OPTIONS";
    EXPECT_EQ(refusal(fields), std::nullopt);
}

TEST_F(MuxRequestHead, RefusesWhatIsLargerThanItsLimits) {
    limits = {.head_bytes = 400, .target_bytes = 50, .field_count = 8};
    EXPECT_EQ(refusal(get("/" + std::string(60, 'a'))), Status::uri_too_long);
    EXPECT_EQ(refusal(get("/", {{"a", std::string(400, 'x')}})),
              Status::request_header_fields_too_large);
    EXPECT_EQ(refusal(get("/", Fields(4, {"a", "b"}))), std::nullopt);
    EXPECT_EQ(refusal(get("/", Fields(5, {"a", "b"}))), Status::request_header_fields_too_large);
}

TEST_F(MuxRequestHead, TakesNoHeadThatBreaksTheRulesOfItsSyntax) {
    const auto malformed = [&](const Fields& fields) {
        head.begin(Protocol::http_2, true, limits, known_host);
        for (const auto& [name, value] : fields)
            head.add(name, value);
        return head.is_malformed();
    };
    EXPECT_FALSE(malformed(get("/", {{"te", "trailers"}, {"x-y", "a\tb"}, {"x-empty", ""}})));
    const Fields bad_fields{{"Accept", "*/*"},
                            {"X-Own", "v"},
                            {"x own", "v"},
                            {"", "v"},
                            {"x-own", "a\nb"},
                            {"x-own", std::string{"a\0b", 3}},
                            {"x-own", " v"},
                            {"x-own", "v\t"},
                            {"connection", "x"},
                            {"keep-alive", "x"},
                            {"upgrade", "h2c"},
                            {"transfer-encoding", "chunked"},
                            {"te", "gzip"},
                            {"proxy-connection", "x"},
                            {":path", "/again"},
                            {":unknown", "x"},
                            {"content-length", ""},
                            {"content-length", "+1"},
                            {"content-length", "1, 1"}};
    for (const auto& bad : bad_fields)
        EXPECT_TRUE(malformed(get("/", {bad}))) << bad.first << ": " << bad.second;
    EXPECT_TRUE(malformed(get("/", {{"content-length", "1"}, {"content-length", "1"}})));
    EXPECT_TRUE(malformed(get("")));
    for (std::size_t missing : {0, 1, 3}) {
        Fields fields = get("/");
        fields.erase(fields.begin() + static_cast<std::ptrdiff_t>(missing));
        EXPECT_TRUE(malformed(fields)) << "without the pseudo-header field " << missing;
    }
    Fields late = get("/", {{"accept", "*/*"}});
    std::swap(late[3], late[4]);
    EXPECT_TRUE(malformed(late));
    EXPECT_FALSE(malformed({{":method", "CONNECT"}, {":authority", "a:1"}}));
    EXPECT_TRUE(malformed({{":method", "CONNECT"}, {":authority", "a:1"}, {":path", "/"}}));
    EXPECT_TRUE(malformed({{":method", "GET"},
                           {":scheme", "https"},
                           {":path", "/"},
                           {":authority", "a"},
                           {":protocol", "websocket"}}));
}

TEST_F(MuxRequestHead, ShowsAnExtendedConnectAsAnUpgrade) {
    Fields fields = get("/chat", {{":protocol", "websocket"}});
    fields[0].second = "CONNECT";
    build(fields);
    EXPECT_TRUE(head.is_extended_connect());
    EXPECT_EQ(x.request.method(), Method::get);
    EXPECT_EQ(x.request.header(Field::upgrade), "websocket");
    EXPECT_EQ(x.request.target(), "/chat");
}

} // namespace
} // namespace armature::mux
