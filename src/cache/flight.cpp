#include "cache/flight.hpp"

#include <algorithm>

namespace armature::cache {

// Lives until it was told, even if the task that waits is gone by then.
struct Flight::Waiter final : Job {
    void run() override {
        const auto last = std::move(self);
        is_over = true;
        slot.resume();
    }
    void abandoned() noexcept override { const auto last = std::move(self); }

    Scheduler& loop = Scheduler::current();
    WaitSlot slot;
    bool is_over = false;
    std::shared_ptr<Waiter> self{}; ///< while it is posted
};

// A waiter's place in the list, until its task goes on or goes away: a loop that has ended may not
// be posted to.
struct Flight::Place {
    Place(std::shared_ptr<Flight> in, std::shared_ptr<Waiter> of)
        : flight(std::move(in)), waiter(std::move(of)) {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() {
        const std::lock_guard lock(flight->mutex_);
        std::erase(flight->waiters_, waiter);
    }
    std::shared_ptr<Flight> flight;
    std::shared_ptr<Waiter> waiter;
};

Task<> Flight::wait(std::shared_ptr<Flight> flight) {
    const auto waiter = std::make_shared<Waiter>();
    {
        const std::lock_guard lock(flight->mutex_);
        if (flight->has_landed_) co_return;
        flight->waiters_.push_back(waiter);
    }
    const Place place{flight, waiter};
    if (!waiter->is_over) co_await waiter->slot.wait();
}

void Flight::land() noexcept {
    const std::lock_guard lock(mutex_);
    has_landed_ = true;
    // Under the lock: a waiter that goes away waits for it, and so does the end of its loop.
    for (const std::shared_ptr<Waiter>& waiter : waiters_) {
        waiter->self = waiter;
        waiter->loop.post(*waiter);
    }
    waiters_.clear();
}

} // namespace armature::cache
