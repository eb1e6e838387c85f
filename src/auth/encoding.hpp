#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace armature::auth {

/// base64url without padding (RFC 7515 §2), and its reverse, which takes nothing else: no padding,
/// no white space, no bits left over. So a text has one encoding only.
[[nodiscard]] std::string to_base64url(std::string_view bytes);
[[nodiscard]] std::optional<std::string> from_base64url(std::string_view text);
/// base64 with padding (RFC 4648 §4), as strict; `from_base64` takes it without padding as well.
[[nodiscard]] std::string to_base64(std::string_view bytes);
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);
/// base32 without padding (RFC 4648 §6). The reverse takes lower case too.
[[nodiscard]] std::string to_base32(std::string_view bytes);
[[nodiscard]] std::optional<std::string> from_base32(std::string_view text);

} // namespace armature::auth
