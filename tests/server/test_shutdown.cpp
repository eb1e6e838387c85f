#include "server/server_app.hpp"
#include "support/process.hpp"
#include "support/raw_client.hpp"
#include "support/test_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace armature::testing {
namespace {

using ::testing::HasSubstr;

ServerOptions with_grace(Duration grace) {
    ServerOptions options = TestServer::quiet();
    options.limits.shutdown_grace = grace;
    return options;
}

// A server as a process of its own.
struct ServerProcess : Process {
    explicit ServerProcess(std::vector<std::string> arguments = {})
        : Process([&] {
              std::vector<std::string> command{SERVER_PROGRAM};
              command.insert(command.end(), arguments.begin(), arguments.end());
              command.emplace_back("127.0.0.1:0");
              return command;
          }()) {
        const std::string& said = await("\n");
        const std::size_t start = said.find("ready ") + 6;
        address = said.substr(start, said.find('\n', start) - start);
    }
    std::string address;
};

TEST(Shutdown, FinishesWhatIsUnderWay) {
    Counters counters;
    TestServer server{make_server_app(counters), with_grace(Duration::seconds(30))};
    RawClient busy{server.address()};
    RawClient reading{server.address()};
    RawClient idle{server.address()};
    EXPECT_EQ(idle.get("/").response().body, "Hello");
    busy.get("/sleep/200").get("/");
    reading.get("/generate/2000000");
    ASSERT_TRUE(eventually([&] { return counters.started == 1 && counters.produced > 0; }));
    server.begin_stop();
    const WireResponse slept = busy.response();
    EXPECT_EQ(slept.body, "slept");
    const WireResponse last = busy.response();
    EXPECT_EQ(last.body, "Hello") << "it was sent before the shutdown";
    EXPECT_TRUE(last.closes());
    EXPECT_EQ(busy.drain(), 0u);
    const WireResponse generated = reading.response();
    EXPECT_TRUE(generated.complete);
    EXPECT_EQ(generated.body.size(), 2'000'000u);
    EXPECT_EQ(idle.drain(), 0u);
    server.stop();
}

TEST(Shutdown, AcceptsNobodyAnyMore) {
    Counters counters;
    TestServer server{make_server_app(counters), with_grace(Duration::seconds(30))};
    RawClient busy{server.address()};
    busy.get("/sleep/500");
    ASSERT_TRUE(eventually([&] { return counters.started == 1; }));
    server.begin_stop();
    EXPECT_TRUE(eventually([&] {
        try {
            RawClient late{server.address()};
            return false;
        } catch (const std::runtime_error&) {
            return true;
        }
    }));
    EXPECT_EQ(busy.response().body, "slept");
}

TEST(Shutdown, CancelsWhatIsLeftAfterTheGrace) {
    Counters counters;
    TestServer server{make_server_app(counters), with_grace(Duration::milliseconds(50))};
    RawClient client{server.address()};
    client.get("/wait");
    ASSERT_TRUE(eventually([&] { return counters.started == 1; }));
    server.stop();
    EXPECT_EQ(counters.cancelled, 1);
    EXPECT_EQ(counters.reason, static_cast<int>(CancelReason::shutdown));
    EXPECT_EQ(client.response().status, 503);
}

TEST(Shutdown, WaitsForBlockingWorkThatCannotBeInterrupted) {
    Counters counters;
    TestServer server{make_server_app(counters), with_grace(Duration::milliseconds(0))};
    RawClient client{server.address()};
    client.get("/stubborn");
    ASSERT_TRUE(eventually([&] { return counters.started == 1; }));
    server.stop(); // a use after free if it didn't
    client.drain();
}

TEST(Shutdown, MayBeAskedForBeforeTheServerRuns) {
    Counters counters;
    const Application app = make_server_app(counters);
    Server server{app, TestServer::quiet()};
    server.stop();
    server.stop();
    server.run();
}

TEST(Shutdown, ServesWhatConnectedBeforeTheServerRan) {
    Counters counters;
    const Application app = make_server_app(counters);
    Server server{app,
                  with_grace(Duration::seconds(30))}; // 600 answers take a busy machine a while
    std::vector<RawClient> clients;
    for (int i = 0; i < 600; ++i) {
        clients.emplace_back(server.addresses().front());
        clients.back().get("/");
    }
    server.stop();
    const std::jthread thread{[&] { server.run(); }};
    for (RawClient& client : clients)
        EXPECT_EQ(client.response().body, "Hello");
}

TEST(Shutdown, BySignalAnswersEveryRequestThatWasSent) {
    for (const char* threads : {"1", "2"}) {
        ServerProcess server{{"--threads", threads}};
        std::atomic<bool> signalled{false};
        std::atomic<int> answered{0};
        std::atomic<int> lost{0};
        std::vector<std::thread> crowd;
        for (int t = 0; t < 4; ++t)
            crowd.emplace_back([&] {
                // One request after the other, on connections kept alive, until the server says no.
                for (;;) {
                    try {
                        RawClient client{server.address};
                        for (;;) {
                            const bool before = !signalled;
                            client.get(answered % 2 == 0 ? "/" : "/sleep/1");
                            try {
                                const bool closes = client.response().closes();
                                ++answered;
                                if (closes) break;
                            } catch (const std::runtime_error&) {
                                if (before) ++lost;
                                break;
                            }
                        }
                    } catch (const std::runtime_error&) {
                        if (signalled) return;
                        ++lost;
                    }
                }
            });
        EXPECT_TRUE(eventually([&] { return answered > 500; }));
        signalled = true;
        server.signal(SIGTERM);
        for (std::thread& thread : crowd)
            thread.join();
        EXPECT_EQ(server.wait(), 0) << server.output();
        EXPECT_EQ(lost, 0);
    }
}

TEST(Shutdown, BySignalEndsAnIdleServerAtOnce) {
    for (const int signal : {SIGTERM, SIGINT}) {
        ServerProcess server;
        EXPECT_EQ(RawClient{server.address}.get("/").response().body, "Hello");
        server.signal(signal);
        EXPECT_EQ(server.wait(), 0) << server.output();
    }
}

TEST(Shutdown, BySignalStillExitsWith0AfterABrokenPipe) {
    ServerProcess server;
    for (int i = 0; i < 20; ++i) {
        RawClient client{server.address};
        client.get("/sparse/100000000");
        EXPECT_FALSE(client.bytes().empty());
        client.reset();
    }
    server.signal(SIGTERM);
    EXPECT_EQ(server.wait(), 0) << server.output();
}

TEST(Shutdown, BySignalCancelsAfterTheGrace) {
    ServerProcess server{{"--grace", "50"}};
    RawClient client{server.address};
    client.get("/wait").send("");
    RawClient other{server.address};
    EXPECT_EQ(other.get("/").response().body, "Hello");
    server.signal(SIGTERM);
    EXPECT_EQ(client.response().status, 503);
    EXPECT_EQ(server.wait(), 0);
    EXPECT_THAT(server.output(), HasSubstr("cancelled 3"));
}

TEST(Shutdown, ByASecondSignalDoesNotWait) {
    ServerProcess server{{"--grace", "600000"}};
    RawClient client{server.address};
    client.get("/wait");
    EXPECT_EQ(RawClient{server.address}.get("/").response().body, "Hello");
    server.signal(SIGTERM);
    server.await("shutting down");
    server.signal(SIGTERM);
    EXPECT_EQ(server.wait(), 128 + SIGTERM);
}

TEST(Shutdown, UnderWrkLosesNothing) {
    ServerProcess server{{"--threads", "2"}};
    Process load{{"wrk", "-t2", "-c50", "-d2", "http://" + server.address + "/"}};
    EXPECT_TRUE(eventually([&] {
        try {
            return RawClient{server.address}.get("/").response().status == 200;
        } catch (const std::runtime_error&) {
            return false;
        }
    }));
    EXPECT_EQ(load.wait(), 0);
    EXPECT_THAT(load.output(), HasSubstr("Requests/sec"));
    EXPECT_THAT(load.output(), ::testing::Not(HasSubstr("Socket errors")));
    EXPECT_THAT(load.output(), ::testing::Not(HasSubstr("Non-2xx")));
    server.signal(SIGTERM);
    EXPECT_EQ(server.wait(), 0);
}

TEST(Shutdown, LeavesSignalsToOneServerOfAProcess) {
    Counters counters;
    const Application app = make_server_app(counters);
    ServerOptions options = TestServer::quiet();
    options.handle_signals = true;
    Server first{app, options};
    std::thread thread{[&] { first.run(); }};
    EXPECT_EQ(RawClient{first.addresses().front()}.get("/").response().body, "Hello");
    EXPECT_THROW((Server{app, options}), ServerError);
    first.stop();
    thread.join();
}

} // namespace
} // namespace armature::testing
