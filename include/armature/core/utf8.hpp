#pragma once

#include <cstddef>
#include <string_view>

namespace armature {

/// Whether all of it is UTF-8 (RFC 3629): no overlong forms, no surrogates.
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

namespace detail {

/// How a sequence of bytes that starts at or above 0x80 reads as UTF-8 (RFC 3629).
struct Utf8Sequence {
    unsigned size; ///< when not valid: how many bytes one U+FFFD replaces (Unicode 3.9)
    bool is_valid;
};
inline Utf8Sequence read_utf8(const char* p, const char* end) noexcept {
    const auto byte = [&](std::ptrdiff_t i) { return static_cast<unsigned char>(p[i]); };
    const auto first = byte(0);
    unsigned char low = 0x80, high = 0xBF; // of the second byte: no overlong forms, no surrogates
    unsigned size = 0;
    if (first >= 0xC2 && first <= 0xDF)
        size = 2;
    else if (first >= 0xE0 && first <= 0xEF) {
        size = 3;
        if (first == 0xE0) low = 0xA0;
        if (first == 0xED) high = 0x9F;
    } else if (first >= 0xF0 && first <= 0xF4) {
        size = 4;
        if (first == 0xF0) low = 0x90;
        if (first == 0xF4) high = 0x8F;
    } else
        return {1, false};
    for (unsigned i = 1; i < size; ++i) {
        if (end - p <= static_cast<std::ptrdiff_t>(i)) return {i, false};
        if (byte(i) < low || byte(i) > high) return {i, false};
        low = 0x80;
        high = 0xBF;
    }
    return {size, true};
}

} // namespace detail

} // namespace armature
