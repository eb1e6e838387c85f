#pragma once

#include <armature/core/text_form.hpp>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

// The text forms of <chrono>'s types, apart because that header is among the heaviest. Include it
// wherever such a type is described, read or written.

namespace armature {
namespace detail {

/// Seconds, rounded down, and what is left of them.
struct Instant {
    std::int64_t seconds = 0; ///< for a point in time: since 1970-01-01T00:00:00Z
    std::uint32_t nanoseconds = 0;
};

bool parse_date_time(std::string_view text, Instant& out) noexcept;
bool parse_date(std::string_view text, std::chrono::year_month_day& out) noexcept;
bool parse_duration(std::string_view text, Instant& out, unsigned digits) noexcept;
// `digits` of the fraction are written, none if 0. Throw std::out_of_range for what has no text.
char* write_date_time(char* to, Instant instant, unsigned digits);
char* write_date(char* to, std::chrono::year_month_day date);
char* write_duration(char* to, Instant span, unsigned digits);

template <class D>
concept FineDuration =
    std::same_as<D, std::chrono::seconds> || std::same_as<D, std::chrono::milliseconds> ||
    std::same_as<D, std::chrono::microseconds> || std::same_as<D, std::chrono::nanoseconds>;

template <FineDuration D>
inline constexpr unsigned fraction_digits = D::period::den == 1         ? 0
                                            : D::period::den == 1'000   ? 3
                                            : D::period::den == 1000000 ? 6
                                                                        : 9;

template <FineDuration D>
Instant to_instant(D span) noexcept {
    const auto whole = std::chrono::floor<std::chrono::seconds>(span);
    return {whole.count(),
            static_cast<std::uint32_t>(std::chrono::nanoseconds(span - whole).count())};
}

// False: too far away for the type.
template <FineDuration D>
bool from_instant(Instant instant, D& out) noexcept {
    typename D::rep count = 0;
    if (__builtin_mul_overflow(instant.seconds, D::period::den, &count) ||
        __builtin_add_overflow(count,
                               static_cast<std::int64_t>(instant.nanoseconds) /
                                   (1'000'000'000 / D::period::den),
                               &count))
        return false;
    out = D{count};
    return true;
}

#define ARMATURE_DETAIL_NUMBER "[0-9]{1,9}"
#define ARMATURE_DETAIL_TIME(seconds)                                                              \
    "T(" ARMATURE_DETAIL_NUMBER "H(" ARMATURE_DETAIL_NUMBER "M)?(" seconds                         \
    ")?|" ARMATURE_DETAIL_NUMBER "M(" seconds ")?|" seconds ")"
#define ARMATURE_DETAIL_DURATION(fraction)                                                         \
    "^P(" ARMATURE_DETAIL_NUMBER "W|" ARMATURE_DETAIL_NUMBER                                       \
    "D(" ARMATURE_DETAIL_TIME(ARMATURE_DETAIL_NUMBER fraction "S") ")?|" ARMATURE_DETAIL_TIME(     \
        ARMATURE_DETAIL_NUMBER fraction "S") ")$"

constexpr std::string_view duration_pattern(unsigned digits) noexcept {
    switch (digits) {
    case 0:
        return ARMATURE_DETAIL_DURATION("");
    case 3:
        return ARMATURE_DETAIL_DURATION("(\\.[0-9]{1,3})?");
    case 6:
        return ARMATURE_DETAIL_DURATION("(\\.[0-9]{1,6})?");
    default:
        return ARMATURE_DETAIL_DURATION("(\\.[0-9]{1,9})?");
    }
}

#undef ARMATURE_DETAIL_DURATION
#undef ARMATURE_DETAIL_TIME
#undef ARMATURE_DETAIL_NUMBER

} // namespace detail

/// Points in time as RFC 3339 date-time: "2024-02-29T12:00:00Z", with as many digits after the
/// second as the type has. Any offset is read, and digits beyond the type's are cut off; a leap
/// second is the first of the next minute. std::chrono::sys_seconds, sys_time<milliseconds>,
/// system_clock::time_point; a year from 0 to 9999, and within what the type can hold.
///
/// Errors: writing throws std::out_of_range for other years.
template <detail::FineDuration D>
struct TextForm<std::chrono::sys_time<D>> {
    static constexpr std::string_view format = "date-time";
    static constexpr std::string_view pattern = "";
    static constexpr std::string_view wanted = "a date and time such as 2024-02-29T12:00:00Z";
    static constexpr std::size_t max_size = 30;
    static bool parse(std::string_view text, std::chrono::sys_time<D>& out) noexcept {
        detail::Instant instant;
        D since{};
        if (!detail::parse_date_time(text, instant) || !detail::from_instant(instant, since))
            return false;
        out = std::chrono::sys_time<D>{since};
        return true;
    }
    static char* write(char* to, const std::chrono::sys_time<D>& value) {
        return detail::write_date_time(to, detail::to_instant(value.time_since_epoch()),
                                       detail::fraction_digits<D>);
    }
};

/// Days as RFC 3339 full-date: "2024-02-29". A day that exists, in a year from 0 to 9999.
///
/// Errors: writing throws std::out_of_range for other values.
template <>
struct TextForm<std::chrono::year_month_day> {
    static constexpr std::string_view format = "date";
    static constexpr std::string_view pattern = "";
    static constexpr std::string_view wanted = "a date such as 2024-02-29";
    static constexpr std::size_t max_size = 10;
    static bool parse(std::string_view text, std::chrono::year_month_day& out) noexcept {
        return detail::parse_date(text, out);
    }
    static char* write(char* to, const std::chrono::year_month_day& value) {
        return detail::write_date(to, value);
    }
};

template <>
struct TextForm<std::chrono::sys_days> : TextForm<std::chrono::year_month_day> {
    static bool parse(std::string_view text, std::chrono::sys_days& out) noexcept {
        std::chrono::year_month_day date;
        if (!detail::parse_date(text, date)) return false;
        out = date;
        return true;
    }
    static char* write(char* to, const std::chrono::sys_days& value) {
        return detail::write_date(to, value);
    }
};

/// Spans of time as ISO 8601 durations: weeks ("P2W"), or days, hours, minutes and seconds
/// ("P1DT12H", "PT1.5S"), up to nine digits each; not months and years, which have no fixed length.
/// A fraction of a second may have as many digits as the type. std::chrono::seconds, milliseconds,
/// microseconds, nanoseconds, as far as they reach.
///
/// Errors: writing throws std::out_of_range for negative spans, and for 10^9 days and more.
template <detail::FineDuration D>
struct TextForm<D> {
    // RFC 3339's grammar of the format `duration` has no fractions.
    static constexpr std::string_view format = detail::fraction_digits<D> == 0 ? "duration" : "";
    static constexpr std::string_view pattern =
        detail::duration_pattern(detail::fraction_digits<D>);
    static constexpr std::string_view wanted = "a duration such as PT1H30M";
    static constexpr std::size_t max_size = 32;
    static bool parse(std::string_view text, D& out) noexcept {
        detail::Instant span;
        return detail::parse_duration(text, span, detail::fraction_digits<D>) &&
               detail::from_instant(span, out);
    }
    static char* write(char* to, const D& value) {
        return detail::write_duration(to, detail::to_instant(value), detail::fraction_digits<D>);
    }
};

} // namespace armature
