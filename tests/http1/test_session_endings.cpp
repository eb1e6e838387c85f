#include "http1/session_fixture.hpp"

namespace armature::http1::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

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

TEST_F(Http1Session, KeepsAnUpgradedProtocolsBytesWhileItsHandlerIsNotThroughWithThem) {
    Link other{world};
    for (Link* one : {&link, &other})
        one->send(get_request("/upgrade-later", ask_upgrade)).settle();
    link.send("one");
    other.send("two");
    link.settle();
    other.settle();
    EXPECT_EQ(seen.upgraded, "onetwo");
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

} // namespace
} // namespace armature::http1::testing
