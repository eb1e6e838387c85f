#pragma once

#include "http3/quic_compat.hpp"
#include "http3/support.hpp"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

namespace armature::testing {

/// A QUIC client beside its server, in the same time and without a network between them. It knows
/// nothing of HTTP/3: streams carry whatever bytes a test or a fuzzer wants.
class MemoryClient {
  public:
    explicit MemoryClient(QuietEndpoint& server) : server_(server) {
        check(gnutls_certificate_allocate_credentials(&credentials_));
        check(gnutls_init(&tls_, GNUTLS_CLIENT | GNUTLS_NO_END_OF_EARLY_DATA));
        check(gnutls_priority_set_direct(
            tls_, "%DISABLE_TLS13_COMPAT_MODE:NORMAL:-VERS-ALL:+VERS-TLS1.3", nullptr));
        check(gnutls_credentials_set(tls_, GNUTLS_CRD_CERTIFICATE, credentials_));
        unsigned char name[] = "h3";
        const gnutls_datum_t protocol{name, 2};
        check(gnutls_alpn_set_protocols(tls_, &protocol, 1, 0));
        check(ngtcp2_crypto_gnutls_configure_client_session(tls_));
        reference_.get_conn = [](ngtcp2_crypto_conn_ref* reference) {
            return static_cast<MemoryClient*>(reference->user_data)->quic_;
        };
        reference_.user_data = this;
        gnutls_session_set_ptr(tls_, &reference_);

        ngtcp2_callbacks callbacks{};
        callbacks.client_initial = ngtcp2_crypto_client_initial_cb;
        callbacks.recv_crypto_data = ngtcp2_crypto_recv_crypto_data_cb;
        callbacks.encrypt = ngtcp2_crypto_encrypt_cb;
        callbacks.decrypt = ngtcp2_crypto_decrypt_cb;
        callbacks.hp_mask = ngtcp2_crypto_hp_mask_cb;
        callbacks.recv_retry = ngtcp2_crypto_recv_retry_cb;
        callbacks.update_key = ngtcp2_crypto_update_key_cb;
        callbacks.delete_crypto_aead_ctx = ngtcp2_crypto_delete_crypto_aead_ctx_cb;
        callbacks.delete_crypto_cipher_ctx = ngtcp2_crypto_delete_crypto_cipher_ctx_cb;
        callbacks.get_path_challenge_data = ngtcp2_crypto_get_path_challenge_data_cb;
        callbacks.version_negotiation = ngtcp2_crypto_version_negotiation_cb;
        callbacks.rand = [](std::uint8_t* to, std::size_t size, const ngtcp2_rand_ctx*) {
            gnutls_rnd(GNUTLS_RND_NONCE, to, size);
        };
        callbacks.get_new_connection_id = [](ngtcp2_conn*, ngtcp2_cid* id, std::uint8_t* token,
                                             std::size_t size, void*) {
            id->datalen = size;
            gnutls_rnd(GNUTLS_RND_NONCE, id->data, size);
            gnutls_rnd(GNUTLS_RND_NONCE, token, NGTCP2_STATELESS_RESET_TOKENLEN);
            return 0;
        };
        callbacks.recv_stream_data = [](ngtcp2_conn* conn, std::uint32_t flags, std::int64_t stream,
                                        std::uint64_t, const std::uint8_t* data, std::size_t size,
                                        void* self, void*) {
            Received& of = static_cast<MemoryClient*>(self)->received[stream];
            of.bytes.append(reinterpret_cast<const char*>(data), size);
            of.ended = of.ended || (flags & NGTCP2_STREAM_DATA_FLAG_FIN) != 0;
            ngtcp2_conn_extend_max_stream_offset(conn, stream, size);
            ngtcp2_conn_extend_max_offset(conn, size);
            return 0;
        };
        callbacks.stream_reset = [](ngtcp2_conn*, std::int64_t stream, std::uint64_t,
                                    std::uint64_t code, void* self, void*) {
            static_cast<MemoryClient*>(self)->received[stream].reset = code;
            return 0;
        };
        ngtcp2_settings settings{};
        ngtcp2_settings_default(&settings);
        settings.initial_ts = server_.now();
        ngtcp2_transport_params params{};
        ngtcp2_transport_params_default(&params);
        params.initial_max_stream_data_bidi_local = 1 << 20;
        params.initial_max_stream_data_uni = 1 << 20;
        params.initial_max_data = 1 << 22;
        params.initial_max_streams_uni = 100;
        ngtcp2_cid ours = make_id();
        ngtcp2_cid theirs = make_id();
        ngtcp2_path path{};
        path.local = {&local_.any, local_.size};
        path.remote = {&remote_.any, remote_.size};
        check(ngtcp2_conn_client_new(&quic_, &theirs, &ours, &path, NGTCP2_PROTO_VER_V1, &callbacks,
                                     &settings, &params, ngtcp2_mem_default(), this));
        ngtcp2_conn_set_tls_native_handle(quic_, tls_);
    }
    MemoryClient(const MemoryClient&) = delete;
    MemoryClient& operator=(const MemoryClient&) = delete;
    ~MemoryClient() {
        ngtcp2_conn_del(quic_);
        gnutls_deinit(tls_);
        gnutls_certificate_free_credentials(credentials_);
    }

    struct Received {
        std::string bytes;
        bool ended = false;
        std::uint64_t reset = 0;
    };
    std::map<std::int64_t, Received> received;
    /// The error that ended the connection, or 0.
    int error = 0;
    /// May change a datagram on its way to the server.
    void (*tamper)(std::string& datagram, void* argument) = nullptr;
    void* tamper_argument = nullptr;
    /// How long a datagram is on its way to the server.
    http3::Nanoseconds path_delay = 50'000;

    [[nodiscard]] bool is_connected() const {
        return ngtcp2_conn_get_handshake_completed(quic_) != 0;
    }
    ngtcp2_conn* quic() noexcept { return quic_; }

    /// Sends and receives until neither side has anything more to say soon.
    void settle() {
        while (error == 0) {
            const std::string packet = write(-1, {}, false);
            if (!packet.empty())
                deliver(packet);
            else if (!wait_for_server())
                break;
        }
    }
    /// -1 when the server allows no more.
    std::int64_t open(bool both_ways) {
        std::int64_t stream = -1;
        if (both_ways)
            ngtcp2_conn_open_bidi_stream(quic_, &stream, nullptr);
        else
            ngtcp2_conn_open_uni_stream(quic_, &stream, nullptr);
        return stream;
    }
    /// What flow control doesn't let through is dropped.
    void send(std::int64_t stream, std::string_view bytes, bool end = false) {
        do {
            taken_ = 0;
            const std::string packet = write(stream, bytes, end);
            if (packet.empty()) return;
            bytes.remove_prefix(std::min(taken_, bytes.size()));
            deliver(packet);
        } while (!bytes.empty() && error == 0);
    }

  private:
    static void check(int result) {
        if (result != 0) throw std::runtime_error{"the test's QUIC client can't be made"};
    }
    static ngtcp2_cid make_id() {
        ngtcp2_cid id{};
        id.datalen = 16;
        gnutls_rnd(GNUTLS_RND_NONCE, id.data, id.datalen);
        return id;
    }

    std::string write(std::int64_t stream, std::string_view bytes, bool end) {
        std::string packet(1452, '\0');
        ngtcp2_path_storage path;
        ngtcp2_path_storage_zero(&path);
        ngtcp2_pkt_info info{};
        const ngtcp2_vec part{reinterpret_cast<std::uint8_t*>(const_cast<char*>(bytes.data())),
                              bytes.size()};
        ngtcp2_ssize taken = -1;
        const auto written = ngtcp2_conn_writev_stream(
            quic_, &path.path, &info, reinterpret_cast<std::uint8_t*>(packet.data()), packet.size(),
            &taken, end ? NGTCP2_WRITE_STREAM_FLAG_FIN : NGTCP2_WRITE_STREAM_FLAG_NONE, stream,
            &part, 1, server_.now());
        if (taken > 0) taken_ = static_cast<std::size_t>(taken);
        if (written <= 0) return {};
        packet.resize(static_cast<std::size_t>(written));
        return packet;
    }
    void deliver(std::string packet) {
        if (tamper != nullptr) tamper(packet, tamper_argument);
        server_.advance(path_delay);
        receive(server_.receive(packet));
    }
    void receive(const std::vector<std::string>& packets) {
        ngtcp2_path path{};
        path.local = {&local_.any, local_.size};
        path.remote = {&remote_.any, remote_.size};
        for (const std::string& packet : packets) {
            ngtcp2_pkt_info info{};
            const int result = ngtcp2_conn_read_pkt(
                quic_, &path, &info, reinterpret_cast<const std::uint8_t*>(packet.data()),
                packet.size(), server_.now());
            if (result != 0) error = result;
        }
    }
    // The server paces its packets, so a part of an answer may be due in a moment.
    bool wait_for_server() {
        constexpr http3::Nanoseconds moment = 5'000'000;
        const http3::Nanoseconds due = server_.endpoint().next_expiry();
        if (due > server_.now() + moment) return false;
        if (due > server_.now()) server_.advance(due - server_.now());
        server_.endpoint().expire();
        receive(server_.flush());
        return true;
    }

    QuietEndpoint& server_;
    http3::Address local_ = loopback(4711);
    http3::Address remote_ = loopback(443);
    gnutls_certificate_credentials_t credentials_ = nullptr;
    gnutls_session_t tls_ = nullptr;
    ngtcp2_crypto_conn_ref reference_{};
    ngtcp2_conn* quic_ = nullptr;
    std::size_t taken_ = 0;
};

} // namespace armature::testing
