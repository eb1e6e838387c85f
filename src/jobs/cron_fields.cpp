#include "jobs/cron_fields.hpp"

#include <array>
#include <bit>
#include <charconv>
#include <chrono>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

namespace armature::jobs {

namespace {

struct FieldRule {
    const char* name;
    unsigned lowest;
    unsigned highest;
    std::span<const std::string_view> names; ///< of the values from `lowest` on
};

constexpr std::string_view month_names[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                            "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::string_view weekday_names[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

constexpr FieldRule rules[] = {
    {"second", 0, 59, {}},         {"minute", 0, 59, {}},
    {"hour", 0, 23, {}},           {"day of month", 1, 31, {}},
    {"month", 1, 12, month_names}, {"day of week", 0, 7, weekday_names},
};

constexpr std::pair<std::string_view, std::string_view> shorthands[] = {
    {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}, {"@monthly", "0 0 1 * *"},
    {"@weekly", "0 0 * * 0"}, {"@daily", "0 0 * * *"},    {"@midnight", "0 0 * * *"},
    {"@hourly", "0 * * * *"},
};

[[noreturn]] void refuse(const FieldRule& rule, std::string_view field, const std::string& why) {
    throw std::invalid_argument("armature: the " + std::string{rule.name} + " '" +
                                std::string{field} + "' of a cron expression " + why);
}

bool equal_in_any_case(std::string_view text, std::string_view lower) noexcept {
    if (text.size() != lower.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c =
            text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] | 0x20) : text[i];
        if (c != lower[i]) return false;
    }
    return true;
}

/// One field: a list of ranges with steps.
class FieldParser {
  public:
    FieldParser(const FieldRule& rule, std::string_view field) noexcept
        : rule_(rule), field_(field) {}

    std::uint64_t parse() const {
        std::uint64_t bits = 0;
        for (std::string_view rest = field_;;) {
            const std::size_t comma = rest.find(',');
            bits |= range(rest.substr(0, comma));
            if (comma == rest.npos) return bits;
            rest.remove_prefix(comma + 1);
        }
    }

  private:
    std::uint64_t range(std::string_view text) const {
        const std::size_t slash = text.find('/');
        const std::string_view values = text.substr(0, slash);
        unsigned first = rule_.lowest;
        // 7 is Sunday again.
        unsigned last = rule_.highest == 7 ? 6 : rule_.highest;
        if (values != "*") {
            const std::size_t dash = values.find('-');
            first = value(values.substr(0, dash));
            last = dash == values.npos ? first : value(values.substr(dash + 1));
            if (dash == values.npos && slash != text.npos)
                refuse(rule_, field_,
                       "has a step without a range; write '" + std::string{values} + "-" +
                           std::to_string(rule_.highest) + "/…'");
            if (last < first) refuse(rule_, field_, "has a range that ends before it begins");
        }
        unsigned step = 1;
        if (slash != text.npos) {
            step = number(text.substr(slash + 1)).value_or(0);
            if (step == 0) refuse(rule_, field_, "has a step that is no number above 0");
        }
        std::uint64_t bits = 0;
        for (unsigned value = first; value <= last; value += step)
            bits |= std::uint64_t{1} << (value == 7 && rule_.highest == 7 ? 0 : value);
        return bits;
    }
    unsigned value(std::string_view text) const {
        for (std::size_t i = 0; i < rule_.names.size(); ++i)
            if (equal_in_any_case(text, rule_.names[i]))
                return rule_.lowest + static_cast<unsigned>(i);
        const std::optional<unsigned> given = number(text);
        if (!given || *given < rule_.lowest || *given > rule_.highest)
            refuse(rule_, field_,
                   std::string{"has to be made of numbers from "} + std::to_string(rule_.lowest) +
                       " to " + std::to_string(rule_.highest) +
                       (rule_.names.empty() ? "" : " or names"));
        return *given;
    }
    static std::optional<unsigned> number(std::string_view text) noexcept {
        if (text.empty() || text.size() > 3) return std::nullopt;
        unsigned value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
        return value;
    }

    const FieldRule& rule_;
    std::string_view field_;
};

// The lowest bit that is set from `from` on; 64 if there is none.
unsigned next_bit(std::uint64_t bits, unsigned from) noexcept {
    return from > 63 ? 64
                     : static_cast<unsigned>(std::countr_zero(bits & (~std::uint64_t{0} << from)));
}

} // namespace

CronFields CronFields::parse(std::string_view expression) {
    constexpr std::string_view blanks = " \t";
    const auto bad = [&](const std::string& why) {
        return std::invalid_argument("armature: the cron expression '" +
                                     std::string{expression.substr(0, 200)} + "' " + why);
    };
    std::array<std::string_view, 6> fields;
    std::size_t count = 0;
    std::string_view rest = expression;
    if (const std::size_t start = rest.find_first_not_of(blanks);
        start != rest.npos && rest[start] == '@') {
        std::string_view name = rest.substr(start);
        name = name.substr(0, name.find_last_not_of(blanks) + 1);
        rest = {};
        for (const auto& [shorthand, meaning] : shorthands)
            if (equal_in_any_case(name, shorthand)) rest = meaning;
        if (rest.empty()) throw bad("isn't one of those that begin with '@'");
    }
    for (;;) {
        const std::size_t start = rest.find_first_not_of(blanks);
        if (start == rest.npos) break;
        rest.remove_prefix(start);
        const std::string_view field = rest.substr(0, rest.find_first_of(blanks));
        if (count == fields.size()) throw bad("has more than 6 fields");
        fields[count++] = field;
        rest.remove_prefix(field.size());
    }
    if (count < 5)
        throw bad("needs 5 fields (minute, hour, day of month, month, day of week), or 6 "
                  "with the second before them");
    CronFields parsed;
    const std::size_t offset = 6 - count; // without seconds the first rule is the minute's
    const auto field = [&](std::size_t rule) {
        return FieldParser{rules[rule], fields[rule - offset]}.parse();
    };
    const auto begins_with_star = [&](std::size_t rule) {
        return fields[rule - offset].front() == '*';
    };
    if (offset == 0) parsed.seconds = field(0);
    parsed.minutes = field(1);
    parsed.hours = field(2);
    parsed.days_of_month = field(3);
    parsed.months = field(4);
    parsed.weekdays = field(5);
    parsed.any_hour = begins_with_star(2);
    parsed.any_day = begins_with_star(3);
    parsed.any_weekday = begins_with_star(5);
    if (!parsed.next(0)) throw bad("names a date that never comes");
    return parsed;
}

std::optional<std::int64_t> CronFields::next(std::int64_t from) const noexcept {
    using std::chrono::days;
    using std::chrono::sys_days;
    constexpr std::int64_t day_length = 86'400;
    // 29 February comes after 8 years at most, around a century without it.
    constexpr std::int64_t search = 9 * 366;
    std::int64_t day = from / day_length - (from % day_length < 0 ? 1 : 0);
    auto of_day = static_cast<unsigned>(from - day * day_length);
    const std::int64_t last = day + search;
    for (; day <= last; ++day, of_day = 0) {
        const std::chrono::year_month_day date{sys_days{days{day}}};
        if ((months >> static_cast<unsigned>(date.month()) & 1) == 0) {
            const std::chrono::year_month next_month =
                date.year() / date.month() + std::chrono::months{1};
            day = sys_days{next_month / 1}.time_since_epoch().count() - 1;
            continue;
        }
        const bool fits_day = (days_of_month >> static_cast<unsigned>(date.day()) & 1) != 0;
        const bool fits_weekday =
            (weekdays >> std::chrono::weekday{sys_days{days{day}}}.c_encoding() & 1) != 0;
        const bool fits =
            any_day || any_weekday ? fits_day && fits_weekday : fits_day || fits_weekday;
        if (!fits) continue;

        unsigned hour = of_day / 3600;
        unsigned minute = of_day / 60 % 60;
        unsigned second = of_day % 60;
        if (const unsigned h = next_bit(hours, hour); h != hour) hour = h, minute = 0, second = 0;
        if (hour > 23) continue;
        unsigned m = next_bit(minutes, minute);
        if (m != minute) second = 0;
        unsigned s = next_bit(seconds, second);
        if (m < 60 && s > 59) {
            m = next_bit(minutes, m + 1);
            s = next_bit(seconds, 0);
        }
        if (m > 59) {
            hour = next_bit(hours, hour + 1);
            m = next_bit(minutes, 0);
            s = next_bit(seconds, 0);
        }
        if (hour > 23) continue;
        return day * day_length + hour * 3600 + m * 60 + s;
    }
    return std::nullopt;
}

} // namespace armature::jobs
