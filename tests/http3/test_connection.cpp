#include "http3/memory_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace armature::testing {
namespace {

// Fields as QPACK writes them without compression (RFC 9204 §4.5.6), in a HEADERS frame.
std::string headers(std::initializer_list<std::pair<std::string, std::string>> fields) {
    std::string block(2, '\0');
    for (const auto& [name, value] : fields) {
        if (name.size() < 7)
            block += static_cast<char>(0x20 | name.size());
        else
            block.append(1, '\x27').append(1, static_cast<char>(name.size() - 7));
        block.append(name).append(1, static_cast<char>(value.size())).append(value);
    }
    std::string frame{'\1'};
    frame += static_cast<char>(0x40 | block.size() >> 8);
    frame += static_cast<char>(block.size());
    return frame + block;
}

std::string get(const std::string& path) {
    return headers(
        {{":method", "GET"}, {":scheme", "https"}, {":authority", "localhost"}, {":path", path}});
}
const std::string get_hello = get("/");

TEST(Http3Connection, AnswersARequest) {
    QuietEndpoint server;
    MemoryClient client{server};
    client.settle();
    ASSERT_TRUE(client.is_connected());
    const std::int64_t stream = client.open(true);
    client.send(stream, get_hello, true);
    client.settle();
    EXPECT_TRUE(client.received[stream].ended);
    EXPECT_TRUE(client.received[stream].bytes.ends_with(std::string{"\0\5Hello", 7}));
}

// Pacing holds the end back while its content arrives already, and is acknowledged.
TEST(Http3Connection, EndsAResponseWhoseContentIsAcknowledgedBeforeTheEndIsSent) {
    QuietEndpoint server;
    MemoryClient client{server};
    const http3::Nanoseconds short_path = std::exchange(client.path_delay, 20'000'000);
    client.settle(); // so that packets are paced
    client.path_delay = short_path;
    const std::int64_t stream = client.open(true);
    client.send(stream, get("/piece/5000"), true);
    client.send(client.open(true), get_hello, true); // with the acknowledgement
    client.settle();
    EXPECT_TRUE(client.received[stream].bytes.ends_with(std::string(5000, 'p')));
    EXPECT_TRUE(client.received[stream].ended);
}

TEST(Http3Connection, SaysAtOnceThatItWaitsForContent) {
    QuietEndpoint server;
    MemoryClient client{server};
    client.settle();
    const std::int64_t stream = client.open(true);
    client.send(stream, headers({{":method", "POST"},
                                 {":scheme", "https"},
                                 {":authority", "localhost"},
                                 {":path", "/count"},
                                 {"expect", "100-continue"}}));
    client.settle();
    EXPECT_FALSE(client.received[stream].bytes.empty()) << "100 Continue";
    EXPECT_FALSE(client.received[stream].ended);
    client.send(stream, std::string_view{"\0\3abc", 5}, true);
    client.settle();
    EXPECT_TRUE(client.received[stream].bytes.ends_with(std::string{"\0\1"
                                                                    "3",
                                                                    3}));
    EXPECT_TRUE(client.received[stream].ended);
}

TEST(Http3Connection, SendsAtMostThreeTimesWhatAnUnprovenAddressSent) {
    // A certificate that alone is larger.
    std::vector<std::string> names;
    for (int i = 0; i < 200; ++i)
        names.push_back("a-rather-long-name-" + std::to_string(i) + ".example");
    QuietEndpoint server{{}, tls::self_signed(names)};
    MemoryClient client{server};
    // The client's first packet arrives, and none of the answers do.
    std::string initial;
    client.tamper_argument = &initial;
    client.tamper = [](std::string& datagram, void* kept) {
        *static_cast<std::string*>(kept) = datagram;
        datagram.clear();
    };
    client.settle();
    ASSERT_GE(initial.size(), 1200u);
    std::size_t sent = 0;
    for (const std::string& answer : server.receive(initial))
        sent += answer.size();
    EXPECT_GT(sent, 2 * initial.size());
    EXPECT_LE(sent, 3 * initial.size());
}

TEST(Http3Connection, ClosesForWhatIsNoHttp3) {
    for (const std::string_view bytes :
         {std::string_view{"\4\0", 2},      // SETTINGS on a request stream
          std::string_view{"\0\5Hello", 7}, // content before a head
          std::string_view{"\5\1\0", 3}}) { // PUSH_PROMISE
        QuietEndpoint server;
        MemoryClient client{server};
        client.settle();
        client.send(client.open(true), bytes, true);
        client.settle();
        EXPECT_NE(client.error, 0);
    }
}

TEST(Http3Connection, SurvivesPacketsThatWereChangedOnTheirWay) {
    QuietEndpoint server;
    MemoryClient client{server};
    client.settle();
    client.tamper = [](std::string& datagram, void*) { datagram[datagram.size() / 2] ^= 1; };
    client.send(client.open(true), get_hello, true);
    client.tamper = nullptr;
    client.settle();
    EXPECT_EQ(client.error, 0) << "they are dropped like lost ones";
    EXPECT_EQ(server.connections(), 1u);
}

TEST(Http3Connection, TellsItsClientsToGoWhenTheServerEnds) {
    QuietEndpoint server;
    MemoryClient client{server};
    client.settle();
    server.endpoint().abort();
    EXPECT_THAT(server.flush(), ::testing::IsEmpty()) << "it was sent at once";
    EXPECT_TRUE(server.endpoint().at_rest());
    EXPECT_EQ(server.connections(), 0u);
}

} // namespace
} // namespace armature::testing
