#include "server/event_loop.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <ctime>

namespace armature::server {

namespace {

// Milliseconds of CLOCK_MONOTONIC at the resolution of the kernel's tick: no system call, and time
// enough for time-outs.
std::int64_t coarse_now() noexcept {
    timespec time;
    ::clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
    return static_cast<std::int64_t>(time.tv_sec) * 1000 + time.tv_nsec / 1'000'000;
}

} // namespace

EventLoop::EventLoop() { now_ = coarse_now(); }

void EventLoop::defer(Deferred& deferred) noexcept {
    if (deferred.queued_) return;
    deferred.queued_ = true;
    deferred.next_ = nullptr;
    (deferred_first_ == nullptr ? deferred_first_ : deferred_last_->next_) = &deferred;
    deferred_last_ = &deferred;
}

// One round: what defers itself again waits for the next turn, so sockets get theirs in between.
void EventLoop::run_deferred() {
    Deferred* deferred = std::exchange(deferred_first_, nullptr);
    while (deferred != nullptr) {
        Deferred* next = deferred->next_;
        deferred->queued_ = false;
        deferred->run_deferred();
        deferred = next;
    }
}

void EventLoop::run_again() {
    for (std::size_t i = 0; i < again_count_; ++i)
        again_[i]->on_events(no_event);
    again_count_ = 0;
}

void EventLoop::run() {
    const Scope scope{*this};
    epoll_event events[256];
    while (!stopping_) {
        std::int64_t wait = deferred_first_ != nullptr ? 0 : timers_.until_next(now_);
        wait = std::min<std::int64_t>(wait, 60'000);
        const int count = ::epoll_wait(epoll_, events, 256, static_cast<int>(wait));
        now_ = coarse_now();
        if (ticker_ != nullptr) ticker_->tick();
        for (int i = 0; i < count; ++i) {
            if (events[i].data.ptr == nullptr)
                run_posted();
            else
                static_cast<Watcher*>(events[i].data.ptr)->on_events(events[i].events);
            if (again_count_ == most_again) run_again();
        }
        run_again();
        timers_.run_expired(now_);
        if (deferred_first_ != nullptr) run_deferred();
        end_turn();
    }
}

} // namespace armature::server
