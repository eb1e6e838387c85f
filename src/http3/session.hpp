#pragma once

#include "http3/options.hpp"
#include "http3/quic_compat.hpp"
#include "mux/memory.hpp"
#include "mux/stream.hpp"

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string_view>
#include <vector>

namespace armature::http3 {

/// One request's stream as its session sees it.
struct Transfer {
    mux::Stream* stream = nullptr;
    std::int64_t id = 0;
    std::int64_t opened_at = 0;
    std::uint64_t received = 0; ///< bytes of content
    std::uint64_t given = 0;    ///< bytes of content that QUIC has to send, or sent
    std::uint64_t acked = 0;    ///< the part of them that arrived
    std::uint64_t released = 0; ///< the part of those whose pieces are gone
    std::uint64_t moved_before = 0;
    /// Content that QUIC may still have to send again, oldest first.
    struct Piece {
        std::unique_ptr<char[]> bytes;
        std::size_t size;
    };
    std::list<Piece> pieces;
    Headers trailers;
    std::size_t position = 0;  ///< in the session's list
    std::uint64_t code = 0;    ///< why the session gave it up
    std::uint64_t dropped = 0; ///< bytes of content that came though nobody takes them
    std::uint64_t arrived = 0; ///< acknowledged bytes that nghttp3 must not hear of yet
    bool head_complete = false;
    bool early = false;     ///< came before the handshake was complete: could be a copy
    bool unread = false;    ///< answered before the request was complete
    bool lone_end = false;  ///< QUIC has yet to take its end, and no content with it
    bool was_stuck = false; ///< when it was looked at last
    bool stopped = false;   ///< its client was asked to send no more
    bool failed = false;    ///< both directions were reset
    bool closed = false;    ///< QUIC is done with it
};

/// What the sessions of one loop share.
struct SessionContext {
    SessionContext(const Dispatcher& dispatcher, const Limits& session_limits,
                   Scheduler& loop) noexcept
        : limits(session_limits), streams(dispatcher, limits.head, loop, Protocol::http_3, true) {}
    const Limits& limits;
    mux::StreamContext streams;
    mux::Memory memory;
    const nghttp3_mem http_memory = memory.functions<nghttp3_mem>();
    const ngtcp2_mem quic_memory = memory.functions<ngtcp2_mem>();
    std::vector<std::unique_ptr<Transfer>> free_transfers;
};

/// HTTP/3 on one QUIC connection (RFC 9114): makes exchanges of its streams.
class Session final : mux::Carrier, Timer {
  public:
    class Host {
      public:
        /// There is something to send or to do: call `run`, then send.
        virtual void session_changed() = 0;
        /// The connection is to be closed; `code` is HTTP/3's (RFC 9114 §8.1).
        virtual void session_failed(std::uint64_t code) = 0;

      protected:
        ~Host() = default;
    };

    Session(SessionContext& context, ngtcp2_conn* quic, Host& host);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session();

    /// Opens the control and QPACK streams. False when the client allows none.
    [[nodiscard]] bool start();

    // --- what happens on the connection; each returns 0 or an error of nghttp3 ---

    [[nodiscard]] int received(std::int64_t stream, std::string_view bytes, bool end, bool early);
    [[nodiscard]] int acked(std::int64_t stream, std::uint64_t bytes);
    [[nodiscard]] int reset_by_peer(std::int64_t stream);
    /// We asked the client to send no more of it.
    [[nodiscard]] int stopped_reading(std::int64_t stream);
    [[nodiscard]] int closed(std::int64_t stream, std::uint64_t code);
    void window_opened(std::int64_t stream);
    void handshake_completed();

    // --- what the connection does with it ---

    /// Does what is due in the application. Not from inside of a callback or a half-made packet.
    void run();
    [[nodiscard]] bool has_work() const noexcept {
        return !due_.empty() || !ended_.empty() || !failed_.empty();
    }

    /// What is to be sent next. `count` of `parts` is 0 and `stream` -1: nothing.
    struct Output {
        std::int64_t stream = -1;
        bool end = false;
        std::size_t count = 0;
        nghttp3_vec parts[16];
    };
    /// 0 or an error of nghttp3.
    [[nodiscard]] int next_output(Output& output);
    [[nodiscard]] int took(const Output& output, std::size_t bytes);
    void blocked(std::int64_t stream) noexcept;
    /// The client, or we, ended it before all was sent.
    void write_closed(std::int64_t stream);

    // --- endings ---

    /// No request may follow those that are on their way: GOAWAY, then, at `refuse_requests`, those
    /// that come later are refused.
    void drain();
    void refuse_requests();
    /// Cancels everything; nothing will be sent any more.
    void abort(CancelReason reason);
    /// No stream is open.
    [[nodiscard]] bool is_idle() const noexcept { return transfers_.empty(); }
    [[nodiscard]] bool is_draining() const noexcept { return draining_; }
    /// No handler or producer runs, so it may be destroyed.
    [[nodiscard]] bool at_rest() const noexcept { return transfers_.empty(); }

  private:
    // mux::Carrier
    void send_response(mux::Stream& stream) override;
    void send_continue(mux::Stream& stream) override;
    void content_ready(mux::Stream& stream) override;
    void consumed(mux::Stream& stream, std::size_t bytes) override;
    void dropped(mux::Stream& stream, std::size_t bytes) override;
    void fail(mux::Stream& stream) override;
    void finished(mux::Stream& stream) override;
    // Timer: judges who is too slow
    void expired() override;

    struct Callbacks;
    static nghttp3_ssize read_data(nghttp3_conn* http, std::int64_t id, nghttp3_vec* parts,
                                   std::size_t count, std::uint32_t* flags, void* session,
                                   void* transfer);
    static Transfer& transfer_of(const mux::Stream& stream) noexcept {
        return *static_cast<Transfer*>(stream.carrier_data);
    }
    Transfer& open_transfer(std::int64_t id);
    void make_due(mux::Stream& stream);
    void end_later(Transfer& transfer);
    nghttp3_ssize read_content(Transfer& transfer, nghttp3_vec& part, std::uint32_t& flags);
    static void acked_content(Transfer& transfer, std::uint64_t bytes) noexcept;
    void submit_trailers(Transfer& transfer);
    [[nodiscard]] int end_is_out(Transfer& transfer);
    void fail(Transfer& transfer, std::uint64_t code);
    void stop_upload(Transfer& transfer);
    void count_cancelled();
    bool is_too_slow(Transfer& transfer) noexcept;
    void watch(Duration within);
    void close_if_unused();

    SessionContext& context_;
    ngtcp2_conn* quic_;
    Host& host_;
    nghttp3_conn* http_ = nullptr;
    std::vector<Transfer*> transfers_;  ///< open, or closed while a handler still runs
    std::vector<mux::Stream*> due_;     ///< what `run` looks after
    std::vector<mux::Stream*> running_; ///< … and is looking after
    std::vector<Transfer*> ended_;      ///< what `run` closes
    std::vector<Transfer*> failed_;     ///< what `run` resets or stops; one may be there twice
    std::vector<Transfer*> held_;       ///< until the handshake is complete
    std::vector<Transfer*> trailers_due_;
    std::vector<mux::Stream*> slow_;
    std::vector<nghttp3_nv> fields_;
    std::int64_t idle_since_ = 0;
    std::int64_t judge_at_ = 0;
    std::uint32_t requests_ = 0;
    std::uint32_t heads_open_ = 0;
    std::uint32_t cancelled_ = 0;
    std::uint32_t unread_ = 0;
    std::uint32_t lone_ends_ = 0;
    bool early_now_ = false; ///< what is being read came as early data
    bool handshake_done_ = false;
    bool draining_ = false;
    bool refusing_ = false;
    bool aborted_ = false;
};

} // namespace armature::http3
