#include "support/process.hpp"
#include "support/test_server.hpp"

#include <armature/armature.hpp>
#include <armature/log/capture.hpp>
#include <armature/observability/health.hpp>
#include <armature/testing/client.hpp>
#include <armature/testing/response.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <coroutine>
#include <stdexcept>

namespace armature {
namespace {

using ::testing::HasSubstr;

Application with(Health checks) { return App::create().service(health(std::move(checks))).build(); }

Task<bool> passes_later() {
    co_await sleep_for(Duration::milliseconds(500));
    co_return true;
}
Task<> never_ends() { co_await sleep_for(Duration::seconds(3600)); }
Task<> fails_later() {
    co_await sleep_for(Duration::milliseconds(100));
    throw std::runtime_error("secret-host:5432 refused");
}

TEST(Health, LiveAnswersWithoutAnyCheck) {
    TestClient client{with(Health{}.check("broken", [] { return false; }))};
    const TestResponse response = client.get("/health/live").send();
    EXPECT_EQ(response.status(), Status::ok);
    EXPECT_EQ(response.text(), R"({"status":"pass"})");
    EXPECT_EQ(response.header("cache-control"), "no-store");
    EXPECT_EQ(response.header("content-type"), "application/json");
}

TEST(Health, ReadyWithoutChecksPasses) {
    TestClient client{with(Health{})};
    EXPECT_EQ(client.get("/health/ready").send().text(), R"({"status":"pass","checks":{}})");
}

TEST(Health, ReadyNamesEachCheckOfEachKind) {
    int ran = 0;
    TestClient client{with(Health{}
                               .check("sync", [] { return true; })
                               .check("nothing", [&] { ++ran; })
                               .check("later", passes_later))};
    const TestResponse response = client.get("/health/ready").send();
    EXPECT_EQ(response.status(), Status::ok);
    EXPECT_EQ(response.text(), R"({"status":"pass","checks":{"sync":{"status":"pass"},)"
                               R"("nothing":{"status":"pass"},"later":{"status":"pass"}}})");
    EXPECT_EQ(ran, 1);
}

TEST(Health, OneFailureIs503AndSaysNotWhy) {
    log::Capture log;
    TestClient client{with(Health{}.check("good", [] {}).check("bad", fails_later))};
    const TestResponse response = client.get("/health/ready").send();
    EXPECT_EQ(response.status(), Status::service_unavailable);
    EXPECT_EQ(response.text(), R"({"status":"fail","checks":{"good":{"status":"pass"},)"
                               R"("bad":{"status":"fail"}}})");
    ASSERT_EQ(log.records().size(), 1u);
    EXPECT_EQ(log.records()[0].message, "a health check fails");
    EXPECT_EQ(log.records()[0].field("check"), "bad");
    EXPECT_EQ(log.records()[0].field("error"), "secret-host:5432 refused");
}

TEST(Health, DetailsAreShownToThoseWhoAskForThem) {
    TestClient client{with(Health{}
                               .check("false", [] { return false; })
                               .check("throws", fails_later)
                               .check("late", never_ends)
                               .show_details())};
    const std::string text = client.get("/health/ready").send().text();
    EXPECT_THAT(text, HasSubstr(R"("false":{"status":"fail","detail":"it returned false"})"));
    EXPECT_THAT(text, HasSubstr(R"("detail":"secret-host:5432 refused")"));
    EXPECT_THAT(text, HasSubstr(R"("late":{"status":"fail","detail":"timed out"})"));
}

TEST(Health, TheLogHasChangesOnlyNotEveryProbe) {
    bool good = false;
    log::Capture log;
    TestClient client{with(Health{}.check("x", [&] { return good; }))};
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(client.get("/health/ready").send().status(), Status::service_unavailable);
    good = true;
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(client.get("/health/ready").send().status(), Status::ok);
    ASSERT_EQ(log.records().size(), 2u);
    EXPECT_EQ(log.records()[1].message, "a health check passes again");
}

TEST(Health, ChecksRunAtTheSameTimeEachWithItsTimeOut) {
    TestClient client{with(Health{}
                               .check("a", passes_later)
                               .check("b", passes_later)
                               .check("c", never_ends, Duration::milliseconds(700)))};
    const TestResponse response = client.get("/health/ready").send();
    EXPECT_EQ(client.clock().elapsed(), Duration::milliseconds(700));
    EXPECT_EQ(response.text(), R"({"status":"fail","checks":{"a":{"status":"pass"},)"
                               R"("b":{"status":"pass"},"c":{"status":"fail"}}})");
}

TEST(Health, ACheckMayTakeTwoSecondsUnlessToldOtherwise) {
    TestClient client{with(Health{}.check("late", never_ends))};
    EXPECT_EQ(client.get("/health/ready").send().status(), Status::service_unavailable);
    EXPECT_EQ(client.clock().elapsed(), Duration::seconds(2));
}

// A wait that no cancellation ends.
class Stuck {
  public:
    explicit Stuck(std::coroutine_handle<>& waiter) noexcept : waiter_(waiter) {}
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> handle) const noexcept { waiter_ = handle; }
    void await_resume() const noexcept {}

  private:
    std::coroutine_handle<>& waiter_;
};

TEST(Health, WhileARunThatIsOverdueHasNotEndedNoOtherOneBegins) {
    std::coroutine_handle<> waiter;
    int begun = 0;
    const auto waits = [&]() -> Task<> {
        ++begun;
        co_await Stuck{waiter};
    };
    TestClient client{with(Health{}.check("stuck", waits).show_details())};
    EXPECT_THAT(client.get("/health/ready").send().text(), HasSubstr("timed out"));
    EXPECT_THAT(client.get("/health/ready").send().text(),
                HasSubstr("the run before hasn't ended"));
    EXPECT_EQ(begun, 1);
    waiter.resume();
    EXPECT_THAT(client.get("/health/ready").send().text(), HasSubstr("timed out"));
    EXPECT_EQ(begun, 2);
    waiter.resume();
}

TEST(Health, AClientThatLeavesLetsGoOfTheChecks) {
    struct Ended {
        bool* flag;
        ~Ended() { *flag = true; }
    };
    bool ended = false;
    log::Capture log;
    {
        TestClient client{App::create()
                              .service(health(Health{}.check("slow",
                                                             [&]() -> Task<> {
                                                                 const Ended guard{&ended};
                                                                 co_await sleep_for(
                                                                     Duration::seconds(1));
                                                             })))
                              .timeout(Duration::milliseconds(10))};
        EXPECT_EQ(client.get("/health/ready").send().status(), Status::service_unavailable);
        EXPECT_TRUE(ended);
    }
    EXPECT_EQ(log.records().size(), 0u); // it is no failure of the check
}

TEST(Health, ReadinessEndsWhenTheServerShutsDown) {
    int ran = 0;
    TestClient client{with(Health{}.check("x", [&] { ++ran; }))};
    EXPECT_EQ(client.get("/health/ready").send().status(), Status::ok);
    client.begin_shutdown();
    const TestResponse response = client.get("/health/ready").send();
    EXPECT_EQ(response.status(), Status::service_unavailable);
    EXPECT_EQ(response.text(), R"({"status":"fail","detail":"shutting down"})");
    EXPECT_EQ(ran, 1);
    EXPECT_EQ(client.get("/health/live").send().status(), Status::ok);
}

TEST(Health, WrongSettingsAreRefusedInOneSentence) {
    const auto message_of = [](std::string name, Duration timeout) -> std::string {
        try {
            static_cast<void>(Health{}.check("a", [] {}).check(std::move(name), [] {}, timeout));
        } catch (const std::invalid_argument& error) {
            return error.what();
        }
        return "";
    };
    EXPECT_EQ(message_of("", Duration::seconds(1)), "a health check needs a name");
    EXPECT_EQ(message_of("a", Duration::seconds(1)), "there are two health checks \"a\"");
    EXPECT_EQ(message_of("b", Duration{}),
              "the time-out of the health check \"b\" is at least 1 ms");
}

TEST(Health, AnswersOverSocketsOnBothProtocols) {
    testing::TestServer server{with(Health{}
                                        .check("pool",
                                               []() -> Task<bool> {
                                                   const auto work = [] { return true; };
                                                   co_return co_await blocking(work);
                                               })
                                        .check("bad", [] { return false; }))};
    for (const char* version : {"--http1.1", "--http2-prior-knowledge"}) {
        const testing::Ran ready = testing::run(
            {"curl", "-sS", version, "-w", " %{http_code}", server.url("/health/ready")});
        EXPECT_EQ(ready.output, R"({"status":"fail","checks":{"pool":{"status":"pass"},)"
                                R"("bad":{"status":"fail"}}} 503)");
        const testing::Ran live = testing::run(
            {"curl", "-sS", version, "-w", " %{http_code}", server.url("/health/live")});
        EXPECT_EQ(live.output, R"({"status":"pass"} 200)");
    }
}

} // namespace
} // namespace armature
