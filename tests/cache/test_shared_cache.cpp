#include "cache/cache_clock.hpp"
#include "support/process.hpp"
#include "support/redis_server.hpp"
#include "support/temporary_folder.hpp"
#include "support/test_server.hpp"

#include <armature/cache/shared_cache.hpp>
#include <armature/core/scheduler.hpp>
#include <armature/redis/pub_sub.hpp>
#include <armature/redis/store.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace armature {
namespace {

using testing::eventually;

struct Product {
    int id = 0;
    std::string name;
};
ARMATURE_DESCRIBE(Product, id, name);

/// Until a cache listens to what others say. It then ends all that it had, which would surprise a
/// test that goes on before.
void await_listening(const SharedCache& cache, const SharedCache& other) {
    LocalLoop loop;
    int loads = 0;
    const auto load = [&]() -> Task<std::string> { co_return std::to_string(++loads); };
    ASSERT_TRUE(eventually([&] {
        (void)loop.run(cache.get_or_load<std::string>("marker", load));
        (void)loop.run(other.erase("marker"));
        return loads > 1;
    }));
}

// Two caches of one name are, to each other, as those of two processes.
class SharedCaches : public ::testing::TestWithParam<bool> {
  protected:
    void SetUp() override {
        if (GetParam()) {
            ARMATURE_NEEDS_REDIS();
            server = std::make_unique<testing::RedisServer>();
        }
        store_ = make_store();
        messages_ = GetParam() ? nullptr : std::make_shared<MemoryPubSub>();
    }
    std::shared_ptr<Redis> redis() const {
        RedisOptions options;
        options.url = server->url();
        options.connect_timeout = options.timeout = Duration::seconds(30);
        options.first_pause = Duration::milliseconds(1);
        return std::make_shared<Redis>(options);
    }
    std::shared_ptr<KeyValueStore> make_store() const {
        if (server != nullptr) return std::make_shared<RedisStore>(redis());
        return std::make_shared<MemoryStore>();
    }
    SharedCache make(SharedCacheOptions options = quick()) const {
        const auto store = server != nullptr ? make_store() : store_;
        std::shared_ptr<PubSub> messages = messages_;
        if (server != nullptr) messages = std::make_shared<RedisPubSub>(redis());
        return SharedCache{store, messages, std::move(options)};
    }
    static SharedCacheOptions quick() {
        SharedCacheOptions options;
        options.pause = Duration::milliseconds(1);
        options.memory.jitter = 0;
        options.wait_for_others = Duration::seconds(60);
        return options;
    }
    // What a cache has for the key, after a loader that says "loaded" and its number.
    std::string ask(const SharedCache& cache, const std::string& key = "key", Keep keep = {}) {
        const auto load = [this]() -> Task<std::string> {
            co_return "loaded " + std::to_string(++loads);
        };
        const auto text = loop.run(cache.get_or_load<std::string>(key, load, std::move(keep)));
        return text ? *text : "nothing";
    }
    // Until the other's message came.
    [[nodiscard]] bool will_load_again(const SharedCache& cache, const std::string& key,
                                       const Keep& keep = {}) {
        const int before = loads;
        return eventually([&] {
            (void)ask(cache, key, keep);
            return loads > before;
        });
    }

    std::unique_ptr<testing::RedisServer> server;
    std::shared_ptr<KeyValueStore> store_;
    std::shared_ptr<PubSub> messages_;
    LocalLoop loop;
    int loads = 0;
};
INSTANTIATE_TEST_SUITE_P(All, SharedCaches, ::testing::Bool(), [](const auto& which) {
    return std::string{which.param ? "Redis" : "Memory"};
});

TEST_P(SharedCaches, LoadOnceForAllProcesses) {
    const SharedCache one = make();
    const SharedCache other = make();
    await_listening(other, one);
    const SharedCacheStatistics before = other.statistics();
    EXPECT_EQ(ask(one), "loaded 1");
    EXPECT_EQ(ask(other), "loaded 1");
    EXPECT_EQ(ask(other), "loaded 1");
    EXPECT_EQ(one.statistics().loads, 1u);
    const SharedCacheStatistics after = other.statistics();
    EXPECT_EQ(after.loads, before.loads);
    EXPECT_EQ(after.shared_hits, before.shared_hits + 1) << "then its memory has it";
    EXPECT_EQ(after.memory.hits, before.memory.hits + 1);
}

TEST_P(SharedCaches, KeepObjects) {
    const auto load = []() -> Task<Product> { co_return Product{7, "Tea"}; };
    EXPECT_EQ(loop.run(make().get_or_load<Product>("7", load))->name, "Tea");
    const auto never = []() -> Task<Product> { throw std::logic_error("not asked"); };
    EXPECT_EQ(loop.run(make().get_or_load<Product>("7", never))->name, "Tea");
    // Of another type it isn't found.
    EXPECT_EQ(ask(make(), "7"), "loaded 1");
}

TEST_P(SharedCaches, HearWhatOthersEnd) {
    const SharedCache one = make();
    const SharedCache other = make();
    const Keep tagged = Keep{Duration::seconds(600)}.tag("products");
    (void)ask(one, "tagged", tagged);
    (void)ask(other, "tagged", tagged);
    EXPECT_TRUE(loop.run(one.invalidate("products")));
    EXPECT_TRUE(will_load_again(other, "tagged", tagged));
    EXPECT_EQ(ask(one, "tagged", tagged), "loaded 2") << "what the other loaded then";

    (void)ask(other);
    EXPECT_TRUE(loop.run(one.erase("key")));
    EXPECT_TRUE(will_load_again(other, "key"));
    EXPECT_TRUE(loop.run(one.clear()));
    EXPECT_TRUE(will_load_again(other, "key"));
    EXPECT_TRUE(will_load_again(other, "tagged", tagged));
}

TEST_P(SharedCaches, HearWhatOthersSet) {
    const SharedCache one = make();
    const SharedCache other = make();
    EXPECT_EQ(ask(other), "loaded 1");
    EXPECT_TRUE(loop.run(one.set<std::string>("key", "set")));
    EXPECT_EQ(ask(one), "set");
    EXPECT_TRUE(eventually([&] { return ask(other) == "set"; }));
    EXPECT_EQ(loads, 1);
}

// A load that began before, and ends after.
TEST_P(SharedCaches, KeepNothingThatWasEndedWhileItWasLoaded) {
    const SharedCache one = make();
    const SharedCache other = make();
    const auto load = [&]() -> Task<std::string> {
        (void)co_await other.erase("key");
        co_return "old";
    };
    EXPECT_EQ(*loop.run(one.get_or_load<std::string>("key", load)), "old");
    EXPECT_EQ(ask(make()), "loaded 1") << "the store has none that is right";
}

TEST_P(SharedCaches, WaitForWhoLoads) {
    const SharedCache one = make();
    const SharedCache other = make();
    std::atomic<int> runs{0};
    std::atomic<bool> has_asked{false};
    const auto slow = [&]() -> Task<std::string> {
        ++runs;
        while (!has_asked)
            co_await sleep_for(Duration::milliseconds(1));
        co_await sleep_for(Duration::milliseconds(20));
        co_return "slow";
    };
    std::thread first{[&] {
        LocalLoop own;
        EXPECT_EQ(*own.run(one.get_or_load<std::string>("key", slow)), "slow");
    }};
    while (runs == 0)
        std::this_thread::yield();
    has_asked = true;
    EXPECT_EQ(*loop.run(other.get_or_load<std::string>("key", slow)), "slow");
    first.join();
    EXPECT_EQ(runs, 1);
}

TEST_P(SharedCaches, LoadThemselvesWhenWhoLoadsIsTooSlow) {
    SharedCacheOptions options = quick();
    options.wait_for_others = Duration::milliseconds(20);
    const SharedCache one = make(options);
    const SharedCache other = make(options);
    const auto load = [&]() -> Task<std::string> {
        // Within the load of one, another process asks.
        EXPECT_EQ(ask(other), "loaded 1");
        co_return "slow";
    };
    std::string answer;
    std::thread first{[&] {
        LocalLoop own;
        answer = *own.run(one.get_or_load<std::string>("key", load));
    }};
    first.join();
    EXPECT_EQ(answer, "slow");
}

TEST_P(SharedCaches, PassOnWhatALoaderThrows) {
    const SharedCache cache = make();
    const auto fails = []() -> Task<std::string> { throw std::runtime_error("no database"); };
    EXPECT_THROW((void)loop.run(cache.get_or_load<std::string>("key", fails)), std::runtime_error);
    EXPECT_EQ(ask(cache), "loaded 1") << "at once: the turn was given back";
    const auto nothing = []() -> Task<std::optional<std::string>> { co_return std::nullopt; };
    EXPECT_EQ(loop.run(cache.get_or_load<std::string>("none", nothing)), nullptr);
    EXPECT_EQ(ask(make(), "none"), "loaded 2");
}

TEST_P(SharedCaches, LiveApartUnderOtherNames) {
    SharedCacheOptions options = quick();
    EXPECT_EQ(ask(make(options)), "loaded 1");
    options.name = "other";
    EXPECT_EQ(ask(make(options)), "loaded 2");
}

// A process of its own.
class Peer {
  public:
    Peer(const testing::RedisServer& server, const std::string& pipe)
        : made_(::mkfifo(pipe.c_str(), 0600)),
          process_({"bash", "-c", "exec '" SHARING_PROGRAM "' " + server.url() + " < " + pipe}),
          input_(pipe) {}
    std::string say(const std::string& line) {
        input_ << line << std::endl;
        const std::string number = " #" + std::to_string(++count_) + '#';
        const std::string& all = process_.await(number);
        const std::size_t end = all.find(number);
        const std::size_t begin = all.rfind('\n', end);
        return all.substr(begin + 1, end - begin - 1);
    }

  private:
    int made_;
    testing::Process process_;
    std::ofstream input_;
    int count_ = 0;
};

TEST(SharedCache, IsSharedByProcesses) {
    ARMATURE_NEEDS_REDIS();
    const testing::RedisServer server;
    const testing::TemporaryFolder folder;
    Peer one{server, folder.file("one")};
    Peer other{server, folder.file("other")};
    EXPECT_EQ(one.say("ask tea green"), "loaded green");
    EXPECT_EQ(other.say("ask tea black"), "had green");
    EXPECT_EQ(one.say("erase tea"), "erased");
    EXPECT_TRUE(eventually([&] { return other.say("ask tea black") == "loaded black"; }));
    EXPECT_EQ(one.say("ask tea white"), "had black");
}

TEST(SharedCache, AsksTheStoreAgainAfterAWhile) {
    const auto store = std::make_shared<MemoryStore>();
    SharedCacheOptions options;
    options.memory = testing::with_test_clock();
    options.longest_in_memory = Duration::seconds(5);
    const SharedCache deaf{store, nullptr, options}; // hears nothing
    const SharedCache other{store, nullptr, options};
    LocalLoop loop;
    const auto load = []() -> Task<std::string> { co_return "old"; };
    const Keep keep{Duration::seconds(600)};
    EXPECT_EQ(*loop.run(deaf.get_or_load<std::string>("key", load, keep)), "old");
    EXPECT_TRUE(loop.run(other.set<std::string>("key", "new", keep)));
    EXPECT_EQ(*loop.run(deaf.get_or_load<std::string>("key", load, keep)), "old");
    testing::pass(Duration::seconds(6));
    EXPECT_EQ(*loop.run(deaf.get_or_load<std::string>("key", load, keep)), "new");
}

TEST(SharedCache, GoesOnWithoutItsStore) {
    ARMATURE_NEEDS_REDIS();
    testing::RedisServer server;
    RedisOptions redis_options;
    redis_options.url = server.url();
    redis_options.first_pause = Duration::milliseconds(1);
    const auto redis = std::make_shared<Redis>(redis_options);
    SharedCacheOptions options;
    options.pause = Duration::milliseconds(1);
    options.memory = testing::with_test_clock();
    const auto make = [&] {
        return SharedCache{std::make_shared<RedisStore>(redis),
                           std::make_shared<RedisPubSub>(redis), options};
    };
    const SharedCache cache = make();
    await_listening(cache, make());
    LocalLoop loop;
    int loads = 0;
    const auto load = [&]() -> Task<std::string> { co_return std::to_string(++loads); };
    const auto ask = [&] {
        return *loop.run(cache.get_or_load<std::string>("key", load, Keep{Duration::seconds(600)}));
    };
    EXPECT_EQ(ask(), "1");
    server.kill();
    EXPECT_EQ(ask(), "1") << "from its memory";
    EXPECT_FALSE(loop.run(cache.invalidate("tag"))) << "who asks is told that others don't know";
    EXPECT_FALSE(loop.run(cache.erase("key")));
    EXPECT_EQ(ask(), "2") << "from the loader";
    EXPECT_EQ(ask(), "2");
    EXPECT_GT(cache.statistics().store_failures, 0u);
    server.start();
    const auto erase = [&] {
        loop.run(sleep_for(Duration::milliseconds(1))); // the client's pause goes by the loop
        return loop.run(cache.erase("key"));
    };
    EXPECT_TRUE(eventually(erase));
    EXPECT_TRUE(eventually([&] {
        testing::pass(Duration::seconds(61)); // so that the memory lets go of it
        (void)erase();
        (void)ask();
        return server.cli("EXISTS armature:cache:v:key") == "1\n";
    })) << "back in the store";
}

TEST(SharedCache, TakesWhatTheStoreHasAsItIs) {
    const auto store = std::make_shared<MemoryStore>();
    const SharedCache cache{store};
    LocalLoop loop;
    int loads = 0;
    const auto load = [&]() -> Task<std::string> { co_return std::to_string(++loads); };
    const std::string right = [&] {
        (void)loop.run(cache.get_or_load<std::string>("right", load));
        return *loop.run(store->get("cache:v:right"));
    }();
    int expected = 1;
    for (const std::string& damaged :
         {std::string{}, std::string{"x"}, std::string{"16:armature-cache-1"},
          right.substr(0, right.size() - 1), right + "x", "99999999999999999999:" + right,
          "-1:" + right, std::string(1000, '9')}) {
        const std::string key = "key" + std::to_string(expected);
        (void)loop.run(store->set("cache:v:" + key, damaged));
        EXPECT_EQ(*loop.run(cache.get_or_load<std::string>(key, load)), std::to_string(++expected))
            << damaged;
    }
}

TEST(SharedCache, RefusesWhatCantBeRight) {
    const auto store = std::make_shared<MemoryStore>();
    const auto make = [&](auto change) {
        SharedCacheOptions options;
        change(options);
        return SharedCache{store, nullptr, options};
    };
    EXPECT_THROW(SharedCache{nullptr}, std::invalid_argument);
    EXPECT_THROW(make([](auto& o) { o.longest_in_memory = {}; }), std::invalid_argument);
    EXPECT_THROW(make([](auto& o) { o.longest_life = {}; }), std::invalid_argument);
    EXPECT_THROW(make([](auto& o) { o.pause = {}; }), std::invalid_argument);
    EXPECT_THROW(make([](auto& o) { o.wait_for_others = Duration::milliseconds(-1); }),
                 std::invalid_argument);
    EXPECT_THROW(make([](auto& o) { o.name.clear(); }), std::invalid_argument);
    EXPECT_THROW(make([](auto& o) { o.memory.shards = 0; }), std::invalid_argument);
}

} // namespace
} // namespace armature
