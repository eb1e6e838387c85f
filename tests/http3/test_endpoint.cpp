#include "http3/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace armature::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::string_view some_id = "12345678";
constexpr std::string_view client_id = "87654321";
constexpr std::uint32_t unknown_version = 0xdeadbeef;

// A short header with an id of our length, which nobody has.
std::string short_header(std::size_t size) {
    std::string packet(size, 'i');
    packet[0] = '\x40';
    return packet;
}

TEST(Http3Endpoint, NamesTheVersionsItSpeaks) {
    QuietEndpoint server;
    const auto answers = server.receive(long_header(unknown_version, some_id, client_id, 1200));
    ASSERT_THAT(answers, SizeIs(1));
    const std::string& answer = answers.front();
    EXPECT_EQ(answer.substr(1, 4), std::string(4, '\0')) << "version 0 is version negotiation";
    EXPECT_EQ(answer.substr(6, 8), client_id) << "the ids go back the other way round";
    EXPECT_EQ(answer.substr(15, 8), some_id);
    EXPECT_NE(answer.find(std::string{"\0\0\0\1", 4}, 23), std::string::npos);
    EXPECT_EQ(server.connections(), 0u);
}

TEST(Http3Endpoint, DoesntNegotiateWithDatagramsThatAreTooSmall) {
    QuietEndpoint server;
    EXPECT_THAT(server.receive(long_header(unknown_version, some_id, client_id, 1199)), IsEmpty());
}

TEST(Http3Endpoint, EndsConnectionsThatItDoesntKnowWithSomethingSmaller) {
    QuietEndpoint server;
    for (const std::size_t size : {22u, 30u, 43u, 100u, 1200u}) {
        const auto answers = server.receive(short_header(size));
        ASSERT_THAT(answers, SizeIs(1)) << size;
        EXPECT_LT(answers.front().size(), size);
        EXPECT_GE(answers.front().size(), 21u);
        EXPECT_EQ(answers.front()[0] & 0xc0, 0x40) << "it looks like a packet with a short header";
    }
    EXPECT_THAT(server.receive(short_header(21)), IsEmpty());
}

TEST(Http3Endpoint, KnowsTheResetTokenOfAnIdAfterARestart) {
    std::string tokens[2];
    for (std::string& token : tokens) {
        QuietEndpoint server;
        const auto answers = server.receive(short_header(100));
        ASSERT_THAT(answers, SizeIs(1));
        token = answers.front().substr(answers.front().size() - 16);
    }
    EXPECT_EQ(tokens[0], tokens[1]);
}

TEST(Http3Endpoint, AnswersAFloodOfStrayPacketsOnlyUpToALimit) {
    http3::EndpointOptions options;
    options.limits.stateless_answers_per_second = 10;
    QuietEndpoint server{options};
    std::size_t answers = 0;
    for (int i = 0; i < 500; ++i) {
        answers += server.receive(short_header(100)).size();
        answers += server.receive(long_header(unknown_version, some_id, client_id, 1200)).size();
    }
    EXPECT_GE(answers, 10u);
    EXPECT_LT(answers, 100u) << "ten at once, and ten for each second that this took";
}

TEST(Http3Endpoint, IgnoresWhatIsNoQuic) {
    QuietEndpoint server;
    for (const std::string& datagram :
         {std::string{}, std::string{"\0", 1}, std::string{"GET / HTTP/1.1\r\n\r\n"},
          std::string(5, '\xff'), long_header(1, some_id, client_id, 1200, '\xf0'),
          long_header(1, std::string(21, 'd'), client_id, 1200),
          long_header(1, "short", client_id, 1200)})
        EXPECT_THAT(server.receive(datagram), IsEmpty());
    EXPECT_EQ(server.connections(), 0u);
}

TEST(Http3Endpoint, IdsNameTheWorkerThatHasTheConnection) {
    // A Retry names a new id, which is how one can be seen without a connection.
    for (const unsigned worker : {0u, 1u, 2u}) {
        http3::EndpointOptions options;
        options.workers = 3;
        options.worker = worker;
        options.address_validation = http3::AddressValidation::always;
        QuietEndpoint server{options};
        // An Initial: no token, and a length that the rest of the datagram has.
        std::string initial = long_header(1, some_id, client_id, 0);
        initial.append(1, '\0').append("\x44\x00", 2);
        initial.resize(1200);
        const auto answers = server.receive(initial);
        ASSERT_THAT(answers, SizeIs(1));
        const std::string& retry = answers.front();
        EXPECT_EQ(static_cast<unsigned char>(retry[0]) & 0xf0, 0xf0);
        const auto at = [&](std::size_t i) { return static_cast<unsigned char>(retry[i]); };
        ASSERT_EQ(at(14), http3::Endpoint::id_bytes);
        EXPECT_EQ((at(15) << 8 | at(16)) % 3u, worker);
        EXPECT_EQ(server.connections(), 0u) << "a client that proved nothing costs no memory";
    }
}

TEST(Http3Endpoint, ForgetsAConnectionWhoseFirstPacketCantBeRead) {
    QuietEndpoint server;
    std::string initial = long_header(1, some_id, client_id, 0);
    initial.append(1, '\0').append("\x44\x00", 2);
    initial.resize(1200, 'x');
    const auto answers = server.receive(initial);
    std::size_t bytes = 0;
    for (const std::string& answer : answers)
        bytes += answer.size();
    EXPECT_LE(bytes, 3 * initial.size());
    EXPECT_LE(server.connections(), 1u);
}

TEST(Http3Endpoint, IsAtRestWithoutConnections) {
    QuietEndpoint server;
    EXPECT_TRUE(server.endpoint().at_rest());
    server.endpoint().drain();
    EXPECT_TRUE(server.was_at_rest());
}

} // namespace
} // namespace armature::testing
