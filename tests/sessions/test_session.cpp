#include "sessions/sessions_app.hpp"
#include "support/redis_server.hpp"

#include <armature/core/scheduler.hpp>
#include <armature/redis/store.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace armature::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

enum class Kind { cookie, memory, redis };

// What every kind of session promises.
class Sessions : public ::testing::TestWithParam<Kind> {
  protected:
    void SetUp() override {
        if (GetParam() != Kind::redis) return;
        ARMATURE_NEEDS_REDIS();
        server_ = std::make_unique<RedisServer>();
    }
    App make(SessionOptions options = {}) {
        if (GetParam() == Kind::cookie) return shop(CookieSessions{keys(), std::move(options)});
        if (store_ == nullptr) {
            if (GetParam() == Kind::memory) {
                store_ = std::make_shared<MemoryStore>();
            } else {
                RedisOptions redis;
                redis.url = server_->url();
                redis.connect_timeout = redis.timeout = Duration::seconds(30);
                store_ = std::make_shared<RedisStore>(std::make_shared<Redis>(redis));
            }
        }
        return shop(StoredSessions{store_, std::move(options)});
    }
    TestClient client(SessionOptions options = {}) {
        return TestClient{make(std::move(options)), {.secure = true}};
    }
    static std::string cookie_of(const TestResponse& response) {
        const TestCookie* const cookie = response.cookie("__Host-session");
        return cookie == nullptr ? std::string{} : cookie->value;
    }

    std::unique_ptr<RedisServer> server_;
    std::shared_ptr<KeyValueStore> store_;
};
std::string name_of(const ::testing::TestParamInfo<Kind>& which) {
    return which.param == Kind::cookie   ? "Cookie"
           : which.param == Kind::memory ? "Memory"
                                         : "Redis";
}
INSTANTIATE_TEST_SUITE_P(All, Sessions, ::testing::Values(Kind::cookie, Kind::memory, Kind::redis),
                         name_of);

// Redis has a clock that a test can't move.
class SessionsThatAge : public Sessions {};
INSTANTIATE_TEST_SUITE_P(All, SessionsThatAge, ::testing::Values(Kind::cookie, Kind::memory),
                         name_of);

// Requests of one session have nothing in common by a cookie, and Redis has a clock of its own.
class SessionsInMemory : public Sessions {};
INSTANTIATE_TEST_SUITE_P(All, SessionsInMemory, ::testing::Values(Kind::memory), name_of);

TEST_P(Sessions, RememberWhatWasPutIntoThem) {
    TestClient browser = client();
    EXPECT_EQ(browser.get("/me").send().text(), "nobody");
    EXPECT_EQ(browser.post("/set?user=%C3%A4na%00%0d&cart=7").send().status(), Status::no_content);
    using namespace std::string_literals;
    EXPECT_EQ(browser.get("/me").send().text(), "\u00e4na\0\r"s);
    EXPECT_EQ(browser.post("/erase?name=user").send().text(), "gone");
    EXPECT_EQ(browser.post("/erase?name=user").send().text(), "nothing");
    EXPECT_EQ(browser.get("/me").send().text(), "nobody");
    EXPECT_EQ(client().get("/me").send().text(), "nobody"); // another browser
}

TEST_P(Sessions, SendACookieThatOnlyTheirHostCanSetAndReadOverTls) {
    TestClient browser = client();
    const TestResponse response = browser.post("/set?user=ana").send();
    const std::string field{*response.header("set-cookie")};
    EXPECT_THAT(field, ::testing::StartsWith("__Host-session="));
    EXPECT_THAT(field, AllOf(HasSubstr("; Path=/"), HasSubstr("; Secure"), HasSubstr("; HttpOnly"),
                             HasSubstr("; SameSite=Lax"), Not(HasSubstr("Domain")),
                             Not(HasSubstr("Max-Age"))));
    EXPECT_EQ(response.header("cache-control"), "no-store");
    SessionOptions kept;
    kept.persistent = true;
    kept.same_site = SameSite::strict;
    kept.cookie = "id";
    TestClient other = client(kept);
    EXPECT_THAT(std::string{*other.post("/set?user=ana").send().header("set-cookie")},
                AllOf(HasSubstr("id="), HasSubstr("Max-Age=1800"), HasSubstr("SameSite=Strict")));
}

TEST_P(Sessions, WriteNothingWhenNothingChanged) {
    TestClient browser = client();
    EXPECT_EQ(browser.get("/me").send().header("set-cookie"), std::nullopt);
    EXPECT_EQ(browser.get("/").send().header("set-cookie"), std::nullopt);
    EXPECT_EQ(browser.get("/page").send().header("set-cookie"), std::nullopt);
    EXPECT_EQ(browser.post("/clear").send().header("set-cookie"), std::nullopt);
    EXPECT_EQ(browser.post("/logout").send().header("set-cookie"), std::nullopt);
    EXPECT_NE(cookie_of(browser.post("/set?user=ana").send()), "");
    EXPECT_EQ(browser.get("/me").send().header("set-cookie"), std::nullopt);
    EXPECT_EQ(browser.post("/set?user=ana").send().header("set-cookie"), std::nullopt);
    EXPECT_EQ(browser.post("/erase?name=nothing").send().header("set-cookie"), std::nullopt);
    if (server_ != nullptr) {
        EXPECT_THAT(server_->cli("INFO commandstats"), HasSubstr("cmdstat_set:calls=1,"));
    }
}

TEST_P(SessionsThatAge, EndWhenNobodyCame) {
    SessionOptions options;
    options.idle = Duration::seconds(800);
    TestClient browser = client(options);
    (void)browser.post("/set?user=ana").send();
    for (int i = 0; i < 10; ++i) { // whoever comes stays
        browser.clock().advance(Duration::seconds(600));
        EXPECT_EQ(browser.get("/me").send().text(), "ana") << i;
    }
    browser.clock().advance(Duration::seconds(801));
    const TestResponse late = browser.get("/me").send();
    EXPECT_EQ(late.text(), "nobody");
    EXPECT_THAT(std::string{*late.header("set-cookie")}, HasSubstr("Max-Age=0"));
}

TEST_P(SessionsThatAge, NoteRarelyThatSomebodyCame) {
    SessionOptions options;
    options.idle = Duration::seconds(800);
    options.persistent = true;
    TestClient browser = client(options);
    (void)browser.post("/set?user=ana").send();
    browser.clock().advance(Duration::seconds(98));
    EXPECT_EQ(browser.get("/me").send().header("set-cookie"), std::nullopt);
    browser.clock().advance(Duration::seconds(3));
    EXPECT_NE(browser.get("/me").send().header("set-cookie"), std::nullopt);
}

TEST_P(SessionsThatAge, EndAfterTheirAbsoluteTime) {
    SessionOptions options;
    options.idle = Duration::seconds(600);
    options.absolute = Duration::seconds(3600);
    TestClient browser = client(options);
    (void)browser.post("/login").send();
    for (int i = 0; i < 11; ++i) {
        browser.clock().advance(Duration::seconds(300));
        EXPECT_EQ(browser.get("/me").send().text(), "ana") << i;
    }
    browser.clock().advance(Duration::seconds(301));
    EXPECT_EQ(browser.get("/me").send().text(), "nobody");
}

TEST_P(Sessions, GetANewIdAtLogin) {
    TestClient browser = client();
    const std::string before = cookie_of(browser.post("/set?cart=7").send());
    const std::string after = cookie_of(browser.post("/login").send());
    EXPECT_NE(after, "");
    EXPECT_NE(after, before);
    EXPECT_EQ(browser.get("/me").send().text(), "ana");
    // Whoever knows the one from before is nobody.
    TestClient other = client();
    EXPECT_EQ(other.get("/me").cookie("__Host-session", before).send().text(), "nobody");
}

// An attacker has the victim use an id of theirs, and waits for the login.
TEST_P(Sessions, CantBeFixed) {
    TestClient attacker = client();
    const std::string planted = cookie_of(attacker.post("/set?cart=evil").send());
    TestClient victim = client();
    const TestResponse login = victim.post("/login").cookie("__Host-session", planted).send();
    EXPECT_NE(cookie_of(login), planted);
    EXPECT_EQ(attacker.get("/me").send().text(), "nobody");
    // An id that nobody was given isn't taken over either.
    const std::string invented(43, 'A');
    const TestResponse response =
        client().post("/set?user=ana").cookie("__Host-session", invented).send();
    EXPECT_NE(cookie_of(response), invented);
    EXPECT_NE(cookie_of(response), "");
    EXPECT_EQ(client().get("/me").cookie("__Host-session", invented).send().text(), "nobody");
}

TEST_P(Sessions, EndAtLogOut) {
    TestClient browser = client();
    const std::string cookie = cookie_of(browser.post("/login").send());
    const TestResponse out = browser.post("/logout").send();
    EXPECT_THAT(std::string{*out.header("set-cookie")},
                AllOf(HasSubstr("__Host-session=;"), HasSubstr("Max-Age=0"), HasSubstr("Secure")));
    EXPECT_EQ(browser.get("/me").send().text(), "nobody");
    if (GetParam() == Kind::cookie) return; // a copy holds until it is idle for too long
    EXPECT_EQ(client().get("/me").cookie("__Host-session", cookie).send().text(), "nobody");
}

TEST_P(SessionsInMemory, StayEndedForARequestThatIsUnderWay) {
    App app = make();
    std::shared_ptr<KeyValueStore> store = store_;
    // While this handler runs, another request logs out.
    app.route("/slow", post([store](Session session) -> Task<> {
                  session.set("user", "eve");
                  co_await sleep_for(Duration::seconds(60));
              }));
    TestClient browser{app, {.secure = true}};
    const std::string cookie = cookie_of(browser.post("/login").send());
    TestCall slow = browser.post("/slow").start();
    (void)browser.post("/logout").send();
    browser.clock().advance(Duration::seconds(61));
    EXPECT_THAT(std::string{*slow.response().header("set-cookie")}, HasSubstr("Max-Age=0"));
    EXPECT_EQ(browser.get("/me").cookie("__Host-session", cookie).send().text(), "nobody");
}

TEST(StoredSessions, OutliveALogInThatWasSentTwice) {
    App app = shop(StoredSessions{std::make_shared<MemoryStore>()});
    app.route("/slow-login", post([](Session session) -> Task<> {
                  session.renew();
                  session.set("user", "ana");
                  co_await sleep_for(Duration::seconds(5));
              }))
        .route("/slow-renew", post([](Session session) -> Task<> {
                   session.renew();
                   co_await sleep_for(Duration::seconds(5));
               }));
    TestClient browser{app, {.secure = true}};
    (void)browser.post("/set?cart=7").send();
    TestCall first = browser.post("/slow-login").start();
    TestCall second = browser.post("/slow-login").start();
    browser.clock().advance(Duration::seconds(6));
    for (TestCall* const call : {&first, &second}) {
        const TestResponse response = call->response();
        EXPECT_EQ(browser.get("/me")
                      .cookie("__Host-session", response.cookie("__Host-session")->value)
                      .send()
                      .text(),
                  "ana");
    }
    // A log-out meanwhile is final for what wasn't set anew.
    (void)browser.post("/login").send();
    TestCall renewing = browser.post("/slow-renew").start();
    (void)browser.post("/logout").send();
    browser.clock().advance(Duration::seconds(6));
    EXPECT_THAT(std::string{*renewing.response().header("set-cookie")}, HasSubstr("Max-Age=0"));
}

TEST_P(Sessions, LeaveNotesForTheNextPage) {
    TestClient browser = client();
    EXPECT_EQ(browser.get("/page").send().text(), "no notice");
    (void)browser.post("/flash").send();
    EXPECT_EQ(browser.get("/me").send().text(), "nobody");
    EXPECT_EQ(browser.get("/page").send().text(), "Saved; \"now\"");
    EXPECT_EQ(browser.get("/page").send().text(), "no notice");
}

TEST_P(Sessions, HaveASecretOfTheirOwn) {
    TestClient browser = client();
    const std::string secret = browser.get("/secret").send().text();
    EXPECT_EQ(secret.size(), 32u);
    EXPECT_EQ(browser.get("/secret").send().text(), secret);
    EXPECT_NE(client().get("/secret").send().text(), secret);
    (void)browser.post("/login").send();
    EXPECT_NE(browser.get("/secret").send().text(), secret);
    // Nothing that a handler names reaches it.
    EXPECT_EQ(browser.post("/set?armature:secret=x").send().status(),
              Status::internal_server_error);
    EXPECT_EQ(browser.post("/erase?name=armature:secret").send().text(), "nothing");
}

TEST_P(Sessions, KeepWhatWasSetBeforeAFailure) {
    TestClient browser = client();
    EXPECT_EQ(browser.post("/fails").send().status(), Status::conflict);
    EXPECT_EQ(browser.get("/me").send().text(), "eve");
}

TEST_P(Sessions, IgnoreCookiesThatAreNone) {
    const std::string good = cookie_of(client().post("/login").send());
    std::vector<std::string> bad{"",
                                 "x",
                                 "AAAA",
                                 std::string(43, '!'),
                                 std::string(42, 'A'),
                                 std::string(44, 'A'),
                                 std::string(5000, 'A'),
                                 good + "A",
                                 good + "=",
                                 good.substr(1),
                                 good.substr(0, good.size() - 1)};
    for (std::size_t i = 0; i < good.size(); i += 3) { // a bit of each part turned over
        std::string turned = good;
        turned[i] = turned[i] == 'A' ? 'B' : 'A';
        bad.push_back(turned);
    }
    TestClient browser = client();
    for (const std::string& cookie : bad)
        EXPECT_EQ(browser.get("/me").cookie("__Host-session", cookie).send().text(), "nobody")
            << cookie;
    EXPECT_EQ(browser.get("/me").cookie("__Host-session", good).send().text(), "ana");
    // Names are compared as they are.
    for (const std::string name : {"__host-session", "__HOST-SESSION", "session"})
        EXPECT_EQ(browser.get("/me").cookie(name, good).send().text(), "nobody") << name;
}

TEST(CookieSessions, HideWhatTheyHold) {
    TestClient browser{shop(CookieSessions{keys()}), {.secure = true}};
    const TestResponse one = browser.post("/set?user=confidential").send();
    const std::string first = one.cookie("__Host-session")->value;
    EXPECT_THAT(first, Not(HasSubstr("confidential")));
    TestClient other{shop(CookieSessions{keys()}), {.secure = true}};
    EXPECT_NE(other.post("/set?user=confidential").send().cookie("__Host-session")->value, first);
}

TEST(CookieSessions, OpenWhatOlderKeysSealed) {
    const auto app = [](SecretKeys with) { return shop(CookieSessions{with}); };
    TestClient before{app(SecretKeys{secret('a')}), {.secure = true}};
    const std::string cookie = before.post("/login").send().cookie("__Host-session")->value;
    TestClient during{app(SecretKeys{secret('b')}.older(secret('a'))), {.secure = true}};
    EXPECT_EQ(during.get("/me").cookie("__Host-session", cookie).send().text(), "ana");
    const std::string next = during.post("/login").send().cookie("__Host-session")->value;
    TestClient after{app(SecretKeys{secret('b')}), {.secure = true}};
    EXPECT_EQ(after.get("/me").cookie("__Host-session", cookie).send().text(), "nobody");
    EXPECT_EQ(after.get("/me").cookie("__Host-session", next).send().text(), "ana");
    // A cookie of another name is another kind of session.
    SessionOptions named;
    named.cookie = "__Host-admin";
    TestClient admin{shop(CookieSessions{SecretKeys{secret('b')}, named}), {.secure = true}};
    EXPECT_EQ(admin.get("/me").cookie("__Host-admin", next).send().text(), "nobody");
}

TEST(CookieSessions, SayWhenACookieCantHoldIt) {
    TestClient browser{shop(CookieSessions{keys()}), {.secure = true}};
    EXPECT_EQ(browser.post("/set?a=" + std::string(2900, 'x')).send().status(), Status::no_content);
    const TestResponse response = browser.post("/set?b=" + std::string(2900, 'x')).send();
    EXPECT_EQ(response.status(), Status::internal_server_error);
    EXPECT_EQ(response.header("set-cookie"), std::nullopt);
    EXPECT_EQ(browser.get("/me").send().status(), Status::ok); // the one before holds
}

TEST(StoredSessions, TellTheStoreNoId) {
    ARMATURE_NEEDS_REDIS();
    const RedisServer server;
    RedisOptions redis;
    redis.url = server.url();
    const auto store = std::make_shared<RedisStore>(std::make_shared<Redis>(redis));
    TestClient browser{shop(StoredSessions{store}), {.secure = true}};
    const std::string cookie = browser.post("/login").send().cookie("__Host-session")->value;
    EXPECT_EQ(cookie.size(), 43u);
    const std::string kept = server.cli("KEYS '*'");
    EXPECT_THAT(kept, HasSubstr("armature:session:"));
    EXPECT_THAT(kept, Not(HasSubstr(cookie)));
    EXPECT_EQ(server.cli("TTL " + kept.substr(0, kept.size() - 1)), "1800\n");
}

TEST(StoredSessions, AnswerWith503WhenTheStoreIsGone) {
    RedisOptions redis;
    redis.url = "unix:///nowhere/redis.sock";
    const auto store = std::make_shared<RedisStore>(std::make_shared<Redis>(redis));
    TestClient browser{shop(StoredSessions{store}), {.secure = true}};
    EXPECT_EQ(browser.get("/me").send().text(), "nobody"); // no cookie, nothing to ask
    EXPECT_EQ(browser.get("/me").cookie("__Host-session", std::string(43, 'A')).send().status(),
              Status::service_unavailable);
    const TestResponse response = browser.post("/login").send();
    EXPECT_EQ(response.status(), Status::service_unavailable);
    EXPECT_EQ(response.header("set-cookie"), std::nullopt);
}

TEST(SessionParameter, SaysWhatIsMissing) {
    TestClient client{
        App::create()
            .route("/",
                   get([](Session session) { return std::string{session.get("x").value_or("")}; }))
            .route("/maybe",
                   get([](std::optional<Session> session) { return session ? "some" : "none"; }))};
    EXPECT_EQ(client.get("/").send().status(), Status::internal_server_error);
    EXPECT_EQ(client.get("/maybe").send().text(), "none");
}

TEST(SessionOptions, ThatContradictEachOtherAreRefused) {
    const auto refused = [](auto change) {
        SessionOptions options;
        change(options);
        EXPECT_THROW((CookieSessions{keys(), options}), std::invalid_argument);
        EXPECT_THROW((StoredSessions{std::make_shared<MemoryStore>(), options}),
                     std::invalid_argument);
    };
    refused([](SessionOptions& options) { options.secure = false; }); // with __Host-
    refused([](SessionOptions& options) { options.cookie = "a b"; });
    refused([](SessionOptions& options) { options.idle = Duration{}; });
    refused([](SessionOptions& options) { options.absolute = Duration::seconds(60); });
    refused([](SessionOptions& options) {
        options.cookie = "id";
        options.secure = false;
        options.same_site = SameSite::none;
    });
    EXPECT_THROW((StoredSessions{nullptr}), std::invalid_argument);
    EXPECT_THROW((SecretKeys{SecretString{"too short"}}), std::invalid_argument);
    EXPECT_THROW((SecretKeys{SecretString{std::string(64, 'x')}}), std::invalid_argument);
    EXPECT_THROW((SecretKeys{SecretString{std::string{}}}), std::invalid_argument);
}

} // namespace
} // namespace armature::testing
