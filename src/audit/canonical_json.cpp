#include "audit/canonical_json.hpp"

#include <armature/json/nlohmann.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <vector>

namespace armature::audit {

namespace {

// Text that is valid UTF-8 already (RFC 8785 §3.2.2.2).
void append_text(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        switch (c) {
        case '"':
            out += "\\\"";
            break;
        case '\\':
            out += "\\\\";
            break;
        case '\b':
            out += "\\b";
            break;
        case '\t':
            out += "\\t";
            break;
        case '\n':
            out += "\\n";
            break;
        case '\f':
            out += "\\f";
            break;
        case '\r':
            out += "\\r";
            break;
        default:
            if (static_cast<unsigned char>(c) < 0x20) {
                constexpr const char* digits = "0123456789abcdef";
                out += "\\u00";
                out += digits[c >> 4];
                out += digits[c & 15];
            } else {
                out += c;
            }
        }
    }
    out += '"';
}

// Number::toString of ECMAScript (§6.1.6.1.20), which RFC 8785 §3.2.2.3 takes over.
void append_real(std::string& out, double value) {
    if (value == 0) {
        out += '0';
        return;
    }
    if (value < 0) {
        out += '-';
        value = -value;
    }
    char text[32]; // d.ddde±xx, the shortest that reads back as the same value
    const auto made = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific);
    const char* const e = std::find(text, made.ptr, 'e');
    std::string digits(1, text[0]);
    if (e - text > 2) digits.append(text + 2, static_cast<std::size_t>(e - text - 2));
    int exponent = 0;
    std::from_chars(e[1] == '+' ? e + 2 : e + 1, made.ptr, exponent);
    const int k = static_cast<int>(digits.size());
    const int n = exponent + 1;
    const auto zeros = [](int count) { return std::string(static_cast<std::size_t>(count), '0'); };
    if (k <= n && n <= 21) {
        out += digits + zeros(n - k);
    } else if (0 < n && n <= 21) {
        out.append(digits, 0, static_cast<std::size_t>(n));
        out += '.';
        out.append(digits, static_cast<std::size_t>(n));
    } else if (-6 < n && n <= 0) {
        out += "0." + zeros(-n) + digits;
    } else {
        out += digits[0];
        if (k > 1) out.append(1, '.').append(digits, 1);
        out += n > 0 ? "e+" : "e-";
        out += std::to_string(std::abs(n - 1));
    }
}

// Bytes of UTF-8 sort as code points, and UTF-16 puts those above U+FFFF before U+E000.
bool before_in_utf16(const std::string& a, const std::string& b) noexcept {
    const auto [in_a, in_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    if (in_a == a.end() || in_b == b.end()) return in_a == a.end() && in_b != b.end();
    const auto x = static_cast<unsigned char>(*in_a);
    const auto y = static_cast<unsigned char>(*in_b);
    // They differ first at a lead byte, or within the same one; 0xEE and 0xEF begin U+E000 to
    // U+FFFF, 0xF0 and up what UTF-16 writes as surrogates.
    const bool is_high_x = x >= 0xee && x < 0xf0;
    const bool is_high_y = y >= 0xee && y < 0xf0;
    if (is_high_x && y >= 0xf0) return false;
    if (is_high_y && x >= 0xf0) return true;
    return x < y;
}

constexpr std::uint64_t most_exact = (std::uint64_t{1} << 53) - 1;

} // namespace

void append_canonical(std::string& out, const nlohmann::json& value) {
    switch (value.type()) {
    case nlohmann::json::value_t::object: {
        std::vector<const std::string*> names;
        for (const auto& member : value.items())
            names.push_back(&member.key());
        std::sort(names.begin(), names.end(), [](const std::string* a, const std::string* b) {
            return before_in_utf16(*a, *b);
        });
        char separator = '{';
        for (const std::string* const name : names) {
            out += separator;
            append_text(out, *name);
            out += ':';
            append_canonical(out, value.at(*name));
            separator = ',';
        }
        if (separator == '{') out += '{';
        out += '}';
        break;
    }
    case nlohmann::json::value_t::array: {
        char separator = '[';
        for (const nlohmann::json& item : value) {
            out += separator;
            append_canonical(out, item);
            separator = ',';
        }
        if (separator == '[') out += '[';
        out += ']';
        break;
    }
    case nlohmann::json::value_t::string:
        append_text(out, value.get_ref<const std::string&>());
        break;
    case nlohmann::json::value_t::boolean:
        out += value.get<bool>() ? "true" : "false";
        break;
    case nlohmann::json::value_t::number_integer:
    case nlohmann::json::value_t::number_unsigned: {
        const bool is_exact =
            value.is_number_unsigned()
                ? value.get<std::uint64_t>() <= most_exact
                : value.get<std::int64_t>() >= -static_cast<std::int64_t>(most_exact);
        const std::string text = value.dump();
        out += is_exact ? text : '"' + text + '"';
        break;
    }
    case nlohmann::json::value_t::number_float:
        append_real(out, value.get<double>());
        break;
    default:
        out += "null";
    }
}

void append_canonical(std::string& out, std::string_view text) {
    // Written and read once, it is valid.
    const nlohmann::json valid = nlohmann::json::parse(armature::to_json(text));
    append_text(out, valid.get_ref<const std::string&>());
}

} // namespace armature::audit
