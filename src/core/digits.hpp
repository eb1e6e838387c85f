#pragma once

#include <array>
#include <cstdint>
#include <cstring>

namespace armature {

/// 2^64 - 1 has as many digits.
inline constexpr std::size_t most_digits = 20;

/// The two decimal digits of each number below 100.
inline constexpr auto digit_pairs = [] {
    std::array<char, 200> table{};
    for (std::size_t i = 0; i < 100; ++i) {
        table[2 * i] = static_cast<char>('0' + i / 10);
        table[2 * i + 1] = static_cast<char>('0' + i % 10);
    }
    return table;
}();

/// Writes the two digits of a number below 100.
inline char* write_two_digits(char* to, std::uint64_t number) noexcept {
    std::memcpy(to, digit_pairs.data() + 2 * number, 2);
    return to + 2;
}

/// Writes a number without sign or leading zeros, and nothing behind it. Quick for few digits.
inline char* write_number(char* to, std::uint64_t number) noexcept {
    if (number >= 10'000) {
        to = write_number(to, number / 10'000);
        number %= 10'000;
        return write_two_digits(write_two_digits(to, number / 100), number % 100);
    }
    const std::uint64_t first = number >= 100 ? number / 100 : number;
    if (first >= 10)
        to = write_two_digits(to, first);
    else
        *to++ = static_cast<char>('0' + first);
    return number >= 100 ? write_two_digits(to, number % 100) : to;
}

} // namespace armature
