#include <armature/core/error.hpp>
#include <armature/core/scheduler.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <latch>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace armature {
namespace {

using namespace std::chrono_literals;

class TestTimer final : public Timer {
  public:
    explicit TestTimer(std::function<void()> call) : call_(std::move(call)) {}

  private:
    void expired() override { call_(); }
    std::function<void()> call_;
};

TEST(TimerQueue, RunsTheSoonestFirst) {
    TimerQueue queue;
    std::vector<int> order;
    std::vector<std::unique_ptr<TestTimer>> timers;
    const int deadlines[] = {50, 10, 40, 20, 30, 5, 45, 15};
    for (const int deadline : deadlines) {
        timers.push_back(std::make_unique<TestTimer>([&, deadline] { order.push_back(deadline); }));
        queue.arm(*timers.back(), deadline);
    }
    EXPECT_EQ(queue.until_next(0), 5);
    queue.run_expired(30);
    EXPECT_EQ(order, (std::vector{5, 10, 15, 20, 30}));
    EXPECT_EQ(queue.until_next(30), 10);
    EXPECT_EQ(queue.until_next(100), 0) << "late, but not negative";
    queue.run_expired(1000);
    EXPECT_EQ(order, (std::vector{5, 10, 15, 20, 30, 40, 45, 50}));
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(queue.until_next(0), -1);
}

TEST(TimerQueue, RunsATimerOnlyOnce) {
    TimerQueue queue;
    int calls = 0;
    TestTimer timer{[&] { ++calls; }};
    queue.arm(timer, 10);
    EXPECT_TRUE(timer.armed());
    EXPECT_EQ(timer.deadline(), 10);
    queue.run_expired(9);
    EXPECT_EQ(calls, 0);
    queue.run_expired(10);
    queue.run_expired(20);
    EXPECT_EQ(calls, 1);
    EXPECT_FALSE(timer.armed());
}

TEST(TimerQueue, MovesATimerThatIsArmedAlready) {
    TimerQueue queue;
    std::vector<char> order;
    TestTimer a{[&] { order.push_back('a'); }};
    TestTimer b{[&] { order.push_back('b'); }};
    TestTimer c{[&] { order.push_back('c'); }};
    queue.arm(a, 10);
    queue.arm(b, 20);
    queue.arm(c, 30);
    queue.arm(a, 40); // later
    queue.arm(c, 5);  // sooner
    queue.run_expired(100);
    EXPECT_EQ(order, (std::vector{'c', 'b', 'a'}));
}

TEST(TimerQueue, LetsACallbackArmAndDisarm) {
    TimerQueue queue;
    int repeats = 0;
    int disarmed = 0;
    TestTimer victim{[&] { ++disarmed; }};
    std::unique_ptr<TestTimer> repeating;
    repeating = std::make_unique<TestTimer>([&] {
        TimerQueue::disarm(victim);
        if (++repeats < 3) queue.arm(*repeating, repeats * 10 + 10);
    });
    queue.arm(*repeating, 10);
    queue.arm(victim, 10);
    queue.arm(victim, 11);
    queue.run_expired(10);
    EXPECT_EQ(repeats, 1);
    queue.run_expired(100);
    EXPECT_EQ(repeats, 3);
    EXPECT_EQ(disarmed, 0);
}

TEST(TimerQueue, LetsACallbackDestroyItsTimer) {
    TimerQueue queue;
    std::unique_ptr<TestTimer> timer;
    timer = std::make_unique<TestTimer>([&] { timer.reset(); });
    queue.arm(*timer, 1);
    queue.run_expired(1);
    EXPECT_EQ(timer, nullptr);
}

TEST(TimerQueue, AndTimerMayGoInEitherOrder) {
    TestTimer timer{[] { FAIL(); }};
    {
        TimerQueue queue;
        queue.arm(timer, 1);
        TestTimer inner{[] { FAIL(); }};
        queue.arm(inner, 2);
    }
    EXPECT_FALSE(timer.armed());
}

TEST(TimerQueue, KeepsItsOrderWhateverIsDisarmed) {
    TimerQueue queue;
    std::vector<std::unique_ptr<TestTimer>> timers;
    std::vector<std::int64_t> seen;
    std::uint32_t random = 7;
    for (int i = 0; i < 500; ++i) {
        random = random * 1664525 + 1013904223;
        const std::int64_t deadline = random % 1000;
        timers.push_back(std::make_unique<TestTimer>([&, deadline] { seen.push_back(deadline); }));
        queue.arm(*timers.back(), deadline);
    }
    for (std::size_t i = 0; i < timers.size(); i += 3)
        TimerQueue::disarm(*timers[i]);
    for (std::size_t i = 1; i < timers.size(); i += 6)
        timers[i].reset();
    queue.run_expired(1000);
    EXPECT_EQ(seen.size(), 500u - 167 - 84);
    EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
}

TEST(Scheduler, IsNeededToWait) {
    EXPECT_THROW(static_cast<void>(Scheduler::current()), std::logic_error);
    Task<> task = sleep_for(1ms);
    ASSERT_TRUE(task.start([](void*) {}, nullptr, nullptr));
    EXPECT_THROW(task.take_result(), std::logic_error);
}

TEST(LocalLoop, NestsInAnother) {
    LocalLoop outer;
    const LocalLoop::Enter enter{outer};
    {
        LocalLoop inner;
        const LocalLoop::Enter enter_inner{inner};
        EXPECT_EQ(&Scheduler::current(), &inner);
    }
    EXPECT_EQ(&Scheduler::current(), &outer);
}

TEST(SleepFor, WaitsAtLeastThatLong) {
    LocalLoop loop;
    const std::int64_t before = steady_now();
    loop.run(sleep_for(15ms));
    EXPECT_GE(steady_now() - before, 15);
    loop.run(sleep_for(Duration{}));
}

TEST(SleepFor, WakesInTheOrderOfTheDeadlines) {
    LocalLoop loop;
    std::string order;
    const auto after = [&order](char name, Duration duration) -> Task<> {
        co_await sleep_for(duration);
        order += name;
    };
    const LocalLoop::Enter enter{loop};
    Task<> slow = after('b', 30ms);
    Task<> fast = after('a', 10ms);
    bool is_done = false;
    ASSERT_FALSE(
        slow.start([](void* flag) { *static_cast<bool*>(flag) = true; }, &is_done, nullptr));
    ASSERT_FALSE(fast.start([](void*) {}, nullptr, nullptr));
    loop.run_until(is_done);
    EXPECT_EQ(order, "ab");
}

TEST(SleepFor, TakesTheLongestDurationThereIs) {
    LocalLoop loop;
    const LocalLoop::Enter enter{loop};
    Task<> task = sleep_for(Duration::milliseconds(std::numeric_limits<std::int64_t>::max()));
    ASSERT_FALSE(task.start([](void*) {}, nullptr, nullptr));
    EXPECT_GT(loop.timers().until_next(steady_now()), 0);
    loop.run(sleep_for(1ms)); // the loop goes on beside it
}

TEST(SleepFor, IsTakenBackWhenItsTaskIsDestroyed) {
    LocalLoop loop;
    const LocalLoop::Enter enter{loop};
    {
        Task<> task = sleep_for(1ms);
        ASSERT_FALSE(task.start([](void*) { FAIL(); }, nullptr, nullptr));
    }
    EXPECT_TRUE(loop.timers().empty());
}

TEST(Yield, LetsOthersRun) {
    LocalLoop loop;
    std::string order;
    const auto speak = [&order](char name) -> Task<> {
        for (int i = 0; i < 3; ++i) {
            order += name;
            co_await yield();
        }
    };
    const LocalLoop::Enter enter{loop};
    Task<> first = speak('a');
    Task<> second = speak('b');
    bool is_done = false;
    ASSERT_FALSE(first.start([](void*) {}, nullptr, nullptr));
    ASSERT_FALSE(
        second.start([](void* flag) { *static_cast<bool*>(flag) = true; }, &is_done, nullptr));
    loop.run_until(is_done);
    EXPECT_EQ(order, "ababab");
}

TEST(Yield, MayBeLeftByATaskThatIsDestroyed) {
    LocalLoop loop;
    const LocalLoop::Enter enter{loop};
    {
        Task<> task = yield();
        ASSERT_FALSE(task.start([](void*) { FAIL(); }, nullptr, nullptr));
    }
    loop.run(yield());
}

TEST(LocalLoop, MayGoWhileAYieldIsUnderWay) {
    LocalLoop loop;
    const LocalLoop::Enter enter{loop};
    Task<> task = yield();
    ASSERT_FALSE(task.start([](void*) { FAIL(); }, nullptr, nullptr));
}

// --- blocking work ------------------------------------------------------------------------------

TEST(Blocking, RunsOnAnotherThreadAndComesBack) {
    LocalLoop loop;
    const std::thread::id here = std::this_thread::get_id();
    const auto body = [here]() -> Task<std::string> {
        std::thread::id there;
        auto work = [&there]() -> std::string {
            there = std::this_thread::get_id();
            return "done";
        };
        Task<std::string> task = blocking(work);
        std::string result = co_await std::move(task);
        EXPECT_NE(there, here);
        EXPECT_EQ(std::this_thread::get_id(), here);
        co_return result;
    };
    EXPECT_EQ(loop.run(body()), "done");
}

TEST(Blocking, GivesBackWhatTheFunctionThrows) {
    LocalLoop loop;
    const auto fails = []() -> int { throw std::out_of_range("no"); };
    EXPECT_THROW(loop.run(blocking(fails)), std::out_of_range);
    const auto fails_without_result = [] { throw std::out_of_range("no"); };
    EXPECT_THROW(loop.run(blocking(fails_without_result)), std::out_of_range);
}

TEST(Blocking, TakesWhatCanOnlyBeMoved) {
    LocalLoop loop;
    auto work = [number = std::make_unique<int>(3)]() mutable { return std::move(number); };
    EXPECT_EQ(*loop.run(blocking(std::move(work))), 3);
}

TEST(Blocking, ServesSeveralLoopsAtOnce) {
    constexpr int loops = 4;
    constexpr int calls = 200;
    std::atomic<int> total{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < loops; ++i) {
        threads.emplace_back([&total] {
            LocalLoop loop;
            const std::thread::id here = std::this_thread::get_id();
            const auto body = [&total, here]() -> Task<int> {
                int sum = 0;
                for (int call = 0; call < calls; ++call) {
                    auto work = [&total, call] {
                        ++total;
                        return call;
                    };
                    Task<int> task = blocking(work);
                    sum += co_await std::move(task);
                    if (std::this_thread::get_id() != here) throw std::logic_error("wrong thread");
                }
                co_return sum;
            };
            EXPECT_EQ(loop.run(body()), calls * (calls - 1) / 2);
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_EQ(total, loops * calls);
}

TEST(Blocking, OutlivesATaskThatIsDestroyed) {
    struct Watched {
        explicit Watched(std::atomic<int>& count) noexcept : alive(&count) { ++*alive; }
        Watched(const Watched& other) noexcept : alive(other.alive) { ++*alive; }
        ~Watched() { --*alive; }
        std::atomic<int>* alive;
    };
    std::atomic<int> alive{0};
    std::atomic<bool> has_run{false};
    std::latch entered{1};
    std::latch may_end{1};
    {
        LocalLoop loop;
        const LocalLoop::Enter enter{loop};
        {
            auto work = [&entered, &may_end, &has_run, watched = Watched{alive}] {
                entered.count_down();
                may_end.wait();
                has_run = true;
                return Watched{watched};
            };
            Task<Watched> task = blocking(std::move(work));
            ASSERT_FALSE(task.start([](void*) { FAIL(); }, nullptr, nullptr));
            entered.wait();
        }
        EXPECT_GT(alive, 0) << "the function is being run";
        may_end.count_down();
    } // the loop waits for it
    EXPECT_TRUE(has_run);
    EXPECT_EQ(alive, 0);
}

TEST(Blocking, Answers503WhenItsQueueIsFull) {
    LocalLoop loop;
    const LocalLoop::Enter enter{loop};
    std::latch may_end{1};
    const auto work = [&may_end] { may_end.wait(); };
    std::vector<Task<>> tasks;
    std::optional<Error> error;
    // The pool's threads take some of them, the queue holds a number, then comes the refusal.
    while (!error && tasks.size() < 10'000) {
        tasks.push_back(blocking(work));
        if (!tasks.back().start([](void*) {}, nullptr, nullptr)) continue;
        try {
            tasks.back().take_result();
        } catch (const Error& refused) {
            error = refused;
        }
    }
    may_end.count_down();
    ASSERT_TRUE(error);
    EXPECT_EQ(error->status(), Status::service_unavailable);
    EXPECT_GT(tasks.size(), 1000u);
    // Once there is room again it serves as before.
    bool has_run = false;
    const auto wait = [&]() -> Task<> {
        auto more = [&has_run] { has_run = true; };
        while (!has_run) {
            bool is_full = false;
            try {
                Task<> task = blocking(more);
                co_await std::move(task);
            } catch (const Error&) {
                is_full = true;
            }
            if (is_full) co_await sleep_for(Duration::milliseconds(1));
        }
    };
    loop.run(wait());
    EXPECT_TRUE(has_run);
}

// --- durations ----------------------------------------------------------------------------------

TEST(Duration, ConvertsFromChrono) {
    EXPECT_EQ(Duration{5s}.count(), 5000);
    EXPECT_EQ(Duration{2min}.count(), 120'000);
    EXPECT_EQ(Duration{1999us}.count(), 1) << "rounds down";
    EXPECT_EQ((Duration{std::chrono::duration<double>{1.5}}.count()), 1500);
    EXPECT_EQ(Duration::seconds(3), Duration{3000ms});
    EXPECT_LT(Duration{1ms}, Duration{1s});
    EXPECT_FALSE(Duration{});
    EXPECT_TRUE(Duration{1ms});
}

TEST(Duration, TakesTheLongestNanoseconds) {
    EXPECT_EQ(Duration{std::chrono::nanoseconds::max()}.count(),
              std::chrono::nanoseconds::max().count() / 1'000'000);
}

} // namespace
} // namespace armature
