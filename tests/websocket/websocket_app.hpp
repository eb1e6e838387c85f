#pragma once

#include <armature/app/app.hpp>
#include <armature/core/scheduler.hpp>
#include <armature/websocket/room.hpp>
#include <armature/websocket/route.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

namespace armature::ws::testing {

/// What handlers saw.
struct Seen {
    void note(const std::string& what) {
        const std::lock_guard lock{mutex};
        notes.push_back(what);
    }
    [[nodiscard]] bool has(const std::string& what) const {
        const std::lock_guard lock{mutex};
        return std::find(notes.begin(), notes.end(), what) != notes.end();
    }
    mutable std::mutex mutex;
    std::vector<std::string> notes;
    std::atomic<std::uint64_t> sent{0};
    Room everyone;
    Room lossy;
};

inline std::string close_note(const WebSocket& socket) {
    return "closed " + std::to_string(static_cast<unsigned>(socket.close_code())) + ' ' +
           std::string{socket.close_reason()};
}

inline Task<> echo(WebSocket& socket) {
    while (const auto message = co_await socket.receive())
        co_await socket.send(*message);
}

/// The callback form, with state of its own for each socket.
class Counting {
  public:
    Counting(std::string name, Seen& seen) : name_(std::move(name)), seen_(&seen) {}
    void on_open(WebSocket& socket) { socket.try_send("hello " + name_); }
    Task<> on_message(WebSocket& socket, WebSocket::Message message) {
        const std::string answer = std::to_string(++count_) + ' ' + std::string{message.data()};
        co_await socket.send(answer);
        if (message.data() == "throw") throw std::runtime_error("as asked");
    }
    void on_close(WebSocket& socket) { seen_->note(name_ + ' ' + close_note(socket)); }

  private:
    std::string name_;
    Seen* seen_;
    int count_ = 0;
};

inline App make_websocket_app(Seen& seen) {
    Seen* s = &seen;
    WebSocketOptions limited;
    limited.max_message = 100'000;
    WebSocketOptions plain;
    plain.compression = false;
    WebSocketOptions from_elsewhere;
    from_elsewhere.origins = {"https://app.example.com", "http://127.0.0.1:1"};
    WebSocketOptions speaks;
    speaks.subprotocols = {"v2.chat", "v1.chat"};
    WebSocketOptions impatient;
    impatient.ping_interval = Duration::milliseconds(30);
    impatient.pong_timeout = Duration::milliseconds(30);
    impatient.close_timeout = Duration::milliseconds(50);
    WebSocketOptions small_queue;
    small_queue.queue_bytes = 64 * 1024;
    small_queue.ping_interval = Duration{};
    WebSocketOptions dropping = small_queue;
    dropping.overflow = Overflow::drop;
    WebSocketOptions closing = small_queue;
    closing.overflow = Overflow::close;
    const auto flood = [s](WebSocket& socket) -> Task<> {
        const std::string message(10'000, 'f');
        for (;;) {
            co_await socket.send(message);
            ++s->sent;
            co_await yield();
        }
    };
    const auto in_everyone = [s](WebSocket& socket) -> Task<> {
        Room::Membership member = s->everyone.join(socket);
        s->note("joined");
        while (const auto message = co_await socket.receive())
            co_await member.send(*message);
    };

    return App::create()
        .data(Rooms{})
        .route("/echo", websocket(echo, limited))
        .route("/plain", websocket(echo, plain))
        .route("/patient", websocket([](WebSocket& socket) -> Task<> {
                   while (const auto message = co_await socket.receive()) {
                       co_await yield(); // meanwhile the next one comes
                       co_await socket.send(*message);
                   }
               }))
        .route("/elsewhere", websocket(echo, from_elsewhere))
        .route("/speaks", websocket(
                              [](WebSocket& socket) -> Task<> {
                                  const std::string name{socket.subprotocol()};
                                  co_await socket.send(name);
                              },
                              speaks))
        .route("/impatient", websocket(
                                 [s](WebSocket& socket) -> Task<> {
                                     while (co_await socket.receive())
                                         continue;
                                     s->note(close_note(socket));
                                 },
                                 impatient))
        .route("/stuck", websocket(
                             [s](WebSocket&) -> Task<> {
                                 s->note("stuck");
                                 try {
                                     co_await sleep_for(Duration::seconds(3600));
                                 } catch (const Cancelled&) {
                                     s->note("cancelled");
                                     throw;
                                 }
                             },
                             impatient))
        .route("/closes", websocket([](WebSocket& socket) -> Task<> {
                   co_await socket.send("first");
                   socket.close(CloseCode{4001}, "enough");
                   EXPECT_FALSE(co_await socket.receive());
               }))
        .route("/throws", websocket([](WebSocket&) -> Task<> {
                   throw std::runtime_error("no secrets");
                   co_return;
               }))
        .route(
            "/late/{n}",
            websocket([](WebSocket& socket, Request& request, Path<std::string_view> n) -> Task<> {
                // What the request gave is still there.
                while (co_await socket.receive()) {
                    const std::string answer =
                        std::string{*n} + ' ' + std::string{request.header("x-note").value_or("")};
                    co_await socket.send(answer);
                }
            }))
        .route("/calls/{name}",
               websocket([s](Path<std::string> name) { return Counting{*name, *s}; }))
        .route("/flood", websocket(flood, small_queue))
        .route("/flood-drop", websocket(flood, dropping))
        .route("/flood-close", websocket(flood, closing))
        .route("/everyone", websocket(in_everyone))
        .route("/everyone-plain", websocket(in_everyone, plain))
        .route("/lossy", websocket(
                             [s](WebSocket& socket) -> Task<> {
                                 const Room::Membership member = s->lossy.join(socket);
                                 s->note("joined lossy");
                                 while (co_await socket.receive())
                                     continue;
                             },
                             dropping))
        .route("/room/{name}", websocket([](WebSocket& socket, Path<std::string> name,
                                            State<Rooms> rooms) -> Task<> {
                   Room::Membership member = rooms->join(*name, socket);
                   const std::string hello = std::to_string(member.size());
                   co_await socket.send(hello);
                   while (const auto message = co_await socket.receive())
                       co_await member.send(*message);
               }))
        .route("/rooms", get([](State<Rooms> rooms) { return std::to_string(rooms->count()); }));
}

} // namespace armature::ws::testing
