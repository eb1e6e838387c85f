#pragma once

#include <armature/mail/message.hpp>

#include <span>
#include <string>
#include <string_view>

namespace armature::mail {

/// A text as fields have it: as it is, or in encoded words of UTF-8 (RFC 2047), folded.
[[nodiscard]] std::string encoded_text(std::string_view text);
/// `"Ada, Countess" <ada@example.com>, grace@example.com`, a line each.
[[nodiscard]] std::string address_list(std::span<const MailAddress> addresses);
/// `attachment; filename=…` (RFC 2183), also with a name that isn't ASCII (RFC 2231).
[[nodiscard]] std::string disposition(std::string_view file_name);
/// Now, as in `Sun, 29 Nov 2026 03:15:00 +0000`.
[[nodiscard]] std::string date();
/// Lines end in CR LF.
[[nodiscard]] std::string with_line_ends(std::string_view text);

} // namespace armature::mail
