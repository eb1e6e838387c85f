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

struct ShortNumber {
    char digits[3];
    std::uint8_t size;
};

/// The digits of each number below 1000, and how many they are.
inline constexpr auto short_numbers = [] {
    std::array<ShortNumber, 1000> table{};
    for (unsigned i = 0; i < table.size(); ++i) {
        ShortNumber& row = table[i];
        for (const unsigned place : {100u, 10u, 1u})
            if (i >= place || place == 1)
                row.digits[row.size++] = static_cast<char>('0' + i / place % 10);
    }
    return table;
}();

/// Writes a number without sign or leading zeros; three bytes behind it may be written over. Quick
/// for few digits.
inline char* write_number(char* to, std::uint64_t number) noexcept {
    if (number < short_numbers.size()) {
        const ShortNumber& row = short_numbers[number];
        std::memcpy(to, &row, sizeof row);
        return to + row.size;
    }
    if (number < 10'000) {
        const auto small = static_cast<std::uint32_t>(number);
        const std::uint32_t hundreds = small / 100;
        return write_two_digits(write_two_digits(to, hundreds), small - 100 * hundreds);
    }
    return write_two_digits(write_number(to, number / 100), number % 100);
}

} // namespace armature
