#include "http2/session_fixture.hpp"

namespace armature::http2::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST_F(Http2Session, AnswersRequests) {
    const Answer& hello = ask("GET", "/hello");
    EXPECT_EQ(hello.status, "200");
    EXPECT_EQ(hello.body, "Hello");
    EXPECT_THAT(hello.fields, ElementsAre(Pair("content-type", "text/plain; charset=utf-8"),
                                          Pair("content-length", "5")));
    EXPECT_EQ(ask("GET", "/name/x?q=1").body, "x?q=1@a");
    EXPECT_EQ(ask("GET", "/nope").status, "404");
    EXPECT_EQ(ask("DELETE", "/hello").field("allow"), "GET, HEAD, POST, OPTIONS");
    EXPECT_TRUE(link.session.at_rest());
    EXPECT_EQ(link.session.phase(), session::Phase::idle);
    EXPECT_EQ(link.session.served(), 4u);
}

TEST_F(Http2Session, SendsNoContentWhereNoneMayBe) {
    const Answer& head = ask("HEAD", "/hello");
    EXPECT_EQ(head.field("content-length"), "5");
    EXPECT_EQ(head.body, "");
    EXPECT_EQ(ask("GET", "/no-content").field("content-length"), std::nullopt);
    EXPECT_EQ(ask("GET", "/not-modified").status, "304");
    EXPECT_EQ(ask("HEAD", "/stream").body, "");
}

TEST_F(Http2Session, SendsEveryKindOfContent) {
    for (const char* kind : {"owned", "shared", "view", "file", "stream"})
        EXPECT_EQ(ask("GET", std::string{"/big/"} + kind).body, big_text(big_size)) << kind;
    EXPECT_EQ(ask("GET", "/big/part").body, big_text(big_size).substr(1000, 2000));
    EXPECT_EQ(ask("GET", "/exact").body, "halfmore");
}

TEST_F(Http2Session, SendsTrailersAfterAStream) {
    const Answer& answer = ask("GET", "/stream");
    EXPECT_EQ(answer.body, "onetwothree");
    EXPECT_THAT(answer.trailers, ElementsAre(Pair("x-sum", "11")));
}

TEST_F(Http2Session, ReceivesTrailers) {
    Client::Upload upload{std::string(100'000, 'x'), true, {{"x-sum", "17"}}};
    EXPECT_EQ(ask("POST", "/count", {}, &upload).body, "100000");
    EXPECT_EQ(seen.trailer, "17");
}

TEST_F(Http2Session, ResetsAStreamWhoseProducerFails) {
    for (const char* path : {"/breaks", "/too-short", "/too-long"})
        EXPECT_EQ(ask("GET", path).reset, NGHTTP2_INTERNAL_ERROR) << path;
    EXPECT_EQ(ask("GET", "/hello").status, "200");
}

TEST_F(Http2Session, ServesManyStreamsAtATime) {
    std::vector<std::int32_t> ids;
    for (int i = 0; i < 100; ++i)
        ids.push_back(client.request("GET", "/later/" + std::to_string(i)));
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(client.answer(link, ids[static_cast<std::size_t>(i)]).body,
                  "later " + std::to_string(i));
    EXPECT_EQ(seen.requests.size(), 100u);
}

// --- content and its flow -----------------------------------------------------------------------

TEST_F(Http2Session, EchoesContentAsItComes) {
    Client::Upload upload{"first", false};
    const std::int32_t id = client.request("POST", "/echo-stream", {}, &upload);
    client.talk(link);
    EXPECT_EQ(client.answers[id].body, "first");
    upload = {"second", true};
    client.more(id);
    EXPECT_EQ(client.answer(link, id).body, "firstsecond");
}

TEST_F(Http2Session, GivesNoCreditForContentThatNobodyReads) {
    // The echo can't be sent, so the handler stops reading, so the client may not go on.
    Client slow{{{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0}}};
    Link to{world};
    Client::Upload upload{std::string(1'000'000, 'x')};
    const std::int32_t id = slow.request("POST", "/echo-stream", {}, &upload);
    slow.talk(to);
    const std::size_t sent = 1'000'000 - upload.content.size();
    EXPECT_LE(sent, 2 * world.limits.stream_window);
    EXPECT_EQ(to.session.phase(), session::Phase::sending)
        << "the client has to let content through";
    nghttp2_submit_window_update(slow.raw(), 0, id, 20'000'000);
    nghttp2_submit_window_update(slow.raw(), 0, 0, 20'000'000);
    EXPECT_EQ(slow.answer(to, id).body.size(), 1'000'000u);
}

TEST_F(Http2Session, SharesTheConnectionsWindowAmongUploads) {
    Client slow{{{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0}}};
    Link to{world};
    std::vector<Client::Upload> uploads(50, {std::string(1'000'000, 'x')});
    for (Client::Upload& upload : uploads)
        slow.request("POST", "/echo-stream", {}, &upload);
    slow.talk(to);
    std::size_t sent = 0;
    for (const Client::Upload& upload : uploads)
        sent += 1'000'000 - upload.content.size();
    EXPECT_LE(sent, world.limits.connection_window + 50 * world.limits.stream_window);
}

TEST_F(Http2Session, StopsAProducerWhoseClientGivesNoCredit) {
    Client slow{{}, false};
    Link to{world};
    const std::int32_t id = slow.request("GET", "/endless");
    slow.talk(to);
    EXPECT_EQ(slow.answers[id].body.size(), 65'535u);
    EXPECT_LE(seen.produced, 67);
    slow.credit(id, 65'535);
    slow.talk(to);
    EXPECT_EQ(slow.answers[id].body.size(), 2 * 65'535u);
    to.close();
    EXPECT_TRUE(to.session.at_rest());
}

TEST_F(Http2Session, StopsAProducerWhoseClientDoesNotReadTheSocket) {
    Client fast{{{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 100'000'000}}};
    nghttp2_submit_window_update(fast.raw(), 0, 0, 100'000'000);
    Link to{world};
    to.window(0);
    fast.request("GET", "/endless");
    to.send(fast.take()).settle();
    EXPECT_LE(seen.produced, 600) << "as much as a session holds";
    EXPECT_FALSE(to.session.wants_input()) << "a client that doesn't read isn't read from";
    to.window(1'000'000).settle();
    EXPECT_GE(seen.produced, 900);
}

TEST_F(Http2Session, HoldsLittleOfContentThatIsThereForAClientThatDoesNotReadTheSocket) {
    for (const char* const kind : {"file", "shared", "stream"}) {
        Client fast{{{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 100'000'000}}};
        nghttp2_submit_window_update(fast.raw(), 0, 0, 100'000'000);
        Link to{world};
        to.send(fast.take()).window(0);
        std::vector<std::int32_t> ids;
        for (int i = 0; i < 20; ++i)
            ids.push_back(fast.request("GET", std::string{"/big/"} + kind));
        to.send(fast.take()).settle();
        EXPECT_LE(to.session.output().first.size(), session::output_high_water + 17'000) << kind;
        to.window(1'000'000'000);
        for (const std::int32_t id : ids)
            EXPECT_EQ(fast.answer(to, id).body, big_text(big_size)) << kind;
    }
}

TEST_F(Http2Session, AsksForContentThatWaitsForPermission) {
    for (const char* path : {"/count", "/echo", "/echo-stream"}) {
        Client::Upload upload{"", false};
        const std::int32_t id = client.request("POST", path, {{"expect", "100-continue"}}, &upload);
        client.talk(link);
        EXPECT_THAT(client.answers[id].interim, ElementsAre("100")) << path;
        upload = {"four", true};
        client.more(id);
        EXPECT_EQ(client.answer(link, id).status, "200");
    }
    EXPECT_TRUE(ask("POST", "/ignore", {{"expect", "100-continue"}}).interim.empty());
}

TEST_F(Http2Session, RefusesTooMuchContent) {
    Client::Upload upload{std::string(11, 'x')};
    EXPECT_EQ(ask("POST", "/small", {}, &upload).status, "413");
    upload = {std::string(11, 'x')};
    EXPECT_EQ(ask("POST", "/small", {{"content-length", "11"}}, &upload).status, "413");
    upload = {std::string(10, 'x')};
    EXPECT_EQ(ask("POST", "/small", {}, &upload).status, "200");
}

TEST_F(Http2Session, StopsAnUploadThatWasAnswered) {
    Client::Upload upload{std::string(10'000'000, 'x')};
    const Answer& answer = ask("POST", "/nope", {}, &upload);
    client.talk(link);
    EXPECT_EQ(answer.status, "404");
    EXPECT_EQ(answer.reset, NGHTTP2_NO_ERROR);
    EXPECT_GE(upload.content.size(), 9'000'000u);
    EXPECT_EQ(ask("GET", "/hello").status, "200");
    EXPECT_TRUE(link.session.at_rest());
}

TEST_F(Http2Session, WaitsForTheEndOfARequestThatWasAnswered) {
    Client::Upload upload{"", false};
    const std::int32_t id = client.request("POST", "/ignore", {}, &upload);
    EXPECT_EQ(client.answer(link, id).body, "ignored");
    EXPECT_EQ(link.session.phase(), session::Phase::reading_body);
    link.session.time_out();
    client.talk(link);
    EXPECT_EQ(client.answers[id].reset, NGHTTP2_NO_ERROR);
    EXPECT_TRUE(link.session.at_rest());
    EXPECT_FALSE(link.session.finished()) << "other streams go on";
}

// --- tunnels ------------------------------------------------------------------------------------

TEST_F(Http2Session, TunnelsAnotherProtocol) {
    client.talk(link); // its SETTINGS allow it
    Client::Upload upload{"some", false};
    const std::int32_t id = client.submit({{":method", "CONNECT"},
                                           {":protocol", "echo"},
                                           {":scheme", "http"},
                                           {":authority", "a"},
                                           {":path", "/upgrade"}},
                                          &upload);
    client.talk(link);
    EXPECT_EQ(client.answers[id].status, "200");
    EXPECT_EQ(client.answers[id].body, "some");
    EXPECT_FALSE(client.answers[id].ended);
    EXPECT_EQ(link.session.phase(), session::Phase::handling) << "tunnels have no time-out here";
    upload = {" thing!", false};
    client.more(id);
    EXPECT_EQ(client.answer(link, id).body, "some thing");
    EXPECT_EQ(seen.upgraded, "some thing.");
    client.talk(link);
    EXPECT_EQ(client.answers[id].reset, NGHTTP2_NO_ERROR) << "though its client's end is open";
    EXPECT_TRUE(link.session.at_rest());
}

TEST_F(Http2Session, EndsATunnelWithItsClient) {
    client.talk(link);
    Client::Upload upload{"some", false};
    client.submit({{":method", "CONNECT"},
                   {":protocol", "echo"},
                   {":scheme", "http"},
                   {":authority", "a"},
                   {":path", "/upgrade"}},
                  &upload);
    client.talk(link);
    link.close();
    EXPECT_TRUE(link.session.at_rest());
}

TEST_F(Http2Session, WantsAnUpgradeToBeAskedForByConnect) {
    EXPECT_EQ(ask("GET", "/upgrade").status, "426");
}

// --- h2c by upgrade -----------------------------------------------------------------------------

TEST_F(Http2Session, GoesOnFromAnHttp11Request) {
    for (const auto& [method, body] : {std::pair{Method::get, "Hello"}, {Method::head, ""}}) {
        Client upgrading;
        Link to{world};
        Request request;
        request.head().method = method;
        request.head().path = request.head().target = "/hello";
        ASSERT_TRUE(to.session.upgrade(std::move(request), "AAMAAABkAAQAAP__"));
        ASSERT_EQ(
            nghttp2_session_upgrade2(upgrading.raw(), nullptr, 0, method == Method::head, nullptr),
            0);
        EXPECT_EQ(upgrading.answer(to, 1).status, "200");
        EXPECT_EQ(upgrading.answers[1].body, body);
        const std::int32_t id = upgrading.request("GET", "/name/x");
        EXPECT_EQ(upgrading.answer(to, id).body, "x?@a");
        EXPECT_TRUE(to.session.at_rest());
    }
}

TEST_F(Http2Session, RefusesAnUpgradeWithBrokenSettings) {
    for (const char* settings : {"A", "AAMA", "****", "AAMAAABkAAQAAP_="}) {
        Link to{world};
        EXPECT_FALSE(to.session.upgrade(Request{}, settings)) << settings;
    }
}

} // namespace
} // namespace armature::http2::testing
