#pragma once

#include <armature/core/cancellation.hpp>

#include <coroutine>
#include <stdexcept>

namespace armature {

/// Base of what a task can `co_await` and a cancellation can end: the wait is over when `resume` is
/// called or the request is cancelled, whichever comes first; then `co_await` throws `Cancelled`.
///
/// A derived awaitable calls `wait` first in its `await_suspend` and returns false if that does.
/// One that must be told to forget the wait overrides `cancelled` and calls this one's last: the
/// task may be gone when it returns.
class CancellableWait : protected CancelHook {
  public:
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_resume() const {
        if (reason_ != CancelReason::none) throw Cancelled{reason_};
    }

  protected:
    /// False when the task is cancelled already: it goes on at once, and throws.
    template <class Promise>
    [[nodiscard]] bool wait(std::coroutine_handle<Promise> waiter) {
        waiter_ = waiter;
        if (Cancellation* cancellation = waiter.promise().cancellation()) {
            if (cancellation->requested()) {
                reason_ = cancellation->reason();
                return false;
            }
            cancellation->add(*this);
        }
        return true;
    }
    /// Ends the wait. The task may be gone when it returns.
    void resume() {
        Cancellation::remove(*this);
        waiter_.resume();
    }
    void cancelled(CancelReason reason) override {
        reason_ = reason;
        waiter_.resume();
    }

  private:
    std::coroutine_handle<> waiter_;
    CancelReason reason_ = CancelReason::none;
};

/// A place where one task waits for something: `co_await slot.wait()`. Whoever brings it about
/// calls `resume`. Must outlive the wait.
class WaitSlot {
  public:
    WaitSlot() noexcept = default;
    WaitSlot(const WaitSlot&) = delete;
    WaitSlot& operator=(const WaitSlot&) = delete;

    class Wait final : public CancellableWait {
      public:
        explicit Wait(WaitSlot& slot) noexcept : slot_(slot) {}
        ~Wait() { leave(); }
        template <class Promise>
        bool await_suspend(std::coroutine_handle<Promise> waiter) {
            if (slot_.waiting_ != nullptr)
                throw std::logic_error("armature: two tasks wait for the same thing");
            if (!wait(waiter)) return false;
            slot_.waiting_ = this;
            return true;
        }

      private:
        friend class WaitSlot;
        void cancelled(CancelReason reason) override {
            leave();
            CancellableWait::cancelled(reason);
        }
        void leave() noexcept {
            if (slot_.waiting_ == this) slot_.waiting_ = nullptr;
        }

        WaitSlot& slot_;
    };
    [[nodiscard]] Wait wait() noexcept { return Wait{*this}; }
    [[nodiscard]] bool is_taken() const noexcept { return waiting_ != nullptr; }
    /// Ends the wait, if somebody waits. The task may be gone when it returns.
    void resume() {
        if (Wait* wait = waiting_) {
            wait->leave();
            wait->resume();
        }
    }

  private:
    Wait* waiting_ = nullptr;
};

} // namespace armature
