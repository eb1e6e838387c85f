#pragma once

#include <string_view>

namespace armature::detail {

// The formats of armature::rules::format; what each accepts is written there.
[[nodiscard]] bool is_email(std::string_view text) noexcept;
[[nodiscard]] bool is_uuid(std::string_view text) noexcept;
[[nodiscard]] bool is_uri(std::string_view text) noexcept;
[[nodiscard]] bool is_date(std::string_view text) noexcept;
[[nodiscard]] bool is_date_time(std::string_view text) noexcept;

} // namespace armature::detail
