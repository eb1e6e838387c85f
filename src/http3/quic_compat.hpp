#pragma once

#include <nghttp3/nghttp3.h>
#include <ngtcp2/ngtcp2.h>
#include <ngtcp2/ngtcp2_crypto.h>
#include <ngtcp2/ngtcp2_crypto_gnutls.h>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

// The packaged libraries are those before their first stable version: ngtcp2 0.12, nghttp3 0.8.
// Where the names of 1.x differ, the rest of this folder uses the ones below.

namespace armature::http3::quic {

#if NGTCP2_VERSION_NUM >= 0x010000
using CloseError = ngtcp2_ccerr;
using EncryptionLevel = ngtcp2_encryption_level;
inline constexpr EncryptionLevel level_1rtt = NGTCP2_ENCRYPTION_LEVEL_1RTT;
inline constexpr std::uint32_t stream_data_early = NGTCP2_STREAM_DATA_FLAG_0RTT;
#else
using CloseError = ngtcp2_connection_close_error;
using EncryptionLevel = ngtcp2_crypto_level;
inline constexpr EncryptionLevel level_1rtt = NGTCP2_CRYPTO_LEVEL_APPLICATION;
inline constexpr std::uint32_t stream_data_early = NGTCP2_STREAM_DATA_FLAG_EARLY;
#endif

inline void set_default(CloseError& error) noexcept {
#if NGTCP2_VERSION_NUM >= 0x010000
    ngtcp2_ccerr_default(&error);
#else
    ngtcp2_connection_close_error_default(&error);
#endif
}
inline void set_library_error(CloseError& error, int code) noexcept {
#if NGTCP2_VERSION_NUM >= 0x010000
    ngtcp2_ccerr_set_liberr(&error, code, nullptr, 0);
#else
    ngtcp2_connection_close_error_set_transport_error_liberr(&error, code, nullptr, 0);
#endif
}
inline void set_tls_alert(CloseError& error, std::uint8_t alert) noexcept {
#if NGTCP2_VERSION_NUM >= 0x010000
    ngtcp2_ccerr_set_tls_alert(&error, alert, nullptr, 0);
#else
    ngtcp2_connection_close_error_set_transport_error_tls_alert(&error, alert, nullptr, 0);
#endif
}
inline void set_application_error(CloseError& error, std::uint64_t code) noexcept {
#if NGTCP2_VERSION_NUM >= 0x010000
    ngtcp2_ccerr_set_application_error(&error, code, nullptr, 0);
#else
    ngtcp2_connection_close_error_set_application_error(&error, code, nullptr, 0);
#endif
}

[[nodiscard]] inline ngtcp2_duration shortest_round_trip(ngtcp2_conn* conn) noexcept {
#if NGTCP2_VERSION_NUM >= 0x010000
    ngtcp2_conn_info state;
    ngtcp2_conn_get_conn_info(conn, &state);
#else
    ngtcp2_conn_stat state;
    ngtcp2_conn_get_conn_stat(conn, &state);
#endif
    return state.min_rtt;
}

[[nodiscard]] inline bool is_closing(ngtcp2_conn* conn) noexcept {
#if NGTCP2_VERSION_NUM >= 0x010000
    return ngtcp2_conn_in_closing_period(conn) != 0;
#else
    return ngtcp2_conn_is_in_closing_period(conn) != 0;
#endif
}
[[nodiscard]] inline bool is_draining(ngtcp2_conn* conn) noexcept {
#if NGTCP2_VERSION_NUM >= 0x010000
    return ngtcp2_conn_in_draining_period(conn) != 0;
#else
    return ngtcp2_conn_is_in_draining_period(conn) != 0;
#endif
}

/// Every connection id that we gave out and that is in use.
[[nodiscard]] inline std::vector<ngtcp2_cid> source_ids(ngtcp2_conn* conn) {
#if NGTCP2_VERSION_NUM >= 0x010000
    std::vector<ngtcp2_cid> ids(ngtcp2_conn_get_scid(conn, nullptr));
#else
    std::vector<ngtcp2_cid> ids(ngtcp2_conn_get_num_scid(conn));
#endif
    ngtcp2_conn_get_scid(conn, ids.data());
    return ids;
}

/// The token of an Initial packet.
[[nodiscard]] inline std::basic_string_view<std::uint8_t>
token_of(const ngtcp2_pkt_hd& head) noexcept {
#if NGTCP2_VERSION_NUM >= 0x010000
    return {head.token, head.tokenlen};
#else
    return {head.token.base, head.token.len};
#endif
}
/// `token` must live until the connection was made.
inline void set_token(ngtcp2_settings& settings,
                      std::basic_string_view<std::uint8_t> token) noexcept {
#if NGTCP2_VERSION_NUM >= 0x010000
    settings.token = token.data();
    settings.tokenlen = token.size();
#else
    settings.token = {const_cast<std::uint8_t*>(token.data()), token.size()};
#endif
}
inline void set_original_id(ngtcp2_transport_params& params, const ngtcp2_cid& id) noexcept {
    params.original_dcid = id;
#if NGTCP2_VERSION_NUM >= 0x010000
    params.original_dcid_present = 1;
#endif
}

inline int shutdown_stream_read(ngtcp2_conn* conn, std::int64_t stream,
                                std::uint64_t code) noexcept {
#if NGTCP2_VERSION_NUM >= 0x010000
    return ngtcp2_conn_shutdown_stream_read(conn, 0, stream, code);
#else
    return ngtcp2_conn_shutdown_stream_read(conn, stream, code);
#endif
}
inline int shutdown_stream_write(ngtcp2_conn* conn, std::int64_t stream,
                                 std::uint64_t code) noexcept {
#if NGTCP2_VERSION_NUM >= 0x010000
    return ngtcp2_conn_shutdown_stream_write(conn, 0, stream, code);
#else
    return ngtcp2_conn_shutdown_stream_write(conn, stream, code);
#endif
}

} // namespace armature::http3::quic
