#pragma once

#include <armature/observability/metrics.hpp>

#include <bit>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace armature {

namespace detail {

struct HistogramShape {
    std::vector<double> bounds;
};

/// How far apart a cell's copies are.
inline constexpr std::size_t cells_of_page = 512;

/// How many copies each cell has.
[[nodiscard]] std::size_t shard_count() noexcept;

enum class MetricKind : std::uint8_t { counter, gauge, histogram };

struct Series {
    /// As the formats have them, without braces: `method="GET",route="/"`.
    std::string labels;
    MetricCell* cells = nullptr;
    std::shared_ptr<const void> reader; ///< not null: the value is read instead
    double (*read)(const void* object) = nullptr;
};

struct Family {
    MetricKind kind;
    std::string help;
    std::vector<std::string> label_names;
    HistogramShape shape;
    std::map<std::string, Series, std::less<>> series; ///< by their labels
};

/// Where this thread's copy of a cell is, as seen from the first one; -1 until it was asked for.
/// The model of the access is that of programs: a library that is loaded later may have this much.
extern constinit thread_local std::ptrdiff_t known_offset
    __attribute__((tls_model("initial-exec")));
std::ptrdiff_t find_offset() noexcept;
[[nodiscard]] inline std::ptrdiff_t own_offset() noexcept {
    const std::ptrdiff_t offset = known_offset;
    return offset >= 0 ? offset : find_offset();
}

inline void add_to(MetricCell* cell, std::uint64_t count) noexcept {
    cell[own_offset()].fetch_add(count, std::memory_order_relaxed);
}
inline void add_double(MetricCell& cell, double value) noexcept {
    std::uint64_t seen = cell.load(std::memory_order_relaxed);
    while (!cell.compare_exchange_weak(
        seen, std::bit_cast<std::uint64_t>(std::bit_cast<double>(seen) + value),
        std::memory_order_relaxed))
        continue;
}
/// Counts a value that is no NaN in a histogram's cells: one for each bucket, and the sum. `own`
/// are this thread's.
inline void observe(MetricCell* own, std::span<const double> bounds, double value) noexcept {
    std::size_t bucket = 0;
    while (bucket < bounds.size() && value > bounds[bucket])
        ++bucket;
    own[bucket].fetch_add(1, std::memory_order_relaxed);
    add_double(own[bounds.size() + 1], value);
}

[[nodiscard]] std::uint64_t sum_of(const MetricCell* cell) noexcept;
[[nodiscard]] double double_sum_of(const MetricCell* cell) noexcept;

/// Appends a family in the text format 0.0.4 or that of OpenMetrics.
void write_family(std::string& to, std::string_view name, const Family& family, bool openmetrics);

} // namespace detail

class MetricsRegistry::Impl {
  public:
    explicit Impl(std::size_t max_series) : max_series_(max_series) {}

    detail::Series& series(detail::MetricKind kind, std::string_view name, std::string_view help,
                           Labels labels, std::span<const double> bounds,
                           const detail::Family** family = nullptr);
    [[nodiscard]] std::string write(bool openmetrics);

    std::mutex mutex; ///< of what follows, but not of the cells

  private:
    detail::MetricCell* take_cells(std::size_t count);

    struct Page {
        explicit Page(std::size_t shards);
        std::unique_ptr<detail::MetricCell[]> memory;
        detail::MetricCell* first;
        std::size_t used = 0;
    };
    const std::size_t max_series_;
    std::size_t series_count_ = 0;
    std::vector<Page> pages_;
    std::map<std::string, detail::Family, std::less<>> families_;
};

} // namespace armature
