#include "http1/session_fixture.hpp"

namespace armature::http1::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

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
