#include <armature/core/scheduler.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace armature {
namespace {

class Hook final : public CancelHook {
  public:
    explicit Hook(std::function<void(CancelReason)> call) : call_(std::move(call)) {}

  private:
    void cancelled(CancelReason reason) override { call_(reason); }
    std::function<void(CancelReason)> call_;
};

TEST(Cancellation, TellsEveryHookOnce) {
    Cancellation cancellation;
    std::vector<CancelReason> seen;
    const auto note = [&seen](CancelReason reason) { seen.push_back(reason); };
    Hook first{note};
    Hook second{note};
    cancellation.add(first);
    cancellation.add(second);
    cancellation.request(CancelReason::deadline);
    cancellation.request(CancelReason::shutdown);
    EXPECT_EQ(seen, (std::vector{CancelReason::deadline, CancelReason::deadline}));
    EXPECT_TRUE(cancellation.requested());
    EXPECT_EQ(cancellation.reason(), CancelReason::deadline) << "the first reason stays";
}

TEST(Cancellation, ForgetsAHookThatWentAway) {
    Cancellation cancellation;
    int calls = 0;
    const auto count = [&calls](CancelReason) { ++calls; };
    auto first = std::make_unique<Hook>(count);
    auto second = std::make_unique<Hook>(count);
    auto third = std::make_unique<Hook>(count);
    cancellation.add(*first);
    cancellation.add(*second);
    cancellation.add(*third);
    second.reset();
    Cancellation::remove(*first);
    Cancellation::remove(*first);
    cancellation.request(CancelReason::client_gone);
    EXPECT_EQ(calls, 1);
}

TEST(Cancellation, LetsAHookDestroyAnother) {
    Cancellation cancellation;
    int calls = 0;
    std::unique_ptr<Hook> victim;
    Hook destroyer{[&](CancelReason) {
        ++calls;
        victim.reset();
    }};
    victim = std::make_unique<Hook>([&calls](CancelReason) { ++calls; });
    cancellation.add(*victim);
    cancellation.add(destroyer);
    cancellation.request(CancelReason::client_gone);
    EXPECT_EQ(calls, 1);
}

// A cancelled handler completes its exchange, which is then given to the next request or deleted.
TEST(Cancellation, MayBeDestroyedByAHook) {
    auto cancellation = std::make_unique<Cancellation>();
    Hook hook{[&](CancelReason) { cancellation.reset(); }};
    cancellation->add(hook);
    cancellation->request(CancelReason::deadline);
    EXPECT_EQ(cancellation, nullptr);
}

TEST(Cancellation, LeavesTheNextRequestAloneThatAHookStarts) {
    Cancellation cancellation;
    bool was_next_told = false;
    Hook next{[&](CancelReason) { was_next_told = true; }};
    Hook hook{[&](CancelReason) {
        cancellation.reset();
        cancellation.add(next);
    }};
    cancellation.add(hook);
    cancellation.request(CancelReason::deadline);
    EXPECT_FALSE(was_next_told);
    EXPECT_FALSE(cancellation.requested());
    cancellation.request(CancelReason::shutdown);
    EXPECT_TRUE(was_next_told);
}

TEST(Cancellation, ChecksForLongComputations) {
    Cancellation cancellation;
    EXPECT_NO_THROW(cancellation.check());
    cancellation.request(CancelReason::client_gone);
    try {
        cancellation.check();
        FAIL();
    } catch (const Cancelled& cancelled) {
        EXPECT_EQ(cancelled.reason(), CancelReason::client_gone);
        EXPECT_STREQ(cancelled.what(), "cancelled: the client went away");
    }
    cancellation.reset();
    EXPECT_NO_THROW(cancellation.check());
}

TEST(Cancelled, SaysWhy) {
    EXPECT_NE(std::string{Cancelled{CancelReason::deadline}.what()}.find("time-out"),
              std::string::npos);
    EXPECT_NE(std::string{Cancelled{CancelReason::shutdown}.what()}.find("shutting down"),
              std::string::npos);
    EXPECT_STREQ(Cancelled{CancelReason::none}.what(), "cancelled");
}

// --- what tasks wait for ------------------------------------------------------------------------

struct Started {
    explicit Started(Task<> body) : task(std::move(body)) {
        is_done = task.start([](void* flag) { *static_cast<bool*>(flag) = true; }, &is_done,
                             &cancellation);
    }
    Cancellation cancellation;
    Task<> task;
    bool is_done = false;
};

TEST(Cancellation, EndsASleep) {
    LocalLoop loop;
    const LocalLoop::Enter enter{loop};
    Started sleeping{sleep_for(Duration::seconds(60))};
    ASSERT_FALSE(sleeping.is_done);
    EXPECT_FALSE(loop.timers().empty());
    sleeping.cancellation.request(CancelReason::deadline);
    EXPECT_TRUE(sleeping.is_done);
    EXPECT_TRUE(loop.timers().empty());
    EXPECT_THROW(sleeping.task.take_result(), Cancelled);
}

TEST(Cancellation, EndsALoopThatYields) {
    LocalLoop loop;
    Cancellation cancellation;
    int turns = 0;
    const auto endless = [&]() -> Task<> {
        for (;;) {
            co_await yield();
            if (++turns == 3) cancellation.request(CancelReason::shutdown);
        }
    };
    EXPECT_THROW(loop.run(endless(), &cancellation), Cancelled);
    EXPECT_EQ(turns, 3);
}

TEST(Cancellation, LetsBlockingWorkFinishFirst) {
    LocalLoop loop;
    Cancellation cancellation;
    bool has_run = false;
    const auto body = [&]() -> Task<> {
        auto work = [&] {
            has_run = true;
            return 1;
        };
        Task<int> task = blocking(work);
        static_cast<void>(co_await std::move(task));
    };
    Task<> task = body();
    bool is_done = false;
    const LocalLoop::Enter enter{loop};
    ASSERT_FALSE(
        task.start([](void* flag) { *static_cast<bool*>(flag) = true; }, &is_done, &cancellation));
    cancellation.request(CancelReason::client_gone);
    EXPECT_FALSE(is_done);
    loop.run_until(is_done);
    EXPECT_TRUE(has_run);
    EXPECT_THROW(task.take_result(), Cancelled);
}

TEST(Cancellation, EndsEveryLaterWaitAtOnce) {
    LocalLoop loop;
    Cancellation cancellation;
    cancellation.request(CancelReason::client_gone);
    bool has_run = false;
    const auto work = [&has_run] { has_run = true; };
    EXPECT_THROW(loop.run(sleep_for(Duration::seconds(60)), &cancellation), Cancelled);
    EXPECT_THROW(loop.run(yield(), &cancellation), Cancelled);
    EXPECT_THROW(loop.run(blocking(work), &cancellation), Cancelled);
    EXPECT_FALSE(has_run);
}

TEST(Cancellation, LetsATaskCleanUpButNotWaitAgain) {
    LocalLoop loop;
    Cancellation cancellation;
    int caught = 0;
    const auto body = [&]() -> Task<> {
        bool again = false;
        try {
            cancellation.request(CancelReason::deadline);
            co_await sleep_for(Duration::seconds(60));
        } catch (const Cancelled&) {
            ++caught;
            again = true;
        }
        if (again) co_await sleep_for(Duration::seconds(60));
    };
    EXPECT_THROW(loop.run(body(), &cancellation), Cancelled);
    EXPECT_EQ(caught, 1);
}

} // namespace
} // namespace armature
