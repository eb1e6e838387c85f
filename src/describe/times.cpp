#include "describe/formats.hpp"

#include <armature/describe/chrono.hpp>

#include <charconv>
#include <stdexcept>

namespace armature::detail {
namespace {

using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

// `count` digits that are known to be there.
std::int64_t number_at(std::string_view text, std::size_t at, std::size_t count) noexcept {
    std::int64_t value = 0;
    for (const char c : text.substr(at, count))
        value = value * 10 + (c - '0');
    return value;
}

// The digits of a fraction as nanoseconds; those beyond the ninth are cut off.
std::uint32_t nanoseconds_of(std::string_view digits) noexcept {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i != 9; ++i)
        value = value * 10 + (i < digits.size() ? static_cast<std::uint32_t>(digits[i] - '0') : 0);
    return value;
}

std::string_view leading_digits(std::string_view text) noexcept {
    std::size_t size = 0;
    while (size != text.size() && is_digit(text[size]))
        ++size;
    return text.substr(0, size);
}

char* write_digits(char* to, std::int64_t value, unsigned count) noexcept {
    for (unsigned i = count; i-- != 0; value /= 10)
        to[i] = static_cast<char>('0' + value % 10);
    return to + count;
}

char* write_fraction(char* to, std::uint32_t nanoseconds, unsigned digits) noexcept {
    char all[9];
    write_digits(all, nanoseconds, 9);
    *to++ = '.';
    for (unsigned i = 0; i != digits; ++i)
        *to++ = all[i];
    return to;
}

} // namespace

bool parse_date(std::string_view text, year_month_day& out) noexcept {
    if (!is_date(text)) return false;
    out = {std::chrono::year(static_cast<int>(number_at(text, 0, 4))),
           std::chrono::month(static_cast<unsigned>(number_at(text, 5, 2))),
           std::chrono::day(static_cast<unsigned>(number_at(text, 8, 2)))};
    return true;
}

bool parse_date_time(std::string_view text, Instant& out) noexcept {
    year_month_day date;
    if (!is_date_time(text) || !parse_date(text.substr(0, 10), date)) return false;
    out.seconds = sys_days(date).time_since_epoch().count() * std::int64_t{86400} +
                  number_at(text, 11, 2) * 3600 + number_at(text, 14, 2) * 60 +
                  number_at(text, 17, 2);
    text.remove_prefix(19);
    out.nanoseconds = 0;
    if (text.front() == '.') {
        const std::string_view digits = leading_digits(text.substr(1));
        out.nanoseconds = nanoseconds_of(digits);
        text.remove_prefix(1 + digits.size());
    }
    if (text.size() == 6) {
        const std::int64_t offset = number_at(text, 1, 2) * 3600 + number_at(text, 4, 2) * 60;
        out.seconds += text.front() == '-' ? offset : -offset;
    }
    return true;
}

bool parse_duration(std::string_view text, Instant& out, unsigned digits) noexcept {
    struct Unit {
        char letter;
        bool is_time;
        std::int64_t seconds;
    };
    constexpr Unit units[] = {{'W', false, 604800},
                              {'D', false, 86400},
                              {'H', true, 3600},
                              {'M', true, 60},
                              {'S', true, 1}};

    if (!text.starts_with('P')) return false;
    text.remove_prefix(1);
    out = {};
    bool in_time = false;
    const Unit* next = units; // units come in this order
    do {
        if (!in_time && text.starts_with('T')) {
            in_time = true;
            text.remove_prefix(1);
        }
        const std::string_view number = leading_digits(text);
        if (number.empty() || number.size() > 9) return false;
        text.remove_prefix(number.size());
        const bool has_fraction = text.starts_with('.');
        if (has_fraction) {
            const std::string_view fraction = leading_digits(text.substr(1));
            if (fraction.empty() || fraction.size() > digits) return false;
            out.nanoseconds = nanoseconds_of(fraction);
            text.remove_prefix(1 + fraction.size());
        }
        if (text.empty()) return false;
        while (next != std::end(units) && (next->letter != text[0] || next->is_time != in_time))
            ++next;
        if (next == std::end(units) || (has_fraction && next->letter != 'S')) return false;
        out.seconds += number_at(number, 0, number.size()) * next->seconds;
        text.remove_prefix(1);
        if (next->letter == 'W') return text.empty(); // weeks stand alone
        ++next;
    } while (!text.empty());
    return true;
}

char* write_date(char* to, year_month_day date) {
    if (!date.ok() || date.year() < std::chrono::year(0) || date.year() > std::chrono::year(9999))
        throw std::out_of_range("armature: a date outside the years 0 to 9999 has no text");
    to = write_digits(to, static_cast<int>(date.year()), 4);
    *to++ = '-';
    to = write_digits(to, static_cast<unsigned>(date.month()), 2);
    *to++ = '-';
    return write_digits(to, static_cast<unsigned>(date.day()), 2);
}

char* write_date_time(char* to, Instant instant, unsigned digits) {
    using std::chrono::seconds;
    constexpr std::int64_t end =
        sys_days(std::chrono::year(10000) / 1 / 1).time_since_epoch() / seconds(1);
    if (instant.seconds >= end || instant.seconds < -62'167'219'200) // before the year 0
        throw std::out_of_range("armature: a time outside the years 0 to 9999 has no text");
    const auto days = std::chrono::floor<std::chrono::days>(seconds(instant.seconds));
    to = write_date(to, sys_days(days));
    const std::int64_t second = (seconds(instant.seconds) - days).count();
    *to++ = 'T';
    to = write_digits(to, second / 3600, 2);
    *to++ = ':';
    to = write_digits(to, second / 60 % 60, 2);
    *to++ = ':';
    to = write_digits(to, second % 60, 2);
    if (digits != 0) to = write_fraction(to, instant.nanoseconds, digits);
    *to++ = 'Z';
    return to;
}

char* write_duration(char* to, Instant span, unsigned digits) {
    if (span.seconds < 0 || span.seconds / 86400 > 999'999'999)
        throw std::out_of_range("armature: a negative duration, or one of 10^9 days, has no text");
    char* const begin = to;
    const auto put = [&](std::int64_t value, char letter) {
        if (value == 0) return;
        to = std::to_chars(to, to + 9, value).ptr;
        *to++ = letter;
    };
    *to++ = 'P';
    put(span.seconds / 86400, 'D');
    const std::int64_t second = span.seconds % 86400;
    if (second == 0 && span.nanoseconds == 0 && to != begin + 1) return to;
    *to++ = 'T';
    put(second / 3600, 'H');
    put(second / 60 % 60, 'M');
    if (span.nanoseconds != 0) {
        to = std::to_chars(to, to + 2, second % 60).ptr;
        to = write_fraction(to, span.nanoseconds, digits);
        *to++ = 'S';
    } else if (second % 60 != 0 || second == 0) {
        to = std::to_chars(to, to + 2, second % 60).ptr;
        *to++ = 'S';
    }
    return to;
}

} // namespace armature::detail
