#include "core/characters.hpp"
#include "core/hex_pairs.hpp"

#include <armature/observability/trace_context.hpp>

#include <pthread.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

namespace armature {

namespace {

constexpr std::size_t trace_digits = 32;
constexpr std::size_t span_digits = 16;
constexpr std::size_t version_00_size = 55; // 2 + 1 + 32 + 1 + 16 + 1 + 2

// Identifiers have to be unique and evenly spread, not secret: SplitMix64 (Steele, Lea, Flood),
// from a place of the thread's own, gives each number once.
struct Source {
    std::uint64_t state;
    bool is_seeded;
};
constinit thread_local Source high{0, false};
constinit thread_local Source low{0, false};

// A child of fork would go on where its parent is.
void forget_in_child() { high.is_seeded = low.is_seeded = false; }

[[gnu::noinline, gnu::cold]] void seed(Source& source) {
    [[maybe_unused]] static const int registered =
        ::pthread_atfork(nullptr, nullptr, &forget_in_child);
    std::random_device device;
    source.state = static_cast<std::uint64_t>(device()) << 32 | device();
    source.is_seeded = true;
}

// Never 0, which means "none".
std::uint64_t random_bits(Source& source) {
    if (!source.is_seeded) [[unlikely]]
        seed(source);
    std::uint64_t bits = source.state += 0x9E3779B97F4A7C15;
    bits = (bits ^ bits >> 30) * 0xBF58476D1CE4E5B9;
    bits = (bits ^ bits >> 27) * 0x94D049BB133111EB;
    bits ^= bits >> 31;
    return bits != 0 ? bits : random_bits(source);
}

bool is_hex(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}
bool is_zero(std::string_view text) noexcept {
    return text.find_first_not_of('0') == std::string_view::npos;
}

bool is_lower(char c) noexcept { return c >= 'a' && c <= 'z'; }

// A part of a key: its first character, then at most `more` others (§3.3.1.3.1).
bool is_key_part(std::string_view text, std::size_t most, bool may_begin_with_digit) noexcept {
    if (text.empty() || text.size() > most) return false;
    if (!is_lower(text.front()) && !(may_begin_with_digit && is_digit(text.front()))) return false;
    return std::all_of(text.begin(), text.end(), [](char c) {
        return is_lower(c) || is_digit(c) || c == '_' || c == '-' || c == '*' || c == '/';
    });
}
bool is_state_key(std::string_view key) noexcept {
    const std::size_t at = key.find('@');
    if (at == std::string_view::npos) return is_key_part(key, 256, false);
    return is_key_part(key.substr(0, at), 241, true) && is_key_part(key.substr(at + 1), 14, false);
}
bool is_state_value(std::string_view value) noexcept {
    return !value.empty() && value.size() <= 256 && value.back() != ' ' &&
           std::all_of(value.begin(), value.end(),
                       [](char c) { return c >= 0x20 && c <= 0x7E && c != ',' && c != '='; });
}

} // namespace

TraceContext TraceContext::start(bool sampled) {
    TraceContext made;
    write_hex(made.trace_.data(), random_bits(high));
    write_hex(made.trace_.data() + 16, random_bits(low));
    write_hex(made.span_.data(), random_bits(high));
    made.sampled_ = sampled;
    return made;
}

std::optional<TraceContext> TraceContext::parse(std::string_view text) {
    if (text.size() < version_00_size) return std::nullopt;
    const std::string_view version = text.substr(0, 2);
    if (!is_hex(version) || version == "ff" || text[2] != '-' || text[35] != '-' || text[52] != '-')
        return std::nullopt;
    // A later version may go on, but only with another part.
    if (text.size() > version_00_size && (version == "00" || text[version_00_size] != '-'))
        return std::nullopt;
    const std::string_view trace = text.substr(3, trace_digits);
    const std::string_view span = text.substr(36, span_digits);
    const std::string_view flags = text.substr(53, 2);
    if (!is_hex(trace) || !is_hex(span) || !is_hex(flags) || is_zero(trace) || is_zero(span))
        return std::nullopt;
    TraceContext found;
    std::copy(trace.begin(), trace.end(), found.trace_.begin());
    std::copy(span.begin(), span.end(), found.span_.begin());
    found.sampled_ = (hex_value(flags[1]) & 1) != 0;
    return found;
}

std::optional<TraceContext> TraceContext::from(const Headers& fields) {
    if (!fields.contains(Field::traceparent)) return std::nullopt;
    std::string_view parent;
    unsigned count = 0;
    fields.all(Field::traceparent, [&](std::string_view value) {
        parent = value;
        ++count;
    });
    if (count != 1) return std::nullopt;
    std::optional<TraceContext> found = parse(parent);
    if (!found || !fields.contains(Field::tracestate)) return found;
    std::string state; // lines of one field are one list
    fields.all(Field::tracestate, [&](std::string_view value) {
        if (!state.empty()) state += ',';
        state += value.substr(0, max_state + 1 - std::min(state.size(), max_state));
    });
    if (state.size() > max_state) return found;
    if (std::optional<std::string> valid = parse_tracestate(state))
        found->state_ = *std::move(valid);
    return found;
}

TraceContext TraceContext::child() const {
    TraceContext made = *this;
    write_hex(made.span_.data(), random_bits(high));
    return made;
}

bool TraceContext::falls_into(double ratio) const noexcept {
    if (ratio >= 1) return true;
    // The lower half of the identifier as a number, as OpenTelemetry's SDKs take it.
    std::uint64_t bits = 0;
    for (const char digit : std::string_view{trace_.data() + 16, 16})
        bits = bits << 4 | static_cast<std::uint64_t>(hex_value(digit));
    return static_cast<double>(bits >> 1) < ratio * 0x1p63;
}

std::string TraceContext::to_string() const {
    std::string text;
    text.reserve(version_00_size);
    return text.append("00-")
        .append(trace_id())
        .append("-")
        .append(span_id())
        .append(sampled_ ? "-01" : "-00");
}

std::optional<std::string> parse_tracestate(std::string_view text) {
    std::string normal;
    std::vector<std::string_view> keys;
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        const std::string_view member = trim(text.substr(0, comma));
        text.remove_prefix(std::min(comma + 1, text.size()));
        if (member.empty()) continue; // allowed between commas
        const std::size_t equals = member.find('=');
        if (equals == std::string_view::npos) return std::nullopt;
        const std::string_view key = member.substr(0, equals);
        if (!is_state_key(key) || !is_state_value(member.substr(equals + 1)) || keys.size() == 32 ||
            std::find(keys.begin(), keys.end(), key) != keys.end())
            return std::nullopt;
        keys.push_back(key);
        if (!normal.empty()) normal += ',';
        normal += member;
    }
    return normal;
}

} // namespace armature
