#include "observability/registry.hpp"

#include <armature/core/media_type.hpp>
#include <armature/core/utf8.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <stdexcept>
#include <thread>

namespace armature {

using detail::Family;
using detail::MetricCell;
using detail::MetricKind;
using detail::Series;

namespace {

constexpr std::size_t max_shards = 16;
constexpr std::size_t max_bounds = 64;
constexpr std::size_t max_label_bytes = 1024;

[[noreturn]] void refuse(std::string_view name, std::string_view why) {
    throw std::invalid_argument("metric \"" + std::string{name} + "\": " + std::string{why});
}

bool is_letter(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_name(std::string_view text) noexcept {
    return !text.empty() && is_letter(text.front()) &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

void check_name(std::string_view name, MetricKind kind) {
    if (!is_name(name)) refuse(name, "a name is letters, digits and '_', and begins with no digit");
    if ((kind == MetricKind::counter) != name.ends_with("_total"))
        refuse(name, kind == MetricKind::counter ? "the name of a counter ends in _total"
                                                 : "only the name of a counter ends in _total");
    for (const std::string_view suffix : {"_count", "_sum", "_bucket", "_created", "_info"})
        if (name.ends_with(suffix)) refuse(name, "a name can't end in " + std::string{suffix});
}

void check_label(std::string_view name, const Label& label, MetricKind kind) {
    if (!is_name(label.name) || label.name.starts_with("__"))
        refuse(name, "a label's name is letters, digits and '_', begins with no digit nor with __");
    if (kind == MetricKind::histogram && label.name == "le")
        refuse(name, "the label le belongs to the histogram itself");
    if (label.value.size() > max_label_bytes || !is_utf8(label.value))
        refuse(name, "a label's value is UTF-8 of at most 1024 bytes");
}

void check_bounds(std::string_view name, std::span<const double> bounds) {
    if (bounds.empty() || bounds.size() > max_bounds)
        refuse(name, "a histogram has 1 to 64 bounds");
    for (std::size_t i = 0; i < bounds.size(); ++i)
        if (!std::isfinite(bounds[i]) || (i > 0 && bounds[i] <= bounds[i - 1]))
            refuse(name, "the bounds of a histogram are finite, each larger than the one before");
}

std::string text_of(Labels labels) {
    std::string text;
    for (const Label& label : labels) {
        if (!text.empty()) text += ',';
        text.append(label.name).append("=\"");
        for (const char c : label.value) {
            if (c == '\\' || c == '"') text += '\\';
            if (c == '\n')
                text += "\\n";
            else
                text += c;
        }
        text += '"';
    }
    return text;
}

} // namespace

namespace detail {

std::size_t shard_count() noexcept {
    static const std::size_t count =
        std::bit_ceil(std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, max_shards));
    return count;
}

constinit thread_local std::ptrdiff_t known_offset = -1;

std::ptrdiff_t find_offset() noexcept {
    static std::atomic<std::size_t> threads{0};
    const std::size_t shard = threads.fetch_add(1, std::memory_order_relaxed) & (shard_count() - 1);
    known_offset = static_cast<std::ptrdiff_t>(shard * cells_of_page);
    return known_offset;
}

std::uint64_t sum_of(const MetricCell* cell) noexcept {
    std::uint64_t sum = 0;
    for (std::size_t shard = 0; shard < shard_count(); ++shard)
        sum += cell[shard * cells_of_page].load(std::memory_order_relaxed);
    return sum;
}

double double_sum_of(const MetricCell* cell) noexcept {
    double sum = 0;
    for (std::size_t shard = 0; shard < shard_count(); ++shard)
        sum += std::bit_cast<double>(cell[shard * cells_of_page].load(std::memory_order_relaxed));
    return sum;
}

} // namespace detail

// --- instruments --------------------------------------------------------------------------------

void Counter::add(std::uint64_t count) const noexcept { detail::add_to(cell_, count); }
std::uint64_t Counter::value() const noexcept { return detail::sum_of(cell_); }

// Only the first copy of a gauge's cell is used: setting it can't be spread.
void Gauge::set(double value) const noexcept {
    cell_->store(std::bit_cast<std::uint64_t>(value), std::memory_order_relaxed);
}
void Gauge::add(double value) const noexcept { detail::add_double(*cell_, value); }
double Gauge::value() const noexcept {
    return std::bit_cast<double>(cell_->load(std::memory_order_relaxed));
}

void Histogram::observe(double value) const noexcept {
    if (!std::isnan(value)) detail::observe(cells_ + detail::own_offset(), shape_->bounds, value);
}

// --- registry -----------------------------------------------------------------------------------

MetricsRegistry::Impl::Page::Page(std::size_t shards)
    : memory(new MetricCell[shards * detail::cells_of_page + 8]()) {
    // From a cache line on, so that no two threads' copies share one.
    const auto address = reinterpret_cast<std::uintptr_t>(memory.get());
    first = memory.get() + (((address + 63) & ~std::uintptr_t{63}) - address) / sizeof(MetricCell);
}

MetricCell* MetricsRegistry::Impl::take_cells(std::size_t count) {
    if (pages_.empty() || pages_.back().used + count > detail::cells_of_page)
        pages_.emplace_back(detail::shard_count());
    Page& page = pages_.back();
    MetricCell* cells = page.first + page.used;
    page.used += count;
    return cells;
}

// Needs the lock.
Series& MetricsRegistry::Impl::series(MetricKind kind, std::string_view name, std::string_view help,
                                      Labels labels, std::span<const double> bounds,
                                      const Family** family_out) {
    check_name(name, kind);
    if (help.empty() || !is_utf8(help)) refuse(name, "the help is a text in UTF-8");
    std::vector<std::string> label_names;
    for (const Label& label : labels) {
        check_label(name, label, kind);
        label_names.emplace_back(label.name);
        if (std::count(label_names.begin(), label_names.end(), label.name) > 1)
            refuse(name, "two labels have the same name");
    }
    if (kind == MetricKind::histogram) check_bounds(name, bounds);

    auto at = families_.find(name);
    if (at != families_.end()) {
        const Family& family = at->second;
        if (family.kind != kind || family.help != help || family.label_names != label_names ||
            !std::equal(bounds.begin(), bounds.end(), family.shape.bounds.begin(),
                        family.shape.bounds.end()))
            refuse(name, "it is there already with another kind, help, labels or bounds");
    }
    std::string text = text_of(labels);
    if (at != families_.end())
        if (const auto found = at->second.series.find(text); found != at->second.series.end()) {
            if (family_out != nullptr) *family_out = &at->second;
            return found->second;
        }
    if (series_count_ >= max_series_)
        throw std::length_error("metric \"" + std::string{name} +
                                "\": the registry has all of its " + std::to_string(max_series_) +
                                " series already");
    if (at == families_.end()) {
        Family family{kind, std::string{help}, std::move(label_names), {}, {}};
        family.shape.bounds.assign(bounds.begin(), bounds.end());
        at = families_.emplace(std::string{name}, std::move(family)).first;
    }
    Series made;
    made.labels = text;
    made.cells = take_cells(kind == MetricKind::histogram ? bounds.size() + 2 : 1);
    ++series_count_;
    if (family_out != nullptr) *family_out = &at->second;
    return at->second.series.emplace(std::move(text), std::move(made)).first->second;
}

std::string MetricsRegistry::Impl::write(bool openmetrics) {
    std::string text;
    const std::lock_guard lock(mutex);
    for (const auto& [name, family] : families_)
        detail::write_family(text, name, family, openmetrics);
    if (openmetrics) text += "# EOF\n";
    return text;
}

MetricsRegistry::MetricsRegistry(std::size_t max_series) {
    if (max_series < 1 || max_series > 1'000'000)
        throw std::invalid_argument("MetricsRegistry: max_series is 1 to 1000000");
    impl_ = std::make_shared<Impl>(max_series);
}

Counter MetricsRegistry::counter(std::string_view name, std::string_view help, Labels labels) {
    const std::lock_guard lock(impl_->mutex);
    const Series& series = impl_->series(MetricKind::counter, name, help, labels, {});
    if (series.read != nullptr) refuse(name, "its value is read by a function");
    return Counter{series.cells};
}

Gauge MetricsRegistry::gauge(std::string_view name, std::string_view help, Labels labels) {
    const std::lock_guard lock(impl_->mutex);
    const Series& series = impl_->series(MetricKind::gauge, name, help, labels, {});
    if (series.read != nullptr) refuse(name, "its value is read by a function");
    return Gauge{series.cells};
}

Histogram MetricsRegistry::histogram(std::string_view name, std::string_view help, Labels labels,
                                     std::span<const double> bounds) {
    const std::lock_guard lock(impl_->mutex);
    const Family* family = nullptr;
    const Series& series =
        impl_->series(MetricKind::histogram, name, help, labels, bounds, &family);
    return Histogram{series.cells, &family->shape};
}

// A reader replaces what was read for that series before.
void MetricsRegistry::add_reader(std::string_view name, std::string_view help, Labels labels,
                                 std::shared_ptr<const void> object, ReadValue function) {
    const std::lock_guard lock(impl_->mutex);
    const MetricKind kind = name.ends_with("_total") ? MetricKind::counter : MetricKind::gauge;
    Series& series = impl_->series(kind, name, help, labels, {});
    series.reader = std::move(object);
    series.read = function;
}

std::string MetricsRegistry::text() const { return impl_->write(false); }
std::string MetricsRegistry::openmetrics() const { return impl_->write(true); }

MethodRoutes<0> metrics_route(const MetricsRegistry& registry) {
    const auto serve = [registry](Request& request) {
        static constexpr std::array<std::string_view, 2> formats{
            "text/plain; version=0.0.4; charset=utf-8",
            "application/openmetrics-text; version=1.0.0; charset=utf-8"};
        // A client that accepts neither gets the first: it is what every reader of metrics reads.
        const std::size_t format = negotiate_media_type(request.headers(), formats).value_or(0);
        Response response;
        response.set_content(formats[format],
                             Body{format == 0 ? registry.text() : registry.openmetrics()});
        response.header("cache-control", "no-store").header("vary", "accept");
        return response;
    };
    return get(serve).summary("Metrics").description("For Prometheus.");
}

} // namespace armature
