#pragma once

#include <armature/core/request.hpp>
#include <armature/websocket/options.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace armature::ws {

/// What both sides agreed on.
struct Agreement {
    std::string_view subprotocol; ///< lives as long as the options
    int window_bits = 0;          ///< of our compressor; 0 without compression
};

/// Whether a page of this origin may connect.
[[nodiscard]] bool is_allowed_origin(std::string_view origin, std::string_view authority,
                                     const WebSocketOptions& options) noexcept;

/// Sec-WebSocket-Accept for a Sec-WebSocket-Key (RFC 6455 §4.2.2), or nullopt when the key is none.
[[nodiscard]] std::optional<std::string> accept_key(std::string_view key);

/// Our window size if one of the offers (Sec-WebSocket-Extensions) can be accepted, 0 if none can.
/// Throws `Error` 400 when the field's syntax is wrong.
[[nodiscard]] int accept_compression(std::string_view offers);
/// The answer to them.
[[nodiscard]] std::string compression_answer(int window_bits);

} // namespace armature::ws
