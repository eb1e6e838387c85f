#include "config/sources.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <system_error>

namespace armature::config::detail {
namespace {

using Kind = RawValue::Kind;

std::string_view text_of(const RawValue& raw) noexcept { return raw.text.expose(); }

template <class T>
std::errc parse_number(std::string_view text, T& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{}) return error;
    return end == text.data() + text.size() ? std::errc{} : std::errc::invalid_argument;
}

/// The complaint about a value of the wrong kind, or an empty text.
std::string check_number_kind(Kind kind, bool fraction) {
    if (kind == Kind::text || kind == Kind::integer || (fraction && kind == Kind::real)) return {};
    if (kind == Kind::string) return "is a string; write the number without quotes";
    return fraction ? "is not a number; write one, for example 0.5"
                    : "is not a whole number; write digits only, for example 8080";
}

template <class T>
std::string parse_within(const RawValue& raw, T& value, T least, T most) {
    std::string complaint = check_number_kind(raw.kind, false);
    if (!complaint.empty()) return complaint;
    const std::string_view text = text_of(raw);
    const std::errc error = parse_number(text, value);
    if (error == std::errc{} && value >= least && value <= most) return {};
    // from_chars takes no sign for an unsigned type.
    std::int64_t negative = 0;
    const bool below = text.starts_with('-') && parse_number(text, negative) == std::errc{};
    if (error == std::errc{} || error == std::errc::result_out_of_range || below) {
        return "is out of range; use " + shown(least) + " to " + shown(most);
    }
    return "is not a whole number; write digits only, for example 8080";
}

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};
constexpr std::array<Unit, 5> durations{
    {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
constexpr std::array<Unit, 8> sizes{{{"", 1},
                                     {"b", 1},
                                     {"kb", 1'000},
                                     {"mb", 1'000'000},
                                     {"gb", 1'000'000'000},
                                     {"kib", 1ULL << 10},
                                     {"mib", 1ULL << 20},
                                     {"gib", 1ULL << 30}}};

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return result;
}

/// Digits, then one of the units. Returns nullopt if it is anything else or more than `most`.
template <class Units>
std::optional<std::uint64_t> parse_quantity(std::string_view text, const Units& units,
                                            std::uint64_t most) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return std::nullopt;
    const std::string name = lower(text.substr(static_cast<std::size_t>(end - text.data())));
    for (const Unit& unit : units) {
        if (unit.name != name) continue;
        if (number > most / unit.factor) return std::nullopt;
        return number * unit.factor;
    }
    return std::nullopt;
}

} // namespace

std::string shown(std::int64_t number) { return std::to_string(number); }
std::string shown(std::uint64_t number) { return std::to_string(number); }

std::string shown(double number) {
    std::array<char, 32> buffer;
    const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
    return {buffer.data(), result.ptr};
}

std::string shown(Milliseconds duration) {
    for (auto unit = durations.rbegin(); unit != durations.rend(); ++unit) {
        const auto factor = static_cast<std::int64_t>(unit->factor);
        if (duration.count % factor == 0 && duration.count != 0) {
            return std::to_string(duration.count / factor) + std::string(unit->name);
        }
    }
    return "0ms";
}

std::string shown(ByteCount size) {
    constexpr std::array<Unit, 4> units{
        {{"GiB", 1ULL << 30}, {"MiB", 1ULL << 20}, {"KiB", 1ULL << 10}, {"B", 1}}};
    for (const Unit& unit : units) {
        if (size.count % unit.factor == 0 && size.count != 0) {
            return std::to_string(size.count / unit.factor) + std::string(unit.name);
        }
    }
    return "0B";
}

std::string check_one_of(std::string_view value, const std::vector<std::string>& allowed) {
    std::string list;
    for (std::size_t i = 0; i < allowed.size(); ++i) {
        if (allowed[i] == value) return {};
        if (i > 0) list += i + 1 == allowed.size() ? " or " : ", ";
        list += allowed[i];
    }
    return "is not allowed; use " + list;
}

std::string check_http_url(std::string_view value) {
    const std::string start = lower(value.substr(0, 8));
    const std::size_t host = start == "https://" ? 8 : start.starts_with("http://") ? 7 : 0;
    const bool printable = value.find_first_of(" \t\r\n\"<>\\") == std::string_view::npos;
    const std::string_view rest = value.substr(host);
    const bool has_host = !rest.empty() && std::string_view("/?#:@").find(rest[0]) == rest.npos;
    if (host > 0 && printable && has_host) return {};
    return "is not a web address; write one such as https://example.com/path";
}

std::string parse(const RawValue& raw, bool& value) {
    const std::string_view text = text_of(raw);
    if (raw.kind == Kind::boolean || raw.kind == Kind::text) {
        const bool bare = raw.kind == Kind::text;
        if (text == "true" || (bare && text == "1")) {
            value = true;
            return {};
        }
        if (text == "false" || (bare && text == "0")) {
            value = false;
            return {};
        }
    }
    return raw.kind == Kind::string ? "is a string; write true or false without quotes"
                                    : "is not a truth value; write true or false";
}

std::string parse_integer(const RawValue& raw, std::int64_t& value, std::int64_t least,
                          std::int64_t most) {
    return parse_within(raw, value, least, most);
}

std::string parse_integer(const RawValue& raw, std::uint64_t& value, std::uint64_t least,
                          std::uint64_t most) {
    return parse_within(raw, value, least, most);
}

std::string parse(const RawValue& raw, double& value) {
    std::string complaint = check_number_kind(raw.kind, true);
    if (!complaint.empty()) return complaint;
    if (parse_number(text_of(raw), value) == std::errc{} && std::isfinite(value)) return {};
    return "is not a number; write one, for example 0.5";
}

std::string parse(const RawValue& raw, std::string& value) {
    if (raw.kind == Kind::list) return "is not a string; write one in quotes";
    if (raw.kind != Kind::text && raw.kind != Kind::string) {
        return "is not a string; put it in quotes";
    }
    value = text_of(raw);
    return {};
}

std::string parse(const RawValue& raw, SecretString& value) {
    if (raw.kind != Kind::text && raw.kind != Kind::string) {
        return "is not a string; put it in quotes";
    }
    value = raw.text;
    return {};
}

std::string parse(const RawValue& raw, Milliseconds& value) {
    if (raw.kind == Kind::text || raw.kind == Kind::string) {
        constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
        if (const auto count = parse_quantity(text_of(raw), durations, most)) {
            value.count = static_cast<std::int64_t>(*count);
            return {};
        }
    }
    return "is not a duration; write a whole number and its unit: 250ms, 30s, 5m, 2h or 1d";
}

std::string parse(const RawValue& raw, ByteCount& value) {
    if (raw.kind == Kind::text || raw.kind == Kind::string || raw.kind == Kind::integer) {
        constexpr auto most = std::numeric_limits<std::uint64_t>::max();
        if (const auto count = parse_quantity(text_of(raw), sizes, most)) {
            value.count = *count;
            return {};
        }
    }
    return "is not a size; write a whole number of bytes or with a unit: 512B, 10kB, 10MB, 16KiB, "
           "2MiB or 1GiB";
}

std::vector<RawValue> list_items(const RawValue& raw) {
    if (raw.kind == Kind::list) return raw.items;
    std::vector<RawValue> items;
    // One value in a file that wants a list is a list of one; commas split only bare text.
    if (raw.kind != Kind::text) return {raw};
    std::string_view rest = text_of(raw);
    if (rest.empty()) return items;
    for (bool more = true; more;) {
        const std::size_t comma = rest.find(',');
        more = comma != std::string_view::npos;
        std::string_view item = rest.substr(0, comma);
        while (item.starts_with(' '))
            item.remove_prefix(1);
        while (item.ends_with(' '))
            item.remove_suffix(1);
        items.push_back({Kind::text, SecretString(std::string(item)), {}, raw.origin});
        if (more) rest.remove_prefix(comma + 1);
    }
    return items;
}

} // namespace armature::config::detail
