#include "http1/head_parts.hpp"
#include "http1/session_parts.hpp"

#include <algorithm>
#include <cstring>

namespace armature::http1 {

namespace {

// Smaller content is copied behind its head, so that one write sends both; copying more would cost
// more than the second buffer of a gathering write.
constexpr std::size_t copied_body_bytes = 16 * 1024;

// What only the session says in a response.
constexpr Field own_field_list[] = {Field::connection, Field::content_length,
                                    Field::transfer_encoding, Field::date, Field::keep_alive};
constexpr FieldSet own_fields{own_field_list};

} // namespace

session::OutputBuffer& Session::out() {
    if (!slow_ || slow_->output.empty()) {
        if (output_ == nullptr) output_ = context_.take_output();
        if (output_ != nullptr) return *output_;
    }
    writes_slowly_ = true;
    return slow().output;
}

bool Session::is_in_buffers(std::string_view text) const noexcept {
    const auto within = [&](const std::vector<char>& buffer) {
        return text.data() >= buffer.data() && text.data() < buffer.data() + buffer.size();
    };
    return within(context_.read_buffer_) || (input_ && within(input_->buffer));
}

// Tells a client that waits for it to send its content (RFC 9110 §10.1.1). Once, and not into a
// response that has begun.
void Session::append_continue() {
    if (content_ == nullptr || !content_->expect_continue_ || (slow_ && slow_->pump)) return;
    content_->expect_continue_ = false;
    out().append("HTTP/1.1 100 Continue\r\n\r\n");
}

// Nearly every response: content in memory, on a connection that stays open, to an HTTP/1.1 request
// that wasn't HEAD. False: `respond` must do it. The two write the same bytes; this one only knows
// that no special case applies.
bool Session::respond_simply(SessionExchange& x) {
    Response& response = x.response;
    const Headers& fields = response.headers();
    const Body& body = response.body();
    const std::string_view text = body.text();
    if (exchange_ != nullptr || slow_ || content_ != nullptr || peer_closed_ || context_.draining ||
        !body.in_memory() || text.size() >= copied_body_bytes || fields.contains_any(own_fields) ||
        (response.status() != Status::ok && has_no_content(response.status())) ||
        response.upgrade_handler() || served_ + 1 >= context_.limits.requests_per_connection)
        return false;
    if (output_ == nullptr) {
        output_ = context_.take_output();
        if (output_ == nullptr) return false;
    }
    ++served_;
    keep_alive_ = true;
    session::OutputBuffer& output = *output_;
    const std::string_view start = context_.ok_and_common_fields_;
    char* at = output.room(detail::usual_head_bound(start, fields) + text.size());
    if (response.status() == Status::ok) [[likely]]
        at = static_cast<char*>(std::memcpy(at, start.data(), start.size())) + start.size();
    else
        at = write_text(write_status_line(at, response.status()), context_.common_fields());
    at = detail::put_usual_fields(at, fields, text.size());
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
            context_.dispatcher.render(Error::content_too_large(content_->limit_), x);
        } else {
            append_continue();
        }
    }
    if (is_informational(response.status()) && !response.upgrade_handler()) [[unlikely]]
        context_.dispatcher.render(Error::internal("a handler answered with an interim status"), x);
    Headers& fields = response.headers();
    const bool client_stays = x.keep_alive;
    if (const auto connection = fields.get(Field::connection))
        if (Headers::equal_names(*connection, "close")) x.keep_alive = false;
    if (fields.contains_any(own_fields)) [[unlikely]]
        for (const Field field : own_field_list)
            fields.erase(field);

    ++served_;
    if (response.upgrade_handler()) {
        if (x.may_upgrade) return upgrade(x);
        // Only a client that asked for it may be switched (RFC 9110 §7.8).
        response.upgrade_handler().reset();
        response.status(Status::upgrade_required);
    }
    if (response.status() == Status::upgrade_required && fields.contains(Field::upgrade))
        fields.append_view(Field::connection, "upgrade");
    // While the server shuts down, what the client has sent already is still served.
    keep_alive_ = x.keep_alive && (!context_.draining || more_is_here_ || host_.has_input()) &&
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
    session::OutputBuffer& output = out();
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
    writes_slowly_ = true;
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
        context_.dispatcher.report(*exchange_);
    }
    slow_->pump = Task<>{};
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
            session::OutputBuffer& output = out();
            if (chunked)
                output.set_end(write_chunk_size(output.room(chunk_size_bound), part.size()));
            output.append(part);
            if (chunked) output.append(chunk_end);
            co_await Flush{*this};
        }
    }
    if (promised && sent < *promised)
        throw Error::internal("a stream gave less than the size it had promised");
    if (!chunked) co_return;
    session::OutputBuffer& output = out();
    const Headers* trailers = stream.trailers();
    if (trailers == nullptr || trailers->empty()) {
        output.append(last_chunk);
        co_return;
    }
    output.append("0\r\n");
    output.set_end(write_fields(output.room(fields_bound(*trailers)), *trailers));
    output.append("\r\n");
}

// --- output -------------------------------------------------------------------------------------

Session::Output Session::output() const noexcept {
    Output output;
    if (slow_ && !slow_->output.empty())
        output.first = slow_->output.view().substr(slow_->done);
    else if (output_ != nullptr)
        output.first = output_->view();
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

bool Session::has_slow_output() const noexcept { return slow_->has_output(); }

void Session::wrote(std::uint64_t bytes) {
    in_call_ = true;
    if (slow_ && !slow_->output.empty()) {
        const auto from_first = std::min<std::uint64_t>(bytes, slow_->output.size() - slow_->done);
        bytes -= from_first;
        slow_->done += from_first;
        if (slow_->done == slow_->output.size()) {
            slow_->output.clear();
            slow_->done = 0;
            slow_->output.trim(session::output_high_water);
        }
    } else if (output_ != nullptr) {
        const std::string_view first = output_->view();
        const auto from_first = std::min<std::uint64_t>(bytes, first.size());
        bytes -= from_first;
        if (from_first < first.size()) {
            slow().output.append(first.substr(from_first));
            writes_slowly_ = true;
        }
        wrote_simple();
    }
    if (slow_ && slow_->sending_body) {
        slow_->body_done += bytes;
        if (slow_->body_done == *slow_->body.size()) {
            slow_->body.clear();
            slow_->sending_body = false;
            end_response();
        }
    }
    if (slow_ && slow_->flusher != nullptr && !has_output()) slow_->flusher->resume();
    writes_slowly_ = slow_ && (slow_->has_output() || slow_->flusher != nullptr);
    if (!has_output()) release_input();
    in_call_ = false;
}

void Session::move_output() {
    writes_slowly_ = true;
    slow().output.append(output_->view());
    wrote_simple();
}

} // namespace armature::http1
