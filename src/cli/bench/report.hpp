#pragma once

#include "cli/bench/load.hpp"
#include "cli/bench/plan.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace armature::terminal {
class Terminal;
}

namespace armature::cli::bench {

/// Times in milliseconds.
struct Latency {
    double mean = 0;
    double min = 0;
    double p50 = 0;
    double p90 = 0;
    double p99 = 0;
    double p999 = 0;
    double max = 0;
};
using Counts = std::map<std::string, std::uint64_t>;

struct TargetReport {
    std::string target; ///< "GET /products"
    std::uint64_t responses = 0;
    Counts statuses;
    Latency latency_ms;
};

/// What a run found: as `--json` prints it and `--compare` reads it.
struct Report {
    std::string url;
    std::string protocol; ///< "HTTP/1.1", "HTTP/2"
    std::uint32_t connections = 0;
    std::uint32_t depth = 0;
    std::optional<double> rate; ///< that was asked for; none: a closed loop
    double seconds = 0;
    std::uint64_t responses = 0;
    double responses_per_second = 0;
    Latency latency_ms;
    Counts statuses;          ///< "2xx"
    std::uint64_t errors = 0; ///< without a response, or with 4xx or 5xx
    Counts failures;          ///< why there was no response
    std::uint64_t sent_bytes = 0;
    std::uint64_t received_bytes = 0;
    std::uint64_t content_bytes = 0;
    std::uint64_t connections_made = 0;
    std::vector<TargetReport> targets;
};

/// What a run has to hold to.
struct Thresholds {
    std::optional<double> p50, p90, p99, p999, max; ///< milliseconds
    std::optional<std::uint64_t> errors;
    std::optional<double> at_least; ///< responses per second
};

[[nodiscard]] Report report_of(const LoadPlan& plan, const Result& result);
[[nodiscard]] std::string json_of(const Report& report);
/// Throws terminal::CommandError for a file that isn't one.
[[nodiscard]] Report read_report(const std::string& path);
[[nodiscard]] std::string text_of(const Report& report, const terminal::Terminal& terminal);
/// Both side by side, with the change.
[[nodiscard]] std::string comparison_of(const Report& before, const Report& after);
/// A sentence for each that was not kept.
[[nodiscard]] std::vector<std::string> broken(const Thresholds& thresholds, const Report& report);

} // namespace armature::cli::bench
