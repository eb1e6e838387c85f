#include "http1/session.hpp"

#include <algorithm>
#include <cstring>

namespace armature::http1 {

namespace {

// Smaller content is copied behind its head, so that one write sends both; copying more would cost
// more than the second buffer of a gathering write.
constexpr std::size_t copied_body_bytes = 16 * 1024;
// A stream's pieces are copied and sent in parts of this size.
constexpr std::size_t stream_part_bytes = 64 * 1024;
constexpr std::size_t input_bytes = 16 * 1024;
constexpr std::size_t content_input_bytes = 64 * 1024;
constexpr std::size_t kept_inputs = 64;
// Room for the fields of a usual browser's request.
constexpr std::size_t request_fields = 24;
constexpr std::size_t kept_exchanges = 256;

} // namespace

// --- what a loop's sessions share ---------------------------------------------------------------

SessionContext::SessionContext(const Dispatcher& served, const SessionLimits& session_limits,
                               Scheduler& on)
    : dispatcher(served), limits(session_limits), loop(on),
      read_buffer_(read_bytes + HeadParser::slack), scratch_(new SessionExchange) {
    scratch_->request.mutable_headers().reserve(request_fields);
}

SessionContext::~SessionContext() {
    delete scratch_;
    while (SessionExchange* exchange = free_exchanges_) {
        free_exchanges_ = exchange->next_free;
        delete exchange;
    }
}

void SessionContext::set_common_fields(std::string_view fields) {
    ok_and_common_fields_.resize(ok_line.size());
    ok_and_common_fields_ += fields;
}

std::unique_ptr<Input> SessionContext::take_input() {
    if (free_inputs_.empty()) return std::make_unique<Input>();
    auto input = std::move(free_inputs_.back());
    free_inputs_.pop_back();
    return input;
}

void SessionContext::give_back(std::unique_ptr<Input> input) noexcept {
    if (free_inputs_.size() >= kept_inputs ||
        input->buffer.size() > content_input_bytes + HeadParser::slack)
        return;
    input->begin = input->end = 0;
    input->parser.reset();
    free_inputs_.push_back(std::move(input));
}

SessionExchange* SessionContext::take_exchange() {
    SessionExchange* exchange = free_exchanges_;
    if (exchange == nullptr) {
        exchange = new SessionExchange;
        exchange->request.mutable_headers().reserve(request_fields);
        return exchange;
    }
    free_exchanges_ = exchange->next_free;
    --free_exchange_count_;
    return exchange;
}

void SessionContext::give_back(SessionExchange* exchange) noexcept {
    exchange->disarm_deadline();
    exchange->reset();
    exchange->session = nullptr;
    // When there are enough, another one goes: this one's cancellation may be what brought us here.
    if (free_exchange_count_ >= kept_exchanges) delete take_exchange();
    exchange->next_free = free_exchanges_;
    free_exchanges_ = exchange;
    ++free_exchange_count_;
}

void SessionExchange::completed() { session->exchange_completed(); }

// --- what only a connection that waits needs ----------------------------------------------------

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

struct Session::Slow {
    OutputBuffer output;  ///< not written yet
    std::size_t done = 0; ///< of `output`
    Body body;            ///< after it: in memory or a file
    std::uint64_t body_done = 0;
    bool sending_body = false;
    Task<> pump;
    Pull* reader = nullptr;
    Flush* flusher = nullptr;
    std::unique_ptr<Response::UpgradeHandler> upgraded;
    std::unique_ptr<UpgradedStream> upgraded_stream;

    [[nodiscard]] bool is_unused() const noexcept {
        return output.empty() && !sending_body && !pump && reader == nullptr && !upgraded;
    }
};

Session::Slow& Session::slow() {
    if (!slow_) slow_ = std::make_unique<Slow>();
    return *slow_;
}

// Waits until the session has input that was not looked at, or its end.
struct Session::Pull final : CancelHook {
    explicit Pull(Session& of) noexcept : session(of) {}
    ~Pull() {
        if (session.slow_ && session.slow_->reader == this) session.slow_->reader = nullptr;
    }
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> handle) {
        waiter = handle;
        if (Cancellation* cancellation = handle.promise().cancellation()) {
            if (cancellation->requested()) return false;
            cancellation->add(*this);
        }
        session.slow().reader = this;
        if (session.phase_ == Phase::handling) session.phase_ = Phase::reading_body;
        if (session.content_ != nullptr && session.content_->expect_continue_) {
            session.content_->expect_continue_ = false;
            session.out().append("HTTP/1.1 100 Continue\r\n\r\n");
        }
        session.changed();
        return true;
    }
    void await_resume() const noexcept {}

    void resume() {
        Cancellation::remove(*this);
        session.slow_->reader = nullptr;
        if (session.phase_ == Phase::reading_body) session.phase_ = Phase::handling;
        waiter.resume();
    }
    void cancelled(CancelReason) override { resume(); }

    Session& session;
    std::coroutine_handle<> waiter;
};

// Waits until all output was written.
struct Session::Flush final : CancelHook {
    explicit Flush(Session& of) noexcept : session(of) {}
    ~Flush() {
        if (session.slow_ && session.slow_->flusher == this) session.slow_->flusher = nullptr;
    }
    bool await_ready() const noexcept { return session.output().empty(); }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> handle) {
        waiter = handle;
        if (Cancellation* cancellation = handle.promise().cancellation()) {
            if (cancellation->requested()) return false;
            cancellation->add(*this);
        }
        session.slow().flusher = this;
        session.changed();
        return true;
    }
    void await_resume() const noexcept {}

    void resume() {
        Cancellation::remove(*this);
        session.slow_->flusher = nullptr;
        waiter.resume();
    }
    void cancelled(CancelReason) override { resume(); }

    Session& session;
    std::coroutine_handle<> waiter;
};

namespace {

// The coroutine that runs this was cancelled, or goes on.
struct CheckCancelled {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> handle) noexcept {
        cancellation = handle.promise().cancellation();
        return false;
    }
    void await_resume() const {
        if (cancellation != nullptr) cancellation->check();
    }
    Cancellation* cancellation = nullptr;
};

} // namespace

Session::Session(SessionContext& context, Host& host) noexcept : context_(context), host_(host) {}

Session::~Session() {
    if (content_ != nullptr) content_->session_ = nullptr;
    if (slow_) {
        slow_->pump = Task<>{}; // its waits unregister from the exchange's cancellation
        slow_->upgraded_stream.reset();
    }
    if (exchange_ != nullptr) context_.give_back(exchange_);
    if (context_.output_owner_ == this) {
        context_.output_.clear();
        context_.output_owner_ = nullptr;
    }
    if (input_) context_.give_back(std::move(input_));
}

// --- input --------------------------------------------------------------------------------------

bool Session::wants_input_slow() const noexcept {
    if (peer_closed_) return false;
    switch (phase_) {
    case Phase::idle: // with requests in memory that wait for the output, these come first
        return !output_is_full() && (!input_ || input_->size() == 0);
    case Phase::reading_head:
        return !output_is_full();
    case Phase::reading_body:
        return !running_ || (slow_ && slow_->reader != nullptr);
    case Phase::upgraded:
        return slow_ && slow_->reader != nullptr;
    default:
        return false;
    }
}

Session::Space Session::prepare() {
    if (!input_ && phase_ == Phase::idle)
        return {context_.read_buffer_.data(), SessionContext::read_bytes};
    if (!input_) input_ = context_.take_input();
    Input& in = *input_;
    if (in.begin == in.end) in.begin = in.end = 0;
    const std::size_t wanted = phase_ == Phase::reading_head ? input_bytes : content_input_bytes;
    if (in.buffer.size() < wanted + HeadParser::slack) in.buffer.resize(wanted + HeadParser::slack);
    std::size_t room = in.buffer.size() - HeadParser::slack - in.end;
    if (room < in.buffer.size() / 4 && in.begin > 0) {
        std::memmove(in.buffer.data(), in.data(), in.size());
        in.end -= in.begin;
        in.begin = 0;
        room = in.buffer.size() - HeadParser::slack - in.end;
    }
    if (room == 0) { // heads may be allowed to be larger than the usual buffer
        in.buffer.resize(in.buffer.size() * 2);
        room = in.buffer.size() - HeadParser::slack - in.end;
    }
    return {in.buffer.data() + in.end, room};
}

void Session::commit(std::size_t size) {
    in_call_ = true;
    if (input_) {
        input_->end += size;
        if (content_ != nullptr || phase_ == Phase::upgraded) {
            if (!feed_reader()) discard_content();
        }
        process_input();
    } else {
        const char* data = context_.read_buffer_.data();
        const std::size_t used = process(data, size, context_.parser_, context_.head_, nullptr);
        if (!input_is_kept_ && used < size) keep_input(data + used, size - used);
        context_.parser_.reset();
        if (input_) process_input();
    }
    in_call_ = false;
}

void Session::resume_input() {
    in_call_ = true;
    process_input();
    in_call_ = false;
}

// Makes what follows a head the input, while `data` is in the read buffer or in the input.
void Session::keep_rest(const char* data, std::size_t size) {
    if (input_ && data >= input_->buffer.data() &&
        data <= input_->buffer.data() + input_->buffer.size())
        input_->begin = static_cast<std::size_t>(data - input_->buffer.data());
    else
        keep_input(data, size);
    input_is_kept_ = true;
}

void Session::keep_input(const char* data, std::size_t size) {
    if (phase_ == Phase::closing) return;
    input_ = context_.take_input();
    Input& in = *input_;
    const std::size_t wanted = std::max(size, input_bytes) + HeadParser::slack;
    if (in.buffer.size() < wanted) in.buffer.resize(wanted);
    std::memcpy(in.buffer.data(), data, size);
    in.begin = 0;
    in.end = size;
}

void Session::process_input() {
    while (input_ && input_->size() > 0 &&
           (phase_ == Phase::idle || phase_ == Phase::reading_head) && !output_is_full()) {
        Input& in = *input_;
        const std::size_t used = process(in.data(), in.size(), in.parser, in.head, &in.fields);
        if (!input_) return;
        if (!input_is_kept_) in.begin += used;
        if (phase_ == Phase::reading_head) return;
    }
    release_input();
}

void Session::release_input() noexcept {
    if (input_ && input_->size() == 0 && phase_ == Phase::idle)
        context_.give_back(std::move(input_));
    if (slow_ && phase_ == Phase::idle && slow_->is_unused()) slow_.reset();
}

std::size_t Session::process(const char* data, std::size_t size, HeadParser& parser,
                             ParsedHead& head, Headers* fields) {
    std::size_t used = 0;
    input_is_kept_ = false;
    while (used < size && (phase_ == Phase::idle || phase_ == Phase::reading_head)) {
        if (output_is_full()) break;
        // Straight into the request that will be served, unless the head came in parts: between
        // them, other sessions have requests.
        Headers& of_request = context_.scratch_->request.mutable_headers();
        switch (parser.parse(data + used, size - used, context_.limits.head, head,
                             fields != nullptr ? *fields : of_request)) {
        case ParseStatus::incomplete:
            phase_ = Phase::reading_head;
            return used;
        case ParseStatus::error: {
            const ParseError error = parser.error();
            parser.reset(); // before the parser may go, with the input it belongs to
            refuse(error);
            return size;
        }
        case ParseStatus::complete:
            break;
        }
        if (fields != nullptr) of_request.swap(*fields);
        const std::size_t start = used;
        used += head.size;
        used += serve(data + start, head, size - used);
        if (input_is_kept_) break;
    }
    return used;
}

// --- requests -----------------------------------------------------------------------------------

SessionExchange& Session::own_exchange() {
    if (exchange_ == nullptr) {
        exchange_ = context_.scratch_;
        exchange_->session = this;
        context_.scratch_ = context_.take_exchange();
    }
    return *exchange_;
}

std::size_t Session::serve(const char* head_data, ParsedHead& head, std::size_t available) {
    const char* content = head_data + head.size;
    SessionExchange& x = *context_.scratch_;
    x.request.head() = head;
    x.request.head().secure = secure_;
    if (head.form == TargetForm::asterisk) [[unlikely]]
        x.request.head().path = "*";
    x.request.set_peer(peer_);

    const RoutePolicy& policy = context_.dispatcher.route(x);
    std::size_t used = 0;
    const bool has_content = head.chunked || head.content_length > 0;
    const auto note_what_is_special = [&] {
        x.http_1_0 = head.minor_version == 0;
        x.is_head = head.method == Method::head;
        // After a CONNECT that was granted the bytes are no requests any more.
        x.keep_alive = head.keep_alive && head.method != Method::connect;
        x.may_upgrade = head.upgrade && !has_content;
    };
    const bool in_memory = !head.chunked && head.content_length <= available &&
                           head.content_length <= policy.body_limit;
    if (policy.may_suspend || policy.timeout || !in_memory) {
        // The handler may outlive the read buffer: move what it can see out of there.
        x.request.detach(head_data, head.size);
        if (has_content && in_memory) {
            used = static_cast<std::size_t>(head.content_length);
            x.request.set_body(Body::view(x.request.arena().copy({content, used})));
        } else if (has_content) {
            auto stream = std::make_unique<Content>(*this, head, policy.body_limit);
            content_ = stream.get();
            x.request.set_body(Body{std::unique_ptr<BodyStream>(std::move(stream))});
            keep_rest(content, available);
        }
        note_what_is_special();
        own_exchange();
        if (policy.timeout) x.arm_deadline(context_.loop, policy.timeout);
        phase_ = Phase::handling;
        running_ = true;
        if (!context_.dispatcher.dispatch(x)) return used;
        running_ = false;
    } else {
        if (has_content) {
            used = static_cast<std::size_t>(head.content_length);
            x.request.set_body(Body::view({content, used}));
        }
        // Nothing between here and the response can suspend.
        static_cast<void>(context_.dispatcher.dispatch(x));
        const bool is_usual = head.keep_alive && head.minor_version != 0 &&
                              head.method != Method::head && head.method != Method::connect;
        if (is_usual && respond_simply(x)) return used;
        note_what_is_special();
    }
    bytes_behind_ = available - used;
    if (x.response.upgrade_handler() && !input_is_kept_) keep_rest(content + used, bytes_behind_);
    respond(x);
    return used;
}

// The request can't be trusted, so no middleware sees it; only its error is rendered.
SessionExchange& Session::prepare_refusal() {
    SessionExchange& x = *context_.scratch_;
    x.keep_alive = false;
    x.is_head = false;
    x.http_1_0 = false;
    x.request.head() = {};
    context_.dispatcher.route(x);
    must_linger_ = true;
    return x;
}

void Session::refuse(ParseError error) {
    SessionExchange& x = prepare_refusal();
    context_.dispatcher.render(Error{status_of(error), std::string{describe(error)}}, x);
    respond(x);
}

void Session::exchange_completed() {
    const bool outer = std::exchange(in_call_, true);
    running_ = false;
    bytes_behind_ = input_ ? input_->size() : 0;
    respond(*exchange_);
    in_call_ = outer;
    changed(); // not on to the next request from here: another session's handler may be our caller
}

// --- responses ----------------------------------------------------------------------------------

void OutputBuffer::grow(std::size_t bytes) {
    capacity_ = std::max({size_ + bytes, capacity_ * 2, std::size_t{4096}});
    // Not make_unique, which would clear it.
    std::unique_ptr<char[]> larger{new char[capacity_]};
    if (size_ > 0) std::memcpy(larger.get(), data_.get(), size_);
    data_ = std::move(larger);
}

OutputBuffer& Session::out() {
    if (!slow_ || slow_->output.empty()) {
        if (context_.output_owner_ == nullptr) context_.output_owner_ = this;
        if (context_.output_owner_ == this) return context_.output_;
    }
    return slow().output;
}

bool Session::is_in_buffers(std::string_view text) const noexcept {
    const auto within = [&](const std::vector<char>& buffer) {
        return text.data() >= buffer.data() && text.data() < buffer.data() + buffer.size();
    };
    return within(context_.read_buffer_) || (input_ && within(input_->buffer));
}

// Nearly every response: content in memory, on a connection that stays open, to an HTTP/1.1 request
// that wasn't HEAD. False: `respond` must do it. The two write the same bytes; this one only knows
// that no special case applies.
bool Session::respond_simply(SessionExchange& x) {
    static constexpr FieldSet special{Field::connection, Field::content_length,
                                      Field::transfer_encoding, Field::date, Field::keep_alive};
    Response& response = x.response;
    const Headers& fields = response.headers();
    const Body& body = response.body();
    const std::string_view text = body.text();
    if (exchange_ != nullptr || slow_ || content_ != nullptr || peer_closed_ || context_.draining ||
        !body.in_memory() || text.size() >= copied_body_bytes || fields.contains_any(special) ||
        has_no_content(response.status()) || response.upgrade_handler() ||
        served_ + 1 >= context_.limits.requests_per_connection)
        return false;
    if (context_.output_owner_ != this) {
        if (context_.output_owner_ != nullptr) return false;
        context_.output_owner_ = this;
    }
    ++served_;
    keep_alive_ = true;
    OutputBuffer& output = context_.output_;
    const std::string_view start = context_.ok_and_common_fields_;
    char* at = output.room(usual_head_bound(start, fields) + text.size());
    if (response.status() == Status::ok) [[likely]]
        at = static_cast<char*>(std::memcpy(at, start.data(), start.size())) + start.size();
    else
        at = write_text(write_status_line(at, response.status()), context_.common_fields());
    at = write_usual_fields(at, fields, text.size());
    output.set_end(write_text(at, text));
    x.reset();
    phase_ = Phase::idle;
    return true;
}

void Session::respond(SessionExchange& x) {
    Response& response = x.response;
    // A response that is the request's own content: what reading it would refuse is refused before
    // the head is out, and a client that waits for permission to send gets it.
    if (content_ != nullptr && response.body().kind() == Body::Kind::stream &&
        &response.body().stream() == content_) [[unlikely]] {
        if (content_->length_ && *content_->length_ > content_->limit_) {
            x.keep_alive = false; // rendering drops the content unread
            must_linger_ = true;
            context_.dispatcher.render(Error{Status::content_too_large,
                                             "The content is larger than this route's limit of " +
                                                 std::to_string(content_->limit_) + " bytes"},
                                       x);
        } else if (content_->expect_continue_) {
            content_->expect_continue_ = false;
            out().append("HTTP/1.1 100 Continue\r\n\r\n");
        }
    }
    if (is_informational(response.status()) && !response.upgrade_handler()) [[unlikely]]
        context_.dispatcher.render(Error::internal("a handler answered with an interim status"), x);
    Headers& fields = response.headers();
    const bool client_stays = x.keep_alive;
    if (const auto connection = fields.get(Field::connection))
        if (Headers::equal_names(*connection, "close")) x.keep_alive = false;
    static constexpr FieldSet ours{Field::connection, Field::content_length,
                                   Field::transfer_encoding, Field::date, Field::keep_alive};
    if (fields.contains_any(ours)) [[unlikely]]
        for (const Field field : {Field::connection, Field::content_length,
                                  Field::transfer_encoding, Field::date, Field::keep_alive})
            fields.erase(field);

    ++served_;
    if (response.upgrade_handler()) {
        if (x.may_upgrade) return upgrade(x);
        // Only a client that asked for it may be switched (RFC 9110 §7.8).
        response.upgrade_handler().reset();
        response.status(Status::upgrade_required);
        fields.append_view(Field::connection, "upgrade");
    }
    // While the server shuts down, what the client has sent already is still served.
    keep_alive_ = x.keep_alive && (!context_.draining || bytes_behind_ > 0 || host_.has_input()) &&
                  !peer_closed_ && !timed_out_ && served_ < context_.limits.requests_per_connection;
    if (content_ != nullptr && !content_->is_done() && !content_->can_be_discarded())
        keep_alive_ = false;

    Body& body = response.body();
    const bool no_content = has_no_content(response.status());
    const bool in_memory = body.in_memory();
    const std::string_view memory = body.text();
    const std::optional<std::uint64_t> size =
        in_memory ? std::optional<std::uint64_t>{memory.size()} : body.size();
    ResponseHead head;
    head.status = response.status();
    head.common_fields = context_.common_fields();
    head.fields = &fields;
    if (no_content) {
        head.framing = Framing::none;
    } else if (size) {
        head.framing = Framing::length;
        head.content_length = *size;
    } else if (x.http_1_0) {
        head.framing = Framing::none; // the end of the connection is the end of the content
        if (!x.is_head) keep_alive_ = false;
    } else {
        head.framing = Framing::chunked;
    }
    head.persistence = !keep_alive_ ? Persistence::close
                       : x.http_1_0 ? Persistence::keep_alive
                                    : Persistence::implied;
    if (client_stays && !keep_alive_) must_linger_ = true; // it may be sending its next request

    const bool send_body = !no_content && !x.is_head && size != std::uint64_t{0};
    const bool copy_body = send_body && in_memory && memory.size() < copied_body_bytes;
    const std::string_view text = copy_body ? memory : std::string_view{};
    OutputBuffer& output = out();
    char* end = write_head(output.room(head_bound(head) + text.size()), head);
    output.set_end(write_text(end, text));

    if (!send_body || copy_body) return end_response();
    own_exchange();
    phase_ = Phase::handling;
    if (body.kind() == Body::Kind::stream) {
        start_pump(pump_stream(body.stream(), head.framing == Framing::chunked));
        return;
    }
    // What a handler may have viewed in the read buffer is overwritten before it is sent.
    if (body.kind() == Body::Kind::view && is_in_buffers(body.text()))
        body = Body{std::string{body.text()}};
    Slow& sending = slow();
    sending.body = std::move(body);
    sending.body_done = 0;
    sending.sending_body = true;
}

// The response is in the output, or was written: on to the next request.
void Session::end_response() {
    if (exchange_ != nullptr) {
        if (content_ != nullptr && keep_alive_ && !content_->is_done()) {
            // Keeps the exchange, because the content's decoder is there.
            phase_ = Phase::reading_body;
            content_->begin_discard();
            return discard_content();
        }
        context_.give_back(std::exchange(exchange_, nullptr));
        if (content_ != nullptr) std::exchange(content_, nullptr)->session_ = nullptr;
    } else {
        context_.scratch_->reset();
    }
    if (keep_alive_)
        phase_ = Phase::idle;
    else
        begin_closing(must_linger_);
}

void Session::begin_closing(bool linger) noexcept {
    phase_ = Phase::closing;
    must_linger_ = linger && !peer_closed_;
    if (input_ && input_->size() > 0) must_linger_ = !peer_closed_;
    if (input_) {
        input_->begin = input_->end = 0;
        context_.give_back(std::move(input_));
    }
}

void Session::start_pump(Task<> task) {
    Slow& pumping = slow();
    pumping.pump = std::move(task);
    running_ = true;
    const auto finished = [](void* self) {
        auto& session = *static_cast<Session*>(self);
        const bool outer = std::exchange(session.in_call_, true);
        session.end_pump();
        session.in_call_ = outer;
        session.changed();
    };
    if (pumping.pump.start(finished, this, &exchange_->cancellation)) end_pump();
}

void Session::end_pump() {
    running_ = false;
    try {
        slow_->pump.take_result();
    } catch (...) {
        // The response can't be completed. Closing before its end is how the peer gets to know.
        keep_alive_ = false;
    }
    slow_->pump = Task<>{};
    slow_->upgraded_stream.reset();
    slow_->upgraded.reset();
    end_response();
}

Task<> Session::pump_stream(BodyStream& stream, bool chunked) {
    const std::optional<std::uint64_t> promised = stream.size();
    std::uint64_t sent = 0;
    for (;;) {
        const std::optional<std::string_view> piece = co_await stream.next();
        if (!piece) break;
        std::string_view rest = *piece;
        sent += rest.size();
        if (promised && sent > *promised)
            throw Error::internal("a stream gave more than the size it had promised");
        while (!rest.empty()) {
            const std::string_view part = rest.substr(0, stream_part_bytes);
            rest.remove_prefix(part.size());
            OutputBuffer& output = out();
            if (chunked)
                output.set_end(write_chunk_size(output.room(chunk_size_bound), part.size()));
            output.append(part);
            if (chunked) output.append(chunk_end);
            co_await Flush{*this};
            co_await CheckCancelled{};
        }
    }
    if (promised && sent < *promised)
        throw Error::internal("a stream gave less than the size it had promised");
    if (!chunked) co_return;
    OutputBuffer& output = out();
    const Headers* trailers = stream.trailers();
    if (trailers == nullptr || trailers->empty()) {
        output.append(last_chunk);
        co_return;
    }
    output.append("0\r\n");
    output.set_end(write_fields(output.room(size_of_fields(*trailers)), *trailers));
    output.append("\r\n");
}

// --- output -------------------------------------------------------------------------------------

Session::Output Session::output() const noexcept {
    Output output;
    if (slow_ && !slow_->output.empty())
        output.first = slow_->output.view().substr(slow_->done);
    else if (context_.output_owner_ == this)
        output.first = context_.output_.view();
    if (slow_ && slow_->sending_body) {
        if (slow_->body.kind() == Body::Kind::file) {
            output.file = &slow_->body.file();
            output.file_done = slow_->body_done;
        } else {
            output.second = slow_->body.text().substr(slow_->body_done);
        }
    }
    return output;
}

void Session::wrote(std::uint64_t bytes) {
    in_call_ = true;
    const std::string_view first = output().first;
    const auto from_first = std::min<std::uint64_t>(bytes, first.size());
    bytes -= from_first;
    if (slow_ && !slow_->output.empty()) {
        slow_->done += from_first;
        if (slow_->done == slow_->output.size()) {
            slow_->output.clear();
            slow_->done = 0;
            slow_->output.trim(output_high_water);
        }
    } else if (context_.output_owner_ == this) {
        if (from_first < first.size()) slow().output.append(first.substr(from_first));
        context_.output_.clear();
        context_.output_owner_ = nullptr;
    }
    if (slow_ && slow_->sending_body) {
        slow_->body_done += bytes;
        if (slow_->body_done == *slow_->body.size()) {
            slow_->body.clear();
            slow_->sending_body = false;
            end_response();
        }
    }
    if (slow_ && slow_->flusher != nullptr && output().empty()) slow_->flusher->resume();
    if (output().empty()) release_input();
    in_call_ = false;
}

void Session::move_output() {
    slow().output.append(context_.output_.view());
    context_.output_.clear();
    context_.output_owner_ = nullptr;
}

// --- content that comes piece by piece ----------------------------------------------------------

Session::Content::Step Session::Content::decode(std::string_view& piece) {
    // Known beforehand or not, content over the limit is refused before it is read.
    if (length_ && *length_ > limit_)
        throw Error{Status::content_too_large, "The content is larger than this route's limit of " +
                                                   std::to_string(limit_) + " bytes"};
    if (decoder_.is_done()) return Step::end;
    Input* in = session_->input_.get();
    while (in != nullptr && in->size() > 0) {
        const BodyDecoder::Result result = decoder_.decode(in->data(), in->size());
        in->begin += result.consumed;
        received_ += result.payload.size();
        if (received_ > limit_)
            throw Error{Status::content_too_large,
                        "The content is larger than this route's limit of " +
                            std::to_string(limit_) + " bytes"};
        if (!result.payload.empty()) {
            piece = result.payload;
            return Step::piece;
        }
        if (result.status == BodyDecoder::Status::error) {
            broken_ = true;
            throw Error{status_of(decoder_.error()), std::string{describe(decoder_.error())}};
        }
        if (result.status == BodyDecoder::Status::done) return Step::end;
    }
    return Step::starved;
}

Task<std::optional<std::string_view>> Session::Content::next() {
    std::string_view piece;
    for (;;) {
        if (session_ == nullptr) throw Cancelled{CancelReason::client_gone};
        if (session_->timed_out_)
            throw Error{Status::request_timeout, "The content came too slowly"};
        switch (decode(piece)) {
        case Step::piece:
            co_return piece;
        case Step::end:
            co_return std::nullopt;
        case Step::starved:
            break;
        }
        co_await Pull{*session_};
        co_await CheckCancelled{};
    }
}

// True when somebody was waiting for input.
bool Session::feed_reader() {
    if (!slow_ || slow_->reader == nullptr) return false;
    slow_->reader->resume();
    return true;
}

// Reads on over content that nobody wanted, so that the connection can serve another request.
void Session::discard_content() {
    if (content_ == nullptr || running_ || phase_ != Phase::reading_body) return;
    try {
        std::string_view ignored;
        for (;;) {
            switch (content_->decode(ignored)) {
            case Content::Step::piece:
                break;
            case Content::Step::end:
                return end_response();
            case Content::Step::starved:
                return;
            }
        }
    } catch (...) {
        context_.give_back(std::exchange(exchange_, nullptr));
        keep_alive_ = false;
        begin_closing(true);
    }
}

// --- upgrade ------------------------------------------------------------------------------------

class Session::UpgradedStream final : public ByteStream {
  public:
    explicit UpgradedStream(Session& session) noexcept : session_(session) {}

    Task<std::optional<std::string_view>> read() override {
        for (;;) {
            if (Input* in = session_.input_.get(); in != nullptr && in->size() > 0) {
                const std::string_view bytes{in->data(), in->size()};
                in->begin = in->end;
                co_return bytes;
            }
            if (session_.peer_closed_) co_return std::nullopt;
            co_await Pull{session_};
            co_await CheckCancelled{};
        }
    }

    Task<> write(std::string_view bytes) override {
        while (!bytes.empty()) {
            const std::string_view part = bytes.substr(0, stream_part_bytes);
            bytes.remove_prefix(part.size());
            session_.out().append(part);
            co_await Flush{session_};
            co_await CheckCancelled{};
        }
    }

  private:
    Session& session_;
};

void Session::upgrade(SessionExchange& x) {
    own_exchange();
    ResponseHead head;
    head.status = Status::switching_protocols;
    head.framing = Framing::none;
    head.common_fields = context_.common_fields();
    head.fields = &x.response.headers();
    x.response.headers().append_view(Field::connection, "upgrade");
    OutputBuffer& output = out();
    output.set_end(write_head(output.room(head_bound(head)), head));

    phase_ = Phase::upgraded;
    keep_alive_ = false;
    must_linger_ = true; // so that the peer gets the last bytes, whatever it is sending
    Slow& upgrading = slow();
    upgrading.upgraded = std::move(x.response.upgrade_handler());
    upgrading.upgraded_stream = std::make_unique<UpgradedStream>(*this);
    start_pump(upgrading.upgraded->run(*upgrading.upgraded_stream));
}

// --- endings ------------------------------------------------------------------------------------

void Session::peer_closed() {
    in_call_ = true;
    peer_closed_ = true;
    must_linger_ = false;
    if (phase_ == Phase::upgraded) {
        feed_reader(); // gives it the end of the stream
    } else if (running_) {
        exchange_->cancellation.request(CancelReason::client_gone);
    } else if (slow_ && slow_->sending_body) {
        // The peer may have closed only its sending side: it gets what it asked for.
        keep_alive_ = false;
    } else {
        begin_closing(false);
    }
    in_call_ = false;
}

void Session::time_out() {
    in_call_ = true;
    if (phase_ == Phase::reading_head) {
        SessionExchange& x = prepare_refusal();
        context_.dispatcher.render(
            Error{Status::request_timeout, "The request's head came too slowly"}, x);
        respond(x);
    } else if (phase_ == Phase::reading_body && running_) {
        timed_out_ = true;
        feed_reader();
    } else {
        cancel(CancelReason::client_gone);
        keep_alive_ = false;
        if (!running_) begin_closing(false);
    }
    in_call_ = false;
}

void Session::cancel(CancelReason reason) {
    if (running_) exchange_->cancellation.request(reason);
}

} // namespace armature::http1
