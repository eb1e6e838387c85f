#pragma once

#include <string_view>

// What the name of a file tells.
namespace armature::detail {

/// Whether a decoded path, relative and without a slash at its end, may name a file: its segments
/// aren't empty, hold no byte 0 (an encoded slash or the end of a C string), and aren't "." or
/// "..", nor any that starts with a dot unless `dotfiles`. The empty path is the folder itself.
[[nodiscard]] bool is_servable(std::string_view path, bool dotfiles) noexcept;

/// Whether it holds a fingerprint of its content: `app.3f9a1c0b.js`. Words and dates don't count,
/// which would be wrong for a year: a fingerprint has both letters and digits.
[[nodiscard]] bool has_fingerprint(std::string_view name) noexcept;

/// The media type by the extension of a path's last segment. A constant.
[[nodiscard]] std::string_view media_type_of(std::string_view path) noexcept;

} // namespace armature::detail
