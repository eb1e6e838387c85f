#pragma once

#include <cstddef>
#include <string_view>

namespace armature {

/// A text as a template's argument: `Header<"x-tenant">`.
template <std::size_t Size>
struct FixedText {
    consteval FixedText(const char (&literal)[Size]) { // NOLINT: a literal is meant to convert
        for (std::size_t i = 0; i < Size; ++i)
            text[i] = literal[i];
    }
    [[nodiscard]] constexpr std::string_view view() const noexcept { return {text, Size - 1}; }

    char text[Size] = {};
};

} // namespace armature
