#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

/// Describes the members of a struct, once, for everything that works from types: JSON,
/// validation, schemas. Write it at namespace scope, right after the struct, in its namespace:
///
///     struct NewUser { std::string name; std::optional<std::string> email; int age; };
///     ARMATURE_DESCRIBE(NewUser, (name, min_length(1), max_length(100)),
///                                (email, format::email), (age, min(0)))
///
/// Each item is a public member, or a member with rules in parentheses (`armature::rules`); at
/// least one and at most 64. A `std::optional` member may be absent, every other is required.
/// Without the macro: a constexpr `armature_describe(const NewUser*)` that returns
/// `armature::describe_struct<NewUser>(armature::member("name", &NewUser::name, ...), ...)`.
#define ARMATURE_DESCRIBE(Type, ...)                                                               \
    [[maybe_unused]] constexpr auto armature_describe(const Type*) {                               \
        using namespace ::armature::rules;                                                         \
        return ::armature::describe_struct<Type>(                                                  \
            ARMATURE_DETAIL_FOR_EACH(ARMATURE_DETAIL_MEMBER, Type, __VA_ARGS__));                  \
    }                                                                                              \
    static_assert(true)

/// Gives the enumerators of an enumeration the text they have in JSON: their own names.
///
///     enum class Color { red, green };
///     ARMATURE_DESCRIBE_ENUM(Color, red, green);
#define ARMATURE_DESCRIBE_ENUM(Type, ...)                                                          \
    [[maybe_unused]] constexpr auto armature_describe(const Type*) {                               \
        return ::armature::describe_enum(                                                          \
            ARMATURE_DETAIL_FOR_EACH(ARMATURE_DETAIL_ENUMERATOR, Type, __VA_ARGS__));              \
    }                                                                                              \
    static_assert(true)

namespace armature {

enum class RuleKind : std::uint8_t {
    min,
    exclusive_min,
    max,
    exclusive_max,
    min_length,
    max_length,
    pattern,
    format,
    min_items,
    max_items,
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
struct TextRule : Rule {};
struct ItemsRule : Rule {};

/// The rules a member can be given; inside ARMATURE_DESCRIBE they need no qualification.
/// They mean what JSON Schema 2020-12 says of the keyword of the same name.
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
} // namespace format

constexpr ItemsRule min_items(std::uint32_t count) { return {{RuleKind::min_items, false, count}}; }
constexpr ItemsRule max_items(std::uint32_t count) { return {{RuleKind::max_items, false, count}}; }

} // namespace rules

/// A described enumerator: its name and its value.
struct EnumName {
    std::string_view name;
    std::int64_t value;
};
template <std::size_t Count>
struct EnumDescription {
    std::array<EnumName, Count> names;
};
template <class Enum>
constexpr EnumName enumerator(std::string_view name, Enum value) {
    return {name, static_cast<std::int64_t>(value)};
}
template <class... Names>
constexpr EnumDescription<sizeof...(Names)> describe_enum(Names... names) {
    return {{names...}};
}

/// A type with ARMATURE_DESCRIBE or ARMATURE_DESCRIBE_ENUM, found by argument-dependent lookup.
template <class T>
concept Described = requires { armature_describe(static_cast<const T*>(nullptr)); };

/// What a type looks like from outside; JSON, forms and schemas follow the same classification.
enum class ValueKind : std::uint8_t {
    unsupported,
    boolean,
    integer,
    real,
    text,
    enumeration, ///< described; its text is the enumerator's name
    optional,
    list,   ///< vector, array, span, deque: anything with value_type, begin() and end()
    map,    ///< keys are text
    object, ///< a described struct
};

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
    else if constexpr (std::is_convertible_v<const T&, std::string_view>)
        return ValueKind::text;
    else if constexpr (is_optional<T>)
        return ValueKind::optional;
    else if constexpr (Described<T>)
        return std::is_enum_v<T> ? ValueKind::enumeration : ValueKind::object;
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

/// One described member: its name, the pointer to it, its rules. `Class` is the struct or a base.
template <class Class, class T, std::size_t RuleCount>
struct Member {
    using value_type = T;
    static constexpr bool is_optional = detail::is_optional<T>;
    static constexpr std::size_t rule_count = RuleCount;

    std::string_view name;
    T Class::* pointer;
    std::array<Rule, RuleCount> rules;
};

template <class Class, class T, class... Rules>
constexpr Member<Class, T, sizeof...(Rules)> member(std::string_view name, T Class::* pointer,
                                                    const Rules&... rules) {
    constexpr ValueKind kind = value_kind<typename detail::without_optional<T>::type>;
    static_assert(((!std::derived_from<Rules, NumberRule> || kind == ValueKind::integer ||
                    kind == ValueKind::real) &&
                   ...),
                  "armature: min, max, exclusive_min and exclusive_max are rules for numbers");
    static_assert(((!std::derived_from<Rules, TextRule> || kind == ValueKind::text) && ...),
                  "armature: min_length, max_length, pattern and format are rules for strings");
    static_assert(((!std::derived_from<Rules, ItemsRule> || kind == ValueKind::list ||
                    kind == ValueKind::map) &&
                   ...),
                  "armature: min_items and max_items are rules for lists and maps");
    return {name, pointer, {{static_cast<const Rule&>(rules)...}}};
}

namespace detail {

// A flat tuple: a std::tuple of 64 members costs the compiler 64 nested classes.
template <std::size_t Index, class M>
struct MemberSlot {
    M member;
};
template <class T, class Indices, class... Members>
struct StructDescription;
template <class T, std::size_t... Index, class... Members>
struct StructDescription<T, std::index_sequence<Index...>, Members...>
    : MemberSlot<Index, Members>... {
    static constexpr std::size_t size = sizeof...(Members);
    using indices = std::index_sequence<Index...>;

    template <std::size_t I>
    [[nodiscard]] constexpr const auto& get() const noexcept {
        return slot<I>(*this).member;
    }

  private:
    template <std::size_t I, class M>
    static constexpr const MemberSlot<I, M>& slot(const MemberSlot<I, M>& slot) noexcept {
        return slot;
    }
};

} // namespace detail

template <class T, class... Members>
constexpr auto describe_struct(Members... members) {
    static_assert(sizeof...(Members) <= 64, "armature: at most 64 members can be described");
    return detail::StructDescription<T, std::index_sequence_for<Members...>, Members...>{
        {members}...};
}

/// The description of a described type, as a constant: for a struct, `size` members, each by
/// `get<I>()`; for an enumeration, the array `names`.
template <Described T>
inline constexpr auto description_of = armature_describe(static_cast<const T*>(nullptr));

/// Calls `visit(member)` for each member of a described struct, in the order of description.
template <Described T, class Visit>
constexpr void for_each_member(Visit&& visit) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (visit(description_of<T>.template get<I>()), ...);
    }(typename decltype(description_of<T>)::indices{});
}

/// The name of a described enumerator; empty when the value is not one of those described.
template <Described T>
    requires std::is_enum_v<T>
[[nodiscard]] constexpr std::string_view enum_name(T value) noexcept {
    for (const EnumName& entry : description_of<T>.names)
        if (entry.value == static_cast<std::int64_t>(value)) return entry.name;
    return {};
}

} // namespace armature

// A macro for each argument: __VA_OPT__ recursion, unrolled by rescanning (256 times, enough for
// any list that describe_struct accepts).
#define ARMATURE_DETAIL_PARENTHESES ()
#define ARMATURE_DETAIL_RESCAN(...)                                                                \
    ARMATURE_DETAIL_RESCAN_3(                                                                      \
        ARMATURE_DETAIL_RESCAN_3(ARMATURE_DETAIL_RESCAN_3(ARMATURE_DETAIL_RESCAN_3(__VA_ARGS__))))
#define ARMATURE_DETAIL_RESCAN_3(...)                                                              \
    ARMATURE_DETAIL_RESCAN_2(                                                                      \
        ARMATURE_DETAIL_RESCAN_2(ARMATURE_DETAIL_RESCAN_2(ARMATURE_DETAIL_RESCAN_2(__VA_ARGS__))))
#define ARMATURE_DETAIL_RESCAN_2(...)                                                              \
    ARMATURE_DETAIL_RESCAN_1(                                                                      \
        ARMATURE_DETAIL_RESCAN_1(ARMATURE_DETAIL_RESCAN_1(ARMATURE_DETAIL_RESCAN_1(__VA_ARGS__))))
#define ARMATURE_DETAIL_RESCAN_1(...) __VA_ARGS__
#define ARMATURE_DETAIL_FOR_EACH(macro, Type, ...)                                                 \
    __VA_OPT__(ARMATURE_DETAIL_RESCAN(ARMATURE_DETAIL_STEP(macro, Type, __VA_ARGS__)))
#define ARMATURE_DETAIL_STEP(macro, Type, first, ...)                                              \
    macro(Type, first)                                                                             \
        __VA_OPT__(, ARMATURE_DETAIL_AGAIN ARMATURE_DETAIL_PARENTHESES(macro, Type, __VA_ARGS__))
#define ARMATURE_DETAIL_AGAIN() ARMATURE_DETAIL_STEP

// An item in parentheses makes the probe expand to a second argument of 1.
#define ARMATURE_DETAIL_PROBE(...) ~, 1
#define ARMATURE_DETAIL_SECOND(first, second, ...) second
#define ARMATURE_DETAIL_HAS_RULES(...) ARMATURE_DETAIL_SECOND(__VA_ARGS__, 0, 0)
#define ARMATURE_DETAIL_JOIN(a, b) ARMATURE_DETAIL_JOIN_EXPANDED(a, b)
#define ARMATURE_DETAIL_JOIN_EXPANDED(a, b) a##b
#define ARMATURE_DETAIL_UNWRAP(...) __VA_ARGS__
#define ARMATURE_DETAIL_MEMBER(Type, item)                                                         \
    ARMATURE_DETAIL_JOIN(ARMATURE_DETAIL_MEMBER_,                                                  \
                         ARMATURE_DETAIL_HAS_RULES(ARMATURE_DETAIL_PROBE item))                    \
    (Type, item)
#define ARMATURE_DETAIL_MEMBER_0(Type, item) ::armature::member(#item, &Type::item)
#define ARMATURE_DETAIL_MEMBER_1(Type, item)                                                       \
    ARMATURE_DETAIL_MEMBER_RULES(Type, ARMATURE_DETAIL_UNWRAP item)
#define ARMATURE_DETAIL_MEMBER_RULES(Type, ...) ARMATURE_DETAIL_MEMBER_LIST(Type, __VA_ARGS__)
#define ARMATURE_DETAIL_MEMBER_LIST(Type, item, ...)                                               \
    ::armature::member(#item, &Type::item __VA_OPT__(, ) __VA_ARGS__)
#define ARMATURE_DETAIL_ENUMERATOR(Type, item) ::armature::enumerator(#item, Type::item)
