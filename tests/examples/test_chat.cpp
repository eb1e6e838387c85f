#include "chat/app.hpp"

#include <armature/testing/client.hpp>
#include <armature/testing/gmock.hpp>
#include <armature/testing/websocket.hpp>

namespace chat {
namespace {

using namespace armature;
using ::testing::HasSubstr;

struct Chat : ::testing::Test {
    TestClient client{make_app()};

    // Enters the room `tea`, and hears of it.
    TestWebSocket enter(std::string_view name, int members) {
        TestWebSocket socket = client.get("/rooms/tea").query("name", name).websocket();
        EXPECT_THAT(socket.receive(), IsJson(line("", std::string{name} + " came in", members)));
        return socket;
    }
    static std::string line(std::string_view from, std::string_view text, int members) {
        JsonWriter json;
        json.begin_object().member("from", from).member("text", text).member("members", members);
        return json.end_object().take();
    }
};

TEST_F(Chat, ServesItsPage) {
    EXPECT_THAT(client.get("/").send(), HasHeader("content-type", "text/html; charset=utf-8"));
    EXPECT_THAT(client.get("/").send(), HasBody(HasSubstr("<title>Chat</title>")));
}

TEST_F(Chat, TellsEveryoneInARoomWhatIsSaid) {
    TestWebSocket ada = enter("Ada", 1);
    TestWebSocket grace = enter("Grace", 2);
    EXPECT_THAT(ada.receive(), IsJson(line("", "Grace came in", 2)));
    ada.send_text("tea?");
    EXPECT_THAT(ada.receive(), IsJson(line("Ada", "tea?", 2)));
    EXPECT_THAT(grace.receive(), IsJson(line("Ada", "tea?", 2)));
}

TEST_F(Chat, KeepsRoomsApart) {
    TestWebSocket ada = enter("Ada", 1);
    TestWebSocket other = client.websocket("/rooms/coffee?name=Grace");
    EXPECT_THAT(other.receive(), HasSubstr("\"members\":1"));
    EXPECT_TRUE(ada.is_silent(Duration::seconds(1)));
}

TEST_F(Chat, TellsWhoLeaves) {
    TestWebSocket ada = enter("Ada", 1);
    {
        TestWebSocket grace = enter("Grace", 2);
        EXPECT_THAT(ada.receive(), HasSubstr("Grace came in"));
        grace.close();
    }
    EXPECT_THAT(ada.receive(), IsJson(line("", "Grace left", 1)));
}

TEST_F(Chat, ClosesWhoHasNoProperName) {
    TestWebSocket nameless = client.websocket("/rooms/tea?name=");
    EXPECT_EQ(nameless.wait_until_closed(), CloseCode::policy_violation);
    EXPECT_EQ(nameless.close_reason(), "a name has up to 40 bytes");
}

TEST_F(Chat, ClosesWhoSaysTooMuch) {
    TestWebSocket ada = enter("Ada", 1);
    ada.send_text(std::string(5000, 'x'));
    EXPECT_EQ(ada.wait_until_closed(), CloseCode::message_too_big);
}

} // namespace
} // namespace chat
