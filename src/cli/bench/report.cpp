#include "cli/bench/report.hpp"

#include "cli/scaffold/files.hpp"
#include "terminal/command.hpp"

#include <armature/describe/describe.hpp>
#include <armature/json/read.hpp>
#include <armature/json/write.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <tuple>

namespace armature::cli::bench {

ARMATURE_DESCRIBE(Latency, mean, min, p50, p90, p99, p999, max);
ARMATURE_DESCRIBE(TargetReport, target, responses, statuses, latency_ms);
ARMATURE_DESCRIBE(Report, url, protocol, connections, depth, rate, seconds, responses,
                  responses_per_second, latency_ms, statuses, errors, failures, sent_bytes,
                  received_bytes, content_bytes, connections_made, targets);

namespace {

double rounded(double value) { return std::round(value * 1000) / 1000; }
double milliseconds(std::uint64_t nanoseconds) {
    return rounded(static_cast<double>(nanoseconds) / 1e6);
}

Latency latency_of(const Histogram& histogram) {
    return {rounded(histogram.mean() / 1e6),  milliseconds(histogram.min()),
            milliseconds(histogram.at(0.5)),  milliseconds(histogram.at(0.9)),
            milliseconds(histogram.at(0.99)), milliseconds(histogram.at(0.999)),
            milliseconds(histogram.max())};
}

void add_statuses(Counts& to, const TargetResult& target) {
    for (std::size_t i = 1; i < target.statuses.size(); ++i)
        if (target.statuses[i] != 0) to[std::to_string(i) + "xx"] += target.statuses[i];
}

std::string printed(const char* format, double value) {
    char text[64];
    std::snprintf(text, sizeof text, format, value);
    return text;
}
// 12345.6 as "12,345.6".
std::string number(double value, unsigned places = 0) {
    std::string text = printed(places == 0 ? "%.0f" : places == 1 ? "%.1f" : "%.3f", value);
    const std::size_t point = std::min(text.find('.'), text.size());
    for (std::size_t at = point; at > 3 && text[at - 4] != '-'; at -= 3)
        text.insert(at - 3, ",");
    return text;
}
std::string number(std::uint64_t value) { return number(static_cast<double>(value)); }
std::string time(double value) {
    return value < 1        ? number(value, 3) + " ms"
           : value < 10'000 ? number(value, 1) + " ms"
                            : number(value / 1000, 1) + " s";
}
std::string bytes(std::uint64_t value) {
    const auto real = static_cast<double>(value);
    if (value < 10'000) return number(value) + " B";
    if (value < 10'000'000) return number(real / 1e3, 1) + " kB";
    return number(real / 1e6, 1) + " MB";
}
std::string counts(const Counts& all) {
    std::string text;
    for (const auto& [name, count] : all)
        text += (text.empty() ? "" : ", ") + number(count) + ' ' + name;
    return text.empty() ? "none" : text;
}

struct Row {
    std::string name;
    double before;
    double after;
    std::string (*show)(double);
};

} // namespace

Report report_of(const LoadPlan& plan, const Result& result) {
    Report report;
    report.url = plan.origin.url();
    report.protocol = plan.is_http2 ? "HTTP/2" : "HTTP/1.1";
    report.connections = plan.connections;
    report.depth = plan.depth;
    if (plan.rate > 0) report.rate = plan.rate;
    report.seconds = rounded(static_cast<double>(result.elapsed.count()) / 1e9);
    Histogram all;
    for (std::size_t i = 0; i < plan.targets.size(); ++i) {
        const TargetResult& target = result.targets[i];
        all.add(target.latency);
        report.content_bytes += target.content_bytes;
        add_statuses(report.statuses, target);
        TargetReport one;
        one.target = plan.targets[i].name();
        one.responses = target.latency.count();
        add_statuses(one.statuses, target);
        one.latency_ms = latency_of(target.latency);
        report.targets.push_back(std::move(one));
        report.errors += target.statuses[4] + target.statuses[5];
    }
    report.responses = all.count();
    if (result.elapsed.count() > 0)
        report.responses_per_second = rounded(static_cast<double>(all.count()) * 1e9 /
                                              static_cast<double>(result.elapsed.count()));
    report.latency_ms = latency_of(all);
    for (std::size_t i = 0; i < result.failures.size(); ++i) {
        if (result.failures[i] != 0)
            report.failures[std::string{failure_names[i]}] = result.failures[i];
        report.errors += result.failures[i];
    }
    report.sent_bytes = result.sent_bytes;
    report.received_bytes = result.received_bytes;
    report.connections_made = result.connections;
    return report;
}

std::string json_of(const Report& report) { return to_json(report) + '\n'; }

Report read_report(const std::string& path) {
    Report report;
    JsonErrors errors;
    if (read_json(read_text(path), report, errors) != JsonStatus::ok)
        throw terminal::CommandError{path + ": is no report of armature bench --json"};
    return report;
}

std::string text_of(const Report& report, const terminal::Terminal& terminal) {
    using terminal::Colour;
    const auto line = [&](std::string_view name, const std::string& value) {
        return std::string{name} + std::string(14 - name.size(), ' ') + value + '\n';
    };
    std::string text = terminal.paint(Colour::bold, report.url) + "  " + report.protocol + ", " +
                       number(std::uint64_t{report.connections}) + " connections";
    if (report.depth > 1) text += " with " + number(std::uint64_t{report.depth}) + " requests each";
    text +=
        report.rate ? ", at " + number(*report.rate) + " requests/s" : ", each as fast as it can";
    text += "\n\n";
    text += line("responses", number(report.responses) + " in " + number(report.seconds, 1) +
                                  " s, " + number(report.responses_per_second, 1) + " /s");
    const Latency& latency = report.latency_ms;
    if (report.responses != 0) {
        const std::pair<std::string_view, double> times[] = {
            {"  mean", latency.mean}, {"  p50", latency.p50},    {"  p90", latency.p90},
            {"  p99", latency.p99},   {"  p99.9", latency.p999}, {"  max", latency.max}};
        text += line("latency", report.rate ? "from when each was due" : "");
        while (text.ends_with(" \n"))
            text.erase(text.size() - 2, 1);
        for (const auto& [name, value] : times)
            text += line(name, time(value));
    }
    text += line("statuses", counts(report.statuses));
    text += line("errors", report.errors == 0
                               ? terminal.paint(Colour::green, "none")
                               : terminal.paint(Colour::red, number(report.errors)) +
                                     (report.failures.empty()
                                          ? ""
                                          : "; without a response: " + counts(report.failures)));
    text +=
        line("bytes", bytes(report.received_bytes) + " received, " + bytes(report.content_bytes) +
                          " of them content; " + bytes(report.sent_bytes) + " sent");
    text += line("connections", number(report.connections_made) + " made");
    if (report.targets.size() > 1) {
        std::size_t width = 0;
        for (const TargetReport& target : report.targets)
            width = std::max(width, target.target.size());
        text += '\n';
        for (const TargetReport& target : report.targets)
            text += target.target + std::string(width - target.target.size() + 2, ' ') +
                    number(target.responses) + "  p50 " + time(target.latency_ms.p50) + "  p99 " +
                    time(target.latency_ms.p99) + "  " + counts(target.statuses) + '\n';
    }
    return text;
}

std::string comparison_of(const Report& before, const Report& after) {
    const auto plain = [](double value) { return number(value, 1); };
    const Row rows[] = {
        {"responses/s", before.responses_per_second, after.responses_per_second, plain},
        {"p50", before.latency_ms.p50, after.latency_ms.p50, &time},
        {"p90", before.latency_ms.p90, after.latency_ms.p90, &time},
        {"p99", before.latency_ms.p99, after.latency_ms.p99, &time},
        {"p99.9", before.latency_ms.p999, after.latency_ms.p999, &time},
        {"max", before.latency_ms.max, after.latency_ms.max, &time},
        {"errors", static_cast<double>(before.errors), static_cast<double>(after.errors), plain}};
    const auto padded = [](const std::string& text) {
        return std::string(14 - std::min<std::size_t>(text.size(), 13), ' ') + text;
    };
    std::string text = "\n" + std::string(12, ' ') + padded("before") + padded("now") + '\n';
    for (const Row& row : rows) {
        std::string change = "same";
        if (row.before == 0 && row.after != 0)
            change = "new";
        else if (row.before != row.after)
            change = printed("%+.1f %%", (row.after - row.before) / row.before * 100);
        text += row.name + std::string(12 - row.name.size(), ' ') + padded(row.show(row.before)) +
                padded(row.show(row.after)) + padded(change) + '\n';
    }
    if (before.protocol != after.protocol || before.connections != after.connections ||
        before.depth != after.depth || before.rate != after.rate)
        text += "The two runs weren't made in the same way: other connections, depth, rate or "
                "protocol.\n";
    return text;
}

std::vector<std::string> broken(const Thresholds& thresholds, const Report& report) {
    std::vector<std::string> all;
    const Latency& latency = report.latency_ms;
    const std::tuple<const char*, std::optional<double>, double> times[] = {
        {"p50", thresholds.p50, latency.p50},
        {"p90", thresholds.p90, latency.p90},
        {"p99", thresholds.p99, latency.p99},
        {"p99.9", thresholds.p999, latency.p999},
        {"the longest", thresholds.max, latency.max}};
    for (const auto& [name, most, found] : times) {
        if (!most) continue;
        if (report.responses == 0)
            all.push_back(std::string{name} + ": there was no response");
        else if (found > *most)
            all.push_back(std::string{name} + " took " + time(found) + ", more than " +
                          time(*most));
    }
    if (thresholds.errors && report.errors > *thresholds.errors)
        all.push_back(number(report.errors) + " errors, more than " + number(*thresholds.errors));
    if (thresholds.at_least && report.responses_per_second < *thresholds.at_least)
        all.push_back(number(report.responses_per_second, 1) + " responses/s, less than " +
                      number(*thresholds.at_least, 1));
    return all;
}

} // namespace armature::cli::bench
