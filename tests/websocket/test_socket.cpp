#include "support/test_server.hpp"
#include "websocket/protocol_cases.hpp"
#include "websocket/websocket_app.hpp"
#include "websocket/websocket_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace armature::ws::testing {
namespace {

using armature::testing::eventually;
using armature::testing::TestServer;

constexpr std::string_view deflating = "Sec-WebSocket-Extensions: permessage-deflate\r\n";

class WebSocketServer : public ::testing::Test {
  protected:
    WebSocketClient open(std::string_view target, std::string_view more = {}) {
        return WebSocketClient{server.address(), target, more};
    }

    Seen seen;
    TestServer server{make_websocket_app(seen).build()};
};

// What an echoing server answers to what the decoder makes of it.
std::string echoed(const ProtocolCase& the_case) {
    std::string answers;
    std::string_view events = the_case.events;
    const auto say = [&](std::string_view answer) {
        answers.append(answers.empty() ? "" : " ").append(answer);
    };
    while (!events.empty()) {
        const char kind = events.front();
        // Blanks separate events, and are in no payload of the table.
        const std::size_t size = std::min(events.find(' '), events.size());
        const std::string event{events.substr(0, size)};
        events.remove_prefix(std::min(size + 1, events.size()));
        if (kind == 'T' || kind == 'B') say(event);
        if (kind == 'P') say("O" + event.substr(1));
        if (kind == 'C')
            return answers + (answers.empty() ? "" : " ") +
                   (event == "C:1005:" ? "C:" : event.substr(0, event.find(':', 2) + 1));
        if (kind == 'F') {
            say("C" + event.substr(1) + ":");
            return answers;
        }
    }
    return answers;
}

TEST_F(WebSocketServer, AnswersEveryCaseOfTheProtocolAndGoesOnServing) {
    for (const ProtocolCase& the_case : protocol_cases()) {
        WebSocketClient client = open("/echo", deflating);
        client.send(the_case.bytes);
        std::string expected = echoed(the_case);
        const bool ends = the_case.events.find("F:") != std::string::npos ||
                          the_case.events.find("C:") != std::string::npos;
        if (!ends) {
            client.send(close(1000));
            expected += std::string{expected.empty() ? "" : " "} + "C:1000:";
        }
        std::string got;
        for (std::string frame = client.next(); frame != "end"; frame = client.next()) {
            if (frame.starts_with("D:")) { // compressed by the server
                std::string inflated;
                ASSERT_EQ(inflate_message(frame.substr(2), case_max_message, inflated),
                          Inflated::ok);
                frame = (the_case.events.find("B:") != std::string::npos ? "B:" : "T:") + inflated;
            }
            if (frame.starts_with("C:") && frame.size() > 2) // the reason is for people
                frame.resize(frame.find(':', 2) + 1);
            got += (got.empty() ? "" : " ") + frame;
        }
        EXPECT_EQ(got, expected) << the_case.name;
    }
}

TEST_F(WebSocketServer, TakesFramesThatCameWithTheHandshake) {
    armature::testing::RawClient client{server.address()};
    client.send(handshake("/plain") + text("early") + close(1000));
    EXPECT_THAT(client.rest(), ::testing::EndsWith("\r\n\r\n\x81\x05"
                                                   "early"
                                                   "\x88\x02\x03\xe8"));
}

TEST_F(WebSocketServer, LeavesAMessageAloneUntilTheNextIsAskedFor) {
    WebSocketClient client = open("/patient");
    const std::string long_text(300, 'l');
    client.send(text("1") + text("") + text(long_text) + text("twenty-two characters.") +
                text(long_text + long_text) + text("6"));
    for (const std::string& expected :
         {std::string{"1"}, std::string{}, long_text, std::string{"twenty-two characters."},
          long_text + long_text, std::string{"6"}})
        EXPECT_EQ(client.next(), "T:" + expected);
}

TEST_F(WebSocketServer, ClosesWithTheHandlersCodeAndWaitsForTheAnswer) {
    WebSocketClient client = open("/closes");
    EXPECT_EQ(client.next(), "T:first");
    EXPECT_EQ(client.next(), "C:4001:enough");
    EXPECT_FALSE(client.is_closed());
    client.send(text("too late") + close(4001));
    EXPECT_EQ(client.next(), "end");
}

TEST_F(WebSocketServer, ClosesWith1011WhenTheHandlerThrows) {
    EXPECT_EQ(open("/throws").next(), "C:1011:");
}

TEST_F(WebSocketServer, KeepsTheRequestForTheHandler) {
    WebSocketClient client = open("/late/seven", "X-Note: remember\r\n");
    for (int i = 0; i < 3; ++i) {
        client.send(text("?"));
        EXPECT_EQ(client.next(), "T:seven remember");
    }
}

TEST_F(WebSocketServer, PingsSilentPeersAndGivesThemUp) {
    WebSocketClient client = open("/impatient");
    EXPECT_EQ(client.next(), "P:");
    client.send(bytes_of({.opcode = 10}));
    EXPECT_EQ(client.next(), "P:") << "it answered, so it stayed";
    EXPECT_EQ(client.next(), "end");
    EXPECT_TRUE(eventually([&] { return seen.has("closed 1006 "); }));
}

TEST_F(WebSocketServer, DoesNotWaitForEverForAnswerOrHandler) {
    WebSocketClient silent = open("/closes"); // close_timeout is long there: only EOF ends it
    silent.shutdown_send();
    EXPECT_EQ(silent.rest_of_frames(), "T:first C:4001:enough");
    WebSocketClient stuck = open("/stuck");
    ASSERT_TRUE(eventually([&] { return seen.has("stuck"); }));
    stuck.send(close(1000));
    EXPECT_EQ(stuck.rest_of_frames(), "C:1000:");
    EXPECT_TRUE(eventually([&] { return seen.has("cancelled"); }));
}

TEST_F(WebSocketServer, NoticesThatThePeerIsGone) {
    WebSocketClient client = open("/stuck");
    ASSERT_TRUE(eventually([&] { return seen.has("stuck"); }));
    client.reset();
    EXPECT_TRUE(eventually([&] { return seen.has("cancelled"); }));
}

TEST_F(WebSocketServer, RunsCallbacks) {
    WebSocketClient client = open("/calls/ann");
    WebSocketClient other = open("/calls/bob");
    EXPECT_EQ(client.next(), "T:hello ann");
    EXPECT_EQ(other.next(), "T:hello bob");
    client.send(text("a") + text("b"));
    EXPECT_EQ(client.next(), "T:1 a");
    EXPECT_EQ(client.next(), "T:2 b");
    other.send(text("c"));
    EXPECT_EQ(other.next(), "T:1 c") << "each socket has an object of its own";
    client.send(close(4000, "done"));
    EXPECT_EQ(client.next(), "C:4000:");
    EXPECT_TRUE(eventually([&] { return seen.has("ann closed 4000 done"); }));
    other.send(text("throw"));
    EXPECT_EQ(other.next(), "T:2 throw");
    EXPECT_EQ(other.next(), "C:1011:");
    EXPECT_TRUE(seen.has("bob closed 1006 "));
}

// --- backpressure -------------------------------------------------------------------------------

TEST_F(WebSocketServer, HoldsAFastHandlerBack) {
    WebSocketClient client{server.address(), "/flood", {}, 4096};
    std::uint64_t before = 0;
    EXPECT_TRUE(eventually([&] { // until it stands still
        std::this_thread::sleep_for(std::chrono::milliseconds{30});
        return before == std::exchange(before, seen.sent.load()) && before > 0;
    }));
    EXPECT_LT(before, 2000U);
    for (std::uint64_t i = 0; i < before + 100; ++i)
        ASSERT_EQ(client.next().size(), 10'002U);
    EXPECT_GT(seen.sent, before);
}

TEST_F(WebSocketServer, DropsWhatDoesNotFitWhereThatIsThePolicy) {
    WebSocketClient client{server.address(), "/flood-drop", {}, 4096};
    ASSERT_TRUE(eventually([&] { return seen.sent > 2000; })) << "it must not wait";
    EXPECT_EQ(client.next().size(), 10'002U);
}

TEST_F(WebSocketServer, ClosesWhereThatIsThePolicy) {
    WebSocketClient client{server.address(), "/flood-close", {}, 4096};
    std::string last;
    for (std::string frame = client.next(); frame != "end"; frame = client.next()) {
        last = frame;
        if (frame.starts_with("C:")) client.send(close(1000));
    }
    EXPECT_EQ(last, "C:1013:too much waits to be sent");
}

TEST_F(WebSocketServer, AnswersAFloodOfPingsWithinItsMemory) {
    WebSocketClient client{server.address(), "/plain", {}, 4096};
    const std::string pings = [] {
        std::string many;
        for (int i = 0; i < 1000; ++i)
            many += ping(std::string(125, 'p'));
        return many;
    }();
    const long before = armature::testing::memory_kib("VmRSS");
    for (int i = 0; i < 200; ++i)
        client.send(pings); // never reading: 26 MB of pings
    client.send(text("done"));
    std::string frame;
    std::size_t pongs = 0;
    while ((frame = client.next()) != "T:done")
        ++pongs;
    EXPECT_GT(pongs, 100U);
    EXPECT_LT(armature::testing::memory_kib("VmRSS") - before,
              16 * 1024 * armature::testing::memory_allowance);
}

// --- shutdown -----------------------------------------------------------------------------------

TEST(WebSocketShutdown, TellsEverySocketAndWaitsForItsAnswer) {
    Seen seen;
    ServerOptions options = TestServer::quiet();
    options.limits.shutdown_grace = Duration::seconds(30);
    TestServer server{make_websocket_app(seen).build(), options};
    WebSocketClient polite{server.address(), "/echo"};
    WebSocketClient deaf{server.address(), "/impatient"};
    EXPECT_EQ(deaf.next(), "P:");
    server.begin_stop();
    EXPECT_EQ(polite.next(), "C:1001:the server is shutting down");
    EXPECT_FALSE(polite.is_closed());
    polite.send(close(1001));
    EXPECT_EQ(polite.next(), "end");
    EXPECT_EQ(deaf.rest_of_frames(), "C:1001:the server is shutting down");
    EXPECT_TRUE(eventually([&] { return seen.has("closed 1001 the server is shutting down"); }));
    server.stop();
}

// --- memory -------------------------------------------------------------------------------------

TEST_F(WebSocketServer, KeepsLittleForAnIdleSocket) {
    constexpr int warm = 100;
    constexpr int count = 900;
    std::vector<WebSocketClient> clients;
    clients.reserve(warm + count);
    const auto add = [&](int more) {
        for (int i = 0; i < more; ++i) {
            clients.push_back(open("/echo", deflating));
            clients.back().send(text("hello"));
            EXPECT_EQ(clients.back().next(), "T:hello");
        }
    };
    add(warm);
    const long before = armature::testing::memory_kib("VmRSS");
    add(count);
    const long each = (armature::testing::memory_kib("VmRSS") - before) * 1024 / count;
    std::printf("%ld bytes for each idle socket, this test's client included\n", each);
    if (!armature::has_address_sanitizer && !armature::has_thread_sanitizer) {
        EXPECT_LT(each, 12 * 1024);
    }
}

} // namespace
} // namespace armature::ws::testing
