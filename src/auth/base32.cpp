#include "auth/base32.hpp"

#include <cstdint>

namespace armature::auth {

std::string to_base32(std::string_view bytes) {
    constexpr std::string_view characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    std::string text;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char byte : bytes) {
        bits = bits << 8 | static_cast<unsigned char>(byte);
        for (count += 8; count >= 5; count -= 5)
            text += characters[bits >> (count - 5) & 31];
    }
    if (count > 0) text += characters[bits << (5 - count) & 31];
    return text;
}

std::optional<std::string> from_base32(std::string_view text) {
    std::string bytes;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char c : text) {
        const char letter = static_cast<char>(c & ~0x20);
        if (c >= '2' && c <= '7')
            bits = bits << 5 | static_cast<std::uint32_t>(c - '2' + 26);
        else if (letter >= 'A' && letter <= 'Z')
            bits = bits << 5 | static_cast<std::uint32_t>(letter - 'A');
        else
            return std::nullopt;
        count += 5;
        if (count < 8) continue;
        count -= 8;
        bytes += static_cast<char>(bits >> count & 0xFF);
    }
    // What is left over must be too little for a character, and zero.
    if (count >= 5 || (bits & ((1U << count) - 1)) != 0) return std::nullopt;
    return bytes;
}

} // namespace armature::auth
