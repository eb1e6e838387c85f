#pragma once

#include <string_view>

namespace armature::detail {

/// The type's name as the compiler spells it, for messages.
template <class T>
constexpr std::string_view type_name() noexcept {
    constexpr std::string_view text = __PRETTY_FUNCTION__;
    // "… [with T = X; std::string_view = …]" (g++) or "… [T = X]" (clang)
    constexpr std::size_t start = text.find("T = ") + 4;
    constexpr std::size_t semicolon = text.find(';', start);
    constexpr std::size_t end = semicolon == std::string_view::npos ? text.rfind(']') : semicolon;
    return text.substr(start, end - start);
}

} // namespace armature::detail
