// The C++ of docs/testing.md: compiled and run here, repeated there.
#include <armature/armature.hpp>
#include <armature/di/di.hpp>
#include <armature/log/capture.hpp>
#include <armature/testing/client.hpp>
#include <armature/testing/events.hpp>
#include <armature/testing/gmock.hpp>
#include <armature/testing/websocket.hpp>

#include <gmock/gmock.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace testing_page {

using namespace armature;

// [app]
struct User {
    int id = 0;
    std::string name;
};
ARMATURE_DESCRIBE(User, id, (name, min_length(1)));

class Mailer {
  public:
    virtual ~Mailer() = default;
    virtual void send(const std::string& to) = 0;
};

class SmtpMailer : public Mailer {
  public:
    void send(const std::string& to) override;
};

App make_app() {
    return App::create()
        .provide_as<Mailer, SmtpMailer>()
        .route("/users", post([](Json<User> user, Inject<Mailer> mailer) {
                   mailer->send(user->name);
                   return Response::json(to_json(*user)).status(Status::created);
               }))
        .route("/slow", get([]() -> Task<std::string> {
                            co_await sleep_for(Duration::seconds(60));
                            co_return "done";
                        }).timeout(Duration::seconds(5)))
        .route("/echo", post([](Request& request) { return Response{std::move(request.body())}; }))
        .route("/ticks", get([] {
                   return EventStream{[](EventWriter& out) -> Task<> {
                       Event event = Event{}.id("1").data("tick");
                       co_await out.send(event);
                       co_await sleep_for(Duration::seconds(60));
                   }};
               }))
        .route("/ws", websocket([](WebSocket& socket) -> Task<> {
                   while (const auto message = co_await socket.receive())
                       co_await socket.send(*message);
               }))
        .route("/fail", get([]() -> std::string { throw std::runtime_error{"out of paper"}; }));
}
// [/app]

void SmtpMailer::send(const std::string&) { FAIL() << "a test sent mail"; }

// [client]
class FakeMailer : public Mailer {
  public:
    void send(const std::string& to) override { sent.push_back(to); }
    std::vector<std::string> sent;
};

struct Users : testing::Test {
    std::shared_ptr<FakeMailer> mailer = std::make_shared<FakeMailer>();
    TestClient client{make_app().replace(provider_of(mailer).as<Mailer>())};
};

TEST_F(Users, AreCreated) {
    const TestResponse response = client.post("/users").json(User{7, "Ada"}).send();

    EXPECT_THAT(response, HasStatus(Status::created));
    EXPECT_THAT(response, HasJson("/name", "Ada"));
    EXPECT_EQ(response.json<User>().id, 7);
    EXPECT_THAT(mailer->sent, testing::ElementsAre("Ada"));
}

TEST_F(Users, HaveNames) {
    EXPECT_THAT(client.post("/users").json(User{7, ""}).send(), IsProblem(422, "/name"));
}
// [/client]

// [clock]
TEST_F(Users, WaitNoLongerThanTheTimeOut) {
    EXPECT_THAT(client.get("/slow").send(), IsProblem(503));
    EXPECT_EQ(client.clock().elapsed(), Duration::seconds(5));
}

TEST_F(Users, WaitUntilThen) {
    TestCall call = client.get("/slow").start();
    client.clock().advance(Duration::milliseconds(4999));
    EXPECT_FALSE(call.is_answered());
    client.clock().advance(Duration::milliseconds(1));
    EXPECT_EQ(call.status(), Status::service_unavailable);
}
// [/clock]

// [stream]
TEST_F(Users, StreamBothWays) {
    TestCall call = client.post("/echo").upload();
    call.write("one");
    EXPECT_EQ(call.read(), "one");
    call.write("two");
    EXPECT_EQ(call.read(), "two");
    call.finish();
    EXPECT_EQ(call.read(), std::nullopt);
}
// [/stream]

// [sessions]
TEST_F(Users, TalkAndListen) {
    TestWebSocket socket = client.websocket("/ws");
    socket.send_text("hello");
    EXPECT_EQ(socket.receive(), "hello");
    socket.close();

    TestEvents events = client.events("/ticks");
    EXPECT_EQ(events.next().data, "tick");
    client.clock().advance(Duration::seconds(15));
    EXPECT_EQ(events.comments(), 1U); // a heartbeat
}
// [/sessions]

// [json]
TEST_F(Users, AreWhatTheyWere) {
    const TestResponse response = client.post("/users").json(User{7, "Ada"}).send();

    EXPECT_JSON_EQ(R"({"name":"Ada","id":7})", response);
    EXPECT_THAT(response, ContainsJson(R"({"id":7})")); // and whatever else
}
// [/json]

// [log]
TEST_F(Users, LeaveFailuresInTheLog) {
    log::Capture capture;

    EXPECT_THAT(client.get("/fail").send(), IsProblem(500));

    const auto records = capture.records();
    ASSERT_EQ(records.size(), 1U);
    EXPECT_EQ(records[0].message, "a handler failed");
    EXPECT_EQ(records[0].field("route"), "/fail");
    EXPECT_EQ(records[0].field("error"), "out of paper");
}
// [/log]

// [socket]
class Everywhere : public testing::TestWithParam<bool> {
  protected:
    TestClient client = GetParam() ? TestClient::over_http(make_app()) : TestClient{make_app()};
};
INSTANTIATE_TEST_SUITE_P(OverASocketOrNot, Everywhere, testing::Bool());

TEST_P(Everywhere, UsersHaveNames) {
    EXPECT_THAT(client.post("/users").json(User{7, ""}).send(), IsProblem(422, "/name"));
}
// [/socket]

// [task]
Task<int> answer() {
    co_await sleep_for(Duration::milliseconds(1));
    co_return 42;
}

TEST(Answer, IsFortyTwo) {
    LocalLoop loop;
    EXPECT_EQ(loop.run(answer()), 42);
}
// [/task]

} // namespace testing_page
