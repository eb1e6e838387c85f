#pragma once

#include <armature/core/duration.hpp>
#include <armature/core/request.hpp>
#include <armature/core/response.hpp>
#include <armature/core/task.hpp>
#include <armature/log/log.hpp>
#include <armature/observability/trace_context.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace armature {

class Client;
class ClientRequest;
class ClientResponse;

struct TracerOptions {
    /// `service.name`: what the program is called in traces.
    std::string service = "armature";
    /// Further attributes of the program, such as {"deployment.environment.name", "production"}.
    std::vector<std::pair<std::string, std::string>> resource = {};
    /// Where an OpenTelemetry collector takes traces over HTTP; without a path, "/v1/traces".
    /// Empty: nothing is recorded, but contexts are passed on.
    std::string endpoint = {};
    /// Fields of each export, for example an API key's. They are never logged.
    std::vector<std::pair<std::string, std::string>> headers = {};
    /// PEM certificates of the only authorities that the endpoint's may come from; empty: the
    /// system's.
    std::string authorities = {};
    /// The share of traces that begin here which is recorded, 0 to 1. A request that comes with a
    /// context of a trace is recorded if its sender records it.
    double ratio = 1;
    /// Adds queries to URLs in spans. Without it they are left out: tokens often stand in them.
    bool query = false;
    /// Spans that may wait to be exported, 1 to 1,000,000, about 1.5 KiB each; further ones are
    /// dropped and counted.
    std::size_t capacity = 2048;
    /// Spans sent at once, 1 to `capacity`.
    std::size_t batch = 512;
    /// Until a batch that isn't full is sent.
    Duration delay = Duration::seconds(5);
    /// Of one export.
    Duration timeout = Duration::seconds(10);
    /// An export is tried that often when nobody answers, or with 429, 502, 503 or 504: after this
    /// wait, then twice that, and so on, each up to a half shorter by chance, or as Retry-After
    /// says; 30 s at most.
    unsigned attempts = 5;
    Duration first_wait = Duration::seconds(1);
    /// How long the end of the tracer waits for what is still to be exported.
    Duration shutdown = Duration::seconds(5);

    /// The defaults, with what OpenTelemetry's environment variables say: OTEL_SERVICE_NAME,
    /// OTEL_RESOURCE_ATTRIBUTES, OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT,
    /// OTEL_EXPORTER_OTLP_HEADERS, OTEL_EXPORTER_OTLP_PROTOCOL (http/json only),
    /// OTEL_TRACES_SAMPLER (always_on, always_off, traceidratio, with or without parentbased_ in
    /// front) with OTEL_TRACES_SAMPLER_ARG. Throws std::invalid_argument for a value that can't be
    /// obeyed.
    [[nodiscard]] static TracerOptions from_environment();
};

namespace detail {
struct SpanRecord;
class Exporter;
enum class SpanKind : std::uint8_t;
} // namespace detail

/// A piece of work within a trace: it has a name, a begin, an end, attributes and events. It ends
/// with its scope, or by `end`; one whose scope an exception leaves is marked as failed.
///
/// `Tracing` attaches the request's span: a handler takes `Extension<Span>`, middleware calls
/// `request.find<Span>()`, and both make children of it. It may be kept across `co_await`, and a
/// child may outlive its parent and its request. Threads: one at a time.
///
/// If its trace isn't recorded, a span has its context, and everything else does nothing.
class Span {
  public:
    /// Records nothing, in a trace of its own that nobody else knows.
    Span() = default;
    Span(Span&& other) noexcept;
    Span& operator=(Span&& other) noexcept;
    ~Span();

    /// Work within this one, from now on. Cost: three allocations if it is recorded.
    [[nodiscard]] Span child(std::string_view name) const;
    /// Sends a request as work within this one, in a span of its own (OpenTelemetry's for HTTP
    /// clients) whose context goes along in `traceparent` and `tracestate`. Ends when the
    /// response's head has come. Throws as `Client::send` does.
    [[nodiscard]] Task<ClientResponse> send(Client& client, ClientRequest request) const;

    /// Sets an attribute, replacing one of that name. Names follow OpenTelemetry's conventions:
    /// lower case with dots, such as "order.id". Texts are cut at 4 KiB; at most 128 attributes.
    Span& set(std::string_view name, const log::Value& value);
    /// Something that happened at this moment.
    Span& event(std::string_view name, log::Fields attributes = {});
    /// The work failed. `type` is one of few, such as "timeout" or an exception's type; `message`
    /// is for people.
    Span& fail(std::string_view type, std::string_view message = {});
    /// Ends it now; what is set later is lost.
    void end() noexcept;

    [[nodiscard]] bool recorded() const noexcept { return record_ != nullptr; }
    /// To pass on by other ways than HTTP.
    [[nodiscard]] const TraceContext& context() const noexcept { return context_; }
    /// For log lines: `log::info("charged", {{"trace_id", span->trace_id()}})`.
    [[nodiscard]] std::string_view trace_id() const noexcept { return context_.trace_id(); }
    [[nodiscard]] std::string_view span_id() const noexcept { return context_.span_id(); }

  private:
    friend class Tracer;
    friend class Tracing;
    Span(TraceContext context, detail::SpanRecord* record) noexcept
        : context_(std::move(context)), record_(record) {}

    TraceContext context_ = TraceContext::start(false);
    detail::SpanRecord* record_ = nullptr; ///< owned; null if nothing is recorded
};

/// Records spans and sends them to an OpenTelemetry collector: OTLP over HTTP, in JSON.
///
/// A span that ended is put into a queue of limited size, without a lock; a thread of its own sends
/// them. Copies are the same tracer; the last one to go, or the last span, sends what waits.
/// Threads: any.
class Tracer {
  public:
    /// Throws std::invalid_argument for an option that can't be right.
    explicit Tracer(TracerOptions options = TracerOptions::from_environment());

    /// Work that no request began, in a trace of its own.
    [[nodiscard]] Span start(std::string_view name) const;
    /// The same as part of a trace that came by other ways than HTTP.
    [[nodiscard]] Span start(std::string_view name, const TraceContext& parent) const;

    /// Waits until all spans that ended before were exported or lost; false if it took longer.
    bool flush(Duration timeout = Duration::seconds(5)) const;
    /// Spans that were lost since the start: the queue was full, or nobody took them.
    [[nodiscard]] std::uint64_t dropped() const noexcept;

  private:
    friend class Tracing;
    [[nodiscard]] Span begin(const TraceContext* parent, detail::SpanKind kind,
                             std::string_view name) const;

    std::shared_ptr<detail::Exporter> exporter_;
};

/// Middleware that gives each request a span, after OpenTelemetry's conventions for HTTP servers.
/// Wrap the App with it as the outermost:
///
///     Tracer tracer{{.service = "shop", .endpoint = "http://127.0.0.1:4318"}};
///     app.wrap(Tracing{tracer})
///
/// It goes on with the trace of the request's `traceparent`. The span ends when the response is
/// sent: that of a stream or a WebSocket with its last byte.
class Tracing {
  public:
    static constexpr std::string_view name = "tracing";

    /// Whose contexts are believed. `nobody`: each request begins a trace, and the ratio decides
    /// whether it is recorded. For servers that strangers reach: else a stranger decides it.
    enum class Trust : std::uint8_t { everybody, nobody };

    explicit Tracing(Tracer tracer, Trust trust = Trust::everybody)
        : tracer_(std::move(tracer)), trust_(trust) {}

    void before(Request& request) const;
    void after(Request& request, Response& response) const;

  private:
    Tracer tracer_;
    Trust trust_;
};

} // namespace armature
