// The C++ of docs/stores.md: compiled and run here, repeated there.
#include <armature/armature.hpp>
#include <armature/redis/pub_sub.hpp>
#include <armature/redis/redis.hpp>
#include <armature/redis/store.hpp>
#include <armature/sqlite/store.hpp>
#include <armature/store/key_value_store.hpp>
#include <armature/store/pub_sub.hpp>
#include <armature/testing/client.hpp>
#include <armature/testing/response.hpp>

#include <gtest/gtest.h>

namespace stores_page {

using namespace armature;

// [attempts]
struct Attempts {
    std::shared_ptr<KeyValueStore> store;

    Task<> count(std::string user) const {
        const std::int64_t failed = co_await store->add("login:" + user, 1, Duration::seconds(900));
        if (failed > 5) throw Error{Status::too_many_requests, "Try again in a quarter of an hour"};
    }
};
// [/attempts]

// [engines]
std::shared_ptr<KeyValueStore> make_store(const std::string& redis_url) {
    if (redis_url.empty()) return std::make_shared<MemoryStore>();
    RedisOptions options;
    options.url = redis_url;
    return std::make_shared<RedisStore>(std::make_shared<Redis>(options), "shop:");
}
// [/engines]

// [sqlite]
std::shared_ptr<KeyValueStore> make_local_store(const std::string& path) {
    return std::make_shared<SqliteStore>(path); // made if absent
}
// [/sqlite]

// [listen]
Task<std::string> next_order(std::shared_ptr<PubSub> events) {
    Subscription orders = co_await events->subscribe("orders");
    co_return co_await orders.next();
}
// [/listen]

// [redis]
Task<std::int64_t> visits(std::shared_ptr<Redis> redis, std::string page) {
    const RedisValue count = co_await redis->command("HINCRBY", "visits", page, 1);
    co_return count.integer();
}
// [/redis]

// [script]
Task<bool> release(std::shared_ptr<Redis> redis, std::string lock, std::string owner) {
    static const RedisScript script{"if redis.call('GET', KEYS[1]) == ARGV[1] then "
                                    "return redis.call('DEL', KEYS[1]) else return 0 end"};
    std::vector<std::string> keys;
    keys.push_back(std::move(lock));
    std::vector<std::string> arguments;
    arguments.push_back(std::move(owner));
    const RedisValue done = co_await redis->run(script, std::move(keys), std::move(arguments));
    co_return done.integer() == 1;
}
// [/script]

TEST(StoresPage, IsTrue) {
    const Attempts attempts{make_store("")};
    TestClient client{
        App::create().route("/login", post([attempts] { return attempts.count("ana"); }))};
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(client.post("/login").send().status(), Status::no_content);
    EXPECT_EQ(client.post("/login").send().status(), Status::too_many_requests);
    client.clock().advance(Duration::seconds(901));
    EXPECT_EQ(client.post("/login").send().status(), Status::no_content);

    LocalLoop loop;
    const auto local = make_local_store(":memory:");
    EXPECT_EQ(loop.run(local->add("login:ana", 2)), 2);

    const auto events = std::make_shared<MemoryPubSub>();
    TestClient listener{
        App::create()
            .route("/next", get([events] { return next_order(events); }))
            .route("/order", post([events] { return events->publish("orders", "a book"); }))};
    TestCall waiting = listener.get("/next").start();
    EXPECT_EQ(listener.post("/order").send().status(), Status::no_content);
    EXPECT_EQ(waiting.response().text(), "a book");

    RedisOptions nowhere;
    nowhere.url = "unix:///nowhere/redis.sock";
    const auto redis = std::make_shared<Redis>(nowhere);
    TestClient without{App::create()
                           .route("/visits", get([redis]() -> Task<std::string> {
                                      const std::int64_t count = co_await visits(redis, "/");
                                      co_return std::to_string(count);
                                  }))
                           .route("/release", post([redis]() -> Task<std::string> {
                                      const bool done = co_await release(redis, "lock", "me");
                                      co_return done ? "released" : "not ours";
                                  }))};
    EXPECT_EQ(without.get("/visits").send().status(), Status::service_unavailable);
    EXPECT_EQ(without.post("/release").send().status(), Status::service_unavailable);
}

} // namespace stores_page
