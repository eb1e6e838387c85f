#include "http2/session.hpp"

#include "core/characters.hpp"
#include "mux/status_text.hpp"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <new>
#include <optional>
#include <utility>

namespace armature::http2 {

namespace {

constexpr std::int64_t counting_milliseconds = 10'000;

// nghttp2 takes pointers to what it doesn't change.
std::uint8_t* bytes(std::string_view text) noexcept {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
}
constexpr std::uint8_t keep_both = NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE;
nghttp2_nv field(std::string_view name, std::string_view value, std::uint8_t flags) noexcept {
    return {bytes(name), bytes(value), name.size(), value.size(), flags};
}

// RFC 4648 §5 without padding. nullopt when it is malformed.
std::optional<std::string> decode_base64url(std::string_view text) {
    if (text.size() % 4 == 1) return std::nullopt; // no whole byte
    std::string decoded;
    std::uint32_t bits = 0;
    unsigned bit_count = 0;
    for (const char c : text) {
        unsigned value = 0;
        if (c >= 'A' && c <= 'Z')
            value = static_cast<unsigned>(c - 'A');
        else if (c >= 'a' && c <= 'z')
            value = static_cast<unsigned>(c - 'a') + 26;
        else if (c >= '0' && c <= '9')
            value = static_cast<unsigned>(c - '0') + 52;
        else if (c == '-')
            value = 62;
        else if (c == '_')
            value = 63;
        else
            return std::nullopt;
        bits = bits << 6 | value;
        bit_count += 6;
        if (bit_count < 8) continue;
        bit_count -= 8;
        decoded += static_cast<char>(bits >> bit_count & 0xFF);
    }
    return decoded;
}

// What is ready of a response's content. It goes from where it lies into the output: `send_data`.
ssize_t read_content(nghttp2_session* session, std::int32_t id, std::uint8_t*, std::size_t size,
                     std::uint32_t* flags, nghttp2_data_source* source, void*) noexcept {
    auto& stream = *static_cast<mux::Stream*>(source->ptr);
    const std::uint64_t available = stream.content_available();
    if (available == 0 && !stream.content_ends()) {
        stream.is_deferred = true;
        return NGHTTP2_ERR_DEFERRED;
    }
    const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(available, size));
    if (taken > 0) *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (taken < available || !stream.content_ends()) return static_cast<ssize_t>(taken);
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (const Headers* trailers = stream.response_trailers()) {
        std::vector<nghttp2_nv> fields;
        for (const Headers::Entry& entry : *trailers)
            fields.push_back(field(entry.name(), entry.value(), NGHTTP2_NV_FLAG_NONE));
        *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
        if (nghttp2_submit_trailer(session, id, fields.data(), fields.size()) != 0)
            return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    }
    return static_cast<ssize_t>(taken);
}

} // namespace

Session::Session(SessionContext& context, Host& host, const PeerAddress& peer)
    : context_(context), host_(host), peer_(peer) {
    nghttp2_mem memory = context.memory_.functions<nghttp2_mem>();
    if (nghttp2_session_server_new3(&session_, context.callbacks_, this, context.option_,
                                    &memory) != 0)
        throw std::bad_alloc{};
    const SessionLimits& limits = context.limits;
    const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.concurrent_streams},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits.stream_window},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, limits.head.head_bytes},
        {NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1},
        {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
    };
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings, std::size(settings));
    nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0,
                                          static_cast<std::int32_t>(limits.connection_window));
}

Session::~Session() {
    close_streams();
    if (context_.output_owner_ == this) wrote_simple();
    nghttp2_session_del(session_);
}

bool Session::upgrade(Request&& request, std::string_view settings) {
    const auto payload = decode_base64url(settings);
    if (!payload || nghttp2_session_upgrade2(
                        session_, reinterpret_cast<const std::uint8_t*>(payload->data()),
                        payload->size(), request.method() == Method::head ? 1 : 0, nullptr) != 0)
        return false;
    highest_id_ = 1;
    has_preface_ = false; // that was the HTTP/1.1 request's settings
    in_head_ = true;
    mux::Stream* stream = open_stream(1);
    if (stream == nullptr) return false;
    stream->adopt(std::move(request)); // due with the preface: before it, clients expect little
    return true;
}

// --- streams ------------------------------------------------------------------------------------

mux::Stream* Session::open_stream(std::int32_t id) {
    ++served_;
    // A stream that the client reset may still be working: it counts until it is done.
    if (stream_count_ >= 2 * context_.limits.concurrent_streams) {
        reset_stream(id, NGHTTP2_REFUSED_STREAM);
        note_cut_short(id);
        return nullptr;
    }
    mux::Stream& stream = context_.streams.take();
    ++stream_count_;
    stream.open(*this, id, peer_);
    stream.next = streams_;
    stream.link = &streams_;
    if (streams_ != nullptr) streams_->link = &stream.next;
    streams_ = &stream;
    nghttp2_session_set_stream_user_data(session_, id, &stream);
    if (served_ == context_.limits.requests_per_connection) drain();
    return &stream;
}

void Session::finished(mux::Stream& stream) {
    *stream.link = stream.next;
    if (stream.next != nullptr) stream.next->link = stream.link;
    --stream_count_;
    if (stream.is_due) *std::find(due_.begin(), due_.end(), &stream) = nullptr;
    context_.streams.give_back(stream);
    changed();
}

void Session::close_streams() {
    for (mux::Stream *stream = streams_, *next = nullptr; stream != nullptr; stream = next) {
        next = stream->next;
        const auto id = static_cast<std::int32_t>(stream->id());
        if (nghttp2_session_get_stream_user_data(session_, id) != stream) continue; // closed before
        nghttp2_session_set_stream_user_data(session_, id, nullptr);
        if (stream == head_of_) head_of_ = nullptr;
        stream->close(CancelReason::client_gone);
    }
}

void Session::mark_due(mux::Stream& stream) {
    if (std::exchange(stream.is_due, true)) return;
    due_.push_back(&stream);
}

void Session::run_due() {
    for (std::size_t i = 0; i < due_.size(); ++i) {
        mux::Stream* stream = std::exchange(due_[i], nullptr);
        if (stream == nullptr) continue;
        stream->is_due = false;
        if (stream->needs_two_runs()) mark_due(*stream);
        stream->run();
    }
    due_.clear();
}

void Session::reset_stream(std::int32_t id, std::uint32_t error) {
    nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, error);
}

// Its client broke a rule of messages (RFC 9113 §8.1.1): nothing more of it counts.
void Session::drop(mux::Stream& stream) {
    const auto id = static_cast<std::int32_t>(stream.id());
    reset_stream(id, NGHTTP2_PROTOCOL_ERROR);
    note_cut_short(id);
    nghttp2_session_set_stream_user_data(session_, id, nullptr);
    if (&stream == head_of_) head_of_ = nullptr;
    stream.close(CancelReason::client_gone);
}

// RFC 9218 §4: the members `u`, 0 to 7, and `i`, a boolean, of a dictionary; others mean nothing.
void Session::set_priority(std::int32_t id, std::string_view value) {
    nghttp2_extpri priority{NGHTTP2_EXTPRI_DEFAULT_URGENCY, 0};
    while (!value.empty()) {
        const std::size_t comma = std::min(value.find(','), value.size());
        const std::string_view member = trim(value.substr(0, comma));
        value.remove_prefix(std::min(comma + 1, value.size()));
        if (member.size() == 3 && member.starts_with("u=") && member[2] >= '0' && member[2] <= '7')
            priority.urgency = static_cast<std::uint32_t>(member[2] - '0');
        else if (member == "i" || member == "i=?1")
            priority.inc = 1;
    }
    nghttp2_session_change_extpri_stream_priority(session_, id, &priority, 0);
}

bool Session::count(std::uint32_t& counter, std::uint32_t limit) {
    const std::int64_t now = context_.streams.loop.now();
    if (now - counted_since_ >= counting_milliseconds) {
        counted_since_ = now;
        resets_ = control_frames_ = 0;
    }
    return ++counter <= limit;
}

// --- responses ----------------------------------------------------------------------------------

void Session::send_response(mux::Stream& stream) {
    constexpr std::size_t usual_fields = 24;
    const Headers& common = context_.streams.common_fields;
    const Headers& own = stream.response.headers();
    nghttp2_nv usual[usual_fields];
    std::vector<nghttp2_nv> many;
    nghttp2_nv* fields = usual;
    if (const std::size_t count = common.size() + own.size() + 2; count > usual_fields) {
        many.resize(count);
        fields = many.data();
    }
    nghttp2_nv* to = fields;
    *to++ = field(":status", mux::status_text(stream.response.status()), keep_both);
    // The values may be renewed before the frame is written.
    for (const Headers::Entry& entry : common)
        *to++ = field(entry.name(), entry.value(), NGHTTP2_NV_FLAG_NO_COPY_NAME);
    for (const Headers::Entry& entry : own)
        *to++ = field(entry.name(), entry.value(), keep_both);
    char length[20];
    if (const auto& known = stream.content_length()) {
        const char* end = std::to_chars(length, length + sizeof length, *known).ptr;
        *to++ = field("content-length", {length, static_cast<std::size_t>(end - length)},
                      NGHTTP2_NV_FLAG_NO_COPY_NAME);
    }
    const auto id = static_cast<std::int32_t>(stream.id());
    nghttp2_data_provider content{};
    content.source.ptr = &stream;
    content.read_callback = &read_content;
    if (nghttp2_submit_response(session_, id, fields, static_cast<std::size_t>(to - fields),
                                stream.has_content() ? &content : nullptr) != 0)
        terminate(NGHTTP2_INTERNAL_ERROR);
    changed();
}

void Session::send_continue(mux::Stream& stream) {
    const nghttp2_nv status = field(":status", "100", keep_both);
    nghttp2_submit_headers(session_, NGHTTP2_FLAG_NONE, static_cast<std::int32_t>(stream.id()),
                           nullptr, &status, 1, nullptr);
    changed();
}

void Session::content_ready(mux::Stream& stream) {
    if (std::exchange(stream.is_deferred, false))
        nghttp2_session_resume_data(session_, static_cast<std::int32_t>(stream.id()));
    changed();
}

void Session::consumed(mux::Stream& stream, std::size_t bytes) {
    nghttp2_session_consume(session_, static_cast<std::int32_t>(stream.id()), bytes);
    changed();
}

void Session::dropped(mux::Stream&, std::size_t bytes) {
    nghttp2_session_consume_connection(session_, bytes);
    changed();
}

void Session::fail(mux::Stream& stream) {
    reset_stream(static_cast<std::int32_t>(stream.id()), NGHTTP2_INTERNAL_ERROR);
    changed();
}

// --- input --------------------------------------------------------------------------------------

session::Phase Session::phase() const noexcept {
    if (closing_) return Phase::closing;
    if (in_head_) return Phase::reading_head;
    if (streams_ == nullptr) return Phase::idle;
    bool waits_for_credit = false;
    for (const mux::Stream* stream = streams_; stream != nullptr; stream = stream->next) {
        if (stream->waits_for_content() || stream->owes_content()) return Phase::reading_body;
        waits_for_credit |= stream->waits_for_credit();
    }
    return waits_for_credit ? Phase::sending : Phase::handling;
}

bool Session::at_rest() const noexcept { return streams_ == nullptr; }

bool Session::process(std::string_view input) {
    const ssize_t used = nghttp2_session_mem_recv(
        session_, reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
    if (used >= 0) return true;
    terminate(used == NGHTTP2_ERR_FLOODED ? NGHTTP2_ENHANCE_YOUR_CALM : NGHTTP2_PROTOCOL_ERROR);
    return false;
}

// nghttp2 ignores DATA and HEADERS of a stream that is over. That is right for one that we ended
// while its client was still sending; any other client has lost its way (RFC 9113 §5.1). nghttp2
// tells nobody, so this looks at the frames' heads, and where it has to know what became of a
// stream it lets nghttp2 act on what came before. For most input that is never.
void Session::receive(std::string_view input) {
    std::size_t at = 0;
    for (;;) {
        const std::size_t skipped = std::min<std::size_t>(skip_, input.size() - at);
        at += skipped;
        skip_ -= static_cast<std::uint32_t>(skipped);
        if (skip_ == 0 && head_ends_) in_head_ = head_ends_ = false;
        const auto collect = [&](std::uint32_t wanted) {
            if (frame_head_size_ >= wanted) return true;
            const std::size_t size =
                std::min<std::size_t>(wanted - frame_head_size_, input.size() - at);
            std::memcpy(frame_head_ + frame_head_size_, input.data() + at, size);
            frame_head_size_ += static_cast<std::uint32_t>(size);
            at += size;
            return frame_head_size_ == wanted;
        };
        if (!collect(9)) break;
        const unsigned char* head = frame_head_;
        const std::uint32_t length =
            std::uint32_t{head[0]} << 16 | std::uint32_t{head[1]} << 8 | head[2];
        const std::uint32_t more = head[3] == NGHTTP2_PRIORITY && length >= 4 ? 4 : 0;
        if (!collect(9 + more)) break;
        frame_head_size_ = 0;
        skip_ = length - more;
        if (head[3] == NGHTTP2_HEADERS || head[3] == NGHTTP2_CONTINUATION) {
            in_head_ = true;
            head_ends_ = (head[4] & NGHTTP2_FLAG_END_HEADERS) != 0;
        }
        const auto number = [](const unsigned char* p) -> std::int32_t {
            return (p[0] & 0x7F) << 24 | p[1] << 16 | p[2] << 8 | p[3];
        };
        const std::int32_t id = number(head + 5);
        // nghttp2 ignores PRIORITY, so it doesn't see that one is wrong, or that there are many.
        if (head[3] == NGHTTP2_PRIORITY) [[unlikely]] {
            if (id == 0 || (more != 0 && number(head + 9) == id))
                terminate(NGHTTP2_PROTOCOL_ERROR);
            else if (!count(control_frames_, context_.limits.control_frames))
                terminate(NGHTTP2_ENHANCE_YOUR_CALM);
        }
        // Types that nobody knows: a client tries one now and then, so that they stay allowed.
        if (head[3] > NGHTTP2_CONTINUATION && head[3] != NGHTTP2_PRIORITY_UPDATE &&
            !count(control_frames_, context_.limits.control_frames)) [[unlikely]]
            terminate(NGHTTP2_ENHANCE_YOUR_CALM);
        if (head[3] != NGHTTP2_DATA && head[3] != NGHTTP2_HEADERS) continue;
        if (id > highest_id_) {
            if (head[3] == NGHTTP2_HEADERS) highest_id_ = id;
            continue;
        }
        // All but the head's last byte, so that nghttp2 doesn't act on this frame yet.
        if (!process(input.substr(0, at - 1))) return;
        input.remove_prefix(at - 1);
        at = 1;
        if (nghttp2_session_get_stream_user_data(session_, id) == nullptr && !was_cut_short(id))
            terminate(NGHTTP2_STREAM_CLOSED);
    }
    process(input);
}

void Session::commit(std::size_t size) { commit({context_.read_buffer_.data(), size}); }

void Session::commit(std::string_view input) {
    in_call_ = true;
    receive(input);
    run_due();
    fill();
    in_call_ = false;
}

void Session::resume() {
    if (closing_) return;
    in_call_ = true;
    run_due();
    fill();
    in_call_ = false;
}

void Session::peer_closed() {
    in_call_ = true;
    peer_closed_ = closing_ = true;
    close_streams();
    in_call_ = false;
}

void Session::time_out() {
    in_call_ = true;
    if (phase() == Phase::reading_body) {
        for (mux::Stream *stream = streams_, *next = nullptr; stream != nullptr; stream = next) {
            next = stream->next;
            if (stream->owes_content())
                reset_stream(static_cast<std::int32_t>(stream->id()), NGHTTP2_NO_ERROR);
            else if (stream->waits_for_content())
                stream->content_timed_out();
        }
    } else {
        terminate(NGHTTP2_NO_ERROR);
    }
    fill();
    in_call_ = false;
}

void Session::cancel(CancelReason reason) {
    in_call_ = true;
    for (mux::Stream *stream = streams_, *next = nullptr; stream != nullptr; stream = next) {
        next = stream->next;
        stream->cancel(reason);
    }
    if (reason == CancelReason::shutdown) terminate(NGHTTP2_NO_ERROR);
    if (!closing_) fill();
    in_call_ = false;
}

void Session::drain() {
    if (std::exchange(draining_, true) || closing_) return;
    nghttp2_submit_shutdown_notice(session_);
    nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr);
    changed();
}

void Session::terminate(std::uint32_t error) { nghttp2_session_terminate_session(session_, error); }

// --- output -------------------------------------------------------------------------------------

session::OutputBuffer& Session::out() {
    if (context_.output_owner_ == nullptr) context_.output_owner_ = this;
    return context_.output_owner_ == this ? context_.output_ : kept_;
}

// Writes frames until there are no more, or enough for now.
void Session::fill() {
    if (!kept_.empty()) return; // the client doesn't read
    for (;;) {
        if (context_.output_owner_ == this && context_.output_.size() >= session::output_high_water)
            return;
        const std::uint8_t* frames = nullptr;
        const ssize_t size = nghttp2_session_mem_send(session_, &frames);
        if (size < 0) {
            closing_ = true;
            break;
        }
        if (size > 0) {
            out().append({reinterpret_cast<const char*>(frames), static_cast<std::size_t>(size)});
        } else if (!due_.empty()) {
            run_due();
        } else {
            break;
        }
    }
    if (nghttp2_session_want_read(session_) == 0 && nghttp2_session_want_write(session_) == 0)
        closing_ = true;
    if (closing_) close_streams();
}

Session::Output Session::output() const noexcept {
    Output output;
    if (!kept_.empty())
        output.first = kept_.view().substr(kept_done_);
    else if (context_.output_owner_ == this)
        output.first = context_.output_.view();
    return output;
}

void Session::wrote(std::uint64_t written) {
    if (kept_.empty()) {
        const std::string_view all = context_.output_.view();
        if (written < all.size()) kept_.append(all.substr(static_cast<std::size_t>(written)));
        return wrote_simple();
    }
    kept_done_ += static_cast<std::size_t>(written);
    if (kept_done_ < kept_.size()) return;
    kept_.clear();
    kept_.trim(0); // a connection that waits holds no memory for it
    kept_done_ = 0;
}

void Session::move_output() {
    kept_.append(context_.output_.view());
    wrote_simple();
}

} // namespace armature::http2
