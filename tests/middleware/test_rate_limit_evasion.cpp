#include "middleware/rate_limit_app.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>

// How clients try to get more than their limit, and what comes of it.
namespace armature::testing {
namespace {

const Duration minute = Duration::seconds(60);

class Evasion : public ::testing::Test {
  protected:
    TestClient make(RateLimitPolicy policy) {
        return TestClient{App::create()
                              .wrap(peer_)
                              .wrap(RateLimit{std::move(policy)})
                              .route("/login", get(hello).post(hello))
                              .route("/users/{id}", get(hello))};
    }
    PretendPeer peer_;
};

TEST_F(Evasion, ByFieldsThatNameAnotherClient) {
    TestClient client = make(RateLimitPolicy::gcra(1, minute));
    peer_.set("192.0.2.1");
    ASSERT_EQ(client.get("/login").send().status(), Status::ok);
    int number = 0;
    for (const std::string field : {"x-forwarded-for",  "forwarded",
                                    "x-real-ip",        "x-client-ip",
                                    "client-ip",        "true-client-ip",
                                    "cf-connecting-ip", "x-cluster-client-ip",
                                    "x-originating-ip", "x-remote-ip",
                                    "x-remote-addr",    "fastly-client-ip",
                                    "x-forwarded-host", "via",
                                    "x-host",           "x-azure-clientip",
                                    "x-forwarded",      "forwarded-for",
                                    "user-agent",       "cookie"})
        for (const std::string value : {"203.0.113.", "for=203.0.113.", "127.0.0.1, 198.51.100."})
            EXPECT_EQ(client.get("/login")
                          .header(field, value + std::to_string(++number % 250))
                          .send()
                          .status(),
                      Status::too_many_requests)
                << field << ": " << value;
}

TEST_F(Evasion, ByAnotherAddressOfTheSameClient) {
    const struct {
        const char* first;
        const char* second;
        int expected;
        const char* why;
    } cases[] = {
        {"192.0.2.1", "192.0.2.1", 429, "another port"},
        {"192.0.2.1", "192.0.2.2", 200, "another client"},
        {"192.0.2.1", "::ffff:192.0.2.1", 429, "IPv4 by a socket for both"},
        {"::ffff:192.0.2.1", "::ffff:192.0.2.2", 200, "another client by such a socket"},
        {"2001:db8:1:2::1", "2001:db8:1:2::2", 429, "privacy addresses"},
        {"2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", 429, "the end of the /64"},
        {"2001:db8:1:2::1", "2001:db8:1:3::1", 200, "another household"},
        {"::1", "::2", 429, "the same /64"},
        {"::ffff:0:1", "::ffff:192.0.2.1", 200, "close to a mapped address, but none"},
    };
    for (const auto& [first, second, expected, why] : cases) {
        TestClient client = make(RateLimitPolicy::gcra(1, minute));
        peer_.set(first, 1000);
        ASSERT_EQ(client.get("/login").send().status(), Status::ok);
        peer_.set(second, 2000);
        EXPECT_EQ(status_code(client.get("/login").send().status()), expected) << why;
    }
}

TEST_F(Evasion, ByRotatingThroughA64) {
    TestClient client = make(RateLimitPolicy::gcra(5, minute));
    int passed = 0;
    for (int i = 0; i < 2000; ++i) {
        char address[64];
        std::snprintf(address, sizeof address, "2001:db8::%x:%x", i, i * 7919 & 0xffff);
        peer_.set(address);
        if (client.get("/login").send().status() == Status::ok) ++passed;
    }
    EXPECT_EQ(passed, 5);
}

TEST_F(Evasion, BySpellingTheTargetOtherwise) {
    peer_.set("192.0.2.1");
    const std::pair<const char*, const char*> spellings[] = {
        {"GET", "/users/2"},     {"GET", "/users/%31"},   {"GET", "/users/1?a=b"},
        {"GET", "/users/1?"},    {"GET", "/./users/1"},   {"GET", "/x/../users/1"},
        {"GET", "/%75sers/1"},   {"GET", "/users/1%2f2"}, {"HEAD", "/users/1"},
        {"GET", "/users/a%20b"}, {"GET", "/users/UPPER"}, {"GET", "//users/1"},
        {"GET", "/USERS/1"},     {"GET", "/users/1/"},    {"POST", "/users/1"},
        {"OPTIONS", "/users/1"}, {"BREW", "/users/1"},    {"GET", "/nothing"},
    };
    // By client, whatever they ask for.
    for (const auto& [method, target] : spellings) {
        TestClient client = make(RateLimitPolicy::gcra(1, minute));
        ASSERT_EQ(client.get("/users/1").send().status(), Status::ok);
        EXPECT_EQ(client.request(method, target).send().status(), Status::too_many_requests)
            << method << ' ' << target;
    }
    // By route: whatever reaches the handler was counted as that route.
    for (const auto& [method, target] : spellings) {
        TestClient client =
            make(RateLimitPolicy::gcra(1, minute).key(RateLimitKey::client().per_route()));
        ASSERT_EQ(client.get("/users/1").send().status(), Status::ok);
        EXPECT_NE(client.request(method, target).send().status(), Status::ok)
            << method << ' ' << target;
    }
}

TEST_F(Evasion, ByRepeatingOrSpellingAnApiKeyOtherwise) {
    peer_.set("192.0.2.1");
    TestClient client =
        make(RateLimitPolicy::gcra(1, minute).key(RateLimitKey::header("X-Api-Key")));
    ASSERT_EQ(client.get("/login").header("x-api-key", "key").send().status(), Status::ok);
    for (const std::string field : {"x-api-key", "X-API-KEY", "X-Api-Key"})
        EXPECT_EQ(client.get("/login").header(field, "key").send().status(),
                  Status::too_many_requests);
    EXPECT_EQ(
        client.get("/login").header("x-api-key", "key").header("x-api-key", "2").send().status(),
        Status::too_many_requests);
    // An empty key and none at all count by the client.
    EXPECT_EQ(client.get("/login").header("x-api-key", "").send().status(), Status::ok);
    EXPECT_EQ(client.get("/login").send().status(), Status::too_many_requests);
}

TEST_F(Evasion, ByCrowdingTheMemoryWithKeys) {
    // 64 places, and 20,000 clients that want one: the one that used up its limit stays refused.
    TestClient client = make(RateLimitPolicy::gcra(10, minute).max_keys(64));
    peer_.set("192.0.2.1");
    EXPECT_EQ(passing(client, 20, "/login"), 10);
    for (int i = 0; i < 20'000; ++i) {
        peer_.set("10." + std::to_string(i >> 16) + "." + std::to_string(i >> 8 & 255) + "." +
                  std::to_string(i & 255));
        ASSERT_EQ(client.get("/login").send().status(), Status::ok);
        if (i % 1000 == 0) {
            peer_.set("192.0.2.1");
            EXPECT_EQ(client.get("/login").send().status(), Status::too_many_requests) << i;
        }
    }
}

TEST_F(Evasion, ByAskingOnWhileRefused) {
    TestClient client = make(RateLimitPolicy::gcra(6, minute, 1));
    peer_.set("192.0.2.1");
    int passed = 0;
    for (int i = 0; i < 600; ++i) { // ten times a second for a minute
        if (client.get("/login").send().status() == Status::ok) ++passed;
        client.clock().advance(Duration::milliseconds(100));
    }
    EXPECT_EQ(passed, 6); // neither more, nor punished for asking
}

} // namespace
} // namespace armature::testing
