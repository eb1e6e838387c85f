#pragma once

#include <span>
#include <string_view>

namespace armature::seed::detail {

/// A name, and how it is written in an address of mail where that isn't its letters without marks.
struct NameWord {
    std::string_view text;
    std::string_view ascii = {};
    constexpr NameWord(const char* written) : text(written) {} // NOLINT
    constexpr NameWord(const char* written, const char* latin) : text(written), ascii(latin) {}
};

/// What a locale's texts are made of.
struct Words {
    std::span<const NameWord> first_names;
    std::span<const NameWord> last_names;
    std::span<const std::string_view> streets;
    std::span<const std::string_view> cities;
    std::span<const std::string_view> company_forms; ///< "{}" stands for the last name
    std::span<const std::string_view> jobs;
    std::span<const std::string_view> words;
    std::span<const std::string_view> colours;
    std::span<const std::string_view> phones; ///< "#" stands for a digit
    std::string_view country;
    std::string_view postcode;
    std::string_view currency;
    // "{n}": a number, "{s}": the street
    std::string_view street_form;
    // "{s}", "{p}", "{c}"
    std::string_view address_form;
    std::string_view stop = ". ";
    std::string_view space = " ";
    bool family_name_first = false;
};

extern const Words english, german, french, spanish, japanese;

extern const std::span<const std::string_view> product_qualities, product_materials, product_things,
    file_endings, media_types, test_cards;

} // namespace armature::seed::detail
