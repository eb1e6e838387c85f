#include "observability/registry.hpp"

#include <bit>
#include <charconv>
#include <cmath>

namespace armature::detail {

namespace {

void append_number(std::string& to, double value) {
    if (std::isnan(value)) {
        to += "NaN";
    } else if (std::isinf(value)) {
        to += value < 0 ? "-Inf" : "+Inf";
    } else {
        char text[32];
        to.append(text, std::to_chars(text, text + sizeof text, value).ptr);
    }
}
void append_number(std::string& to, std::uint64_t value) { to += std::to_string(value); }

// OpenMetrics compares bounds as text, so whole ones have ".0" there.
void append_bound(std::string& to, double bound, bool openmetrics) {
    const std::size_t start = to.size();
    append_number(to, bound);
    if (openmetrics && to.find_first_of(".e", start) == std::string::npos) to += ".0";
}

template <class Number>
void append_sample(std::string& to, std::string_view name, std::string_view suffix,
                   std::string_view labels, Number value) {
    to.append(name).append(suffix);
    if (!labels.empty()) to.append("{").append(labels).append("}");
    to += ' ';
    append_number(to, value);
    to += '\n';
}

void append_histogram(std::string& to, std::string_view name, const Family& family,
                      const Series& series, bool openmetrics) {
    const std::vector<double>& bounds = family.shape.bounds;
    std::string labels = series.labels.empty() ? "" : series.labels + ',';
    const std::size_t own = labels.size();
    std::uint64_t count = 0;
    for (std::size_t i = 0; i <= bounds.size(); ++i) {
        count += sum_of(series.cells + i);
        labels.resize(own);
        labels += "le=\"";
        if (i < bounds.size())
            append_bound(labels, bounds[i], openmetrics);
        else
            labels += "+Inf";
        labels += '"';
        append_sample(to, name, "_bucket", labels, count);
    }
    append_sample(to, name, "_sum", series.labels, double_sum_of(series.cells + bounds.size() + 1));
    append_sample(to, name, "_count", series.labels, count);
}

void append_help(std::string& to, std::string_view help, bool openmetrics) {
    for (const char c : help) {
        if (c == '\n') {
            to += "\\n";
            continue;
        }
        if (c == '\\' || (c == '"' && openmetrics)) to += '\\';
        to += c;
    }
}

} // namespace

void write_family(std::string& to, std::string_view name, const Family& family, bool openmetrics) {
    constexpr std::string_view kinds[] = {"counter", "gauge", "histogram"};
    std::string_view title = name;
    // There, a counter's family is called without what its samples end in.
    if (openmetrics && family.kind == MetricKind::counter) title.remove_suffix(6);
    to.append("# HELP ").append(title).append(" ");
    append_help(to, family.help, openmetrics);
    to.append("\n# TYPE ").append(title).append(" ");
    to.append(kinds[static_cast<std::size_t>(family.kind)]).append("\n");
    for (const auto& [labels, series] : family.series) {
        if (family.kind == MetricKind::histogram)
            append_histogram(to, name, family, series, openmetrics);
        else if (series.read != nullptr)
            append_sample(to, name, "", labels, series.read(series.reader.get()));
        else if (family.kind == MetricKind::counter)
            append_sample(to, name, "", labels, sum_of(series.cells));
        else
            append_sample(to, name, "", labels,
                          std::bit_cast<double>(series.cells->load(std::memory_order_relaxed)));
    }
}

} // namespace armature::detail
