#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace armature::jobs {

/// A cron expression: which values each field has, as bits.
struct CronFields {
    std::uint64_t seconds = 1;
    std::uint64_t minutes = 0;
    std::uint64_t hours = 0;
    std::uint64_t days_of_month = 0; ///< 1 to 31
    std::uint64_t months = 0;        ///< 1 to 12
    std::uint64_t weekdays = 0;      ///< 0 is Sunday
    bool any_hour = false;           ///< the field begins with '*'
    bool any_day = false;
    bool any_weekday = false;

    /// Throws std::invalid_argument.
    [[nodiscard]] static CronFields parse(std::string_view expression);

    /// The first local time from `from` on that fits, both in seconds since 1970 as if local time
    /// were UTC; nullopt when there is none for years.
    [[nodiscard]] std::optional<std::int64_t> next(std::int64_t from) const noexcept;
};

} // namespace armature::jobs
