#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace armature {

enum class RuleKind : std::uint8_t {
    min,
    exclusive_min,
    max,
    exclusive_max,
    multiple_of,
    min_length,
    max_length,
    pattern,
    format,
    min_items,
    max_items,
    unique_items,
};

/// One condition on a member's value. `text` lives as long as the program.
struct Rule {
    RuleKind kind = RuleKind::min;
    bool is_real = false;     ///< the bound is `real`, else `integer`
    std::int64_t integer = 0; ///< a bound, a length or a count
    double real = 0;
    std::string_view text = {}; ///< the pattern, or the format's name in JSON Schema
};

// The rule's type says what it can be applied to; `member` checks it.
struct NumberRule : Rule {};
struct IntegerRule : Rule {};
struct TextRule : Rule {};
struct ItemsRule : Rule {};
struct UniqueRule : Rule {};

/// A constant in a description: an example or a default. Texts live as long as the program.
struct Literal {
    enum class Kind : std::uint8_t { none, boolean, integer, natural, real, text, json };

    Kind kind = Kind::none;
    bool boolean = false;
    std::int64_t integer = 0;
    std::uint64_t natural = 0;
    double real = 0;
    std::string_view text = {}; ///< the text, not yet in quotes; or JSON as it is
};

/// What a description says of a member beside its rules.
struct MemberNotes {
    std::string_view title = {};
    std::string_view description = {};
    Literal example = {};
    bool defaulted = false;
    bool read_only = false;
    bool write_only = false;
    bool deprecated = false;
};

/// The rules and notes a member can be given; inside ARMATURE_DESCRIBE they need no qualification.
/// Rules mean what JSON Schema 2020-12 says of the keyword of the same name.
namespace rules {

template <class Number>
constexpr NumberRule number_rule(RuleKind kind, Number bound) {
    if constexpr (std::floating_point<Number>)
        return {{kind, true, 0, static_cast<double>(bound)}};
    else
        return {{kind, false, std::int64_t{bound}}}; // braces: a bound above 2^63-1 won't compile
}
template <class Number>
constexpr NumberRule min(Number bound) {
    return number_rule(RuleKind::min, bound);
}
template <class Number>
constexpr NumberRule exclusive_min(Number bound) {
    return number_rule(RuleKind::exclusive_min, bound);
}
template <class Number>
constexpr NumberRule max(Number bound) {
    return number_rule(RuleKind::max, bound);
}
template <class Number>
constexpr NumberRule exclusive_max(Number bound) {
    return number_rule(RuleKind::exclusive_max, bound);
}
/// For integers: among binary fractions, hardly anything is a multiple of 0.1.
constexpr IntegerRule multiple_of(std::uint32_t divisor) {
    return {{RuleKind::multiple_of, false, divisor}};
}

/// Lengths count Unicode characters (code points), not bytes.
constexpr TextRule min_length(std::uint32_t count) {
    return {{RuleKind::min_length, false, count}};
}
constexpr TextRule max_length(std::uint32_t count) {
    return {{RuleKind::max_length, false, count}};
}
/// A regular expression in RE2's syntax (no look-around, no back-references, linear time) that
/// must match somewhere in the text: anchor with ^ and $. Compiled at first use, once.
constexpr TextRule pattern(const char* expression) {
    return {{RuleKind::pattern, false, 0, 0, expression}};
}

namespace format {
/// RFC 5321 Mailbox with a dot-string local part and a domain of two or more labels.
inline constexpr TextRule email{{RuleKind::format, false, 0, 0, "email"}};
/// RFC 9562: 8-4-4-4-12 hexadecimal digits.
inline constexpr TextRule uuid{{RuleKind::format, false, 0, 0, "uuid"}};
/// RFC 3986 §3: a URI with its scheme; relative references are refused.
inline constexpr TextRule uri{{RuleKind::format, false, 0, 0, "uri"}};
/// RFC 3339 full-date, a day that exists: 2024-02-29.
inline constexpr TextRule date{{RuleKind::format, false, 0, 0, "date"}};
/// RFC 3339 date-time, with its offset: 2024-02-29T12:00:00.5+01:00.
inline constexpr TextRule date_time{{RuleKind::format, false, 0, 0, "date-time"}};
/// RFC 3339 full-time, with its offset: 12:00:00.5+01:00.
inline constexpr TextRule time{{RuleKind::format, false, 0, 0, "time"}};
/// RFC 3339 appendix A: P1Y2M3D, P2W, PT1H30M; whole numbers.
inline constexpr TextRule duration{{RuleKind::format, false, 0, 0, "duration"}};
/// Four numbers from 0 to 255 without leading zeros.
inline constexpr TextRule ipv4{{RuleKind::format, false, 0, 0, "ipv4"}};
/// RFC 4291 §2.2, without a zone.
inline constexpr TextRule ipv6{{RuleKind::format, false, 0, 0, "ipv6"}};
/// RFC 1123 §2.1: labels of letters, digits and inner hyphens; at most 253 characters.
inline constexpr TextRule hostname{{RuleKind::format, false, 0, 0, "hostname"}};
} // namespace format

constexpr ItemsRule min_items(std::uint32_t count) { return {{RuleKind::min_items, false, count}}; }
constexpr ItemsRule max_items(std::uint32_t count) { return {{RuleKind::max_items, false, count}}; }
/// No two items are equal.
inline constexpr UniqueRule unique_items{{RuleKind::unique_items}};

/// What the member means, for whoever reads the documentation of the API.
struct DescriptionNote {
    std::string_view text;
    constexpr void apply(MemberNotes& notes) const { notes.description = text; }
};
constexpr DescriptionNote description(const char* text) { return {text}; }

/// A short name for people: the label of a field in a form.
struct TitleNote {
    std::string_view text;
    constexpr void apply(MemberNotes& notes) const { notes.title = text; }
};
constexpr TitleNote title(const char* text) { return {text}; }

/// A value that documentation shows: a boolean, a number or a text.
struct ExampleNote {
    Literal value;
    constexpr void apply(MemberNotes& notes) const { notes.example = value; }
};
template <class T>
constexpr ExampleNote example(const T& value) {
    Literal literal;
    if constexpr (std::same_as<T, bool>) {
        literal.kind = Literal::Kind::boolean;
        literal.boolean = value;
    } else if constexpr (std::signed_integral<T>) {
        literal.kind = Literal::Kind::integer;
        literal.integer = value;
    } else if constexpr (std::unsigned_integral<T>) {
        literal.kind = Literal::Kind::natural;
        literal.natural = value;
    } else if constexpr (std::floating_point<T>) {
        literal.kind = Literal::Kind::real;
        literal.real = static_cast<double>(value);
    } else {
        literal.kind = Literal::Kind::text;
        literal.text = std::string_view(value);
    }
    return {literal};
}
/// An example of any shape, written as JSON: example_json(R"(["a","b"])").
constexpr ExampleNote example_json(const char* json) {
    Literal literal;
    literal.kind = Literal::Kind::json;
    literal.text = json;
    return {literal};
}

/// The member may be absent; it keeps what the struct's own initialiser gives it then.
struct DefaultedNote {
    constexpr void apply(MemberNotes& notes) const { notes.defaulted = true; }
};
inline constexpr DefaultedNote defaulted{};

/// The program alone sets the member: always written; ignored, whatever it is, when read.
struct ReadOnlyNote {
    constexpr void apply(MemberNotes& notes) const { notes.read_only = true; }
};
inline constexpr ReadOnlyNote read_only{};

/// Read, but never written: a password.
struct WriteOnlyNote {
    constexpr void apply(MemberNotes& notes) const { notes.write_only = true; }
};
inline constexpr WriteOnlyNote write_only{};

/// Still there for old clients; new ones should not use it.
struct DeprecatedNote {
    constexpr void apply(MemberNotes& notes) const { notes.deprecated = true; }
};
inline constexpr DeprecatedNote deprecated{};

} // namespace rules
} // namespace armature
