#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace armature::ws {

// The codec of permessage-deflate (RFC 7692 §7.2) without context takeover: every message is
// compressed by itself, so one compressor and one decompressor serve all connections of a thread,
// an idle connection keeps nothing, and a message for many is compressed once.

/// The window sizes that zlib can compress with, as powers of two.
inline constexpr int min_window_bits = 9;
inline constexpr int max_window_bits = 15;

/// The payload of a compressed message.
[[nodiscard]] std::string deflate_message(std::string_view message, int window_bits);

enum class Inflated : std::uint8_t { ok, too_big, broken };

/// Inflates a message's payload into `out`, at most `limit` bytes of it.
[[nodiscard]] Inflated inflate_message(std::string_view payload, std::uint64_t limit,
                                       std::string& out);

} // namespace armature::ws
