#pragma once

#include <armature/core/path_params.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace armature {

/// What a path parameter accepts. The order is the order of precedence: when several parameters
/// stand at the same place, the router tries the earlier kind first.
enum class ParamKind : std::uint8_t {
    uuid,     ///< 8-4-4-4-12 hexadecimal digits, either case
    uint,     ///< one or more digits; the size of the number isn't checked
    int_,     ///< as `uint`, after an optional minus sign
    hex,      ///< one or more hexadecimal digits, either case
    alpha,    ///< one or more ASCII letters
    alnum,    ///< one or more ASCII letters or digits
    regex,    ///< the whole segment matches an RE2 expression
    any,      ///< any segment that isn't empty
    wildcard, ///< the rest of the path, slashes included, also when it is empty
};

/// One parameter of a pattern. The views point into the pattern's text.
struct PatternParam {
    std::string_view name;
    ParamKind kind = ParamKind::any;
    std::string_view regex; ///< the expression of `ParamKind::regex`, else empty

    bool operator==(const PatternParam&) const = default;
};

/// What is wrong with a pattern; `ok` when nothing is.
enum class PatternError : std::uint8_t {
    ok,
    missing_leading_slash,
    empty_segment,
    dot_segment,
    query_or_fragment,
    percent_sign,
    control_character,
    mixed_segment,
    empty_parameter_name,
    invalid_parameter_name,
    duplicate_parameter_name,
    too_many_parameters,
    unclosed_brace,
    unknown_constraint,
    empty_regex,
    wildcard_not_last,
};

/// A sentence for people, for example "a segment is empty: two slashes follow each other".
[[nodiscard]] constexpr std::string_view to_string(PatternError error) noexcept {
    switch (error) {
    case PatternError::ok:
        return "the pattern is well-formed";
    case PatternError::missing_leading_slash:
        return "a pattern starts with '/'";
    case PatternError::empty_segment:
        return "a segment is empty: two slashes follow each other";
    case PatternError::dot_segment:
        return "'.' and '..' are resolved before routing, so this segment can never match";
    case PatternError::query_or_fragment:
        return "'?' and '#' aren't part of a path; for an optional parameter register two routes";
    case PatternError::percent_sign:
        return "patterns are compared with the decoded path: write the character itself, not %XX";
    case PatternError::control_character:
        return "a control character can't be part of a pattern";
    case PatternError::mixed_segment:
        return "a parameter takes a whole segment: no text before or after it";
    case PatternError::empty_parameter_name:
        return "a parameter has no name";
    case PatternError::invalid_parameter_name:
        return "a parameter's name is letters, digits and '_', and doesn't start with a digit";
    case PatternError::duplicate_parameter_name:
        return "two parameters have the same name";
    case PatternError::too_many_parameters:
        return "a pattern has at most 16 parameters";
    case PatternError::unclosed_brace:
        return "a '{' or a regex's '(' is never closed";
    case PatternError::unknown_constraint:
        return "unknown constraint; known are int, uint, alpha, alnum, hex, uuid and regex(…)";
    case PatternError::empty_regex:
        return "regex() has no expression";
    case PatternError::wildcard_not_last:
        return "a wildcard is the last segment of a pattern";
    }
    return "unknown pattern error";
}

/// A pattern's next piece: literal text, or a parameter.
struct PatternSegment {
    std::string_view literal; ///< decoded text between two slashes; empty for a parameter
    PatternParam param;       ///< only for a parameter
    bool is_param = false;
};

/// Reads a pattern segment by segment; the one parser behind everything in this header.
///
///     for (PatternReader reader{pattern}; reader.next();) use(reader.segment());
///
/// Syntax, with `/` between the segments and an optional `/` at the end:
///  - `users`              literal text, compared byte by byte with the decoded path
///  - `:id`, `{id}`        one segment that isn't empty
///  - `{id:uuid}`          the same, constrained: int, uint, alpha, alnum, hex, uuid, regex(…)
///  - `*rest`, `{*rest}`   last only: the rest of the path, which may hold slashes or be empty
///
/// Usable at compile time and at run time. Lifetime: keeps a view of the pattern.
class PatternReader {
  public:
    constexpr explicit PatternReader(std::string_view pattern) noexcept : text_(pattern) {
        if (pattern.empty() || pattern[0] != '/') error_ = PatternError::missing_leading_slash;
    }

    /// Moves to the next segment; false at the end and at the first error. A `/` at the end of the
    /// pattern isn't a segment: see `has_trailing_slash`.
    constexpr bool next() noexcept {
        if (error_ != PatternError::ok || position_ >= text_.size()) return false;
        ++position_; // the slash
        if (position_ == text_.size()) return false;
        segment_ = {};
        const char first = text_[position_];
        if (first == ':' || first == '*') {
            read_plain_param();
        } else if (first == '{') {
            read_braced_param();
        } else {
            read_literal();
        }
        if (error_ == PatternError::ok && segment_.is_param &&
            segment_.param.kind == ParamKind::wildcard && position_ != text_.size()) {
            error_ = PatternError::wildcard_not_last;
        }
        return error_ == PatternError::ok;
    }

    [[nodiscard]] constexpr const PatternSegment& segment() const noexcept { return segment_; }
    [[nodiscard]] constexpr PatternError error() const noexcept { return error_; }

    /// True for `/` and for everything that ends in it.
    [[nodiscard]] constexpr bool has_trailing_slash() const noexcept {
        return text_.ends_with('/');
    }

  private:
    static constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
    static constexpr bool is_name_char(char c) noexcept {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_';
    }
    static constexpr bool is_control(char c) noexcept {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    }

    constexpr std::string_view take_until_slash() noexcept {
        const std::size_t begin = position_;
        while (position_ < text_.size() && text_[position_] != '/')
            ++position_;
        return text_.substr(begin, position_ - begin);
    }

    constexpr void read_literal() noexcept {
        segment_.literal = take_until_slash();
        if (segment_.literal.empty()) error_ = PatternError::empty_segment;
        if (segment_.literal == "." || segment_.literal == "..") error_ = PatternError::dot_segment;
        for (const char c : segment_.literal) {
            if (c == '{' || c == '}' || c == '*') error_ = PatternError::mixed_segment;
            if (c == '?' || c == '#') error_ = PatternError::query_or_fragment;
            if (c == '%') error_ = PatternError::percent_sign;
            if (is_control(c)) error_ = PatternError::control_character;
        }
    }

    constexpr void set_name(std::string_view name) noexcept {
        segment_.is_param = true;
        segment_.param.name = name;
        if (name.empty()) {
            error_ = PatternError::empty_parameter_name;
        } else if (name.find_first_of("?#") != name.npos) {
            error_ = PatternError::query_or_fragment;
        } else if (is_digit(name[0])) {
            error_ = PatternError::invalid_parameter_name;
        }
        for (const char c : name) {
            if (error_ == PatternError::ok && !is_name_char(c)) {
                error_ = PatternError::invalid_parameter_name;
            }
        }
    }

    constexpr void read_plain_param() noexcept {
        if (text_[position_] == '*') segment_.param.kind = ParamKind::wildcard;
        set_name(take_until_slash().substr(1));
    }

    constexpr void read_braced_param() noexcept {
        ++position_; // the brace
        const bool is_wildcard = position_ < text_.size() && text_[position_] == '*';
        if (is_wildcard) ++position_;
        const std::size_t begin = position_;
        while (position_ < text_.size() && text_[position_] != ':' && text_[position_] != '}' &&
               text_[position_] != '/') {
            ++position_;
        }
        if (position_ == text_.size() || text_[position_] == '/') {
            error_ = PatternError::unclosed_brace;
            return;
        }
        set_name(text_.substr(begin, position_ - begin));
        if (is_wildcard) segment_.param.kind = ParamKind::wildcard;
        if (error_ == PatternError::ok && text_[position_] == ':') {
            // `{*rest:int}` would promise something about text that spans segments.
            if (is_wildcard) error_ = PatternError::unknown_constraint;
            if (!is_wildcard) read_constraint();
        }
        if (error_ != PatternError::ok) return;
        ++position_; // the closing brace
        if (position_ < text_.size() && text_[position_] != '/')
            error_ = PatternError::mixed_segment;
    }

    /// Reads from the colon up to, not including, the closing brace.
    constexpr void read_constraint() noexcept {
        constexpr std::string_view regex_open = "regex(";
        const std::string_view rest = text_.substr(position_ + 1);
        if (rest.starts_with(regex_open)) {
            position_ += 1 + regex_open.size();
            read_regex();
            return;
        }
        const std::size_t close = rest.find('}');
        if (close == rest.npos) {
            error_ = PatternError::unclosed_brace;
            return;
        }
        position_ += 1 + close;
        const std::string_view name = rest.substr(0, close);
        struct Known {
            std::string_view name;
            ParamKind kind;
        };
        constexpr Known known[] = {{"int", ParamKind::int_},    {"uint", ParamKind::uint},
                                   {"alpha", ParamKind::alpha}, {"alnum", ParamKind::alnum},
                                   {"hex", ParamKind::hex},     {"uuid", ParamKind::uuid}};
        for (const Known& candidate : known) {
            if (candidate.name == name) {
                segment_.param.kind = candidate.kind;
                return;
            }
        }
        error_ = PatternError::unknown_constraint;
    }

    /// Finds the parenthesis that closes `regex(`: escapes and character classes may hold others.
    constexpr void read_regex() noexcept {
        const std::size_t begin = position_;
        std::size_t class_begin =
            0; // where a ']' would still be an ordinary character; 0: no class
        std::size_t depth = 1;
        for (; position_ < text_.size(); ++position_) {
            const char c = text_[position_];
            if (c == '\\') {
                ++position_;
            } else if (class_begin != 0) {
                const bool negates = c == '^' && text_[position_ - 1] == '[';
                if (negates && position_ == class_begin) ++class_begin;
                if (c == ']' && position_ != class_begin) class_begin = 0;
            } else if (c == '[') {
                class_begin = position_ + 1;
            } else if (c == '(') {
                ++depth;
            } else if (c == ')' && --depth == 0) {
                break;
            }
        }
        if (position_ + 1 >= text_.size() || text_[position_ + 1] != '}') {
            error_ = PatternError::unclosed_brace;
            return;
        }
        segment_.param.kind = ParamKind::regex;
        segment_.param.regex = text_.substr(begin, position_ - begin);
        if (segment_.param.regex.empty()) error_ = PatternError::empty_regex;
        ++position_; // the parenthesis
    }

    std::string_view text_;
    std::size_t position_ = 0;
    PatternSegment segment_;
    PatternError error_ = PatternError::ok;
};

/// The first error of a pattern, or `PatternError::ok`. The text of a regex is checked only when
/// the router is built.
[[nodiscard]] constexpr PatternError check_pattern(std::string_view pattern) noexcept {
    std::string_view names[max_path_params];
    std::size_t count = 0;
    PatternReader reader{pattern};
    while (reader.next()) {
        if (!reader.segment().is_param) continue;
        if (count == max_path_params) return PatternError::too_many_parameters;
        const std::string_view name = reader.segment().param.name;
        for (std::size_t i = 0; i < count; ++i) {
            if (names[i] == name) return PatternError::duplicate_parameter_name;
        }
        names[count++] = name;
    }
    return reader.error();
}

/// How many parameters a pattern has, wildcard included.
[[nodiscard]] constexpr std::size_t pattern_param_count(std::string_view pattern) noexcept {
    std::size_t count = 0;
    for (PatternReader reader{pattern}; reader.next();)
        count += reader.segment().is_param ? 1 : 0;
    return count;
}

/// The pattern's parameter number `index`, from 0; one without a name when there is none.
[[nodiscard]] constexpr PatternParam pattern_param(std::string_view pattern,
                                                   std::size_t index) noexcept {
    for (PatternReader reader{pattern}; reader.next();) {
        if (reader.segment().is_param && index-- == 0) return reader.segment().param;
    }
    return {};
}

/// The name of parameter number `index`, or an empty view.
[[nodiscard]] constexpr std::string_view pattern_param_name(std::string_view pattern,
                                                            std::size_t index) noexcept {
    return pattern_param(pattern, index).name;
}

/// The kind of parameter number `index`; `ParamKind::any` when there is none.
[[nodiscard]] constexpr ParamKind pattern_param_kind(std::string_view pattern,
                                                     std::size_t index) noexcept {
    return pattern_param(pattern, index).kind;
}

} // namespace armature
