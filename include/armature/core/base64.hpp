#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace armature {

/// Bytes as text in the base64 alphabet with padding (RFC 4648 §4).
[[nodiscard]] std::string to_base64(std::string_view bytes);

/// The bytes that `text` stands for; nullopt unless it is exactly what `to_base64` writes: with its
/// padding, without blanks or line breaks, and with no bits that mean nothing.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

/// The same in the alphabet that is safe in URLs and cookies, without padding (RFC 4648 §5, RFC
/// 7515 §2).
[[nodiscard]] std::string to_base64url(std::string_view bytes);
[[nodiscard]] std::optional<std::string> from_base64url(std::string_view text);

} // namespace armature
