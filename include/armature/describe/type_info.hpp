#pragma once

#include <armature/core/type_name.hpp>
#include <armature/describe/describe.hpp>

#include <limits>
#include <span>

namespace armature {

struct TypeInfo;

/// A member of a described struct, as `TypeInfo` shows it.
struct MemberInfo {
    std::string_view name;
    const TypeInfo* type; ///< of a std::optional member: kind `optional`, the value is its `item`
    std::span<const Rule> rules;
    MemberNotes notes;
    bool required; ///< a text that is read must have it
    /// What a `defaulted` member is in a new struct; `none` if it has no short form, and for every
    /// other member. Null when the struct can't be default-constructed. Text lives on.
    Literal (*initial)();
};

/// One of a variant's structs, and the text of the discriminator that stands for it.
struct AlternativeInfo {
    std::string_view tag;
    const TypeInfo* type;
};

/// A describable type at run time: what schemas, forms, documentation and test data are made from.
/// There is one for each type, a constant that lives as long as the program, so two types are the
/// same if the addresses of their infos are. Recursive types contain themselves.
struct TypeInfo {
    ValueKind kind = ValueKind::unsupported;
    /// Of structs, enumerations and variants: the C++ name without its namespace. It may have
    /// template arguments, and two types may have the same. Otherwise empty.
    std::string_view name = {};
    /// JSON Schema's `format` of `formatted` types; of numbers the narrowest of int32 and int64
    /// that holds all of them, float or double.
    std::string_view format = {};
    std::string_view pattern = {};       ///< of `formatted` types, if they have one
    std::int64_t least = 0;              ///< of integers
    std::uint64_t greatest = 0;          ///< of integers
    const TypeInfo* item = nullptr;      ///< of lists, maps and optionals
    std::size_t exact_items = any_count; ///< of std::array
    std::span<const MemberInfo> members = {};
    std::span<const EnumName> enumerators = {};
    std::string_view discriminator = {}; ///< of variants: the member that tells them apart
    std::span<const AlternativeInfo> alternatives = {};

    static constexpr std::size_t any_count = static_cast<std::size_t>(-1);
};

namespace detail {

template <class T>
struct TypeInfoOf {
    static const TypeInfo value;
};

constexpr std::string_view unqualified(std::string_view name) {
    const std::size_t end = std::min(name.find('<'), name.size());
    const std::size_t colons = name.substr(0, end).rfind("::");
    return colons == std::string_view::npos ? name : name.substr(colons + 2);
}

// The value of a member in a new struct. Everything a Literal can't hold without memory of its own
// is left out, except empty lists and maps.
template <class T>
Literal initial_literal(const T& value) {
    constexpr ValueKind kind = value_kind<T>;
    Literal literal;
    if constexpr (kind == ValueKind::boolean || kind == ValueKind::integer ||
                  kind == ValueKind::real) {
        return rules::example(value).value;
    } else if constexpr (kind == ValueKind::text) {
        literal.kind = Literal::Kind::text;
        literal.text = value;
    } else if constexpr (kind == ValueKind::enumeration) {
        literal.text = enum_name(value);
        if (!literal.text.empty()) literal.kind = Literal::Kind::text;
    } else if constexpr (kind == ValueKind::list || kind == ValueKind::map) {
        if (value.begin() != value.end()) return literal;
        literal.kind = Literal::Kind::json;
        literal.text = kind == ValueKind::list ? "[]" : "{}";
    } else if constexpr (kind == ValueKind::optional) {
        if (value) return initial_literal(*value);
    }
    return literal;
}

template <class T, std::size_t I>
Literal initial_value() {
    static const T object{};
    return initial_literal(object.*description_of<T>.template get<I>().pointer);
}

template <class T, std::size_t I>
constexpr MemberInfo member_info() {
    constexpr const auto& member = description_of<T>.template get<I>();
    using M = typename std::remove_cvref_t<decltype(member)>::value_type;
    Literal (*initial)() = nullptr;
    if constexpr (member.notes.defaulted && std::default_initializable<T>)
        initial = &initial_value<T, I>;
    return {member.name,  &TypeInfoOf<M>::value, member.rules,
            member.notes, member.is_required(),  initial};
}

template <class T, class Indices>
struct MemberInfos;
template <class T, std::size_t... I>
struct MemberInfos<T, std::index_sequence<I...>> {
    static constexpr MemberInfo values[] = {member_info<T, I>()...};
};

template <class T, class Indices>
struct AlternativeInfos;
template <class T, std::size_t... I>
struct AlternativeInfos<T, std::index_sequence<I...>> {
    static constexpr AlternativeInfo values[] = {
        {description_of<T>.tags[I],
         &TypeInfoOf<typename decltype(description_of<T>)::template alternative<I>>::value}...};
};

template <class T>
constexpr std::string_view integer_format() noexcept {
    using Limits = std::numeric_limits<T>;
    if (Limits::digits <= 31) return "int32";
    return Limits::digits <= 63 ? "int64" : "";
}

template <class T>
constexpr TypeInfo make_type_info() {
    constexpr ValueKind kind = value_kind<T>;
    static_assert(kind != ValueKind::unsupported,
                  "armature: this type has no description; give it ARMATURE_DESCRIBE(Type, "
                  "members) or ARMATURE_DESCRIBE_ENUM(Type, enumerators)");
    TypeInfo info;
    info.kind = kind;
    if constexpr (kind == ValueKind::integer) {
        info.format = integer_format<T>();
        info.least =
            std::signed_integral<T> ? static_cast<std::int64_t>(std::numeric_limits<T>::min()) : 0;
        info.greatest = static_cast<std::uint64_t>(std::numeric_limits<T>::max());
    } else if constexpr (kind == ValueKind::real) {
        info.format = sizeof(T) > 4 ? "double" : "float";
    } else if constexpr (kind == ValueKind::formatted) {
        info.format = TextForm<T>::format;
        info.pattern = TextForm<T>::pattern;
    } else if constexpr (kind == ValueKind::enumeration) {
        info.name = unqualified(type_name<T>());
        info.enumerators = description_of<T>.names;
    } else if constexpr (kind == ValueKind::optional || kind == ValueKind::list) {
        info.item = &TypeInfoOf<std::remove_cv_t<typename T::value_type>>::value;
        if constexpr (requires { std::tuple_size<T>::value; })
            info.exact_items = std::tuple_size<T>::value;
    } else if constexpr (kind == ValueKind::map) {
        info.item = &TypeInfoOf<typename T::mapped_type>::value;
    } else if constexpr (kind == ValueKind::object) {
        info.name = unqualified(type_name<T>());
        info.members = MemberInfos<T, typename decltype(description_of<T>)::indices>::values;
    } else if constexpr (kind == ValueKind::variant) {
        info.name = description_of<T>.name;
        info.discriminator = description_of<T>.discriminator;
        info.alternatives =
            AlternativeInfos<T, typename decltype(description_of<T>)::indices>::values;
    }
    return info;
}

template <class T>
constinit const TypeInfo TypeInfoOf<T>::value = make_type_info<T>();

} // namespace detail

/// The description of `T`, the same object wherever it is asked for.
template <class T>
[[nodiscard]] constexpr const TypeInfo& type_info() noexcept {
    return detail::TypeInfoOf<T>::value;
}

} // namespace armature
