#pragma once

#include "cli/bench/histogram.hpp"
#include "cli/bench/plan.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace armature::cli::bench {

/// Why there was no response.
enum class Failure : std::uint8_t {
    connect,  ///< nobody listens, or no descriptor is left
    tls,      ///< the server can't prove who it is, or doesn't speak the protocol
    timeout,  ///< neither in time
    closed,   ///< the connection ended before the response did
    reset,    ///< HTTP/2: the server took the one request back
    protocol, ///< what came is not HTTP
    unsent,   ///< at a fixed rate: its time came, and no connection was free until the end
};
inline constexpr std::array<std::string_view, 7> failure_names{
    "connect", "tls", "timeout", "closed", "reset", "protocol", "unsent"};

struct TargetResult {
    Histogram latency;                       ///< of requests with a response
    std::array<std::uint64_t, 6> statuses{}; ///< by class: [2] counts 2xx
    std::uint64_t content_bytes = 0;
};

struct Result {
    std::vector<TargetResult> targets; ///< as those of the plan
    std::array<std::uint64_t, failure_names.size()> failures{};
    std::uint64_t sent_bytes = 0; ///< with heads and framing, without TLS
    std::uint64_t received_bytes = 0;
    std::uint64_t connections = 0; ///< that were made
    std::chrono::nanoseconds elapsed{};
    bool was_interrupted = false;
};

/// How far a run is, for whoever watches it.
struct Live {
    std::atomic<std::uint64_t> answered{0};
    std::atomic<std::uint64_t> failed{0};
    std::atomic<bool> stop{false}; ///< to end before its time
};

/// Runs the plan, and calls `watch` about once a second from this thread. Throws
/// terminal::CommandError if it can't begin.
[[nodiscard]] Result run_load(const LoadPlan& plan, Live& live, const std::function<void()>& watch);

} // namespace armature::cli::bench
