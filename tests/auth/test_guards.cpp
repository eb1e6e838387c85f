#include "auth/tokens.hpp"
#include "support/process.hpp"

#include <armature/app/app.hpp>
#include <armature/auth/bearer.hpp>
#include <armature/core/scheduler.hpp>
#include <armature/testing/client.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

namespace armature::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const Jwk& key() {
    static const Jwk made = Jwk::generate(JwsAlgorithm::es256);
    return made;
}

std::string token(const std::vector<std::string>& scopes = {},
                  const std::vector<std::string>& roles = {},
                  Duration lifetime = Duration::seconds(600)) {
    JwtClaims claims = jwt_claims("https://login.example", "user-7", "api", lifetime);
    claims.scopes = scopes;
    claims.roles = roles;
    claims.json = R"({"tenant":"blue"})";
    return JwtSigner{key()}.sign(claims);
}

std::string who(Authenticated user) { return user->subject; }

App service() {
    const auto owner = [](const Principal& user, Request& request) {
        return request.param("name") == user.subject;
    };
    const auto waits = [](const Principal& user) -> Task<bool> {
        co_await yield();
        co_return user.claims.find("blue") != std::string::npos;
    };
    return App::create()
        .route("/open", get([](std::optional<Authenticated> user) {
                   return user ? (*user)->subject : std::string{"nobody"};
               }))
        .route("/forgotten", get(who))
        .route("/forgotten-too", get(who).guard(require_role("admin")))
        .service(
            scope("/api")
                .guard(JwtGuard{key(), rules()})
                .route("/me", get(who))
                .route("/write", get(who).guard(require_scope("todos:read", "todos:write")))
                .route("/admin", get(who).guard(require_role("admin", "owner")))
                .route("/users/{name}", get(who).guard(require_policy(owner)))
                .route("/tenant", get(who).guard(require_policy(waits)))
                .route("/extension", get([](Extension<Principal> user) { return user->claims; })));
}

std::string curl(const TestClient& client, const std::string& arguments,
                 const std::string& target) {
    const Ran ran =
        shell("curl -sS -k -i --max-time 60 " + arguments + " '" + client.origin() + target + "'");
    EXPECT_EQ(ran.status, 0) << ran.output;
    return ran.output;
}
std::string bearing(const std::string& text) { return "-H 'Authorization: Bearer " + text + "'"; }

void expect_it_guards(const TestClient& client, const std::string& version) {
    const std::string nobody = curl(client, version, "/api/me");
    EXPECT_THAT(nobody, HasSubstr(" 401"));
    EXPECT_THAT(nobody, HasSubstr("www-authenticate: Bearer realm=\"api\"\r\n"));
    EXPECT_THAT(nobody, HasSubstr("application/problem+json"));

    const std::string welcome = curl(client, version + " " + bearing(token()), "/api/me");
    EXPECT_THAT(welcome, HasSubstr(" 200"));
    EXPECT_THAT(welcome, HasSubstr("\r\n\r\nuser-7"));

    const std::string expired =
        curl(client, version + " " + bearing(token({}, {}, Duration::seconds(-100))), "/api/me");
    EXPECT_THAT(expired, HasSubstr(" 401"));
    EXPECT_THAT(expired,
                HasSubstr("www-authenticate: Bearer realm=\"api\", error=\"invalid_token\", "
                          "error_description=\"The token has expired\"\r\n"));

    const std::string weak =
        curl(client, version + " " + bearing(token({"todos:read"})), "/api/write");
    EXPECT_THAT(weak, HasSubstr(" 403"));
    EXPECT_THAT(weak, HasSubstr("www-authenticate: Bearer realm=\"api\", "
                                "error=\"insufficient_scope\", scope=\"todos:read todos:write\""));
    EXPECT_THAT(
        curl(client, version + " " + bearing(token({"todos:write", "todos:read"})), "/api/write"),
        HasSubstr(" 200"));
}

TEST(BearerGuard, SpeaksHttp1) { expect_it_guards(TestClient::over_http(service()), "--http1.1"); }
TEST(BearerGuard, SpeaksHttp2OverTls) {
    expect_it_guards(TestClient::over_https(service()), "--http2");
}

TestResponse ask(TestClient& client, const std::string& target, const std::string& bearer) {
    return client.get(target).header("authorization", "Bearer " + bearer).send();
}

TEST(BearerGuard, RefusesFieldsThatAreWrong) {
    TestClient client{service()};
    const std::string good = token();
    for (const std::string& field :
         {std::string{"Basic YTpi"}, "Bearer" + good, "Token " + good, std::string{"Bearerx y"}})
        EXPECT_EQ(client.get("/api/me").header("authorization", field).send().status(),
                  Status::unauthorized)
            << field;
    for (const std::string& field :
         {std::string{"Bearer"}, "Bearer " + good + " x", "Bearer " + good + ", Bearer " + good})
        EXPECT_EQ(client.get("/api/me").header("authorization", field).send().status(),
                  Status::bad_request)
            << field;
    EXPECT_EQ(client.get("/api/me")
                  .header("authorization", "Bearer " + good)
                  .header("authorization", "Bearer " + good)
                  .send()
                  .status(),
              Status::bad_request);
    EXPECT_EQ(client.get("/api/me?access_token=" + good).send().status(), Status::unauthorized);
    EXPECT_EQ(client.get("/api/me").header("authorization", "bEARER " + good).send().status(),
              Status::ok);
}

TEST(BearerGuard, RefusesRefreshTokens) {
    TestClient client{service()};
    const std::string refresh = JwtSigner{key()}.sign(
        jwt_claims("https://login.example", "user-7", "api", Duration::seconds(600)),
        jwt_type::refresh);
    EXPECT_EQ(ask(client, "/api/me", refresh).status(), Status::unauthorized);
}

TEST(Guards, LetRolesAndPoliciesDecide) {
    TestClient client{service()};
    EXPECT_EQ(ask(client, "/api/admin", token()).status(), Status::forbidden);
    EXPECT_EQ(ask(client, "/api/admin", token({}, {"administrator"})).status(), Status::forbidden);
    EXPECT_EQ(ask(client, "/api/admin", token({}, {"x", "owner"})).status(), Status::ok);
    EXPECT_EQ(ask(client, "/api/users/user-7", token()).status(), Status::ok);
    EXPECT_EQ(ask(client, "/api/users/user-8", token()).status(), Status::forbidden);
    EXPECT_EQ(ask(client, "/api/tenant", token()).status(), Status::ok);
    EXPECT_THAT(std::string{ask(client, "/api/extension", token()).text()},
                HasSubstr("\"tenant\":\"blue\""));
}

TEST(Guards, ThatAreMissingLetNobodyIn) {
    TestClient client{service()};
    EXPECT_EQ(ask(client, "/forgotten", token()).status(), Status::unauthorized);
    EXPECT_EQ(ask(client, "/forgotten-too", token({}, {"admin"})).status(), Status::unauthorized);
    EXPECT_EQ(ask(client, "/open", token()).text(), "nobody");
}

TEST(Guards, AreRefusedWithoutSettings) {
    EXPECT_THROW(JwtGuard(JwkSet{}, rules()), std::invalid_argument);
    EXPECT_THROW(JwtGuard(key(), JwtRules{}), std::invalid_argument);
    EXPECT_THROW((void)require_role(), std::invalid_argument);
    EXPECT_THROW((void)require_role(""), std::invalid_argument);
    EXPECT_THROW((void)require_scope(), std::invalid_argument);
    for (const std::string_view scope : {"", "a b", "a\"b", "a\\b", "a\r\nx: y", "\xc3\xa4"})
        EXPECT_THROW((void)require_scope(std::string{scope}), std::invalid_argument) << scope;
}

TEST(Guards, AreInTheDocument) {
    const Application app = service().build();
    for (const OperationInfo& operation : app.operations()) {
        if (!operation.pattern.starts_with("/api")) continue;
        ASSERT_EQ(operation.security.size(), 1u) << operation.pattern;
        EXPECT_EQ(operation.security[0].kind, SecurityScheme::Kind::bearer);
        EXPECT_EQ(operation.security[0].format, "JWT");
        if (operation.pattern == "/api/write") {
            EXPECT_EQ(operation.security[0].scopes,
                      (std::vector<std::string>{"todos:read", "todos:write"}));
        }
        const auto has = [&](Status status) {
            return std::any_of(operation.responses.begin(), operation.responses.end(),
                               [&](const ResponseInfo& one) { return one.status == status; });
        };
        EXPECT_TRUE(has(Status::unauthorized)) << operation.pattern;
        EXPECT_EQ(has(Status::forbidden),
                  operation.pattern != "/api/me" && operation.pattern != "/api/extension")
            << operation.pattern;
    }
}

} // namespace
} // namespace armature::testing
