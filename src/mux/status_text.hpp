#pragma once

#include <armature/core/status.hpp>

#include <array>
#include <cstddef>
#include <string_view>

namespace armature::mux {

namespace detail {
inline constexpr auto status_texts = [] {
    std::array<char, 900 * 3> texts{};
    for (std::size_t i = 0; i < 900; ++i) {
        texts[i * 3] = static_cast<char>('1' + i / 100);
        texts[i * 3 + 1] = static_cast<char>('0' + i / 10 % 10);
        texts[i * 3 + 2] = static_cast<char>('0' + i % 10);
    }
    return texts;
}();
} // namespace detail

/// "100" to "999", for as long as anybody may look at it: heads point at their `:status`.
[[nodiscard]] inline std::string_view status_text(Status status) noexcept {
    return {detail::status_texts.data() + (status_code(status) - std::size_t{100}) * 3, 3};
}

} // namespace armature::mux
