#pragma once

#include <armature/core/cancellable_wait.hpp>
#include <armature/core/task.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace armature {

/// Why a WebSocket was closed (RFC 6455 §7.4.1). Applications take 4000 to 4999 for their own.
enum class CloseCode : std::uint16_t {
    normal = 1000,
    going_away = 1001,
    protocol_error = 1002,
    unsupported_data = 1003,
    no_status = 1005, ///< the peer gave none; never sent
    abnormal = 1006,  ///< the connection ended without a close frame; never sent
    invalid_data = 1007,
    policy_violation = 1008,
    message_too_big = 1009,
    internal_error = 1011,
    try_again_later = 1013,
};

/// One WebSocket connection (RFC 6455), as its handler sees it: `websocket(handler)` makes the
/// route.
///
/// Pings are answered, silent peers noticed and the close handshake done meanwhile, whatever the
/// handler waits for. A handler that returns closes the socket with 1000; one that throws closes it
/// with 1011 and is logged; a shutdown closes it with 1001. Threads: used on its loop only; a
/// `Room` sends from everywhere.
class WebSocket {
  public:
    enum class Kind : std::uint8_t { text, binary };

    /// A view of one whole message. Text converts to one.
    class Message {
      public:
        Message(std::string_view text) noexcept : data_(text) {}   // NOLINT: meant to convert
        Message(const std::string& text) noexcept : data_(text) {} // NOLINT
        Message(const char* text) noexcept : data_(text) {}        // NOLINT
        [[nodiscard]] static Message binary(std::string_view bytes) noexcept {
            Message message{bytes};
            message.kind_ = Kind::binary;
            return message;
        }

        [[nodiscard]] Kind kind() const noexcept { return kind_; }
        [[nodiscard]] bool is_text() const noexcept { return kind_ == Kind::text; }
        /// The content; UTF-8 when it is text.
        [[nodiscard]] std::string_view data() const noexcept { return data_; }

      private:
        std::string_view data_;
        Kind kind_ = Kind::text;
    };

    class Impl; // inside of the library only
    class Receive;
    class Send;

    /// The next message, or nullopt when the socket is closed: `co_await` gives a
    /// `std::optional<Message>`. Its content lives until the next one. While a handler doesn't ask,
    /// the peer is held back after one message.
    [[nodiscard]] Receive receive() noexcept;

    /// Puts a message into the send queue; `co_await` waits for room there if it is full and that
    /// is the policy. `message` must live until the await ends. Text has to be UTF-8. Throws
    /// `Cancelled` when the socket is closed.
    [[nodiscard]] Send send(Message message) noexcept;
    /// The same without waiting: false, and nothing is sent, when the queue is full or the socket
    /// closed.
    bool try_send(Message message);

    /// Begins the close handshake: the peer gets what was sent before, then this code and a reason
    /// of up to 123 bytes of UTF-8. `receive` gives nullopt from now on. Without effect on a closed
    /// socket. Throws std::invalid_argument for a code that may not be sent.
    void close(CloseCode code = CloseCode::normal, std::string_view reason = {});

    /// False from the moment that either side began to close.
    [[nodiscard]] bool is_open() const noexcept;
    /// How it was closed, and the reason: by the peer's close frame or ours, whichever was first.
    [[nodiscard]] CloseCode close_code() const noexcept;
    [[nodiscard]] std::string_view close_reason() const noexcept;
    /// The application protocol agreed on, or empty.
    [[nodiscard]] std::string_view subprotocol() const noexcept;
    /// Bytes in the send queue that the connection didn't take yet.
    [[nodiscard]] std::size_t queued_bytes() const noexcept;

    explicit WebSocket(Impl& impl) noexcept : impl_(impl) {}
    WebSocket(const WebSocket&) = delete;
    WebSocket& operator=(const WebSocket&) = delete;
    [[nodiscard]] Impl& impl() noexcept { return impl_; }

  private:
    Impl& impl_;
    WaitSlot receiver_; ///< the handler waits here for a message
    WaitSlot sender_;   ///< and here for room in the queue
};

/// What `WebSocket::receive` returns, to be awaited at once: no coroutine of its own.
class [[nodiscard]] WebSocket::Receive {
  public:
    explicit Receive(WebSocket& socket) noexcept : socket_(socket.impl_), wait_(socket.receiver_) {}
    [[nodiscard]] bool await_ready();
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> waiter) {
        return wait_.await_suspend(waiter);
    }
    [[nodiscard]] std::optional<Message> await_resume();

  private:
    Impl& socket_;
    WaitSlot::Wait wait_;
};

/// What `WebSocket::send` returns, to be awaited at once.
class [[nodiscard]] WebSocket::Send {
  public:
    Send(WebSocket& socket, Message message) noexcept : socket_(socket), message_(message) {}
    [[nodiscard]] bool await_ready();
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> waiter) {
        return wait_.emplace(socket_.sender_).await_suspend(waiter);
    }
    void await_resume();

  private:
    WebSocket& socket_;
    Message message_;
    std::optional<WaitSlot::Wait> wait_; ///< nearly always there is room
};

inline WebSocket::Receive WebSocket::receive() noexcept { return Receive{*this}; }
inline WebSocket::Send WebSocket::send(Message message) noexcept { return Send{*this, message}; }

} // namespace armature
