#include "http1/session_app.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace armature::http1::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string get_request(std::string_view target, std::string_view fields = {}) {
    return "GET " + std::string{target} + " HTTP/1.1\r\nHost: a\r\n" + std::string{fields} + "\r\n";
}
std::string post_request(std::string_view target, std::string_view content,
                         std::string_view fields = {}) {
    return "POST " + std::string{target} +
           " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(content.size()) + "\r\n" +
           std::string{fields} + "\r\n" + std::string{content};
}
std::string chunked_request(std::string_view target, std::string_view chunks,
                            std::string_view fields = {}) {
    return "POST " + std::string{target} +
           " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n" + std::string{fields} + "\r\n" +
           std::string{chunks};
}

struct Http1Session : ::testing::Test {
    Seen seen;
    World world{make_app(seen)};
    Link link{world};

    // One exchange on a connection of its own.
    std::vector<WireResponse> ask(std::string_view request, const std::vector<bool>& heads = {}) {
        Link one{world};
        one.send(request).settle();
        last_finished = one.finished();
        return one.responses(heads);
    }
    bool last_finished = false;

    struct Outcome {
        std::string output;
        bool finished;
        bool operator==(const Outcome&) const = default;
    };
    Outcome run(const std::vector<std::string_view>& pieces) {
        Link one{world};
        for (const std::string_view piece : pieces)
            one.send(piece).settle();
        return {one.take(), one.finished()};
    }
    // The same output, however the input is cut.
    void expect_same_for_every_cut(std::string_view input) {
        const Outcome whole = run({input});
        for (std::size_t cut = 1; cut < input.size(); ++cut)
            ASSERT_EQ(run({input.substr(0, cut), input.substr(cut)}), whole)
                << "cut at " << cut << " of " << input;
        std::vector<std::string_view> bytes;
        for (std::size_t i = 0; i < input.size(); ++i)
            bytes.push_back(input.substr(i, 1));
        EXPECT_EQ(run(bytes), whole) << "byte by byte: " << input;
    }
};

// --- one request and the next -------------------------------------------------------------------

TEST_F(Http1Session, AnswersAndStaysForTheNextRequest) {
    link.send(get_request("/hello"));
    EXPECT_EQ(link.take(), "HTTP/1.1 200 OK\r\ncontent-type: text/plain; charset=utf-8\r\n"
                           "content-length: 5\r\n\r\nHello");
    EXPECT_FALSE(link.finished());
    link.send(get_request("/name/x?q=1"));
    EXPECT_EQ(link.responses().at(0).body, "x?q=1@a");
    EXPECT_EQ(link.session.served(), 2u);
    EXPECT_FALSE(link.session.holds_input()) << "an idle connection keeps no buffer";
}

TEST_F(Http1Session, ClosesWhenTheClientAsks) {
    const auto responses =
        ask(get_request("/hello", "Connection: close\r\n") + get_request("/order/never"));
    ASSERT_EQ(responses.size(), 1u);
    EXPECT_TRUE(responses[0].closes());
    EXPECT_TRUE(last_finished);
    EXPECT_TRUE(seen.requests.empty());
}

TEST_F(Http1Session, ClosesWhenTheHandlerAsks) {
    const auto responses = ask(get_request("/close") + get_request("/order/never"));
    ASSERT_EQ(responses.size(), 1u);
    EXPECT_TRUE(responses[0].closes());
    EXPECT_TRUE(last_finished);
}

TEST_F(Http1Session, ClosesAfterHttp10UnlessKeepAliveWasAsked) {
    auto responses = ask("GET /hello HTTP/1.0\r\n\r\n");
    EXPECT_TRUE(responses.at(0).closes());
    EXPECT_TRUE(last_finished);
    responses = ask("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(responses.at(0).field("connection"), "keep-alive");
    EXPECT_FALSE(last_finished);
}

TEST_F(Http1Session, EndsAStreamToHttp10WithTheConnection) {
    const auto responses = ask("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_TRUE(responses.at(0).until_close);
    EXPECT_EQ(responses.at(0).body, "onetwothree");
    EXPECT_TRUE(responses.at(0).closes());
    EXPECT_TRUE(last_finished);
}

TEST_F(Http1Session, AnswersSixteenPipelinedRequestsInOneOutput) {
    std::string requests;
    for (int i = 0; i < 16; ++i)
        requests += get_request("/order/" + std::to_string(i));
    Session& session = link.session;
    const auto space = session.prepare();
    std::memcpy(space.data, requests.data(), requests.size());
    session.commit(requests.size());
    EXPECT_EQ(read_responses(session.output().first, false).size(), 16u);
    link.turn();
    EXPECT_EQ(seen.requests.size(), 16u);
    EXPECT_EQ(link.responses().at(15).body, "15");
}

TEST_F(Http1Session, KeepsTheOrderOfPipelinedRequestsWhenOneSuspends) {
    std::string requests;
    std::vector<std::string> expected;
    for (int i = 0; i < 16; ++i) {
        const std::string n = std::to_string(i);
        requests += get_request(i == 3 || i == 7 || i == 8 ? "/later/" + n : "/order/" + n);
        expected.push_back(n);
    }
    link.send(requests);
    EXPECT_EQ(link.responses().size(), 3u);
    while (link.responses().size() < 16)
        link.await_bytes(link.output.size() + 1);
    EXPECT_EQ(seen.requests, expected);
    EXPECT_EQ(link.responses().at(7).body, "later 7");
    EXPECT_EQ(link.responses().at(15).body, "15");
}

TEST_F(Http1Session, GivesTheSameOutputHoweverItsInputIsCut) {
    expect_same_for_every_cut(get_request("/name/%20x?y", "X-Long: 12345678901234567890\r\n") +
                              get_request("/later/1") + "HEAD /hello HTTP/1.1\r\nHost: b\r\n\r\n");
    expect_same_for_every_cut(post_request("/echo", "some content") + get_request("/hello") +
                              chunked_request("/echo", "5\r\nhello\r\n0\r\nX-Sum: 5\r\n\r\n") +
                              post_request("/ignore", "nobody reads this") +
                              chunked_request("/ignore", "3;a=b\r\nabc\r\n0\r\n\r\n") +
                              get_request("/no-content"));
    expect_same_for_every_cut(post_request("/small", "more than ten bytes") +
                              get_request("/hello"));
    expect_same_for_every_cut(get_request("/hello") +
                              chunked_request("/echo", "5\r\nhelloX\r\n0\r\n\r\n") +
                              get_request("/order/never"));
    expect_same_for_every_cut(get_request("/hello") + "GET / HTTP/1.1\r\nHost : a\r\n\r\n" +
                              get_request("/order/never"));
    EXPECT_TRUE(seen.requests.empty() ||
                std::count(seen.requests.begin(), seen.requests.end(), "never") == 0);
}

TEST_F(Http1Session, ClosesAfterSoManyRequests) {
    World few{make_app(seen), {.head = {}, .chunk = {}, .requests_per_connection = 2}};
    Link client{few};
    client.send(get_request("/hello") + get_request("/hello") + get_request("/order/never"));
    const auto responses = client.responses();
    ASSERT_EQ(responses.size(), 2u);
    EXPECT_FALSE(responses[0].closes());
    EXPECT_TRUE(responses[1].closes());
    EXPECT_TRUE(client.finished());
    EXPECT_TRUE(client.session.must_linger()) << "the client may be sending its next request";
}

// --- responses without content ------------------------------------------------------------------

TEST_F(Http1Session, AnswersHeadWithTheFieldsOfGetOnly) {
    const auto responses = ask("HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n"
                               "HEAD /stream HTTP/1.1\r\nHost: a\r\n\r\n"
                               "HEAD /big/file HTTP/1.1\r\nHost: a\r\n\r\n" +
                                   get_request("/hello"),
                               {true, true, true, false});
    ASSERT_EQ(responses.size(), 4u);
    EXPECT_EQ(responses[0].field("content-length"), "5");
    EXPECT_EQ(responses[1].field("transfer-encoding"), "chunked");
    EXPECT_EQ(responses[2].field("content-length"), std::to_string(big_size));
    EXPECT_EQ(responses[3].body, "Hello");
    EXPECT_EQ(seen.produced, 0);
}

TEST_F(Http1Session, Frames204And304WithoutContent) {
    const auto responses =
        ask(get_request("/no-content") + get_request("/not-modified") + get_request("/hello"));
    ASSERT_EQ(responses.size(), 3u);
    EXPECT_EQ(responses[0].status, 204);
    EXPECT_EQ(responses[1].status, 304);
    EXPECT_FALSE(responses[1].field("content-length"));
    EXPECT_EQ(responses[2].body, "Hello");
}

TEST_F(Http1Session, RefusesToSendAnInterimStatusAsAResponse) {
    const auto responses = ask(get_request("/interim") + get_request("/hello"));
    ASSERT_EQ(responses.size(), 2u);
    EXPECT_EQ(responses[0].status, 500);
    EXPECT_EQ(responses[1].status, 200);
}

TEST_F(Http1Session, AnswersAThrowingHandlerWithoutItsSecrets) {
    const auto responses = ask(get_request("/throw") + get_request("/hello"));
    ASSERT_EQ(responses.size(), 2u);
    EXPECT_EQ(responses[0].status, 500);
    EXPECT_THAT(responses[0].body, Not(HasSubstr("secret")));
}

// --- request content ----------------------------------------------------------------------------

TEST_F(Http1Session, ReadsContentOfKnownLength) {
    EXPECT_EQ(ask(post_request("/echo", "content")).at(0).body, "content");
    EXPECT_EQ(ask(post_request("/echo", "")).at(0).body, "");
}

TEST_F(Http1Session, ReadsChunkedContentAndTrailers) {
    const std::string chunks = "4\r\nwiki\r\n5;x=\"y\"\r\npedia\r\n0\r\nX-Sum: 9\r\n\r\n";
    EXPECT_EQ(ask(chunked_request("/echo", chunks)).at(0).body, "wikipedia");
    EXPECT_EQ(ask(chunked_request("/count", chunks)).at(0).body, "9");
    EXPECT_EQ(seen.trailer, "9");
}

TEST_F(Http1Session, ReadsContentThatComesPieceByPiece) {
    link.send("POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
    EXPECT_EQ(link.session.phase(), Session::Phase::reading_body);
    for (int i = 0; i < 100; ++i)
        link.send(std::string(1000, 'x'));
    EXPECT_EQ(link.settle().responses().at(0).body, "100000");
    EXPECT_FALSE(link.session.holds_input());
}

TEST_F(Http1Session, SendsContinueOnlyWhenContentIsPulled) {
    const std::string head = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
                             "Expect: 100-continue\r\n\r\n";
    link.send(head);
    EXPECT_EQ(link.take(), "HTTP/1.1 100 Continue\r\n\r\n");
    link.send("hi").settle();
    EXPECT_EQ(link.responses().at(0).body, "hi");
    EXPECT_FALSE(link.finished());
    link.output.clear();

    link.send(head + "ho").settle(); // the client didn't wait
    EXPECT_EQ(link.responses().at(0).body, "ho");
    EXPECT_EQ(link.responses().at(0).status, 200);
}

TEST_F(Http1Session, ClosesWhenAHandlerAnswersBeforeItContinues) {
    link.send("POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
              "Expect: 100-continue\r\n\r\n");
    const auto responses = link.responses();
    ASSERT_EQ(responses.size(), 1u);
    EXPECT_EQ(responses[0].status, 200);
    EXPECT_TRUE(responses[0].closes()) << "whether the content still comes can't be known";
    EXPECT_TRUE(link.finished());
    EXPECT_TRUE(link.session.must_linger());
}

TEST_F(Http1Session, RefusesContentThatExpectsToContinueAndIsTooLarge) {
    link.send("POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n"
              "Expect: 100-continue\r\n\r\n");
    const auto responses = link.settle().responses();
    ASSERT_EQ(responses.size(), 1u);
    EXPECT_EQ(responses[0].status, 413);
    EXPECT_TRUE(link.finished());
}

TEST_F(Http1Session, RefusesOtherExpectations) {
    const auto responses = ask(get_request("/hello", "Expect: tea\r\n"));
    EXPECT_EQ(responses.at(0).status, 417);
    EXPECT_TRUE(last_finished);
}

TEST_F(Http1Session, RefusesTooMuchContentWithProblemDetails) {
    for (const std::string& request :
         {post_request("/small", "12345678901"),
          chunked_request("/small", "6\r\n123456\r\n5\r\n78901\r\n0\r\n\r\n")}) {
        const auto responses = ask(request + get_request("/hello"));
        ASSERT_EQ(responses.size(), 2u) << request;
        EXPECT_EQ(responses[0].status, 413);
        EXPECT_EQ(responses[0].field("content-type"), "application/problem+json");
        EXPECT_THAT(responses[0].body, HasSubstr("10 bytes"));
        EXPECT_FALSE(responses[0].closes());
        EXPECT_EQ(responses[1].body, "Hello") << "little is dropped to keep the connection";
    }
    EXPECT_EQ(ask(post_request("/small", "1234567890")).at(0).body, "1234567890");
}

TEST_F(Http1Session, ClosesRatherThanReadMuchThatNobodyWants) {
    link.send("POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\nabc").settle();
    const auto responses = link.responses();
    ASSERT_EQ(responses.size(), 1u);
    EXPECT_EQ(responses[0].status, 413);
    EXPECT_TRUE(responses[0].closes());
    EXPECT_TRUE(link.finished());
    EXPECT_TRUE(link.session.must_linger());
}

TEST_F(Http1Session, DropsContentThatNobodyReadUpToItsLimit) {
    const std::string content = big_text(200'000);
    link.send(post_request("/ignore", content) + get_request("/hello"));
    EXPECT_EQ(link.responses().size(), 2u);
    EXPECT_FALSE(link.finished());

    Link second{world};
    std::string chunks;
    for (int i = 0; i < 10; ++i)
        chunks += "10000\r\n" + std::string(65536, 'x') + "\r\n";
    second.send(chunked_request("/ignore", chunks));
    ASSERT_EQ(second.responses().size(), 1u);
    EXPECT_TRUE(second.finished());
    EXPECT_TRUE(second.session.must_linger());
}

TEST_F(Http1Session, CountsOnlyDroppedContentAgainstTheLimitForDropping) {
    // A handler that reads 320 KiB and stops leaves little to drop.
    std::string chunks;
    for (int i = 0; i < 5; ++i)
        chunks += "10000\r\n" + std::string(65536, 'x') + "\r\n";
    link.send(chunked_request("/count", chunks)).send("1\r\nx\r\n0\r\n\r\n").settle();
    link.send(chunked_request("/first-piece", chunks.substr(0, 65536 * 2))).settle();
    EXPECT_EQ(link.responses().size(), 2u);
}

TEST_F(Http1Session, NeverTakesContentForARequest) {
    const std::string hidden = get_request("/order/hidden");
    for (const std::string_view target : {"/ignore", "/drop", "/first-piece", "/small", "/throw"}) {
        SCOPED_TRACE(target);
        // The content is one piece with its head, or comes later, or in chunks.
        Link whole{world};
        whole.send(post_request(target, hidden) + get_request("/hello")).settle();
        Link later{world};
        const std::string request = post_request(target, hidden);
        later.send(request.substr(0, request.size() - hidden.size())).settle();
        later.send(hidden).settle().send(get_request("/hello")).settle();
        Link chunked{world};
        char size[32];
        std::snprintf(size, sizeof size, "%zx\r\n", hidden.size());
        chunked.send(chunked_request(target, size)).settle();
        chunked.send(hidden).settle().send("\r\n0\r\n\r\n").settle();
        for (Link* one : {&whole, &later, &chunked})
            for (const WireResponse& response : one->responses())
                EXPECT_NE(response.body, "hidden");
    }
    EXPECT_TRUE(seen.requests.empty());
}

TEST_F(Http1Session, AnswersContentThatBreaksItsFraming) {
    link.send(chunked_request("/echo", "5\r\nhelloX\r\n0\r\n\r\n") + get_request("/order/never"))
        .settle();
    const auto responses = link.responses();
    ASSERT_EQ(responses.size(), 1u);
    EXPECT_EQ(responses[0].status, 400);
    EXPECT_TRUE(responses[0].closes());
    EXPECT_TRUE(link.finished());
    EXPECT_TRUE(seen.requests.empty());
}

// --- requests that can't be trusted -------------------------------------------------------------

TEST_F(Http1Session, RefusesAmbiguousFramingAndInterpretsNothingAfterIt) {
    const std::string smuggled = get_request("/order/smuggled");
    const std::pair<std::string, int> cases[] = {
        {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
         "0\r\n\r\n",
         400},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"
         "0\r\n\r\n",
         400},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
         400},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\nabc", 400},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc", 400},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: -3\r\n\r\nabc", 400},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 0x3\r\n\r\nabc", 400},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\nabc", 400},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\nabc", 400},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length : 3\r\n\r\nabc", 400},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\nabc", 400},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\nabc", 400},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
         501},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
         "chunked\r\n\r\n0\r\n\r\n",
         400},
        {"POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        {"GET /hello HTTP/1.1\r\n\r\n", 400},
        {"GET /hello HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
        {"GET /hello HTTP/1.1\r\nHost: a\r\n folded: x\r\n\r\n", 400},
        {"GET /hello HTTP/1.1\r\nHost: a\r\nX: y\rZ: w\r\n\r\n", 400},
        {"GET /hello HTTP/1.1\nHost: a\n\n", 400},
        {"GET /hello HTTP/2.0\r\nHost: a\r\n\r\n", 505},
        {"GET  /hello HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET hello HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"\x16\x03\x01\x02\x00\x01", 400},
        {"GET /" + std::string(9000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414},
        {"GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n", 431},
    };
    for (const auto& [request, status] : cases) {
        SCOPED_TRACE(request.substr(0, 200));
        Link after{world}; // also behind a request that is fine
        after.send(get_request("/hello") + request + smuggled).settle();
        const auto responses = after.responses();
        ASSERT_EQ(responses.size(), 2u);
        EXPECT_EQ(responses[1].status, status);
        EXPECT_EQ(responses[1].field("content-type"), "application/problem+json");
        EXPECT_TRUE(responses[1].closes());
        EXPECT_TRUE(after.finished());
        EXPECT_TRUE(after.session.must_linger());
        EXPECT_FALSE(after.session.wants_input());
    }
    EXPECT_TRUE(seen.requests.empty());
}

TEST_F(Http1Session, TakesAllFormsOfTargets) {
    EXPECT_EQ(ask("GET http://other:80/name/x?y HTTP/1.1\r\nHost: a\r\n\r\n").at(0).body,
              "x?y@other:80");
    const auto star = ask("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(star.at(0).status, 204);
    EXPECT_TRUE(star.at(0).field("allow"));
    const auto tunnel =
        ask("CONNECT other:80 HTTP/1.1\r\nHost: other:80\r\n\r\n" + get_request("/order/never"));
    ASSERT_EQ(tunnel.size(), 1u);
    EXPECT_GE(tunnel[0].status, 400);
    EXPECT_TRUE(last_finished) << "bytes after CONNECT could be meant for the tunnel";
    EXPECT_TRUE(seen.requests.empty());
}

// --- response content ---------------------------------------------------------------------------

TEST_F(Http1Session, StreamsChunksAndTrailers) {
    const auto responses = ask(get_request("/stream") + get_request("/hello"));
    ASSERT_EQ(responses.size(), 2u);
    EXPECT_TRUE(responses[0].chunked);
    EXPECT_EQ(responses[0].body, "onetwothree");
    EXPECT_THAT(responses[0].trailers,
                ElementsAre(std::pair<std::string, std::string>("x-sum", "11")));
    EXPECT_EQ(responses[1].body, "Hello");
}

TEST_F(Http1Session, SendsLargeBodiesOfEveryKind) {
    const std::string expected = big_text(big_size);
    for (const std::string_view kind : {"owned", "shared", "view", "file", "stream"}) {
        SCOPED_TRACE(kind);
        Link one{world};
        one.send(get_request("/big/" + std::string{kind}) + get_request("/hello")).settle();
        const auto responses = one.responses();
        ASSERT_EQ(responses.size(), 2u);
        EXPECT_TRUE(responses[0].body == expected);
        EXPECT_EQ(responses[1].body, "Hello");
    }
    EXPECT_TRUE(ask(get_request("/big/part")).at(0).body == expected.substr(1000, 2000));
}

TEST_F(Http1Session, SendsLargeBodiesThroughASmallWindow) {
    const std::string expected = big_text(big_size);
    for (const std::string_view kind : {"owned", "shared", "view", "file", "stream"}) {
        SCOPED_TRACE(kind);
        Link one{world};
        one.window(0).send(get_request("/hello") + get_request("/big/" + std::string{kind}) +
                           get_request("/hello"));
        for (int i = 0; i < 100'000 && one.output.size() < big_size + 200; ++i)
            one.window(1 + i % 9973).settle();
        one.window(10'000).settle();
        const auto responses = one.responses();
        ASSERT_EQ(responses.size(), 3u);
        EXPECT_TRUE(responses[1].body == expected);
        EXPECT_EQ(responses[2].body, "Hello");
    }
}

TEST_F(Http1Session, CopiesAViewOfTheReadBufferBeforeItIsOverwritten) {
    const std::string content = big_text(40'000);
    link.window(0).send(post_request("/view", content) + get_request("/hello"));
    Link other{world};
    other.send(post_request("/echo", std::string(50'000, '#')));
    link.window(100'000).settle();
    EXPECT_TRUE(link.responses().at(0).body == content);
}

TEST_F(Http1Session, EchoesAStreamWithoutReadingAheadOfTheOutput) {
    link.window(0).send("POST /echo-stream HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
    const std::string content = big_text(1'000'000);
    link.send(content);
    EXPECT_GE(link.unread(), content.size() - 3 * 64 * 1024) << "nothing more is read";
    EXPECT_FALSE(link.session.wants_input());
    while (link.unread() > 0)
        link.window(10'000);
    link.window(1'000'000).settle();
    EXPECT_TRUE(link.responses().at(0).body == content);
}

TEST_F(Http1Session, EchoesChunkedContentAsItComes) {
    link.send(chunked_request("/echo-stream", "5\r\nhello\r\n"));
    EXPECT_THAT(link.output, HasSubstr("5\r\nhello\r\n")) << "before the request is complete";
    link.send("1\r\n!\r\n0\r\n\r\n").settle().send(get_request("/hello"));
    ASSERT_EQ(link.responses().size(), 2u);
    EXPECT_EQ(link.responses()[0].body, "hello!");
}

TEST_F(Http1Session, WaitsForASlowReaderBeforeItAsksTheProducerForMore) {
    link.window(0).send(get_request("/endless"));
    EXPECT_LE(seen.produced, 2);
    link.window(100'000);
    EXPECT_LE(seen.produced, 103);
    EXPECT_GE(seen.produced, 90);
}

TEST_F(Http1Session, KeepsThePromiseOfAStreamsSizeOrCloses) {
    EXPECT_EQ(ask(get_request("/exact")).at(0).body, "halfmore");
    EXPECT_FALSE(last_finished);
    for (const std::string_view target : {"/too-short", "/too-long"}) {
        const auto responses = ask(get_request(target) + get_request("/order/never"));
        ASSERT_EQ(responses.size(), 1u) << target;
        EXPECT_TRUE(last_finished) << target;
        EXPECT_EQ(responses[0].complete, target == "/too-long") << "no byte over the promise";
    }
    EXPECT_TRUE(seen.requests.empty());
}

TEST_F(Http1Session, ClosesWithoutTheLastChunkWhenAProducerFails) {
    const auto responses = ask(get_request("/breaks") + get_request("/order/never"));
    ASSERT_EQ(responses.size(), 1u);
    EXPECT_EQ(responses[0].body, "half");
    EXPECT_FALSE(responses[0].complete);
    EXPECT_TRUE(last_finished);
    EXPECT_TRUE(seen.requests.empty());
}

// --- endings ------------------------------------------------------------------------------------

TEST_F(Http1Session, TellsTheHandlerThatItsClientLeft) {
    link.send(get_request("/wait"));
    EXPECT_FALSE(link.session.at_rest());
    link.close();
    EXPECT_EQ(seen.cancelled, CancelReason::client_gone);
    EXPECT_TRUE(link.session.at_rest());
    EXPECT_TRUE(link.finished());
}

TEST_F(Http1Session, TellsTheProducerThatItsClientLeft) {
    link.window(5000).send(get_request("/endless")).close();
    EXPECT_TRUE(link.session.at_rest());
    EXPECT_LE(seen.produced, 8);
}

TEST_F(Http1Session, TellsAReaderOfContentThatItsClientLeft) {
    link.send("POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc").close();
    EXPECT_TRUE(link.session.at_rest());
    EXPECT_TRUE(link.finished());
}

TEST_F(Http1Session, Answers503WhenAHandlerTakesTooLong) {
    const auto responses = ask(get_request("/hurry") + get_request("/hello"));
    ASSERT_EQ(responses.size(), 2u);
    EXPECT_EQ(responses[0].status, 503);
    EXPECT_EQ(seen.cancelled, CancelReason::deadline);
    EXPECT_EQ(responses[1].body, "Hello");
}

TEST_F(Http1Session, DoesNotPassACancellationOnToTheNextRequest) {
    link.send(get_request("/hurry") + get_request("/later/1") + get_request("/later/2") +
              get_request("/later/3"));
    while (link.responses().size() < 4)
        link.await_bytes(link.output.size() + 1);
    EXPECT_THAT(seen.requests, ElementsAre("1", "2", "3"));
    EXPECT_EQ(link.responses()[3].status, 200);
}

TEST_F(Http1Session, AnswersSlowHeadsAndContentWith408) {
    link.send("GET /hel");
    EXPECT_EQ(link.session.phase(), Session::Phase::reading_head);
    link.session.time_out();
    link.turn();
    EXPECT_EQ(link.responses().at(0).status, 408);
    EXPECT_TRUE(link.finished());

    Link slow{world};
    slow.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
    slow.session.time_out();
    slow.turn();
    EXPECT_EQ(slow.responses().at(0).status, 408);
    EXPECT_TRUE(slow.responses().at(0).closes());
    EXPECT_TRUE(slow.finished());
}

TEST_F(Http1Session, ClosesAtATimeOutWhileDroppingContent) {
    link.send("POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
    EXPECT_EQ(link.responses().at(0).body, "ignored");
    link.session.time_out();
    link.turn();
    EXPECT_TRUE(link.finished());
    EXPECT_EQ(link.responses().size(), 1u);
}

TEST_F(Http1Session, FinishesWhatWasSentBeforeAShutdown) {
    link.send(get_request("/hello"));
    world.context.draining = true;
    link.output.clear();
    link.send(get_request("/later/1") + get_request("/order/2")).settle();
    const auto responses = link.responses();
    ASSERT_EQ(responses.size(), 2u);
    EXPECT_FALSE(responses[0].closes());
    EXPECT_TRUE(responses[1].closes());
    EXPECT_TRUE(link.finished());
    EXPECT_TRUE(link.session.must_linger());
}

TEST_F(Http1Session, CancelsWhatRunsWhenTheGraceIsOver) {
    link.send(get_request("/wait"));
    link.session.cancel(CancelReason::shutdown);
    link.turn();
    EXPECT_EQ(seen.cancelled, CancelReason::shutdown);
    EXPECT_EQ(link.responses().at(0).status, 503);
}

TEST_F(Http1Session, AnswersAllThatWasSentByAClientThatClosedItsSide) {
    std::string requests;
    for (int i = 0; i < 5000; ++i)
        requests += get_request("/name/x");
    link.window(0).send(requests).close();
    for (int i = 0; i < 100 && !link.finished(); ++i)
        link.window(10'000);
    EXPECT_TRUE(link.finished());
    EXPECT_EQ(link.responses().size(), 5000u);
}

TEST_F(Http1Session, MayBeDestroyedAtAnyTimeItIsAtRest) {
    for (const std::string& request :
         {get_request("/hello"), std::string{"GET /hel"}, get_request("/big/file"),
          std::string{"POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc"}}) {
        Link one{world};
        one.window(100).send(request);
        EXPECT_TRUE(one.session.at_rest());
    }
}

// --- upgrade ------------------------------------------------------------------------------------

constexpr std::string_view ask_upgrade = "Connection: upgrade\r\nUpgrade: echo\r\n";

TEST_F(Http1Session, HandsTheConnectionOverBothWays) {
    link.send(get_request("/upgrade", ask_upgrade));
    EXPECT_EQ(link.take(),
              "HTTP/1.1 101 Switching Protocols\r\nupgrade: echo\r\nconnection: upgrade\r\n\r\n");
    link.send("ping");
    EXPECT_EQ(link.take(), "ping");
    link.send(get_request("/order/never"));
    EXPECT_THAT(link.take(), HasSubstr("GET /order/never"));
    link.send("bye!");
    EXPECT_TRUE(link.finished());
    EXPECT_TRUE(link.session.must_linger());
    EXPECT_TRUE(seen.requests.empty());
}

TEST_F(Http1Session, GivesTheUpgradedProtocolTheBytesThatCameWithTheHead) {
    const std::string request = get_request("/upgrade", ask_upgrade);
    link.send(request + "early");
    EXPECT_THAT(link.output, HasSubstr("\r\n\r\nearly"));

    Link pieces{world}; // the head in the session's own buffer
    pieces.send(request.substr(0, 20)).send(request.substr(20) + "early");
    EXPECT_THAT(pieces.output, HasSubstr("\r\n\r\nearly"));

    Link behind{world};
    behind.send(get_request("/hello") + request + "early");
    EXPECT_THAT(behind.output, HasSubstr("\r\n\r\nearly"));
    EXPECT_EQ(seen.upgraded, "earlyearlyearly");
}

TEST_F(Http1Session, GivesEarlyBytesToAHandlerThatUpgradesLater) {
    link.send(get_request("/upgrade-later", ask_upgrade) + "early").settle();
    EXPECT_EQ(seen.upgraded, "early");
    EXPECT_THAT(link.output, HasSubstr("\r\n\r\ndone"));
    EXPECT_TRUE(link.finished());
}

TEST_F(Http1Session, TellsTheUpgradedProtocolThatItsPeerClosed) {
    link.send(get_request("/upgrade", ask_upgrade) + "one").close();
    EXPECT_EQ(seen.upgraded, "one.");
    EXPECT_TRUE(link.finished());
}

TEST_F(Http1Session, SwitchesProtocolsOnlyForAClientThatAsked) {
    for (const std::string& request :
         {get_request("/upgrade"),
          "GET /upgrade HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n" +
              std::string{}}) {
        const auto responses = ask(request);
        ASSERT_EQ(responses.size(), 1u);
        EXPECT_EQ(responses[0].status, 426);
        EXPECT_EQ(responses[0].field("upgrade"), "echo");
    }
    EXPECT_EQ(seen.upgraded, "");
}

// --- several sessions ---------------------------------------------------------------------------

TEST_F(Http1Session, SharesBuffersWithOthersWithoutMixingThemUp) {
    Link other{world};
    link.window(0).send(get_request("/order/a") + get_request("/later/b"));
    other.window(0).send(get_request("/order/c") + "GET /or");
    link.window(7);
    other.send("der/d HTTP/1.1\r\nHost: x\r\n\r\n" + get_request("/later/e"));
    link.send(get_request("/order/f"));
    other.window(11).settle();
    link.settle();
    for (int i = 0; i < 1000 && (link.responses().size() < 3 || other.responses().size() < 3);
         ++i) {
        link.window(13).settle();
        other.window(5).settle();
    }
    std::string bodies;
    for (const WireResponse& response : link.responses())
        bodies += response.body + ' ';
    bodies += "| ";
    for (const WireResponse& response : other.responses())
        bodies += response.body + ' ';
    EXPECT_EQ(bodies, "a later b f | c d later e ");
}

TEST_F(Http1Session, LetsAHandlerFinishWhileAnotherConnectionHoldsTheOutput) {
    Link other{world};
    link.send(get_request("/later/1"));
    // `other` answers in this turn of the loop and isn't written yet, as link's handler ends.
    const std::string request = get_request("/order/2");
    const auto space = other.session.prepare();
    std::memcpy(space.data, request.data(), request.size());
    other.session.commit(request.size());
    bool done = false;
    struct Stop final : Timer {
        explicit Stop(bool& of) noexcept : flag(of) {}
        void expired() override { flag = true; }
        bool& flag;
    } stop{done};
    world.loop.timers().arm(stop, steady_now() + 20);
    world.run_until(done);
    link.turn();
    other.turn();
    EXPECT_EQ(link.responses().at(0).body, "later 1");
    EXPECT_EQ(other.responses().at(0).body, "2");
}

TEST_F(Http1Session, ReusesExchangesOfManyCancelledRequests) {
    std::vector<std::unique_ptr<Link>> links;
    for (int i = 0; i < 600; ++i) {
        links.push_back(std::make_unique<Link>(world));
        links.back()->send(get_request("/wait"));
    }
    for (const auto& one : links)
        one->close();
    for (const auto& one : links)
        EXPECT_TRUE(one->finished());
}

} // namespace
} // namespace armature::http1::testing
