#include "testing/test_app.hpp"

#include <armature/client/client.hpp>
#include <armature/core/cancellable_wait.hpp>
#include <armature/testing/events.hpp>
#include <armature/testing/gmock.hpp>
#include <armature/testing/websocket.hpp>

// What only a client in process can do: see each piece, and keep the time.
namespace armature::kit {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct InProcess : ::testing::Test {
    TestClient client{make_app()};
};

std::string failure_of(TestCall& call) {
    try {
        static_cast<void>(call.response());
    } catch (const TestFailure& failure) {
        return failure.what();
    }
    return "no failure";
}

TEST_F(InProcess, LetsAHandlerSleepInNoRealTime) {
    EXPECT_EQ(client.get("/sleep/3600000").send().text(), "rested");
    EXPECT_EQ(client.clock().elapsed(), Duration::seconds(3600));
}

TEST_F(InProcess, LetsACallGoOnOnlyAsFarAsTheClockIsAdvanced) {
    TestCall call = client.get("/sleep/5000").start();
    client.clock().advance(Duration::milliseconds(4999));
    EXPECT_FALSE(call.is_answered());
    client.clock().advance(Duration::milliseconds(1));
    EXPECT_TRUE(call.is_answered());
    EXPECT_EQ(call.response().text(), "rested");
}

TEST_F(InProcess, WakesWhoSleepsInOrder) {
    TestCall later = client.get("/sleep/20").start();
    TestCall sooner = client.get("/sleep/10").start();
    EXPECT_EQ(sooner.response().text(), "rested");
    EXPECT_FALSE(later.is_answered());
    EXPECT_EQ(client.clock().elapsed(), Duration::milliseconds(10));
}

TEST_F(InProcess, AnswersWith503AtTheRoutesTimeOut) {
    EXPECT_THAT(client.get("/limited").send(), IsProblem(503));
    EXPECT_EQ(client.clock().elapsed(), Duration::seconds(2));
}

TEST_F(InProcess, GivesThePiecesThatTheHandlerWrote) {
    const TestResponse response = client.get("/pieces").send();
    EXPECT_THAT(response.chunks(), ElementsAre("one", "two"));
}

TEST_F(InProcess, SendsTrailers) {
    TestCall call = client.post("/echo").upload();
    call.write("content");
    call.trailer("x-sum", "7");
    call.finish();
    EXPECT_EQ(call.response().trailers().get("x-sum"), "7");
}

TEST(TestClientTest, HoldsAProducerBackWhileItsTestDoesNotRead) {
    int written = 0;
    TestClient client{App::create().route("/", get([&written] {
                                              return Response::stream(
                                                  [&](BodyWriter& out) -> Task<> {
                                                      for (;;) {
                                                          ++written;
                                                          co_await out.write("x");
                                                      }
                                                  });
                                          }))};
    TestCall call = client.get("/").start();
    EXPECT_EQ(written, 1);
    EXPECT_EQ(call.read(), "x");
    EXPECT_EQ(call.read(), "x");
    EXPECT_EQ(written, 2);
}

TEST(TestClientTest, CancelsWhatRunsWhenTheClientLeaves) {
    bool cancelled = false;
    TestClient client{App::create().route("/", get([&cancelled]() -> Task<std::string> {
                                              try {
                                                  co_await sleep_for(Duration::seconds(60));
                                              } catch (const Cancelled& why) {
                                                  cancelled =
                                                      why.reason() == CancelReason::client_gone;
                                                  throw;
                                              }
                                              co_return "";
                                          }))};
    TestCall call = client.get("/").start();
    EXPECT_FALSE(cancelled);
    call.leave();
    EXPECT_TRUE(cancelled);
}

TEST(TestClientTest, SaysThatNothingIsLeftToRunInsteadOfHanging) {
    WaitSlot never;
    TestClient client{
        App::create().route("/waits/{n}", get([&never](Path<int>) -> Task<std::string> {
                                co_await never.wait();
                                co_return "";
                            }))};
    TestCall call = client.get("/waits/1").start();
    EXPECT_THAT(failure_of(call),
                AllOf(HasSubstr("GET /waits/1 (route /waits/{n}): no response came"),
                      HasSubstr("nothing is left to run")));
}

TEST(TestClientTest, GivesUpAHandlerThatSleepsForEver) {
    TestClient client{App::create().route("/", get([]() -> Task<std::string> {
                                              for (;;)
                                                  co_await sleep_for(Duration::seconds(600));
                                          }))};
    TestCall call = client.get("/").start();
    EXPECT_THAT(failure_of(call), HasSubstr("no response came within 24 hours"));
}

TEST(TestClientTest, GivesUpAHandlerThatIsNeverDone) {
    TestClientOptions options;
    options.patience = Duration::milliseconds(50);
    TestClient client{App::create()
                          .route("/yields", get([]() -> Task<std::string> {
                                     for (;;)
                                         co_await yield();
                                 }))
                          .route("/naps", get([]() -> Task<std::string> {
                                     for (;;)
                                         co_await sleep_for(Duration{});
                                 })),
                      options};
    for (const char* target : {"/yields", "/naps"}) {
        TestCall call = client.get(target).start();
        EXPECT_THAT(failure_of(call), HasSubstr("it was still running when the test's patience"));
    }
}

TEST_F(InProcess, ForgetsCookiesWhenTheirTimeIsOver) {
    EXPECT_EQ(client.get("/session").send().text(), "none");
    client.clock().advance(Duration::seconds(59));
    EXPECT_EQ(client.get("/session").send().text(), "7");
    client.clock().advance(Duration::seconds(60));
    EXPECT_EQ(client.get("/session").send().text(), "none");
}

TEST_F(InProcess, AnswersPingsWhileTheClockIsAdvanced) {
    TestWebSocket socket = client.websocket("/ws");
    client.clock().advance(Duration::seconds(300));
    EXPECT_GE(socket.pings(), 9U);
    EXPECT_TRUE(socket.is_open());
    socket.answer_pings(false);
    EXPECT_EQ(socket.wait_until_closed(Duration::seconds(60)), CloseCode::abnormal);
}

TEST_F(InProcess, CountsHeartbeats) {
    TestEvents events = client.events("/events");
    EXPECT_EQ(events.next().id, "1");
    client.clock().advance(Duration::seconds(59));
    EXPECT_EQ(events.comments(), 3U);
    EXPECT_EQ(events.next().id, "2");
    EXPECT_EQ(events.next(Duration::seconds(60)).id, "3");
    EXPECT_TRUE(events.ends(Duration::seconds(60)));
    EXPECT_THROW(static_cast<void>(events.next()), TestFailure);
}

TEST_F(InProcess, NamesTheHostAndSchemeOfItsOptions) {
    TestClientOptions options;
    options.host = "shop.example";
    options.secure = true;
    TestClient secure{App::create().route("/", get([](Request& request) {
                                              return std::string{request.scheme()} + ' ' +
                                                     std::string{request.authority()};
                                          })),
                      options};
    EXPECT_EQ(secure.get("/").send().text(), "https shop.example");
    EXPECT_EQ(secure.get("/").header("host", "other.example").send().text(), "https other.example");
}

TEST_F(InProcess, WaitsForWhatComesBySockets) {
    TestClient upstream = TestClient::over_http(make_app());
    const std::string url = upstream.origin() + "/sleep/20";
    Client asks;
    TestClient here{App::create().route("/", get([&]() -> Task<std::string> {
                                                 ClientResponse response = co_await asks.get(url);
                                                 co_return co_await response.text();
                                             }).timeout(Duration::seconds(30)))};
    EXPECT_EQ(here.get("/").send().text(), "rested");
}

TEST_F(InProcess, SharesAnApplicationThatIsBuilt) {
    const Application app = make_app().build();
    TestClient one{app};
    TestClient other{app};
    EXPECT_EQ(one.get("/").send().text(), other.get("/").send().text());
}

TEST_F(InProcess, SaysWhatIsWrongWithContentThatIsNotTheJsonWanted) {
    try {
        static_cast<void>(client.get("/").send().json<User>());
        FAIL() << "it should have thrown";
    } catch (const TestFailure& failure) {
        EXPECT_THAT(failure.what(),
                    AllOf(HasSubstr("line 1, column 1"), HasSubstr("200 OK: Hello, World!")));
    }
}

TEST_F(InProcess, RefusesARequestThatCanNotBe) {
    EXPECT_THROW(static_cast<void>(client.request("NO METHOD", "/").send()), TestFailure);
    EXPECT_THROW(static_cast<void>(client.get("/").header("x", "a\r\nb")), std::invalid_argument);
}

} // namespace
} // namespace armature::kit
