// The C++ of docs/websocket.md: compiled here, repeated there.
#include <armature/armature.hpp>
#include <armature/log/log.hpp>

#include <gtest/gtest.h>

namespace websocket_page {

using namespace armature;

// [echo]
Task<> echo(WebSocket& socket) {
    while (const auto message = co_await socket.receive())
        co_await socket.send(*message);
}

App echo_app() { return App::create().route("/ws/echo", websocket(echo)); }
// [/echo]

// [arguments]
Task<> talk(WebSocket& socket, Path<std::string> room, State<Rooms> rooms) {
    Room::Membership member = rooms->join(*room, socket);
    while (const auto message = co_await socket.receive())
        co_await member.send(*message);
}

App talk_app() { return App::create().data(Rooms{}).route("/ws/room/{name}", websocket(talk)); }
// [/arguments]

// [callbacks]
class Counter {
  public:
    void on_open(WebSocket& socket) { socket.try_send("say something"); }
    Task<> on_message(WebSocket& socket, WebSocket::Message message) {
        bytes_ += message.data().size();
        const std::string answer = std::to_string(bytes_) + " bytes so far";
        co_await socket.send(answer);
    }
    void on_close(WebSocket& socket) {
        log::info("closed", {{"code", static_cast<unsigned>(socket.close_code())}});
    }

  private:
    std::size_t bytes_ = 0;
};

App counter_app() {
    return App::create().route("/ws/count", websocket([] { return Counter{}; }));
}
// [/callbacks]

// [options]
App feed_app() {
    WebSocketOptions options;
    options.origins = {"https://app.example.com"};
    options.subprotocols = {"feed.v2", "feed.v1"};
    options.max_message = 16 * 1024;
    options.ping_interval = Duration::seconds(20);
    options.overflow = Overflow::drop;
    return App::create().route("/ws/feed", websocket(echo, options));
}
// [/options]

// [broadcast]
struct News {
    Room readers;
};

Task<> read_news(WebSocket& socket, State<News> news) {
    const Room::Membership member = news->readers.join(socket);
    while (co_await socket.receive())
        continue;
}

Status publish(Bytes text, State<News> news) {
    news->readers.send(std::string_view{text});
    return Status::accepted;
}
// [/broadcast]

TEST(WebSocketPage, MakesApplications) {
    EXPECT_EQ(echo_app().build().handle(Request::get("/ws/echo")).status(),
              Status::upgrade_required);
    EXPECT_EQ(talk_app().build().handle(Request::get("/ws/room/a")).status(),
              Status::upgrade_required);
    EXPECT_EQ(counter_app().build().handle(Request::get("/ws/count")).status(),
              Status::upgrade_required);
    EXPECT_EQ(feed_app().build().handle(Request::get("/ws/feed")).status(),
              Status::upgrade_required);
    const Application news =
        App::create().data(News{}).route("/news", websocket(read_news).post(publish)).build();
    EXPECT_EQ(news.handle(Request::post("/news", "It rains", "text/plain")).status(),
              Status::accepted);
}

} // namespace websocket_page
