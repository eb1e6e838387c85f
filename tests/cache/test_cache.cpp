#include "cache/cache_clock.hpp"

#include <armature/describe/describe.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace armature {
namespace {

using testing::pass;
using testing::with_test_clock;

struct User {
    int id = 0;
    std::string name;
};
ARMATURE_DESCRIBE(User, (id, read_only), name);

TEST(Cache, KeepsWhatItWasGiven) {
    const Cache cache{with_test_clock()};
    EXPECT_EQ(cache.get<std::string>("a"), nullptr);
    cache.set<std::string>("a", "value");
    EXPECT_EQ(*cache.get<std::string>("a"), "value");
    cache.set<std::string>("a", "other");
    EXPECT_EQ(*cache.get<std::string>("a"), "other");
    EXPECT_TRUE(cache.erase("a"));
    EXPECT_FALSE(cache.erase("a"));
    EXPECT_EQ(cache.get<std::string>("a"), nullptr);
}

TEST(Cache, KeepsObjectsAsTheyAre) {
    const Cache cache{with_test_clock()};
    cache.set("user", User{7, "Ada"});
    const auto user = cache.get<User>("user");
    ASSERT_NE(user, nullptr);
    EXPECT_EQ(user->id, 7) << "also what JSON would not read back";
    EXPECT_EQ(user->name, "Ada");
    cache.clear();
    EXPECT_EQ(user->name, "Ada") << "lives as long as somebody has it";
}

TEST(Cache, DoesNotFindWhatHasAnotherType) {
    const Cache cache{with_test_clock()};
    cache.set("a", 7);
    EXPECT_EQ(cache.get<std::string>("a"), nullptr);
    EXPECT_EQ(cache.get<User>("a"), nullptr);
    EXPECT_EQ(*cache.get<int>("a"), 7);
}

TEST(Cache, ValuesEndWithTheirLife) {
    const Cache cache{with_test_clock()};
    cache.set("short", 1, Keep{Duration::seconds(1)});
    cache.set("usual", 2); // a minute
    pass(Duration::milliseconds(999));
    EXPECT_NE(cache.get<int>("short"), nullptr);
    pass(Duration::milliseconds(1));
    EXPECT_EQ(cache.get<int>("short"), nullptr);
    EXPECT_NE(cache.get<int>("usual"), nullptr);
    pass(Duration::seconds(59));
    EXPECT_EQ(cache.get<int>("usual"), nullptr);
    EXPECT_EQ(cache.statistics().entries, 0U) << "what is over goes when it is asked for";
}

TEST(Cache, WhatCameTogetherDoesNotEndTogether) {
    CacheOptions options = with_test_clock();
    options.jitter = 0.5;
    const Cache cache{options};
    const auto left = [&] {
        int count = 0;
        for (int i = 0; i < 1000; ++i)
            count += cache.get<int>(std::to_string(i)) != nullptr ? 1 : 0;
        return count;
    };
    for (int i = 0; i < 1000; ++i)
        cache.set(std::to_string(i), i, Keep{Duration::seconds(100)});
    pass(Duration::seconds(49));
    EXPECT_EQ(left(), 1000);
    pass(Duration::seconds(26)); // half of the time between 50 and 100
    EXPECT_NEAR(left(), 500, 150);
    pass(Duration::seconds(25));
    EXPECT_EQ(left(), 0);
}

TEST(Cache, TagsEndAllThatBearThem) {
    const Cache cache{with_test_clock()};
    cache.set("a", 1, Keep{}.tag("users").tag("user:1"));
    cache.set("b", 2, Keep{}.tag("users").tag("user:2"));
    cache.set("c", 3);
    cache.invalidate("user:1");
    EXPECT_EQ(cache.get<int>("a"), nullptr);
    EXPECT_NE(cache.get<int>("b"), nullptr);
    cache.set("a", 4, Keep{}.tag("user:1"));
    EXPECT_EQ(*cache.get<int>("a"), 4) << "what comes later isn't concerned";
    cache.invalidate("users");
    cache.invalidate("nobody");
    EXPECT_EQ(cache.get<int>("b"), nullptr);
    EXPECT_NE(cache.get<int>("a"), nullptr);
    EXPECT_NE(cache.get<int>("c"), nullptr);
}

TEST(Cache, ManyTagsThatNobodyUsesAnyMoreAreForgotten) {
    const Cache cache{with_test_clock()};
    for (int i = 0; i < 20'000; ++i)
        cache.set("a", i, Keep{}.tag("tag " + std::to_string(i)));
    cache.invalidate("tag 19999");
    EXPECT_EQ(cache.get<int>("a"), nullptr);
}

TEST(Cache, NamesHaveKeysOfTheirOwn) {
    const Cache all{with_test_clock()};
    const Cache users = all.within("users"), orders = all.within("orders"),
                old = users.within("old");
    all.set("7", 0);
    users.set("7", 1);
    orders.set("7", 2);
    old.set("7", 3);
    EXPECT_EQ(*all.get<int>("7"), 0);
    EXPECT_EQ(*users.get<int>("7"), 1);
    EXPECT_EQ(*orders.get<int>("7"), 2);
    EXPECT_EQ(*old.get<int>("7"), 3);
    // Nor can a key, which a client may have chosen, reach into them.
    for (const std::string& key : {std::string("users\0"
                                               "7",
                                               7),
                                   std::string("users\0\1"
                                               "7",
                                               8),
                                   std::string("\1"
                                               "7")})
        EXPECT_EQ(all.get<int>(key), nullptr);
    EXPECT_EQ(users.get<int>(std::string("old\0\1"
                                         "7",
                                         6)),
              nullptr);

    users.clear();
    EXPECT_EQ(users.get<int>("7"), nullptr);
    EXPECT_EQ(old.get<int>("7"), nullptr) << "it is within";
    EXPECT_NE(orders.get<int>("7"), nullptr);
    users.set("7", 4);
    EXPECT_EQ(*users.get<int>("7"), 4);
    all.clear();
    EXPECT_EQ(orders.get<int>("7"), nullptr);
    EXPECT_EQ(users.get<int>("7"), nullptr);
    EXPECT_EQ(all.statistics().entries, 0U);
    EXPECT_THROW(static_cast<void>(all.within("")), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(all.within("a\x01")), std::invalid_argument);
}

TEST(Cache, IsBoundedInBytes) {
    CacheOptions options = with_test_clock();
    options.max_bytes = 1024 * 1024;
    options.shards = 4;
    const Cache cache{options};
    for (int i = 0; i < 10'000; ++i)
        cache.set(std::to_string(i), std::string(1000, 'x'));
    const CacheStatistics after = cache.statistics();
    EXPECT_LE(after.bytes, options.max_bytes);
    EXPECT_GT(after.bytes, options.max_bytes / 2);
    EXPECT_EQ(after.entries + after.evictions, 10'000U);
    cache.set("large", std::string(200'000, 'x'));
    EXPECT_EQ(cache.get<std::string>("large"), nullptr) << "more than half a part";
    EXPECT_EQ(cache.statistics().entries, after.entries);
}

TEST(Cache, CountsHitsAndMisses) {
    const Cache cache{with_test_clock()};
    cache.set("a", 1);
    static_cast<void>(cache.get<int>("a"));
    static_cast<void>(cache.get<int>("a"));
    static_cast<void>(cache.get<int>("b"));
    EXPECT_EQ(cache.statistics().hits, 2U);
    EXPECT_EQ(cache.statistics().misses, 1U);
}

TEST(Cache, OptionsThatCannotBeRightAreRefused) {
    const std::vector<void (*)(CacheOptions&)> wrong{
        [](CacheOptions& o) { o.shards = 0; },
        [](CacheOptions& o) { o.shards = 2000; },
        [](CacheOptions& o) { o.max_bytes = 1000; },
        [](CacheOptions& o) { o.life = {}; },
        [](CacheOptions& o) { o.nothing_for = Duration::seconds(-1); },
        [](CacheOptions& o) { o.stale_if_error = Duration::seconds(-1); },
        [](CacheOptions& o) { o.jitter = 0.6; },
        [](CacheOptions& o) { o.jitter = -0.1; },
        [](CacheOptions& o) { o.clock = nullptr; },
    };
    for (std::size_t i = 0; i < wrong.size(); ++i) {
        CacheOptions options;
        wrong[i](options);
        EXPECT_THROW(Cache{options}, std::invalid_argument) << i;
    }
}

} // namespace
} // namespace armature
