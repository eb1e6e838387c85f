#include "cache/cache_clock.hpp"
#include "cache/many_clients.hpp"
#include "support/test_server.hpp"

#include <armature/armature.hpp>
#include <armature/client/client.hpp>
#include <armature/core/cancellable_wait.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <stdexcept>
#include <string>
#include <thread>

namespace armature {
namespace {

using testing::pass;
using testing::with_test_clock;
using Text = std::shared_ptr<const std::string>;

/// A task on the loop of the test, with its end.
template <class T>
class Running {
  public:
    explicit Running(Task<T> task) : task_(std::move(task)) {
        done_ = task_.start([](void* flag) { *static_cast<bool*>(flag) = true; }, &done_,
                            &cancellation_);
    }
    [[nodiscard]] const bool& done() const noexcept { return done_; }
    void cancel() { cancellation_.request(CancelReason::client_gone); }
    T result() { return task_.take_result(); }

  private:
    Cancellation cancellation_;
    Task<T> task_;
    bool done_ = false;
};

/// A loader that a test lets finish.
struct Gate {
    int loads = 0;
    std::deque<WaitSlot> slots;

    auto loader(std::string value = "loaded") {
        return [this, value]() -> Task<std::string> {
            ++loads;
            WaitSlot& slot = slots.emplace_back();
            co_await slot.wait();
            co_return value;
        };
    }
};

class CacheLoading : public ::testing::Test {
  protected:
    template <class T>
    T finish(Running<T>& running) {
        loop.run_until(running.done());
        return running.result();
    }
    // Runs a load to its end.
    template <class Load>
    std::string ask(const Cache& of, Load load, Keep keep = {}) {
        Running<Text> running{of.get_or_load<std::string>("key", load, std::move(keep))};
        const Text text = finish(running);
        return text ? *text : "nothing";
    }

    LocalLoop loop;
    LocalLoop::Enter entered{loop};
    Cache cache{with_test_clock()};
    int loads = 0;
};

TEST_F(CacheLoading, LoadsOnceAndThenFindsIt) {
    const auto load = [this]() -> Task<std::string> {
        co_return "value " + std::to_string(++loads);
    };
    EXPECT_EQ(ask(cache, load), "value 1");
    EXPECT_EQ(ask(cache, load), "value 1");
    pass(Duration::seconds(60));
    EXPECT_EQ(ask(cache, load), "value 2");
    EXPECT_EQ(cache.statistics().loads, 2U);
    EXPECT_EQ(cache.statistics().hits, 1U);
    EXPECT_EQ(cache.statistics().misses, 2U);
}

TEST_F(CacheLoading, ManyThatAskAtOnceLoadOnce) {
    Gate gate;
    std::deque<Running<Text>> asking;
    for (int i = 0; i < 10; ++i)
        asking.emplace_back(cache.get_or_load<std::string>("key", gate.loader()));
    EXPECT_EQ(gate.loads, 1);
    gate.slots[0].resume();
    for (auto& one : asking)
        EXPECT_EQ(*finish(one), "loaded");
    EXPECT_EQ(gate.loads, 1);
}

TEST_F(CacheLoading, WhatTheLoaderThrowsReachesAllAndIsNotKept) {
    WaitSlot slot;
    const auto failing = [&]() -> Task<std::string> {
        ++loads;
        co_await slot.wait();
        throw std::runtime_error("down");
    };
    Running<Text> first{cache.get_or_load<std::string>("key", failing)};
    Running<Text> second{cache.get_or_load<std::string>("key", failing)};
    slot.resume();
    EXPECT_THROW(finish(first), std::runtime_error);
    EXPECT_THROW(finish(second), std::runtime_error);
    EXPECT_EQ(loads, 1);
    const auto load = []() -> Task<std::string> { co_return "up"; };
    EXPECT_EQ(ask(cache, load), "up");
}

TEST_F(CacheLoading, WhenTheOneThatLoadsIsCancelledAnotherDoes) {
    Gate gate;
    Running<Text> first{cache.get_or_load<std::string>("key", gate.loader())};
    Running<Text> second{cache.get_or_load<std::string>("key", gate.loader())};
    Running<Text> third{cache.get_or_load<std::string>("key", gate.loader())};
    first.cancel();
    EXPECT_THROW(finish(first), Cancelled);
    const auto wait = [&]() -> Task<> { co_await yield(); };
    while (gate.loads < 2)
        loop.run(wait());
    gate.slots[1].resume();
    EXPECT_EQ(*finish(second), "loaded");
    EXPECT_EQ(*finish(third), "loaded");
    EXPECT_EQ(gate.loads, 2);
}

TEST_F(CacheLoading, WhenTheOneThatLoadsIsDestroyedAnotherDoes) {
    Gate gate;
    std::optional<Running<Text>> first;
    first.emplace(cache.get_or_load<std::string>("key", gate.loader()));
    Running<Text> second{cache.get_or_load<std::string>("key", gate.loader())};
    first.reset();
    const auto wait = [&]() -> Task<> { co_await yield(); };
    while (gate.loads < 2)
        loop.run(wait());
    gate.slots[1].resume();
    EXPECT_EQ(*finish(second), "loaded");
}

TEST_F(CacheLoading, WhoWaitsMayLeave) {
    Gate gate;
    Running<Text> first{cache.get_or_load<std::string>("key", gate.loader())};
    Running<Text> second{cache.get_or_load<std::string>("key", gate.loader())};
    {
        Running<Text> third{cache.get_or_load<std::string>("key", gate.loader())};
        second.cancel();
        EXPECT_THROW(finish(second), Cancelled);
    }
    gate.slots[0].resume();
    EXPECT_EQ(*finish(first), "loaded");
    EXPECT_EQ(gate.loads, 1);
}

TEST_F(CacheLoading, WhatIsErasedOrInvalidatedMeanwhileIsNotKept) {
    const auto after = [&](auto change) {
        Gate gate;
        Running<Text> asking{
            cache.get_or_load<std::string>("key", gate.loader("old"), Keep{}.tag("t"))};
        change();
        gate.slots[0].resume();
        EXPECT_EQ(*finish(asking), "old");
        return cache.get<std::string>("key");
    };
    EXPECT_EQ(after([&] { cache.erase("key"); }), nullptr);
    EXPECT_EQ(after([&] { cache.invalidate("t"); }), nullptr);
    EXPECT_EQ(after([&] { cache.clear(); }), nullptr);
    EXPECT_NE(after([] {}), nullptr);
}

TEST_F(CacheLoading, ThatThereIsNothingIsKeptOnlyIfAskedFor) {
    const auto load = [this]() -> Task<std::optional<std::string>> {
        ++loads;
        co_return std::nullopt;
    };
    EXPECT_EQ(ask(cache, load), "nothing");
    EXPECT_EQ(ask(cache, load), "nothing");
    EXPECT_EQ(loads, 2);
    EXPECT_EQ(ask(cache, load, Keep{}.nothing_for(Duration::seconds(5))), "nothing");
    EXPECT_EQ(ask(cache, load), "nothing");
    EXPECT_EQ(loads, 3);
    pass(Duration::seconds(5));
    EXPECT_EQ(ask(cache, load), "nothing");
    EXPECT_EQ(loads, 4);
}

TEST_F(CacheLoading, StaleValuesAreGivenWhileANewOneIsLoaded) {
    const auto keep = [] {
        return Keep{Duration::seconds(10)}.stale_while_revalidate(Duration::seconds(5));
    };
    Gate gate;
    cache.set<std::string>("key", "old", keep());
    pass(Duration::seconds(12));
    EXPECT_EQ(cache.get<std::string>("key"), nullptr) << "it isn't fresh";
    EXPECT_EQ(ask(cache, gate.loader("new"), keep()), "old");
    EXPECT_EQ(ask(cache, gate.loader("new"), keep()), "old");
    EXPECT_EQ(gate.loads, 1) << "one refreshes it";
    gate.slots[0].resume();
    EXPECT_EQ(ask(cache, gate.loader("newer"), keep()), "new");
    EXPECT_EQ(gate.loads, 1);
    EXPECT_EQ(cache.statistics().stale, 2U);

    pass(Duration::seconds(16)); // over for good
    Running<Text> waits{cache.get_or_load<std::string>("key", gate.loader("newer"), keep())};
    EXPECT_FALSE(waits.done());
    gate.slots[1].resume();
    EXPECT_EQ(*finish(waits), "newer");
}

TEST_F(CacheLoading, StaleValuesAreGivenIfTheLoaderFails) {
    const auto keep = [] {
        return Keep{Duration::seconds(10)}.stale_if_error(Duration::seconds(5));
    };
    const auto failing = [this]() -> Task<std::string> {
        ++loads;
        throw std::runtime_error("down");
        co_return "";
    };
    cache.set<std::string>("key", "old", keep());
    pass(Duration::seconds(12));
    EXPECT_EQ(ask(cache, failing, keep()), "old");
    EXPECT_EQ(ask(cache, failing, keep()), "old");
    EXPECT_EQ(loads, 2) << "each tries";
    pass(Duration::seconds(3));
    EXPECT_THROW(ask(cache, failing, keep()), std::runtime_error);
}

TEST_F(CacheLoading, WithinANameItIsTheSame) {
    const Cache users = cache.within("users");
    const auto load = [this]() -> Task<std::string> {
        co_return "value " + std::to_string(++loads);
    };
    EXPECT_EQ(ask(users, load), "value 1");
    EXPECT_EQ(ask(cache, load), "value 2");
    EXPECT_EQ(*users.get<std::string>("key"), "value 1");
}

TEST(CacheOverSockets, LoopsWaitForOneAnother) {
    const Cache cache;
    std::atomic<int> loads{0}, asked{0};
    const auto answer = [&]() -> Task<std::string> {
        ++asked;
        const auto load = [&]() -> Task<std::string> {
            ++loads;
            // Not before all others wait, or are about to.
            while (asked.load() < testing::many_clients)
                co_await sleep_for(Duration::milliseconds(1));
            co_return "loaded";
        };
        const Text text = co_await cache.get_or_load<std::string>("key", load);
        co_return *text;
    };
    EXPECT_EQ(testing::ask_at_once(App::create().route("/", get(answer)).build(), "loaded"),
              testing::many_clients);
    EXPECT_EQ(loads.load(), 1);
}

} // namespace
} // namespace armature
