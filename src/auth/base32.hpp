#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace armature::auth {

/// base32 without padding (RFC 4648 §6). The reverse takes lower case too, and nothing else: no
/// padding, no white space, no bits left over.
[[nodiscard]] std::string to_base32(std::string_view bytes);
[[nodiscard]] std::optional<std::string> from_base32(std::string_view text);

} // namespace armature::auth
