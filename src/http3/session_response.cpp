#include "http3/session.hpp"
#include "mux/status_text.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace armature::http3 {

namespace {

// Content from a file or a stream is copied in parts of this size, and kept until it arrived.
constexpr std::size_t piece_bytes = 64 * 1024;
// Content that a client may send though nobody takes it.
constexpr std::uint64_t unread_bytes = 8 * 1024 * 1024;

std::uint8_t* bytes_of(std::string_view text) noexcept {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
}

// `kept`: the text lives until the stream is closed.
nghttp3_nv field(std::string_view name, std::string_view value, bool kept) noexcept {
    nghttp3_nv made{};
    made.name = bytes_of(name);
    made.namelen = name.size();
    made.value = bytes_of(value);
    made.valuelen = value.size();
    made.flags =
        kept ? NGHTTP3_NV_FLAG_NO_COPY_NAME | NGHTTP3_NV_FLAG_NO_COPY_VALUE : NGHTTP3_NV_FLAG_NONE;
    return made;
}

} // namespace

void Session::send_response(mux::Stream& stream) {
    Transfer& transfer = transfer_of(stream);
    if (!std::exchange(transfer.unread, !stream.received_all()) && transfer.unread) ++unread_;
    if (transfer.failed || transfer.closed) return;
    fields_.clear();
    fields_.push_back(field(":status", mux::status_text(stream.response.status()), true));
    for (const Headers::Entry& entry : context_.streams.common_fields)
        fields_.push_back(field(entry.name(), entry.value(), false));
    for (const Headers::Entry& entry : stream.response.headers())
        fields_.push_back(field(entry.name(), entry.value(), true));
    if (const auto& length = stream.content_length()) {
        char digits[20];
        const auto end = std::to_chars(digits, digits + sizeof digits, *length).ptr;
        const std::string_view text{digits, static_cast<std::size_t>(end - digits)};
        fields_.push_back(field("content-length", stream.request.arena().copy(text), true));
    }
    static constexpr nghttp3_data_reader content{&Session::read_data};
    if (nghttp3_conn_submit_response(http_, transfer.id, fields_.data(), fields_.size(),
                                     stream.has_content() ? &content : nullptr) != 0)
        return fail(transfer, NGHTTP3_H3_INTERNAL_ERROR);
    host_.session_changed();
}

void Session::send_continue(mux::Stream& stream) {
    Transfer& transfer = transfer_of(stream);
    if (transfer.failed || transfer.closed) return;
    const nghttp3_nv status = field(":status", mux::status_text(Status::continue_), true);
    nghttp3_conn_submit_info(http_, transfer.id, &status, 1);
    host_.session_changed();
}

void Session::content_ready(mux::Stream& stream) {
    Transfer& transfer = transfer_of(stream);
    if (transfer.failed || transfer.closed) return;
    nghttp3_conn_resume_stream(http_, transfer.id);
    host_.session_changed();
}

void Session::consumed(mux::Stream& stream, std::size_t bytes) {
    if (transfer_of(stream).closed) return;
    ngtcp2_conn_extend_max_stream_offset(quic_, stream.id(), bytes);
    ngtcp2_conn_extend_max_offset(quic_, bytes);
    host_.session_changed();
}

// Some clients look at a response only when their request is out, so they may go on with it for a
// while; not when there is much of it.
void Session::dropped(mux::Stream& stream, std::size_t bytes) {
    ngtcp2_conn_extend_max_offset(quic_, bytes);
    host_.session_changed();
    Transfer& transfer = transfer_of(stream);
    if (transfer.closed) return;
    transfer.dropped += bytes;
    if (transfer.dropped <= unread_bytes)
        ngtcp2_conn_extend_max_stream_offset(quic_, transfer.id, bytes);
    else if (stream.owes_content())
        stop_upload(transfer);
}

void Session::fail(mux::Stream& stream) { fail(transfer_of(stream), NGHTTP3_H3_INTERNAL_ERROR); }

// --- content ------------------------------------------------------------------------------------

nghttp3_ssize Session::read_data(nghttp3_conn*, std::int64_t, nghttp3_vec* parts, std::size_t,
                                 std::uint32_t* flags, void* session, void* transfer) {
    return static_cast<Session*>(session)->read_content(*static_cast<Transfer*>(transfer), *parts,
                                                        *flags);
}

nghttp3_ssize Session::read_content(Transfer& transfer, nghttp3_vec& part, std::uint32_t& flags) {
    mux::Stream& stream = *transfer.stream;
    nghttp3_ssize count = 0;
    if (const std::string_view text = stream.content_in_memory(); !text.empty()) {
        part = {bytes_of(text), text.size()};
        count = 1;
        stream.skip_content(text.size());
        transfer.given += text.size();
    } else if (const std::uint64_t available = stream.content_available(); available > 0) {
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(available, piece_bytes));
        // Not make_unique, which would clear it.
        std::unique_ptr<char[]> bytes{new char[size]};
        if (!stream.take_content(bytes.get(), size)) {
            fail(transfer, NGHTTP3_H3_INTERNAL_ERROR);
            return NGHTTP3_ERR_WOULDBLOCK;
        }
        part = {reinterpret_cast<std::uint8_t*>(bytes.get()), size};
        count = 1;
        transfer.pieces.push_back({std::move(bytes), size});
        transfer.given += size;
        if (stream.can_produce()) make_due(stream);
    } else if (!stream.content_ends()) {
        return NGHTTP3_ERR_WOULDBLOCK;
    }
    if (stream.content_ends() && stream.content_available() == 0) {
        flags |= NGHTTP3_DATA_FLAG_EOF;
        if (stream.response_trailers() != nullptr) {
            flags |= NGHTTP3_DATA_FLAG_NO_END_STREAM;
            trailers_due_.push_back(&transfer);
        } else if (count == 0 && !std::exchange(transfer.lone_end, true)) {
            ++lone_ends_;
        }
    }
    return count;
}

void Session::acked_content(Transfer& transfer, std::uint64_t bytes) noexcept {
    transfer.acked += bytes;
    while (!transfer.pieces.empty() &&
           transfer.released + transfer.pieces.front().size <= transfer.acked) {
        transfer.released += transfer.pieces.front().size;
        transfer.pieces.pop_front();
    }
}

void Session::submit_trailers(Transfer& transfer) {
    fields_.clear();
    for (const Headers::Entry& entry : *transfer.stream->response_trailers())
        fields_.push_back(field(entry.name(), entry.value(), true));
    if (nghttp3_conn_submit_trailers(http_, transfer.id, fields_.data(), fields_.size()) != 0)
        fail(transfer, NGHTTP3_H3_INTERNAL_ERROR);
}

// --- output -------------------------------------------------------------------------------------

int Session::next_output(Output& output) {
    for (;;) {
        int end = 0;
        output.stream = -1;
        const auto count = nghttp3_conn_writev_stream(http_, &output.stream, &end, output.parts,
                                                      std::size(output.parts));
        if (count < 0) return static_cast<int>(count);
        output.end = end != 0;
        output.count = static_cast<std::size_t>(count);
        if (output.stream != -1 || trailers_due_.empty()) return 0;
        for (Transfer* transfer : std::exchange(trailers_due_, {}))
            submit_trailers(*transfer);
    }
}

int Session::took(const Output& output, std::size_t bytes) {
    const int result = nghttp3_conn_add_write_offset(http_, output.stream, bytes);
    if (result != 0 || !output.end) return result;
    if (unread_ + lone_ends_ == 0 || bytes < nghttp3_vec_len(output.parts, output.count)) return 0;
    for (Transfer* transfer : transfers_)
        if (transfer->id == output.stream && !transfer->closed) return end_is_out(*transfer);
    return 0;
}

int Session::end_is_out(Transfer& transfer) {
    if (transfer.unread) {
        // What is left of the request is of no use now (RFC 9114 §4.1), but see `dropped`.
        transfer.stream->response_is_out();
        make_due(*transfer.stream);
        if (transfer.stream->owes_content() &&
            (transfer.stream->is_tunnel() || transfer.dropped > unread_bytes))
            stop_upload(transfer);
    }
    if (!std::exchange(transfer.lone_end, false)) return 0;
    --lone_ends_;
    const std::uint64_t arrived = std::exchange(transfer.arrived, 0);
    return arrived > 0 ? acked(transfer.id, arrived) : 0;
}

void Session::blocked(std::int64_t stream) noexcept { nghttp3_conn_block_stream(http_, stream); }

void Session::write_closed(std::int64_t stream) {
    nghttp3_conn_shutdown_stream_write(http_, stream);
    for (Transfer* transfer : transfers_) {
        if (transfer->id != stream || transfer->closed || transfer->failed) continue;
        count_cancelled();
        fail(*transfer, NGHTTP3_H3_REQUEST_CANCELLED);
    }
}

} // namespace armature::http3
