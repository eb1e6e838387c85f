#pragma once

#include <cstdint>
#include <cstring>

namespace armature {

/// The two lower-case hexadecimal digits of each byte.
inline constexpr auto hex_pairs = [] {
    struct {
        char text[256][2];
    } table{};
    for (unsigned i = 0; i < 256; ++i) {
        table.text[i][0] = "0123456789abcdef"[i >> 4];
        table.text[i][1] = "0123456789abcdef"[i & 15];
    }
    return table;
}();

/// Writes the 16 digits of a number.
inline void write_hex(char* to, std::uint64_t bits) noexcept {
    for (int shift = 56; shift >= 0; shift -= 8, to += 2)
        std::memcpy(to, hex_pairs.text[bits >> shift & 0xff], 2);
}

} // namespace armature
