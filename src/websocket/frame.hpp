#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace armature::ws {

/// What a frame is (RFC 6455 §5.2).
enum class Opcode : std::uint8_t {
    continuation = 0,
    text = 1,
    binary = 2,
    close = 8,
    ping = 9,
    pong = 10,
};

/// Longest payload of a ping, pong or close frame, and longest header of a frame, in bytes.
inline constexpr std::size_t max_control_bytes = 125;
inline constexpr std::size_t max_header_bytes = 14;

/// Writes the header of an unmasked frame that is a whole message, as servers send them, to `to`,
/// which has room for `max_header_bytes`; returns its end.
char* write_frame_header(char* to, Opcode opcode, bool compressed, std::uint64_t size) noexcept;

/// Appends a whole unmasked frame.
void append_frame(std::string& to, Opcode opcode, std::string_view payload,
                  bool compressed = false);

/// A close frame's payload. `reason` is cut to what fits, at the end of a character.
[[nodiscard]] std::string close_payload(std::uint16_t code, std::string_view reason);

/// Whether a peer may send this close code (RFC 6455 §7.4 and IANA's registry).
[[nodiscard]] bool is_valid_close_code(std::uint16_t code) noexcept;

} // namespace armature::ws
