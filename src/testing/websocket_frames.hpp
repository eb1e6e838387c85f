#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Frames as a WebSocket's client has them (RFC 6455 §5): it masks what it sends, and is sent whole
// frames without a mask. No extension is offered, so none is decoded.
namespace armature::testkit {

enum class Opcode : std::uint8_t { continuation = 0, text, binary, close = 8, ping, pong };

/// A whole message or control frame.
[[nodiscard]] std::string client_frame(Opcode opcode, std::string_view payload);

struct ServerFrame {
    Opcode opcode = Opcode::text;
    bool is_final = true;
    std::string payload;
};

/// Takes the first frame off `bytes`; nullopt while it is incomplete. Throws `TestFailure` for what
/// a server may not send.
[[nodiscard]] std::optional<ServerFrame> take_frame(std::string& bytes);

} // namespace armature::testkit
