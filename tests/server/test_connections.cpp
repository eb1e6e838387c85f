#include "server/server_app.hpp"
#include "support/process.hpp"
#include "support/raw_client.hpp"
#include "support/test_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <ctime>

namespace armature::testing {
namespace {

struct Connections : ::testing::Test {
    Counters counters;
};

double cpu_seconds() {
    timespec time;
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// Sets how many descriptors this process may have, for a scope.
struct DescriptorLimit {
    explicit DescriptorLimit(rlim_t count) {
        ::getrlimit(RLIMIT_NOFILE, &before);
        rlimit now = before;
        now.rlim_cur = std::min(count, before.rlim_max);
        ::setrlimit(RLIMIT_NOFILE, &now);
        granted = now.rlim_cur;
    }
    ~DescriptorLimit() { ::setrlimit(RLIMIT_NOFILE, &before); }
    rlimit before;
    rlim_t granted;
};

int next_descriptor() {
    const int descriptor = ::dup(0);
    ::close(descriptor);
    return descriptor;
}

TEST_F(Connections, CancelTheHandlerWhenTheyAreClosed) {
    const TestServer server{make_server_app(counters)};
    for (const bool reset : {false, true}) {
        counters.started = counters.cancelled = 0;
        RawClient client{server.address()};
        client.get("/wait");
        ASSERT_TRUE(eventually([&] { return counters.started == 1; }));
        reset ? client.reset() : client.close();
        EXPECT_TRUE(eventually([&] { return counters.cancelled == 1; })) << "reset: " << reset;
        EXPECT_EQ(counters.reason, static_cast<int>(CancelReason::client_gone));
    }
}

TEST_F(Connections, EndTheProducerWhenTheyAreClosed) {
    const TestServer server{make_server_app(counters)};
    RawClient client{server.address()};
    client.get("/generate/1000000000000");
    ASSERT_TRUE(eventually([&] { return counters.produced > 0; }));
    client.close();
    // Nothing is produced any more after some time: look until it stands still.
    EXPECT_TRUE(eventually([&] {
        const std::uint64_t before = counters.produced;
        RawClient other{server.address()};
        for (int i = 0; i < 20; ++i)
            if (other.get("/").response().body != "Hello") return false;
        return counters.produced == before;
    }));
}

TEST_F(Connections, SurviveAClientThatLeavesDuringSendfile) {
    TestServer server{make_server_app(counters)};
    for (int i = 0; i < 20; ++i) {
        RawClient client{server.address()};
        client.get("/sparse/100000000");
        EXPECT_FALSE(client.bytes().empty());
        client.reset();
    }
    EXPECT_EQ(RawClient{server.address()}.get("/").response().body, "Hello");
}

TEST_F(Connections, ServePipelinedRequestsWithLargeResponses) {
    const TestServer server{make_server_app(counters)};
    RawClient client{server.address()};
    std::string requests;
    for (int i = 0; i < 200; ++i)
        requests += "GET /memory/100000 HTTP/1.1\r\nHost: a\r\n\r\n";
    client.send(requests);
    for (int i = 0; i < 200; ++i)
        ASSERT_EQ(client.response().body.size(), 100'000u) << i;
}

TEST_F(Connections, AnswerAllPipelinedRequestsOfAClientThatClosedItsSide) {
    const TestServer server{make_server_app(counters)};
    RawClient client{server.address()};
    std::string requests;
    for (int i = 0; i < 5000; ++i)
        requests += "GET /memory/1000 HTTP/1.1\r\nHost: a\r\n\r\n";
    client.send(requests).shutdown_send();
    for (int i = 0; i < 5000; ++i)
        ASSERT_EQ(client.response().body.size(), 1000u) << i;
    EXPECT_EQ(client.drain(), 0u);
}

TEST_F(Connections, DeliverTheLastAnswerThoughTheClientSendsOn) {
    ServerOptions options = TestServer::quiet();
    options.limits.requests_per_connection = 1;
    const TestServer server{make_server_app(counters), options};
    for (int i = 0; i < 50; ++i) {
        RawClient client{server.address()};
        client.get("/");
        client.try_send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        client.try_send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        const WireResponse response = client.response();
        EXPECT_EQ(response.body, "Hello");
        EXPECT_TRUE(response.closes());
        client.try_send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        EXPECT_EQ(client.drain(), 0u);
        EXPECT_FALSE(client.was_reset());
    }
}

TEST_F(Connections, OfASlowReaderCostBoundedMemory) {
    const TestServer server{make_server_app(counters)};
    std::vector<RawClient> clients;
    const long before = memory_kib("VmHWM");
    for (int i = 0; i < 20; ++i) {
        clients.emplace_back(server.address(), 4096);
        clients.back().get("/generate/1000000000");
    }
    // The producers stand still once the kernel's buffers are full.
    std::uint64_t last = 0;
    int same = 0;
    EXPECT_TRUE(eventually([&] {
        RawClient other{server.address()};
        other.get("/sleep/5").response();
        same = counters.produced == last ? same + 1 : 0;
        last = counters.produced;
        return last > 0 && same > 20;
    }));
    EXPECT_LT(memory_kib("VmHWM") - before, memory_allowance * 16 * 1024);
    EXPECT_EQ(RawClient{server.address()}.get("/").response().body, "Hello");
}

TEST_F(Connections, AboveTheLimitWait) {
    ServerOptions options = TestServer::quiet();
    options.limits.connections = 2;
    const TestServer server{make_server_app(counters), options};
    RawClient first{server.address()};
    RawClient second{server.address()};
    EXPECT_EQ(first.get("/").response().body, "Hello");
    EXPECT_EQ(second.get("/").response().body, "Hello");
    RawClient third{server.address()};
    third.get("/");
    EXPECT_EQ(first.get("/sleep/300").response().body, "slept");
    EXPECT_FALSE(third.is_closed());
    second.close();
    EXPECT_EQ(third.response().body, "Hello");
}

TEST_F(Connections, SurviveALackOfDescriptors) {
    const TestServer server{make_server_app(counters)};
    RawClient kept{server.address()};
    EXPECT_EQ(kept.get("/").response().body, "Hello");
    const int free_from = next_descriptor();
    std::vector<RawClient> crowd;
    {
        // Each pair of client and server needs two; the clients come first and leave none.
        const DescriptorLimit limit{static_cast<rlim_t>(free_from) + 20};
        for (;;) {
            try {
                crowd.emplace_back(server.address());
                crowd.back().get("/");
            } catch (const std::runtime_error&) {
                break;
            }
        }
        ASSERT_GE(crowd.size(), 8u);
        const double before = cpu_seconds();
        EXPECT_EQ(kept.get("/sleep/1000").response().body, "slept") << "those there are served";
        EXPECT_LT(cpu_seconds() - before, 0.3) << "and waiting costs nothing";
    }
    for (RawClient& client : crowd)
        EXPECT_EQ(client.response().body, "Hello");
}

TEST_F(Connections, ComeAndGoByTenThousands) {
    const DescriptorLimit limit{32'768};
    const rlim_t count = std::min<rlim_t>(10'000, limit.granted / 2 - 200);
    const TestServer server{make_server_app(counters)};
    {
        std::vector<RawClient> clients;
        clients.reserve(count);
        for (rlim_t i = 0; i < count; ++i) {
            clients.emplace_back(server.address());
            if (i % 2 == 0) clients.back().get("/");
        }
        EXPECT_EQ(clients.back().get("/").bytes().substr(0, 12), "HTTP/1.1 200");
        EXPECT_EQ(clients.front().response().body, "Hello");
    }
    EXPECT_EQ(RawClient{server.address()}.get("/").response().body, "Hello");
    // Their descriptors come back.
    EXPECT_TRUE(eventually([&] { return next_descriptor() < 64; }));
}

} // namespace
} // namespace armature::testing
