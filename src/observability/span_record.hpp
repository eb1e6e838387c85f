#pragma once

#include <armature/log/log.hpp>
#include <armature/observability/trace_context.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace armature::detail {

class Exporter;

/// As OTLP numbers them.
enum class SpanKind : std::uint8_t { internal = 1, server = 2, client = 3 };

/// Named values in two pieces of memory, however many they are.
class SpanAttributes {
  public:
    static constexpr std::size_t max_count = 128;
    static constexpr std::size_t max_text = 4096;

    SpanAttributes() = default;
    SpanAttributes(std::size_t count, std::size_t text_bytes) {
        entries_.reserve(count);
        text_.reserve(text_bytes);
    }
    /// Replaces one of that name.
    void set(std::string_view name, const log::Value& value);
    /// How many had no room.
    [[nodiscard]] std::uint32_t dropped() const noexcept { return dropped_; }

    /// Calls `visit(std::string_view name, const log::Value& value)` for each.
    template <class Visit>
    void each(Visit visit) const {
        for (const Entry& entry : entries_) {
            const std::string_view text{text_};
            const std::string_view name = text.substr(entry.name, entry.name_size);
            if (entry.value.kind() == log::Value::Kind::text)
                visit(name, log::Value{text.substr(entry.text, entry.text_size)});
            else
                visit(name, entry.value);
        }
    }

  private:
    struct Entry {
        std::uint32_t name;
        std::uint32_t name_size;
        std::uint32_t text;
        std::uint32_t text_size;
        log::Value value; ///< of a text only the kind
    };
    std::vector<Entry> entries_;
    std::string text_;
    std::uint32_t dropped_ = 0;
};

struct SpanEvent {
    std::int64_t time; ///< nanoseconds since 1970
    std::string name;
    SpanAttributes attributes;
};

/// What is known of a span that is recorded.
struct SpanRecord {
    static constexpr std::size_t max_events = 128;
    static constexpr std::size_t max_name = 256;

    SpanRecord(std::shared_ptr<Exporter> to, TraceContext context, std::string_view parent,
               SpanKind kind, std::string_view name);

    /// Nanoseconds since 1970, by the steady clock since the span began.
    [[nodiscard]] std::int64_t now() const noexcept;
    void rename(std::string_view text) { name.assign(text.substr(0, max_name)); }
    void fail(std::string_view type, std::string_view text);
    /// Hands itself over to the exporter.
    static void finish(SpanRecord* record) noexcept;

    std::shared_ptr<Exporter> exporter;
    TraceContext context;
    std::string parent; ///< 16 digits, or empty
    SpanKind kind;
    bool failed = false;
    int exceptions; ///< that were on their way when it began
    std::int64_t steady_start;
    std::int64_t start; ///< nanoseconds since 1970
    std::int64_t end = 0;
    std::string name;
    std::string message;
    SpanAttributes attributes{16, 384};
    std::vector<SpanEvent> events;
    std::uint32_t dropped_events = 0;
    SpanRecord* next = nullptr; ///< in the exporter's queue
};

} // namespace armature::detail
