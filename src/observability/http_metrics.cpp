#include "observability/clock.hpp"
#include "observability/registry.hpp"

#include <array>
#include <deque>
#include <stdexcept>

namespace armature {

using detail::MetricCell;

namespace {

constexpr std::string_view requests_name = "http_server_requests_total";
constexpr std::string_view requests_help = "Requests that were answered";
constexpr std::string_view duration_name = "http_server_request_duration_seconds";
constexpr std::string_view duration_help = "Time from a request to its response, in seconds";

/// From the beginning of a request to the end of its response.
class Flight {
  public:
    explicit Flight(MetricCell* in_flight) noexcept
        : cells(detail::own_offset()), in_flight_(in_flight[cells]) {
        in_flight_.fetch_add(1, std::memory_order_relaxed);
    }
    Flight(const Flight&) = delete;
    Flight& operator=(const Flight&) = delete;
    ~Flight() { in_flight_.fetch_sub(1, std::memory_order_relaxed); }

    const std::int64_t start = detail::nanoseconds();
    const std::ptrdiff_t cells; ///< where this thread's are: a request stays on its loop

  private:
    MetricCell& in_flight_;
};

/// The series of one route and method.
struct Entry {
    struct ByCode {
        Status code;
        MetricCell* count;
    };
    std::string_view route;
    Method method;
    MetricCell* duration;
    bool is_apart;                                      ///< false: counted as "other" as a whole
    std::array<std::atomic<const ByCode*>, 16> codes{}; ///< filled from the front
    std::atomic<const ByCode*> further_codes{};         ///< once those are full
    std::deque<ByCode> owned{};                         ///< guarded by the state's mutex

    // Patterns are told apart by where they are: each route of an application has its own text.
    // Addresses don't use their first bits.
    [[nodiscard]] static std::uint64_t key_of(std::string_view route, Method method) noexcept {
        return reinterpret_cast<std::uintptr_t>(route.data()) << 4 |
               static_cast<std::uint64_t>(method);
    }
    std::uint64_t key = key_of(route, method);
};

std::string_view route_label(std::string_view route) noexcept {
    return route.empty() ? std::string_view{"unmatched"} : route;
}
std::string_view method_label(Method method) noexcept {
    return method == Method::other ? std::string_view{"other"} : to_string(method);
}

} // namespace

/// Finds the series of a request without a lock: a hash table of what was seen, which only grows.
class HttpMetrics::State {
  public:
    State(MetricsRegistry registry, std::span<const double> bounds)
        : registry_(std::move(registry)), kept_bounds_(bounds.begin(), bounds.end()),
          rest_{{}, Method::other, duration_of(Method::other, "other"), false},
          rest_count_(counter_of(Method::other, "other", "other")) {
        // Up and down in each thread's copy; their sum is what is in flight.
        const std::lock_guard lock(registry_.impl_->mutex);
        detail::Series& series =
            registry_.impl_->series(detail::MetricKind::gauge, "http_server_requests_in_flight",
                                    "Requests whose response isn't complete", {}, {});
        in_flight = series.cells;
        series.read = [](const void* cell) {
            return static_cast<double>(
                static_cast<std::int64_t>(detail::sum_of(static_cast<const MetricCell*>(cell))));
        };
        series.reader = std::shared_ptr<const void>{std::shared_ptr<const void>{}, in_flight};
    }

    void record(const Request& request, Status status, const Flight& flight, std::int64_t now) {
        const std::string_view route = request.route();
        const Method method = request.method();
        const std::uint64_t key = Entry::key_of(route, method);
        Entry* entry = table_[hash(key)].load(std::memory_order_acquire);
        if (entry == nullptr || entry->key != key) [[unlikely]]
            entry = &find(route, method, key);
        detail::observe(entry->duration + flight.cells, bounds_,
                        static_cast<double>(now - flight.start) * 1e-9);
        // Nearly all responses of a route have one status.
        const Entry::ByCode* known = entry->codes.front().load(std::memory_order_acquire);
        if (known == nullptr || known->code != status) [[unlikely]]
            known = &find_code(*entry, status);
        known->count[flight.cells].fetch_add(1, std::memory_order_relaxed);
    }

    MetricCell* in_flight = nullptr;

  private:
    static constexpr std::size_t slots = 4096;
    static constexpr std::size_t most_entries = slots / 2;

    static std::size_t hash(std::uint64_t key) noexcept {
        return static_cast<std::size_t>(key * 0x9E3779B97F4A7C15 >> 52);
    }

    [[gnu::noinline]] Entry& find(std::string_view route, Method method, std::uint64_t key) {
        for (std::size_t at = hash(key);; at = (at + 1) % slots) {
            Entry* entry = table_[at].load(std::memory_order_acquire);
            if (entry == nullptr) return add(route, method, key);
            if (entry->key == key) return *entry;
        }
    }
    [[gnu::noinline]] const Entry::ByCode& find_code(Entry& entry, Status status) {
        for (const auto& slot : entry.codes) {
            const Entry::ByCode* known = slot.load(std::memory_order_acquire);
            if (known == nullptr) break;
            if (known->code == status) return *known;
        }
        const Entry::ByCode* further = entry.further_codes.load(std::memory_order_acquire);
        return further != nullptr ? *further : add_code(entry, status);
    }

    [[gnu::cold]] Entry& add(std::string_view route, Method method, std::uint64_t key) {
        const std::lock_guard lock(mutex_);
        std::size_t at = hash(key);
        for (; Entry* entry = table_[at].load(std::memory_order_relaxed); at = (at + 1) % slots)
            if (entry->key == key) return *entry; // another thread was first
        if (entries_.size() >= most_entries) return rest_;
        const auto [duration, is_apart] = duration_or_rest(route, method);
        Entry& made = entries_.emplace_back(route, method, duration, is_apart);
        table_[at].store(&made, std::memory_order_release);
        return made;
    }

    [[gnu::cold]] const Entry::ByCode& add_code(Entry& entry, Status status) {
        const std::lock_guard lock(mutex_);
        std::atomic<const Entry::ByCode*>* free = &entry.further_codes;
        for (auto& slot : entry.codes) {
            const Entry::ByCode* known = slot.load(std::memory_order_relaxed);
            if (known == nullptr) {
                free = &slot;
                break;
            }
            if (known->code == status) return *known;
        }
        const bool is_further = free == &entry.further_codes;
        MetricCell* const count = count_or_rest(
            entry, is_further ? "other" : std::to_string(static_cast<unsigned>(status)));
        const Entry::ByCode& made = entry.owned.emplace_back(status, count);
        free->store(&made, std::memory_order_release);
        return made;
    }

    // When the registry is full, or a pattern is longer than a label may be, the rest takes it.
    std::pair<MetricCell*, bool> duration_or_rest(std::string_view route, Method method) {
        try {
            return {duration_of(method, route_label(route)), true};
        } catch (const std::logic_error&) {
            return {rest_.duration, false};
        }
    }
    MetricCell* count_or_rest(const Entry& entry, const std::string& code) {
        if (!entry.is_apart) return rest_count_;
        try {
            return counter_of(entry.method, route_label(entry.route), code);
        } catch (const std::logic_error&) {
            return rest_count_;
        }
    }

    MetricCell* duration_of(Method method, std::string_view route) {
        return registry_
            .histogram(duration_name, duration_help,
                       {{"method", method_label(method)}, {"route", route}}, bounds_)
            .cells_;
    }
    MetricCell* counter_of(Method method, std::string_view route, std::string_view code) {
        return registry_
            .counter(requests_name, requests_help,
                     {{"method", method_label(method)}, {"route", route}, {"code", code}})
            .cell_;
    }

    MetricsRegistry registry_;
    const std::vector<double> kept_bounds_;
    const std::span<const double> bounds_{kept_bounds_};
    std::array<std::atomic<Entry*>, slots> table_{};
    std::mutex mutex_; ///< of what makes entries
    std::deque<Entry> entries_;
    Entry rest_; ///< for what there is no room for
    MetricCell* const rest_count_;
};

HttpMetrics::HttpMetrics(MetricsRegistry registry, std::span<const double> bounds)
    : state_(std::make_shared<State>(std::move(registry), bounds)) {}

void HttpMetrics::before(Request& request) const { request.emplace<Flight>(state_->in_flight); }

void HttpMetrics::after(Request& request, Response& response) const noexcept {
    const std::int64_t now = detail::nanoseconds();
    try {
        state_->record(request, response.status(), *request.find<Flight>(), now);
    } catch (...) { // no memory for a series: that is no reason to lose the response
    }
}

} // namespace armature
