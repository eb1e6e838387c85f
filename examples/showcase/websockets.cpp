#include "routes.hpp"

#include <atomic>
#include <cstdint>
#include <string>

using namespace armature;

namespace showcase {

namespace {

Task<> echo(WebSocket& socket) {
    while (const auto message = co_await socket.receive())
        co_await socket.send(*message);
}

// What a member of a room gets for each text that another one sent.
struct Said {
    std::string from;
    std::string text;
};
ARMATURE_DESCRIBE(Said, from, text);

Task<> talk(WebSocket& socket, Path<std::string> room, State<Rooms> rooms) {
    static std::atomic<std::uint64_t> next{1};
    const std::string name = "guest" + std::to_string(next++);
    Room::Membership member = rooms->join(*room, socket);
    while (const auto message = co_await socket.receive()) {
        if (!message->is_text()) continue;
        const std::string said = to_json(Said{name, std::string{message->data()}});
        co_await member.send(said);
    }
}

} // namespace

void add_websockets(App& app) {
    WebSocketOptions echoing;
    echoing.max_message = 16 * 1024 * 1024; // the largest that conformance suites send
    app.data(Rooms{}).service(
        scope("/ws")
            .tag("WebSockets")
            .route("/echo", websocket(echo, echoing).summary("Sends messages back"))
            .route("/room/{name}", websocket(talk).summary("A room to talk in")));
}

} // namespace showcase
