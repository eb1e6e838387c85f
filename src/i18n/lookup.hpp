#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace armature::detail {

/// The longest language tag that is looked at; RFC 5646 §4.4.1 has 35 for what tags are made of.
inline constexpr std::size_t longest_language_tag = 64;
/// How many ranges of an Accept-Language are looked at.
inline constexpr std::size_t most_language_ranges = 32;

/// The tag that is nearest to one range, by lookup (RFC 4647 §3.4): "de-CH-1996", then "de-CH",
/// then "de". Tags are in lower case. Nullopt: none is.
[[nodiscard]] std::optional<std::size_t> look_up(std::string_view range,
                                                 std::span<const std::string> tags) noexcept;

/// The same for the ranges of an Accept-Language, the most wanted first. What isn't well-formed is
/// as if it weren't there.
[[nodiscard]] std::optional<std::size_t>
look_up_accepted(std::string_view accept_language, std::span<const std::string> tags) noexcept;

} // namespace armature::detail
