#include "auth/gate.hpp"

#include <armature/core/error.hpp>

#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>

namespace armature::auth {

// A place in the queue. On its way to its loop it owns itself: whoever waited may have left.
class Gate::Ticket final : public Job {
  public:
    Ticket(std::shared_ptr<State> state, Scheduler& loop) : state_(std::move(state)), loop_(loop) {}
    // Under the lock, so that the loop is there: a task that waits leaves the queue first.
    void grant(std::shared_ptr<Ticket> self) {
        self_ = std::move(self);
        loop_.post(*this);
    }
    Wait* wait = nullptr; ///< its loop's; null when nobody waits any more

  private:
    void run() override;
    void abandoned() noexcept override {
        const std::shared_ptr<Ticket> self = std::move(self_);
        state_->release();
    }

    std::shared_ptr<State> state_;
    Scheduler& loop_;
    std::shared_ptr<Ticket> self_;
};

class Gate::Wait final : public CancellableWait {
  public:
    Wait(std::shared_ptr<State> state, std::shared_ptr<Ticket> ticket) noexcept
        : state_(std::move(state)), ticket_(std::move(ticket)) {}
    ~Wait() { leave(); }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> waiter) {
        if (!wait(waiter)) return false;
        ticket_->wait = this;
        return true;
    }
    // The permit is ours: whoever granted it counts on us.
    void granted() {
        ticket_.reset();
        resume();
    }

  private:
    void cancelled(CancelReason reason) override {
        leave();
        CancellableWait::cancelled(reason);
    }
    void leave() noexcept {
        if (!ticket_) return;
        const std::lock_guard lock{state_->mutex};
        ticket_->wait = nullptr; // already on its way: it gives the permit back
        std::erase(state_->waiting, ticket_);
        ticket_.reset();
    }

    std::shared_ptr<State> state_;
    std::shared_ptr<Ticket> ticket_;
};

void Gate::Ticket::run() {
    const std::shared_ptr<Ticket> self = std::move(self_);
    if (wait != nullptr)
        std::exchange(wait, nullptr)->granted();
    else
        state_->release();
}

void Gate::State::release() {
    const std::lock_guard lock{mutex};
    if (waiting.empty()) {
        ++free;
        return;
    }
    std::shared_ptr<Ticket> next = std::move(waiting.front());
    waiting.pop_front();
    Ticket& ticket = *next;
    ticket.grant(std::move(next));
}

Task<Gate::Permit> Gate::enter() {
    std::shared_ptr<Ticket> ticket;
    {
        const std::lock_guard lock{state_->mutex};
        if (state_->free > 0) {
            --state_->free;
        } else {
            if (state_->waiting.size() >= state_->max_waiting)
                throw Error::unavailable("Too many are waiting; try again soon")
                    .header("retry-after", "1");
            ticket = std::make_shared<Ticket>(state_, Scheduler::current());
            state_->waiting.push_back(ticket);
        }
    }
    if (ticket) {
        Wait wait{state_, std::move(ticket)};
        co_await wait;
    }
    co_return Permit{state_};
}

} // namespace armature::auth
