#include <armature/app/app.hpp>
#include <armature/middleware/security_headers.hpp>
#include <armature/testing/client.hpp>
#include <armature/testing/gmock.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

namespace armature {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using Fields = std::map<std::string, std::string>;

constexpr const char* helmets_policy =
    "default-src 'self';base-uri 'self';font-src 'self' https: data:;form-action 'self';"
    "frame-ancestors 'self';img-src 'self' data:;object-src 'none';script-src 'self';"
    "script-src-attr 'none';style-src 'self' https: 'unsafe-inline';upgrade-insecure-requests";

// What helmet 8 sends over http; over TLS there is one more.
Fields helmets() {
    return {{"content-security-policy", helmets_policy},
            {"cross-origin-opener-policy", "same-origin"},
            {"cross-origin-resource-policy", "same-origin"},
            {"origin-agent-cluster", "?1"},
            {"referrer-policy", "no-referrer"},
            {"x-content-type-options", "nosniff"},
            {"x-dns-prefetch-control", "off"},
            {"x-download-options", "noopen"},
            {"x-frame-options", "SAMEORIGIN"},
            {"x-permitted-cross-domain-policies", "none"},
            {"x-xss-protection", "0"}};
}

// Those of a response but its type.
Fields fields_of(const TestResponse& response) {
    Fields fields;
    for (const Headers::Entry& field : response.headers()) {
        if (field.field() == Field::content_type || field.field() == Field::content_length)
            continue;
        EXPECT_TRUE(fields.emplace(field.name(), field.value()).second) << field.name();
    }
    return fields;
}

TestClient client_of(SecurityHeaders headers, bool secure = false) {
    return TestClient{
        App::create()
            .wrap(std::move(headers))
            .route("/", get([] { return "hello"; }))
            .route("/fails", get([]() -> std::string { throw Error::conflict("x"); })),
        {.secure = secure}};
}

TEST(SecurityHeadersMiddleware, SaysWhatHelmetSays) {
    TestClient client = client_of({});
    for (const std::string_view target : {"/", "/fails", "/nothing"})
        EXPECT_EQ(fields_of(client.get(target).send()), helmets()) << target;
}

TEST(SecurityHeadersMiddleware, AsksForTlsOverTlsOnly) {
    Fields expected = helmets();
    expected.emplace("strict-transport-security", "max-age=31536000; includeSubDomains");
    TestClient client = client_of({}, true);
    EXPECT_EQ(fields_of(client.get("/").send()), expected);
}

TEST(SecurityHeadersMiddleware, ChangesEachField) {
    for (const bool secure : {false, true}) {
        Fields all = helmets();
        if (secure) all.emplace("strict-transport-security", "");
        for (const auto& [name, value] : all) {
            TestClient changed = client_of(SecurityHeaders{}.set(name, "mine"), secure);
            Fields expected = fields_of(client_of({}, secure).get("/").send());
            expected[name] = "mine";
            EXPECT_EQ(fields_of(changed.get("/").send()), expected) << name;
            TestClient without = client_of(SecurityHeaders{}.remove(name), secure);
            expected.erase(name);
            EXPECT_EQ(fields_of(without.get("/").send()), expected) << name;
        }
    }
}

TEST(SecurityHeadersMiddleware, AddsFurtherFields) {
    TestClient client = client_of(SecurityHeaders{}
                                      .set("Permissions-Policy", "camera=()")
                                      .set("cross-origin-embedder-policy", "require-corp"));
    Fields expected = helmets();
    expected["permissions-policy"] = "camera=()";
    expected["cross-origin-embedder-policy"] = "require-corp";
    EXPECT_EQ(fields_of(client.get("/").send()), expected);
}

TEST(SecurityHeadersMiddleware, RefusesWhatItDoesNotHaveOrMayNotSay) {
    EXPECT_THROW(SecurityHeaders{}.remove("x-powered-by"), std::invalid_argument);
    EXPECT_THROW(SecurityHeaders{}.set("a b", "c"), std::invalid_argument);
    EXPECT_THROW(SecurityHeaders{}.set("a", "b\r\nset-cookie: c"), std::invalid_argument);
}

TEST(SecurityHeadersMiddleware, LeavesWhatAHandlerSays) {
    Fields own = helmets();
    for (auto& [name, value] : own)
        value = "own";
    for (const auto& [name, value] : own) {
        TestClient client{
            App::create().wrap(SecurityHeaders{}).route("/", get([name] {
                                                            return Response::text("x").header(
                                                                name, "own");
                                                        }))};
        Fields expected = helmets();
        expected[name] = "own";
        EXPECT_EQ(fields_of(client.get("/").send()), expected) << name;
    }
    TestClient unrelated{
        App::create().wrap(SecurityHeaders{}).route("/", get([] {
                                                        return Response::text("x").header("x-own",
                                                                                          "1");
                                                    }))};
    Fields expected = helmets();
    expected["x-own"] = "1";
    EXPECT_EQ(fields_of(unrelated.get("/").send()), expected);
}

TEST(SecurityHeadersMiddleware, LetsAnInnerScopeSpeakFirst) {
    TestClient client{App::create()
                          .wrap(SecurityHeaders{})
                          .service(scope("/embed")
                                       .wrap(SecurityHeaders{}.set("x-frame-options", "DENY"))
                                       .route("/", get([] { return "1"; })))};
    Fields expected = helmets();
    expected["x-frame-options"] = "DENY";
    EXPECT_EQ(fields_of(client.get("/embed").send()), expected);
}

TEST(SecurityHeadersMiddleware, CopiesAreIndependent) {
    SecurityHeaders one;
    const SecurityHeaders two = one;
    one.set("x-frame-options", "DENY");
    TestClient client = client_of(two);
    EXPECT_EQ(fields_of(client.get("/").send()), helmets());
}

// --- the policy ---

TEST(ContentSecurityPolicyText, IsHelmetsUnlessChanged) {
    EXPECT_EQ(ContentSecurityPolicy{}.text(), helmets_policy);
    EXPECT_EQ(ContentSecurityPolicy::none().text(), "");
}

TEST(ContentSecurityPolicyText, HasWhatItWasGiven) {
    const auto none = [] { return ContentSecurityPolicy::none(); };
    EXPECT_EQ(none().set("default-src", "'none'").set("img-src", " 'self'  data: ").text(),
              "default-src 'none';img-src 'self'  data:");
    EXPECT_EQ(none().set("img-src", "a.example").add("img-src", "b.example").text(),
              "img-src a.example b.example");
    EXPECT_EQ(none().set("img-src", "'none'").add("img-src", "b.example").text(),
              "img-src b.example");
    EXPECT_EQ(none().set("default-src", "'self'").add("img-src", "b.example").text(),
              "default-src 'self';img-src 'self' b.example");
    EXPECT_EQ(none().set("a-src", "x").set("b-src", "y").remove("a-src").text(), "b-src y");
    EXPECT_EQ(none().set("sandbox", "allow-scripts").set("upgrade-insecure-requests", "").text(),
              "sandbox allow-scripts;upgrade-insecure-requests");
    EXPECT_EQ(none().set("require-trusted-types-for", "'script'").text(),
              "require-trusted-types-for 'script'");
    EXPECT_EQ(none().set("script-src", "'self'").nonce("script-src").text("abc"),
              "script-src 'self' 'nonce-abc'");
}

TEST(ContentSecurityPolicyText, CanNotBeBrokenOutOf) {
    ContentSecurityPolicy policy;
    for (const char* sources : {"'self'; script-src *", "'self', x", "a\nb", "a\tb", "\xc3\xa9",
                                "self", "'self' none", "unsafe-inline", "'nonce-abc'"}) {
        EXPECT_THROW(policy.set("script-src", sources), std::invalid_argument) << sources;
        EXPECT_THROW(policy.add("script-src", sources), std::invalid_argument) << sources;
    }
    for (const char* name : {"", "script src", "Script-Src", "script-src;", "script_src"}) {
        EXPECT_THROW(policy.set(name, "x"), std::invalid_argument) << name;
        EXPECT_THROW(policy.nonce(name), std::invalid_argument) << name;
    }
    EXPECT_THROW(policy.remove("worker-src"), std::invalid_argument);
    EXPECT_EQ(policy.text(), helmets_policy);
}

App page(const ContentSecurityPolicy& policy) {
    return App::create()
        .wrap(SecurityHeaders{}.csp(policy))
        .route("/", get([](Extension<CspNonce> nonce) { return std::string{nonce->text}; }))
        .route("/plain", get([] { return "no script"; }))
        .route("/own",
               get([] { return Response::text("").header("content-security-policy", "sandbox"); }));
}

TEST(CspNonceOfARequest, IsInThePolicyAndNewEachTime) {
    TestClient client{page(ContentSecurityPolicy{}.nonce("script-src").nonce("style-src"))};
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        const TestResponse response = client.get("/").send();
        const std::string nonce = response.text();
        EXPECT_THAT(nonce, MatchesRegex("[A-Za-z0-9+/]{21}[AQgw]=="));
        EXPECT_TRUE(seen.insert(nonce).second);
        const std::string policy{response.header("content-security-policy").value_or("")};
        EXPECT_THAT(policy, HasSubstr("script-src 'self' 'nonce-" + nonce + "';"));
        EXPECT_THAT(policy,
                    HasSubstr("style-src 'self' https: 'unsafe-inline' 'nonce-" + nonce + "';"));
    }
}

TEST(CspNonceOfARequest, IsThereAlsoWhenNobodyAsks) {
    TestClient client{page(ContentSecurityPolicy{}.nonce("script-src"))};
    for (const std::string_view target : {"/plain", "/nothing"})
        EXPECT_THAT(client.get(target).send(),
                    HasHeader("content-security-policy", HasSubstr("'nonce-")));
    EXPECT_THAT(client.get("/own").send(), HasHeader("content-security-policy", "sandbox"));
}

TEST(CspNonceOfARequest, IsMissingWithoutAPolicyThatHasOne) {
    TestClient client{page(ContentSecurityPolicy{})};
    EXPECT_THAT(client.get("/").send(), HasStatus(Status::internal_server_error));
    EXPECT_THAT(client.get("/plain").send(), HasHeader("content-security-policy", helmets_policy));
}

TEST(SecurityHeadersPolicy, MayBeReportedOnly) {
    const auto report = ContentSecurityPolicy::none().set("default-src", "'self'").report_only();
    TestClient client = client_of(SecurityHeaders{}.csp(report));
    Fields expected = helmets();
    expected.erase("content-security-policy");
    expected["content-security-policy-report-only"] = "default-src 'self'";
    EXPECT_EQ(fields_of(client.get("/").send()), expected);

    auto with_nonce = report;
    with_nonce.nonce("script-src");
    TestClient nonces = client_of(SecurityHeaders{}.csp(with_nonce));
    const TestResponse response = nonces.get("/").send();
    EXPECT_THAT(response, HasHeader("content-security-policy-report-only", HasSubstr("'nonce-")));
    EXPECT_FALSE(response.header("content-security-policy"));
}

TEST(SecurityHeadersPolicy, CanGoAgain) {
    const auto nonce = ContentSecurityPolicy{}.nonce("script-src");
    Fields expected = helmets();
    expected.erase("content-security-policy");
    TestClient removed = client_of(SecurityHeaders{}.csp(nonce).remove("content-security-policy"));
    EXPECT_EQ(fields_of(removed.get("/").send()), expected);
    TestClient none = client_of(SecurityHeaders{}.csp(ContentSecurityPolicy::none()));
    EXPECT_EQ(fields_of(none.get("/").send()), expected);
    expected["content-security-policy"] = "sandbox";
    TestClient replaced =
        client_of(SecurityHeaders{}.csp(nonce).set("content-security-policy", "sandbox"));
    EXPECT_EQ(fields_of(replaced.get("/").send()), expected);
}

} // namespace
} // namespace armature
