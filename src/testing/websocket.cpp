#include "testing/not_json.hpp"
#include "testing/transport.hpp"
#include "testing/websocket_frames.hpp"

#include <armature/testing/client.hpp>
#include <armature/testing/websocket.hpp>

#include <deque>
#include <utility>

namespace armature {

using testkit::Opcode;

class TestWebSocket::Impl final : testkit::Reader {
  public:
    Impl(std::unique_ptr<testkit::Call> call, std::shared_ptr<testkit::Transport> transport,
         TestResponse&& handshake)
        : response(std::move(handshake)), call_(std::move(call)), transport_(std::move(transport)) {
        transport_->add(*this);
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl() { transport_->remove(*this); }

    const TestResponse response;
    bool answers_pings = true;
    unsigned pings = 0;
    CloseCode close_code = CloseCode::abnormal;
    std::string close_reason;

    [[nodiscard]] bool was_accepted() const noexcept {
        return response.status() == Status::switching_protocols;
    }
    [[nodiscard]] bool is_over() const noexcept { return close_sent_ || close_received_ || lost_; }

    void send(Opcode opcode, std::string_view payload) {
        check_accepted();
        if (is_over())
            throw TestFailure{"the WebSocket is closed (" + how_it_ended() + "): it can't send"};
        call_->write(testkit::client_frame(opcode, payload));
        transport_->settle();
    }

    std::optional<Message> receive(Duration within) {
        check_accepted();
        const bool came = wait(within, [this] { return !messages_.empty() || ended(); });
        if (!came || messages_.empty()) return std::nullopt;
        Message message = std::move(messages_.front());
        messages_.pop_front();
        return message;
    }

    void close(CloseCode code, std::string_view reason) {
        check_accepted();
        if (!is_over()) {
            const auto number = static_cast<std::uint16_t>(code);
            std::string payload{static_cast<char>(number >> 8), static_cast<char>(number & 0xFF)};
            close_sent_ = true;
            call_->write(testkit::client_frame(Opcode::close, payload.append(reason)));
        }
    }

    [[nodiscard]] bool wait_until_closed(Duration within) {
        check_accepted();
        return wait(within, [this] {
            messages_.clear();
            return ended();
        });
    }

    [[nodiscard]] std::string how_it_ended() const {
        std::string text = std::to_string(static_cast<unsigned>(close_code));
        return close_reason.empty() ? text : text + " " + close_reason;
    }
    [[nodiscard]] bool ended() const noexcept { return close_received_ || lost_; }

  private:
    void check_accepted() const {
        if (!was_accepted())
            throw TestFailure{"the WebSocket's handshake was refused: " + response.describe()};
    }

    template <class Done>
    bool wait(Duration within, Done done) {
        const std::int64_t end = transport_->elapsed().count() + within.count();
        read_what_is_there();
        while (!done()) {
            const std::int64_t left = end - transport_->elapsed().count();
            if (left <= 0 || !read(Duration::milliseconds(left))) return done();
        }
        return true;
    }

    // False when nothing came.
    bool read(Duration within) {
        std::string bytes;
        reads_ = true;
        const testkit::Call::Got got = [&] {
            try {
                return call_->read(bytes, within);
            } catch (const TestFailure&) { // broken off
                return testkit::Call::Got::end;
            }
        }();
        reads_ = false;
        if (got == testkit::Call::Got::nothing) return false;
        if (got == testkit::Call::Got::end) {
            lost_ = true;
            return true;
        }
        input_ += bytes;
        while (auto frame = testkit::take_frame(input_))
            handle(std::move(*frame));
        return true;
    }

    void read_what_is_there() override {
        if (reads_ || !was_accepted()) return;
        while (!lost_ && read(Duration{})) {
        }
    }

    void handle(testkit::ServerFrame&& frame) {
        switch (frame.opcode) {
        case Opcode::text:
        case Opcode::binary:
        case Opcode::continuation:
            if (frame.opcode != Opcode::continuation)
                kind_ =
                    frame.opcode == Opcode::text ? WebSocket::Kind::text : WebSocket::Kind::binary;
            message_ += frame.payload;
            if (frame.is_final) messages_.push_back({kind_, std::exchange(message_, {})});
            return;
        case Opcode::ping:
            ++pings;
            if (answers_pings && !is_over())
                call_->write(testkit::client_frame(Opcode::pong, frame.payload));
            return;
        case Opcode::close:
            close_received_ = true;
            close_code = CloseCode::no_status;
            if (frame.payload.size() >= 2) {
                const auto byte = [&](std::size_t i) {
                    return static_cast<unsigned>(static_cast<unsigned char>(frame.payload[i]));
                };
                close_code = static_cast<CloseCode>(byte(0) << 8 | byte(1));
                close_reason = frame.payload.substr(2);
            }
            if (!std::exchange(close_sent_, true))
                call_->write(testkit::client_frame(Opcode::close, frame.payload));
            return;
        default:
            return;
        }
    }

    std::unique_ptr<testkit::Call> call_;
    std::shared_ptr<testkit::Transport> transport_;
    std::string input_;
    std::string message_;
    WebSocket::Kind kind_ = WebSocket::Kind::text;
    std::deque<Message> messages_;
    bool reads_ = false; ///< `Call::read` is on the stack
    bool close_sent_ = false;
    bool close_received_ = false;
    bool lost_ = false;
};

TestWebSocket::TestWebSocket(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
TestWebSocket::TestWebSocket(TestWebSocket&&) noexcept = default;
TestWebSocket& TestWebSocket::operator=(TestWebSocket&&) noexcept = default;
TestWebSocket::~TestWebSocket() = default;

const TestResponse& TestWebSocket::response() const noexcept { return impl_->response; }
bool TestWebSocket::is_open() const noexcept { return impl_->was_accepted() && !impl_->is_over(); }
std::string_view TestWebSocket::subprotocol() const noexcept {
    return impl_->response.header("sec-websocket-protocol").value_or(std::string_view{});
}

void TestWebSocket::send_text(std::string_view text) { impl_->send(Opcode::text, text); }
void TestWebSocket::send_binary(std::string_view bytes) { impl_->send(Opcode::binary, bytes); }

TestWebSocket::Message TestWebSocket::receive_message(Duration within) {
    if (std::optional<Message> message = impl_->receive(within)) return std::move(*message);
    if (impl_->ended())
        throw TestFailure{"the WebSocket was closed (" + impl_->how_it_ended() +
                          ") while a message was waited for"};
    throw TestFailure{"no message came within " + std::to_string(within.count()) + " ms"};
}

bool TestWebSocket::is_silent(Duration during) { return !impl_->receive(during); }

void TestWebSocket::close(CloseCode code, std::string_view reason) {
    impl_->close(code, reason);
    wait_until_closed();
}

CloseCode TestWebSocket::wait_until_closed(Duration within) {
    if (!impl_->wait_until_closed(within))
        throw TestFailure{"the WebSocket wasn't closed within " + std::to_string(within.count()) +
                          " ms"};
    return impl_->close_code;
}

CloseCode TestWebSocket::close_code() const noexcept { return impl_->close_code; }
std::string_view TestWebSocket::close_reason() const noexcept { return impl_->close_reason; }
void TestWebSocket::answer_pings(bool on) noexcept { impl_->answers_pings = on; }
unsigned TestWebSocket::pings() const noexcept { return impl_->pings; }

void TestWebSocket::throw_not_json(std::string_view text, const JsonErrors& errors) {
    testkit::throw_not_json("the message", errors, text);
}

TestWebSocket TestRequest::websocket() {
    header("sec-websocket-version", "13");
    TestCall call{session_->transport->begin_websocket(outgoing()), session_, target_};
    const bool accepted = call.status() == Status::switching_protocols;
    TestResponse response = accepted ? std::move(call.response_) : call.response();
    return TestWebSocket{std::make_unique<TestWebSocket::Impl>(
        std::move(call.call_), session_->transport, std::move(response))};
}

TestWebSocket TestClient::websocket(std::string_view target) { return get(target).websocket(); }

} // namespace armature
