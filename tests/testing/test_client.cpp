#include "testing/test_app.hpp"

namespace armature::kit {
namespace {

TEST(TestClientTest, GetsTextInProcess) {
    TestClient client{make_app()};
    const TestResponse response = client.get("/").send();
    EXPECT_EQ(response.status(), Status::ok);
    EXPECT_EQ(response.text(), "Hello, World!");
    EXPECT_EQ(response.header("content-type"), "text/plain; charset=utf-8");
}

TEST(TestClientTest, SendsAndReadsJson) {
    TestClient client{make_app()};
    EXPECT_EQ(client.get("/users/7").send().json<User>().id, 7);
    const TestResponse response = client.post("/users").json(User{3, "Grace"}).send();
    EXPECT_EQ(response.json<User>().name, "Grace");
}

TEST(TestClientTest, LetsAHandlerSleepInNoRealTime) {
    TestClient client{make_app()};
    EXPECT_EQ(client.get("/sleep/3600000").send().text(), "rested");
    EXPECT_EQ(client.clock().elapsed(), Duration::seconds(3600));
}

TEST(TestClientTest, StartsACallThatOnlyItsTestLetsGoOn) {
    TestClient client{make_app()};
    TestCall call = client.get("/sleep/5000").start();
    client.clock().advance(Duration::milliseconds(4999));
    EXPECT_FALSE(call.is_answered());
    client.clock().advance(Duration::milliseconds(1));
    EXPECT_TRUE(call.is_answered());
    EXPECT_EQ(call.response().text(), "rested");
}

} // namespace
} // namespace armature::kit
