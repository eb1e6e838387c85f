#pragma once

#include <cstdint>
#include <ctime>

namespace armature::http3 {

/// Nanoseconds: the unit of QUIC's timers, which pace packets below a millisecond.
using Nanoseconds = std::uint64_t;

inline constexpr Nanoseconds nanoseconds_per_millisecond = 1'000'000;

[[nodiscard]] inline Nanoseconds clock_now(clockid_t clock) noexcept {
    timespec time;
    ::clock_gettime(clock, &time);
    return static_cast<Nanoseconds>(time.tv_sec) * 1'000'000'000 +
           static_cast<Nanoseconds>(time.tv_nsec);
}
/// For everything on a connection.
[[nodiscard]] inline Nanoseconds monotonic_now() noexcept { return clock_now(CLOCK_MONOTONIC); }
/// For what outlives a process: tokens.
[[nodiscard]] inline Nanoseconds wall_now() noexcept { return clock_now(CLOCK_REALTIME); }

} // namespace armature::http3
