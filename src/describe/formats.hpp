#pragma once

#include <string_view>

namespace armature::detail {

/// One of armature::rules::format; what each accepts is written there.
struct Format {
    std::string_view name;   ///< in JSON Schema
    std::string_view wanted; ///< "an e-mail address"
    bool (*has)(std::string_view text) noexcept;
};

/// Null for a name that isn't one.
[[nodiscard]] const Format* find_format(std::string_view name) noexcept;

[[nodiscard]] bool is_date(std::string_view text) noexcept;
[[nodiscard]] bool is_date_time(std::string_view text) noexcept;

} // namespace armature::detail
