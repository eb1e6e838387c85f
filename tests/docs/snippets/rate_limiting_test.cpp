// The C++ of docs/rate-limiting.md: compiled and run here, repeated there.
#include <armature/armature.hpp>
#include <armature/middleware/rate_limit.hpp>
#include <armature/redis/rate_limit.hpp>
#include <armature/testing/client.hpp>
#include <armature/testing/response.hpp>

#include <gtest/gtest.h>

namespace rate_limiting_page {

using namespace armature;

std::string search() { return "[]"; }

// [all]
App catalogue() {
    return App::create()
        .wrap(RateLimit{RateLimitPolicy::gcra(100, Duration::seconds(60), 20)})
        .route("/search", get(search));
}
// [/all]

struct CurrentUser {
    std::string id;
};

// [keys]
RateLimit by_user() {
    const auto user = [](Request& request) -> std::string_view {
        const CurrentUser* const found = request.find<CurrentUser>();
        return found != nullptr ? std::string_view{found->id} : std::string_view{};
    };
    return RateLimit{RateLimitPolicy::sliding_window(1000, Duration::seconds(3600))
                         .key(RateLimitKey::by(user).per_route())};
}
// [/keys]

// [stack]
RateLimit burst_and_day() {
    const auto cost = [](Request& request) { return request.path() == "/export" ? 10u : 1u; };
    return RateLimit{
        RateLimitPolicy::gcra(10, Duration::seconds(1)).name("burst"),
        RateLimitPolicy::sliding_window(5000, Duration::seconds(86'400)).name("day").cost(cost)};
}
// [/stack]

// [shared]
App one_of_several(const std::shared_ptr<Redis>& redis) {
    return App::create()
        .wrap(SharedRateLimit{std::make_shared<RedisRateLimits>(redis),
                              RateLimitPolicy::gcra(100, Duration::seconds(60)),
                              OnLimiterFailure::refuse})
        .route("/search", get(search));
}
// [/shared]

TEST(RateLimitingPage, IsTrue) {
    TestClient client{catalogue()};
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(client.get("/search").send().status(), Status::ok);
    EXPECT_EQ(client.get("/search").send().status(), Status::too_many_requests);

    TestClient users{App::create().wrap(by_user()).wrap(burst_and_day()).route("/", get(search))};
    EXPECT_EQ(users.get("/").send().header("ratelimit-policy"),
              "\"burst\";q=10;w=1, \"day\";q=5000;w=86400");

    RedisOptions nowhere;
    nowhere.url = "unix:///nowhere/redis.sock";
    TestClient shared{one_of_several(std::make_shared<Redis>(nowhere))};
    EXPECT_EQ(shared.get("/search").send().status(), Status::service_unavailable);
}

} // namespace rate_limiting_page
