#pragma once

#include "http1/session.hpp"

#include <armature/core/cancellable_wait.hpp>
#include <armature/http1/body_decoder.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

// What only a connection needs that waits for its peer or its handler. Private to session*.cpp.

namespace armature::http1 {

// A stream's pieces are copied and sent in parts of this size.
inline constexpr std::size_t stream_part_bytes = 64 * 1024;

// The request's content as a stream, decoded where it lies in the session's input.
class Session::Content final : public BodyStream {
  public:
    Content(Session& session, const ParsedHead& head, std::uint64_t limit)
        : session_(&session), limit_(limit), expect_continue_(head.expect_continue) {
        if (head.chunked) {
            decoder_.start_chunked(session.context_.limits.chunk);
        } else {
            length_ = head.content_length;
            decoder_.start(head.content_length);
        }
    }
    ~Content() override {
        if (session_ == nullptr) return;
        session_->content_ = nullptr;
        if (is_done()) return;
        // Whoever dropped it left the rest of it where the next request should begin.
        session_->keep_alive_ = false;
        if (session_->exchange_ != nullptr) session_->exchange_->keep_alive = false;
        session_->must_linger_ = true;
    }

    Task<std::optional<std::string_view>> next() override;
    std::optional<std::uint64_t> size() const noexcept override { return length_; }
    const Headers* trailers() const noexcept override { return &decoder_.trailers(); }

    [[nodiscard]] bool is_done() const noexcept { return decoder_.is_done(); }
    /// False when what follows on the connection can't be found, or isn't worth reading.
    [[nodiscard]] bool can_be_discarded() const noexcept {
        return !broken_ && !expect_continue_ &&
               (!length_ || *length_ - received_ <= session_->context_.limits.drain_bytes);
    }

    enum class Step : std::uint8_t { piece, end, starved };
    /// Decodes from the session's input. Throws when the content breaks its framing or limit.
    Step decode(std::string_view& piece);
    /// Nobody reads on: what is left only has to be got out of the way.
    void begin_discard() noexcept {
        limit_ = received_ + session_->context_.limits.drain_bytes;
        length_.reset();
    }

  private:
    friend class Session;
    friend struct Pull;

    Session* session_;
    std::uint64_t limit_;
    std::uint64_t received_ = 0;
    std::optional<std::uint64_t> length_;
    bool expect_continue_;
    bool broken_ = false; ///< its reader was told that its framing is wrong
    BodyDecoder decoder_;
};

// After an upgrade the connection's bytes are its handler's.
class Session::UpgradedStream final : public ByteStream {
  public:
    explicit UpgradedStream(Session& session) noexcept : session_(session) {}
    Task<> write(std::string_view bytes) override;
    bool try_write(std::string_view first, std::string_view rest) override;
    std::optional<std::string_view> begin_read(Reader& reader) override;
    void stop_reading() noexcept override;

  private:
    Session& session_;
};

struct Session::Slow {
    explicit Slow(Session& session) noexcept : upgraded_stream(session) {}

    UpgradedStream upgraded_stream; ///< for `upgraded`
    ByteStream::Reader* upgraded_reader = nullptr;
    Pull* reader = nullptr;
    Flush* flusher = nullptr;
    session::OutputBuffer output; ///< not written yet
    std::size_t done = 0;         ///< of `output`
    Body body;                    ///< after it: in memory or a file
    std::uint64_t body_done = 0;
    bool sending_body = false;
    Task<> pump;
    Owned<Response::UpgradeHandler> upgraded;

    [[nodiscard]] bool has_output() const noexcept { return !output.empty() || sending_body; }
    [[nodiscard]] bool is_unused() const noexcept {
        return !has_output() && !pump && reader == nullptr && !upgraded;
    }
};

// Waits until the session has input that was not looked at, or its end.
struct Session::Pull final : CancellableWait {
    explicit Pull(Session& of) noexcept : session(of) {}
    ~Pull() { unregister(); }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> waiter) {
        if (!wait(waiter)) return false;
        session.slow().reader = this;
        if (session.phase_ == Phase::handling) session.phase_ = Phase::reading_body;
        session.append_continue();
        session.changed();
        return true;
    }
    void resume() {
        stop_reading();
        CancellableWait::resume();
    }

  private:
    void cancelled(CancelReason reason) override {
        stop_reading();
        CancellableWait::cancelled(reason);
    }
    void stop_reading() noexcept {
        unregister();
        if (session.phase_ == Phase::reading_body) session.phase_ = Phase::handling;
    }
    void unregister() noexcept {
        if (session.slow_ && session.slow_->reader == this) session.slow_->reader = nullptr;
    }

    Session& session;
};

// Waits until all output was written.
struct Session::Flush final : CancellableWait {
    explicit Flush(Session& of) noexcept : session(of) {}
    ~Flush() { unregister(); }
    bool await_ready() const noexcept { return !session.has_output(); }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> waiter) {
        if (!wait(waiter)) return false;
        session.slow().flusher = this;
        session.writes_slowly_ = true;
        session.changed();
        return true;
    }
    void resume() {
        unregister();
        CancellableWait::resume();
    }

  private:
    void cancelled(CancelReason reason) override {
        unregister();
        CancellableWait::cancelled(reason);
    }
    void unregister() noexcept {
        if (session.slow_ && session.slow_->flusher == this) session.slow_->flusher = nullptr;
    }

    Session& session;
};

} // namespace armature::http1
