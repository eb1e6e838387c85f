#include "http2/session_fixture.hpp"

namespace armature::http2::testing {
namespace {

using namespace std::string_literals;

std::string frame(unsigned char type, unsigned char flags, std::int32_t id,
                  std::string_view payload) {
    std::string text(9, '\0');
    for (int i = 0; i < 3; ++i)
        text[static_cast<std::size_t>(i)] = static_cast<char>(payload.size() >> (16 - 8 * i));
    text[3] = static_cast<char>(type);
    text[4] = static_cast<char>(flags);
    for (int i = 0; i < 4; ++i)
        text[static_cast<std::size_t>(5 + i)] = static_cast<char>(id >> (24 - 8 * i));
    return text + std::string{payload};
}
std::string start() { return std::string{preface} + frame(NGHTTP2_SETTINGS, 0, 0, ""); }

// :method GET, :scheme http, :path /, :authority a.
const std::string get_root = "\x82\x86\x84\x41\x01"
                             "a"s;
constexpr unsigned char ends_all = NGHTTP2_FLAG_END_STREAM | NGHTTP2_FLAG_END_HEADERS;

// --- however it is cut --------------------------------------------------------------------------

Outcome run(World& world, const std::vector<std::string_view>& pieces) {
    Link one{world};
    for (const std::string_view piece : pieces)
        one.send(piece);
    return read_frames(one.output);
}

// The end of a connection takes along what was not written yet; that depends on the pieces.
void expect_same(const Outcome& cut, const Outcome& whole) {
    EXPECT_EQ(cut.goaway, whole.goaway);
    for (const auto& [id, answer] : whole.answers)
        EXPECT_TRUE(cut.answers.contains(id) && cut.answers.at(id) == answer) << "stream " << id;
    if (!whole.goaway) {
        EXPECT_EQ(cut.answers.size(), whole.answers.size());
    }
}

TEST_F(Http2Session, AnswersTheSameHoweverItsInputIsCut) {
    const std::string long_head = get_root + "\x00\x05x-big\x7f\x99\x03"s + std::string(536, 'x');
    const std::string inputs[] = {
        start() + frame(NGHTTP2_HEADERS, ends_all, 1, get_root) +
            frame(NGHTTP2_PING, 0, 0, "12345678") + frame(NGHTTP2_HEADERS, ends_all, 3, get_root),
        start() + frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_STREAM, 1, long_head.substr(0, 3)) +
            frame(NGHTTP2_CONTINUATION, 0, 1, "") +
            frame(NGHTTP2_CONTINUATION, NGHTTP2_FLAG_END_HEADERS, 1, long_head.substr(3)),
        // Frames on a stream that is over.
        start() + frame(NGHTTP2_HEADERS, ends_all, 1, get_root) + frame(NGHTTP2_DATA, 0, 1, "x"),
        // A stream that depends on itself.
        start() + frame(NGHTTP2_PRIORITY, 0, 3, "\0\0\0\3\x10"s) +
            frame(NGHTTP2_HEADERS, ends_all, 5, get_root),
        start() + frame(NGHTTP2_HEADERS, ends_all, 1, get_root + "\x00\x02X-\x00"s) +
            frame(NGHTTP2_HEADERS, ends_all, 3, get_root),
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nnonsense, no frame at all"s,
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n"s,
    };
    for (const std::string& input : inputs) {
        SCOPED_TRACE(&input - inputs);
        const Outcome whole = run(world, {input});
        std::vector<std::string_view> bytes;
        for (std::size_t cut = 1; cut < input.size(); ++cut) {
            SCOPED_TRACE(cut);
            expect_same(run(world, {std::string_view{input}.substr(0, cut),
                                    std::string_view{input}.substr(cut)}),
                        whole);
        }
        for (std::size_t i = 0; i < input.size(); ++i)
            bytes.push_back(std::string_view{input}.substr(i, 1));
        // nghttp2 1.52 takes every piece of a CONTINUATION's head for a frame, and allows eight.
        if (&input != &inputs[1]) expect_same(run(world, bytes), whole);
    }
}

// --- heads --------------------------------------------------------------------------------------

TEST_F(Http2Session, IsInAHeadUntilItsLastFrameIsThere) {
    link.send(preface.substr(0, 10));
    EXPECT_EQ(link.session.phase(), session::Phase::reading_head) << "the preface is one, too";
    link.send(start().substr(10));
    EXPECT_EQ(link.session.phase(), session::Phase::idle);
    link.send(frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_STREAM, 1, get_root));
    EXPECT_EQ(link.session.phase(), session::Phase::reading_head);
    link.send(frame(NGHTTP2_CONTINUATION, 0, 1, ""));
    EXPECT_EQ(link.session.phase(), session::Phase::reading_head);
    link.send(frame(NGHTTP2_CONTINUATION, NGHTTP2_FLAG_END_HEADERS, 1, ""));
    EXPECT_EQ(link.session.phase(), session::Phase::idle) << "answered";
}

TEST_F(Http2Session, EndsAHeadThatIsNeverFinished) {
    link.send(start() + frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_STREAM, 1, get_root));
    link.session.time_out();
    link.turn();
    EXPECT_TRUE(link.session.finished());
    EXPECT_TRUE(link.session.at_rest());
}

TEST_F(Http2Session, LetsAMalformedHeadCostItsStreamOnly) {
    const std::int32_t waiting = client.request("GET", "/wait");
    client.talk(link);
    const std::int32_t bad = client.request("GET", "/hello", {{"connection", "close"}});
    client.talk(link);
    EXPECT_EQ(client.answers[bad].reset, NGHTTP2_PROTOCOL_ERROR);
    EXPECT_EQ(link.session.phase(), session::Phase::handling) << "not in that head for ever";
    EXPECT_FALSE(client.answers[waiting].reset);
    EXPECT_EQ(ask("GET", "/hello").status, "200");
}

TEST_F(Http2Session, RefusesHeadsThatAreTooLarge) {
    EXPECT_EQ(ask("GET", "/hello", {{"x", std::string(17'000, 'x')}}).status, "431");
    EXPECT_EQ(ask("GET", "/hello", Fields(101, {"x", "y"})).status, "431");
    EXPECT_EQ(ask("GET", '/' + std::string(9000, 'x')).status, "414");
    EXPECT_EQ(ask("GET", "/hello").status, "200");
}

// --- endings ------------------------------------------------------------------------------------

TEST_F(Http2Session, CancelsAHandlerWhoseStreamIsReset) {
    const std::int32_t id = client.request("GET", "/wait");
    client.talk(link);
    EXPECT_FALSE(link.session.at_rest());
    client.reset(id);
    client.talk(link);
    EXPECT_EQ(seen.cancelled, CancelReason::client_gone);
    EXPECT_TRUE(link.session.at_rest());
    EXPECT_EQ(ask("GET", "/hello").status, "200");
}

TEST_F(Http2Session, CancelsEverythingWhenTheClientIsGone) {
    Client slow{{}, false};
    Link to{world};
    for (int i = 0; i < 10; ++i)
        slow.request("GET", i % 2 == 0 ? "/wait" : "/endless");
    slow.talk(to);
    to.close();
    EXPECT_EQ(seen.cancelled, CancelReason::client_gone);
    EXPECT_TRUE(to.session.at_rest());
    EXPECT_TRUE(to.session.finished());
}

TEST_F(Http2Session, HonoursARoutesTimeOut) {
    EXPECT_EQ(ask("GET", "/hurry").status, "503");
    EXPECT_EQ(seen.cancelled, CancelReason::deadline);
}

TEST_F(Http2Session, AnswersContentThatDoesNotComeWith408) {
    Client::Upload upload{"{", false};
    const std::int32_t id = client.request("POST", "/count", {}, &upload);
    client.talk(link);
    EXPECT_EQ(link.session.phase(), session::Phase::reading_body);
    link.session.time_out();
    EXPECT_EQ(client.answer(link, id).status, "408");
}

TEST_F(Http2Session, ServesWhatIsUnderWayWhenItDrains) {
    const std::int32_t id = client.request("GET", "/later/x");
    client.talk(link);
    link.session.drain();
    EXPECT_EQ(client.answer(link, id).body, "later x");
    client.talk(link);
    EXPECT_EQ(client.goaway, NGHTTP2_NO_ERROR);
    EXPECT_EQ(client.goaway_stream, id);
    EXPECT_TRUE(link.session.finished());
}

TEST_F(Http2Session, ClosesAfterItsShareOfRequests) {
    SessionLimits few;
    few.requests_per_connection = 3;
    World other{make_app(seen), few};
    Link to{other};
    Client its;
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(its.answer(to, its.request("GET", "/hello")).status, "200");
    its.talk(to);
    EXPECT_TRUE(to.session.finished());
}

TEST_F(Http2Session, EndsWhenTheServerDoes) {
    client.request("GET", "/wait");
    client.talk(link);
    link.session.cancel(CancelReason::shutdown);
    link.turn();
    client.feed(link.output);
    EXPECT_EQ(seen.cancelled, CancelReason::shutdown);
    EXPECT_TRUE(link.session.finished());
    EXPECT_TRUE(link.session.at_rest());
}

TEST_F(Http2Session, CountsStreamsThatAreReset) {
    client.talk(link);
    for (std::uint32_t i = 0; i < world.limits.resets + 10 && !client.goaway; ++i) {
        const std::int32_t id = client.request("GET", "/wait");
        client.talk(link);
        client.reset(id);
        client.talk(link);
    }
    EXPECT_EQ(client.goaway, NGHTTP2_ENHANCE_YOUR_CALM);
}

TEST_F(Http2Session, CountsPriorityFrames) {
    link.send(start());
    for (std::uint32_t i = 0; i <= world.limits.control_frames; ++i)
        link.send(frame(NGHTTP2_PRIORITY, 0, 3, "\0\0\0\0\x10"s));
    EXPECT_EQ(read_frames(link.output).goaway, NGHTTP2_ENHANCE_YOUR_CALM);
}

TEST_F(Http2Session, CountsStreamsThatItsClientMakesItReset) {
    client.talk(link);
    for (std::uint32_t i = 0; i < world.limits.resets + 10 && !client.goaway; ++i) {
        client.request("GET", "/wait", {{"connection", "close"}});
        client.talk(link);
    }
    EXPECT_EQ(client.goaway, NGHTTP2_ENHANCE_YOUR_CALM);
}

} // namespace
} // namespace armature::http2::testing
