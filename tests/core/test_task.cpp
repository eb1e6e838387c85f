#include <armature/core/scheduler.hpp>
#include <armature/core/task.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace armature {
namespace {

Task<int> number(int value) { co_return value; }
Task<> nothing() { co_return; }
Task<int> fails(std::string text) {
    throw std::runtime_error(text);
    co_return 0;
}

// Suspends until the test resumes it.
class Gate {
  public:
    class Awaiter {
      public:
        explicit Awaiter(Gate& gate) noexcept : gate_(gate) {}
        bool await_ready() const noexcept { return false; }
        void await_suspend(std::coroutine_handle<> waiter) noexcept {
            gate_.waiter_ = waiter;
            ++gate_.suspensions;
        }
        void await_resume() const noexcept {}

      private:
        Gate& gate_;
    };
    Awaiter operator co_await() noexcept { return Awaiter{*this}; }
    void open() { std::exchange(waiter_, nullptr).resume(); }
    [[nodiscard]] bool has_waiter() const noexcept { return waiter_ != nullptr; }

    int suspensions = 0;

  private:
    std::coroutine_handle<> waiter_;
};

struct Counted {
    explicit Counted(int& alive) noexcept : alive_(&alive) { ++*alive_; }
    Counted(Counted&& other) noexcept : alive_(other.alive_) { ++*alive_; }
    ~Counted() { --*alive_; }
    int* alive_;
};

TEST(Task, IsLazy) {
    bool has_started = false;
    const auto body = [&has_started]() -> Task<> {
        has_started = true;
        co_return;
    };
    {
        const Task<> never_awaited = body();
        EXPECT_FALSE(has_started);
    }
    EXPECT_FALSE(has_started);
}

TEST(Task, GivesItsResultWithoutSuspending) {
    const auto sum = []() -> Task<int> { co_return co_await number(1) + co_await number(2); };
    Task<int> task = sum();
    const bool is_done =
        task.start([](void*) { ADD_FAILURE() << "a task that finishes at once is not announced"; },
                   nullptr, nullptr);
    ASSERT_TRUE(is_done);
    EXPECT_EQ(task.take_result(), 3);
}

TEST(Task, GivesWhatCanOnlyBeMoved) {
    const auto make = []() -> Task<std::unique_ptr<int>> { co_return std::make_unique<int>(5); };
    LocalLoop loop;
    EXPECT_EQ(*loop.run(make()), 5);
}

TEST(Task, ThrowsIntoWhoeverAwaitsIt) {
    const auto catches = []() -> Task<std::string> {
        std::string text;
        try {
            static_cast<void>(co_await fails("inner"));
        } catch (const std::runtime_error& error) {
            text = error.what();
        }
        co_return text;
    };
    LocalLoop loop;
    EXPECT_EQ(loop.run(catches()), "inner");
    EXPECT_THROW(loop.run(fails("outer")), std::runtime_error);
}

TEST(Task, ThrowsAlsoAfterASuspension) {
    Gate gate;
    const auto late = [&gate]() -> Task<> {
        co_await gate;
        throw std::runtime_error("late");
    };
    const auto outer = [&]() -> Task<> { co_await late(); };
    Task<> task = outer();
    int finished = 0;
    ASSERT_FALSE(task.start([](void* count) { ++*static_cast<int*>(count); }, &finished, nullptr));
    gate.open();
    EXPECT_EQ(finished, 1);
    EXPECT_THROW(task.take_result(), std::runtime_error);
}

TEST(Task, AnnouncesItsEndOnce) {
    Gate gate;
    const auto twice = [&gate]() -> Task<int> {
        co_await gate;
        co_await gate;
        co_return 9;
    };
    Task<int> task = twice();
    int finished = 0;
    ASSERT_FALSE(task.start([](void* count) { ++*static_cast<int*>(count); }, &finished, nullptr));
    gate.open();
    EXPECT_EQ(finished, 0);
    gate.open();
    EXPECT_EQ(finished, 1);
    EXPECT_EQ(task.take_result(), 9);
    EXPECT_EQ(gate.suspensions, 2);
}

TEST(Task, MayBeDestroyedByTheCallThatAnnouncesItsEnd) {
    Gate gate;
    int alive = 0;
    const auto body = [&]() -> Task<> {
        const Counted counted{alive};
        co_await gate;
    };
    Task<> task = body();
    ASSERT_FALSE(task.start([](void* self) { *static_cast<Task<>*>(self) = {}; }, &task, nullptr));
    gate.open();
    EXPECT_FALSE(task);
    EXPECT_EQ(alive, 0);
}

TEST(Task, AwaitsAMillionTasksThatDoNotSuspendOnOneStack) {
    const auto loop_body = []() -> Task<std::int64_t> {
        std::int64_t sum = 0;
        for (int i = 0; i < 1'000'000; ++i) {
            sum += co_await number(i);
            co_await nothing();
        }
        co_return sum;
    };
    LocalLoop loop;
    EXPECT_EQ(loop.run(loop_body()), 499'999'500'000);
}

TEST(Task, AwaitsManyTasksThatDoSuspendOnOneStack) {
    const auto loop_body = []() -> Task<int> {
        int count = 0;
        for (int i = 0; i < 100'000; ++i) {
            co_await yield();
            ++count;
        }
        co_return count;
    };
    LocalLoop loop;
    EXPECT_EQ(loop.run(loop_body()), 100'000);
}

Task<int> depth(int levels) {
    if (levels == 0) co_return 0;
    co_return 1 + co_await depth(levels - 1);
}
Task<int> depth_after(Gate& gate, int levels) {
    if (levels == 0) {
        co_await gate;
        co_return 0;
    }
    co_return 1 + co_await depth_after(gate, levels - 1);
}

TEST(Task, ChainsDeeply) {
    LocalLoop loop;
    EXPECT_EQ(loop.run(depth(2000)), 2000);
}

TEST(Task, ResumesADeepChain) {
    Gate gate;
    Task<int> task = depth_after(gate, 2000);
    bool is_done = false;
    ASSERT_FALSE(
        task.start([](void* flag) { *static_cast<bool*>(flag) = true; }, &is_done, nullptr));
    gate.open();
    ASSERT_TRUE(is_done);
    EXPECT_EQ(task.take_result(), 2000);
}

TEST(Task, DestroysWhatASuspendedChainHolds) {
    Gate gate;
    int alive = 0;
    const auto inner = [&](Counted) -> Task<> {
        const Counted local{alive};
        co_await gate;
    };
    const auto outer = [&]() -> Task<> {
        const Counted local{alive};
        co_await inner(Counted{alive});
    };
    {
        Task<> task = outer();
        ASSERT_FALSE(task.start([](void*) { FAIL(); }, nullptr, nullptr));
        EXPECT_GE(alive, 3);
    }
    EXPECT_EQ(alive, 0);
}

TEST(Task, DestroysItsResultThatNobodyTook) {
    int alive = 0;
    const auto make = [&]() -> Task<Counted> { co_return Counted{alive}; };
    {
        Task<Counted> task = make();
        ASSERT_TRUE(task.start([](void*) {}, nullptr, nullptr));
        EXPECT_EQ(alive, 1);
    }
    EXPECT_EQ(alive, 0);
}

TEST(Task, MovesAndAssigns) {
    Task<int> first = number(1);
    Task<int> second = std::move(first);
    EXPECT_FALSE(first);
    EXPECT_TRUE(second);
    second = number(2);
    LocalLoop loop;
    EXPECT_EQ(loop.run(std::move(second)), 2);
}

TEST(Task, HandsItsCancellationDown) {
    Cancellation cancellation;
    const auto inner = []() -> Task<> { co_await sleep_for(Duration::seconds(60)); };
    const auto outer = [&]() -> Task<> { co_await inner(); };
    LocalLoop loop;
    const LocalLoop::Enter enter{loop};
    Task<> task = outer();
    bool is_done = false;
    ASSERT_FALSE(
        task.start([](void* flag) { *static_cast<bool*>(flag) = true; }, &is_done, &cancellation));
    cancellation.request(CancelReason::client_gone);
    ASSERT_TRUE(is_done);
    EXPECT_THROW(task.take_result(), Cancelled);
}

TEST(Task, KeepsLargeFrames) {
    const auto large = []() -> Task<std::size_t> {
        std::vector<char> heap(10);
        char stack[8000] = {};
        co_await nothing();
        co_return sizeof stack + heap.size() + static_cast<std::size_t>(stack[7999]);
    };
    LocalLoop loop;
    EXPECT_EQ(loop.run(large()), 8010u);
}

} // namespace
} // namespace armature
