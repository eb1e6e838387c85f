#include "log/format.hpp"

#include <array>
#include <cmath>
#include <cstdint>

namespace armature::log::detail {
namespace {

void append(Line& line, std::string_view text) {
    line.append(text.data(), text.data() + text.size());
}

/// Length of the well-formed UTF-8 sequence that `text` starts with, or 0 (Unicode table 3-7).
std::size_t sequence_length(std::string_view text) noexcept {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto continues = [&](std::size_t i) {
        return i < text.size() && (byte(i) & 0xC0) == 0x80;
    };
    const unsigned char first = byte(0);
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        if (!continues(1) || !continues(2)) return 0;
        const bool overlong = first == 0xE0 && byte(1) < 0xA0;
        const bool surrogate = first == 0xED && byte(1) > 0x9F;
        return overlong || surrogate ? 0 : 3;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        if (!continues(1) || !continues(2) || !continues(3)) return 0;
        const bool overlong = first == 0xF0 && byte(1) < 0x90;
        const bool too_large = first == 0xF4 && byte(1) > 0x8F;
        return overlong || too_large ? 0 : 4;
    }
    return 0;
}

void append_control(Line& line, unsigned code) {
    switch (code) {
    case '\n':
        append(line, "\\n");
        break;
    case '\r':
        append(line, "\\r");
        break;
    case '\t':
        append(line, "\\t");
        break;
    default:
        fmt::format_to(fmt::appender(line), "\\u{:04x}", code);
    }
}

/// Appends `text` as the inside of a JSON string. DEL and the C1 controls are escaped too, because
/// terminals obey some of them; what is not UTF-8 becomes U+FFFD, because JSON has to be.
void append_escaped(Line& line, std::string_view text) {
    const bool cut = text.size() > max_text_bytes;
    if (cut) text = text.substr(0, max_text_bytes);
    while (!text.empty()) {
        std::size_t plain = 0;
        while (plain < text.size() && text[plain] >= 0x20 && text[plain] < 0x7F &&
               text[plain] != '"' && text[plain] != '\\') {
            ++plain;
        }
        append(line, text.substr(0, plain));
        text.remove_prefix(plain);
        if (text.empty()) break;

        const auto first = static_cast<unsigned char>(text.front());
        const std::size_t length = sequence_length(text);
        if (length == 0) {
            append(line, "\xEF\xBF\xBD");
        } else if (first == '"' || first == '\\') {
            append(line, first == '"' ? "\\\"" : "\\\\");
        } else if (length == 1) {
            append_control(line, first);
        } else if (first == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0) {
            append_control(line, static_cast<unsigned char>(text[1]));
        } else {
            append(line, text.substr(0, length));
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
    if (cut) append(line, "…");
}

void append_quoted(Line& line, std::string_view text) {
    line.push_back('"');
    append_escaped(line, text);
    line.push_back('"');
}

void append_time(Line& line, std::chrono::system_clock::time_point time) {
    using namespace std::chrono;
    const auto day = floor<days>(time);
    const year_month_day date{day};
    const hh_mm_ss clock{floor<milliseconds>(time - day)};
    fmt::format_to(fmt::appender(line), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
                   static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                   static_cast<unsigned>(date.day()), clock.hours().count(),
                   clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

void append_number(Line& line, const Value& value) {
    const fmt::appender out(line);
    switch (value.kind()) {
    case Value::Kind::text:
        break;
    case Value::Kind::signed_integer:
        fmt::format_to(out, "{}", value.signed_integer());
        break;
    case Value::Kind::unsigned_integer:
        fmt::format_to(out, "{}", value.unsigned_integer());
        break;
    case Value::Kind::real:
        fmt::format_to(out, "{}", value.real());
        break;
    case Value::Kind::boolean:
        append(line, value.boolean() ? "true" : "false");
        break;
    }
}

void append_json_value(Line& line, const Value& value) {
    if (value.kind() == Value::Kind::text) return append_quoted(line, value.text());
    // JSON has no infinity and no NaN.
    const bool quoted = value.kind() == Value::Kind::real && !std::isfinite(value.real());
    if (quoted) line.push_back('"');
    append_number(line, value);
    if (quoted) line.push_back('"');
}

void append_pretty_value(Line& line, const Value& value) {
    if (value.kind() != Value::Kind::text) return append_number(line, value);
    const std::string_view text = value.text();
    const bool bare = !text.empty() && text.find_first_of(" =\"\\") == std::string_view::npos;
    if (bare) {
        append_escaped(line, text);
    } else {
        append_quoted(line, text);
    }
}

bool is_reserved(std::string_view name) noexcept {
    return name == "time" || name == "level" || name == "message";
}

void format_json(Line& line, std::chrono::system_clock::time_point time, Level level,
                 std::string_view message, Fields fields) {
    append(line, R"({"time":")");
    append_time(line, time);
    append(line, R"(","level":")");
    append(line, to_string(level));
    append(line, R"(","message":)");
    append_quoted(line, message);
    for (const Field& field : fields) {
        append(line, ",\"");
        append_escaped(line, field.name);
        append(line, is_reserved(field.name) ? "_\":" : "\":");
        append_json_value(line, field.value);
    }
    line.push_back('}');
}

struct Label {
    std::string_view text;
    std::string_view colour;
};
constexpr std::array<Label, 6> labels{{{"TRACE", "\x1b[90m"},
                                       {"DEBUG", "\x1b[36m"},
                                       {"INFO ", "\x1b[32m"},
                                       {"WARN ", "\x1b[33m"},
                                       {"ERROR", "\x1b[31m"},
                                       {"CRIT ", "\x1b[1;31m"}}};

void format_pretty(Line& line, bool colour, std::chrono::system_clock::time_point time, Level level,
                   std::string_view message, Fields fields) {
    const Label& label = labels[static_cast<std::size_t>(level)];
    append_time(line, time);
    line.push_back(' ');
    if (colour) append(line, label.colour);
    append(line, label.text);
    if (colour) append(line, "\x1b[0m");
    line.push_back(' ');
    append_escaped(line, message);
    for (const Field& field : fields) {
        line.push_back(' ');
        append_escaped(line, field.name);
        append(line, is_reserved(field.name) ? "_=" : "=");
        append_pretty_value(line, field.value);
    }
}

} // namespace

void format_record(Line& line, Format format, bool colour,
                   std::chrono::system_clock::time_point time, Level level,
                   std::string_view message, Fields fields) {
    if (format == Format::json) {
        format_json(line, time, level, message, fields);
    } else {
        format_pretty(line, colour, time, level, message, fields);
    }
}

std::string plain_text(const Value& value) {
    if (value.kind() == Value::Kind::text) return std::string(value.text());
    Line line;
    append_number(line, value);
    return fmt::to_string(line);
}

} // namespace armature::log::detail
