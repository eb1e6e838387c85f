#include "core/list_field.hpp"
#include "http1/session_parts.hpp"

#include <algorithm>
#include <cstring>

namespace armature::http1 {

namespace {

// How every HTTP/2 connection begins (RFC 9113 §3.4), as far as it looks like a request head.
constexpr std::string_view http2_preface = "PRI * HTTP/2.0\r\n";

// Three words, none of them a version of HTTP, and no field: somebody tries another protocol, and
// would only take an HTTP/1.1 answer for a broken message of it.
bool is_other_preface(std::string_view text) {
    const std::size_t line = text.find("\r\n");
    return line != std::string_view::npos && text.substr(line).starts_with("\r\n\r\n");
}

// An Upgrade to HTTP/2 without TLS as RFC 7540 §3.2 had it. RFC 9113 left it out, but clients that
// can't know beforehand what a server speaks still use it. A request that doesn't ask by every rule
// is one of HTTP/1.1: some proxy may have passed on a part of what its client said to it alone.
bool asks_for_h2c(const Headers& fields) {
    return fields.get(Field::upgrade) == "h2c" && fields.contains("http2-settings") &&
           has_token(fields, Field::connection, "http2-settings");
}

} // namespace

Session::Session(SessionContext& context, Host& host, const PeerAddress& peer) noexcept
    : context_(context), host_(host), peer_(peer) {}

Session::~Session() {
    if (content_ != nullptr) content_->session_ = nullptr;
    if (slow_) slow_->pump = Task<>{}; // its waits unregister from the exchange's cancellation
    if (exchange_ != nullptr) context_.give_back(exchange_);
    if (output_ != nullptr) wrote_simple();
    if (input_) context_.give_back(std::move(input_));
}

void SessionExchange::completed() { session->exchange_completed(); }

Session::Slow& Session::slow() {
    if (!slow_) slow_ = std::make_unique<Slow>(*this);
    return *slow_;
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
        return slow_->upgraded_reader != nullptr;
    default:
        return false;
    }
}

Session::Space Session::prepare() {
    if (phase_ == Phase::upgraded) // whose reader had all that came before
        return {context_.upgraded_input()->buffer.data(), Input::usual_bytes};
    if (!input_ && phase_ == Phase::idle)
        return {context_.read_buffer_.data(), SessionContext::read_bytes};
    if (!input_) input_ = context_.take_input();
    Input& in = *input_;
    if (in.begin == in.end) in.begin = in.end = 0;
    const bool is_content = phase_ != Phase::reading_head;
    const std::size_t wanted = is_content ? Input::content_bytes : Input::usual_bytes;
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
    if (phase_ == Phase::upgraded) {
        input_ = std::move(context_.upgraded_input());
        input_->begin = input_->end = size; // its reader gets all of it
        std::exchange(slow_->upgraded_reader, nullptr)->received({input_->buffer.data(), size});
    } else if (input_) {
        input_->end += size;
        if (content_ != nullptr && !feed_reader()) discard_content();
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
    const std::size_t wanted = std::max(size, Input::usual_bytes) + HeadParser::slack;
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
            if (error == ParseError::unsupported_version && served_ == 0 && !context_.secure &&
                std::string_view{data + used, size - used}.starts_with(http2_preface)) {
                keep_rest(data + used, size - used);
                phase_ = Phase::switching;
                return used;
            }
            if (error == ParseError::bad_version && served_ == 0 &&
                is_other_preface({data + used, size - used}))
                begin_closing(false);
            else
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
    if (head.form == TargetForm::asterisk) [[unlikely]]
        x.request.head().path = "*";
    x.request.head().secure = context_.secure;
    x.request.set_peer(peer_);
    if (head.upgrade && !head.chunked && head.content_length == 0 && !context_.secure) [[unlikely]]
        if (asks_for_h2c(x.request.headers())) {
            switch_to_h2c(head_data, head.size, content, available);
            return 0;
        }

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
    more_is_here_ = available > used;
    if (x.response.upgrade_handler() && !input_is_kept_)
        keep_rest(content + used, available - used);
    respond(x);
    return used;
}

void Session::switch_to_h2c(const char* head_data, std::size_t head_size, const char* rest,
                            std::size_t rest_size) {
    context_.scratch_->request.detach(head_data, head_size);
    own_exchange();
    out().append("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n");
    keep_rest(rest, rest_size);
    phase_ = Phase::switching;
}

Session::Switching Session::take_switching() {
    Switching how;
    if (exchange_ != nullptr) {
        how.settings = exchange_->request.header("http2-settings").value_or("");
        how.request.emplace(std::move(exchange_->request));
    }
    if (input_) how.input = {input_->data(), input_->size()};
    return how;
}

// The request can't be trusted, so no middleware sees it; only its error is rendered.
SessionExchange& Session::prepare_refusal() {
    SessionExchange& x = *context_.scratch_;
    x.keep_alive = false;
    x.is_head = false;
    x.http_1_0 = false;
    x.request.head() = {};
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
    more_is_here_ = input_ && input_->size() > 0;
    respond(*exchange_);
    in_call_ = outer;
    changed(); // not on to the next request from here: another session's handler may be our caller
}

// --- endings ------------------------------------------------------------------------------------

void Session::peer_closed() {
    in_call_ = true;
    peer_closed_ = true;
    must_linger_ = false;
    if (phase_ == Phase::upgraded) {
        if (auto* reader = std::exchange(slow_->upgraded_reader, nullptr)) reader->received({});
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
