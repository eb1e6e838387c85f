#include <armature/app/app.hpp>
#include <armature/middleware/cors.hpp>
#include <armature/testing/client.hpp>
#include <armature/testing/gmock.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace armature {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view nobody = "";

CorsOptions listed() {
    CorsOptions options;
    options.origins = {"https://shop.example", "http://localhost:3000", "http://[::1]:3000",
                       "app://local"};
    options.credentials = true;
    return options;
}

std::string allowed_for(TestClient& client, std::string_view origin) {
    const TestResponse response = client.get("/").header("origin", origin).send();
    EXPECT_THAT(response, HasHeader("vary", "Origin")) << origin;
    EXPECT_EQ(response.header("access-control-allow-credentials").has_value(),
              response.header("access-control-allow-origin").has_value())
        << origin;
    return std::string{response.header("access-control-allow-origin").value_or(nobody)};
}

TestClient client_of(CorsOptions options) {
    return TestClient{
        App::create().wrap(Cors{std::move(options)}).route("/", get([] { return "hello"; }))};
}

struct Attack {
    std::string_view what;
    std::string_view origin;
    std::string_view allowed;
};

// Each against the four origins above: the answer names the origin itself, or none.
constexpr Attack attacks[] = {
    {"the origin itself", "https://shop.example", "https://shop.example"},
    {"one with a port", "http://localhost:3000", "http://localhost:3000"},
    {"an IPv6 address", "http://[::1]:3000", "http://[::1]:3000"},
    {"a scheme of its own", "app://local", "app://local"},
    {"suffix: a domain that ends in the name", "https://evilshop.example", nobody},
    {"suffix: with a hyphen", "https://evil-shop.example", nobody},
    {"prefix: a domain that begins with the name", "https://shop.example.evil.test", nobody},
    {"prefix: without a dot", "https://shop.examples", nobody},
    {"prefix: a shorter name", "https://shop.exampl", nobody},
    {"a subdomain", "https://a.shop.example", nobody},
    {"a parent domain", "https://example", nobody},
    {"a dot that isn't one", "https://shopxexample", nobody},
    {"null", "null", nobody},
    {"null in upper case", "NULL", nobody},
    {"another port", "https://shop.example:8443", nobody},
    {"the scheme's own port, written out", "https://shop.example:443", nobody},
    {"port 0", "https://shop.example:0", nobody},
    {"a missing port", "http://localhost", nobody},
    {"a longer port", "http://localhost:30000", nobody},
    {"an empty port", "https://shop.example:", nobody},
    {"another scheme", "http://shop.example", nobody},
    {"a scheme that isn't one", "javascript://shop.example", nobody},
    {"without scheme", "shop.example", nobody},
    {"without scheme, with slashes", "//shop.example", nobody},
    {"host in upper case", "https://SHOP.example", nobody},
    {"scheme in upper case", "HTTPS://shop.example", nobody},
    {"userinfo", "https://shop.example@evil.test", nobody},
    {"userinfo before the name", "https://evil.test@shop.example", nobody},
    {"userinfo with a password", "https://shop.example:3000@evil.test", nobody},
    {"a trailing slash", "https://shop.example/", nobody},
    {"a path", "https://shop.example/cart", nobody},
    {"a query", "https://shop.example?https://evil.test", nobody},
    {"a fragment", "https://evil.test#https://shop.example", nobody},
    {"a backslash", "https://shop.example\\.evil.test", nobody},
    {"a trailing dot", "https://shop.example.", nobody},
    {"a percent-encoded dot", "https://shop%2eexample", nobody},
    {"a percent-encoded slash", "https://evil.test%2f.shop.example", nobody},
    {"unicode: full-width letters", "https://\xef\xbd\x93hop.example", nobody},
    {"unicode: a Cyrillic letter", "https://sh\xd0\xbep.example", nobody},
    {"unicode: punycode of that", "https://xn--shp-tlc.example", nobody},
    {"unicode: an ideographic full stop",
     "https://shop\xe3\x80\x82"
     "example",
     nobody},
    {"unicode: a zero-width space", "https://shop.example\xe2\x80\x8b", nobody},
    {"two origins", "https://shop.example https://evil.test", nobody},
    {"two origins with a comma", "https://shop.example, https://evil.test", nobody},
    {"a space inside", "https://shop.example .evil.test", nobody},
    {"a tab inside", "https://shop.example\t.evil.test", nobody},
    {"an underscore", "https://shop.example_.evil.test", nobody},
    {"a backtick", "https://shop.example`.evil.test", nobody},
    {"a brace", "https://shop.example{.evil.test", nobody},
    {"a star", "*", nobody},
    {"a wildcard", "https://*.example", nobody},
    {"the other spelling of an IPv6 address", "http://[0:0:0:0:0:0:0:1]:3000", nobody},
    {"another name of the loopback", "http://127.0.0.1:3000", nobody},
    {"empty", "", nobody},
};

TEST(CorsOrigins, AnswerAttacksWithNothing) {
    TestClient client = client_of(listed());
    for (const Attack& attack : attacks)
        EXPECT_EQ(allowed_for(client, attack.origin), attack.allowed) << attack.what;
}

TEST(CorsOrigins, ThatNoBrowserSendsNeverReachARule) {
    CorsOptions options;
    options.credentials = true;
    // As careless as rules are: the name, or a domain of it.
    options.allow_if = [](std::string_view origin) {
        return origin.ends_with(".shop.example") || origin == "null";
    };
    TestClient client = client_of(std::move(options));
    constexpr Attack cases[] = {
        {"a domain of it", "https://a.shop.example", "https://a.shop.example"},
        {"null, though the rule would have it", "null", nobody},
        {"behind a slash", "https://evil.test/.shop.example", nobody},
        {"behind a fragment", "https://evil.test#.shop.example", nobody},
        {"behind a query", "https://evil.test?.shop.example", nobody},
        {"behind an at sign", "https://evil.test@.shop.example", nobody},
        {"behind a backslash", "https://evil.test\\.shop.example", nobody},
        {"behind a percent sign", "https://evil.test%2f.shop.example", nobody},
        {"behind a space", "https://evil.test .shop.example", nobody},
        {"behind unicode", "https://evil.test\xe3\x80\x82.shop.example", nobody},
        {"in upper case", "https://A.shop.example", nobody},
        {"without scheme", "evil.shop.example", nobody},
    };
    for (const Attack& attack : cases)
        EXPECT_EQ(allowed_for(client, attack.origin), attack.allowed) << attack.what;
    EXPECT_EQ(allowed_for(client, "https://" + std::string(4000, 'a') + ".shop.example"), nobody);
}

TEST(CorsOrigins, NullCountsOnlyIfListed) {
    CorsOptions options = listed();
    options.origins.push_back("null");
    TestClient client = client_of(std::move(options));
    EXPECT_EQ(allowed_for(client, "null"), "null");
    EXPECT_EQ(allowed_for(client, "NULL"), nobody);
}

TEST(CorsOrigins, TwoOfThemInOneRequestAreNone) {
    TestClient client = client_of(listed());
    const TestResponse response = client.get("/")
                                      .header("origin", "https://shop.example")
                                      .header("origin", "https://shop.example")
                                      .send();
    EXPECT_FALSE(response.header("access-control-allow-origin"));
}

std::string fault_of(CorsOptions options) {
    try {
        static_cast<void>(Cors{std::move(options)});
    } catch (const std::invalid_argument& fault) {
        return fault.what();
    }
    return "no fault";
}

TEST(CorsOrigins, ThatNoBrowserSendsStopAtConstruction) {
    struct Case {
        const char* origin;
        const char* why;
    };
    constexpr Case cases[] = {
        {"https://shop.example/", "has a path"},
        {"https://shop.example/cart", "has a path"},
        {"https://shop.example?a", "query"},
        {"https://shop.example#a", "fragment"},
        {"shop.example", "has no scheme"},
        {"//shop.example", "has no scheme"},
        {"://shop.example", "has no scheme"},
        {"localhost:3000", "has no scheme"},
        {"", "has no scheme"},
        {"https://", "malformed host"},
        {"1https://shop.example", "malformed scheme"},
        {"ht tps://shop.example", "malformed scheme"},
        {"HTTPS://shop.example", "lower case"},
        {"https://Shop.example", "lower case"},
        {"https://me@shop.example", "user's name"},
        {"https://sh\xc3\xb6p.example", "xn--"},
        {"https://*.shop.example", "allow_if"},
        {"https://shop.example:443", "own port"},
        {"http://shop.example:80", "own port"},
        {"https://shop.example:", "port"},
        {"https://shop.example:080", "port"},
        {"https://shop.example:65536", "port"},
        {"https://shop.example https://evil.test", "path"},
        {"https://shop%2eexample", "malformed host"},
    };
    for (const Case& each : cases) {
        CorsOptions options;
        options.origins = {each.origin};
        EXPECT_THAT(fault_of(options), HasSubstr(each.why)) << each.origin;
    }
    EXPECT_THAT(fault_of({}), HasSubstr("no origin is allowed"));
}

TEST(CorsOptionsThatContradict, StopAtConstruction) {
    CorsOptions options;
    options.origins = {"*"};
    options.credentials = true;
    EXPECT_THAT(fault_of(options), HasSubstr("credentials don't go with \"*\""));
    for (const auto list :
         {&CorsOptions::methods, &CorsOptions::headers, &CorsOptions::exposed_headers}) {
        CorsOptions each = listed();
        each.*list = {"*"};
        EXPECT_THAT(fault_of(each), HasSubstr("credentials don't go with \"*\""));
        each.*list = {"a b"};
        EXPECT_THAT(fault_of(each), HasSubstr("is no token"));
        each.*list = {""};
        EXPECT_THAT(fault_of(each), HasSubstr("is no token"));
    }
    options.credentials = false;
    options.origins = {"*", "https://shop.example"};
    EXPECT_THAT(fault_of(options), HasSubstr("is everybody"));
    options = listed();
    options.max_age = Duration::seconds(-1);
    EXPECT_THAT(fault_of(options), HasSubstr("max_age"));
}

} // namespace
} // namespace armature
