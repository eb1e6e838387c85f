#pragma once

#include <armature/core/duration.hpp>
#include <armature/json/write.hpp>
#include <armature/testing/response.hpp>
#include <armature/websocket/websocket.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace armature {

/// A WebSocket as its client has it: `client.websocket("/ws/echo")`. Pings are answered, also while
/// the clock is advanced. Destroying it breaks the connection off. Whatever it can't do throws
/// `TestFailure`.
class TestWebSocket {
  public:
    class Impl; // inside of the library only
    explicit TestWebSocket(std::unique_ptr<Impl> impl) noexcept;
    TestWebSocket(TestWebSocket&&) noexcept;
    TestWebSocket& operator=(TestWebSocket&&) noexcept;
    ~TestWebSocket();

    struct Message {
        WebSocket::Kind kind;
        std::string data;
    };

    /// What the handshake was answered with: 101, or why it was refused.
    [[nodiscard]] const TestResponse& response() const noexcept;
    /// It was accepted, and neither side has begun to close it.
    [[nodiscard]] bool is_open() const noexcept;
    /// The application protocol agreed on, or empty.
    [[nodiscard]] std::string_view subprotocol() const noexcept;

    void send_text(std::string_view text);
    void send_binary(std::string_view bytes);
    /// A described value as JSON text.
    template <class T>
    void send_json(const T& value);

    /// The next message. Waits for up to `within` of the client's time.
    [[nodiscard]] Message receive_message(Duration within = Duration::seconds(5));
    /// The content of the next message.
    [[nodiscard]] std::string receive(Duration within = Duration::seconds(5)) {
        return receive_message(within).data;
    }
    /// The next message, read as JSON.
    template <class T>
    [[nodiscard]] T receive_json(Duration within = Duration::seconds(5));
    /// Whether no message comes for that long.
    [[nodiscard]] bool is_silent(Duration during);

    /// Closes it and waits for the other side's close frame; messages before that are dropped.
    void close(CloseCode code = CloseCode::normal, std::string_view reason = {});
    /// Waits for the other side to close it. Messages before that are dropped.
    CloseCode wait_until_closed(Duration within = Duration::seconds(5));
    /// What the other side's close frame said; 1006 when the connection ended without one.
    [[nodiscard]] CloseCode close_code() const noexcept;
    [[nodiscard]] std::string_view close_reason() const noexcept;

    /// A client that is alive answers pings; `false` makes it look dead.
    void answer_pings(bool on) noexcept;
    /// How many came.
    [[nodiscard]] unsigned pings() const noexcept;

  private:
    [[noreturn]] static void throw_not_json(std::string_view text, const JsonErrors& errors);

    std::unique_ptr<Impl> impl_;
};

template <class T>
void TestWebSocket::send_json(const T& value) {
    send_text(to_json(value));
}

template <class T>
T TestWebSocket::receive_json(Duration within) {
    const std::string text = receive(within);
    T value{};
    JsonErrors errors;
    if (read_json(text, value, errors) != JsonStatus::ok) throw_not_json(text, errors);
    return value;
}

} // namespace armature
