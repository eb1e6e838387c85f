#include "showcase/app.hpp"

#include <armature/testing/client.hpp>
#include <armature/testing/events.hpp>
#include <armature/testing/gmock.hpp>
#include <armature/testing/websocket.hpp>

namespace showcase {
namespace {

using namespace armature;
using ::testing::AllOf;
using ::testing::HasSubstr;

struct Showcase : ::testing::Test {
    TestClient client{make_app()};
};

TEST_F(Showcase, GreetsAndIsHealthy) {
    EXPECT_THAT(client.get("/").send(), HasBody("Hello, World!"));
    EXPECT_THAT(client.get("/json").send(), IsJson(R"({"message":"Hello, World!"})"));
    EXPECT_THAT(client.get("/health/ready").send(), HasJson("/status", "pass"));
}

TEST_F(Showcase, CreatesUsersAndPagesThroughThem) {
    for (const char* name : {"Ada", "Grace", "Adele"}) {
        const TestResponse made =
            client.post("/api/users")
                .body("application/json", R"({"name":")" + std::string{name} + "\"}")
                .send();
        EXPECT_THAT(made, AllOf(HasStatus(Status::created), HasHeader("location")));
        EXPECT_THAT(client.get(*made.header("location")).send(), HasJson("/name", name));
    }
    const TestResponse page = client.get("/api/users").query("q", "Ad").query("limit", 1).send();
    EXPECT_THAT(page, HasJson("/0/name", "Ada"));
    EXPECT_THAT(page, HasHeader("link", HasSubstr("q=Ad&page=2&limit=1>; rel=\"next\"")));
    EXPECT_THAT(client.post("/api/users")
                    .body("application/json", R"({"name":"","email":"x","age":200})")
                    .send(),
                IsProblem(422, "/name", "/email", "/age"));
}

TEST_F(Showcase, StreamsInBothDirections) {
    TestCall call = client.post("/echo").header("content-type", "text/plain").upload();
    call.write("one");
    EXPECT_EQ(call.read(), "one");
    call.trailer("x-sum", "1");
    call.finish();
    EXPECT_EQ(call.response().trailers().get("x-sum"), "1");
    const TestResponse stream = client.get("/stream?chunks=3&bytes=4&delay_ms=1000").send();
    EXPECT_EQ(stream.chunks().size(), 3U);
    EXPECT_EQ(client.clock().elapsed(), Duration::seconds(2));
}

TEST_F(Showcase, SendsEventsAndGoesOnAfterTheLastOneSeen) {
    TestEvents events =
        client.get("/events?n=4&every_ms=500").header("last-event-id", "2").events();
    EXPECT_EQ(events.next().data, R"({"n":3})");
    EXPECT_TRUE(events.is_silent(Duration::milliseconds(499)));
    EXPECT_EQ(events.next().id, "4");
    EXPECT_TRUE(events.ends());
    EXPECT_EQ(client.events("/events/multiline").next().data, "line1\nline2");
}

TEST_F(Showcase, HasRooms) {
    TestWebSocket one = client.websocket("/ws/room/a");
    TestWebSocket other = client.websocket("/ws/room/a");
    one.send_text("hi");
    EXPECT_THAT(one.receive(), ContainsJson(R"({"text":"hi"})"));
    EXPECT_THAT(other.receive(), ContainsJson(R"({"text":"hi"})"));
}

TEST_F(Showcase, GuardsWhatIsPrivate) {
    EXPECT_THAT(client.get("/private/me").send(),
                AllOf(IsProblem(401), HasHeader("www-authenticate", HasSubstr("Bearer"))));
    EXPECT_THAT(client.get("/private/me").bearer("showcase-token").send(),
                HasJson("/subject", "showcase"));
    EXPECT_THAT(client.post("/private/me").bearer("readonly-token").send(), IsProblem(403));
}

TEST_F(Showcase, KeepsCookies) {
    EXPECT_THAT(client.get("/cookies/set?name=tea&value=green").send(),
                HasStatus(Status::no_content));
    EXPECT_THAT(client.get("/cookies").send(), IsJson(R"({"tea":"green"})"));
}

TEST_F(Showcase, RunsMiddlewareFromTheOutsideIn) {
    EXPECT_THAT(client.get("/nested/a/b/order").send(),
                IsJson(R"(["root","nested","a","b","handler","b","a","nested","root"])"));
}

TEST_F(Showcase, AnswersRangesConditionsAndRedirects) {
    EXPECT_THAT(client.get("/bytes/500").header("range", "bytes=10-11").send(),
                AllOf(HasStatus(Status::partial_content), HasBody("\x0a\x0b")));
    EXPECT_THAT(client.get("/bytes/5").header("if-none-match", "\"5\"").send(),
                HasStatus(Status::not_modified));
    EXPECT_THAT(client.get("/redirect?to=/json").follow_redirects().send(),
                HasJson("/message", "Hello, World!"));
    EXPECT_THAT(client.get("/redirect?to=//evil.example").send(), IsProblem(400));
    EXPECT_THAT(client.get("/panic").send(),
                AllOf(IsProblem(500), HasBody(::testing::Not(HasSubstr("failed")))));
}

TEST(ShowcaseLimits, RefusesLargeContent) {
    TestClient client{make_app({.max_body = 10, .static_files = {}, .production = {}})};
    EXPECT_THAT(client.post("/api/users").body("application/json", std::string(11, ' ')).send(),
                IsProblem(413));
}

} // namespace
} // namespace showcase
