#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

// The character classes of RFC 9110 §5.6 and RFC 3986 §2, and the few list rules that the parsers
// of field values share.
namespace armature {

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_alpha(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr char to_lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}
constexpr bool is_control(char c) noexcept {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

/// The value of a hexadecimal digit, or -1.
constexpr int hex_value(char c) noexcept {
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// Eight characters at a time.
struct EightBytes {
    static EightBytes at(const char* bytes) noexcept {
        EightBytes eight{};
        std::memcpy(&eight.word, bytes, sizeof eight.word);
        return eight;
    }
    /// All of a text of one to seven, twice or with spaces in between: for
    /// asking what is among them.
    static EightBytes of_short(const char* bytes, std::size_t size) noexcept {
        if (size >= 4) {
            std::uint32_t first = 0;
            std::uint32_t last = 0;
            std::memcpy(&first, bytes, sizeof first);
            std::memcpy(&last, bytes + size - sizeof last, sizeof last);
            return {first | std::uint64_t{last} << 32};
        }
        const auto byte = [&](std::size_t at) {
            return std::uint64_t{static_cast<unsigned char>(bytes[at])};
        };
        return {(each(' ') << 24) | byte(0) | byte(size / 2) << 8 | byte(size - 1) << 16};
    }
    static constexpr std::uint64_t each(unsigned byte) noexcept {
        return 0x0101'0101'0101'0101 * std::uint64_t{byte};
    }
    /// With upper-case letters in lower case.
    constexpr std::uint64_t to_lower() const noexcept {
        const std::uint64_t low = word & each(0x7f);
        const std::uint64_t from_a = low + each(0x80 - 'A'); // the high bit where it is 'A' or more
        const std::uint64_t above_z = low + each(0x7f - 'Z');
        return word | ((from_a ^ above_z) & ~word & each(0x80)) >> 2;
    }
    constexpr bool has_control() const noexcept {
        const std::uint64_t is_delete = word ^ each(0x7f);
        return (((word - each(0x20)) & ~word) | ((is_delete - each(1)) & ~is_delete)) & each(0x80);
    }

    std::uint64_t word;
};

/// A set of bytes as a table.
class CharacterSet {
  public:
    /// Letters, digits and the characters of `others`.
    static consteval CharacterSet alphanumeric_and(std::string_view others) {
        CharacterSet set;
        for (unsigned c = 0; c < 256; ++c) {
            const char character = static_cast<char>(c);
            set.members_[c] = is_alpha(character) || is_digit(character) ||
                              others.find(character) != std::string_view::npos;
        }
        return set;
    }
    constexpr bool contains(char c) const noexcept {
        return members_[static_cast<unsigned char>(c)];
    }
    constexpr bool contains_all(std::string_view text) const noexcept {
        for (const char c : text)
            if (!contains(c)) return false;
        return true;
    }

  private:
    std::array<bool, 256> members_{};
};

/// tchar, RFC 9110 §5.6.2.
inline constexpr CharacterSet token_characters = CharacterSet::alphanumeric_and("!#$%&'*+-.^_`|~");

constexpr bool is_token(std::string_view text) noexcept {
    return !text.empty() && token_characters.contains_all(text);
}

/// True if a control character is among them, HTAB included.
inline bool has_control(std::string_view text) noexcept {
    const char* const bytes = text.data();
    const std::size_t size = text.size();
    if (size < 8) return size != 0 && EightBytes::of_short(bytes, size).has_control();
    for (std::size_t i = 0; i + 8 < size; i += 8)
        if (EightBytes::at(bytes + i).has_control()) return true;
    return EightBytes::at(bytes + size - 8).has_control();
}

/// Any bytes but control characters, HTAB being allowed (RFC 9110 §5.5).
constexpr bool is_field_value(std::string_view text) noexcept {
    if (!std::is_constant_evaluated() && !has_control(text)) return true;
    for (const char c : text)
        if (is_control(c) && c != '\t') return false;
    return true;
}

/// Writes `text` in lower case; `to` may not overlap it.
inline void copy_in_lower_case(std::string_view text, char* to) noexcept {
    const std::size_t size = text.size();
    if (size < 8) {
        for (std::size_t i = 0; i < size; ++i)
            to[i] = to_lower(text[i]);
        return;
    }
    const auto copy = [&](std::size_t i) {
        const std::uint64_t word = EightBytes::at(text.data() + i).to_lower();
        std::memcpy(to + i, &word, sizeof word);
    };
    for (std::size_t i = 0; i + 8 < size; i += 8)
        copy(i);
    copy(size - 8);
}

constexpr bool is_space(char c) noexcept { return c == ' ' || c == '\t'; }

/// `text` without the spaces and tabs around it.
constexpr std::string_view trim(std::string_view text) noexcept {
    while (!text.empty() && is_space(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_space(text.back()))
        text.remove_suffix(1);
    return text;
}

/// ASCII case-insensitive equality.
constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
    if (a.size() != b.size()) return false;
    if (!std::is_constant_evaluated() && a.size() >= 8) {
        const auto differ = [&](std::size_t i) {
            return EightBytes::at(a.data() + i).to_lower() !=
                   EightBytes::at(b.data() + i).to_lower();
        };
        // Names that begin alike are more frequent than such that end alike.
        if (((a.back() ^ b.back()) & ~0x20) != 0 || differ(a.size() - 8)) return false;
        for (std::size_t i = 0; i + 8 < a.size(); i += 8)
            if (differ(i)) return false;
        return true;
    }
    for (std::size_t i = 0; i < a.size(); ++i)
        if (to_lower(a[i]) != to_lower(b[i])) return false;
    return true;
}

/// Takes the next part of `rest` up to `separator`, trimmed, minding quoted strings in which a
/// separator is only text. A list `#element` is read with ',' and parameters with ';'.
constexpr std::string_view take_part(std::string_view& rest, char separator) noexcept {
    bool quoted = false;
    std::size_t i = 0;
    for (; i < rest.size(); ++i) {
        if (quoted && rest[i] == '\\')
            ++i;
        else if (rest[i] == '"')
            quoted = !quoted;
        else if (rest[i] == separator && !quoted)
            break;
    }
    // An escape at the very end makes `i` one more than the size.
    const std::string_view part = rest.substr(0, i);
    rest = i < rest.size() ? rest.substr(i + 1) : std::string_view{};
    return trim(part);
}

} // namespace armature
