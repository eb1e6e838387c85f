#include "json/scan.hpp"

#include <armature/json/read.hpp>

#include <algorithm>
#include <bit>
#include <charconv>
#include <iterator>

namespace armature {
namespace {

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_space(char c) noexcept { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

// What a character is, for people.
std::string describe_character(const char* p, const char* end) {
    if (p == end) return "the end of the text";
    const auto byte = static_cast<unsigned char>(*p);
    if (byte >= 0x20 && byte < 0x7F) return std::string("'") + *p + "'";
    constexpr char digits[] = "0123456789ABCDEF";
    return std::string("byte 0x") + digits[byte >> 4] + digits[byte & 15];
}

const char* kind_of_value(char first) noexcept {
    switch (first) {
    case '{':
        return "an object";
    case '[':
        return "an array";
    case '"':
        return "a string";
    case 't':
    case 'f':
        return "a boolean";
    case 'n':
        return "null";
    default:
        return "a number";
    }
}

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

// A number as it was written: `mantissa` * 10^`exponent`.
struct JsonReader::Number {
    const char* begin;
    const char* end;
    std::uint64_t mantissa;  // exact while there are at most 19 digits
    std::ptrdiff_t digits;   // from the first that isn't 0
    std::ptrdiff_t exponent; // the written one is capped at 10^12
    bool is_negative;
    bool is_plain; // neither fraction nor exponent

    // The value without its sign, if it is whole; nothing is rounded. Returns whether it is;
    // `fits` says whether it is below 2^64.
    bool whole(std::uint64_t& magnitude, bool& fits) const noexcept {
        fits = true;
        if (is_plain && digits <= 19) {
            magnitude = mantissa;
            return true;
        }
        // Zeros wait until another digit shows that they are not the last.
        magnitude = 0;
        std::ptrdiff_t zeros = 0;
        const auto append = [&](std::uint64_t digit) {
            fits = fits && magnitude <= (UINT64_MAX - digit) / 10;
            magnitude = magnitude * 10 + digit;
        };
        for (const char* p = begin; p != end && *p != 'e' && *p != 'E'; ++p) {
            if (!is_digit(*p)) continue;
            if (*p == '0') {
                ++zeros;
                continue;
            }
            for (; zeros != 0 && magnitude != 0 && fits; --zeros)
                append(0);
            zeros = 0;
            append(static_cast<std::uint64_t>(*p - '0'));
        }
        if (magnitude == 0 && fits) return true;
        std::ptrdiff_t scale = exponent + zeros;
        if (scale < 0) return false;
        for (; scale != 0 && fits; --scale)
            append(0);
        return true;
    }
};

JsonReader::JsonReader(std::string_view text, JsonErrors& errors) noexcept
    : position_(text.data()), begin_(text.data()), end_(text.data() + text.size()),
      errors_(errors) {}

void JsonReader::skip_space() noexcept {
    while (position_ != end_ && is_space(*position_))
        ++position_;
}

bool JsonReader::next_is(char c) noexcept {
    skip_space();
    return position_ != end_ && *position_ == c;
}

std::string_view JsonReader::rest() noexcept {
    skip_space();
    return {position_, static_cast<std::size_t>(end_ - position_)};
}

JsonStatus JsonReader::malformed(const char* position, std::string detail) {
    errors_.set_syntax({begin_, static_cast<std::size_t>(end_ - begin_)},
                       static_cast<std::size_t>(position - begin_), std::move(detail));
    return JsonStatus::malformed;
}

JsonStatus JsonReader::expected(const char* what) {
    return malformed(position_, std::string("expected ") + what + ", found " +
                                    describe_character(position_, end_));
}

JsonStatus JsonReader::invalid(std::string detail) {
    errors_.add(path_, std::move(detail));
    return JsonStatus::invalid;
}

JsonStatus JsonReader::mismatch(const char* wanted) {
    skip_space();
    const char first = position_ == end_ ? ' ' : *position_;
    if (const JsonStatus status = skip_value(); status != JsonStatus::ok) return status;
    return invalid(std::string("must be ") + wanted + ", not " + kind_of_value(first));
}

JsonStatus JsonReader::take_word(std::string_view word) {
    const auto rest_size = static_cast<std::size_t>(end_ - position_);
    const char* const here = position_;
    for (std::size_t i = 0; i != word.size(); ++i, ++position_)
        if (i == rest_size || here[i] != word[i]) {
            const std::string quoted = "'" + std::string(word) + "'";
            return expected(quoted.c_str());
        }
    return JsonStatus::ok;
}

bool JsonReader::take_null() noexcept {
    if (!next_is('n') || end_ - position_ < 4 || std::string_view(position_, 4) != "null")
        return false;
    position_ += 4;
    return true;
}

JsonStatus JsonReader::finish() {
    skip_space();
    return position_ == end_ ? JsonStatus::ok : expected("the end of the text");
}

JsonStatus JsonReader::read_boolean(bool& out) {
    if (next_is('t')) {
        out = true;
        return take_word("true");
    }
    if (next_is('f')) {
        out = false;
        return take_word("false");
    }
    return mismatch("a boolean");
}

// RFC 8259 §6: [ minus ] int [ frac ] [ exp ]
JsonStatus JsonReader::take_number(Number& number) {
    const char* p = position_;
    number = {p, p, 0, 0, 0, *p == '-', true};
    p += number.is_negative;
    const auto missing_digit = [&] {
        position_ = p;
        return expected("a digit");
    };
    const auto take_digits = [&] {
        const char* const from = p;
        for (; p != end_ && is_digit(*p); ++p) {
            number.mantissa = number.mantissa * 10 + static_cast<unsigned char>(*p - '0');
            number.digits += number.mantissa != 0 || number.digits != 0;
        }
        return p - from;
    };
    if (p == end_ || !is_digit(*p)) return missing_digit();
    if (*p == '0') {
        ++p;
        if (p != end_ && is_digit(*p)) return malformed(p, "a number must not start with 0");
    } else {
        take_digits();
    }
    if (p != end_ && *p == '.') {
        ++p;
        number.is_plain = false;
        const std::ptrdiff_t places = take_digits();
        if (places == 0) return missing_digit();
        number.exponent = -places;
    }
    if (p != end_ && (*p == 'e' || *p == 'E')) {
        ++p;
        number.is_plain = false;
        const bool is_below = p != end_ && *p == '-';
        if (p != end_ && (*p == '-' || *p == '+')) ++p;
        if (p == end_ || !is_digit(*p)) return missing_digit();
        std::ptrdiff_t exponent = 0;
        for (; p != end_ && is_digit(*p); ++p)
            exponent = std::min<std::ptrdiff_t>(exponent * 10 + (*p - '0'), 1'000'000'000'000);
        number.exponent += is_below ? -exponent : exponent;
    }
    number.end = position_ = p;
    return JsonStatus::ok;
}

JsonStatus JsonReader::read_magnitude(Number& number, std::uint64_t& magnitude, bool& fits) {
    skip_space();
    if (position_ == end_ || (*position_ != '-' && !is_digit(*position_)))
        return mismatch("an integer");
    if (const JsonStatus status = take_number(number); status != JsonStatus::ok) return status;
    if (!number.whole(magnitude, fits)) return invalid("must be an integer, not a fraction");
    return JsonStatus::ok;
}

JsonStatus JsonReader::invalid_range(std::int64_t least, std::uint64_t greatest) {
    return invalid("must be between " + std::to_string(least) + " and " + std::to_string(greatest));
}

JsonStatus JsonReader::read_integer(std::int64_t& out, std::int64_t least, std::int64_t greatest) {
    Number number;
    std::uint64_t magnitude;
    bool fits;
    const JsonStatus status = read_magnitude(number, magnitude, fits);
    if (status != JsonStatus::ok) return status;
    const std::uint64_t limit = number.is_negative ? 0 - static_cast<std::uint64_t>(least)
                                                   : static_cast<std::uint64_t>(greatest);
    if (!fits || magnitude > limit)
        return invalid_range(least, static_cast<std::uint64_t>(greatest));
    out = static_cast<std::int64_t>(number.is_negative ? 0 - magnitude : magnitude);
    return JsonStatus::ok;
}

JsonStatus JsonReader::read_integer(std::uint64_t& out, std::uint64_t greatest) {
    Number number;
    std::uint64_t magnitude;
    bool fits;
    const JsonStatus status = read_magnitude(number, magnitude, fits);
    if (status != JsonStatus::ok) return status;
    if (!fits || magnitude > (number.is_negative ? 0 : greatest)) return invalid_range(0, greatest);
    out = magnitude;
    return JsonStatus::ok;
}

template <class Real>
JsonStatus JsonReader::read_floating(Real& out) {
    skip_space();
    if (position_ == end_ || (*position_ != '-' && !is_digit(*position_)))
        return mismatch("a number");
    Number number;
    if (const JsonStatus status = take_number(number); status != JsonStatus::ok) return status;
    if constexpr (sizeof(Real) == 8) {
        // Both factors are exact doubles here, so one operation rounds correctly (Clinger).
        static constexpr double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                            1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                            1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
        if (number.digits <= 19 && number.mantissa <= std::uint64_t{1} << 53 &&
            number.exponent >= -22 && number.exponent <= 22) {
            const auto mantissa = static_cast<double>(number.mantissa);
            const double value = number.exponent < 0 ? mantissa / powers[-number.exponent]
                                                     : mantissa * powers[number.exponent];
            out = number.is_negative ? -value : value;
            return JsonStatus::ok;
        }
    }
    const auto [end, error] = std::from_chars(number.begin, number.end, out);
    if (error == std::errc::result_out_of_range) {
        // Too large or too small: the place of the first digit tells which.
        if (number.digits + number.exponent > 0)
            return invalid("must be a number of smaller magnitude");
        out = number.is_negative ? -Real{0} : Real{0};
    }
    return JsonStatus::ok;
}

JsonStatus JsonReader::read_real(double& out) { return read_floating(out); }
JsonStatus JsonReader::read_real(float& out) { return read_floating(out); }

JsonStatus JsonReader::take_hex(std::uint32_t& unit) {
    unit = 0;
    for (int i = 0; i != 4; ++i, ++position_) {
        const char c = position_ == end_ ? ' ' : *position_;
        const char lower = static_cast<char>(c | 0x20);
        if (is_digit(c))
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
    std::string_view view;
    if (take_string(view, out) != JsonStatus::ok) return JsonStatus::malformed;
    if (view.data() != out.data()) out.assign(view);
    return JsonStatus::ok;
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

// At a bracket that opens an array or an object.
JsonStatus JsonReader::enter() {
    if (++depth_ > max_depth)
        return malformed(position_, "nested deeper than " + std::to_string(max_depth) + " levels");
    ++position_;
    skip_space();
    return JsonStatus::ok;
}

JsonStatus JsonReader::take_comma_or(char bracket, bool& is_end) {
    skip_space();
    const char c = position_ == end_ ? '\0' : *position_;
    is_end = c == bracket;
    if (!is_end && c != ',') return expected(bracket == '}' ? "',' or '}'" : "',' or ']'");
    ++position_;
    return JsonStatus::ok;
}

// The name of a member and the colon. The view ends with the next read.
JsonStatus JsonReader::take_key(std::string_view& key) {
    if (!next_is('"')) return expected("a member's name in quotes");
    if (take_string(key, scratch_) != JsonStatus::ok) return JsonStatus::malformed;
    if (!next_is(':')) return expected("':'");
    ++position_;
    return JsonStatus::ok;
}

// `index` comes in as a guess, because members mostly arrive in the order of the description; it
// goes out as the field's, or as the number of fields for a name that isn't one.
JsonStatus JsonReader::take_field(const detail::JsonFields& fields, std::size_t& index) {
    skip_space();
    if (index < fields.size) {
        const std::string_view name = fields.fields[index].name;
        // a quote, the name, a quote, the colon
        if (static_cast<std::size_t>(end_ - position_) > name.size() + 2 && *position_ == '"' &&
            std::memcmp(position_ + 1, name.data(), name.size()) == 0 &&
            position_[name.size() + 1] == '"' && position_[name.size() + 2] == ':') {
            position_ += name.size() + 3;
            return JsonStatus::ok;
        }
    }
    std::string_view key;
    if (take_key(key) != JsonStatus::ok) return JsonStatus::malformed;
    for (index = 0; index != fields.size; ++index)
        if (fields.fields[index].name == key) break;
    return JsonStatus::ok;
}

JsonStatus JsonReader::read_object(void* object, const detail::JsonFields& fields) {
    if (!next_is('{')) return mismatch("an object");
    if (enter() != JsonStatus::ok) return JsonStatus::malformed;
    JsonPath step{path_, {}, 0};
    path_ = &step;
    JsonStatus result = JsonStatus::ok;
    std::uint64_t seen = 0;
    std::size_t index = 0;
    bool is_end = next_is('}');
    if (is_end) ++position_;
    while (!is_end) {
        if (take_field(fields, index) != JsonStatus::ok) return JsonStatus::malformed;
        JsonStatus status;
        if (index == fields.size) {
            status = skip_value();
            index = 0;
        } else {
            const detail::JsonField& field = fields.fields[index];
            const std::uint64_t bit = std::uint64_t{1} << index;
            step.key = field.name;
            if (seen & bit) {
                result = invalid("must not be given twice");
                status = skip_value();
            } else {
                status = field.read(*this, object);
            }
            seen |= bit;
            ++index;
        }
        if (status == JsonStatus::malformed) return status;
        result = std::max(result, status);
        if (take_comma_or('}', is_end) != JsonStatus::ok) return JsonStatus::malformed;
    }
    for (std::uint64_t missing = fields.required & ~seen; missing; missing &= missing - 1) {
        step.key = fields.fields[std::countr_zero(missing)].name;
        result = invalid("is required");
    }
    path_ = step.parent;
    --depth_;
    return result;
}

JsonStatus JsonReader::read_map(void* map, bool (*item)(JsonReader&, void* map, JsonPath& step,
                                                        JsonStatus& status)) {
    if (!next_is('{')) return mismatch("an object");
    if (enter() != JsonStatus::ok) return JsonStatus::malformed;
    JsonPath step{path_, {}, 0};
    path_ = &step;
    JsonStatus result = JsonStatus::ok;
    bool is_end = next_is('}');
    if (is_end) ++position_;
    while (!is_end) {
        skip_space();
        if (take_key(step.key) != JsonStatus::ok) return JsonStatus::malformed;
        JsonStatus status = JsonStatus::ok;
        if (!item(*this, map, step, status)) {
            result = invalid("must not be given twice");
            status = skip_value();
        }
        if (status == JsonStatus::malformed) return status;
        result = std::max(result, status);
        if (take_comma_or('}', is_end) != JsonStatus::ok) return JsonStatus::malformed;
    }
    path_ = step.parent;
    --depth_;
    return result;
}

JsonStatus JsonReader::read_list(void* list,
                                 JsonStatus (*item)(JsonReader&, void* list, std::size_t index),
                                 std::size_t exact) {
    if (!next_is('[')) return mismatch("an array");
    if (enter() != JsonStatus::ok) return JsonStatus::malformed;
    JsonPath step{path_, {}, 0};
    path_ = &step;
    JsonStatus result = JsonStatus::ok;
    bool is_end = next_is(']');
    if (is_end) ++position_;
    for (; !is_end; ++step.index) {
        const JsonStatus status = item(*this, list, step.index);
        if (status == JsonStatus::malformed) return status;
        result = std::max(result, status);
        if (take_comma_or(']', is_end) != JsonStatus::ok) return JsonStatus::malformed;
    }
    path_ = step.parent;
    --depth_;
    if (exact != any_count && step.index != exact)
        return invalid("must hold exactly " + std::to_string(exact) + " items");
    return result;
}

JsonStatus JsonReader::skip_value() {
    skip_space();
    switch (position_ == end_ ? '\0' : *position_) {
    case '{': {
        constexpr detail::JsonFields none{nullptr, 0, 0};
        return read_object(nullptr, none);
    }
    case '[':
        return read_list(
            nullptr, [](JsonReader& reader, void*, std::size_t) { return reader.skip_value(); });
    case '"': {
        std::string_view view;
        return take_string(view, scratch_);
    }
    case 't':
        return take_word("true");
    case 'f':
        return take_word("false");
    case 'n':
        return take_word("null");
    default:
        if (position_ == end_ || (*position_ != '-' && !is_digit(*position_)))
            return expected("a value");
        Number number;
        return take_number(number);
    }
}

JsonStatus check_json(std::string_view text, JsonErrors& errors) {
    JsonReader reader(text, errors);
    const JsonStatus status = reader.skip_value();
    return status == JsonStatus::ok ? reader.finish() : status;
}

} // namespace armature
