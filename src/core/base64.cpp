#include <armature/core/base64.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace armature {

namespace {

constexpr std::uint8_t no_value = 0xFF;

struct Alphabet {
    consteval explicit Alphabet(const char (&last_two)[3]) {
        std::size_t count = 0;
        for (const auto& [first, last] : {Range{'A', 'Z'}, Range{'a', 'z'}, Range{'0', '9'}})
            for (char c = first; c <= last; ++c)
                characters[count++] = c;
        characters[count++] = last_two[0];
        characters[count] = last_two[1];
        values.fill(no_value);
        for (std::size_t i = 0; i < characters.size(); ++i)
            values[static_cast<unsigned char>(characters[i])] = static_cast<std::uint8_t>(i);
    }
    struct Range {
        char first;
        char last;
    };
    std::array<char, 64> characters{};
    std::array<std::uint8_t, 256> values{};
};
constexpr Alphabet base64{"+/"};
constexpr Alphabet base64url{"-_"};

// Without padding.
std::string encode(const Alphabet& alphabet, std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    unsigned bits = 0;
    unsigned count = 0;
    for (const char byte : bytes) {
        bits = bits << 8 | static_cast<unsigned char>(byte);
        for (count += 8; count >= 6; count -= 6)
            text += alphabet.characters[bits >> (count - 6) & 63];
    }
    if (count > 0) text += alphabet.characters[bits << (6 - count) & 63];
    return text;
}

std::optional<std::string> decode(const Alphabet& alphabet, std::string_view text) {
    std::string bytes;
    bytes.reserve(text.size() * 3 / 4);
    unsigned bits = 0;
    unsigned count = 0;
    for (const char c : text) {
        const std::uint8_t value = alphabet.values[static_cast<unsigned char>(c)];
        if (value == no_value) return std::nullopt;
        bits = (bits << 6 | value) & 0xFFFFU;
        count += 6;
        if (count < 8) continue;
        count -= 8;
        bytes += static_cast<char>(bits >> count & 0xFF);
    }
    // One text for each sequence of bytes: no character too many, and no bits that mean nothing.
    if (count == 6 || (bits & ((1U << count) - 1)) != 0) return std::nullopt;
    return bytes;
}

} // namespace

std::string to_base64(std::string_view bytes) {
    std::string text = encode(base64, bytes);
    text.append((4 - text.size() % 4) % 4, '=');
    return text;
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    for (int padding = 0; padding < 2 && text.ends_with('='); ++padding)
        text.remove_suffix(1);
    return decode(base64, text);
}

std::string to_base64url(std::string_view bytes) { return encode(base64url, bytes); }
std::optional<std::string> from_base64url(std::string_view text) { return decode(base64url, text); }

} // namespace armature
