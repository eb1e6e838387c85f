#pragma once

#include "mux/request_head.hpp"

#include <armature/core/cancellable_wait.hpp>
#include <armature/core/exchange.hpp>
#include <armature/core/scheduler.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

// What the streams of HTTP/2 and HTTP/3 have in common: one exchange each, whose content goes both
// ways piece by piece. No I/O and no frames; those are the carrier's.

namespace armature::mux {

class Stream;

/// What all streams of one loop share.
class StreamContext {
  public:
    StreamContext(const Dispatcher& dispatcher, const HeadLimits& limits, Scheduler& loop,
                  Protocol protocol, bool secure) noexcept;
    StreamContext(const StreamContext&) = delete;
    StreamContext& operator=(const StreamContext&) = delete;
    ~StreamContext();

    const Dispatcher& dispatcher;
    const HeadLimits& limits;
    Scheduler& loop;
    const Protocol protocol;
    const bool secure;
    /// Server, Date and Alt-Svc of every response, renewed once a second; a carrier sends them
    /// after the status.
    Headers common_fields;

    [[nodiscard]] Stream& take();
    void give_back(Stream& stream) noexcept;

  private:
    friend class Stream;
    KnownHost known_host_;
    Stream* free_ = nullptr;
    std::size_t free_count_ = 0;
};

/// A connection, as its streams see it. None of these may call back into the stream.
class Carrier {
  public:
    /// `stream.response` is final: send its head, then its content as it becomes ready.
    virtual void send_response(Stream& stream) = 0;
    /// The client may send its content (100 Continue).
    virtual void send_continue(Stream& stream) = 0;
    /// More content of the response is ready, or its end.
    virtual void content_ready(Stream& stream) = 0;
    /// That many bytes of the request's content were taken: the client may send as many more.
    virtual void consumed(Stream& stream, std::size_t bytes) = 0;
    /// Nobody will take that many bytes: other streams may use their share of the connection's
    /// window. May be called after the protocol closed the stream.
    virtual void dropped(Stream& stream, std::size_t bytes) = 0;
    /// The response can't be completed: the client has to see that.
    virtual void fail(Stream& stream) = 0;
    /// The stream's work is over and its protocol has let go of it: give it back to the context.
    virtual void finished(Stream& stream) = 0;

  protected:
    ~Carrier() = default;
};

/// One stream: its exchange, the request's content on the way in, the response's on the way out.
///
/// The carrier's part: `open`, then `head` until it is complete, `receive` and `receive_end` as
/// content comes, `run` after each batch of input, `take_content` while the peer's window is open,
/// `close` when the protocol is done with the stream. `close` is the carrier's last call.
class Stream final : public Exchange, Timer {
  public:
    explicit Stream(StreamContext& context) noexcept;
    ~Stream();

    void open(Carrier& carrier, std::int64_t id, const PeerAddress& peer);
    /// The request is complete and came another way: an HTTP/1.1 request that asked for HTTP/2.
    void adopt(Request&& complete);
    [[nodiscard]] std::int64_t id() const noexcept { return id_; }
    /// The request's head while it comes.
    [[nodiscard]] RequestHeadBuilder& head() noexcept { return head_; }

    // --- the request ---

    /// Content came.
    void receive(std::string_view bytes);
    /// Before its end.
    void set_trailers(Headers&& trailers) { trailers_ = std::move(trailers); }
    /// The request is complete.
    void receive_end() noexcept { received_all_ = true; }
    [[nodiscard]] bool received_all() const noexcept { return received_all_; }
    /// False when more content came than Content-Length says, or less until its end.
    [[nodiscard]] bool content_fits() const noexcept {
        const auto& length = head_.content_length();
        return !length || (received_all_ ? content_bytes_ == *length : content_bytes_ <= *length);
    }
    /// Does what is due: dispatches the request when its head is complete, wakes who waits for
    /// content or for content to be sent. Not from inside of a protocol library's callbacks.
    void run();
    /// Both wait, those who read and those who write: `run` wakes one of them, so call it again.
    [[nodiscard]] bool needs_two_runs() const noexcept { return can_produce() && can_read(); }
    /// The head is complete: dispatch it at the next `run`.
    void head_complete() noexcept { dispatch_is_due_ = true; }
    /// A handler waits for content, which the client owes us.
    [[nodiscard]] bool waits_for_content() const noexcept { return reader_.is_taken(); }
    /// An extended CONNECT was accepted: its content is another protocol's bytes.
    [[nodiscard]] bool is_tunnel() const noexcept { return is_tunnel_; }
    /// That came so far.
    [[nodiscard]] std::uint64_t content_bytes() const noexcept { return content_bytes_; }
    /// Content comes too slowly: whoever reads it gets 408.
    void content_timed_out();

    // --- the response ---

    /// Content follows the head. Otherwise the head is the end.
    [[nodiscard]] bool has_content() const noexcept { return source_ != Source::none; }
    /// For Content-Length, where it is known.
    [[nodiscard]] const std::optional<std::uint64_t>& content_length() const noexcept {
        return content_length_;
    }
    /// Bytes of content that can be taken now.
    [[nodiscard]] std::uint64_t content_available() const noexcept;
    /// What is available is also the last of it.
    [[nodiscard]] bool content_ends() const noexcept { return content_ends_; }
    /// The carrier sent the last of the response: `run` drops what nobody took of the request.
    void response_is_out() noexcept { is_out_ = true; }
    /// … but its request isn't complete; nobody will read the rest.
    [[nodiscard]] bool owes_content() const noexcept { return is_out_ && !received_all_; }
    /// Once the carrier took what it could: the client's windows let no more through.
    [[nodiscard]] bool waits_for_credit() const noexcept {
        return is_answered_ && has_content() && content_available() > 0;
    }
    /// Moves the next `size` bytes, which are available. False: they can't be had any more.
    [[nodiscard]] bool take_content(char* to, std::size_t size) noexcept;
    /// All that was ready has been taken, and `run` would make more.
    [[nodiscard]] bool can_produce() const noexcept {
        return writer_.is_taken() && memory_.empty();
    }
    /// The next bytes where they lie, for a carrier that can send them from there: they stay until
    /// the stream is closed. Empty unless all content is in memory.
    [[nodiscard]] std::string_view content_in_memory() const noexcept;
    /// Those were used.
    void skip_content(std::size_t size) noexcept { memory_.remove_prefix(size); }
    /// What follows the content, or null; once `content_ends`.
    [[nodiscard]] const Headers* response_trailers() const noexcept { return trailers_to_send_; }

    // --- endings ---

    /// The protocol is done with the stream. Unless the response was sent whole, what runs is
    /// cancelled for `reason`.
    void close(CancelReason reason);
    /// Cancels what runs.
    void cancel(CancelReason reason) {
        if (running_) cancellation.request(reason);
    }
    /// A handler or a producer is under way.
    [[nodiscard]] bool is_running() const noexcept { return running_; }

    // For the carrier's lists; the stream doesn't touch them.
    Stream* next = nullptr;
    Stream** link = nullptr;
    Stream* next_due = nullptr;
    bool is_due = false;
    bool is_deferred = false; ///< its carrier waits for `content_ready`
    void* carrier_data = nullptr;

  private:
    friend class StreamContext;
    class Content;
    class Tunnel;
    enum class Source : std::uint8_t { none, memory, file, pieces };

    [[nodiscard]] bool can_read() const noexcept {
        return (reader_.is_taken() || tunnel_reader_ != nullptr) &&
               (!received_.empty() || received_all_ || timed_out_);
    }
    void completed() override;
    void expired() override { cancellation.request(CancelReason::deadline); }
    void dispatch();
    void respond();
    void start_pump(Task<> task);
    void end_pump();
    Task<> pump(BodyStream& stream);
    std::string_view take_received();
    void drop_content() noexcept;
    void release();
    void reset() noexcept;

    StreamContext& context_;
    Carrier* carrier_ = nullptr;
    std::int64_t id_ = 0;
    RequestHeadBuilder head_{*this};

    std::uint64_t content_bytes_ = 0; ///< that came
    std::string received_;            ///< content that nobody took yet
    std::string reading_;             ///< content that its reader looks at
    Headers trailers_;
    Content* content_ = nullptr;
    WaitSlot reader_; ///< of the request's content

    std::string_view memory_; ///< what is left of content in memory, or of a piece
    std::uint64_t file_done_ = 0;
    std::optional<std::uint64_t> content_length_;
    const Headers* trailers_to_send_ = nullptr;
    WaitSlot writer_; ///< of what is to be sent
    Task<> pump_;
    Owned<Response::UpgradeHandler> tunnel_handler_;
    std::unique_ptr<Tunnel> tunnel_;
    ByteStream::Reader* tunnel_reader_ = nullptr;

    Source source_ = Source::none;
    bool content_ends_ = false;
    bool received_all_ = false;
    bool dispatch_is_due_ = false;
    bool is_adopted_ = false;
    bool running_ = false;
    bool is_answered_ = false;
    bool is_out_ = false;
    bool closed_ = false; ///< the protocol is done with it
    bool timed_out_ = false;
    bool is_tunnel_ = false;
};

} // namespace armature::mux
