// The C++ of docs/authentication.md, docs/jwt.md and docs/oauth.md: compiled and run here, repeated
// there.
#include <armature/armature.hpp>
#include <armature/auth/api_key.hpp>
#include <armature/auth/basic.hpp>
#include <armature/auth/bearer.hpp>
#include <armature/auth/oidc.hpp>
#include <armature/auth/password.hpp>
#include <armature/auth/remote_jwks.hpp>
#include <armature/auth/totp.hpp>
#include <armature/core/cookie.hpp>

#include <gtest/gtest.h>

#include <map>
#include <mutex>

namespace authentication_page {

using namespace armature;

// [guard]
std::string list(Authenticated user) { return "todos of " + user->subject; }
void remove(Path<std::string> id) { static_cast<void>(id); }

App todos(Jwk key) {
    JwtRules rules;
    rules.issuer = "https://login.example";
    rules.audience = "todos";
    return App::create().service(
        scope("/todos")
            .guard(JwtGuard{std::move(key), rules})
            .route("/", get(list).guard(require_scope("todos:read")))
            .route("/{id}", delete_(remove).guard(require_role("admin", "editor"))));
}
// [/guard]

// [policy]
bool in_office_hours(const Principal&) { return true; }

bool is_owner(const Principal& user, Request& request) {
    return request.param("user") == user.subject || user.has_role("admin");
}

App files(Jwk key, JwtRules rules) {
    return App::create().service(
        scope("/files/{user}")
            .guard(JwtGuard{std::move(key), std::move(rules)})
            .guard(require_policy(in_office_hours))
            .guard(require_policy(is_owner))
            .route("/", get([](Path<std::string> user) { return "files of " + *user; })));
}
// [/policy]

// [own_user]
struct User {
    std::string name;
    std::string tenant;
};

} // namespace authentication_page

template <>
struct armature::Extract<authentication_page::User> {
    static authentication_page::User from(ExtractInput& input) {
        const Authenticated who = Extract<Authenticated>::from(input); // 401 without a guard
        JwtClaims claims;
        claims.json = who->claims;
        return {who->subject, claims.text("tenant").value_or("none")};
    }
    static void document(OperationInfo& info) { Extract<Authenticated>::document(info); }
};

namespace authentication_page {

std::string greet(User user) { return user.name + " of " + user.tenant; }
// [/own_user]

// [passwords]
struct Accounts {
    PasswordHasher hasher;
    std::mutex mutex;
    std::map<std::string, std::string> hashes; // stands for your table of users

    std::optional<std::string> find(const std::string& name) {
        const std::lock_guard lock{mutex};
        const auto found = hashes.find(name);
        return found == hashes.end() ? std::nullopt : std::optional{found->second};
    }
    void store(const std::string& name, std::string hash) {
        const std::lock_guard lock{mutex};
        hashes[name] = std::move(hash);
    }

    Task<bool> log_in(std::string name, SecretString password) {
        const PasswordCheck check = co_await hasher.verify(password, find(name));
        if (check.needs_rehash) {
            std::string hash = co_await hasher.hash(password);
            store(name, std::move(hash));
        }
        co_return check.matches;
    }
};
// [/passwords]

// [basic]
App reports(Accounts& accounts) {
    const auto check = [&](const BasicCredentials& given) -> Task<std::optional<Principal>> {
        const bool known = co_await accounts.log_in(given.user, given.password);
        if (!known) co_return std::nullopt;
        co_return Principal{.subject = given.user, .roles = {"reader"}};
    };
    return App::create().guard(basic_auth("Reports", check)).route("/", get(list));
}
// [/basic]

// [api_key]
using KeyTable = std::map<std::string, StoredApiKey>; // by id

SecretString issue(KeyTable& table, std::string owner) {
    ApiKey key = ApiKey::generate("shop");
    table[key.id] = {key.hash, Principal{.subject = std::move(owner), .scopes = {"orders:read"}}};
    return key.text; // shown once
}

App orders(const KeyTable& table) {
    const auto lookup = [&](const std::string& id) -> std::optional<StoredApiKey> {
        const auto found = table.find(id);
        return found == table.end() ? std::nullopt : std::optional{found->second};
    };
    return App::create().guard(api_key_auth({.prefix = "shop"}, lookup)).route("/", get(list));
}
// [/api_key]

// [totp]
bool second_factor(const SecretString& secret, std::string_view code, std::int64_t& last_step) {
    const std::optional<std::int64_t> step = Totp{}.verify(secret, code, last_step);
    if (step) last_step = *step; // stored with the user: the code is used up
    return step.has_value();
}
// [/totp]

// [sign]
struct Tokens {
    std::string access;
    std::string refresh;
};

Tokens issue_tokens(const JwtSigner& signer, const std::string& user) {
    JwtClaims access = jwt_claims("https://login.example", user, "todos", Duration::seconds(900));
    access.scopes = {"todos:read", "todos:write"};
    access.json = R"({"tenant":"blue"})";
    const JwtClaims refresh =
        jwt_claims("https://login.example", user, "todos", Duration::seconds(30 * 24 * 3600));
    return {signer.sign(access), signer.sign(refresh, jwt_type::refresh)};
}
// [/sign]

// [keys]
Jwk signing_key(std::string_view pem) { return Jwk::from_pem(pem, JwsAlgorithm::es256, "2026-05"); }

App publish(Jwk current, Jwk previous) {
    const JwkSet keys{{std::move(current), std::move(previous)}};
    return App::create().route("/.well-known/jwks.json",
                               get([json = keys.public_json()] { return Response::json(json); }));
}
// [/keys]

// [refresh]
struct RefreshTokens {
    JwtVerifier verifier; // its rules have type = jwt_type::refresh
    JwtSigner signer;
    std::mutex mutex;
    std::map<std::string, std::string> current; // user → `jti` of the only good token

    Tokens renew(std::string_view token) {
        JwtClaims old;
        try {
            old = verifier.verify(token);
        } catch (const JwtError& error) {
            throw Error::unauthorized(error.what());
        }
        Tokens made = issue_tokens(signer, old.subject);
        const std::string next = verifier.verify(made.refresh).id;
        const std::lock_guard lock{mutex};
        std::string& good = current[old.subject];
        // One that was used before is in a thief's hands: nobody may go on with this login.
        if (std::exchange(good, next) != old.id) {
            good.clear();
            throw Error::unauthorized("Log in again");
        }
        return made;
    }
};
// [/refresh]

// [remote]
App with_others_tokens(Client& client) {
    JwtRules rules;
    rules.issuer = "https://login.example";
    rules.audience = "todos";
    rules.algorithms = {JwsAlgorithm::rs256, JwsAlgorithm::es256};
    const auto keys = std::make_shared<RemoteJwks>(client, "https://login.example/jwks");
    return App::create().guard(RemoteJwtGuard{keys, rules}).route("/", get(list));
}
// [/remote]

// [oidc]
OidcOptions login_options(SecretString client_secret, SecretString cookie_key) {
    OidcOptions options;
    options.issuer = "https://login.example";
    options.client_id = "shop";
    options.client_secret = std::move(client_secret);
    options.redirect_uri = "https://shop.example/callback";
    options.cookie_key = std::move(cookie_key);
    return options;
}

Task<Response> login(State<OidcClient> oidc, Request& request) {
    std::string to{request.query("return_to").value_or("/")};
    co_return co_await oidc->login(std::move(to));
}

Task<Response> callback(State<OidcClient> oidc, State<JwtSigner> sessions, Request& request) {
    const OidcLogin login = co_await oidc->finish(request);
    const std::string session = sessions->sign(
        jwt_claims("https://shop.example", login.claims.subject, "shop", Duration::seconds(3600)));
    Response response = login.respond();
    response.headers().append(Field::set_cookie, SetCookie("__Host-session", session)
                                                     .path("/")
                                                     .secure()
                                                     .http_only()
                                                     .same_site(SameSite::lax)
                                                     .to_string());
    co_return response;
}

App shop(std::shared_ptr<OidcClient> oidc, JwtSigner sessions) {
    return App::create()
        .data(std::move(oidc))
        .data(std::move(sessions))
        .route("/login", get(login))
        .route("/callback", get(callback));
}
// [/oidc]

Jwk secret() { return Jwk::generate(JwsAlgorithm::hs256); }

JwtRules rules_for(std::string_view type) {
    JwtRules rules;
    rules.issuer = "https://login.example";
    rules.audience = "todos";
    rules.type = type;
    return rules;
}

Status ask(const Application& app, std::string_view field, std::string_view value,
           Request request = Request::get("/")) {
    request.set_header(field, value);
    return app.handle(std::move(request)).status();
}

TEST(AuthenticationPage, GuardsRoutes) {
    const Jwk key = secret();
    const Application app = todos(key).build();
    const Tokens tokens = issue_tokens(JwtSigner{key}, "zoe");
    EXPECT_EQ(app.handle(Request::get("/todos")).status(), Status::unauthorized);
    EXPECT_EQ(ask(app, "authorization", "Bearer " + tokens.access, Request::get("/todos")),
              Status::ok);
    EXPECT_EQ(ask(app, "authorization", "Bearer " + tokens.refresh, Request::get("/todos")),
              Status::unauthorized);
    EXPECT_EQ(
        ask(app, "authorization", "Bearer " + tokens.access, Request{Method::delete_, "/todos/1"}),
        Status::forbidden);

    const Application own = files(key, rules_for(jwt_type::access)).build();
    EXPECT_EQ(ask(own, "authorization", "Bearer " + tokens.access, Request::get("/files/zoe")),
              Status::ok);
    EXPECT_EQ(ask(own, "authorization", "Bearer " + tokens.access, Request::get("/files/ann")),
              Status::forbidden);

    const Application greets = App::create()
                                   .guard(JwtGuard{key, rules_for(jwt_type::access)})
                                   .route("/", get(greet))
                                   .build();
    Request request = Request::get("/");
    request.set_header("authorization", "Bearer " + tokens.access);
    EXPECT_EQ(greets.handle(std::move(request)).body().text(), "zoe of blue");
}

TEST(AuthenticationPage, KnowsPasswordsAndKeys) {
    PasswordOptions light;
    light.memory_kib = 64;
    light.passes = 1;
    Accounts accounts{PasswordHasher{light}, {}, {}};
    LocalLoop loop;
    accounts.store("zoe", loop.run(accounts.hasher.hash(SecretString{std::string{"secret"}})));
    EXPECT_TRUE(loop.run(accounts.log_in("zoe", SecretString{std::string{"secret"}})));
    EXPECT_FALSE(loop.run(accounts.log_in("ann", SecretString{std::string{"secret"}})));
    EXPECT_EQ(ask(reports(accounts).build(), "authorization", "Basic em9lOnNlY3JldA=="),
              Status::ok);

    KeyTable table;
    const SecretString key = issue(table, "worker");
    EXPECT_EQ(ask(orders(table).build(), "x-api-key", key.expose()), Status::ok);

    const SecretString seed = Totp::make_secret();
    const std::string code = Totp{}.code_at(seed, std::time(nullptr));
    std::int64_t last_step = 0;
    EXPECT_TRUE(second_factor(seed, code, last_step));
    EXPECT_FALSE(second_factor(seed, code, last_step));
}

TEST(AuthenticationPage, RenewsARefreshTokenOnce) {
    const Jwk key = secret();
    RefreshTokens tokens{JwtVerifier{key, rules_for(jwt_type::refresh)}, JwtSigner{key}, {}, {}};
    const Tokens first = issue_tokens(tokens.signer, "zoe");
    tokens.current["zoe"] = tokens.verifier.verify(first.refresh).id;
    const Tokens second = tokens.renew(first.refresh);
    EXPECT_THROW(tokens.renew(first.refresh), Error);
    EXPECT_THROW(tokens.renew(second.refresh), Error) << "the thief's, or the user's after them";
    EXPECT_THROW(tokens.renew(second.access), Error);
}

TEST(AuthenticationPage, PublishesAndFetchesKeys) {
    const Application app =
        publish(Jwk::generate(JwsAlgorithm::es256), Jwk::generate(JwsAlgorithm::es256)).build();
    EXPECT_EQ(app.handle(Request::get("/.well-known/jwks.json")).status(), Status::ok);
    EXPECT_THROW((void)signing_key(""), std::invalid_argument);
    Client client;
    EXPECT_EQ(with_others_tokens(client).build().handle(Request::get("/")).status(),
              Status::unauthorized);
}

TEST(AuthenticationPage, LogsUsersIn) {
    const auto oidc = std::make_shared<OidcClient>(
        login_options(SecretString{std::string{"s"}}, SecretString{std::string(32, 'k')}));
    const Application app = shop(oidc, JwtSigner{secret()}).build();
    EXPECT_EQ(app.handle(Request::get("/login?return_to=//evil.example")).status(),
              Status::bad_request);
    EXPECT_EQ(app.handle(Request::get("/callback?code=x&state=y")).status(), Status::bad_request);
}

} // namespace authentication_page
