#include "auth/tokens.hpp"
#include "crypto/crypto.hpp"
#include "support/test_server.hpp"

#include <armature/app/app.hpp>
#include <armature/auth/oidc.hpp>
#include <armature/core/base64.hpp>
#include <armature/core/scheduler.hpp>
#include <armature/core/url.hpp>
#include <armature/json/nlohmann.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <mutex>
#include <stdexcept>

namespace armature::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// A provider that lies in every way; the honest one is npm's, in tools/oidc.mjs.
class LyingProvider {
  public:
    LyingProvider() {
        metadata = {{"issuer", url("")},
                    {"authorization_endpoint", url("/authorize?tenant=1")},
                    {"token_endpoint", url("/token")},
                    {"jwks_uri", url("/jwks")}};
        be_honest();
    }
    void be_honest() {
        claims = {{"iss", url("")},
                  {"sub", "user-7"},
                  {"aud", "shop"},
                  {"iat", std::time(nullptr)},
                  {"exp", std::time(nullptr) + 60}};
        answer = {{"access_token", "at"}, {"token_type", "Bearer"}, {"expires_in", 60}};
        header.clear();
        raw_answer.clear();
        status = Status::ok;
        signs_with = key;
        redirects = false;
    }
    [[nodiscard]] std::string url(std::string_view path) const { return server_.url(path); }

    /// Between the test's thread and the server's: what either wrote the other may read.
    void hand_over() { const std::lock_guard lock{mutex_}; }

    // What it says, to be changed before it is asked.
    json metadata;
    json claims;
    json answer;
    std::string header;     ///< of the ID token; empty: the honest one
    std::string raw_answer; ///< instead of `answer`
    Status status = Status::ok;
    Jwk key = Jwk::generate(JwsAlgorithm::es256);
    Jwk signs_with = key;
    bool redirects = false;
    std::string form; ///< what it was sent
    std::string credentials;

  private:
    std::string id_token() {
        const std::string head =
            header.empty() ? R"({"alg":"ES256","kid":")" + key.id() + "\"}" : header;
        return forge(head, claims.dump(), signs_with, JwsAlgorithm::es256);
    }
    Response token(Request& request) {
        const std::lock_guard lock{mutex_};
        form = std::string{request.body().text()};
        credentials = std::string{request.header(Field::authorization).value_or("")};
        if (redirects) return Response::redirect(url("/stolen"), Status::temporary_redirect);
        if (!raw_answer.empty()) return Response::json(raw_answer).status(status);
        json given = answer;
        if (!given.contains("id_token")) given["id_token"] = id_token();
        return Response::json(given.dump()).status(status);
    }

    std::mutex mutex_;
    TestServer server_{
        App::create()
            .route("/.well-known/openid-configuration", get([this] {
                       const std::lock_guard lock{mutex_};
                       return Response::json(metadata.dump());
                   }))
            .route("/jwks", get([this] {
                       const std::lock_guard lock{mutex_};
                       return Response::json(JwkSet{key}.public_json());
                   }))
            .route("/token", post([this](Request& request, Bytes) { return token(request); }))
            .route("/stolen", any([this](Bytes content) {
                       const std::lock_guard lock{mutex_};
                       form = "stolen: " + std::string{content.view()};
                       return Response::json(answer.dump());
                   }))
            .build()};
};

struct Oidc : ::testing::Test {
    LyingProvider provider;
    LocalLoop loop;

    OidcOptions options() {
        OidcOptions made;
        made.issuer = provider.url("");
        made.client_id = "shop";
        made.client_secret = SecretString{std::string{"a:b"}};
        made.redirect_uri = "http://127.0.0.1:1/callback";
        made.cookie_key = SecretString{std::string(32, 'k')};
        return made;
    }
    template <class T>
    T run(Task<T> task) {
        struct HandOver { // also when the task fails
            explicit HandOver(LyingProvider& to) : provider(to) { provider.hand_over(); }
            ~HandOver() { provider.hand_over(); }
            LyingProvider& provider;
        };
        const HandOver around{provider};
        return loop.run(std::move(task));
    }
    struct Begun {
        std::string cookie;
        std::string state;
        std::string nonce;
        std::string location;
    };
    Begun begin(OidcClient& client) {
        const Response response = run(client.login("/cart"));
        Begun begun;
        begun.location = std::string{response.headers().get(Field::location).value_or("")};
        const QueryPairs query =
            QueryPairs::parse(begun.location.substr(begun.location.find('?') + 1));
        begun.state = std::string{query.get("state").value_or("")};
        begun.nonce = std::string{query.get("nonce").value_or("")};
        const std::string_view set = response.headers().get(Field::set_cookie).value_or("");
        begun.cookie = std::string{set.substr(0, set.find(';'))};
        return begun;
    }
    // The whole login; gives the subject, or the status.
    std::string log_in(OidcClient& client, std::string_view more = "", bool with_nonce = true) {
        try {
            const Begun begun = begin(client);
            if (with_nonce) provider.claims["nonce"] = begun.nonce;
            Request request{Method::get,
                            "/callback?code=c&state=" + begun.state + std::string{more}};
            request.set_header("cookie", begun.cookie);
            return run(client.finish(request)).claims.subject;
        } catch (const Error& error) {
            return std::to_string(status_code(error.status())) + " " + error.what();
        }
    }
    std::string log_in() {
        OidcClient client{options()};
        return log_in(client);
    }
};

TEST_F(Oidc, LogsInWithAPublicClientToo) {
    EXPECT_EQ(log_in(), "user-7");
    EXPECT_EQ(provider.credentials, "Basic " + to_base64("shop:a%3Ab"));
    EXPECT_THAT(provider.form, HasSubstr("grant_type=authorization_code&code=c&redirect_uri="));
    EXPECT_THAT(provider.form, HasSubstr("code_verifier="));

    OidcOptions with_public = options();
    with_public.client_secret = {};
    OidcClient is_public{std::move(with_public)};
    EXPECT_EQ(log_in(is_public), "user-7");
    EXPECT_EQ(provider.credentials, "");
    EXPECT_THAT(provider.form, HasSubstr("client_id=shop"));

    provider.metadata["token_endpoint_auth_methods_supported"] = {"client_secret_post"};
    EXPECT_EQ(log_in(), "user-7");
    EXPECT_THAT(provider.form, HasSubstr("client_secret=a%3Ab"));
}

TEST_F(Oidc, SendsADigestOfItsVerifier) {
    OidcClient client{options()};
    const Begun begun = begin(client);
    EXPECT_THAT(begun.location, StartsWith(provider.url("/authorize?tenant=1&response_type=code")));
    provider.claims["nonce"] = begun.nonce;
    Request request{Method::get, "/callback?code=c&state=" + begun.state};
    request.set_header("cookie", begun.cookie);
    const OidcLogin done = run(client.finish(request));
    const std::string verifier{QueryPairs::parse(provider.form).get("code_verifier").value_or("")};
    EXPECT_EQ(verifier.size(), 43u);
    EXPECT_THAT(begun.location,
                HasSubstr("code_challenge=" + to_base64url(crypto::sha256(verifier))));
    EXPECT_EQ(done.return_to, "/cart");
    const Begun other = begin(client);
    EXPECT_NE(other.state, begun.state);
    EXPECT_NE(other.nonce, begun.nonce);

    const Response response = done.respond();
    EXPECT_EQ(response.status(), Status::see_other);
    EXPECT_EQ(response.headers().get(Field::location), "/cart");
}

TEST_F(Oidc, KeepsItsCookieToSecureHosts) {
    OidcOptions secure = options();
    secure.redirect_uri = "https://shop.example/callback";
    OidcClient client{std::move(secure)};
    const Response response = run(client.login("/"));
    const std::string cookie{response.headers().get(Field::set_cookie).value_or("")};
    EXPECT_THAT(cookie, StartsWith("__Host-login="));
    EXPECT_THAT(cookie, HasSubstr("; Secure"));
    EXPECT_THAT(cookie, HasSubstr("; HttpOnly"));
    EXPECT_THAT(cookie, HasSubstr("; SameSite=Lax"));
}

TEST_F(Oidc, RefusesIdTokensThatDoNotHold) {
    struct Lie {
        const char* name;
        void (*tell)(LyingProvider&);
    };
    const Lie lies[] = {
        {"of another issuer", [](LyingProvider& p) { p.claims["iss"] = "https://evil.example"; }},
        {"for another client", [](LyingProvider& p) { p.claims["aud"] = "other"; }},
        {"for two, issued to nobody", [](LyingProvider& p) { p.claims["aud"] = {"shop", "x"}; }},
        {"issued to another", [](LyingProvider& p) { p.claims["azp"] = "other"; }},
        {"expired", [](LyingProvider& p) { p.claims["exp"] = std::time(nullptr) - 61; }},
        {"without an expiry", [](LyingProvider& p) { p.claims.erase("exp"); }},
        {"without its time", [](LyingProvider& p) { p.claims.erase("iat"); }},
        {"of the future", [](LyingProvider& p) { p.claims["iat"] = std::time(nullptr) + 3'600; }},
        {"of nobody", [](LyingProvider& p) { p.claims.erase("sub"); }},
        {"of an empty subject", [](LyingProvider& p) { p.claims["sub"] = ""; }},
        {"unsigned", [](LyingProvider& p) { p.header = R"({"alg":"none"})"; }},
        {"by an HMAC", [](LyingProvider& p) { p.header = R"({"alg":"HS256"})"; }},
        {"by another key",
         [](LyingProvider& p) { p.signs_with = Jwk::generate(JwsAlgorithm::es256); }},
        {"an access token",
         [](LyingProvider& p) {
             p.header = R"({"alg":"ES256","typ":"at+jwt","kid":")" + p.key.id() + "\"}";
         }},
        {"no token", [](LyingProvider& p) { p.answer["id_token"] = ""; }},
        {"a number", [](LyingProvider& p) { p.answer["id_token"] = 7; }},
        {"with another token type", [](LyingProvider& p) { p.answer["token_type"] = "mac"; }},
        {"without an access token", [](LyingProvider& p) { p.answer.erase("access_token"); }},
        {"in no JSON", [](LyingProvider& p) { p.raw_answer = "<html>"; }},
        {"in an endless answer",
         [](LyingProvider& p) { p.answer["x"] = std::string(300'000, 'x'); }},
        {"by a redirect", [](LyingProvider& p) { p.redirects = true; }},
        {"with a failure", [](LyingProvider& p) { p.status = Status::internal_server_error; }},
    };
    OidcClient client{options()};
    ASSERT_EQ(log_in(client), "user-7");
    for (const Lie& lie : lies) {
        provider.be_honest();
        lie.tell(provider);
        const std::string result = log_in(client);
        EXPECT_TRUE(result.starts_with("502") || result.starts_with("413"))
            << lie.name << ": " << result;
        EXPECT_THAT(provider.form, Not(StartsWith("stolen"))) << lie.name;
    }
}

TEST_F(Oidc, RefusesAnIdTokenOfAnotherLogin) {
    OidcClient client{options()};
    EXPECT_THAT(log_in(client, "", false), StartsWith("502")) << "no nonce";
    provider.claims["nonce"] = "another's";
    EXPECT_THAT(log_in(client, "", false), StartsWith("502"));
    EXPECT_EQ(log_in(client), "user-7");
}

TEST_F(Oidc, RefusesAnswersOfOtherProviders) {
    provider.metadata["authorization_response_iss_parameter_supported"] = true;
    OidcClient client{options()};
    EXPECT_THAT(log_in(client), StartsWith("400"));
    EXPECT_THAT(log_in(client, "&iss=https%3A%2F%2Fevil.example"), StartsWith("400"));
    EXPECT_EQ(
        log_in(client, "&iss=" + percent_encode(provider.url(""), EncodeSet::query_component)),
        "user-7");
}

TEST_F(Oidc, RefusesMetadataThatDoesNotHold) {
    const json honest = provider.metadata;
    const std::pair<const char*, json> lies[] = {
        {"issuer", "https://evil.example"},
        {"issuer", nullptr},
        {"issuer", provider.url("/")},
        {"authorization_endpoint", "http://evil.example/"},
        {"token_endpoint", "ftp://127.0.0.1/"},
        {"token_endpoint", "/token"},
        {"jwks_uri", "http://user:x@127.0.0.1/"},
        {"jwks_uri", nullptr},
        {"end_session_endpoint", "javascript:alert(1)"},
        {"code_challenge_methods_supported", {"plain"}},
        {"response_types_supported", {"id_token"}},
    };
    for (const auto& [name, value] : lies) {
        provider.metadata = honest;
        provider.metadata[name] = value;
        EXPECT_THAT(log_in(), StartsWith("503")) << name << " " << value;
    }
    provider.metadata = json::array();
    EXPECT_THAT(log_in(), StartsWith("503"));
    provider.metadata = honest;
    EXPECT_EQ(log_in(), "user-7");
}

TEST_F(Oidc, RefreshesTokensOfTheSameUserOnly) {
    OidcClient client{options()};
    const auto refresh = [&](std::string subject) {
        try {
            OidcTokens tokens =
                run(client.refresh(SecretString{std::string{"r1"}}, std::move(subject)));
            return tokens.access_token.expose() + " " + tokens.refresh_token.expose();
        } catch (const Error& error) {
            return std::to_string(status_code(error.status()));
        }
    };
    EXPECT_EQ(refresh("user-7"), "at r1") << "not rotated";
    provider.answer["refresh_token"] = "r2";
    EXPECT_EQ(refresh("user-7"), "at r2");
    EXPECT_THAT(provider.form, HasSubstr("grant_type=refresh_token&refresh_token=r1"));
    EXPECT_EQ(refresh("user-8"), "502");
    provider.raw_answer = R"({"error":"invalid_grant"})";
    provider.status = Status::bad_request;
    EXPECT_EQ(refresh("user-7"), "401");
    provider.raw_answer = R"({"error":"invalid_client"})";
    EXPECT_EQ(refresh("user-7"), "502");
    EXPECT_THROW((void)run(client.refresh(SecretString{}, "user-7")), Error);
}

TEST_F(Oidc, GoesHomeWhereTheProviderKnowsNoLogout) {
    OidcClient client{options()};
    EXPECT_EQ(run(client.logout({})).headers().get(Field::location), "/");
    provider.metadata["end_session_endpoint"] = provider.url("/end");
    OidcOptions more = options();
    more.post_logout_redirect_uri = "http://127.0.0.1:1/bye";
    OidcClient other{std::move(more)};
    EXPECT_EQ(
        run(other.logout(SecretString{std::string{"id.to.ken"}})).headers().get(Field::location),
        provider.url("/end?id_token_hint=id.to.ken&client_id=shop&post_logout_redirect_uri="
                     "http%3A%2F%2F127.0.0.1%3A1%2Fbye"));
}

TEST_F(Oidc, RefusesSettingsThatCanNotBeRight) {
    const auto refused = [&](auto change) {
        OidcOptions changed = options();
        change(changed);
        EXPECT_THROW(OidcClient{std::move(changed)}, std::invalid_argument);
    };
    refused([](OidcOptions& o) { o.issuer = ""; });
    refused([](OidcOptions& o) { o.issuer = "http://login.example"; });
    refused([](OidcOptions& o) { o.issuer = "https://login.example?x=1"; });
    refused([](OidcOptions& o) { o.client_id = ""; });
    refused([](OidcOptions& o) { o.redirect_uri = "/callback"; });
    refused([](OidcOptions& o) { o.redirect_uri = "http://shop.example/callback"; });
    refused([](OidcOptions& o) { o.redirect_uri = "https://shop.example/callback#x"; });
    refused([](OidcOptions& o) { o.post_logout_redirect_uri = "http://shop.example/"; });
    refused([](OidcOptions& o) { o.cookie_key = {}; });
    refused([](OidcOptions& o) { o.cookie_key = SecretString{std::string(31, 'k')}; });
    refused([](OidcOptions& o) { o.scopes = {"profile"}; });
    refused([](OidcOptions& o) { o.algorithms = {}; });
    refused([](OidcOptions& o) { o.algorithms = {JwsAlgorithm::hs256}; });
    refused([](OidcOptions& o) { o.login_timeout = Duration{}; });
}

TEST(LocalPaths, AreThoseOfThisApplication) {
    for (const std::string_view good :
         {"/", "/cart", "/cart?x=1&y=%2F%2F", "/a//b", "/@x", "/:8080"})
        EXPECT_TRUE(is_local_path(good)) << good;
    for (const std::string_view bad :
         {"", "cart", "//evil.example", "///evil.example", "/\\evil.example", "\\/evil.example",
          "https://evil.example", "https:/evil.example", "javascript:alert(1)", " /cart",
          "/\t/evil", "/x\r\nset-cookie: a=b", "/ä", "/a b", "/x\\..\\y", "?x", "#x"})
        EXPECT_FALSE(is_local_path(bad)) << bad;
    EXPECT_FALSE(is_local_path(std::string(2, '\0')));
    EXPECT_FALSE(is_local_path("/" + std::string(2'000, 'x')));
}

TEST(SealedCookies, OpenOnlyWithTheirKeyAndPurpose) {
    const std::string key(32, 'k');
    const std::string sealed = crypto::seal(key, "login", "secret text");
    EXPECT_EQ(sealed.find("secret"), std::string::npos);
    EXPECT_NE(sealed, crypto::seal(key, "login", "secret text")) << "a nonce of its own";
    std::string plain;
    EXPECT_TRUE(crypto::open(key, "login", sealed, plain));
    EXPECT_EQ(plain, "secret text");
    EXPECT_TRUE(crypto::open(key, "", crypto::seal(key, "", ""), plain));
    EXPECT_EQ(plain, "");

    EXPECT_FALSE(crypto::open(std::string(32, 'x'), "login", sealed, plain));
    EXPECT_FALSE(crypto::open(key, "session", sealed, plain));
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        std::string changed = sealed;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        EXPECT_FALSE(crypto::open(key, "login", changed, plain)) << i;
        EXPECT_FALSE(crypto::open(key, "login", sealed.substr(0, i), plain)) << i;
    }
    EXPECT_FALSE(crypto::open(key, "login", sealed + "x", plain));
    EXPECT_THROW((void)crypto::seal("short", "", ""), std::invalid_argument);
}

} // namespace
} // namespace armature::testing
