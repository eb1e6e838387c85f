#pragma once

#include <armature/core/text_form.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace armature {

/// What a type looks like from outside; JSON, forms and schemas follow the same classification.
enum class ValueKind : std::uint8_t {
    unsupported,
    boolean,
    integer,
    real,
    text,
    formatted,   ///< text of one form: a type with a TextForm, such as Uuid
    enumeration, ///< described; its text is the enumerator's name
    optional,
    list,    ///< vector, array, span, deque: anything with value_type, begin() and end()
    map,     ///< keys are text
    object,  ///< a described struct
    variant, ///< a described std::variant: one of several structs, told apart by a member
};

/// A type with ARMATURE_DESCRIBE, ARMATURE_DESCRIBE_ENUM or ARMATURE_DESCRIBE_VARIANT, found by
/// argument-dependent lookup.
template <class T>
concept Described = requires { armature_describe(static_cast<const T*>(nullptr)); };

/// A type with a TextForm.
template <class T>
concept Formatted = requires(const T& value, char* to) { TextForm<T>::write(to, value); };

/// The description of a described type, as a constant: for a struct, `size` members, each by
/// `get<I>()`; for an enumeration, the array `names`; for a variant, its alternatives' `tags`.
template <Described T>
inline constexpr auto description_of = armature_describe(static_cast<const T*>(nullptr));

namespace detail {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

// `char` and its like are text cut in pieces, not numbers: no form is the right one for all.
template <class T>
inline constexpr bool is_character =
    std::same_as<T, char> || std::same_as<T, wchar_t> || std::same_as<T, char8_t> ||
    std::same_as<T, char16_t> || std::same_as<T, char32_t>;

template <class T>
concept RangeLike = requires(const T& value) {
    typename T::value_type;
    value.begin() != value.end();
};
template <class T>
concept MapLike = RangeLike<T> && requires { typename T::mapped_type; } &&
                  std::is_convertible_v<const typename T::key_type&, std::string_view>;

template <class T>
constexpr ValueKind classify() {
    if constexpr (std::same_as<T, bool>)
        return ValueKind::boolean;
    else if constexpr (std::integral<T>)
        return is_character<T> ? ValueKind::unsupported : ValueKind::integer;
    else if constexpr (std::floating_point<T>)
        return ValueKind::real;
    else if constexpr (Formatted<T>)
        return ValueKind::formatted;
    else if constexpr (std::is_convertible_v<const T&, std::string_view>)
        return ValueKind::text;
    else if constexpr (is_optional<T>)
        return ValueKind::optional;
    else if constexpr (Described<T>)
        return decltype(description_of<T>)::kind;
    else if constexpr (MapLike<T>)
        return ValueKind::map;
    else if constexpr (RangeLike<T>)
        return ValueKind::list;
    else
        return ValueKind::unsupported;
}

template <class T>
struct without_optional {
    using type = T;
};
template <class T>
struct without_optional<std::optional<T>> {
    using type = T;
};

constexpr bool is_plain_name(std::string_view name) {
    for (const char c : name)
        if (c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20) return false;
    return !name.empty() && name.size() <= 256;
}

} // namespace detail

template <class T>
inline constexpr ValueKind value_kind = detail::classify<T>();

} // namespace armature
