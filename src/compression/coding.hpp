#pragma once

#include "core/characters.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace armature::compression {

/// A content coding (RFC 9110 §8.4.1, RFC 7932, RFC 9659).
enum class Coding : std::uint8_t { gzip, deflate, brotli, zstd };

inline constexpr std::size_t coding_count = 4;
inline constexpr std::array<std::string_view, coding_count> coding_names{"gzip", "deflate", "br",
                                                                         "zstd"};

[[nodiscard]] constexpr std::string_view name_of(Coding coding) noexcept {
    return coding_names[static_cast<std::size_t>(coding)];
}

[[nodiscard]] constexpr std::optional<Coding> coding_named(std::string_view name) noexcept {
    if (equal_ignoring_case(name, "x-gzip")) return Coding::gzip; // RFC 9110 §8.4.1.3
    for (std::size_t i = 0; i < coding_count; ++i)
        if (equal_ignoring_case(name, coding_names[i])) return static_cast<Coding>(i);
    return std::nullopt;
}

} // namespace armature::compression
