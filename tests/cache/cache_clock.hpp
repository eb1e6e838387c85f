#pragma once

#include <armature/cache/cache.hpp>

#include <atomic>
#include <cstdint>

namespace armature::testing {

/// A clock that stands still until a test moves it.
inline std::atomic<std::int64_t> cache_now{1'000'000};

inline CacheOptions with_test_clock(CacheOptions options = {}) {
    options.clock = []() noexcept -> std::int64_t { return cache_now.load(); };
    options.jitter = 0;
    return options;
}
inline void pass(Duration duration) { cache_now.fetch_add(duration.count()); }

} // namespace armature::testing
