// The forms of coroutine code that g++ 12 compiles rightly, and that the documentation therefore
// recommends: run under AddressSanitizer, each must destroy everything exactly once.

#include <armature/core/response.hpp>
#include <armature/core/scheduler.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace armature {
namespace {

const std::string long_text(100, 'l'); // on the heap, so that destroying it twice is noticed

// An option type as the library makes them: with a constructor.
struct Options {
    explicit Options(std::string text) : name(std::move(text)) {}
    Options& retry(int times) {
        retries = times;
        return *this;
    }
    std::string name;
    int retries = 0;
};

Task<std::size_t> takes_options(Options options) {
    co_await yield();
    co_return options.name.size() + static_cast<std::size_t>(options.retries);
}
Task<std::size_t> takes_reference(const Options& options) {
    co_await yield();
    co_return options.name.size();
}
Task<std::size_t> has_default(Options options = Options{long_text}) {
    co_await yield();
    co_return options.name.size();
}
Task<std::size_t> takes_standard(std::string text, std::optional<std::string> more,
                                 std::pair<std::string, int> pair) {
    co_await yield();
    co_return text.size() + more->size() + pair.first.size();
}
template <class Function>
Task<std::size_t> calls(Function function) {
    co_await yield();
    co_return function();
}

TEST(CoroutineSafety, TypesWithConstructorsTravelThroughAnAwait) {
    const auto body = []() -> Task<std::size_t> {
        std::size_t sum = co_await takes_options(Options{long_text});
        sum += co_await takes_options(Options{long_text}.retry(3));
        sum += co_await takes_reference(Options{long_text});
        sum += co_await has_default();
        sum += co_await takes_standard(long_text, long_text, std::pair{long_text, 1});
        co_return sum;
    };
    LocalLoop loop;
    EXPECT_EQ(loop.run(body()), 703u);
}

TEST(CoroutineSafety, LambdasThatCaptureAreNamedFirst) {
    const auto body = []() -> Task<std::size_t> {
        const std::string text = long_text;
        auto by_value = [text] { return text.size(); };
        std::size_t sum = co_await calls(by_value);
        sum += co_await calls(std::move(by_value));
        sum += co_await calls([&text] { return text.size(); }); // references only
        auto work = [text] { return text.size(); };
        sum += co_await blocking(work);
        Task<std::size_t> task = blocking([text] { return text.size(); });
        sum += co_await std::move(task);
        co_return sum;
    };
    LocalLoop loop;
    EXPECT_EQ(loop.run(body()), 500u);
}

struct Aggregate {
    std::string text;
    int number = 0;
};

TEST(CoroutineSafety, AggregatesAreNamedOrReturned) {
    const auto takes = [](Aggregate aggregate) -> Task<std::size_t> {
        co_await yield();
        co_return aggregate.text.size();
    };
    const auto gives = []() -> Task<Aggregate> {
        co_await yield();
        co_return Aggregate{long_text, 1};
    };
    const auto body = [&]() -> Task<std::size_t> {
        Aggregate named{long_text, 2};
        std::size_t sum = co_await takes(std::move(named));
        const Aggregate given = co_await gives();
        sum += given.text.size();
        co_return sum;
    };
    LocalLoop loop;
    EXPECT_EQ(loop.run(body()), 200u);
}

TEST(CoroutineSafety, ChoicesAreMadeBeforeTheAwait) {
    const auto body = [](bool which) -> Task<std::size_t> {
        std::size_t sum = 0;
        if (which)
            sum = co_await takes_options(Options{long_text});
        else
            sum = co_await takes_reference(Options{long_text});
        co_return sum;
    };
    LocalLoop loop;
    EXPECT_EQ(loop.run(body(true)), 100u);
    EXPECT_EQ(loop.run(body(false)), 100u);
}

TEST(CoroutineSafety, ResponsesAreBuiltInTheReturn) {
    const auto body = []() -> Task<Response> {
        co_await yield();
        co_return Response::text(long_text).status(Status::created).header("x-long", long_text);
    };
    const auto listed = []() -> Task<std::vector<std::string>> {
        co_await yield();
        co_return std::vector<std::string>{long_text, long_text};
    };
    LocalLoop loop;
    const Response response = loop.run(body());
    EXPECT_EQ(response.body().text(), long_text);
    EXPECT_EQ(response.headers().get("x-long"), long_text);
    EXPECT_EQ(loop.run(listed()).size(), 2u);
}

TEST(CoroutineSafety, ExceptionsDestroyArgumentsOnce) {
    const auto fails = [](Options options) -> Task<> {
        co_await yield();
        throw std::runtime_error(options.name);
    };
    const auto body = [&]() -> Task<std::string> {
        std::string what;
        try {
            co_await fails(Options{long_text});
        } catch (const std::runtime_error& error) {
            what = error.what();
        }
        co_return what;
    };
    LocalLoop loop;
    EXPECT_EQ(loop.run(body()), long_text);
}

TEST(CoroutineSafety, AbandonedTasksDestroyArgumentsOnce) {
    const auto body = []() -> Task<std::size_t> {
        co_return co_await takes_options(Options{long_text});
    };
    LocalLoop loop;
    const LocalLoop::Enter enter{loop};
    Task<std::size_t> task = body();
    EXPECT_FALSE(task.start([](void*) { FAIL(); }, nullptr, nullptr));
}

} // namespace
} // namespace armature
