#pragma once

#include "websocket/decoder.hpp"
#include "websocket/handshake.hpp"
#include "websocket/send_queue.hpp"
#include "websocket/shared_message.hpp"

#include <armature/core/cancellable_wait.hpp>
#include <armature/core/response.hpp>
#include <armature/core/scheduler.hpp>
#include <armature/websocket/route.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace armature {

/// A WebSocket over a stream of bytes: three things at once on one loop, the handler, a read and a
/// write. Whatever brings it to life (a read or write that ended, a timer, a call of the handler or
/// of a room) opens a `Turn`; what was queued meanwhile is written together when the outermost one
/// ends, and the end of the socket is reported then, when nothing of it is on the stack.
class WebSocket::Impl final : Timer, DrainHook, CancelHook {
  public:
    Impl(ByteStream& stream, const WebSocketOptions& options, const ws::Agreement& agreement,
         std::string_view name);
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl() {
        if (reading_) stream_.stop_reading();
    }

    /// Runs the handler until it ended and the socket is closed. Once.
    [[nodiscard]] Task<> run(detail::WebSocketStart& handler);

    /// True when `take` has something to give: otherwise `socket_.receiver_` gets to know.
    [[nodiscard]] bool begin_receive();
    [[nodiscard]] std::optional<Message> take() noexcept;
    /// False when the queue is full: then `socket_.sender_` gets to know, for `end_send`.
    [[nodiscard]] bool begin_send(const Message& message);
    void end_send(const Message& message);
    bool try_send(const Message& message);
    /// A room's message; the policy decides when the queue is full.
    void deliver(ws::SharedMessage& message);
    void close(CloseCode code, std::string_view reason);

    [[nodiscard]] bool is_open() const noexcept { return !is_over(); }
    [[nodiscard]] CloseCode close_code() const noexcept { return CloseCode{close_code_}; }
    [[nodiscard]] std::string_view close_reason() const noexcept { return close_reason_; }
    [[nodiscard]] std::string_view subprotocol() const noexcept { return agreement_.subprotocol; }
    [[nodiscard]] std::size_t queued_bytes() const noexcept { return queue_.bytes(); }
    [[nodiscard]] Scheduler& loop() const noexcept { return loop_; }

  private:
    class Turn;
    struct End;

    // --- reading
    void pump();
    void took(std::string_view bytes);
    void received(std::string_view bytes);
    void handle(ws::Decoder::Event event);
    void peer_closes();
    void fail(std::uint16_t code, std::string_view why);

    // --- writing
    [[nodiscard]] bool has_room(std::size_t bytes) const noexcept;
    void enqueue(const Message& message);
    void wake_sender();
    void enqueue_control(ws::Opcode opcode, std::string_view payload);
    void flush();
    static void was_written(void* self);
    void end_write();

    // --- ending
    [[nodiscard]] bool is_over() const noexcept { return lost_ || close_sent_ || close_received_; }
    [[nodiscard]] bool is_finished() const noexcept {
        return handler_ended_ &&
               (lost_ || (close_sent_ && (close_received_ || failed_) && queue_.empty()));
    }
    void send_close(std::uint16_t code, std::string_view reason);
    void lose();
    void wake();
    static void handler_returned(void* self);
    void handler_ended();
    [[nodiscard]] Cancelled gone() const noexcept;

    void arm(Duration after);
    void expired() override;
    void draining() override;
    void cancelled(CancelReason reason) override;

    struct Reader final : ByteStream::Reader {
        explicit Reader(Impl& of) noexcept : socket(of) {}
        void received(std::string_view bytes) override { socket.received(bytes); }
        Impl& socket;
    };

    const WebSocketOptions& options_;
    std::string held_; ///< the message that the handler has, when another one came
    std::string close_reason_;
    std::string_view name_; ///< for the log
    std::coroutine_handle<> ended_waiter_;
    std::size_t sender_needs_ = 0; ///< room in the queue that the handler waits for
    // What every message touches is together, from the end of the queue to the beginning of the
    // decoder: with hundreds of sockets it isn't in the nearest cache when a message comes.
    ws::SendQueue queue_;
    Reader reader_{*this};
    ByteStream& stream_;
    Scheduler& loop_;
    std::string_view pending_;  ///< bytes that were read and not decoded
    std::int64_t heard_at_ = 0; ///< when something came from the peer
    WebSocket socket_{*this};
    Cancellation cancellation_; ///< the handler's
    std::uint16_t close_code_ = 1006;
    std::uint8_t depth_ = 0; ///< turns that are open
    bool pumping_ = false;   ///< `pump` is on the stack
    bool reading_ = false;   ///< the stream has `reader_`, for what comes next
    bool writing_ = false;   ///< `write_` is under way
    bool ready_ = false;     ///< the decoder holds a message for the handler
    bool holding_ = false;   ///< the decoder holds the message that the handler has
    bool has_held_ = false;  ///< `held_` has memory
    bool ping_sent_ = false; ///< and nothing heard since
    bool draining_ = false;
    bool lost_ = false;       ///< nothing more is read or written
    bool failed_ = false;     ///< the peer broke the protocol: its answer is of no interest
    bool close_sent_ = false; ///< a close frame is in the queue, the last one
    bool close_received_ = false;
    bool handler_ended_ = false;
    ws::Decoder decoder_;
    ws::Agreement agreement_;
    Task<> write_;
    Task<> handler_; // last: it goes first, and what it holds may leave rooms
};

} // namespace armature
