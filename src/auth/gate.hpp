#pragma once

#include <armature/core/cancellable_wait.hpp>
#include <armature/core/scheduler.hpp>

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <utility>

namespace armature::auth {

/// Lets a number of tasks through at the same time, whichever loops they run on; the others wait
/// in the order they came, without holding a thread.
class Gate {
  public:
    Gate(std::size_t permits, std::size_t max_waiting)
        : state_(std::make_shared<State>(permits, max_waiting)) {}

  private:
    class Ticket;
    class Wait;
    struct State {
        State(std::size_t permits, std::size_t most) : free(permits), max_waiting(most) {}
        void release();

        std::mutex mutex;
        std::size_t free;
        const std::size_t max_waiting;
        std::deque<std::shared_ptr<Ticket>> waiting;
    };

  public:
    /// The right to go on, given back when it is destroyed, on whatever thread.
    class Permit {
      public:
        Permit(Permit&&) noexcept = default;
        Permit& operator=(Permit&&) = delete;
        ~Permit() {
            if (state_) state_->release();
        }

      private:
        friend class Gate;
        explicit Permit(std::shared_ptr<State> state) noexcept : state_(std::move(state)) {}
        std::shared_ptr<State> state_;
    };

    /// Throws `Error` 503 when too many wait already, and `Cancelled`.
    [[nodiscard]] Task<Permit> enter();

  private:
    std::shared_ptr<State> state_;
};

} // namespace armature::auth
