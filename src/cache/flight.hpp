#pragma once

#include <armature/core/cancellable_wait.hpp>
#include <armature/core/scheduler.hpp>

#include <memory>
#include <mutex>
#include <vector>

namespace armature::cache {

/// One load that several wait for, each on its own event loop.
class Flight {
  public:
    Flight() = default;
    Flight(const Flight&) = delete;
    Flight& operator=(const Flight&) = delete;

    /// Waits until `land` was called. Throws `Cancelled`.
    [[nodiscard]] static Task<> wait(std::shared_ptr<Flight> flight);
    /// Wakes all that wait, once.
    void land() noexcept;

  private:
    struct Waiter;
    struct Place;

    std::mutex mutex_;
    bool has_landed_ = false;
    std::vector<std::shared_ptr<Waiter>> waiters_;
};

} // namespace armature::cache
