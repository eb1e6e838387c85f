#pragma once

#include <armature/websocket/websocket.hpp>

#include <cstddef>
#include <memory>
#include <string_view>

namespace armature {

/// WebSockets that get the same messages. A message is made into a frame once, however many members
/// there are, and handed to each event loop once. What doesn't fit into a member's send queue is
/// dropped, or closes that member: its route's `WebSocketOptions::overflow` says which.
///
/// Threads: `send` and `size` may be called from any thread, `join` on the socket's loop. A room is
/// there as long as it has members, whether or not its `Room` is.
class Room {
  public:
    Room();

    /// A socket's place in a room; leaves the room at its end. Keep it in the handler.
    class Membership;
    /// Adds the socket.
    [[nodiscard]] Membership join(WebSocket& socket);

    /// Sends to all members and doesn't wait. False, and nobody gets it, when an event loop is more
    /// than a thousand messages behind.
    bool send(WebSocket::Message message);
    /// Members on all loops.
    [[nodiscard]] std::size_t size() const;

    class Core; // inside of the library only

  private:
    std::shared_ptr<Core> core_;
};

class Room::Membership {
  public:
    Membership(std::shared_ptr<Core> core, WebSocket& socket);
    Membership(Membership&& other) noexcept;
    Membership& operator=(Membership&&) = delete;
    ~Membership();

    /// Sends to all members, the sender included, in the order of the calls. Waits while a loop is
    /// too far behind. `message` must live until the await ends.
    [[nodiscard]] Task<> send(WebSocket::Message message);
    [[nodiscard]] std::size_t size() const;

  private:
    std::shared_ptr<Core> core_;
    WebSocket* socket_;
};

/// Rooms by name, there as long as somebody is in them. Application state:
/// `.data(Rooms{})`, then `State<Rooms>` in a handler. Threads: as `Room`.
class Rooms {
  public:
    Rooms();

    /// Adds the socket to the room of that name, which is made if nobody is in it.
    [[nodiscard]] Room::Membership join(std::string_view name, WebSocket& socket);
    /// As `Room::send`; true as well when there is no such room.
    bool send(std::string_view name, WebSocket::Message message);
    /// Members of the room of that name.
    [[nodiscard]] std::size_t size(std::string_view name) const;
    /// How many rooms there are.
    [[nodiscard]] std::size_t count() const;

    struct Registry; // inside of the library only

  private:
    std::shared_ptr<Registry> registry_;
};

} // namespace armature
