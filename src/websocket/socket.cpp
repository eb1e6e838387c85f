#include "websocket/socket.hpp"

#include <armature/log/log.hpp>

#include <stdexcept>

namespace armature {

using ws::Decoder;
using ws::Opcode;

namespace {

constexpr std::uint16_t abnormal = 1006;
// A buffer that is larger goes back while the handler waits for a message.
constexpr std::size_t kept_message_bytes = 512;
// So much goes straight into the connection's buffer, if that has room.
constexpr std::size_t copied_message_bytes = 1024;
// Pongs are left out while that much waits to be sent, so that pings can't fill the memory.
constexpr std::size_t most_before_pong = 16 * 1024;

// Gives the cancellation of the task that awaits it.
struct OwnCancellation {
    Cancellation* found = nullptr;
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> task) noexcept {
        found = task.promise().cancellation();
        return false;
    }
    Cancellation* await_resume() const noexcept { return found; }
};

} // namespace

class WebSocket::Impl::Turn {
  public:
    explicit Turn(Impl& socket) noexcept : socket_(socket) { ++socket_.depth_; }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() {
        if (socket_.depth_ == 1 && !socket_.queue_.empty()) socket_.flush();
        --socket_.depth_;
        // The socket may be gone when this returns.
        if (socket_.depth_ == 0 && socket_.ended_waiter_ && socket_.is_finished())
            std::exchange(socket_.ended_waiter_, nullptr).resume();
    }

  private:
    Impl& socket_;
};

struct WebSocket::Impl::End {
    Impl& socket;
    bool await_ready() const noexcept { return socket.is_finished(); }
    void await_suspend(std::coroutine_handle<> waiter) const noexcept {
        socket.ended_waiter_ = waiter;
    }
    void await_resume() const noexcept {}
};

WebSocket::Impl::Impl(ByteStream& stream, const WebSocketOptions& options,
                      const ws::Agreement& agreement, std::string_view name)
    : options_(options), name_(name), stream_(stream), loop_(Scheduler::current()),
      decoder_(options.max_message, agreement.window_bits != 0), agreement_(agreement) {}

Task<> WebSocket::Impl::run(detail::WebSocketStart& start) {
    if (Cancellation* outer = co_await OwnCancellation{}) {
        outer->check();
        outer->add(*this);
    }
    heard_at_ = loop_.now();
    {
        const Turn turn{*this};
        if (loop_.draining())
            draining();
        else
            loop_.add(static_cast<DrainHook&>(*this));
        if (!is_over() && options_.ping_interval) arm(options_.ping_interval);
        handler_ = start.run(socket_);
        if (handler_.start(&handler_returned, this, &cancellation_)) handler_ended();
        pump();
    }
    co_await End{*this};
}

// --- reading ------------------------------------------------------------------------------------

// Decodes what came and reads more, up to one message that the handler didn't ask for yet.
void WebSocket::Impl::pump() {
    if (std::exchange(pumping_, true)) return;
    while (!lost_ && !failed_ && !close_received_ && !reading_ && !ready_) {
        if (pending_.empty()) {
            const std::optional<std::string_view> bytes = stream_.begin_read(reader_);
            reading_ = !bytes;
            if (reading_) break;
            took(*bytes);
            continue;
        }
        if (std::exchange(holding_, false)) {
            held_.swap(decoder_.message());
            has_held_ = true;
        }
        const Decoder::Event event = decoder_.next(pending_);
        if (event == Decoder::Event::message && !close_sent_) [[likely]] {
            ready_ = true;
            socket_.receiver_.resume();
        } else {
            handle(event);
        }
    }
    pumping_ = false;
}

void WebSocket::Impl::took(std::string_view bytes) {
    if (bytes.empty()) return lose();
    pending_ = bytes;
    heard_at_ = loop_.now();
    ping_sent_ = false;
}

void WebSocket::Impl::received(std::string_view bytes) {
    const Turn turn{*this};
    reading_ = false;
    took(bytes);
    pump();
}

void WebSocket::Impl::handle(Decoder::Event event) {
    switch (event) {
    case Decoder::Event::starved:
        return;
    case Decoder::Event::message:
        return; // nobody wants it any more
    case Decoder::Event::ping:
        if (!close_sent_ && queue_.bytes() < most_before_pong)
            enqueue_control(Opcode::pong, decoder_.control());
        return;
    case Decoder::Event::pong:
        return;
    case Decoder::Event::close:
        return peer_closes();
    case Decoder::Event::failed:
        return fail(decoder_.close_code(), decoder_.control());
    }
}

void WebSocket::Impl::peer_closes() {
    close_received_ = true;
    if (!close_sent_) {
        const std::uint16_t code = decoder_.close_code();
        close_code_ = code;
        close_reason_ = decoder_.control();
        send_close(code, {});
    }
    wake();
}

void WebSocket::Impl::fail(std::uint16_t code, std::string_view why) {
    failed_ = true;
    if (!close_sent_) {
        close_code_ = code;
        close_reason_ = why;
        send_close(code, why);
    }
    wake();
}

bool WebSocket::Impl::begin_receive() {
    std::string& last = std::exchange(holding_, false) ? decoder_.message() : held_;
    if (last.capacity() > kept_message_bytes) std::string{}.swap(last);
    if (!ready_ && !reading_ && !pumping_ && !is_over()) {
        const Turn turn{*this};
        pump();
    }
    if (ready_ || is_over()) return true;
    // One buffer is enough for a socket that waits: the decoder's.
    if (std::exchange(has_held_, false)) std::string{}.swap(held_);
    return false;
}

std::optional<WebSocket::Message> WebSocket::Impl::take() noexcept {
    if (is_over()) return std::nullopt;
    ready_ = false;
    holding_ = true;
    const std::string& message = decoder_.message();
    return decoder_.is_text() ? Message{message} : Message::binary(message);
}

// --- writing ------------------------------------------------------------------------------------

bool WebSocket::Impl::has_room(std::size_t bytes) const noexcept {
    return queue_.empty() || (queue_.bytes() + bytes <= options_.queue_bytes &&
                              queue_.messages() < options_.queue_messages);
}

void WebSocket::Impl::enqueue(const Message& message) {
    const std::string_view data = message.data();
    if (queue_.empty() && data.size() <= copied_message_bytes && !decoder_.compression()) {
        char header[ws::max_header_bytes];
        const auto opcode = message.is_text() ? Opcode::text : Opcode::binary;
        const char* const end = ws::write_frame_header(header, opcode, false, data.size());
        if (stream_.try_write({header, static_cast<std::size_t>(end - header)}, data)) return;
    }
    std::string& to = queue_.tail();
    const std::size_t before = to.size();
    ws::append_message(to, message, agreement_.window_bits);
    queue_.appended(to.size() - before, 1);
}

void WebSocket::Impl::enqueue_control(Opcode opcode, std::string_view payload) {
    std::string& to = queue_.tail();
    const std::size_t before = to.size();
    ws::append_frame(to, opcode, payload);
    queue_.appended(to.size() - before, 0);
}

bool WebSocket::Impl::begin_send(const Message& message) {
    if (is_over()) throw gone();
    const std::size_t size = message.data().size();
    if (!has_room(size)) {
        if (options_.overflow == Overflow::drop) return true;
        if (options_.overflow == Overflow::close) {
            close(CloseCode::try_again_later, "too much waits to be sent");
            throw gone();
        }
        sender_needs_ = size;
        return false;
    }
    const Turn turn{*this};
    enqueue(message);
    return true;
}

void WebSocket::Impl::end_send(const Message& message) {
    if (is_over()) throw gone();
    const Turn turn{*this};
    enqueue(message);
}

void WebSocket::Impl::wake_sender() {
    if (has_room(sender_needs_)) socket_.sender_.resume();
}

bool WebSocket::Impl::try_send(const Message& message) {
    if (is_over() || !has_room(message.data().size())) return false;
    const Turn turn{*this};
    enqueue(message);
    return true;
}

void WebSocket::Impl::deliver(ws::SharedMessage& message) {
    if (is_over()) return;
    ws::SharedMessage::Frame frame = message.frame(agreement_.window_bits);
    if (!has_room(frame->size())) {
        if (options_.overflow != Overflow::drop)
            close(CloseCode::try_again_later, "too much waits to be sent");
        return;
    }
    const Turn turn{*this};
    queue_.append(std::move(frame));
}

void WebSocket::Impl::flush() {
    while (!writing_ && !lost_) {
        if (const std::string_view own = queue_.own_first();
            !own.empty() && stream_.try_write(own)) {
            queue_.own_first_written();
            wake_sender();
            continue;
        }
        const std::string_view text = queue_.begin_write();
        if (text.empty()) return;
        write_ = stream_.write(text);
        writing_ = !write_.start(&was_written, this, nullptr);
        if (!writing_) end_write();
    }
}

void WebSocket::Impl::was_written(void* self) {
    auto& socket = *static_cast<Impl*>(self);
    const Turn turn{socket};
    socket.writing_ = false;
    socket.end_write();
}

void WebSocket::Impl::end_write() {
    try {
        write_.take_result();
    } catch (...) { // the connection broke, or was given up
        return lose();
    }
    queue_.end_write();
    wake_sender();
}

// --- ending -------------------------------------------------------------------------------------

void WebSocket::Impl::close(CloseCode code, std::string_view reason) {
    const auto number = static_cast<std::uint16_t>(code);
    if (!ws::is_valid_close_code(number))
        throw std::invalid_argument("armature: this close code may not be sent");
    if (is_over()) return;
    const Turn turn{*this};
    close_code_ = number;
    close_reason_ = reason;
    send_close(number, reason);
    wake();
    pump(); // to the peer's close frame: what comes before it is dropped
}

void WebSocket::Impl::send_close(std::uint16_t code, std::string_view reason) {
    constexpr std::uint16_t no_status = 1005;
    close_sent_ = true;
    enqueue_control(Opcode::close,
                    code == no_status ? std::string{} : ws::close_payload(code, reason));
    ready_ = false;
    arm(options_.close_timeout);
}

// Gives up the connection.
void WebSocket::Impl::lose() {
    if (lost_) return;
    if (!is_over()) close_code_ = abnormal;
    lost_ = true;
    ready_ = false;
    pending_ = {};
    if (std::exchange(reading_, false)) stream_.stop_reading();
    if (std::exchange(writing_, false)) write_ = {};
    queue_.clear();
    if (!handler_ended_) arm(options_.close_timeout);
    wake();
}

// What waits for the socket gets to know that it is over.
void WebSocket::Impl::wake() {
    socket_.receiver_.resume();
    socket_.sender_.resume();
}

Cancelled WebSocket::Impl::gone() const noexcept {
    return Cancelled{draining_ ? CancelReason::shutdown : CancelReason::client_gone};
}

void WebSocket::Impl::handler_returned(void* self) {
    auto& socket = *static_cast<Impl*>(self);
    const Turn turn{socket};
    socket.handler_ended();
}

void WebSocket::Impl::handler_ended() {
    handler_ended_ = true;
    CloseCode code = CloseCode::normal;
    const auto failed = [&](std::string_view reason) {
        log::error("a WebSocket handler failed", {{"target", name_}, {"reason", reason}});
        code = CloseCode::internal_error;
    };
    try {
        handler_.take_result();
    } catch (const Cancelled&) {
        // The socket, or the whole server, came to its end first.
    } catch (const std::exception& error) {
        failed(error.what());
    } catch (...) {
        failed("something that is no std::exception");
    }
    close(code, {});
}

void WebSocket::Impl::arm(Duration after) {
    loop_.timers().arm(*this, loop_.now() + after.count());
}

void WebSocket::Impl::expired() {
    const Turn turn{*this};
    if (is_over()) { // the peer doesn't answer, or the handler doesn't end
        lose();
        if (!handler_ended_) cancellation_.request(gone().reason());
        return;
    }
    // Silence counts only while we listen.
    if (ready_ || pending_.size() > 0) heard_at_ = loop_.now();
    const Duration silent = Duration::milliseconds(loop_.now() - heard_at_);
    if (silent < options_.ping_interval)
        return arm(Duration::milliseconds(options_.ping_interval.count() - silent.count()));
    if (ping_sent_) return lose();
    ping_sent_ = true;
    enqueue_control(Opcode::ping, {});
    arm(options_.pong_timeout);
}

void WebSocket::Impl::draining() {
    draining_ = true;
    close(CloseCode::going_away, "the server is shutting down");
}

void WebSocket::Impl::cancelled(CancelReason reason) {
    const Turn turn{*this};
    if (reason == CancelReason::shutdown) draining_ = true;
    lose();
    if (!handler_ended_) cancellation_.request(reason);
}

} // namespace armature
