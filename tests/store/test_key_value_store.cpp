#include "support/redis_server.hpp"
#include "support/temporary_folder.hpp"

#include <armature/core/error.hpp>
#include <armature/core/scheduler.hpp>
#include <armature/redis/store.hpp>
#include <armature/sqlite/store.hpp>
#include <armature/store/key_value_store.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace armature::testing {
namespace {

using Write = KeyValueStore::Write;

enum class Engine : std::uint8_t { memory, sqlite, redis };

// The same for every engine: what a store promises.
class Stores : public ::testing::TestWithParam<Engine> {
  protected:
    void SetUp() override {
        switch (GetParam()) {
        case Engine::memory:
            store_ = std::make_shared<MemoryStore>();
            break;
        case Engine::sqlite:
            folder_ = std::make_unique<TemporaryFolder>();
            store_ = std::make_shared<SqliteStore>(folder_->file("store.db"));
            break;
        case Engine::redis:
            ARMATURE_NEEDS_REDIS();
            server_ = std::make_unique<RedisServer>();
            RedisOptions options;
            options.url = server_->url();
            options.connect_timeout = options.timeout = Duration::seconds(30);
            store_ = std::make_shared<RedisStore>(std::make_shared<Redis>(options));
            break;
        }
    }
    template <class T>
    T run(Task<T> task) {
        return loop_.run(std::move(task));
    }
    // Until its life is over; the clock of this loop goes on meanwhile.
    void await_end(const std::string& key) {
        while (run(store_->get(key)))
            loop_.run(sleep_for(Duration::milliseconds(1)));
    }

    std::unique_ptr<RedisServer> server_;
    std::unique_ptr<TemporaryFolder> folder_;
    std::shared_ptr<KeyValueStore> store_;
    LocalLoop loop_;
};
std::string name_of(const ::testing::TestParamInfo<Engine>& which) {
    constexpr const char* names[] = {"Memory", "Sqlite", "Redis"};
    return names[static_cast<int>(which.param)];
}
INSTANTIATE_TEST_SUITE_P(All, Stores,
                         ::testing::Values(Engine::memory, Engine::sqlite, Engine::redis), name_of);

TEST_P(Stores, KeepTextsOfAnyBytes) {
    using namespace std::string_literals;
    EXPECT_EQ(run(store_->get("key")), std::nullopt);
    EXPECT_TRUE(run(store_->set("key\r\n\0"s, "a\0\xff"s)));
    EXPECT_EQ(run(store_->get("key\r\n\0"s)), "a\0\xff"s);
    EXPECT_TRUE(run(store_->set("key\r\n\0"s, "")));
    EXPECT_EQ(run(store_->get("key\r\n\0"s)), "");
    EXPECT_TRUE(run(store_->erase("key\r\n\0"s)));
    EXPECT_FALSE(run(store_->erase("key\r\n\0"s)));
}

TEST_P(Stores, WriteOnlyWhenTheyShould) {
    EXPECT_FALSE(run(store_->set("key", "a", {}, Write::if_present)));
    EXPECT_EQ(run(store_->get("key")), std::nullopt);
    EXPECT_TRUE(run(store_->set("key", "a", {}, Write::if_absent)));
    EXPECT_FALSE(run(store_->set("key", "b", {}, Write::if_absent)));
    EXPECT_EQ(run(store_->get("key")), "a");
    EXPECT_TRUE(run(store_->set("key", "c", {}, Write::if_present)));
    EXPECT_EQ(run(store_->get("key")), "c");
}

TEST_P(Stores, ForgetWhatLivedLongEnough) {
    EXPECT_TRUE(run(store_->set("short", "x", Duration::milliseconds(30))));
    EXPECT_TRUE(run(store_->set("long", "x", Duration::seconds(600))));
    await_end("short");
    EXPECT_EQ(run(store_->get("long")), "x");
    EXPECT_FALSE(run(store_->expire("short", Duration::seconds(1))));
    EXPECT_FALSE(run(store_->set("short", "y", {}, Write::if_present)));
    EXPECT_TRUE(run(store_->set("short", "y", {}, Write::if_absent)));
    EXPECT_TRUE(run(store_->expire("short", Duration::milliseconds(30))));
    await_end("short");
    EXPECT_TRUE(run(store_->expire("long", {}))); // without end
    EXPECT_TRUE(run(store_->expire("long", {})));
    EXPECT_FALSE(run(store_->expire("short", {})));
}

TEST_P(Stores, Count) {
    EXPECT_EQ(run(store_->add("count", 5)), 5);
    EXPECT_EQ(run(store_->add("count", -7)), -2);
    EXPECT_EQ(run(store_->get("count")), "-2");
    EXPECT_TRUE(run(store_->set("text", "x")));
    EXPECT_THROW(run(store_->add("text", 1)), Error);
    EXPECT_TRUE(run(store_->set("most", "9223372036854775807")));
    EXPECT_THROW(run(store_->add("most", 1)), Error);
    // A counter's life begins with it and isn't lengthened.
    EXPECT_EQ(run(store_->add("lives", 1, Duration::milliseconds(30))), 1);
    while (run(store_->add("lives", 1, Duration::milliseconds(30))) != 1)
        loop_.run(sleep_for(Duration::milliseconds(1)));
}

TEST_P(Stores, AreAtomicForManyLoops) {
    std::vector<std::thread> threads;
    std::atomic<int> winners = 0;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            LocalLoop loop;
            for (int n = 0; n < 50; ++n) {
                (void)loop.run(store_->add("count", 1));
                if (loop.run(store_->set("once" + std::to_string(n), "x", {}, Write::if_absent)))
                    ++winners;
            }
        });
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_EQ(run(store_->get("count")), "200");
    EXPECT_EQ(winners, 50);
}

TEST(MemoryStore, LetsWhatWasUsedLongestAgoGoWhenItIsFull) {
    MemoryStore store{{.max_bytes = 10'000, .shards = 1}};
    LocalLoop loop;
    EXPECT_TRUE(loop.run(store.set("used", "x")));
    for (int i = 0; i < 1000; ++i) {
        EXPECT_TRUE(loop.run(store.set("key" + std::to_string(i), std::string(100, 'x'))));
        EXPECT_EQ(loop.run(store.get("used")), "x");
        EXPECT_LE(store.bytes(), 10'000u);
    }
    EXPECT_EQ(loop.run(store.get("key0")), std::nullopt);
    EXPECT_NE(loop.run(store.get("key999")), std::nullopt);
    // One that is larger than everything isn't kept.
    EXPECT_TRUE(loop.run(store.set("huge", std::string(20'000, 'x'))));
    EXPECT_EQ(loop.run(store.get("huge")), std::nullopt);
    EXPECT_LE(store.bytes(), 10'000u);
}

TEST(MemoryStore, RefusesBoundsThatMakeNoSense) {
    EXPECT_THROW((MemoryStore{{.max_bytes = 1024, .shards = 0}}), std::invalid_argument);
    EXPECT_THROW((MemoryStore{{.max_bytes = 1024, .shards = 2}}), std::invalid_argument);
    EXPECT_THROW((RedisStore{nullptr}), std::invalid_argument);
}

TEST(RedisStore, GivesEachKeyItsPrefix) {
    ARMATURE_NEEDS_REDIS();
    const RedisServer server;
    RedisOptions options;
    options.url = server.url();
    RedisStore store{std::make_shared<Redis>(options), "shop:"};
    LocalLoop loop;
    EXPECT_TRUE(loop.run(store.set("key", "value", Duration::seconds(100))));
    EXPECT_EQ(server.cli("GET shop:key"), "value\n");
    EXPECT_EQ(server.cli("TTL shop:key"), "100\n");
}

} // namespace
} // namespace armature::testing
