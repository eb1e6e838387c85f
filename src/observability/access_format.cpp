#include "observability/access_writer.hpp"

#include <armature/json/write.hpp>
#include <armature/log/log.hpp>

#include <time.h>

#include <cstdio>

namespace armature::detail {

namespace {

constexpr std::int64_t second = 1'000'000'000;

template <std::size_t N>
std::string_view view(const std::array<char, N>& text, std::uint16_t size) noexcept {
    return {text.data(), size};
}

tm time_of(std::int64_t nanoseconds) noexcept {
    const time_t seconds = nanoseconds / second;
    tm time{};
    ::gmtime_r(&seconds, &time);
    return time;
}

// As Apache writes what clients sent: nothing can end a field or a line, or steer a terminal.
void append_escaped(std::string& to, std::string_view text) {
    constexpr char digits[] = "0123456789abcdef";
    if (text.empty()) to += '-';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            to += '\\';
            to += c;
        } else if (byte >= 0x20 && byte < 0x7F) {
            to += c;
        } else {
            to += "\\x";
            to += digits[byte >> 4];
            to += digits[byte & 15];
        }
    }
}

// Empty without a span.
std::string_view trace_id(const AccessRecord& record) noexcept {
    return view(record.trace_id, record.has_trace ? 32 : 0);
}
std::string_view span_id(const AccessRecord& record) noexcept {
    return view(record.span_id, record.has_trace ? 16 : 0);
}

double milliseconds(const AccessRecord& record) noexcept {
    return static_cast<double>(record.duration / 1000) / 1000;
}

} // namespace

void format_combined(const AccessRecord& record, std::int64_t offset, std::string& lines) {
    constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const tm time = time_of(record.start + offset);
    char when[64];
    std::snprintf(when, sizeof when, " - - [%02d/%s/%04d:%02d:%02d:%02d +0000] \"", time.tm_mday,
                  months[time.tm_mon], time.tm_year + 1900, time.tm_hour, time.tm_min, time.tm_sec);
    const std::string peer = record.peer.address();
    lines.append(peer.empty() ? "-" : peer).append(when);
    append_escaped(lines, view(record.method, record.method_size));
    lines += ' ';
    append_escaped(lines, view(record.target, record.target_size));
    lines.append(" ").append(to_string(record.protocol)).append("\" ");
    lines.append(std::to_string(record.status)).append(" ");
    lines.append(record.has_bytes ? std::to_string(record.bytes) : "-").append(" \"");
    append_escaped(lines, view(record.referer, record.referer_size));
    lines += "\" \"";
    append_escaped(lines, view(record.agent, record.agent_size));
    lines += "\"\n";
}

void format_json(const AccessRecord& record, std::int64_t offset, std::string& lines) {
    const std::int64_t start = record.start + offset;
    const tm time = time_of(start);
    char when[64];
    std::snprintf(when, sizeof when, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", time.tm_year + 1900,
                  time.tm_mon + 1, time.tm_mday, time.tm_hour, time.tm_min, time.tm_sec,
                  static_cast<int>(start % second / 1'000'000));
    JsonWriter json;
    json.begin_object().member("time", when).member("remote", record.peer.address());
    json.member("method", view(record.method, record.method_size));
    json.member("target", view(record.target, record.target_size));
    if (record.route_size > 0) json.member("route", view(record.route, record.route_size));
    json.member("protocol", to_string(record.protocol)).member("status", record.status);
    if (record.has_bytes) json.member("bytes", record.bytes);
    json.member("duration_ms", milliseconds(record));
    if (record.referer_size > 0) json.member("referer", view(record.referer, record.referer_size));
    if (record.agent_size > 0) json.member("user_agent", view(record.agent, record.agent_size));
    if (record.has_trace) {
        json.member("trace_id", trace_id(record));
        json.member("span_id", span_id(record));
    }
    lines.append(json.end_object().take()).append("\n");
}

void format_to_log(const AccessRecord& record, std::int64_t, std::string&) {
    const std::string peer = record.peer.address();
    // Numbers, so that they can be summed; -1 is a size that nobody knows.
    const std::int64_t bytes = record.has_bytes ? static_cast<std::int64_t>(record.bytes) : -1;
    log::info("request", {{"remote", peer},
                          {"method", view(record.method, record.method_size)},
                          {"target", view(record.target, record.target_size)},
                          {"route", view(record.route, record.route_size)},
                          {"protocol", to_string(record.protocol)},
                          {"status", record.status},
                          {"bytes", bytes},
                          {"duration_ms", milliseconds(record)},
                          {"referer", view(record.referer, record.referer_size)},
                          {"user_agent", view(record.agent, record.agent_size)},
                          {"trace_id", trace_id(record)},
                          {"span_id", span_id(record)}});
}

} // namespace armature::detail
