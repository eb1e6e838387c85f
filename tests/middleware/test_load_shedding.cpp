#include "middleware/adaptive_limit.hpp"
#include "support/process.hpp"

#include <armature/app/app.hpp>
#include <armature/core/cancellable_wait.hpp>
#include <armature/core/scheduler.hpp>
#include <armature/middleware/load_shedding.hpp>
#include <armature/server/server.hpp>
#include <armature/testing/client.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <list>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace armature::testing {
namespace {

using ::testing::AllOf;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::Not;

// Handlers that are held until somebody lets the first of them go on. One thread.
class Gate {
  public:
    Task<> pass() {
        std::list<WaitSlot>::iterator slot = slots_.emplace(slots_.end());
        ++inside;
        most = std::max(most, inside);
        struct Leave {
            Gate& gate;
            ~Leave() { --gate.inside; }
        } leave{*this};
        co_await slot->wait();
    }
    void open(TestClient& client) {
        client.clock().advance(Duration::milliseconds(1)); // whose turn it is comes
        ASSERT_FALSE(slots_.empty());
        slots_.front().resume();
        slots_.pop_front();
    }
    int inside = 0;
    int most = 0;

  private:
    std::list<WaitSlot> slots_;
};

App gated(const ConcurrencyLimit& limit, Gate& gate) {
    return App::create()
        .wrap(limit)
        .route("/", get([&gate](Request& request) -> Task<std::string> {
                   const std::string who{request.query("who").value_or("")};
                   co_await gate.pass();
                   co_return who;
               }))
        .route("/health", get([] { return "fine"; }).metadata(NeverShed{}));
}

std::vector<std::uint64_t> numbers(const ConcurrencyLimit& limit) {
    const ConcurrencyLimit::Load load = limit.load();
    return {load.running, load.waiting, load.refused};
}
using Numbers = std::vector<std::uint64_t>;

TEST(ConcurrencyLimit, LetsOthersWaitForTheirTurn) {
    Gate gate;
    const ConcurrencyLimit limit{{.limit = 2, .queue = 10}};
    TestClient client{gated(limit, gate)};
    std::vector<TestCall> calls;
    for (const char* who : {"1", "2", "3", "4", "5"})
        calls.push_back(client.get("/").query("who", who).start());
    EXPECT_EQ(numbers(limit), (Numbers{2, 3, 0}));
    for (std::size_t i = 0; i < calls.size(); ++i) {
        EXPECT_FALSE(calls[i].is_answered());
        gate.open(client);
        EXPECT_EQ(calls[i].response().text(), std::to_string(i + 1)); // in the order they came
    }
    EXPECT_EQ(gate.most, 2);
    EXPECT_EQ(numbers(limit), (Numbers{0, 0, 0}));
}

TEST(ConcurrencyLimit, RefusesWhatFindsNoRoomInTheQueue) {
    Gate gate;
    const ConcurrencyLimit limit{{.limit = 1, .queue = 1, .retry_after = Duration::seconds(5)}};
    TestClient client{gated(limit, gate)};
    TestCall first = client.get("/").start();
    TestCall second = client.get("/").start();
    std::set<std::string> waits;
    for (int i = 0; i < 20; ++i) {
        const TestResponse refused = client.get("/").send();
        EXPECT_EQ(refused.status(), Status::service_unavailable);
        EXPECT_EQ(refused.header("content-type"), "application/problem+json");
        EXPECT_THAT(refused.text(), HasSubstr("http-problem-types#temporary-reduced-capacity\""));
        waits.emplace(*refused.header("retry-after"));
    }
    EXPECT_EQ(waits, (std::set<std::string>{"5", "6", "7", "8", "9", "10"}));
    EXPECT_EQ(client.get("/health").send().text(), "fine"); // and takes no place
    EXPECT_EQ(numbers(limit), (Numbers{1, 1, 20}));
    gate.open(client);
    EXPECT_EQ(first.response().status(), Status::ok);
    gate.open(client);
    EXPECT_EQ(second.response().status(), Status::ok);
}

TEST(ConcurrencyLimit, RefusesWhatWaitedTooLong) {
    Gate gate;
    const ConcurrencyLimit limit{
        {.limit = 1, .queue = 5, .queue_timeout = Duration::milliseconds(200)}};
    TestClient client{gated(limit, gate)};
    TestCall first = client.get("/").start();
    TestCall second = client.get("/").start();
    client.clock().advance(Duration::milliseconds(199));
    EXPECT_FALSE(second.is_answered());
    client.clock().advance(Duration::milliseconds(1));
    EXPECT_EQ(second.response().status(), Status::service_unavailable);
    EXPECT_EQ(numbers(limit), (Numbers{1, 0, 1}));
    gate.open(client);
    EXPECT_EQ(first.response().status(), Status::ok);
}

TEST(ConcurrencyLimit, GivesThePlaceOfAClientThatLeftToTheNext) {
    Gate gate;
    const ConcurrencyLimit limit{{.limit = 1, .queue = 5}};
    TestClient client{gated(limit, gate)};
    TestCall first = client.get("/").start();
    TestCall second = client.get("/").start();
    TestCall third = client.get("/").start();
    EXPECT_EQ(numbers(limit), (Numbers{1, 2, 0}));
    second.leave(); // while it waits
    EXPECT_EQ(numbers(limit).at(0), 1u);
    first.leave();     // while it is handled
    gate.open(client); // the first's slot, which nobody waits at any more
    gate.open(client);
    EXPECT_EQ(third.response().status(), Status::ok);
    EXPECT_EQ(numbers(limit).at(0), 0u);
    EXPECT_EQ(numbers(limit).at(1), 0u);
}

TEST(ConcurrencyLimit, GivesPlacesBackAfterErrors) {
    const ConcurrencyLimit limit{{.limit = 1, .queue = 0}};
    TestClient client{App::create().wrap(limit).route("/", get([]() -> Task<std::string> {
                                                          throw Error::conflict();
                                                          co_return "";
                                                      }))};
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(client.get("/").send().status(), Status::conflict);
    EXPECT_EQ(numbers(limit), (Numbers{0, 0, 0}));
}

TEST(ConcurrencyLimit, IsOneForAllPlacesWhereItIsWrapped) {
    Gate gate;
    const ConcurrencyLimit limit{{.limit = 1, .queue = 0}};
    const auto handler = [&gate]() -> Task<std::string> {
        co_await gate.pass();
        co_return "";
    };
    TestClient client{App::create()
                          .route("/a", get(handler).wrap(limit))
                          .route("/b", get(handler).wrap(limit))
                          .route("/c", get(handler).wrap(ConcurrencyLimit{{.limit = 1}}))};
    TestCall a = client.get("/a").start();
    EXPECT_EQ(client.get("/b").send().status(), Status::service_unavailable);
    TestCall c = client.get("/c").start();
    EXPECT_FALSE(c.is_answered());
    gate.open(client);
    gate.open(client);
    EXPECT_EQ(a.response().status(), Status::ok);
    EXPECT_EQ(c.response().status(), Status::ok);
}

TEST(ConcurrencyLimit, RefusesOptionsThatCannotBeRight) {
    EXPECT_THROW((ConcurrencyLimit{{.limit = 0}}), std::invalid_argument);
    EXPECT_THROW((ConcurrencyLimit{{.queue_timeout = Duration::milliseconds(-1)}}),
                 std::invalid_argument);
    EXPECT_THROW((ConcurrencyLimit{{.limit = 2, .adaptive = true}}), std::invalid_argument);
    EXPECT_THROW((ConcurrencyLimit{{.limit = 50, .adaptive = true, .max_limit = 20}}),
                 std::invalid_argument);
    EXPECT_THROW((ConcurrencyLimit{{.retry_after = Duration::milliseconds(999)}}),
                 std::invalid_argument);
    EXPECT_THROW((LoadShedding{{.max_delay = Duration{}}}), std::invalid_argument);
}

// --- the adaptive limit
// ---------------------------------------------------------------------------

// Something behind the handlers that does `capacity` requests at a time in `base` each, and shares
// itself between more. Always as many requests come as the limit lets through.
std::uint32_t settle(detail::AdaptiveLimit& limit, double capacity, double base, int requests) {
    for (int i = 0; i < requests; ++i) {
        const std::uint32_t running = limit.limit();
        limit.sample(base * std::max(1.0, running / capacity), running);
    }
    return limit.limit();
}

TEST(AdaptiveLimit, FindsWhatIsBehindIt) {
    for (const double capacity : {10.0, 50.0, 200.0})
        for (const double begin : {4.0, 20.0, 900.0}) {
            detail::AdaptiveLimit limit{begin, 4, 1000};
            settle(limit, capacity, 0.01, 20'000);
            // However long the load stands, and looking away from the moments of a probe.
            std::uint32_t found = 0;
            for (int i = 0; i < 2000; ++i)
                found = std::max(found, settle(limit, capacity, 0.01, 1));
            EXPECT_GE(found, capacity * 0.9) << begin;
            EXPECT_LE(found, capacity * 2.5) << begin;
        }
}

TEST(AdaptiveLimit, ShrinksWhenItGetsSlowAndGrowsWhenThatIsOver) {
    detail::AdaptiveLimit limit{20, 4, 1000};
    settle(limit, 100, 0.01, 5000);
    settle(limit, 10, 0.1, 3000);
    const std::uint32_t slow = limit.limit();
    EXPECT_LE(slow, 30u);
    settle(limit, 100, 0.01, 3000);
    EXPECT_GE(limit.limit(), slow * 2);
}

// The same work, ten times as slow for whatever reason: the limit shrinks, and then comes back.
TEST(AdaptiveLimit, LearnsWhatIsNormal) {
    detail::AdaptiveLimit limit{20, 4, 1000};
    settle(limit, 100, 0.01, 5000);
    settle(limit, 100, 0.1, 10'000);
    EXPECT_GE(limit.limit(), 80u);
}

TEST(AdaptiveLimit, StaysWithinItsBoundsAndStillWhenNobodyComesNear) {
    detail::AdaptiveLimit limit{20, 4, 30};
    EXPECT_EQ(settle(limit, 1e9, 0.01, 400), 30u);
    for (int i = 0; i < 400; ++i)
        limit.sample(i % 2 == 0 ? 0.01 : 10, 2); // two at a time say nothing of thirty
    EXPECT_EQ(limit.limit(), 30u);
    for (int i = 0; i < 400; ++i)
        limit.sample(std::pow(1.1, i), 30);
    EXPECT_GE(limit.limit(), 4u);
}

// --- over sockets
// ---------------------------------------------------------------------------------

// A number in what wrk says: "Requests/sec:", "Non-2xx or 3xx responses:".
double said(const std::string& output, const std::string& label) {
    const std::size_t at = output.find(label);
    return at == std::string::npos ? 0 : std::stod(output.substr(at + label.size()));
}

Task<> wait_a_little(std::atomic<int>& inside, std::atomic<int>& most) {
    const int now = ++inside;
    int before = most;
    while (before < now && !most.compare_exchange_weak(before, now)) {
    }
    struct Leave {
        std::atomic<int>& inside;
        ~Leave() { --inside; }
    } leave{inside};
    co_await sleep_for(Duration::milliseconds(2));
}

TEST(ConcurrencyLimitOverSockets, HoldsUnderLoadOnSeveralLoops) {
    if (shell("command -v wrk").status != 0) GTEST_SKIP() << "wrk isn't installed";
    std::atomic<int> inside{0};
    std::atomic<int> most{0};
    const ConcurrencyLimit limit{{.limit = 5, .queue = 20}};
    App app = App::create().wrap(limit).route("/", get([&]() -> Task<std::string> {
                                                  co_await wait_a_little(inside, most);
                                                  co_return "done";
                                              }));
    const Application application = app.build();
    ServerOptions options;
    options.http = {"127.0.0.1:0"};
    options.threads = 3;
    options.handle_signals = false;
    Server server{application, options};
    std::thread serving{[&] { server.run(); }};
    const Ran ran = shell("wrk -t2 -c60 -d2 http://" + server.addresses().at(0) + "/");
    server.stop();
    serving.join();
    EXPECT_EQ(ran.status, 0);
    EXPECT_THAT(ran.output, Not(HasSubstr("Socket errors")));
    EXPECT_GT(said(ran.output, "Requests/sec:"), 0) << ran.output;
    EXPECT_GT(said(ran.output, "Non-2xx or 3xx responses:"), 0) << ran.output; // 60 want 25 places
    EXPECT_THAT(most.load(), AllOf(Ge(1), Le(5)));
    EXPECT_EQ(inside, 0);
    EXPECT_EQ(numbers(limit).at(0), 0u); // nothing was lost
    EXPECT_EQ(numbers(limit).at(1), 0u);
}

void burn(std::chrono::milliseconds time) {
    const auto end = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < end)
        continue;
}

TEST(LoadSheddingOverSockets, RefusesWhatComesTooLate) {
    if (shell("command -v wrk").status != 0) GTEST_SKIP() << "wrk isn't installed";
    const TestClient client = TestClient::over_http(
        App::create()
            .wrap(LoadShedding{{.max_delay = Duration::milliseconds(100)}})
            .route("/", get([] {
                       burn(std::chrono::milliseconds{5});
                       return "done";
                   }))
            .route("/health", get([] { return "fine"; }).metadata(NeverShed{})));
    // A hundred that come at once would take half a second.
    const Process load{{"wrk", "-t1", "-c100", "-d60", client.origin() + "/"}};
    std::string refused;
    while (refused.empty()) {
        EXPECT_EQ(shell("curl -s --max-time 60 " + client.origin() + "/health").output, "fine");
        const Ran ran = shell("curl -s -i --max-time 60 " + client.origin() + "/");
        if (ran.output.starts_with("HTTP/1.1 503"))
            refused = ran.output;
        else
            ASSERT_THAT(ran.output, HasSubstr("done"));
    }
    EXPECT_THAT(refused, HasSubstr("retry-after: "));
    EXPECT_THAT(refused, HasSubstr("temporary-reduced-capacity"));
}

} // namespace
} // namespace armature::testing
