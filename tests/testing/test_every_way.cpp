#include "testing/test_app.hpp"

#include <armature/testing/events.hpp>
#include <armature/testing/gmock.hpp>
#include <armature/testing/websocket.hpp>

// What holds in process holds over sockets: each of these runs on every way to the application.
namespace armature::kit {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

enum class Way { in_process, http, https };

TestClient make_client(Way way) {
    if (way == Way::http) return TestClient::over_http(make_app());
    if (way == Way::https) return TestClient::over_https(make_app());
    return TestClient{make_app()};
}

struct EveryWay : ::testing::TestWithParam<Way> {
    TestClient client = make_client(GetParam());
};
INSTANTIATE_TEST_SUITE_P(To, EveryWay, ::testing::Values(Way::in_process, Way::http, Way::https),
                         [](const auto& way) {
                             return way.param == Way::in_process ? "InProcess"
                                    : way.param == Way::http     ? "OverHttp"
                                                                 : "OverHttps";
                         });

TEST_P(EveryWay, GetsTextAndFields) {
    const TestResponse response = client.get("/").send();
    EXPECT_THAT(response, HasStatus(Status::ok));
    EXPECT_THAT(response, HasBody("Hello, World!"));
    EXPECT_THAT(response, HasHeader("content-length", "13"));
    EXPECT_THAT(client.get("/nowhere").send(), IsProblem(404));
    EXPECT_THAT(client.post("/").send(), HasHeader("allow", HasSubstr("GET")));
}

TEST_P(EveryWay, SendsHeadWithoutGettingContent) {
    const TestResponse response = client.head("/").send();
    EXPECT_THAT(response, HasHeader("content-length", "13"));
    EXPECT_EQ(response.text(), "");
}

TEST_P(EveryWay, SendsJsonAndReadsIt) {
    EXPECT_EQ(client.post("/users").json(User{3, "Grace"}).send().json<User>().name, "Grace");
    EXPECT_THAT(client.post("/users").json(User{3, ""}).send(), IsProblem(422, "/name"));
    EXPECT_THAT(client.post("/users").body("application/json", "{").send(), IsProblem(400));
}

TEST_P(EveryWay, EncodesQueriesAndForms) {
    EXPECT_EQ(
        client.get("/query?a=1").query("b", "x y&z").query("n", 7).query("f", true).send().text(),
        "a=1&b=x%20y%26z&n=7&f=true");
    const TestResponse form = client.post("/echo").form("name", "Ada L").form("n", "1").send();
    EXPECT_EQ(form.text(), "name=Ada%20L&n=1");
    EXPECT_THAT(form, HasHeader("x-type", "application/x-www-form-urlencoded"));
}

TEST_P(EveryWay, SendsFieldsAndFilesAsMultipart) {
    const TestResponse response = client.post("/echo")
                                      .multipart("title", "A cat")
                                      .multipart("photo", "cat \"7\".png", "image/png", "\x89PNG")
                                      .send();
    EXPECT_THAT(response, HasHeader("x-type", HasSubstr("multipart/form-data; boundary=")));
    const std::string type{*response.header("x-type")};
    const std::string boundary = "--" + type.substr(type.find('=') + 1);
    EXPECT_EQ(response.text(),
              boundary + "\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nA cat\r\n" +
                  boundary +
                  "\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"cat %227%22.png\""
                  "\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n" +
                  boundary + "--\r\n");
}

TEST_P(EveryWay, SendsCredentialsAndCommonFields) {
    EXPECT_EQ(client.get("/auth").bearer("abc").send().text(), "Bearer abc");
    client.header("authorization", "Basic eA==");
    EXPECT_EQ(client.get("/auth").send().text(), "Basic eA==");
}

TEST_P(EveryWay, KeepsCookies) {
    const TestResponse first = client.get("/session").send();
    EXPECT_EQ(first.text(), "none");
    ASSERT_NE(first.cookie("id"), nullptr);
    EXPECT_EQ(first.cookie("id")->value, "7");
    EXPECT_TRUE(first.cookie("id")->http_only);
    EXPECT_EQ(client.get("/session").send().text(), "7");
    EXPECT_EQ(client.cookies().get("id"), "7");
    EXPECT_EQ(client.get("/session").cookie("extra", "1").send().text(), "7");
    client.cookies().clear();
    EXPECT_EQ(client.get("/session").send().text(), "none");
}

TEST_P(EveryWay, FollowsRedirectsOnlyWhenAsked) {
    EXPECT_THAT(client.get("/moved/302").send(), HasHeader("location", "/method?from=moved"));
    const TestResponse followed = client.get("/moved/302").follow_redirects().send();
    EXPECT_EQ(followed.text(), "GET ");
    EXPECT_EQ(followed.target(), "/method?from=moved");
    EXPECT_EQ(client.post("/moved/303").body("text/plain", "x").follow_redirects().send().text(),
              "GET ");
    EXPECT_EQ(client.post("/moved/307").body("text/plain", "x").follow_redirects().send().text(),
              "POST x");
}

TEST_P(EveryWay, ReadsContentPieceByPieceWithItsTrailers) {
    TestCall call = client.get("/pieces").start();
    EXPECT_EQ(call.status(), Status::ok);
    std::string all;
    while (const auto piece = call.read())
        all += *piece;
    EXPECT_EQ(all, "onetwo");
    const TestResponse response = call.response();
    EXPECT_EQ(response.text(), "onetwo");
    EXPECT_EQ(response.trailers().get("x-sum"), "2");
}

TEST_P(EveryWay, StreamsBothWaysAtOnce) {
    TestCall call = client.post("/echo").header("content-type", "text/plain").upload();
    call.write("one");
    EXPECT_EQ(call.status(), Status::ok);
    EXPECT_EQ(call.read(), "one");
    call.write("two");
    EXPECT_EQ(call.read(), "two");
    call.finish();
    EXPECT_EQ(call.read(), std::nullopt);
}

TEST_P(EveryWay, DrivesHandlersThatWait) {
    EXPECT_EQ(client.get("/sleep/20").send().text(), "rested");
    EXPECT_EQ(client.get("/blocking").send().text(), "worked");
}

TEST_P(EveryWay, AdvancesTheClock) {
    TestCall call = client.get("/sleep/50").start();
    EXPECT_FALSE(call.is_answered());
    client.clock().advance(Duration::milliseconds(60));
    EXPECT_GE(client.clock().elapsed(), Duration::milliseconds(60));
    EXPECT_EQ(call.response().text(), "rested");
}

TEST_P(EveryWay, FailsWhenContentBreaksOff) {
    try {
        static_cast<void>(client.get("/breaks").send());
        FAIL() << "it should have thrown";
    } catch (const TestFailure& failure) {
        EXPECT_THAT(failure.what(), StartsWith("GET /breaks: "));
    }
}

TEST_P(EveryWay, HasAWebSocket) {
    TestWebSocket socket =
        client.get("/ws").header("sec-websocket-protocol", "v1.chat").websocket();
    EXPECT_TRUE(socket.is_open());
    EXPECT_EQ(socket.subprotocol(), "v1.chat");
    socket.send_text("hello");
    EXPECT_EQ(socket.receive(), "hello");
    socket.send_binary(std::string(70'000, 'b'));
    const TestWebSocket::Message large = socket.receive_message();
    EXPECT_EQ(large.kind, WebSocket::Kind::binary);
    EXPECT_EQ(large.data.size(), 70'000U);
    socket.send_json(User{1, "Ada"});
    EXPECT_EQ(socket.receive_json<User>().name, "Ada");
    EXPECT_TRUE(socket.is_silent(Duration::milliseconds(20)));
    socket.close();
    EXPECT_EQ(socket.close_code(), CloseCode::normal);
    EXPECT_FALSE(socket.is_open());
    EXPECT_THROW(socket.send_text("late"), TestFailure);
}

TEST_P(EveryWay, SeesAWebSocketClosedByTheApplication) {
    TestWebSocket socket = client.websocket("/ws");
    socket.send_text("quit");
    EXPECT_EQ(socket.wait_until_closed(), CloseCode{4001});
    EXPECT_EQ(socket.close_reason(), "as asked");
    EXPECT_THROW(static_cast<void>(socket.receive()), TestFailure);
}

TEST_P(EveryWay, SeesWhyAWebSocketWasRefused) {
    TestWebSocket socket = client.get("/ws").header("origin", "https://evil.example").websocket();
    EXPECT_FALSE(socket.is_open());
    EXPECT_THAT(socket.response(), IsProblem(403));
    EXPECT_THROW(socket.send_text("x"), TestFailure);
    EXPECT_THAT(client.websocket("/nowhere").response(), IsProblem(404));
}

TEST_P(EveryWay, HasEvents) {
    TestEvents events = client.get("/events").header("last-event-id", "1").events();
    EXPECT_THAT(events.response(), HasHeader("content-type", "text/event-stream"));
    const TestEvent second = events.next();
    EXPECT_EQ(second.id, "2");
    EXPECT_EQ(second.type, "tick");
    EXPECT_EQ(second.data, "line\n2");
    EXPECT_TRUE(events.is_silent(Duration::milliseconds(20)));
    EXPECT_THAT(client.events("/nowhere").response(), IsProblem(404));
}

TEST_P(EveryWay, TellsSocketsAndStreamsThatTheServerShutsDown) {
    TestWebSocket socket = client.websocket("/ws");
    TestEvents events = client.events("/events");
    EXPECT_EQ(events.next().id, "1");
    client.begin_shutdown();
    EXPECT_EQ(socket.wait_until_closed(), CloseCode::going_away);
    EXPECT_TRUE(events.ends());
}

} // namespace
} // namespace armature::kit
