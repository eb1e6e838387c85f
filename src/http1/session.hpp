#pragma once

#include "http1/session_context.hpp"
#include "session/session.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace armature::http1 {

/// One HTTP/1.1 connection (RFC 9112) without I/O.
///
/// The shell's part: while `wants_input`, fill `prepare()` and `commit` what came; write what
/// `output` shows and report it with `wrote`; tell `peer_closed`. `Host::session_changed` says that
/// something happened outside of these calls.
class Session {
  public:
    using Host = session::Host;
    using Output = session::Output;
    using Phase = session::Phase;
    using Space = session::Space;

    Session(SessionContext& context, Host& host, const PeerAddress& peer = {}) noexcept;
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session();

    [[nodiscard]] const PeerAddress& peer() const noexcept { return peer_; }
    [[nodiscard]] Phase phase() const noexcept { return phase_; }
    /// How many requests were answered.
    [[nodiscard]] std::uint32_t served() const noexcept { return served_; }
    /// Whether the session can take bytes now. When it can't, they stay in the kernel.
    [[nodiscard]] bool wants_input() const noexcept {
        return phase_ == Phase::idle && !slow_ && !input_ && !peer_closed_ ? !output_is_full()
                                                                           : wants_input_slow();
    }
    /// True while bytes of an unfinished request or unread content are kept.
    [[nodiscard]] bool holds_input() const noexcept { return input_ != nullptr; }

    /// Where the next bytes go. Invalid after `commit`.
    [[nodiscard]] Space prepare();
    /// `size` bytes were put there; processes them.
    void commit(std::size_t size);
    /// The peer sends no more. A handler that runs is cancelled: nobody waits for its answer.
    void peer_closed();
    /// Goes on with requests that are in memory: after output was written, and after
    /// `Host::session_changed`.
    void resume() {
        if (input_) resume_input();
    }

    [[nodiscard]] Output output() const noexcept;
    [[nodiscard]] bool has_output() const noexcept {
        return output_ != nullptr || (writes_slowly_ && has_slow_output());
    }
    /// The usual case in short: all output when it is one piece of memory, else empty. After
    /// writing all of it call `wrote_simple`.
    [[nodiscard]] std::string_view simple_output() const noexcept {
        return output_ != nullptr && !writes_slowly_ && (!slow_ || phase_ == Phase::upgraded)
                   ? output_->view()
                   : std::string_view{};
    }
    void wrote_simple() noexcept { context_.give_back(*std::exchange(output_, nullptr)); }
    /// That many bytes of `output()` were written.
    void wrote(std::uint64_t bytes);
    /// The socket takes no more now: keeps what is left. Call before the loop turns.
    void keep_output() {
        if (output_ != nullptr) move_output();
    }

    /// The output is written and the connection has no further use.
    [[nodiscard]] bool finished() const noexcept {
        return phase_ == Phase::closing && !has_output();
    }
    /// No handler runs for this connection, so it may be destroyed.
    [[nodiscard]] bool at_rest() const noexcept { return !running_; }
    /// The peer may still be sending: closing at once could cost it our answer.
    [[nodiscard]] bool must_linger() const noexcept { return must_linger_; }

    /// What an HTTP/2 session goes on with, in the phase `switching`.
    struct Switching {
        std::optional<Request> request; ///< one that asked for h2c (RFC 7540 §3.2)
        std::string settings;           ///< its HTTP2-Settings
        std::string_view input;         ///< what came behind it; lives as long as this session
    };
    [[nodiscard]] Switching take_switching();

    /// The peer took longer than the phase allows: 408 where that can still be said, then the end.
    void time_out();
    /// Cancels what runs, for `reason`.
    void cancel(CancelReason reason);

  private:
    friend class SessionExchange;
    class Content;
    class UpgradedStream;
    struct Slow;
    struct Pull;
    struct Flush;

    std::size_t process(const char* data, std::size_t size, HeadParser& parser, ParsedHead& head,
                        Headers* fields);
    std::size_t serve(const char* head_data, ParsedHead& head, std::size_t available);
    SessionExchange& prepare_refusal();
    void refuse(ParseError error);
    void switch_to_h2c(const char* head_data, std::size_t head_size, const char* rest,
                       std::size_t rest_size);

    [[nodiscard]] bool wants_input_slow() const noexcept;
    void resume_input();
    [[nodiscard]] bool has_slow_output() const noexcept;
    void move_output();
    void keep_input(const char* data, std::size_t size);
    void keep_rest(const char* data, std::size_t size);
    void process_input();
    void release_input() noexcept;

    void exchange_completed();
    void respond(SessionExchange& exchange);
    bool respond_simply(SessionExchange& exchange);
    void upgrade(SessionExchange& exchange);
    void end_response();
    void begin_closing(bool linger) noexcept;

    void start_pump(Task<> task);
    void end_pump();
    Task<> pump_stream(BodyStream& stream, bool chunked);
    void append_continue();

    bool feed_reader();
    void discard_content();
    void changed() {
        if (!in_call_) host_.session_changed();
    }

    // Pipelined requests wait then.
    [[nodiscard]] bool output_is_full() const noexcept {
        constexpr std::size_t full = session::output_high_water;
        return output_ != nullptr ? output_->size() >= full
                                  : slow_ && output().first.size() >= full;
    }
    [[nodiscard]] bool is_in_buffers(std::string_view text) const noexcept;
    session::OutputBuffer& out();
    Slow& slow();
    SessionExchange& own_exchange();

    // What every request touches comes first.
    SessionContext& context_;
    Host& host_;
    session::OutputBuffer* output_ = nullptr; ///< one of the context's, until it is written or kept
    std::unique_ptr<Input> input_;
    std::unique_ptr<Slow> slow_; ///< what only connections need that wait for their peer
    Phase phase_ = Phase::idle;
    bool keep_alive_ = true;
    bool running_ = false;       ///< a handler or a pump is under way
    bool writes_slowly_ = false; ///< `slow_` may have output, or somebody who waits for its end
    bool in_call_ = false;       ///< the shell called us and looks at us when we return
    bool input_is_kept_ = false; ///< `input_` begins with what `process` didn't use
    bool peer_closed_ = false;
    bool timed_out_ = false;
    bool must_linger_ = false;
    bool more_is_here_ = false; ///< bytes behind the current request
    std::uint32_t served_ = 0;
    SessionExchange* exchange_ = nullptr; ///< the current one, if it outlives a turn of the loop
    Content* content_ = nullptr;          ///< the current request's content while it is a stream
    PeerAddress peer_;
};

} // namespace armature::http1
