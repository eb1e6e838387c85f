#include "middleware/rate_limit_app.hpp"

#include <armature/core/scheduler.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace armature::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const Duration minute = Duration::seconds(60);

TestClient limited(RateLimit limit) {
    return TestClient{App::create().wrap(std::move(limit)).route("/", get(hello).post(hello))};
}

TEST(RateLimit, SaysWhatIsLeftAndRefusesTheRest) {
    TestClient client = limited(RateLimit{RateLimitPolicy::sliding_window(3, minute)});
    for (const std::string left : {"2", "1", "0"}) {
        const TestResponse response = client.get("/").send();
        EXPECT_EQ(response.status(), Status::ok);
        EXPECT_EQ(response.header("ratelimit-policy"), "\"default\";q=3;w=60");
        EXPECT_THAT(std::string{*response.header("ratelimit")},
                    HasSubstr("\"default\";r=" + left + ";t="));
        EXPECT_EQ(response.header("retry-after"), std::nullopt);
    }
    const TestResponse refused = client.get("/").send();
    EXPECT_EQ(refused.status(), Status::too_many_requests);
    EXPECT_EQ(refused.header("content-type"), "application/problem+json");
    EXPECT_EQ(refused.header("ratelimit-policy"), "\"default\";q=3;w=60");
    const std::string wait{*refused.header("retry-after")};
    EXPECT_EQ(refused.header("ratelimit"), "\"default\";r=0;t=" + wait);
    EXPECT_GE(std::stoi(wait), 1);
    EXPECT_LE(std::stoi(wait), 120);
    EXPECT_THAT(
        refused.text(),
        AllOf(HasSubstr(
                  "\"type\":\"https://iana.org/assignments/http-problem-types#quota-exceeded\""),
              HasSubstr("\"status\":429"), HasSubstr("Try again in " + wait + " second"),
              HasSubstr("\"violated-policies\":[\"default\"]")));
}

// Whoever waits as long as they are told to passes then, and not a second earlier.
TEST(RateLimit, TellsTheTruthAboutWhenToComeBack) {
    for (const RateLimitPolicy& policy :
         {RateLimitPolicy::sliding_window(7, minute), RateLimitPolicy::gcra(7, minute),
          RateLimitPolicy::gcra(7, minute, 2), RateLimitPolicy::token_bucket(3, 7, minute)}) {
        TestClient client = limited(RateLimit{policy});
        for (int round = 0; round < 5; ++round) {
            std::string wait;
            for (;;) {
                const TestResponse response = client.get("/").send();
                if (response.status() == Status::ok) continue;
                wait = *response.header("retry-after");
                break;
            }
            if (const int most = std::stoi(wait) - 1; most > 0) {
                client.clock().advance(Duration::seconds(most));
                EXPECT_EQ(client.get("/").send().status(), Status::too_many_requests);
            }
            client.clock().advance(Duration::seconds(1));
            EXPECT_EQ(client.get("/").send().status(), Status::ok) << "after " << wait;
        }
    }
}

TEST(RateLimit, GivesBackEvenlyByGcra) {
    TestClient client = limited(RateLimit{RateLimitPolicy::gcra(6, minute, 3)});
    EXPECT_EQ(passing(client, 10), 3);
    client.clock().advance(Duration::milliseconds(9'990));
    EXPECT_EQ(passing(client, 3), 0);
    client.clock().advance(Duration::milliseconds(10));
    EXPECT_EQ(passing(client, 3), 1);
    client.clock().advance(Duration::seconds(20));
    EXPECT_EQ(passing(client, 10), 2);
    client.clock().advance(Duration::seconds(3600)); // no more than the burst is saved
    EXPECT_EQ(passing(client, 10), 3);
}

TEST(RateLimit, HoldsASlidingWindowInTheLongRun) {
    TestClient client = limited(RateLimit{RateLimitPolicy::sliding_window(10, minute)});
    std::vector<std::int64_t> passed;
    for (int step = 0; step < 1000; ++step) {
        if (client.get("/").send().status() == Status::ok)
            passed.push_back(client.clock().elapsed().count());
        client.clock().advance(Duration::milliseconds(step % 7 == 0 ? 11'000 : 300));
    }
    const auto minutes = static_cast<std::size_t>(client.clock().elapsed().count() / 60'000);
    EXPECT_GT(passed.size(), 5 * minutes);
    EXPECT_LE(passed.size(), 10 * (minutes + 2));
    // Those of the last window count as if they had come evenly: around its end there may be more.
    for (std::size_t i = 0; i + 20 < passed.size(); ++i)
        EXPECT_GT(passed[i + 20] - passed[i], 60'000) << i;
}

TEST(RateLimit, CountsByTheWindow) {
    TestClient client = limited(RateLimit{RateLimitPolicy::sliding_window(10, minute)});
    client.clock().advance(Duration::milliseconds(60'000 - 1)); // wherever windows begin
    EXPECT_EQ(passing(client, 100), 10);
    client.clock().advance(Duration::seconds(120));
    EXPECT_EQ(passing(client, 100), 10);
    client.clock().advance(Duration::seconds(60));
    EXPECT_LT(passing(client, 100), 10); // a part of the last one is in sight
}

TEST(RateLimit, TakesWhatARequestCosts) {
    const auto cost = [](Request& request) -> std::uint32_t {
        return request.method() == Method::post ? 5 : 1;
    };
    TestClient client = limited(RateLimit{RateLimitPolicy::gcra(10, minute).cost(cost)});
    EXPECT_EQ(client.post("/").send().status(), Status::ok);
    EXPECT_EQ(passing(client, 2), 2);
    EXPECT_EQ(client.post("/").send().status(), Status::too_many_requests); // 3 are left
    EXPECT_EQ(passing(client, 10), 3);

    TestClient free = limited(RateLimit{RateLimitPolicy::gcra(1, minute).cost(0)});
    EXPECT_EQ(passing(free, 10), 10);
    for (const RateLimitPolicy& policy :
         {RateLimitPolicy::gcra(10, minute), RateLimitPolicy::sliding_window(10, minute)}) {
        TestClient dear = limited(RateLimit{RateLimitPolicy{policy}.cost(11)});
        EXPECT_EQ(passing(dear, 1), 0); // always more than there is
    }
}

TEST(RateLimit, StacksPoliciesOfWhichARefusalTakesNothing) {
    TestClient client = limited(RateLimit{RateLimitPolicy::gcra(100, minute).name("minute"),
                                          RateLimitPolicy::gcra(2, minute).name("burst")});
    EXPECT_EQ(passing(client, 50), 2);
    const TestResponse refused = client.get("/").send();
    EXPECT_EQ(refused.header("ratelimit-policy"), "\"minute\";q=100;w=60, \"burst\";q=2;w=60");
    EXPECT_THAT(std::string{*refused.header("ratelimit")}, HasSubstr("\"burst\";r=0;t="));
    EXPECT_THAT(refused.text(), HasSubstr("\"violated-policies\":[\"burst\"]"));
    client.clock().advance(Duration::seconds(60));
    EXPECT_THAT(std::string{*client.get("/").send().header("ratelimit")},
                HasSubstr("\"minute\";r=99;")); // not 48 less
}

TEST(RateLimit, StandsAtSeveralLevels) {
    TestClient client{
        App::create()
            .wrap(RateLimit{RateLimitPolicy::gcra(4, minute).name("all")})
            .route("/", get(hello))
            .service(scope("/api")
                         .wrap(RateLimit{RateLimitPolicy::gcra(2, minute).name("api")})
                         .route("/", get(hello)))};
    const TestResponse response = client.get("/api").send();
    std::vector<std::string> states;
    response.headers().all(Field::ratelimit,
                           [&](std::string_view value) { states.emplace_back(value); });
    EXPECT_THAT(states, ::testing::UnorderedElementsAre(HasSubstr("\"all\";r=3;"),
                                                        HasSubstr("\"api\";r=1;")));
    EXPECT_EQ(passing(client, 5, "/api"), 1);
    EXPECT_EQ(passing(client, 5), 0); // those that the inner one refused counted outside
}

TEST(RateLimit, CountsByKeysOfManyKinds) {
    struct User {
        std::string id;
    };
    struct Login {
        void before(Request& request) const {
            if (const auto id = request.header("x-user")) request.set(User{std::string{*id}});
        }
    };
    const auto user = [](Request& request) -> std::string_view {
        const User* const found = request.find<User>();
        return found != nullptr ? std::string_view{found->id} : std::string_view{};
    };
    const auto once = [] { return RateLimitPolicy::gcra(1, minute); };
    TestClient client{
        App::create()
            .wrap(Login{})
            .service(scope("/user")
                         .wrap(RateLimit{once().key(RateLimitKey::by(user))})
                         .route("/", get(hello)))
            .service(scope("/key")
                         .wrap(RateLimit{once().key(RateLimitKey::header("x-api-key"))})
                         .route("/", get(hello)))
            .service(scope("/all")
                         .wrap(RateLimit{once().key(RateLimitKey::everyone())})
                         .route("/", get(hello)))
            .service(scope("/route")
                         .wrap(RateLimit{once().key(RateLimitKey::route())})
                         .route("/a", get(hello))
                         .route("/b/{id}", get(hello)))};
    const auto ask = [&](std::string_view target, std::string_view field, std::string_view value) {
        return status_code(client.get(target).header(field, value).send().status());
    };
    EXPECT_EQ(ask("/user", "x-user", "ana"), 200);
    EXPECT_EQ(ask("/user", "x-user", "ana"), 429);
    EXPECT_EQ(ask("/user", "x-user", "bob"), 200);
    EXPECT_EQ(ask("/user", "x-other", "x"), 200); // by the client's address
    EXPECT_EQ(ask("/user", "x-other", "x"), 429);
    EXPECT_EQ(ask("/key", "x-api-key", "k1-that-is-longer-than-a-word"), 200);
    EXPECT_EQ(ask("/key", "X-Api-Key", "k1-that-is-longer-than-a-word"), 429);
    EXPECT_EQ(ask("/key", "x-api-key", "k1-that-is-longer-than-a-wort"), 200);
    EXPECT_EQ(ask("/all", "x-user", "ana"), 200);
    EXPECT_EQ(ask("/all", "x-user", "bob"), 429);
    EXPECT_EQ(ask("/route/a", "x-user", "ana"), 200);
    EXPECT_EQ(ask("/route/b/1", "x-user", "ana"), 200);
    EXPECT_EQ(ask("/route/b/2", "x-user", "ana"), 429);
}

TEST(RateLimit, HoldsForPathsWithoutARoute) {
    TestClient client = limited(RateLimit{RateLimitPolicy::gcra(2, minute)});
    EXPECT_EQ(client.get("/nothing").send().status(), Status::not_found);
    EXPECT_EQ(client.get("/nothing").send().status(), Status::not_found);
    EXPECT_EQ(client.get("/nothing").send().status(), Status::too_many_requests);
    EXPECT_EQ(client.get("/").send().status(), Status::too_many_requests);
}

TEST(RateLimit, IsExactForManyLoops) {
    const RateLimit limit{RateLimitPolicy::gcra(1000, Duration::seconds(86'400))};
    std::atomic<int> passed = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            LocalLoop loop;
            const LocalLoop::Enter enter{loop};
            for (int n = 0; n < 500; ++n) {
                Request request = Request::get("/");
                if (!limit.before(request)) ++passed;
            }
        });
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_EQ(passed, 1000);
}

TEST(RateLimit, RefusesWhatCostsMoreThanAllHoweverMuchItIs) {
    for (const std::uint32_t cost : {4u, 1'000u, ~0u})
        for (const RateLimitPolicy& policy :
             {RateLimitPolicy::gcra(3, Duration::seconds(366 * 86'400)),
              RateLimitPolicy::sliding_window(3, minute)}) {
            TestClient client = limited(RateLimit{RateLimitPolicy{policy}.cost(cost)});
            EXPECT_EQ(client.get("/").send().status(), Status::too_many_requests) << cost;
        }
}

TEST(RateLimit, RefusesPoliciesThatCantBeRight) {
    EXPECT_THROW((void)RateLimitPolicy::gcra(0, minute), std::invalid_argument);
    EXPECT_THROW((void)RateLimitPolicy::gcra(2'000'000, minute), std::invalid_argument);
    EXPECT_THROW((void)RateLimitPolicy::gcra(1, minute, 2'000'000), std::invalid_argument);
    EXPECT_THROW((void)RateLimitPolicy::gcra(1, Duration::seconds(366 * 86'400), 1'000),
                 std::invalid_argument); // a thousand years until all is back
    EXPECT_THROW((void)RateLimitPolicy::gcra(1, Duration{}), std::invalid_argument);
    EXPECT_THROW((void)RateLimitPolicy::gcra(1, Duration::milliseconds(1500)),
                 std::invalid_argument);
    EXPECT_THROW((void)RateLimitPolicy::gcra(1, minute).name("a b"), std::invalid_argument);
    EXPECT_THROW((void)RateLimitPolicy::gcra(1, minute).name(""), std::invalid_argument);
    EXPECT_THROW((void)RateLimitKey::header("x y"), std::invalid_argument);
    EXPECT_THROW(RateLimit{RateLimitPolicy::gcra(1, minute).max_keys(0)}, std::invalid_argument);
    EXPECT_THROW(RateLimit{std::vector<RateLimitPolicy>{}}, std::invalid_argument);
    EXPECT_THROW((RateLimit{RateLimitPolicy::gcra(1, minute), RateLimitPolicy::gcra(2, minute)}),
                 std::invalid_argument); // of one name
    EXPECT_THROW((SharedRateLimit{nullptr, RateLimitPolicy::gcra(1, minute)}),
                 std::invalid_argument);
}

} // namespace
} // namespace armature::testing
