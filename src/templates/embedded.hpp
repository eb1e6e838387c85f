#pragma once

#include "core/characters.hpp"
#include "templates/context.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>

// The languages within HTML: URLs, scripts and styles, as far as a value's place depends on them.
namespace armature::detail {

[[nodiscard]] inline std::string lower(std::string_view text) {
    std::string result{text};
    std::transform(result.begin(), result.end(), result.begin(), to_lower);
    return result;
}

template <std::size_t Count>
[[nodiscard]] bool is_one_of(std::string_view text, const std::string_view (&list)[Count]) {
    return std::find(std::begin(list), std::end(list), text) != std::end(list);
}

/// `text` is a piece of a URL that stands in the template.
void advance_url(Context& context, std::string_view text);
void advance_script(Context& context, std::string_view text, bool in_attribute);
void advance_style(Context& context, std::string_view text, bool in_attribute);

/// How a value is escaped there. Throw ContextError.
[[nodiscard]] Escape place_in_url(Context& context);
[[nodiscard]] Escape place_in_script(const Context& context, bool in_attribute);
[[nodiscard]] Escape place_in_style(const Context& context);

} // namespace armature::detail
