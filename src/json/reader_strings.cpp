#include "json/scan.hpp"

#include <armature/core/utf8.hpp>
#include <armature/json/read.hpp>

#include <bit>
#include <iterator>

namespace armature {
namespace {

void append_utf8(std::string& out, std::uint32_t character) {
    const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (character < 0x80) {
        put(character);
    } else if (character < 0x800) {
        put(0xC0 | character >> 6);
        put(0x80 | (character & 0x3F));
    } else if (character < 0x10000) {
        put(0xE0 | character >> 12);
        put(0x80 | (character >> 6 & 0x3F));
        put(0x80 | (character & 0x3F));
    } else {
        put(0xF0 | character >> 18);
        put(0x80 | (character >> 12 & 0x3F));
        put(0x80 | (character >> 6 & 0x3F));
        put(0x80 | (character & 0x3F));
    }
}

} // namespace

JsonStatus JsonReader::take_hex(std::uint32_t& unit) {
    unit = 0;
    for (int i = 0; i != 4; ++i, ++position_) {
        const char c = position_ == end_ ? ' ' : *position_;
        const char lower = static_cast<char>(c | 0x20);
        if (detail::is_digit(c))
            unit = unit << 4 | static_cast<std::uint32_t>(c - '0');
        else if (lower >= 'a' && lower <= 'f')
            unit = unit << 4 | static_cast<std::uint32_t>(lower - 'a' + 10);
        else
            return expected("four hexadecimal digits");
    }
    return JsonStatus::ok;
}

// After the backslash.
JsonStatus JsonReader::decode_escape(std::string& decoded) {
    switch (position_ == end_ ? '\0' : *position_) {
    case '"':
        decoded += '"';
        break;
    case '\\':
        decoded += '\\';
        break;
    case '/':
        decoded += '/';
        break;
    case 'b':
        decoded += '\b';
        break;
    case 'f':
        decoded += '\f';
        break;
    case 'n':
        decoded += '\n';
        break;
    case 'r':
        decoded += '\r';
        break;
    case 't':
        decoded += '\t';
        break;
    case 'u': {
        const char* const escape = position_ - 1;
        ++position_;
        std::uint32_t unit;
        if (take_hex(unit) != JsonStatus::ok) return JsonStatus::malformed;
        if (unit >= 0xD800 && unit <= 0xDFFF) {
            std::uint32_t second = 0;
            if (unit <= 0xDBFF && end_ - position_ >= 2 && position_[0] == '\\' &&
                position_[1] == 'u') {
                position_ += 2;
                if (take_hex(second) != JsonStatus::ok) return JsonStatus::malformed;
            }
            if (second < 0xDC00 || second > 0xDFFF)
                return malformed(escape, "half of a surrogate pair stands alone");
            unit = 0x10000 + ((unit - 0xD800) << 10) + (second - 0xDC00);
        }
        append_utf8(decoded, unit);
        return JsonStatus::ok;
    }
    default:
        return expected("one of \" \\ / b f n r t u after a backslash");
    }
    ++position_;
    return JsonStatus::ok;
}

// At a string: takes it. `view` is the text itself if it has no escapes, else `decoded`.
JsonStatus JsonReader::take_string(std::string_view& view, std::string& decoded) {
    const char* piece = ++position_;
    bool is_decoded = false;
    for (;;) {
        position_ = detail::find_special(position_, end_);
        if (position_ == end_) return expected("a closing quote");
        const char c = *position_;
        if (c == '"') break;
        if (c == '\\') {
            if (!is_decoded) decoded.clear();
            is_decoded = true;
            decoded.append(piece, position_);
            ++position_;
            if (decode_escape(decoded) != JsonStatus::ok) return JsonStatus::malformed;
            piece = position_;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            return malformed(position_, "a control character in a string must be escaped");
        } else {
            const detail::Utf8Sequence sequence = detail::read_utf8(position_, end_);
            if (!sequence.is_valid) return malformed(position_, "the text is not valid UTF-8");
            position_ += sequence.size;
        }
    }
    if (is_decoded) {
        decoded.append(piece, position_);
        view = decoded;
    } else {
        view = {piece, static_cast<std::size_t>(position_ - piece)};
    }
    ++position_;
    return JsonStatus::ok;
}

JsonStatus JsonReader::read_text(std::string& out) {
    if (!next_is('"')) return mismatch("a string");
    // Most texts are ASCII without an escape.
    const char* const begin = position_ + 1;
    const char* const special = detail::find_special(begin, end_);
    if (special != end_ && *special == '"') {
        out.assign(begin, special);
        position_ = special + 1;
        return JsonStatus::ok;
    }
    std::string_view view;
    if (take_string(view, out) != JsonStatus::ok) return JsonStatus::malformed;
    if (view.data() != out.data()) out.assign(view);
    return JsonStatus::ok;
}

JsonStatus JsonReader::read_formatted(void* out, bool (*parse)(std::string_view, void*),
                                      std::string_view wanted) {
    if (!next_is('"')) return mismatch("a string");
    std::string_view text;
    if (take_string(text, scratch_) != JsonStatus::ok) return JsonStatus::malformed;
    return parse(text, out) ? JsonStatus::ok : invalid("must be " + std::string(wanted));
}

JsonStatus JsonReader::read_enum(std::int64_t& out, const EnumName* names, std::size_t count) {
    if (!next_is('"')) return mismatch("a string");
    std::string_view text;
    if (take_string(text, scratch_) != JsonStatus::ok) return JsonStatus::malformed;
    for (std::size_t i = 0; i != count; ++i)
        if (names[i].name == text) {
            out = names[i].value;
            return JsonStatus::ok;
        }
    std::string detail = "must be one of ";
    for (std::size_t i = 0; i != count; ++i)
        (detail += i ? ", " : "") += names[i].name;
    return invalid(std::move(detail));
}

} // namespace armature
