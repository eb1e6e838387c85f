#include "observability/exporter.hpp"

#include <armature/json/write.hpp>

#include <cmath>

namespace armature::detail {

namespace {

// OTLP in JSON (opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding): identifiers in
// hexadecimal, 64-bit integers as texts, enumerators as numbers.
void write_time(JsonWriter& json, std::string_view name, std::int64_t nanoseconds) {
    json.member(name, std::to_string(nanoseconds));
}

void write_attribute(JsonWriter& json, std::string_view name, const log::Value& value) {
    json.begin_object().member("key", name).key("value").begin_object();
    switch (value.kind()) {
    case log::Value::Kind::text:
        json.member("stringValue", value.text());
        break;
    case log::Value::Kind::signed_integer:
        json.member("intValue", std::to_string(value.signed_integer()));
        break;
    case log::Value::Kind::unsigned_integer:
        json.member("intValue",
                    std::to_string(static_cast<std::int64_t>(value.unsigned_integer())));
        break;
    case log::Value::Kind::real:
        if (std::isfinite(value.real()))
            json.member("doubleValue", value.real());
        else
            json.member("doubleValue", std::isnan(value.real()) ? "NaN"
                                       : value.real() > 0       ? "Infinity"
                                                                : "-Infinity");
        break;
    case log::Value::Kind::boolean:
        json.member("boolValue", value.boolean());
        break;
    }
    json.end_object().end_object();
}

void write_attributes(JsonWriter& json, const SpanAttributes& attributes) {
    json.key("attributes").begin_array();
    attributes.each([&](std::string_view name, const log::Value& value) {
        write_attribute(json, name, value);
    });
    json.end_array();
    if (attributes.dropped() > 0) json.member("droppedAttributesCount", attributes.dropped());
}

void write_span(JsonWriter& json, const SpanRecord& span) {
    json.begin_object().member("traceId", span.context.trace_id());
    json.member("spanId", span.context.span_id());
    if (!span.context.state().empty()) json.member("traceState", span.context.state());
    if (!span.parent.empty()) json.member("parentSpanId", span.parent);
    json.member("flags", 1).member("name", span.name).member("kind", static_cast<int>(span.kind));
    write_time(json, "startTimeUnixNano", span.start);
    write_time(json, "endTimeUnixNano", span.end);
    write_attributes(json, span.attributes);
    if (!span.events.empty()) {
        json.key("events").begin_array();
        for (const SpanEvent& event : span.events) {
            json.begin_object();
            write_time(json, "timeUnixNano", event.time);
            json.member("name", event.name);
            write_attributes(json, event.attributes);
            json.end_object();
        }
        json.end_array();
    }
    if (span.dropped_events > 0) json.member("droppedEventsCount", span.dropped_events);
    if (span.failed) {
        json.key("status").begin_object().member("code", 2);
        if (!span.message.empty()) json.member("message", span.message);
        json.end_object();
    }
    json.end_object();
}

} // namespace

std::string to_otlp(const TracerOptions& options, std::span<SpanRecord* const> spans) {
    JsonWriter json;
    json.begin_object().key("resourceSpans").begin_array().begin_object();
    json.key("resource").begin_object().key("attributes").begin_array();
    write_attribute(json, "service.name", options.service);
    write_attribute(json, "telemetry.sdk.name", "armature");
    write_attribute(json, "telemetry.sdk.language", "cpp");
    write_attribute(json, "telemetry.sdk.version", ARMATURE_VERSION);
    for (const auto& [name, value] : options.resource)
        write_attribute(json, name, value);
    json.end_array().end_object();
    json.key("scopeSpans").begin_array().begin_object();
    json.key("scope").begin_object().member("name", "armature");
    json.member("version", ARMATURE_VERSION).end_object();
    json.key("spans").begin_array();
    for (const SpanRecord* span : spans)
        write_span(json, *span);
    json.end_array().end_object().end_array().end_object().end_array().end_object();
    return json.take();
}

} // namespace armature::detail
