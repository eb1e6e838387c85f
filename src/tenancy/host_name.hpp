#pragma once

#include <string>
#include <string_view>

namespace armature::tenancy {

constexpr std::size_t longest_name = 253; // RFC 1035 §2.3.4, without the last dot

/// Whether it can be a label of a host's name, in lower case (RFC 1123 §2.1).
[[nodiscard]] bool is_label(std::string_view text) noexcept;

/// A host's name in lower case. Throws std::invalid_argument, which says of which setting, for what
/// is none: a port, a name that isn't in ASCII.
[[nodiscard]] std::string checked_name(std::string_view text, const char* of_what);

/// Host and port of a request as a name in lower case, without port and last dot, in `buffer`.
/// Empty if it is too long.
[[nodiscard]] std::string_view name_of(std::string_view authority,
                                       char (&buffer)[longest_name + 1]) noexcept;

} // namespace armature::tenancy
