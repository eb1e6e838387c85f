#pragma once

#include <armature/app/route.hpp>
#include <armature/core/request.hpp>
#include <armature/core/response.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace armature {

/// One label of a series. The name matches [a-zA-Z_][a-zA-Z0-9_]* and doesn't begin with "__"; the
/// value is UTF-8 text.
struct Label {
    std::string_view name;
    std::string_view value;
};
using Labels = std::initializer_list<Label>;

namespace detail {
// One number, in a copy for each of several threads: those that count don't share a cache line.
using MetricCell = std::atomic<std::uint64_t>;
struct HistogramShape;
} // namespace detail

/// A number that only grows. A handle, to be copied: it must not outlive its registry.
/// Threads: any, without a lock.
class Counter {
  public:
    void add(std::uint64_t count = 1) const noexcept;
    [[nodiscard]] std::uint64_t value() const noexcept;

  private:
    friend class MetricsRegistry;
    friend class HttpMetrics;
    explicit Counter(detail::MetricCell* cell) noexcept : cell_(cell) {}
    detail::MetricCell* cell_;
};

/// A number that goes up and down. A handle, to be copied: it must not outlive its registry.
/// Threads: any, without a lock.
class Gauge {
  public:
    void set(double value) const noexcept;
    void add(double value) const noexcept;
    [[nodiscard]] double value() const noexcept;

  private:
    friend class MetricsRegistry;
    explicit Gauge(detail::MetricCell* cell) noexcept : cell_(cell) {}
    detail::MetricCell* cell_;
};

/// How values are spread: how many are at most as large as each bound, and their sum. A handle, to
/// be copied: it must not outlive its registry. Threads: any, without a lock.
class Histogram {
  public:
    /// NaN is left out: it would spoil the sum for ever.
    void observe(double value) const noexcept;

  private:
    friend class MetricsRegistry;
    friend class HttpMetrics;
    Histogram(detail::MetricCell* cells, const detail::HistogramShape* shape) noexcept
        : cells_(cells), shape_(shape) {}
    detail::MetricCell* cells_;
    const detail::HistogramShape* shape_;
};

/// Upper bounds in seconds that suit the time of requests: half a millisecond to ten seconds.
inline constexpr double duration_buckets[] = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                              0.1,    0.25,  0.5,    1,     2.5,  5,     10};

/// The metrics of a program, for Prometheus and what reads its format. A handle: copies are the
/// same registry. Threads: any.
///
///     MetricsRegistry metrics;
///     const Counter sent = metrics.counter("mails_sent_total", "Mails sent", {{"kind", "news"}});
///     sent.add();
///
/// A series is a name with values of its labels. All series of a name have the same kind, help and
/// label names. Asking for a series again gives the same one.
///
/// Every function that makes a series throws std::invalid_argument for a wrong name, label or help,
/// and std::length_error when there are `max_series` of them already: a label's value must never be
/// what a client sent.
class MetricsRegistry {
  public:
    /// `max_series`: 1 to 1,000,000; a counter or gauge takes 8 bytes for each core, up to 16
    /// cores, and about 200 more; a histogram that much for each bound.
    explicit MetricsRegistry(std::size_t max_series = 10'000);

    /// The name ends in "_total".
    Counter counter(std::string_view name, std::string_view help, Labels labels = {});
    /// The name of this and the following ends in its unit, and in none of "_total", "_count",
    /// "_sum", "_bucket", "_created" and "_info", which have a meaning of their own.
    Gauge gauge(std::string_view name, std::string_view help, Labels labels = {});
    /// `bounds`: 1 to 64, rising, finite, in the unit of the name; the same for all series of it.
    Histogram histogram(std::string_view name, std::string_view help, Labels labels = {},
                        std::span<const double> bounds = duration_buckets);

    /// A gauge, or a counter if the name ends in "_total", whose value `function()` gives when it
    /// is asked for; on the thread that asks, and one at a time. It must not wait nor use the
    /// registry.
    template <class Read>
        requires std::is_invocable_r_v<double, const Read&>
    MetricsRegistry& read(std::string_view name, std::string_view help, Labels labels,
                          Read function) {
        add_reader(name, help, labels, std::make_shared<const Read>(std::move(function)),
                   [](const void* object) {
                       return static_cast<double>((*static_cast<const Read*>(object))());
                   });
        return *this;
    }
    /// What /proc knows of this process: memory, CPU time, open descriptors and their limit,
    /// threads, start.
    MetricsRegistry& add_process_metrics();

    /// Everything in the text format, version 0.0.4.
    [[nodiscard]] std::string text() const;
    /// Everything in the format of OpenMetrics 1.0.
    [[nodiscard]] std::string openmetrics() const;

    class Impl; // inside of the library only

  private:
    friend class HttpMetrics;
    using ReadValue = double (*)(const void* object);
    void add_reader(std::string_view name, std::string_view help, Labels labels,
                    std::shared_ptr<const void> object, ReadValue function);

    std::shared_ptr<Impl> impl_;
};

/// `GET /metrics`: what `registry` has. In the text format 0.0.4, or OpenMetrics 1.0 for clients
/// that prefer it by their Accept field. Everybody may read it: give it a guard, or put it on a
/// port that isn't public.
[[nodiscard]] MethodRoutes<0> metrics_route(const MetricsRegistry& registry);

/// Middleware that counts and times requests. Wrap the App with it, as the outermost:
///
///     app.wrap(HttpMetrics{metrics}).route("/metrics", metrics_route(metrics));
///
/// | metric | labels |
/// |---|---|
/// | `http_server_requests_total` | `method`, `route`, `code` |
/// | `http_server_request_duration_seconds`, a histogram | `method`, `route` |
/// | `http_server_requests_in_flight` | |
///
/// `route` is the route's pattern, "/users/{id}", never the path; all requests without a route have
/// "unmatched". `method` is "other" for unregistered methods. The time ends when the response is
/// there: what a stream or a WebSocket does later isn't in it, but those are in flight until their
/// end. So the number of series depends on the routes alone; a route with more than 16 different
/// status codes has the rest as "other".
class HttpMetrics {
  public:
    static constexpr std::string_view name = "http-metrics";

    /// `bounds` are those of the histogram, in seconds.
    explicit HttpMetrics(MetricsRegistry registry,
                         std::span<const double> bounds = duration_buckets);

    void before(Request& request) const;
    void after(Request& request, Response& response) const noexcept;

  private:
    class State;
    std::shared_ptr<State> state_;
};

} // namespace armature
