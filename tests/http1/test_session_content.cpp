#include "http1/session_fixture.hpp"

namespace armature::http1::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

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

TEST_F(Http1Session, SendsContinueNeverIntoAResponse) {
    link.send(chunked_request("/answer-then-read", "", "Expect: 100-continue\r\n")).settle();
    EXPECT_THAT(link.output, StartsWith("HTTP/1.1 200"));
    EXPECT_THAT(link.output, Not(HasSubstr("100 Continue")));
    link.send("1\r\nx\r\n0\r\n\r\n").settle();
    EXPECT_THAT(link.take(), HasSubstr("1\r\nx\r\n0\r\n\r\n"));
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

} // namespace
} // namespace armature::http1::testing
