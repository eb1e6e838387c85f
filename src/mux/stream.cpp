#include "mux/stream.hpp"

#include <armature/core/error.hpp>

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace armature::mux {

namespace {

constexpr std::size_t kept_streams = 256;
constexpr std::size_t kept_content_bytes = 64 * 1024;
// Room for the fields of a usual browser's request.
constexpr std::size_t request_fields = 24;

// What only the carrier says in a response, or what these protocols don't have (RFC 9113 §8.2.2).
constexpr Field own_field_list[] = {Field::connection,        Field::content_length,
                                    Field::transfer_encoding, Field::date,
                                    Field::keep_alive,        Field::upgrade};
constexpr FieldSet own_fields{own_field_list};

} // namespace

// --- the context --------------------------------------------------------------------------------

StreamContext::StreamContext(const Dispatcher& served, const HeadLimits& head_limits, Scheduler& on,
                             Protocol of, bool is_secure) noexcept
    : dispatcher(served), limits(head_limits), loop(on), protocol(of), secure(is_secure) {}

StreamContext::~StreamContext() {
    while (Stream* stream = free_) {
        free_ = stream->next;
        delete stream;
    }
}

Stream& StreamContext::take() {
    if (Stream* stream = free_) {
        free_ = stream->next;
        --free_count_;
        return *stream;
    }
    auto* stream = new Stream(*this);
    stream->request.mutable_headers().reserve(request_fields);
    return *stream;
}

void StreamContext::give_back(Stream& stream) noexcept {
    stream.reset();
    // When there are enough, another one goes: this one's cancellation may be what brought us here.
    if (free_count_ >= kept_streams) delete &take();
    stream.next = free_;
    free_ = &stream;
    ++free_count_;
}

// --- content both ways --------------------------------------------------------------------------

// The request's content for its handler.
class Stream::Content final : public BodyStream {
  public:
    Content(Stream& stream, std::uint64_t limit)
        : stream_(&stream), limit_(limit), length_(stream.head_.content_length()) {
        expect_continue_ = stream.request.headers().contains(Field::expect);
    }
    ~Content() override {
        if (stream_ == nullptr) return;
        stream_->content_ = nullptr;
        stream_->drop_content();
    }

    Task<std::optional<std::string_view>> next() override {
        for (;;) {
            if (stream_ == nullptr) throw Cancelled{CancelReason::client_gone};
            Stream& s = *stream_;
            if (s.timed_out_) throw Error{Status::request_timeout, "The content came too slowly"};
            if (is_too_large()) throw Error::content_too_large(limit_);
            if (!s.received_.empty()) {
                count_ += s.received_.size();
                if (count_ > limit_) throw Error::content_too_large(limit_);
                co_return s.take_received();
            }
            if (s.received_all_) co_return std::nullopt;
            ask();
            co_await s.reader_.wait();
        }
    }
    std::optional<std::uint64_t> size() const noexcept override { return length_; }
    const Headers* trailers() const noexcept override {
        return stream_ != nullptr ? &stream_->trailers_ : nullptr;
    }
    /// Known before anything of it is read.
    [[nodiscard]] bool is_too_large() const noexcept { return length_ && *length_ > limit_; }
    /// Tells a client that waits for it to send the content: once, and before the response's head.
    void ask() {
        Stream& s = *stream_;
        if (std::exchange(expect_continue_, false) && !s.is_answered_ && !s.closed_)
            s.carrier_->send_continue(s);
    }

  private:
    friend class Stream;
    Stream* stream_;
    std::uint64_t limit_;
    std::uint64_t count_ = 0;
    std::optional<std::uint64_t> length_;
    bool expect_continue_;
};

// After an extended CONNECT the stream's content is another protocol's bytes.
class Stream::Tunnel final : public ByteStream {
  public:
    explicit Tunnel(Stream& stream) noexcept : stream_(stream) {}
    std::optional<std::string_view> begin_read(Reader& reader) override {
        if (!stream_.received_.empty()) return stream_.take_received();
        if (stream_.received_all_) return std::string_view{};
        stream_.tunnel_reader_ = &reader;
        return std::nullopt;
    }
    void stop_reading() noexcept override { stream_.tunnel_reader_ = nullptr; }
    Task<> write(std::string_view bytes) override {
        if (bytes.empty()) co_return;
        if (stream_.closed_) throw Cancelled{CancelReason::client_gone};
        stream_.memory_ = bytes;
        stream_.carrier_->content_ready(stream_);
        co_await stream_.writer_.wait();
    }

  private:
    Stream& stream_;
};

// --- the request --------------------------------------------------------------------------------

Stream::Stream(StreamContext& context) noexcept : context_(context) {}
Stream::~Stream() = default;

void Stream::open(Carrier& carrier, std::int64_t id, const PeerAddress& peer) {
    carrier_ = &carrier;
    id_ = id;
    request.set_peer(peer);
    head_.begin(context_.protocol, context_.secure, context_.limits, context_.known_host_);
}

void Stream::adopt(Request&& complete) {
    request = std::move(complete);
    request.set_cancellation(&cancellation);
    request.head().protocol = context_.protocol;
    is_adopted_ = true;
    received_all_ = true;
    dispatch_is_due_ = true;
}

void Stream::receive(std::string_view bytes) {
    content_bytes_ += bytes.size();
    if (is_out_ || (is_answered_ && content_ == nullptr && !is_tunnel_))
        carrier_->dropped(*this, bytes.size());
    else
        received_ += bytes;
}

std::string_view Stream::take_received() {
    std::swap(reading_, received_);
    received_.clear();
    if (closed_)
        carrier_->dropped(*this, reading_.size());
    else
        carrier_->consumed(*this, reading_.size());
    return reading_;
}

void Stream::drop_content() noexcept {
    if (!received_.empty()) carrier_->dropped(*this, received_.size());
    received_.clear();
}

void Stream::run() {
    if (std::exchange(dispatch_is_due_, false)) return dispatch();
    if (is_out_) return drop_content();
    if (can_produce()) return writer_.resume(); // which may end the stream
    if (!can_read()) return;
    if (tunnel_reader_ != nullptr)
        std::exchange(tunnel_reader_, nullptr)
            ->received(received_.empty() ? std::string_view{} : take_received());
    else
        reader_.resume();
}

void Stream::content_timed_out() {
    timed_out_ = true;
    reader_.resume();
}

void Stream::dispatch() {
    try {
        if (!is_adopted_) head_.finish();
    } catch (const Error& error) {
        context_.dispatcher.render(error, *this);
        return respond();
    }
    const RoutePolicy& policy = context_.dispatcher.route(*this);
    if (!head_.is_extended_connect()) {
        if (received_all_ && trailers_.empty() && received_.size() <= policy.body_limit) {
            if (!received_.empty()) request.set_body(Body::view(take_received()));
        } else {
            auto content = std::make_unique<Content>(*this, policy.body_limit);
            content_ = content.get();
            request.set_body(Body{std::unique_ptr<BodyStream>(std::move(content))});
        }
    }
    if (policy.timeout)
        context_.loop.timers().arm(*this, context_.loop.now() + policy.timeout.count());
    running_ = true;
    if (!context_.dispatcher.dispatch(*this)) return;
    running_ = false;
    respond();
}

void Stream::completed() {
    running_ = false;
    if (closed_) return release();
    respond();
}

// --- the response -------------------------------------------------------------------------------

void Stream::respond() {
    if (is_informational(response.status()) && !response.upgrade_handler())
        context_.dispatcher.render(Error::internal("a handler answered with an interim status"),
                                   *this);
    // A response that is the request's own content: what reading it would refuse is refused before
    // the head is out, and a client that waits for permission to send gets it.
    if (content_ != nullptr && response.body().kind() == Body::Kind::stream &&
        &response.body().stream() == content_) {
        if (content_->is_too_large())
            context_.dispatcher.render(Error::content_too_large(content_->limit_), *this);
        else if (!received_all_)
            content_->ask();
    }
    is_answered_ = true;
    if (response.upgrade_handler()) {
        if (head_.is_extended_connect()) {
            is_tunnel_ = true;
            response.status(Status::ok);
        } else { // only a client that asked for it may be switched
            response.upgrade_handler().reset();
            response.status(Status::upgrade_required);
        }
    }
    Headers& fields = response.headers();
    if (fields.contains_any(own_fields))
        for (const Field field : own_field_list)
            fields.erase(field);

    Body& body = response.body();
    const bool no_content = has_no_content(response.status()) || request.method() == Method::head;
    if (is_tunnel_) {
        source_ = Source::pieces;
        carrier_->send_response(*this);
        tunnel_handler_ = std::move(response.upgrade_handler());
        tunnel_ = std::make_unique<Tunnel>(*this);
        return start_pump(tunnel_handler_->run(*tunnel_));
    }
    if (!has_no_content(response.status()))
        content_length_ = body.in_memory() ? body.text().size() : body.size();
    if (no_content || content_length_ == std::uint64_t{0}) {
        source_ = Source::none;
    } else if (body.in_memory()) {
        source_ = Source::memory;
        memory_ = body.text();
        content_ends_ = true;
    } else if (body.kind() == Body::Kind::file) {
        source_ = Source::file;
        content_ends_ = true;
    } else {
        source_ = Source::pieces;
        carrier_->send_response(*this);
        return start_pump(pump(body.stream()));
    }
    carrier_->send_response(*this);
}

void Stream::start_pump(Task<> task) {
    pump_ = std::move(task);
    running_ = true;
    const auto done = [](void* self) { static_cast<Stream*>(self)->end_pump(); };
    if (pump_.start(done, this, &cancellation)) end_pump();
}

void Stream::end_pump() {
    running_ = false;
    bool failed = false;
    try {
        pump_.take_result();
    } catch (...) {
        failed = true;
        context_.dispatcher.report(*this);
    }
    pump_ = Task<>{};
    if (closed_) return release();
    if (failed) return carrier_->fail(*this);
    content_ends_ = true;
    carrier_->content_ready(*this);
}

Task<> Stream::pump(BodyStream& stream) {
    const std::optional<std::uint64_t> promised = stream.size();
    std::uint64_t sent = 0;
    while (const std::optional<std::string_view> piece = co_await stream.next()) {
        sent += piece->size();
        if (promised && sent > *promised)
            throw Error::internal("a stream gave more than the size it had promised");
        memory_ = *piece;
        carrier_->content_ready(*this);
        if (!memory_.empty()) co_await writer_.wait();
    }
    if (promised && sent < *promised)
        throw Error::internal("a stream gave less than the size it had promised");
    const Headers* trailers = stream.trailers();
    if (trailers != nullptr && !trailers->empty()) trailers_to_send_ = trailers;
}

std::uint64_t Stream::content_available() const noexcept {
    return source_ == Source::file ? response.body().file().size - file_done_ : memory_.size();
}

std::string_view Stream::content_in_memory() const noexcept {
    return source_ == Source::memory ? memory_ : std::string_view{};
}

bool Stream::take_content(char* to, std::size_t size) noexcept {
    if (source_ != Source::file) {
        std::memcpy(to, memory_.data(), size);
        memory_.remove_prefix(size);
        return true;
    }
    const FileRegion& file = response.body().file();
    while (size > 0) {
        const ssize_t got = ::pread(file.file->descriptor(), to, size,
                                    static_cast<off_t>(file.offset + file_done_));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false; // the file became shorter than was promised
        to += got;
        size -= static_cast<std::size_t>(got);
        file_done_ += static_cast<std::uint64_t>(got);
    }
    return true;
}

// --- endings ------------------------------------------------------------------------------------

void Stream::close(CancelReason reason) {
    closed_ = true;
    if (running_) return cancellation.request(reason); // whatever ends then calls `release`
    release();
}

void Stream::release() {
    drop_content();
    // No member is touched after this: the stream may be serving another request.
    carrier_->finished(*this);
}

void Stream::reset() noexcept {
    TimerQueue::disarm(*this);
    if (content_ != nullptr) std::exchange(content_, nullptr)->stream_ = nullptr;
    pump_ = Task<>{};
    tunnel_.reset();
    tunnel_handler_.reset();
    Exchange::reset();
    for (std::string* text : {&received_, &reading_}) {
        text->clear();
        if (text->capacity() > kept_content_bytes) text->shrink_to_fit();
    }
    trailers_.clear();
    carrier_ = nullptr;
    memory_ = {};
    content_bytes_ = 0;
    file_done_ = 0;
    content_length_.reset();
    trailers_to_send_ = nullptr;
    source_ = Source::none;
    content_ends_ = received_all_ = dispatch_is_due_ = is_adopted_ = false;
    running_ = closed_ = false;
    timed_out_ = is_tunnel_ = is_answered_ = is_out_ = is_deferred = is_due = false;
}

} // namespace armature::mux
