#pragma once

#include "http2/session_context.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

struct nghttp2_session;

namespace armature::http2 {

/// Every HTTP/2 connection begins with these bytes (RFC 9113 §3.4).
inline constexpr std::string_view preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// One HTTP/2 connection (RFC 9113) without I/O; see session/session.hpp for the shell's part.
class Session final : mux::Carrier {
  public:
    using Host = session::Host;
    using Output = session::Output;
    using Phase = session::Phase;
    using Space = session::Space;

    Session(SessionContext& context, Host& host, const PeerAddress& peer);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session();

    /// Goes on from an HTTP/1.1 request that asked for h2c (RFC 7540 §3.2), which becomes stream 1.
    /// `settings` is the value of HTTP2-Settings. False: it is malformed.
    [[nodiscard]] bool upgrade(Request&& request, std::string_view settings);

    [[nodiscard]] Phase phase() const noexcept;
    /// How many heads were begun.
    [[nodiscard]] std::uint32_t served() const noexcept { return served_; }
    [[nodiscard]] bool wants_input() const noexcept { return !closing_ && kept_.empty(); }
    [[nodiscard]] Space prepare() noexcept {
        return {context_.read_buffer_.data(), SessionContext::read_bytes};
    }
    void commit(std::size_t size);
    /// The same for bytes that were read before.
    void commit(std::string_view input);
    void peer_closed();
    /// Goes on with what is due and fills the output, when the last of it was written.
    void resume();

    [[nodiscard]] Output output() const noexcept;
    [[nodiscard]] bool has_output() const noexcept {
        return context_.output_owner_ == this || !kept_.empty();
    }
    [[nodiscard]] std::string_view simple_output() const noexcept {
        return context_.output_owner_ == this && kept_.empty() ? context_.output_.view()
                                                               : std::string_view{};
    }
    void wrote_simple() noexcept {
        context_.output_.clear();
        context_.output_owner_ = nullptr;
    }
    void wrote(std::uint64_t bytes);
    void keep_output() {
        if (context_.output_owner_ == this) move_output();
    }

    [[nodiscard]] bool finished() const noexcept { return closing_ && !has_output(); }
    [[nodiscard]] bool at_rest() const noexcept;
    [[nodiscard]] bool must_linger() const noexcept { return !peer_closed_; }

    void time_out();
    void cancel(CancelReason reason);
    /// Announces the end: no new streams; the open ones are served.
    void drain();

  private:
    friend class Callbacks;

    void send_response(mux::Stream& stream) override;
    void send_continue(mux::Stream& stream) override;
    void content_ready(mux::Stream& stream) override;
    void consumed(mux::Stream& stream, std::size_t bytes) override;
    void dropped(mux::Stream& stream, std::size_t bytes) override;
    void fail(mux::Stream& stream) override;
    void finished(mux::Stream& stream) override;

    bool process(std::string_view input);
    void receive(std::string_view input);
    mux::Stream* open_stream(std::int32_t id);
    void reset_stream(std::int32_t id, std::uint32_t error);
    void drop(mux::Stream& stream);
    void set_priority(std::int32_t id, std::string_view value);
    void mark_due(mux::Stream& stream);
    void run_due();
    void fill();
    void terminate(std::uint32_t error);
    void close_streams();
    void move_output();
    session::OutputBuffer& out();
    /// False when the client has used up its share.
    [[nodiscard]] bool count(std::uint32_t& counter, std::uint32_t limit);
    // Of the last streams that ended while their client was sending.
    void note_cut_short(std::int32_t id) noexcept {
        cut_short_[cut_short_count_++ % std::size(cut_short_)] = id;
    }
    [[nodiscard]] bool was_cut_short(std::int32_t id) const noexcept {
        return cut_short_count_ > std::size(cut_short_) ||
               std::find(std::begin(cut_short_), std::end(cut_short_), id) != std::end(cut_short_);
    }
    void changed() {
        if (!in_call_) host_.session_changed();
    }

    SessionContext& context_;
    Host& host_;
    nghttp2_session* session_ = nullptr;
    mux::Stream* streams_ = nullptr; ///< all of them, also those that only finish their work
    std::vector<mux::Stream*> due_;
    session::OutputBuffer kept_; ///< what the socket didn't take
    std::size_t kept_done_ = 0;
    mux::Stream* head_of_ = nullptr; ///< whose header block is coming
    Headers trailers_;               ///< that block, if it is no request's head
    std::int64_t counted_since_ = 0;
    std::uint32_t resets_ = 0;
    std::uint32_t control_frames_ = 0;
    std::uint32_t window_updates_ = 0; ///< that the client may send for what it was sent
    std::uint32_t stream_count_ = 0;
    std::uint32_t served_ = 0;
    // Where the input is between its frames; see `receive`.
    std::uint32_t skip_ = static_cast<std::uint32_t>(preface.size());
    std::uint32_t frame_head_size_ = 0;
    unsigned char frame_head_[9 + 4]; ///< of PRIORITY also the stream that it names
    std::int32_t highest_id_ = 0;     ///< that a frame opened
    std::int32_t reset_by_client_ = 0;
    std::int32_t cut_short_[16] = {};
    std::uint32_t cut_short_count_ = 0;
    PeerAddress peer_;
    bool in_head_ = true;    ///< at first the client's preface
    bool head_ends_ = false; ///< with the frame that is coming
    bool has_preface_ = false;
    bool trailers_are_broken_ = false;
    bool in_call_ = false;
    bool draining_ = false;
    bool closing_ = false;
    bool peer_closed_ = false;
};

} // namespace armature::http2
