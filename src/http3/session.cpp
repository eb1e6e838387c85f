#include "http3/session.hpp"

#include "http3/address.hpp"

#include <algorithm>
#include <utility>

namespace armature::http3 {

namespace {

constexpr std::size_t kept_transfers = 256;
// A head that is that many times too large isn't read to its end, only to be refused then.
constexpr std::size_t hopeless_head = 4;

std::string_view text_of(nghttp3_rcbuf* buffer) noexcept {
    const nghttp3_vec bytes = nghttp3_rcbuf_get_buf(buffer);
    return {reinterpret_cast<const char*>(bytes.base), bytes.len};
}

} // namespace

// What nghttp3 calls. None of these runs application code: that waits for `run`.
struct Session::Callbacks {
    static Session& session(void* user) noexcept { return *static_cast<Session*>(user); }
    static Transfer* transfer(void* user) noexcept { return static_cast<Transfer*>(user); }

    static int begin_headers(nghttp3_conn* http, std::int64_t id, void* user, void*) {
        Session& self = session(user);
        Transfer& opened = self.open_transfer(id);
        nghttp3_conn_set_stream_user_data(http, id, &opened);
        return 0;
    }
    static int recv_header(nghttp3_conn*, std::int64_t, std::int32_t, nghttp3_rcbuf* name,
                           nghttp3_rcbuf* value, std::uint8_t, void* user, void* stream) {
        Transfer* of = transfer(stream);
        mux::RequestHeadBuilder& head = of->stream->head();
        head.add(text_of(name), text_of(value));
        Session& self = session(user);
        if (head.bytes() <= hopeless_head * self.context_.limits.head.head_bytes) return 0;
        self.host_.session_failed(NGHTTP3_H3_EXCESSIVE_LOAD);
        return NGHTTP3_ERR_CALLBACK_FAILURE;
    }
    static int end_headers(nghttp3_conn*, std::int64_t, int, void* user, void* stream) {
        Session& self = session(user);
        Transfer& of = *transfer(stream);
        of.head_complete = true;
        --self.heads_open_;
        if (of.stream->head().is_malformed()) {
            self.fail(of, NGHTTP3_H3_MESSAGE_ERROR);
            return 0;
        }
        of.stream->head_complete();
        // What was sent before the handshake was complete may be an attacker's copy.
        if (of.early && !is_safe(of.stream->request.method()))
            self.held_.push_back(&of);
        else
            self.make_due(*of.stream);
        return 0;
    }
    static int recv_data(nghttp3_conn*, std::int64_t, const std::uint8_t* data, std::size_t size,
                         void* user, void* stream) {
        Transfer& of = *transfer(stream);
        of.received += size;
        of.stream->receive({reinterpret_cast<const char*>(data), size});
        session(user).make_due(*of.stream);
        return 0;
    }
    static int deferred_consume(nghttp3_conn*, std::int64_t id, std::size_t size, void* user,
                                void*) {
        ngtcp2_conn* quic = session(user).quic_;
        ngtcp2_conn_extend_max_stream_offset(quic, id, size);
        ngtcp2_conn_extend_max_offset(quic, size);
        return 0;
    }
    static int recv_trailer(nghttp3_conn*, std::int64_t, std::int32_t, nghttp3_rcbuf* name,
                            nghttp3_rcbuf* value, std::uint8_t, void* user, void* stream) {
        Transfer& of = *transfer(stream);
        const auto& limits = session(user).context_.limits.head;
        // More than a head may hold is dropped: nobody has to look at trailers.
        if (of.trailers.size() < limits.field_count &&
            of.trailers.text_bound() + text_of(name).size() + text_of(value).size() <=
                limits.head_bytes)
            static_cast<void>(of.trailers.try_append(text_of(name), text_of(value)));
        return 0;
    }
    static int end_stream(nghttp3_conn*, std::int64_t, void* user, void* stream) {
        Transfer& of = *transfer(stream);
        of.stream->set_trailers(std::move(of.trailers));
        of.stream->receive_end();
        if (of.failed) return 0;
        if (of.stream->content_fits())
            session(user).make_due(*of.stream);
        else
            session(user).fail(of, NGHTTP3_H3_MESSAGE_ERROR);
        return 0;
    }
    static int stop_sending(nghttp3_conn*, std::int64_t id, std::uint64_t code, void* user, void*) {
        quic::shutdown_stream_read(session(user).quic_, id, code);
        return 0;
    }
    static int reset_stream(nghttp3_conn*, std::int64_t id, std::uint64_t code, void* user, void*) {
        quic::shutdown_stream_write(session(user).quic_, id, code);
        return 0;
    }
    static int stream_close(nghttp3_conn*, std::int64_t id, std::uint64_t, void* user,
                            void* stream) {
        if (stream != nullptr)
            session(user).end_later(*transfer(stream));
        else if (ngtcp2_is_bidi_stream(id))
            ngtcp2_conn_extend_max_streams_bidi(session(user).quic_, 1);
        return 0;
    }
    static int acked_stream_data(nghttp3_conn*, std::int64_t, std::uint64_t size, void* user,
                                 void* stream) {
        if (stream != nullptr) session(user).acked_content(*transfer(stream), size);
        return 0;
    }
};

Session::Session(SessionContext& context, ngtcp2_conn* quic, Host& host)
    : context_(context), quic_(quic), host_(host), idle_since_(context.streams.loop.now()) {}

Session::~Session() {
    for (Transfer* transfer : std::exchange(transfers_, {})) {
        context_.streams.give_back(*transfer->stream);
        delete transfer;
    }
    if (http_ != nullptr) nghttp3_conn_del(http_);
}

bool Session::start() {
    nghttp3_callbacks callbacks{};
    callbacks.acked_stream_data = &Callbacks::acked_stream_data;
    callbacks.stream_close = &Callbacks::stream_close;
    callbacks.recv_data = &Callbacks::recv_data;
    callbacks.deferred_consume = &Callbacks::deferred_consume;
    callbacks.begin_headers = &Callbacks::begin_headers;
    callbacks.recv_header = &Callbacks::recv_header;
    callbacks.end_headers = &Callbacks::end_headers;
    callbacks.recv_trailer = &Callbacks::recv_trailer;
    callbacks.stop_sending = &Callbacks::stop_sending;
    callbacks.end_stream = &Callbacks::end_stream;
    callbacks.reset_stream = &Callbacks::reset_stream;
    nghttp3_settings settings{};
    nghttp3_settings_default(&settings);
    settings.max_field_section_size = context_.limits.head.head_bytes;
    settings.qpack_max_dtable_capacity = context_.limits.qpack_table_bytes;
    settings.qpack_blocked_streams = 0; // no request waits in memory for another one's head
    settings.enable_connect_protocol = 1;
    if (nghttp3_conn_server_new(&http_, &callbacks, &settings, &context_.http_memory, this) != 0)
        return false;
    nghttp3_conn_set_max_client_streams_bidi(http_, context_.limits.concurrent_streams);
    std::int64_t control = 0;
    std::int64_t encoder = 0;
    std::int64_t decoder = 0;
    if (ngtcp2_conn_open_uni_stream(quic_, &control, nullptr) != 0 ||
        ngtcp2_conn_open_uni_stream(quic_, &encoder, nullptr) != 0 ||
        ngtcp2_conn_open_uni_stream(quic_, &decoder, nullptr) != 0 ||
        nghttp3_conn_bind_control_stream(http_, control) != 0 ||
        nghttp3_conn_bind_qpack_streams(http_, encoder, decoder) != 0)
        return false;
    watch(context_.limits.idle_timeout);
    return true;
}

// --- what happens on the connection -------------------------------------------------------------

int Session::received(std::int64_t stream, std::string_view bytes, bool end, bool early) {
    early_now_ = early;
    const auto used =
        nghttp3_conn_read_stream(http_, stream, reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                 bytes.size(), end ? 1 : 0);
    if (used == NGHTTP3_ERR_MALFORMED_HTTP_MESSAGING) { // less content than promised, or more
        for (Transfer* transfer : transfers_)
            if (transfer->id == stream) fail(*transfer, NGHTTP3_H3_MESSAGE_ERROR);
        return 0;
    }
    if (used < 0) return static_cast<int>(used);
    // The frames' heads; the content counts when it is taken.
    ngtcp2_conn_extend_max_stream_offset(quic_, stream, static_cast<std::uint64_t>(used));
    ngtcp2_conn_extend_max_offset(quic_, static_cast<std::uint64_t>(used));
    return 0;
}

int Session::acked(std::int64_t stream, std::uint64_t bytes) {
    // nghttp3 before 1.9 takes an end without content for acknowledged, and never sends it, once
    // all content before it is.
    if (lone_ends_ > 0) {
        for (Transfer* transfer : transfers_) {
            if (transfer->id != stream || !transfer->lone_end) continue;
            transfer->arrived += bytes;
            return 0;
        }
    }
    return nghttp3_conn_add_ack_offset(http_, stream, bytes);
}

int Session::reset_by_peer(std::int64_t stream) {
    for (Transfer* transfer : transfers_) {
        if (transfer->id != stream || transfer->closed || transfer->stopped) continue;
        count_cancelled();
        fail(*transfer, NGHTTP3_H3_REQUEST_CANCELLED);
    }
    return nghttp3_conn_shutdown_stream_read(http_, stream);
}

int Session::stopped_reading(std::int64_t stream) {
    return nghttp3_conn_shutdown_stream_read(http_, stream);
}

int Session::closed(std::int64_t stream, std::uint64_t code) {
    if (code == NGHTTP3_H3_NO_ERROR && cancelled_ > 0) --cancelled_;
    const int result = nghttp3_conn_close_stream(http_, stream, code);
    if (result != NGHTTP3_ERR_STREAM_NOT_FOUND) return result;
    if (ngtcp2_is_bidi_stream(stream)) ngtcp2_conn_extend_max_streams_bidi(quic_, 1);
    return 0;
}

void Session::window_opened(std::int64_t stream) {
    nghttp3_conn_unblock_stream(http_, stream);
    host_.session_changed();
}

void Session::handshake_completed() {
    handshake_done_ = true;
    for (Transfer* transfer : std::exchange(held_, {}))
        if (!transfer->closed) make_due(*transfer->stream);
}

Transfer& Session::open_transfer(std::int64_t id) {
    auto& kept = context_.free_transfers;
    Transfer* transfer = kept.empty() ? new Transfer : kept.back().release();
    if (!kept.empty()) kept.pop_back();
    transfer->stream = &context_.streams.take();
    transfer->stream->carrier_data = transfer;
    transfer->id = id;
    transfer->opened_at = context_.streams.loop.now();
    transfer->early = early_now_ && !handshake_done_;
    transfer->position = transfers_.size();
    transfers_.push_back(transfer);
    ++heads_open_;
    const ngtcp2_addr& remote = ngtcp2_conn_get_path(quic_)->remote;
    const Address peer{remote.addr, static_cast<socklen_t>(remote.addrlen)};
    transfer->stream->open(*this, id, peer.peer());
    if (++requests_ == context_.limits.requests_per_connection) refuse_requests();
    return *transfer;
}

// --- what the connection does with it -----------------------------------------------------------

void Session::make_due(mux::Stream& stream) {
    host_.session_changed();
    if (std::exchange(stream.is_due, true)) return;
    due_.push_back(&stream);
}

void Session::run() {
    // What becomes due meanwhile waits for the next run, so that others have their turn.
    running_.swap(due_);
    for (std::size_t i = 0; i < running_.size(); ++i) {
        mux::Stream* stream = running_[i];
        if (stream == nullptr) continue; // it went meanwhile
        stream->is_due = false;
        if (transfer_of(*stream).closed) continue;
        if (stream->needs_two_runs()) make_due(*stream);
        stream->run();
    }
    running_.clear();
    while (!failed_.empty()) {
        Transfer* transfer = failed_.back();
        failed_.pop_back();
        quic::shutdown_stream_read(quic_, transfer->id,
                                   transfer->failed ? transfer->code : NGHTTP3_H3_NO_ERROR);
        if (!transfer->failed) continue;
        quic::shutdown_stream_write(quic_, transfer->id, transfer->code);
        if (!transfer->closed) transfer->stream->cancel(CancelReason::client_gone);
    }
    for (Transfer* transfer : std::exchange(ended_, {}))
        transfer->stream->close(CancelReason::client_gone);
    if (!transfers_.empty())
        watch(heads_open_ > 0 ? context_.limits.header_timeout : context_.limits.transfer_grace);
    else if (refusing_)
        close_if_unused();
}

// Closed by `run`: a handler that is told so may do anything, and we are inside of a callback.
void Session::end_later(Transfer& transfer) {
    if (transfer.closed) return;
    transfer.closed = true;
    if (!transfer.head_complete) --heads_open_;
    ended_.push_back(&transfer);
    host_.session_changed();
}

// The same for a stream that is reset, or not read any more. Half-made packets forbid to do it at
// once, too.
void Session::fail(Transfer& transfer, std::uint64_t code) {
    if (std::exchange(transfer.failed, true)) return;
    transfer.code = code;
    failed_.push_back(&transfer);
    host_.session_changed();
}

void Session::stop_upload(Transfer& transfer) {
    if (transfer.failed || std::exchange(transfer.stopped, true)) return;
    failed_.push_back(&transfer);
    host_.session_changed();
}

void Session::finished(mux::Stream& stream) {
    Transfer& transfer = transfer_of(stream);
    if (stream.is_due)
        for (auto* list : {&due_, &running_})
            std::replace(list->begin(), list->end(), &stream, static_cast<mux::Stream*>(nullptr));
    std::erase(failed_, &transfer);
    std::erase(held_, &transfer);
    std::erase(trailers_due_, &transfer);
    transfers_[transfer.position] = transfers_.back();
    transfers_[transfer.position]->position = transfer.position;
    transfers_.pop_back();
    if (transfer.unread) --unread_;
    if (transfer.lone_end) --lone_ends_;
    auto& kept = context_.free_transfers;
    if (kept.size() < kept_transfers) {
        transfer = Transfer{};
        kept.emplace_back(&transfer);
    } else {
        delete &transfer;
    }
    context_.streams.give_back(stream);
    // Only now: what a client cancels costs it the stream until we are done with it.
    ngtcp2_conn_extend_max_streams_bidi(quic_, 1);
    idle_since_ = context_.streams.loop.now();
    host_.session_changed();
}

void Session::count_cancelled() {
    if (++cancelled_ > context_.limits.cancelled_requests)
        host_.session_failed(NGHTTP3_H3_EXCESSIVE_LOAD);
}

} // namespace armature::http3
