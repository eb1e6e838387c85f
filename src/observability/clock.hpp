#pragma once

#include <time.h>

#include <cstdint>

namespace armature::detail {

/// Nanoseconds of a clock: CLOCK_MONOTONIC or CLOCK_REALTIME.
[[nodiscard]] inline std::int64_t nanoseconds(clockid_t clock = CLOCK_MONOTONIC) noexcept {
    timespec time;
    ::clock_gettime(clock, &time);
    return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

} // namespace armature::detail
