#include "http3/address.hpp"
#include "http3/datagram_socket.hpp"
#include "http3/send_batch.hpp"
#include "http3/support.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

namespace armature::http3 {
namespace {

using ::testing::ElementsAre;
using testing::loopback;

Address ipv6(const char* text, std::uint16_t port) {
    Address address;
    address.ipv6.sin6_family = AF_INET6;
    address.ipv6.sin6_port = htons(port);
    inet_pton(AF_INET6, text, &address.ipv6.sin6_addr);
    address.size = sizeof address.ipv6;
    return address;
}

TEST(Http3Address, IsTheSameForApplicationsWhateverTheSocket) {
    EXPECT_EQ(loopback(80).peer().to_string(), "127.0.0.1:80");
    EXPECT_EQ(ipv6("::ffff:127.0.0.1", 80).peer().to_string(), "127.0.0.1:80");
    EXPECT_EQ(ipv6("::1", 80).peer().to_string(), "[::1]:80");
}

struct Calls final : PacketSink {
    struct Call {
        std::size_t bytes;
        std::size_t segment;
        bool operator==(const Call&) const = default;
    };
    Sent send(const Path&, std::string_view bytes, std::size_t segment) override {
        if (blocked) return Sent::blocked;
        calls.push_back({bytes.size(), segment});
        return Sent::yes;
    }
    std::vector<Call> calls;
    bool blocked = false;
};

class Http3SendBatch : public ::testing::Test {
  protected:
    void add(std::size_t bytes, std::uint16_t port = 1, std::uint8_t ecn = 0,
             std::size_t limit = 1400) {
        Address local = loopback(443);
        Address remote = loopback(port);
        ngtcp2_path path{};
        path.local = {&local.any, local.size};
        path.remote = {&remote.any, remote.size};
        batch.add(path, ecn, bytes, limit);
    }
    Calls sink;
    SendBatch batch{sink};
};

TEST_F(Http3SendBatch, SendsPacketsOfEqualSizeWithOneCall) {
    for (int i = 0; i < 3; ++i)
        add(1200);
    EXPECT_TRUE(sink.calls.empty());
    batch.flush();
    EXPECT_THAT(sink.calls, ElementsAre(Calls::Call{3600, 1200}));
}

TEST_F(Http3SendBatch, AShorterPacketIsTheLast) {
    add(1200);
    add(800);
    EXPECT_THAT(sink.calls, ElementsAre(Calls::Call{2000, 1200}));
}

TEST_F(Http3SendBatch, ALargerPacketOrAnotherPathBeginsAnew) {
    add(1000);
    add(1200);
    add(1200, 2);
    add(1200, 2, 2);
    batch.flush();
    EXPECT_THAT(sink.calls, ElementsAre(Calls::Call{1000, 1000}, Calls::Call{1200, 1200},
                                        Calls::Call{1200, 1200}, Calls::Call{1200, 1200}));
}

TEST_F(Http3SendBatch, AProbeGoesAlone) {
    add(1440, 1, 0, 1200);
    add(1200, 1, 0, 1200);
    batch.flush();
    EXPECT_THAT(sink.calls, ElementsAre(Calls::Call{1440, 1440}, Calls::Call{1200, 1200}));
}

TEST_F(Http3SendBatch, KeepsInOrderWhatTheKernelHasNoRoomFor) {
    sink.blocked = true;
    add(1000);
    add(1200);
    batch.flush();
    EXPECT_TRUE(batch.is_blocked());
    sink.blocked = false;
    batch.retry();
    EXPECT_FALSE(batch.is_blocked());
    EXPECT_THAT(sink.calls, ElementsAre(Calls::Call{1000, 1000}, Calls::Call{1200, 1200}));
}

TEST(Http3DatagramSocket, CarriesManyDatagramsWithTheirAddressesAndMarks) {
    auto servers = DatagramSocket::open(loopback(0), 1, 1 << 20);
    auto clients = DatagramSocket::open(loopback(0), 1, 1 << 20);
    Path path;
    path.local = clients.front()->local();
    path.remote = servers.front()->local();
    path.ecn = 2;
    const std::string bytes(3 * 1200 + 100, 'x');
    ASSERT_EQ(clients.front()->send(path, bytes, 1200), PacketSink::Sent::yes);
    std::vector<std::size_t> sizes;
    while (sizes.size() < 4) {
        pollfd ready{servers.front()->descriptor(), POLLIN, 0};
        ASSERT_EQ(::poll(&ready, 1, 10'000), 1);
        servers.front()->receive([&](const Path& from, std::string_view datagram) {
            sizes.push_back(datagram.size());
            EXPECT_EQ(from.remote.port(), path.local.port());
            EXPECT_EQ(from.local.port(), path.remote.port());
            EXPECT_EQ(from.local.peer().address(), "127.0.0.1");
            EXPECT_EQ(from.ecn, 2);
        });
    }
    EXPECT_THAT(sizes, ElementsAre(1200, 1200, 1200, 100));
}

TEST(Http3DatagramSocket, WorkersShareAPortButProcessesDont) {
    const auto sockets = DatagramSocket::open(loopback(0), 2, 1 << 20);
    EXPECT_EQ(sockets[0]->local().port(), sockets[1]->local().port());
    EXPECT_THROW(static_cast<void>(DatagramSocket::open(sockets[0]->local(), 2, 1 << 20)),
                 std::system_error);
}

TEST(Http3DatagramSocket, TheConnectionIdChoosesTheWorker) {
    const auto servers = DatagramSocket::open(loopback(0), 2, 1 << 20);
    for (unsigned share = 0; share < 8; ++share) {
        // A client for each, so that the kernel's own spreading by address would be seen.
        const auto client = DatagramSocket::open(loopback(0), 1, 1 << 20);
        Path path;
        path.local = client.front()->local();
        path.remote = servers.front()->local();
        for (const bool is_long : {true, false}) {
            std::string packet(1200, '\0');
            packet[0] = is_long ? '\xc0' : '\x40';
            packet[is_long ? 7 : 2] = static_cast<char>(share);
            ASSERT_EQ(client.front()->send(path, packet, 1200), PacketSink::Sent::yes);
            pollfd ready{servers[share % 2]->descriptor(), POLLIN, 0};
            ASSERT_EQ(::poll(&ready, 1, 10'000), 1) << share;
            int received = 0;
            servers[share % 2]->receive([&](const Path&, std::string_view) { ++received; });
            EXPECT_EQ(received, 1) << share;
        }
    }
}

} // namespace
} // namespace armature::http3
