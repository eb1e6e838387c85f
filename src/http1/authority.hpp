#pragma once

#include "core/characters.hpp"

#include <string_view>

namespace armature::http1 {

/// The characters of a host name but '%' (RFC 3986 §3.2.2: unreserved and sub-delims).
inline constexpr CharacterSet reg_name_characters =
    CharacterSet::alphanumeric_and("-._~!$&'()*+,;=");

/// True for a port: nothing, or a number up to 65535.
[[nodiscard]] constexpr bool is_port(std::string_view text) noexcept {
    if (text.size() > 5) return false;
    unsigned port = 0;
    for (const char c : text) {
        if (!is_digit(c)) return false;
        port = port * 10 + static_cast<unsigned>(c - '0');
    }
    return port <= 65535;
}

/// True for `uri-host [ ":" port ]` (RFC 9110 §7.2, RFC 3986 §3.2); an empty text is an empty host.
[[nodiscard]] bool is_authority(std::string_view text) noexcept;

/// True for a non-empty host and a non-empty port (RFC 9110 §9.3.6).
[[nodiscard]] bool is_connect_authority(std::string_view text) noexcept;

} // namespace armature::http1
