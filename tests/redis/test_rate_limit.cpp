#include "middleware/rate_limit_app.hpp"
#include "support/redis_server.hpp"

#include <armature/core/scheduler.hpp>
#include <armature/log/capture.hpp>
#include <armature/redis/rate_limit.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

// Limits that processes share, by Debian's redis-server.
namespace armature::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const Duration day = Duration::seconds(86'400);

std::shared_ptr<RedisRateLimits> limits(const std::string& url) {
    RedisOptions options;
    options.url = url;
    options.connect_timeout = options.timeout = Duration::seconds(30);
    options.first_pause = Duration::milliseconds(1);
    return std::make_shared<RedisRateLimits>(std::make_shared<Redis>(options));
}

// One process of several.
App process(const RedisServer& server, std::vector<RateLimitPolicy> policies,
            OnLimiterFailure on_failure = OnLimiterFailure::refuse) {
    return App::create()
        .wrap(SharedRateLimit{limits(server.url()), std::move(policies), on_failure})
        .route("/", get(hello));
}

TEST(SharedRateLimit, HoldsForAllProcessesTogether) {
    ARMATURE_NEEDS_REDIS();
    for (const RateLimitPolicy& policy :
         {RateLimitPolicy::gcra(5, day), RateLimitPolicy::sliding_window(5, day)}) {
        const RedisServer server;
        TestClient one = TestClient::over_http(process(server, {policy}));
        TestClient two = TestClient::over_https(process(server, {policy}));
        const TestResponse first = one.get("/").send();
        EXPECT_EQ(first.header("ratelimit-policy"), "\"default\";q=5;w=86400");
        EXPECT_THAT(std::string{*first.header("ratelimit")}, HasSubstr("\"default\";r=4;t="));
        EXPECT_EQ(passing(two, 2), 2);
        EXPECT_EQ(passing(one, 5), 2);
        const TestResponse refused = two.get("/").send();
        EXPECT_EQ(refused.status(), Status::too_many_requests);
        EXPECT_THAT(refused.text(), HasSubstr("#quota-exceeded"));
        EXPECT_EQ("\"default\";r=0;t=" + std::string{*refused.header("retry-after")},
                  *refused.header("ratelimit"));
    }
}

TEST(SharedRateLimit, IsExactForManyLoops) {
    ARMATURE_NEEDS_REDIS();
    const RedisServer server;
    const auto engine = limits(server.url());
    const RateLimitPolicy policy = RateLimitPolicy::sliding_window(100, day);
    std::atomic<int> passed = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            LocalLoop loop;
            for (int n = 0; n < 50; ++n)
                if (loop.run(engine->take({{&policy, "key", 1}})).front().passes) ++passed;
        });
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_EQ(passed, 100);
}

TEST(SharedRateLimit, TakesOfAllPoliciesOrOfNone) {
    ARMATURE_NEEDS_REDIS();
    const RedisServer server;
    TestClient client{process(server, {RateLimitPolicy::gcra(100, day).name("day"),
                                       RateLimitPolicy::sliding_window(2, day).name("few")})};
    EXPECT_EQ(passing(client, 20), 2);
    const TestResponse refused = client.get("/").send();
    EXPECT_THAT(refused.text(), HasSubstr("\"violated-policies\":[\"few\"]"));
    EXPECT_EQ(server.cli("DBSIZE"), "2\n");
    const std::string states = server.cli("--scan --pattern 'armature:limit:few:*' | xargs "
                                          "redis-cli -s " +
                                          server.path() + " GET");
    EXPECT_THAT(states, HasSubstr(":2\n"));
}

TEST(SharedRateLimit, GivesBackByTheServersClock) {
    ARMATURE_NEEDS_REDIS();
    const RedisServer server;
    const auto engine = limits(server.url());
    LocalLoop loop;
    for (const RateLimitPolicy& policy :
         {RateLimitPolicy::gcra(2, Duration::seconds(1)).name("a"),
          RateLimitPolicy::sliding_window(2, Duration::seconds(1)).name("b")}) {
        const auto take = [&] { return loop.run(engine->take({{&policy, "key", 1}})).front(); };
        RateLimitVerdict verdict = take();
        while (verdict.passes)
            verdict = take();
        EXPECT_GT(verdict.wait.count(), 0);
        EXPECT_LE(verdict.wait.count(), 2000);
        while (!take().passes)
            loop.run(sleep_for(Duration::milliseconds(10)));
    }
    // What has come back takes no room.
    while (server.cli("DBSIZE") != "0\n")
        loop.run(sleep_for(Duration::milliseconds(10)));
}

TEST(SharedRateLimit, KeepsNoKeyThatAClientSent) {
    ARMATURE_NEEDS_REDIS();
    const RedisServer server;
    TestClient client{
        process(server, {RateLimitPolicy::gcra(1, day).key(RateLimitKey::header("x-api-key"))})};
    EXPECT_EQ(client.get("/").header("x-api-key", "top-secret-1").send().status(), Status::ok);
    EXPECT_EQ(client.get("/").header("x-api-key", "top-secret-2").send().status(), Status::ok);
    EXPECT_EQ(client.get("/").header("x-api-key", "top-secret-2").send().status(),
              Status::too_many_requests);
    EXPECT_THAT(server.cli("KEYS '*'"), Not(HasSubstr("secret")));
}

TEST(SharedRateLimit, RefusesOrPassesAsItIsToldWhenRedisIsGone) {
    ARMATURE_NEEDS_REDIS();
    RedisServer server;
    const log::Capture quiet;
    const std::vector<RateLimitPolicy> policies(1, RateLimitPolicy::gcra(1, day));
    TestClient closed = TestClient::over_http(process(server, policies));
    TestClient open = TestClient::over_http(process(server, policies, OnLimiterFailure::pass));
    server.kill();
    const TestResponse refused = closed.get("/").send();
    EXPECT_EQ(refused.status(), Status::service_unavailable);
    EXPECT_EQ(refused.header("retry-after"), "1");
    EXPECT_THAT(refused.text(), HasSubstr("#temporary-reduced-capacity"));
    EXPECT_THAT(refused.text(), Not(HasSubstr("redis.sock")));
    EXPECT_EQ(passing(open, 3), 3);
    EXPECT_FALSE(quiet.records().empty());
    server.start();
    while (passing(closed, 1) == 0)
        continue;
    EXPECT_EQ(passing(open, 10), 0); // the limit of both
}

} // namespace
} // namespace armature::testing
