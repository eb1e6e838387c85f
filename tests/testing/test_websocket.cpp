#include "testing/test_app.hpp"

#include <armature/testing/events.hpp>
#include <armature/testing/websocket.hpp>

namespace armature::kit {
namespace {

TEST(TestWebSocketTest, SendsAndReceivesInProcess) {
    TestClient client{make_app()};
    TestWebSocket socket = client.websocket("/ws");
    socket.send_text("hello");
    EXPECT_EQ(socket.receive(), "hello");
    socket.send_binary(std::string(70'000, 'b'));
    const TestWebSocket::Message large = socket.receive_message();
    EXPECT_EQ(large.kind, WebSocket::Kind::binary);
    EXPECT_EQ(large.data.size(), 70'000U);
    socket.close();
    EXPECT_EQ(socket.close_code(), CloseCode::normal);
    EXPECT_FALSE(socket.is_open());
}

TEST(TestEventsTest, GivesEventAfterEventInProcess) {
    TestClient client{make_app()};
    TestEvents events = client.events("/events");
    const TestEvent first = events.next();
    EXPECT_EQ(first.id, "1");
    EXPECT_EQ(first.type, "tick");
    EXPECT_EQ(first.data, "line\n1");
    EXPECT_TRUE(events.is_silent(Duration::seconds(59)));
    EXPECT_EQ(events.next().id, "2");
}

} // namespace
} // namespace armature::kit
