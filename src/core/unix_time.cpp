#include "core/unix_time.hpp"

#include <armature/core/scheduler.hpp>

#include <stdexcept>

namespace armature {

std::int64_t unix_seconds() noexcept {
    std::int64_t ahead = 0;
    try {
        ahead = Scheduler::current().read_clock() - steady_now();
    } catch (const std::logic_error&) {
        // A thread without a loop, which signs a URL for example.
    }
    return (unix_milliseconds() + ahead) / 1000;
}

} // namespace armature
