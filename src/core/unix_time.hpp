#pragma once

#include <chrono>
#include <cstdint>

namespace armature {

/// Milliseconds since 1970-01-01 UTC, by the machine's clock.
[[nodiscard]] inline std::int64_t unix_milliseconds() noexcept {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

/// Seconds since 1970-01-01 UTC, as they pass for this thread's loop, if it has one: a loop for
/// tests has a clock of its own.
[[nodiscard]] std::int64_t unix_seconds() noexcept;

} // namespace armature
