#pragma once

#include <armature/describe/kinds.hpp>
#include <armature/describe/rules.hpp>

#include <utility>
#include <vector>

/// Describes the members of a struct, once, for everything that works from types: JSON,
/// validation, schemas. Write it at namespace scope, right after the struct, in its namespace:
///
///     struct NewUser { std::string name; std::optional<std::string> email; int age; };
///     ARMATURE_DESCRIBE(NewUser, (name, min_length(1), max_length(100)),
///                                (email, format::email), (age, min(0)))
///
/// Each item is a public member, or a member with rules and notes in parentheses
/// (`armature::rules`); at least one and at most 64. A `std::optional` member may be absent, and so
/// may one that is `defaulted` or `read_only`; every other is required.
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

/// A described enumerator: its name and its value.
struct EnumName {
    std::string_view name;
    std::int64_t value;
};
template <std::size_t Count>
struct EnumDescription {
    static constexpr ValueKind kind = ValueKind::enumeration;
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

/// One described member: its name, the pointer to it, its rules. `Class` is the struct or a base.
template <class Class, class T, std::size_t RuleCount>
struct Member {
    using value_type = T;
    static constexpr bool is_optional = detail::is_optional<T>;
    static constexpr std::size_t rule_count = RuleCount;

    std::string_view name;
    T Class::* pointer;
    std::array<Rule, RuleCount> rules;
    MemberNotes notes;

    /// Whether a text that is read must have it.
    [[nodiscard]] constexpr bool is_required() const noexcept {
        return !is_optional && !notes.defaulted && !notes.read_only;
    }
};

namespace detail {

template <class T>
inline constexpr bool is_rule = std::derived_from<T, Rule>;

// Rules go into the array, in their order; notes into the notes.
template <class T, std::size_t Count>
constexpr void add_to_member(const T& item, std::array<Rule, Count>& rules, std::size_t& index,
                             MemberNotes& notes) {
    if constexpr (is_rule<T>)
        rules[index++] = item;
    else
        item.apply(notes);
}

// Not constexpr, so that calling it in a constant ends the compilation.
void member_has_a_rule_twice();

// What a set of values is checked with: std::set's order, in O(n log n).
template <class T>
constexpr bool has_ordered_items() {
    if constexpr (value_kind<T> == ValueKind::list)
        return std::totally_ordered<typename T::value_type> && !std::same_as<T, std::vector<bool>>;
    else
        return false;
}

} // namespace detail

template <class Class, class T, class... Items>
constexpr auto member(std::string_view name, T Class::* pointer, const Items&... items) {
    using Value = typename detail::without_optional<T>::type;
    constexpr ValueKind kind = value_kind<Value>;
    static_assert(((!std::derived_from<Items, NumberRule> || kind == ValueKind::integer ||
                    kind == ValueKind::real) &&
                   ...),
                  "armature: min, max, exclusive_min and exclusive_max are rules for numbers");
    static_assert(((!std::derived_from<Items, IntegerRule> || kind == ValueKind::integer) && ...),
                  "armature: multiple_of is a rule for integers");
    static_assert(((!std::derived_from<Items, TextRule> || kind == ValueKind::text) && ...),
                  "armature: min_length, max_length, pattern and format are rules for strings");
    static_assert(((!std::derived_from<Items, ItemsRule> || kind == ValueKind::list ||
                    kind == ValueKind::map) &&
                   ...),
                  "armature: min_items and max_items are rules for lists and maps");
    static_assert(
        ((!std::derived_from<Items, UniqueRule> || detail::has_ordered_items<Value>()) && ...),
        "armature: unique_items is a rule for lists whose items can be ordered by <");
    Member<Class, T, (std::size_t{detail::is_rule<Items>} + ... + 0)> result{name, pointer, {}, {}};
    [[maybe_unused]] std::size_t index = 0;
    (detail::add_to_member(items, result.rules, index, result.notes), ...);
    for (std::size_t i = 1; i < result.rules.size(); ++i)
        for (std::size_t j = 0; j != i; ++j)
            if (result.rules[i].kind == result.rules[j].kind) detail::member_has_a_rule_twice();
    return result;
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
    static constexpr ValueKind kind = ValueKind::object;
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
