#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace armature {

inline constexpr std::size_t http_date_size = 29;

/// Writes a date as `Sun, 06 Nov 1994 08:49:37 GMT` (IMF-fixdate, RFC 9110 §5.6.7): exactly 29
/// characters, no NUL, whatever the locale. Seconds since 1970-01-01 UTC; what lies outside the
/// years 0 to 9999 is written as the nearest date inside.
void write_http_date(std::int64_t unix_seconds, char out[http_date_size]) noexcept;

/// Reads any of the three forms of RFC 9110 §5.6.7, or nullopt. The day of the week must be one
/// but needn't be the right one. A two-digit year means the latest year with these digits that is
/// at most 50 years ahead.
[[nodiscard]] std::optional<std::int64_t> parse_http_date(std::string_view text) noexcept;

} // namespace armature
