#pragma once

#include <armature/app/middleware.hpp>
#include <armature/core/duration.hpp>
#include <armature/core/request.hpp>
#include <armature/core/response.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace armature {

/// Metadata of a route or scope that is served however much there is to do, as health checks are:
/// `.metadata(NeverShed{})`. It takes no place of a `ConcurrencyLimit` either.
struct NeverShed {};

struct ConcurrencyLimitOptions {
    /// Requests that are handled at a time, by the whole process. At least 1; with `adaptive`, what
    /// it begins with.
    std::uint32_t limit = 100;
    /// Requests that wait for their turn, first come, first served; more are refused at once.
    std::uint32_t queue = 100;
    /// How long one waits before it is refused.
    Duration queue_timeout = Duration::seconds(1);
    /// Finds the limit by itself, between `min_limit` and `max_limit`: it grows as long as requests
    /// that are handled together take no longer than those handled alone, and shrinks when they do.
    bool adaptive = false;
    std::uint32_t min_limit = 4;
    std::uint32_t max_limit = 1000;
    /// What clients are told to wait, in Retry-After: from this to twice as long, so that they
    /// don't come back together. At least a second.
    Duration retry_after = Duration::seconds(1);
};

/// Middleware that lets so many requests through at a time and has some more wait: for what is
/// behind it, such as a database, to be asked only as much as it can do. What it refuses gets 503
/// with Retry-After and the problem type "temporary-reduced-capacity" (draft-ietf-httpapi-
/// ratelimit-headers), without the handler, error mappers or the log having work with it.
///
/// A request counts until its response is made; the content of a streamed one isn't counted, so a
/// client that reads slowly keeps no place. Copies of an object count together: wrap one object in
/// several places to limit what they have in common. Threads: all event loops share it, behind a
/// lock that is held for a few comparisons.
///
/// Handlers that don't wait need none: an event loop runs one of them at a time. For these there
/// is `LoadShedding`.
class ConcurrencyLimit {
  public:
    static constexpr std::string_view name = "concurrency-limit";

    /// Throws std::invalid_argument for limits of 0, `min_limit` above `limit` or that above
    /// `max_limit` when it is adaptive, a negative time-out, and less than a second of Retry-After.
    explicit ConcurrencyLimit(ConcurrencyLimitOptions options);

    [[nodiscard]] Task<Response> operator()(Request& request, Next next) const;

    /// Now: for metrics and tests. Threads: any.
    struct Load {
        std::uint32_t limit;
        std::uint32_t running;
        std::uint32_t waiting;
        std::uint64_t refused; ///< since the start
    };
    [[nodiscard]] Load load() const;

  private:
    class State;
    std::shared_ptr<State> state_;
};

struct LoadSheddingOptions {
    /// How long the event loop may have been busy before a request's turn comes.
    Duration max_delay = Duration::milliseconds(100);
    /// As in `ConcurrencyLimitOptions`.
    Duration retry_after = Duration::seconds(1);
};

/// Middleware that refuses requests which waited too long for their event loop: when more comes in
/// than the processor can do, those that are still served are served in time, instead of all of
/// them too late. A refusal is the same as that of `ConcurrencyLimit`.
///
/// The delay is the time from when the loop last asked the kernel what there is to do, to the
/// millisecond. Put it outermost. Cost: one look at the clock.
class LoadShedding {
  public:
    static constexpr std::string_view name = "load-shedding";

    LoadShedding() : LoadShedding(LoadSheddingOptions{}) {}
    /// Throws std::invalid_argument for a delay that isn't positive, or less than a second of
    /// Retry-After.
    explicit LoadShedding(LoadSheddingOptions options);

    [[nodiscard]] std::optional<Response> before(Request& request) const;

  private:
    std::int64_t max_delay_;
    std::uint32_t retry_after_;
};

} // namespace armature
