#include "auth/encoding.hpp"

#include <array>
#include <cstdint>

namespace armature::auth {
namespace {

// An alphabet of 2^bits characters.
struct Alphabet {
    std::string_view characters;
    unsigned bits;
    std::array<std::int8_t, 256> values{};

    constexpr Alphabet(std::string_view text, unsigned bits_each)
        : characters(text), bits(bits_each) {
        for (std::int8_t& value : values)
            value = -1;
        for (std::size_t i = 0; i < text.size(); ++i)
            values[static_cast<unsigned char>(text[i])] = static_cast<std::int8_t>(i);
    }
};

constexpr Alphabet base64url{"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", 6};
constexpr Alphabet base64{"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 6};
constexpr Alphabet base32{"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 5};

std::string encode(const Alphabet& alphabet, std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size() * 8 / alphabet.bits + 1);
    std::uint32_t buffer = 0;
    unsigned held = 0;
    const std::uint32_t mask = (1u << alphabet.bits) - 1;
    for (const char byte : bytes) {
        buffer = (buffer << 8) | static_cast<unsigned char>(byte);
        held += 8;
        while (held >= alphabet.bits) {
            held -= alphabet.bits;
            text.push_back(alphabet.characters[(buffer >> held) & mask]);
        }
    }
    if (held > 0) text.push_back(alphabet.characters[(buffer << (alphabet.bits - held)) & mask]);
    return text;
}

std::optional<std::string> decode(const Alphabet& alphabet, std::string_view text) {
    std::string bytes;
    bytes.reserve(text.size() * alphabet.bits / 8);
    std::uint32_t buffer = 0;
    unsigned held = 0;
    for (const char c : text) {
        const int value = alphabet.values[static_cast<unsigned char>(c)];
        if (value < 0) return std::nullopt;
        buffer = (buffer << alphabet.bits) | static_cast<std::uint32_t>(value);
        held += alphabet.bits;
        if (held >= 8) {
            held -= 8;
            bytes.push_back(static_cast<char>((buffer >> held) & 0xff));
        }
    }
    // What is left over must be too little for a character, and zero.
    if (held >= alphabet.bits || (buffer & ((1u << held) - 1)) != 0) return std::nullopt;
    return bytes;
}

} // namespace

std::string to_base64url(std::string_view bytes) { return encode(base64url, bytes); }
std::optional<std::string> from_base64url(std::string_view text) { return decode(base64url, text); }

std::string to_base64(std::string_view bytes) {
    std::string text = encode(base64, bytes);
    text.append((4 - text.size() % 4) % 4, '=');
    return text;
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.size() % 4 == 0 && text.ends_with('=')) {
        text.remove_suffix(1);
        if (text.ends_with('=')) text.remove_suffix(1);
    }
    return decode(base64, text);
}

std::string to_base32(std::string_view bytes) { return encode(base32, bytes); }

std::optional<std::string> from_base32(std::string_view text) {
    std::string upper{text};
    for (char& c : upper)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return decode(base32, upper);
}

} // namespace armature::auth
