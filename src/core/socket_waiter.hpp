#pragma once

#include <armature/core/cancellable_wait.hpp>
#include <armature/core/scheduler.hpp>

#include <cstdint>

namespace armature::detail {

/// Waits for a socket on behalf of a connection that moves between loops. Events of a turn may
/// still come when nobody waits any more, so it belongs to its thread for ever and is used again.
class SocketWaiter final : public IoWatcher, Timer {
  public:
    /// One of the calling thread's.
    [[nodiscard]] static SocketWaiter* borrow(int descriptor);
    /// Stops watching.
    void give_back() noexcept;

    /// Waits until the socket is ready; false when the deadline passed. `deadline` in the loop's
    /// time; 0: none.
    [[nodiscard]] Task<bool> wait(std::uint32_t events, std::int64_t deadline);
    [[nodiscard]] Scheduler& loop() const noexcept { return *loop_; }

  private:
    void on_events(std::uint32_t events) override;
    void expired() override;

    WaitSlot slot_;
    Scheduler* loop_ = nullptr;
    int descriptor_ = -1;
    std::uint32_t watched_ = 0;
    bool is_late_ = false;
};

} // namespace armature::detail
