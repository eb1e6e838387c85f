#include "cache/sieve.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <list>
#include <random>
#include <unordered_map>
#include <vector>

namespace armature {
namespace {

using Numbers = cache::Sieve<int>;

// Room for that many entries with keys of one letter.
Numbers room_for(std::size_t count) { return Numbers{count * (Numbers::overhead + 1)}; }

TEST(Sieve, EvictsWhatWasNotAskedForSinceItCame) {
    Numbers sieve = room_for(4);
    for (const char* key : {"a", "b", "c", "d"})
        sieve.put(key, 1, 0);
    EXPECT_NE(sieve.find("a"), nullptr);
    EXPECT_NE(sieve.find("c"), nullptr);
    EXPECT_EQ(sieve.put("e", 1, 0), 1U); // b goes: a is the oldest, but was asked for
    EXPECT_EQ(sieve.put("f", 1, 0), 1U); // then d
    EXPECT_EQ(sieve.find("b"), nullptr);
    EXPECT_EQ(sieve.find("d"), nullptr);
    for (const char* key : {"a", "c", "e", "f"})
        EXPECT_NE(sieve.find(key), nullptr) << key;
}

TEST(Sieve, TheHandGoesOnWhereItStood) {
    Numbers sieve = room_for(3);
    for (const char* key : {"a", "b", "c"}) {
        sieve.put(key, 1, 0);
        static_cast<void>(sieve.find(key));
    }
    sieve.put("d", 1, 0); // all are marked: the round clears them and takes the first, a
    EXPECT_EQ(sieve.find("a"), nullptr);
    sieve.put("e", 1, 0); // the hand stands at b
    EXPECT_EQ(sieve.find("b"), nullptr);
    EXPECT_NE(sieve.find("c"), nullptr);
}

TEST(Sieve, IsBoundedInBytesWhateverIsDone) {
    std::mt19937 random{7};
    constexpr std::size_t limit = 64 * 1024;
    Numbers sieve{limit};
    std::size_t put = 0;
    for (int i = 0; i < 50'000; ++i) {
        const std::string key = std::to_string(random() % 1000);
        switch (random() % 4) {
        case 0:
            sieve.erase(key);
            EXPECT_EQ(sieve.find(key), nullptr);
            break;
        case 1:
            if (const int* const found = sieve.find(key)) {
                EXPECT_EQ(std::to_string(*found), key);
            }
            break;
        default:
            sieve.put(key, std::stoi(key), random() % 3000);
            EXPECT_NE(sieve.find(key), nullptr);
            ++put;
        }
        ASSERT_LE(sieve.bytes(), limit);
    }
    EXPECT_GT(put, 1000U);
    sieve.clear();
    EXPECT_EQ(sieve.bytes(), 0U);
    EXPECT_EQ(sieve.size(), 0U);
}

TEST(Sieve, WhatIsTooLargeIsNotKeptAndEvictsNothing) {
    Numbers sieve = room_for(4);
    sieve.put("a", 1, 0);
    EXPECT_EQ(sieve.put("b", 1, 100'000), 0U);
    EXPECT_EQ(sieve.find("b"), nullptr);
    EXPECT_NE(sieve.find("a"), nullptr);
}

/// The textbook's LRU, to compare with.
class Lru {
  public:
    explicit Lru(std::size_t capacity) : capacity_(capacity) {}
    bool ask(std::uint32_t key) {
        if (const auto found = places_.find(key); found != places_.end()) {
            order_.splice(order_.begin(), order_, found->second);
            return true;
        }
        if (order_.size() == capacity_) {
            places_.erase(order_.back());
            order_.pop_back();
        }
        order_.push_front(key);
        places_[key] = order_.begin();
        return false;
    }

  private:
    std::size_t capacity_;
    std::list<std::uint32_t> order_;
    std::unordered_map<std::uint32_t, std::list<std::uint32_t>::iterator> places_;
};

// How the web asks: the n-th most popular thing with a probability of 1/n (Breslau et al., 1999),
// and things that are asked for once in between.
TEST(Sieve, HitsMoreOftenThanLruOnAZipfTrace) {
    constexpr std::size_t things = 20'000, requests = 200'000;
    std::vector<double> weights(things);
    for (std::size_t i = 0; i < things; ++i)
        weights[i] = 1.0 / static_cast<double>(i + 1);
    for (const std::size_t capacity : {200u, 1000u, 4000u}) {
        std::mt19937 random{42};
        std::discrete_distribution<std::uint32_t> zipf(weights.begin(), weights.end());
        Numbers sieve{capacity * (Numbers::overhead + 7)};
        Lru lru{capacity};
        std::size_t sieve_hits = 0, lru_hits = 0;
        std::uint32_t once = 1'000'000;
        for (std::size_t i = 0; i < requests; ++i) {
            const std::uint32_t key = random() % 5 == 0 ? once++ : 2'000'000 + zipf(random);
            lru_hits += lru.ask(key) ? 1 : 0;
            const std::string text = std::to_string(key);
            if (sieve.find(text) != nullptr)
                ++sieve_hits;
            else
                sieve.put(text, 1, 0);
        }
        ASSERT_LE(sieve.size(), capacity);
        const double better = static_cast<double>(sieve_hits) / static_cast<double>(lru_hits);
        RecordProperty("hits_over_lru_at_" + std::to_string(capacity), std::to_string(better));
        EXPECT_GT(better, 1.05) << capacity << ": " << sieve_hits << " and " << lru_hits << " of "
                                << requests;
    }
}

} // namespace
} // namespace armature
