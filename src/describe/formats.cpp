#include "describe/formats.hpp"

#include <algorithm>
#include <cstddef>

namespace armature::detail {
namespace {

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_alpha(char c) noexcept { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }
constexpr bool is_hex(char c) noexcept {
    return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}
constexpr bool is_one_of(char c, std::string_view set) noexcept {
    return set.find(c) != std::string_view::npos;
}

// RFC 5321 §2.3.5: letters, digits and inner hyphens; at most 63.
bool is_label(std::string_view label) noexcept {
    return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
           std::all_of(label.begin(), label.end(),
                       [](char c) { return is_alpha(c) || is_digit(c) || c == '-'; });
}

// RFC 5322 §3.2.3 atext
bool is_atom(std::string_view atom) noexcept {
    return !atom.empty() && std::all_of(atom.begin(), atom.end(), [](char c) {
        return is_alpha(c) || is_digit(c) || is_one_of(c, "!#$%&'*+/=?^_`{|}~-");
    });
}

template <class Check>
bool all_between_dots(std::string_view text, Check check) noexcept {
    for (;;) {
        const std::size_t dot = text.find('.');
        if (!check(text.substr(0, dot))) return false;
        if (dot == std::string_view::npos) return true;
        text.remove_prefix(dot + 1);
    }
}

// Two digits at `at`; -1 if they aren't.
int two_digits(std::string_view text, std::size_t at) noexcept {
    if (text.size() < at + 2 || !is_digit(text[at]) || !is_digit(text[at + 1])) return -1;
    return (text[at] - '0') * 10 + (text[at + 1] - '0');
}

int days_in(int year, int month) noexcept {
    constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && is_leap);
}

// RFC 3986 characters of a component: unreserved, sub-delims, `also`, and %XX.
bool is_uri_text(std::string_view text, std::string_view also) noexcept {
    for (std::size_t i = 0; i != text.size(); ++i) {
        const char c = text[i];
        if (c == '%') {
            if (text.size() - i < 3 || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) return false;
            i += 2;
        } else if (!is_alpha(c) && !is_digit(c) && !is_one_of(c, "-._~!$&'()*+,;=") &&
                   !is_one_of(c, also)) {
            return false;
        }
    }
    return true;
}

// Four numbers from 0 to 255 without leading zeros.
bool is_ipv4(std::string_view text) noexcept {
    const auto is_byte = [](std::string_view part) {
        if (part.empty() || part.size() > 3 || (part.size() > 1 && part[0] == '0')) return false;
        int value = 0;
        for (const char c : part) {
            if (!is_digit(c)) return false;
            value = value * 10 + (c - '0');
        }
        return value < 256;
    };
    return std::count(text.begin(), text.end(), '.') == 3 && all_between_dots(text, is_byte);
}

// RFC 4291 §2.2: eight groups of up to four hexadecimal digits; `::` once, for one or more groups
// of zeros; the last two may be an IPv4 address. No zone.
bool is_ipv6(std::string_view text) noexcept {
    const std::size_t gap = text.find("::");
    if (gap != std::string_view::npos && text.find("::", gap + 1) != std::string_view::npos)
        return false;
    const auto count_groups = [](std::string_view part, bool may_end_in_ipv4) { // -1: not groups
        int count = 0;
        while (!part.empty()) {
            const std::size_t colon = std::min(part.find(':'), part.size());
            const std::string_view group = part.substr(0, colon);
            if (may_end_in_ipv4 && colon == part.size() && is_ipv4(group)) return count + 2;
            if (group.empty() || group.size() > 4 ||
                !std::all_of(group.begin(), group.end(), is_hex) || colon + 1 == part.size())
                return -1;
            ++count;
            part.remove_prefix(std::min(colon + 1, part.size()));
        }
        return count;
    };
    if (gap == std::string_view::npos) return count_groups(text, true) == 8;
    const int before = count_groups(text.substr(0, gap), false);
    const int after = count_groups(text.substr(gap + 2), true);
    return before >= 0 && after >= 0 && before + after < 8;
}

// RFC 3986 §3.2.2: an IPv6 address, or `v`, a version in hexadecimal, a dot and more.
bool is_ip_literal(std::string_view text) noexcept {
    if (is_ipv6(text)) return true;
    const std::size_t dot = text.find('.');
    return dot != std::string_view::npos && dot > 1 && dot + 1 < text.size() &&
           (text[0] | 0x20) == 'v' && std::all_of(&text[1], &text[dot], is_hex) &&
           !is_one_of('%', text) && is_uri_text(text.substr(dot + 1), ":");
}

bool is_authority(std::string_view authority) noexcept {
    if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
        if (!is_uri_text(authority.substr(0, at), ":")) return false;
        authority.remove_prefix(at + 1);
    }
    if (!authority.empty() && authority.front() == '[') {
        const std::size_t close = authority.find(']');
        if (close == std::string_view::npos) return false;
        if (!is_ip_literal(authority.substr(1, close - 1))) return false;
        authority.remove_prefix(close + 1);
        if (authority.empty()) return true;
        if (authority.front() != ':') return false;
    }
    const std::size_t colon = authority.find(':');
    if (!is_uri_text(authority.substr(0, colon), "")) return false;
    if (colon == std::string_view::npos) return true;
    const std::string_view port = authority.substr(colon + 1);
    return std::all_of(port.begin(), port.end(), is_digit);
}

bool is_email(std::string_view text) noexcept {
    const std::size_t at = text.find('@');
    if (at == std::string_view::npos || at > 64 || text.size() > 254) return false;
    const std::string_view domain = text.substr(at + 1);
    return is_one_of('.', domain) && all_between_dots(text.substr(0, at), is_atom) &&
           all_between_dots(domain, is_label);
}

bool is_uuid(std::string_view text) noexcept {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i != 36; ++i) {
        const bool is_hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        if (is_hyphen ? text[i] != '-' : !is_hex(text[i])) return false;
    }
    return true;
}

bool is_uri(std::string_view text) noexcept {
    const std::size_t colon = text.find(':');
    if (colon == 0 || colon == std::string_view::npos || !is_alpha(text[0])) return false;
    for (const char c : text.substr(0, colon))
        if (!is_alpha(c) && !is_digit(c) && !is_one_of(c, "+-.")) return false;
    text.remove_prefix(colon + 1);

    if (const std::size_t hash = text.find('#'); hash != std::string_view::npos) {
        if (!is_uri_text(text.substr(hash + 1), ":@/?")) return false;
        text = text.substr(0, hash);
    }
    if (const std::size_t question = text.find('?'); question != std::string_view::npos) {
        if (!is_uri_text(text.substr(question + 1), ":@/?")) return false;
        text = text.substr(0, question);
    }
    if (text.starts_with("//")) {
        text.remove_prefix(2);
        const std::size_t slash = std::min(text.find('/'), text.size());
        if (!is_authority(text.substr(0, slash))) return false;
        text.remove_prefix(slash);
    }
    return is_uri_text(text, ":@/");
}

bool is_time(std::string_view text) noexcept {
    if (text.size() < 9) return false;
    const int hour = two_digits(text, 0), minute = two_digits(text, 3);
    const int second = two_digits(text, 6);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60 ||
        text[2] != ':' || text[5] != ':')
        return false;
    text.remove_prefix(8);
    if (text.front() == '.') {
        const std::size_t digits = static_cast<std::size_t>(
            std::find_if_not(text.begin() + 1, text.end(), is_digit) - text.begin() - 1);
        if (digits == 0) return false;
        text.remove_prefix(1 + digits);
    }
    int offset = 0; // minutes east of UTC
    if (text.size() != 1 || (text.front() | 0x20) != 'z') {
        if (text.size() != 6 || !is_one_of(text.front(), "+-") || text[3] != ':') return false;
        const int hours = two_digits(text, 1), minutes = two_digits(text, 4);
        if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return false;
        offset = (hours * 60 + minutes) * (text.front() == '-' ? -1 : 1);
    }
    // A leap second is the last of a day in UTC (RFC 3339 §5.7).
    constexpr int day = 24 * 60;
    return second != 60 || (hour * 60 + minute - offset + day) % day == day - 1;
}

// RFC 3339 appendix A: units from the largest to the smallest, none left out between two of a time.
bool is_duration(std::string_view text) noexcept {
    if (!text.starts_with('P')) return false;
    text.remove_prefix(1);
    const auto take_units = [&](std::string_view units) { // how many of them there are
        std::size_t count = 0;
        for (std::size_t next = 0; !text.empty() && is_digit(text[0]); ++count) {
            const std::size_t digits = static_cast<std::size_t>(
                std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
            if (digits == text.size()) return std::size_t{0};
            next = units.find(text[digits], next);
            if (next == std::string_view::npos) return std::size_t{0};
            ++next;
            text.remove_prefix(digits + 1);
        }
        return count;
    };
    if (text.ends_with('W')) return take_units("W") == 1 && text.empty();
    const bool has_date = take_units("YMD") != 0;
    if (text.empty()) return has_date;
    if (text[0] != 'T') return false;
    text.remove_prefix(1);
    return take_units("HMS") != 0 && text.empty();
}

// RFC 1123 §2.1.
bool is_hostname(std::string_view text) noexcept {
    return text.size() <= 253 && all_between_dots(text, is_label);
}

} // namespace

bool is_date(std::string_view text) noexcept {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
    const int century = two_digits(text, 0), year = two_digits(text, 2);
    const int month = two_digits(text, 5), day = two_digits(text, 8);
    return century >= 0 && year >= 0 && month >= 1 && month <= 12 && day >= 1 &&
           day <= days_in(century * 100 + year, month);
}

bool is_date_time(std::string_view text) noexcept {
    return text.size() > 11 && is_date(text.substr(0, 10)) && (text[10] | 0x20) == 't' &&
           is_time(text.substr(11));
}

const Format* find_format(std::string_view name) noexcept {
    static constexpr Format formats[] = {
        {"date", "a date such as 2024-02-29", is_date},
        {"date-time", "a date and time such as 2024-02-29T12:00:00Z", is_date_time},
        {"duration", "a duration such as PT1H30M", is_duration},
        {"email", "an e-mail address", is_email},
        {"hostname", "a host's name", is_hostname},
        {"ipv4", "an IPv4 address", is_ipv4},
        {"ipv6", "an IPv6 address", is_ipv6},
        {"time", "a time such as 12:00:00Z", is_time},
        {"uri", "a URI with a scheme", is_uri},
        {"uuid", "a UUID", is_uuid},
    };
    for (const Format& format : formats)
        if (format.name == name) return &format;
    return nullptr;
}

} // namespace armature::detail
