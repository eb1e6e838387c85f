#include "core/characters.hpp"

#include <armature/core/http_date.hpp>

#include <algorithm>
#include <ctime>

namespace armature {
namespace {

constexpr std::int64_t seconds_per_day = 86400;
constexpr std::string_view day_names = "SunMonTueWedThuFriSat";
constexpr std::string_view long_day_names[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                               "Thursday", "Friday", "Saturday"};
constexpr std::string_view month_names = "JanFebMarAprMayJunJulAugSepOctNovDec";

struct Date {
    int year = 0;
    int month = 1; // 1 to 12
    int day = 1;   // 1 to 31
};

// Both conversions count years from March, so that the leap day is a year's last, and in eras of
// 400 years, which all have 146,097 days.
constexpr std::int64_t days_from(Date date) noexcept {
    const std::int64_t year = date.month > 2 ? date.year : date.year - 1;
    const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
    const std::int64_t year_of_era = year - era * 400;
    const int months_since_march = (date.month + 9) % 12;
    const std::int64_t day_of_year = (153 * months_since_march + 2) / 5 + date.day - 1;
    const std::int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468; // days from 0000-03-01 to 1970-01-01
}

constexpr Date date_from(std::int64_t days) noexcept {
    days += 719468;
    const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    const std::int64_t day_of_era = days - era * 146097;
    const std::int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const std::int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t months_since_march = (5 * day_of_year + 2) / 153;
    Date date;
    date.day = static_cast<int>(day_of_year - (153 * months_since_march + 2) / 5 + 1);
    date.month = static_cast<int>((months_since_march + 2) % 12 + 1);
    date.year = static_cast<int>(year_of_era + era * 400 + (date.month <= 2 ? 1 : 0));
    return date;
}

constexpr std::int64_t first_second = days_from({0, 1, 1}) * seconds_per_day;
constexpr std::int64_t last_second = days_from({10000, 1, 1}) * seconds_per_day - 1;
static_assert(days_from({1970, 1, 1}) == 0);

constexpr int days_in_month(int year, int month) noexcept {
    if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

// Takes the parts of a date one after the other; once one doesn't fit, `ok` is false for good.
class Scanner {
  public:
    explicit Scanner(std::string_view text) noexcept : rest_(text) {}

    void literal(std::string_view text) noexcept {
        if (rest_.starts_with(text))
            rest_.remove_prefix(text.size());
        else
            ok_ = false;
    }
    int digits(std::size_t count) noexcept {
        if (rest_.size() < count) ok_ = false;
        if (!ok_) return 0;
        int value = 0;
        for (const char c : rest_.substr(0, count)) {
            ok_ = ok_ && is_digit(c);
            value = value * 10 + (c - '0');
        }
        rest_.remove_prefix(count);
        return value;
    }
    // The index of a name of three letters.
    int name(std::string_view names) noexcept {
        const std::string_view text = rest_.substr(0, 3);
        for (std::size_t i = 0; i < names.size(); i += 3) {
            if (names.substr(i, 3) != text) continue;
            rest_.remove_prefix(3);
            return static_cast<int>(i / 3);
        }
        ok_ = false;
        return 0;
    }
    bool starts_with(char c) const noexcept { return rest_.starts_with(c); }
    bool finished() const noexcept { return ok_ && rest_.empty(); }

  private:
    std::string_view rest_;
    bool ok_ = true;
};

struct TimeOfDay {
    int hour = 0;
    int minute = 0;
    int second = 0;
};

TimeOfDay scan_time(Scanner& scanner) noexcept {
    TimeOfDay time;
    time.hour = scanner.digits(2);
    scanner.literal(":");
    time.minute = scanner.digits(2);
    scanner.literal(":");
    time.second = scanner.digits(2);
    return time;
}

std::optional<std::int64_t> seconds_of(Date date, TimeOfDay time) noexcept {
    if (date.day < 1 || date.day > days_in_month(date.year, date.month)) return std::nullopt;
    // A leap second may be written as 60.
    if (time.hour > 23 || time.minute > 59 || time.second > 60) return std::nullopt;
    return days_from(date) * seconds_per_day + time.hour * 3600 + time.minute * 60 + time.second;
}

// Sun, 06 Nov 1994 08:49:37 GMT
std::optional<std::int64_t> parse_imf_fixdate(std::string_view text) noexcept {
    Scanner scanner(text);
    Date date;
    scanner.name(day_names);
    scanner.literal(", ");
    date.day = scanner.digits(2);
    scanner.literal(" ");
    date.month = scanner.name(month_names) + 1;
    scanner.literal(" ");
    date.year = scanner.digits(4);
    scanner.literal(" ");
    const TimeOfDay time = scan_time(scanner);
    scanner.literal(" GMT");
    if (!scanner.finished()) return std::nullopt;
    return seconds_of(date, time);
}

// Sun Nov  6 08:49:37 1994
std::optional<std::int64_t> parse_asctime(std::string_view text) noexcept {
    Scanner scanner(text);
    Date date;
    scanner.name(day_names);
    scanner.literal(" ");
    date.month = scanner.name(month_names) + 1;
    scanner.literal(" ");
    if (scanner.starts_with(' ')) {
        scanner.literal(" ");
        date.day = scanner.digits(1);
    } else {
        date.day = scanner.digits(2);
    }
    scanner.literal(" ");
    const TimeOfDay time = scan_time(scanner);
    scanner.literal(" ");
    date.year = scanner.digits(4);
    if (!scanner.finished()) return std::nullopt;
    return seconds_of(date, time);
}

// Sunday, 06-Nov-94 08:49:37 GMT
std::optional<std::int64_t> parse_rfc850(std::string_view text) noexcept {
    const std::string_view day_name = text.substr(0, text.find(','));
    if (std::find(std::begin(long_day_names), std::end(long_day_names), day_name) ==
        std::end(long_day_names))
        return std::nullopt;
    Scanner scanner(text.substr(day_name.size()));
    Date date;
    scanner.literal(", ");
    date.day = scanner.digits(2);
    scanner.literal("-");
    date.month = scanner.name(month_names) + 1;
    scanner.literal("-");
    const int two_digits = scanner.digits(2);
    scanner.literal(" ");
    const TimeOfDay time = scan_time(scanner);
    scanner.literal(" GMT");
    if (!scanner.finished()) return std::nullopt;
    const int this_year = date_from(std::time(nullptr) / seconds_per_day).year;
    date.year = this_year - this_year % 100 + 100 + two_digits;
    while (date.year > this_year + 50)
        date.year -= 100;
    return seconds_of(date, time);
}

void put_digits(char* out, int value, int count) noexcept {
    for (int i = count - 1; i >= 0; --i, value /= 10)
        out[i] = static_cast<char>('0' + value % 10);
}

} // namespace

void write_http_date(std::int64_t unix_seconds, char out[http_date_size]) noexcept {
    const std::int64_t seconds = std::clamp(unix_seconds, first_second, last_second);
    std::int64_t days = seconds / seconds_per_day;
    int second_of_day = static_cast<int>(seconds % seconds_per_day);
    if (second_of_day < 0) {
        second_of_day += static_cast<int>(seconds_per_day);
        --days;
    }
    const Date date = date_from(days);
    const auto weekday = static_cast<std::size_t>(((days + 4) % 7 + 7) % 7);

    constexpr std::string_view form = "Sun, 06 Nov 1994 08:49:37 GMT";
    form.copy(out, form.size());
    day_names.copy(out, 3, weekday * 3);
    put_digits(out + 5, date.day, 2);
    month_names.copy(out + 8, 3, static_cast<std::size_t>(date.month - 1) * 3);
    put_digits(out + 12, date.year, 4);
    put_digits(out + 17, second_of_day / 3600, 2);
    put_digits(out + 20, second_of_day / 60 % 60, 2);
    put_digits(out + 23, second_of_day % 60, 2);
}

std::optional<std::int64_t> parse_http_date(std::string_view text) noexcept {
    if (text.size() < 4) return std::nullopt;
    if (text[3] == ',') return parse_imf_fixdate(text);
    if (text[3] == ' ') return parse_asctime(text);
    return parse_rfc850(text);
}

} // namespace armature
