#pragma once

#include <armature/jobs/store.hpp>

#include <cstddef>
#include <cstdint>

namespace armature::jobs {

// A queue's rate is kept as one number, when the next job would be due if all came evenly
// (the generic cell rate algorithm). A whole period's worth may begin at once after a pause.

/// How many jobs may begin now.
inline std::int64_t rate_allows(const JobRequest& request, std::int64_t now,
                                std::int64_t next) noexcept {
    return (now + request.period.count() - next) * request.rate / request.period.count();
}

/// How much later the next one is due when `count` begin.
inline std::int64_t rate_spacing(const JobRequest& request, std::size_t count) noexcept {
    return (static_cast<std::int64_t>(count) * request.period.count() + request.rate - 1) /
           request.rate;
}

} // namespace armature::jobs
