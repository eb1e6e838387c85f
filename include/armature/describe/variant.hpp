#pragma once

#include <armature/describe/describe.hpp>

#include <variant>

/// Describes a std::variant of described structs: one of several shapes, told apart by a member of
/// the JSON object that the structs themselves don't have.
///
///     struct Card { std::string number; };      // {"method":"card","number":"…"}
///     struct Transfer { std::string iban; };    // {"method":"Transfer","iban":"…"}
///     ARMATURE_DESCRIBE(Card, number);
///     ARMATURE_DESCRIBE(Transfer, iban);
///     using Payment = std::variant<Card, Transfer>;
///     ARMATURE_DESCRIBE_VARIANT(Payment, method, (Card, "card"), Transfer);
///
/// Items are the variant's types in its order, each with the text that stands for it, or alone when
/// that is the type's name as written here. In the namespace of one of the structs.
/// Without the macro: a constexpr `armature_describe(const Payment*)` that returns
/// `armature::describe_variant<Payment>("Payment", "method", armature::alternative<Card>("card"),
/// ...)`.
#define ARMATURE_DESCRIBE_VARIANT(Type, discriminator, ...)                                        \
    [[maybe_unused]] constexpr auto armature_describe(const Type*) {                               \
        return ::armature::describe_variant<Type>(                                                 \
            #Type, #discriminator,                                                                 \
            ARMATURE_DETAIL_FOR_EACH(ARMATURE_DETAIL_ALTERNATIVE, Type, __VA_ARGS__));             \
    }                                                                                              \
    static_assert(true)

namespace armature {

template <class T>
struct Alternative {
    std::string_view tag;
};
template <class T>
constexpr Alternative<T> alternative(std::string_view tag) {
    return {tag};
}

namespace detail {

template <class Variant, class Indices>
struct VariantDescription;
template <class Variant, std::size_t... I>
struct VariantDescription<Variant, std::index_sequence<I...>> {
    static constexpr ValueKind kind = ValueKind::variant;
    static constexpr std::size_t size = sizeof...(I);
    using indices = std::index_sequence<I...>;
    template <std::size_t Index>
    using alternative = std::variant_alternative_t<Index, Variant>;

    std::string_view name;
    std::string_view discriminator;
    std::array<std::string_view, size> tags;

    template <std::size_t Index>
    static alternative<Index>& emplace(Variant& variant) {
        return variant.template emplace<Index>();
    }
    template <std::size_t Index>
    static const alternative<Index>& get(const Variant& variant) {
        return *std::get_if<Index>(&variant);
    }
};

template <class T>
constexpr bool has_member(std::string_view name) {
    bool found = false;
    for_each_member<T>([&](const auto& member) { found |= member.name == name; });
    return found;
}

// Not constexpr, so that calling it in a constant ends the compilation.
void struct_has_the_discriminator_as_member();

} // namespace detail

template <class Variant, class... Structs>
constexpr auto describe_variant(std::string_view name, std::string_view discriminator,
                                Alternative<Structs>... alternatives) {
    static_assert(std::same_as<Variant, std::variant<Structs...>>,
                  "armature: list the types of the variant, all of them and in its order");
    static_assert(((value_kind<Structs> == ValueKind::object) && ...),
                  "armature: the types of a described variant are structs with ARMATURE_DESCRIBE");
    if (((detail::has_member<Structs>(discriminator)) || ...))
        detail::struct_has_the_discriminator_as_member();
    return detail::VariantDescription<Variant, std::index_sequence_for<Structs...>>{
        name, discriminator, {alternatives.tag...}};
}

} // namespace armature

#define ARMATURE_DETAIL_ALTERNATIVE(Type, item)                                                    \
    ARMATURE_DETAIL_JOIN(ARMATURE_DETAIL_ALTERNATIVE_,                                             \
                         ARMATURE_DETAIL_HAS_RULES(ARMATURE_DETAIL_PROBE item))                    \
    (item)
#define ARMATURE_DETAIL_ALTERNATIVE_0(item) ::armature::alternative<item>(#item)
#define ARMATURE_DETAIL_ALTERNATIVE_1(item)                                                        \
    ARMATURE_DETAIL_ALTERNATIVE_TAGGED(ARMATURE_DETAIL_UNWRAP item)
#define ARMATURE_DETAIL_ALTERNATIVE_TAGGED(...) ARMATURE_DETAIL_ALTERNATIVE_PAIR(__VA_ARGS__)
#define ARMATURE_DETAIL_ALTERNATIVE_PAIR(item, tag) ::armature::alternative<item>(tag)
