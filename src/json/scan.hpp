#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace armature::detail {

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// A byte that can't be copied unseen between text and a JSON string: a quote, a backslash, a
/// control character, or the start of a character that has to be checked for valid UTF-8.
inline bool is_special(char c) noexcept {
    return static_cast<signed char>(c) < 0x20 || c == '"' || c == '\\';
}

/// Which of eight bytes are special: the top bit of each. Exact for the lowest such byte, and
/// zero only if there is none (a borrow can only mark bytes above a marked one).
inline std::uint64_t special_bytes(std::uint64_t bytes) noexcept {
    constexpr std::uint64_t ones = 0x0101010101010101, tops = 0x8080808080808080;
    const std::uint64_t quote = bytes ^ (ones * '"'), backslash = bytes ^ (ones * '\\');
    return (bytes | (bytes - ones * 0x20) | (quote - ones) | (backslash - ones)) & tops;
}
inline std::uint64_t load_8(const char* p) noexcept {
    std::uint64_t bytes;
    std::memcpy(&bytes, p, 8);
    return bytes;
}

inline std::uint32_t load_4(const char* p) noexcept {
    std::uint32_t bytes;
    std::memcpy(&bytes, p, 4);
    return bytes;
}

/// Whether the texts are equal; at least 4 bytes, mostly few: a call of memcmp costs more.
inline bool equal_bytes(const char* a, const char* b, std::size_t size) noexcept {
    if (size < 8) return load_4(a) == load_4(b) && load_4(a + size - 4) == load_4(b + size - 4);
    for (std::size_t i = 0; i + 8 < size; i += 8)
        if (load_8(a + i) != load_8(b + i)) return false;
    return load_8(a + size - 8) == load_8(b + size - 8);
}

#if defined(__SSE2__)
inline unsigned special_bytes(__m128i bytes) noexcept {
    // Signed comparison: bytes from 0x80 on are negative, and so below 0x20 too.
    const __m128i special = _mm_or_si128(_mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20)),
                                         _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                                                      _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))));
    return static_cast<unsigned>(_mm_movemask_epi8(special));
}
inline __m128i load_16(const char* p) noexcept {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
}
#endif

/// The first special byte in [p, end), or end.
inline const char* find_special(const char* p, const char* end) noexcept {
#if defined(__SSE2__)
    for (; end - p >= 16; p += 16)
        if (const unsigned found = special_bytes(load_16(p))) return p + std::countr_zero(found);
#endif
    if constexpr (std::endian::native == std::endian::little)
        for (; end - p >= 8; p += 8)
            if (const std::uint64_t found = special_bytes(load_8(p)))
                return p + std::countr_zero(found) / 8;
    while (p != end && !is_special(*p))
        ++p;
    return p;
}

} // namespace armature::detail
