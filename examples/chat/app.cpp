#include "app.hpp"

#include "page.hpp"

#include <string>

using namespace armature;

namespace chat {

namespace {

// What goes to everyone in a room.
struct Said {
    std::string from;
    std::string text;
    std::size_t members;
};
ARMATURE_DESCRIBE(Said, from, text, members);

// One visitor, from entering the room to leaving it.
Task<> talk(WebSocket& socket, Path<std::string> room, Request& request, State<Rooms> rooms) {
    const std::string name{request.query("name").value_or("Somebody")};
    if (name.empty() || name.size() > 40) {
        socket.close(CloseCode::policy_violation, "a name has up to 40 bytes");
        co_return;
    }
    Room::Membership member = rooms->join(*room, socket);
    const std::string entered = to_json(Said{"", name + " came in", member.size()});
    co_await member.send(entered);
    while (const auto message = co_await socket.receive()) {
        const std::string said = to_json(Said{name, std::string{message->data()}, member.size()});
        co_await member.send(said);
    }
    const std::string left = to_json(Said{"", name + " left", member.size() - 1});
    co_await member.send(left);
}

} // namespace

App make_app() {
    WebSocketOptions options;
    options.max_message = 4096;
    options.overflow = Overflow::close; // who can't keep up comes back
    return App::create()
        .data(Rooms{})
        .route("/", get([] { return Response::html(std::string{page}); }))
        .route("/rooms/{room}", websocket(talk, options));
}

} // namespace chat
