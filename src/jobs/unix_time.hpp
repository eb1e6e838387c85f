#pragma once

#include <chrono>
#include <cstdint>

namespace armature::jobs {

/// Milliseconds since 1970 in UTC.
inline std::int64_t unix_now() noexcept {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

} // namespace armature::jobs
