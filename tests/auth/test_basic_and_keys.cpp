#include "support/process.hpp"

#include <armature/app/app.hpp>
#include <armature/auth/api_key.hpp>
#include <armature/auth/basic.hpp>
#include <armature/auth/password.hpp>
#include <armature/core/base64.hpp>
#include <armature/core/constant_time.hpp>
#include <armature/core/scheduler.hpp>
#include <armature/testing/client.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <ctime>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>

namespace armature::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

std::string who(Authenticated user) { return user->subject; }

std::optional<Principal> only_zoe(const BasicCredentials& given) {
    const bool right = constant_time_equal(given.password.expose(), "pass:wörd");
    if (given.user != "zoë" || !right) return std::nullopt;
    return Principal{.subject = given.user, .roles = {"admin"}};
}

std::string curl(const TestClient& client, const std::string& arguments) {
    return shell("curl -sS -k -i --max-time 60 " + arguments + " '" + client.origin() + "/'")
        .output;
}

TEST(BasicAuth, LetsCurlIn) {
    const TestClient client = TestClient::over_http(App::create()
                                                        .guard(basic_auth("The shop", only_zoe))
                                                        .guard(require_role("admin"))
                                                        .route("/", get(who)));
    const std::string nobody = curl(client, "");
    EXPECT_THAT(nobody, HasSubstr(" 401 "));
    EXPECT_THAT(nobody, HasSubstr("www-authenticate: Basic realm=\"The shop\", charset=\"UTF-8\""));
    EXPECT_THAT(curl(client, "-u 'zoë:pass:wörd'"), HasSubstr("\r\n\r\nzoë"));
    EXPECT_THAT(curl(client, "-u 'zoë:wrong'"), HasSubstr(" 401 "));
    EXPECT_THAT(curl(client, "-u ':'"), HasSubstr(" 401 "));
}

TEST(BasicAuth, WaitsForAPasswordThatIsHashed) {
    LocalLoop loop;
    PasswordOptions light;
    light.memory_kib = 64;
    light.passes = 1;
    PasswordHasher hasher{light};
    const std::string stored = loop.run(hasher.hash(SecretString{std::string{"secret"}}));
    const auto check = [&](const BasicCredentials& given) -> Task<std::optional<Principal>> {
        std::optional<std::string> known;
        if (given.user == "zoe") known = stored;
        const PasswordCheck result = co_await hasher.verify(given.password, std::move(known));
        if (!result.matches) co_return std::nullopt;
        co_return Principal{.subject = given.user};
    };
    const TestClient client = TestClient::over_http(
        App::create().guard(basic_auth("The shop", check)).route("/", get(who)));
    EXPECT_THAT(curl(client, "-u zoe:secret"), HasSubstr("\r\n\r\nzoe"));
    const std::uint64_t before = hasher.hashed();
    EXPECT_THAT(curl(client, "-u zoe:secrets"), HasSubstr(" 401 "));
    EXPECT_THAT(curl(client, "-u nobody:secret"), HasSubstr(" 401 "));
    EXPECT_EQ(hasher.hashed(), before + 2) << "the same work for users that don't exist";
}

TEST(BasicAuth, RefusesFieldsThatAreWrong) {
    TestClient client{App::create().guard(basic_auth("x", only_zoe)).route("/", get(who))};
    const auto ask = [&](const std::string& field) {
        return status_code(client.get("/").header("authorization", field).send().status());
    };
    const auto encoded = [](std::string_view text) { return to_base64(text); };
    EXPECT_EQ(ask("Basic " + encoded("zoë:pass:wörd")), 200);
    EXPECT_EQ(ask("bASIC  " + encoded("zoë:pass:wörd")), 200);
    EXPECT_EQ(ask("Bearer " + encoded("zoë:pass:wörd")), 401);
    EXPECT_EQ(ask("Basic"), 401);
    EXPECT_EQ(ask("Basic " + encoded("no colon")), 400);
    EXPECT_EQ(ask("Basic " + encoded("zoë:pass:wörd\n")), 400);
    EXPECT_EQ(ask("Basic " + encoded(std::string_view{"zo\0e:x", 6})), 400);
    EXPECT_EQ(ask("Basic !!!!"), 400);
    EXPECT_EQ(ask("Basic " + encoded("zoë:pass:wörd") + " x"), 400);
    EXPECT_EQ(client.get("/")
                  .header("authorization", "Basic " + encoded("zoë:pass:wörd"))
                  .header("authorization", "Basic " + encoded("zoë:pass:wörd"))
                  .send()
                  .status(),
              Status::bad_request);
    for (const std::string_view realm : {"", "a\"b", "a\\b", "a\r\nx: y", "\xc3\xa4"})
        EXPECT_THROW((void)basic_auth(realm, only_zoe), std::invalid_argument) << realm;
}

// A table of keys, as a database has it.
struct Table {
    std::map<std::string, StoredApiKey> rows;
    std::optional<StoredApiKey> find(const std::string& id) const {
        const auto found = rows.find(id);
        if (found == rows.end()) return std::nullopt;
        return found->second;
    }
    ApiKey add(std::string subject, std::optional<std::int64_t> expires_at = {}) {
        ApiKey key = ApiKey::generate("shop");
        StoredApiKey& row = rows[key.id];
        row.hash = key.hash;
        row.principal.subject = std::move(subject);
        row.principal.scopes = {"read"};
        row.expires_at = expires_at;
        return key;
    }
};

TEST(ApiKeys, AreRandomAndRecognisable) {
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        const ApiKey key = ApiKey::generate("shop-test");
        EXPECT_THAT(key.text.expose(), MatchesRegex("shop-test_[a-z2-7]{16}_[a-z2-7]{52}"));
        EXPECT_EQ(key.text.expose().substr(10, 16), key.id);
        EXPECT_THAT(key.hash, MatchesRegex("[0-9a-f]{64}"));
        EXPECT_EQ(key.hash.find(key.text.expose()), std::string::npos);
        seen.insert(key.text.expose());
        seen.insert(key.id);
    }
    EXPECT_EQ(seen.size(), 200u);
    const ApiKey key = ApiKey::generate("x");
    EXPECT_EQ(shell("printf %s " + key.text.expose() + " | sha256sum | head -c 64").output,
              key.hash);
    for (const std::string_view prefix : {"", "Shop", "a_b", "a b", "abcdefghijklmnopqrstu"})
        EXPECT_THROW((void)ApiKey::generate(prefix), std::invalid_argument) << prefix;
}

TEST(ApiKeys, LetTheirBearersIn) {
    Table table;
    const ApiKey mine = table.add("worker-1");
    const ApiKey other = table.add("worker-2");
    const ApiKey expired = table.add("worker-3", std::time(nullptr) - 1);
    const ApiKey stranger = ApiKey::generate("shop");
    std::atomic<int> lookups = 0;
    const auto lookup = [&](const std::string& id) {
        ++lookups;
        return table.find(id);
    };
    TestClient client = TestClient::over_http(App::create()
                                                  .guard(api_key_auth({.prefix = "shop"}, lookup))
                                                  .guard(require_scope("read"))
                                                  .route("/", get(who)));
    const auto key = [&](const std::string& text) {
        return curl(client, "-H 'X-API-Key: " + text + "'");
    };
    EXPECT_THAT(key(mine.text.expose()), HasSubstr("\r\n\r\nworker-1"));
    EXPECT_THAT(key(other.text.expose()), HasSubstr("\r\n\r\nworker-2"));
    const std::string nobody = curl(client, "");
    EXPECT_THAT(nobody, HasSubstr(" 401 "));
    EXPECT_THAT(nobody, HasSubstr("www-authenticate: ApiKey header=\"x-api-key\""));
    EXPECT_THAT(key(expired.text.expose()), HasSubstr(" 401 "));
    EXPECT_THAT(key(stranger.text.expose()), HasSubstr(" 401 "));
    // One's own id with another's secret.
    EXPECT_THAT(key(mine.text.expose().substr(0, 22) + other.text.expose().substr(22)),
                HasSubstr(" 401 "));
    const int before = lookups;
    const std::string text = mine.text.expose();
    for (const std::string& wrong :
         {text.substr(1), text + "a", text.substr(0, text.size() - 1) + "!", mine.hash, mine.id,
          "test" + text.substr(4), text + ", " + text, std::string(5'000, 'a'),
          "shop_" + std::string(16, '%') + text.substr(21)})
        EXPECT_THAT(key(wrong), HasSubstr(" 401 ")) << wrong;
    EXPECT_EQ(lookups, before) << "what is no key isn't looked up";
    EXPECT_THAT(curl(client, "-H 'X-API-Key: " + text + "' -H 'X-API-Key: " + text + "'"),
                HasSubstr(" 401 "));
}

TEST(ApiKeys, AreLookedUpInTheirOwnTime) {
    Table table;
    const ApiKey mine = table.add("worker-1");
    const auto lookup = [&](const std::string& id) -> Task<std::optional<StoredApiKey>> {
        const auto work = [&] { return table.find(id); };
        co_return co_await blocking(work);
    };
    TestClient client{App::create()
                          .guard(api_key_auth({.prefix = "shop", .header = "x-token"}, lookup))
                          .route("/", get(who))};
    EXPECT_EQ(client.get("/").header("x-token", mine.text.expose()).send().text(), "worker-1");
    EXPECT_EQ(client.get("/").header("x-api-key", mine.text.expose()).send().status(),
              Status::unauthorized);
    EXPECT_THROW((void)api_key_auth({}, lookup), std::invalid_argument);
    EXPECT_THROW((void)api_key_auth({.prefix = "shop", .header = "a b"}, lookup),
                 std::invalid_argument);
}

TEST(ApiKeys, AreInTheDocument) {
    const auto lookup = [](const std::string&) { return std::optional<StoredApiKey>{}; };
    const Application app =
        App::create()
            .route("/key", get(who).guard(api_key_auth({.prefix = "x"}, lookup)))
            .route("/basic", get(who).guard(basic_auth("x", only_zoe)))
            .build();
    for (const OperationInfo& operation : app.operations()) {
        ASSERT_EQ(operation.security.size(), 1u);
        EXPECT_EQ(operation.security[0].kind, operation.pattern == "/key"
                                                  ? SecurityScheme::Kind::api_key
                                                  : SecurityScheme::Kind::basic);
    }
}

} // namespace
} // namespace armature::testing
