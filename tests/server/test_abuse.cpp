#include "server/server_app.hpp"
#include "support/raw_client.hpp"
#include "support/test_server.hpp"

#include <gtest/gtest.h>

namespace armature::testing {
namespace {

ServerOptions impatient() {
    ServerOptions options = TestServer::quiet();
    options.limits.header_timeout = Duration::milliseconds(300);
    options.limits.idle_timeout = Duration::milliseconds(300);
    options.limits.transfer_grace = Duration::milliseconds(300);
    options.limits.min_transfer_rate = 1000;
    return options;
}

struct Abuse : ::testing::Test {
    Counters counters;
    TestServer server{make_server_app(counters), impatient()};

    // A client that sends a byte every few milliseconds until the server has had enough.
    template <class Between>
    std::string trickle(RawClient& client, std::string_view bytes, Between between) {
        std::size_t sent = 0;
        EXPECT_TRUE(eventually([&] {
            if (client.is_closed()) return true;
            between();
            if (sent < bytes.size()) client.try_send(bytes.substr(sent++, 1));
            return false;
        }));
        return client.rest();
    }
    void serve_another() {
        EXPECT_EQ(RawClient{server.address()}.get("/sleep/5").response().body, "slept");
    }
};

TEST_F(Abuse, ByATrickledHeadEndsWith408WhileOthersAreServed) {
    RawClient client{server.address()};
    client.send("GET / HTTP/1.1\r\nHost: a\r\n");
    const std::string head(100'000, 'x');
    // is_closed sees the answer too: the first byte of it doesn't end the trickle.
    std::size_t sent = 0;
    std::string said;
    const auto start = std::chrono::steady_clock::now();
    EXPECT_TRUE(eventually([&] {
        serve_another();
        return client.try_send(head.substr(sent++, 1)) < 0 ||
               std::chrono::steady_clock::now() - start > std::chrono::milliseconds(600);
    }));
    const WireResponse response = client.response();
    EXPECT_EQ(response.status, 408);
    EXPECT_TRUE(response.closes());
    EXPECT_EQ(client.drain(), 0u);
}

TEST_F(Abuse, BySilenceEndsTheConnection) {
    RawClient silent{server.address()};
    RawClient served{server.address()};
    EXPECT_EQ(served.get("/").response().body, "Hello");
    EXPECT_EQ(silent.drain(), 0u);
    EXPECT_EQ(served.drain(), 0u);
}

TEST_F(Abuse, ByTrickledContentEndsWith408) {
    RawClient client{server.address()};
    client.send("POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
    const auto start = std::chrono::steady_clock::now();
    EXPECT_TRUE(eventually([&] {
        serve_another();
        return client.try_send("x") < 0 ||
               std::chrono::steady_clock::now() - start > std::chrono::milliseconds(800);
    }));
    EXPECT_EQ(client.response().status, 408);
    EXPECT_EQ(client.drain(), 0u);
}

TEST_F(Abuse, ByTrickledContentThatNobodyReadsEndsTheConnection) {
    RawClient client{server.address()};
    client.send("PATCH /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
    EXPECT_EQ(client.response().status, 405);
    EXPECT_EQ(client.drain(), 0u);
}

TEST_F(Abuse, ByNotReadingEndsTheConnection) {
    RawClient client{server.address(), 4096};
    client.get("/generate/1000000000");
    ASSERT_TRUE(eventually([&] { return counters.produced > 0; }));
    // Not one byte is read: the server gives up, which resets the connection in time.
    const std::uint64_t before = counters.produced;
    EXPECT_TRUE(eventually([&] {
        serve_another();
        return client.try_send("x") < 0;
    }));
    EXPECT_LT(counters.produced - before, 64u * 1024 * 1024);
}

TEST_F(Abuse, LeavesFastTransfersAlone) {
    // Longer than the grace, at a fair rate.
    RawClient client{server.address()};
    client.send("POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: 600000\r\n\r\n");
    const std::string piece(1000, 'x');
    for (int i = 0; i < 600; ++i) {
        client.send(piece);
        if (i % 3 == 0) serve_another();
    }
    EXPECT_EQ(client.response().body, "600000");
}

} // namespace
} // namespace armature::testing
