#include "core/socket_waiter.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace armature::detail {

namespace {

thread_local std::vector<std::unique_ptr<SocketWaiter>> unused_waiters;

} // namespace

SocketWaiter* SocketWaiter::borrow(int descriptor) {
    SocketWaiter* waiter = nullptr;
    if (unused_waiters.empty()) {
        waiter = new SocketWaiter;
    } else {
        waiter = unused_waiters.back().release();
        unused_waiters.pop_back();
    }
    waiter->loop_ = &Scheduler::current();
    waiter->descriptor_ = descriptor;
    return waiter;
}

void SocketWaiter::give_back() noexcept {
    TimerQueue::disarm(*this);
    if (std::exchange(watched_, 0U) != 0) loop_->unwatch(descriptor_);
    unused_waiters.emplace_back(this);
}

Task<bool> SocketWaiter::wait(std::uint32_t events, std::int64_t deadline) {
    is_late_ = false;
    if (events != watched_) {
        loop_->watch(descriptor_, events, *this);
        watched_ = events;
    }
    if (deadline != 0) loop_->timers().arm(*this, deadline);
    co_await slot_.wait();
    TimerQueue::disarm(*this);
    co_return !is_late_;
}

void SocketWaiter::on_events(std::uint32_t) {
    if (slot_.is_taken()) return slot_.resume();
    // Nobody wants to know now, as between the statements of a transaction.
    if (std::exchange(watched_, 0U) != 0) loop_->unwatch(descriptor_);
}

void SocketWaiter::expired() {
    is_late_ = true;
    slot_.resume();
}

} // namespace armature::detail
