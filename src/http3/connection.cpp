#include "http3/connection.hpp"

#include "http3/endpoint.hpp"

#include <gnutls/crypto.h>

#include <algorithm>
#include <stdexcept>

namespace armature::http3 {

namespace {

// A client's other unidirectional streams: three are HTTP/3's, some are tried out.
constexpr std::uint64_t unidirectional_streams = 16;
constexpr std::uint64_t unidirectional_window = 64 * 1024;
// How far fast connections' windows may grow.
constexpr std::uint64_t window_growth = 16;
constexpr std::uint64_t active_ids = 7;
// A timer's steps are too long to spread a shorter one's packets. These come in bursts of what was
// acknowledged, which a download needs 5 % less CPU time for and isn't slower by.
constexpr ngtcp2_duration shortest_paced_round_trip = 500 * NGTCP2_MICROSECONDS;

ngtcp2_path to_quic(const Path& path) noexcept {
    ngtcp2_path made{};
    made.local = {const_cast<sockaddr*>(&path.local.any), path.local.size};
    made.remote = {const_cast<sockaddr*>(&path.remote.any), path.remote.size};
    return made;
}

Nanoseconds nanoseconds(Duration duration) noexcept {
    return static_cast<Nanoseconds>(duration.count()) * nanoseconds_per_millisecond;
}

} // namespace

// What ngtcp2 calls.
struct Connection::Callbacks {
    static Connection& of(void* user) noexcept { return *static_cast<Connection*>(user); }

    // A result of nghttp3 as one of ngtcp2.
    static int check(void* user, int result) {
        if (result == 0) return 0;
        of(user).handle_session_error(result);
        return NGTCP2_ERR_CALLBACK_FAILURE;
    }

    static void rand(std::uint8_t* to, std::size_t size, const ngtcp2_rand_ctx*) {
        gnutls_rnd(GNUTLS_RND_NONCE, to, size);
    }
    static int get_new_connection_id(ngtcp2_conn*, ngtcp2_cid* id, std::uint8_t* token, std::size_t,
                                     void* user) {
        Connection& self = of(user);
        *id = self.endpoint_.make_id();
        self.endpoint_.make_reset_token(token, *id);
        self.endpoint_.add_id(*id, self);
        return 0;
    }
    static int remove_connection_id(ngtcp2_conn*, const ngtcp2_cid* id, void* user) {
        of(user).endpoint_.remove_id(*id);
        return 0;
    }
    static int handshake_completed(ngtcp2_conn*, void* user) {
        of(user).after_handshake();
        return 0;
    }
    // From here on we may send, which HTTP/3 begins with its settings.
    static int recv_tx_key(ngtcp2_conn*, quic::EncryptionLevel level, void* user) {
        return level == quic::level_1rtt ? of(user).open_session() : 0;
    }
    static int recv_stream_data(ngtcp2_conn*, std::uint32_t flags, std::int64_t stream,
                                std::uint64_t, const std::uint8_t* data, std::size_t size,
                                void* user, void*) {
        Connection& self = of(user);
        if (!self.session_) return 0;
        return check(user,
                     self.session_->received(stream, {reinterpret_cast<const char*>(data), size},
                                             (flags & NGTCP2_STREAM_DATA_FLAG_FIN) != 0,
                                             (flags & quic::stream_data_early) != 0));
    }
    static int acked_stream_data_offset(ngtcp2_conn*, std::int64_t stream, std::uint64_t,
                                        std::uint64_t size, void* user, void*) {
        Connection& self = of(user);
        return self.session_ ? check(user, self.session_->acked(stream, size)) : 0;
    }
    static int stream_close(ngtcp2_conn* quic, std::uint32_t flags, std::int64_t stream,
                            std::uint64_t code, void* user, void*) {
        Connection& self = of(user);
        if (!ngtcp2_is_bidi_stream(stream) && !ngtcp2_conn_is_local_stream(quic, stream))
            ngtcp2_conn_extend_max_streams_uni(quic, 1);
        if (!self.session_) return 0;
        if ((flags & NGTCP2_STREAM_CLOSE_FLAG_APP_ERROR_CODE_SET) == 0) code = NGHTTP3_H3_NO_ERROR;
        return check(user, self.session_->closed(stream, code));
    }
    static int stream_reset(ngtcp2_conn*, std::int64_t stream, std::uint64_t, std::uint64_t,
                            void* user, void*) {
        Connection& self = of(user);
        return self.session_ ? check(user, self.session_->reset_by_peer(stream)) : 0;
    }
    static int stream_stop_sending(ngtcp2_conn*, std::int64_t stream, std::uint64_t, void* user,
                                   void*) {
        Connection& self = of(user);
        return self.session_ ? check(user, self.session_->stopped_reading(stream)) : 0;
    }
    static int extend_max_stream_data(ngtcp2_conn*, std::int64_t stream, std::uint64_t, void* user,
                                      void*) {
        Connection& self = of(user);
        if (self.session_) self.session_->window_opened(stream);
        return 0;
    }

    static ngtcp2_conn* conn(ngtcp2_crypto_conn_ref* reference) {
        return of(reference->user_data).quic_;
    }

    static ngtcp2_callbacks table() noexcept {
        ngtcp2_callbacks callbacks{};
        callbacks.recv_client_initial = ngtcp2_crypto_recv_client_initial_cb;
        callbacks.recv_crypto_data = ngtcp2_crypto_recv_crypto_data_cb;
        callbacks.encrypt = ngtcp2_crypto_encrypt_cb;
        callbacks.decrypt = ngtcp2_crypto_decrypt_cb;
        callbacks.hp_mask = ngtcp2_crypto_hp_mask_cb;
        callbacks.update_key = ngtcp2_crypto_update_key_cb;
        callbacks.delete_crypto_aead_ctx = ngtcp2_crypto_delete_crypto_aead_ctx_cb;
        callbacks.delete_crypto_cipher_ctx = ngtcp2_crypto_delete_crypto_cipher_ctx_cb;
        callbacks.get_path_challenge_data = ngtcp2_crypto_get_path_challenge_data_cb;
        callbacks.version_negotiation = ngtcp2_crypto_version_negotiation_cb;
        callbacks.rand = &rand;
        callbacks.get_new_connection_id = &get_new_connection_id;
        callbacks.remove_connection_id = &remove_connection_id;
        callbacks.handshake_completed = &handshake_completed;
        callbacks.recv_tx_key = &recv_tx_key;
        callbacks.recv_stream_data = &recv_stream_data;
        callbacks.acked_stream_data_offset = &acked_stream_data_offset;
        callbacks.stream_close = &stream_close;
        callbacks.stream_reset = &stream_reset;
        callbacks.stream_stop_sending = &stream_stop_sending;
        callbacks.extend_max_stream_data = &extend_max_stream_data;
        return callbacks;
    }
};

Connection::Connection(Endpoint& endpoint, const Opening& opening, Nanoseconds now)
    : endpoint_(endpoint), credentials_(endpoint.credentials_.get()) {
    const Limits& limits = endpoint.options_.limits;
    const ngtcp2_cid id = endpoint.make_id();
    static const ngtcp2_callbacks callbacks = Callbacks::table();

    ngtcp2_settings settings{};
    ngtcp2_settings_default(&settings);
    settings.initial_ts = now;
    settings.cc_algo = NGTCP2_CC_ALGO_CUBIC;
    settings.handshake_timeout = nanoseconds(limits.handshake_timeout);
    settings.max_stream_window = limits.stream_window * window_growth;
    settings.max_window = limits.connection_window * window_growth;
    if (opening.validated) quic::set_token(settings, quic::token_of(opening.head));

    ngtcp2_transport_params params{};
    ngtcp2_transport_params_default(&params);
    quic::set_original_id(params, opening.original_id.value_or(opening.head.dcid));
    if (opening.original_id) {
        params.retry_scid = opening.head.dcid;
        params.retry_scid_present = 1;
    }
    params.initial_max_stream_data_bidi_remote = limits.stream_window;
    params.initial_max_stream_data_uni = unidirectional_window;
    params.initial_max_data = limits.connection_window;
    params.initial_max_streams_bidi = limits.concurrent_streams;
    params.initial_max_streams_uni = unidirectional_streams;
    params.max_idle_timeout = nanoseconds(limits.idle_timeout);
    params.active_connection_id_limit = active_ids;
    params.grease_quic_bit = 1;
    params.stateless_reset_token_present = 1;
    endpoint.make_reset_token(params.stateless_reset_token, id);

    const ngtcp2_path path = to_quic(opening.path);
    if (ngtcp2_conn_server_new(&quic_, &opening.head.scid, &id, &path, opening.head.version,
                               &callbacks, &settings, &params, &endpoint.sessions_.quic_memory,
                               this) != 0)
        throw std::runtime_error{"no QUIC connection"};
    try {
        tls_ = credentials_->make_session();
    } catch (...) {
        ngtcp2_conn_del(quic_);
        throw;
    }
    reference_.get_conn = &Callbacks::conn;
    reference_.user_data = this;
    gnutls_session_set_ptr(tls_, &reference_);
    ngtcp2_conn_set_tls_native_handle(quic_, tls_);
    endpoint_.add_id(id, *this);
    endpoint_.add_id(opening.head.dcid, *this);
}

Connection::~Connection() {
    session_.reset();
    ngtcp2_conn_del(quic_);
    gnutls_deinit(tls_);
}

void Connection::after_handshake() {
    if (std::exchange(handshaking_, false)) endpoint_.handshake_ended();
    gnutls_session_ticket_send(tls_, 1, 0);
    // Saves the client the proof of its address next time.
    const auto& key = endpoint_.secrets_.token;
    const ngtcp2_path* path = ngtcp2_conn_get_path(quic_);
    std::uint8_t token[NGTCP2_CRYPTO_MAX_REGULAR_TOKENLEN];
    const auto size = ngtcp2_crypto_generate_regular_token(
        token, key.data(), key.size(), path->remote.addr, path->remote.addrlen, wall_now());
    if (size > 0) ngtcp2_conn_submit_new_token(quic_, token, static_cast<std::size_t>(size));
    if (session_) session_->handshake_completed();
}

int Connection::open_session() {
    if (session_) return 0;
    session_.reset(new Session{endpoint_.sessions_, quic_, *this});
    if (!session_->start()) {
        session_error_ = NGHTTP3_H3_GENERAL_PROTOCOL_ERROR;
        return NGTCP2_ERR_CALLBACK_FAILURE;
    }
    if (draining_) session_->drain();
    return 0;
}

// --- packets ------------------------------------------------------------------------------------

void Connection::receive(const Path& path, std::string_view datagram, Nanoseconds now) {
    if (state_ == State::closing) {
        // Less and less often, so that two broken peers don't talk for ever (RFC 9000 §10.2.1).
        const std::uint32_t count = ++close_received_;
        if ((count & (count - 1)) == 0 && !close_packet_.empty())
            static_cast<void>(endpoint_.sink_.send(path, close_packet_, close_packet_.size()));
        return;
    }
    if (state_ != State::open) return;
    const ngtcp2_path on = to_quic(path);
    ngtcp2_pkt_info info{};
    info.ecn = path.ecn;
    const int result = ngtcp2_conn_read_pkt(quic_, &on, &info,
                                            reinterpret_cast<const std::uint8_t*>(datagram.data()),
                                            datagram.size(), now);
    if (result != 0) return handle_error(result);
    endpoint_.mark(*this);
}

void Connection::send(Nanoseconds now) {
    if (session_) session_->run();
    if (state_ != State::open) return;
    if (session_error_ != 0) {
        quic::CloseError error;
        quic::set_default(error);
        quic::set_application_error(error, session_error_);
        // What is ready goes first: the last responses, or that no more will come.
        if (session_error_ == NGHTTP3_H3_NO_ERROR) write_packets(now);
        return close(error);
    }
    write_packets(now);
    if (state_ == State::open) update_timer();
}

void Connection::write_packets(Nanoseconds now) {
    SendBatch& batch = endpoint_.batch_;
    const std::size_t largest = ngtcp2_conn_get_max_tx_udp_payload_size(quic_);
    const std::size_t path_limit = ngtcp2_conn_get_path_max_tx_udp_payload_size(quic_);
    const std::size_t burst = std::clamp<std::size_t>(ngtcp2_conn_get_send_quantum(quic_) / largest,
                                                      1, SendBatch::most(largest));
    ngtcp2_path_storage path;
    ngtcp2_path_storage_zero(&path);
    ngtcp2_pkt_info info{};
    Session::Output output;
    std::size_t packets = 0;
    while (packets < burst && !batch.is_blocked()) {
        output.stream = -1;
        output.end = false;
        output.count = 0;
        if (session_ && ngtcp2_conn_get_max_data_left(quic_) > 0) {
            if (const int result = session_->next_output(output); result != 0) {
                batch.flush();
                return handle_session_error(result);
            }
        }
        std::uint32_t flags = NGTCP2_WRITE_STREAM_FLAG_MORE;
        if (output.end) flags |= NGTCP2_WRITE_STREAM_FLAG_FIN;
        ngtcp2_ssize taken = -1;
        const auto written = ngtcp2_conn_writev_stream(
            quic_, &path.path, &info, batch.room(), largest, &taken, flags, output.stream,
            reinterpret_cast<const ngtcp2_vec*>(output.parts), output.count, now);
        int result = 0;
        if (taken >= 0) result = session_->took(output, static_cast<std::size_t>(taken));
        if (result != 0) {
            batch.flush();
            return handle_session_error(result);
        }
        if (written > 0) {
            batch.add(path.path, static_cast<std::uint8_t>(info.ecn),
                      static_cast<std::size_t>(written), path_limit);
            ++packets;
        } else if (written == 0) {
            break; // nothing to send, or not now
        } else if (written == NGTCP2_ERR_STREAM_DATA_BLOCKED) {
            session_->blocked(output.stream);
        } else if (written == NGTCP2_ERR_STREAM_SHUT_WR || written == NGTCP2_ERR_STREAM_NOT_FOUND) {
            session_->write_closed(output.stream);
        } else if (written != NGTCP2_ERR_WRITE_MORE) {
            batch.flush();
            return handle_error(static_cast<int>(written));
        }
    }
    batch.flush();
    // Before anything is known of the path, pacing would take the first flight for a third of a
    // second's worth; the initial window may go at once (RFC 9002 §7.7).
    if (!handshaking_ && quic::shortest_round_trip(quic_) >= shortest_paced_round_trip)
        ngtcp2_conn_update_pkt_tx_time(quic_, now);
    // The rest in the next turn: others have theirs in between.
    if (packets == burst || (session_ && session_->has_work())) endpoint_.mark(*this);
}

void Connection::update_timer() {
    const ngtcp2_tstamp expiry = ngtcp2_conn_get_expiry(quic_);
    const auto at = static_cast<std::int64_t>(
        std::min<ngtcp2_tstamp>(expiry, std::numeric_limits<std::int64_t>::max()));
    if (!armed() || deadline() != at) endpoint_.timers_.arm(*this, at);
}

void Connection::expired() {
    if (state_ != State::open) return die();
    const int result = ngtcp2_conn_handle_expiry(quic_, endpoint_.host_.now());
    if (result != 0) return handle_error(result);
    endpoint_.mark(*this);
}

} // namespace armature::http3
