#pragma once

#include <armature/describe/describe.hpp>

#include <limits>
#include <string>
#include <string_view>

/// The one way from a text to a value: of path parameters, query strings, forms, header fields and
/// cookies.
namespace armature::detail {

// Each is false unless all of `text` is such a value: no spaces around it, no plus sign.
[[nodiscard]] bool parse_text(std::string_view text, bool& out) noexcept;
[[nodiscard]] bool parse_text(std::string_view text, std::int64_t& out, std::int64_t least,
                              std::int64_t greatest) noexcept;
[[nodiscard]] bool parse_text(std::string_view text, std::uint64_t& out,
                              std::uint64_t greatest) noexcept;
[[nodiscard]] bool parse_text(std::string_view text, double& out, double greatest) noexcept;
[[nodiscard]] bool parse_text(std::string_view text, std::int64_t& out, const EnumName* names,
                              std::size_t count) noexcept;

[[nodiscard]] std::string wanted_integer(std::int64_t least, std::uint64_t greatest);
[[nodiscard]] std::string wanted_name(const EnumName* names, std::size_t count);

/// Whether a `T` can be read from one text.
template <class T>
inline constexpr bool is_text_value = [] {
    constexpr ValueKind kind = value_kind<T>;
    return kind == ValueKind::boolean || kind == ValueKind::integer ||
           (kind == ValueKind::real && sizeof(T) <= sizeof(double)) ||
           kind == ValueKind::enumeration || kind == ValueKind::formatted ||
           std::same_as<T, std::string> || std::same_as<T, std::string_view>;
}();

/// Reads all of `text`; false if it is no `T`. A std::string_view becomes `text` itself.
template <class T>
[[nodiscard]] bool read_text(std::string_view text, T& out) {
    constexpr ValueKind kind = value_kind<T>;
    if constexpr (kind == ValueKind::boolean) {
        return parse_text(text, out);
    } else if constexpr (kind == ValueKind::integer && std::signed_integral<T>) {
        std::int64_t value = 0;
        using Limits = std::numeric_limits<T>;
        if (!parse_text(text, value, Limits::min(), Limits::max())) return false;
        out = static_cast<T>(value);
        return true;
    } else if constexpr (kind == ValueKind::integer) {
        std::uint64_t value = 0;
        if (!parse_text(text, value, std::numeric_limits<T>::max())) return false;
        out = static_cast<T>(value);
        return true;
    } else if constexpr (kind == ValueKind::real) {
        double value = 0;
        if (!parse_text(text, value, double{std::numeric_limits<T>::max()})) return false;
        out = static_cast<T>(value);
        return true;
    } else if constexpr (kind == ValueKind::enumeration) {
        constexpr const auto& names = description_of<T>.names;
        std::int64_t value = 0;
        if (!parse_text(text, value, names.data(), names.size())) return false;
        out = static_cast<T>(value);
        return true;
    } else if constexpr (kind == ValueKind::formatted) {
        return TextForm<T>::parse(text, out);
    } else {
        out = T{text};
        return true;
    }
}

/// What a text should have been, to be read after "must be".
template <class T>
[[nodiscard]] std::string wanted_text() {
    constexpr ValueKind kind = value_kind<T>;
    if constexpr (kind == ValueKind::boolean)
        return "true or false";
    else if constexpr (kind == ValueKind::integer)
        return wanted_integer(
            std::int64_t{std::signed_integral<T> ? std::numeric_limits<T>::min() : T{0}},
            std::uint64_t{std::numeric_limits<T>::max()});
    else if constexpr (kind == ValueKind::real)
        return "a number";
    else if constexpr (kind == ValueKind::enumeration)
        return wanted_name(description_of<T>.names.data(), description_of<T>.names.size());
    else if constexpr (kind == ValueKind::formatted)
        return std::string{TextForm<T>::wanted};
    else
        return "text in UTF-8";
}

} // namespace armature::detail
