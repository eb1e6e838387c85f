#include "server/event_loop.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <system_error>

namespace armature::server {

namespace {

// Milliseconds of CLOCK_MONOTONIC at the resolution of the kernel's tick: no system call, and time
// enough for time-outs.
std::int64_t coarse_now() noexcept {
    timespec time;
    ::clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
    return static_cast<std::int64_t>(time.tv_sec) * 1000 + time.tv_nsec / 1'000'000;
}

[[noreturn]] void fail(const char* what) {
    throw std::system_error{errno, std::generic_category(), what};
}

} // namespace

EventLoop::EventLoop() {
    now_ = coarse_now();
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    if (epoll_ < 0) fail("epoll_create1");
    wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wake_ < 0) {
        ::close(epoll_);
        fail("eventfd");
    }
    epoll_event event{};
    event.events = EPOLLIN | EPOLLET; // each post is an edge; the counter needs no reading
    event.data.ptr = nullptr;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event);
}

EventLoop::~EventLoop() {
    // Work that was handed to other threads posts back here; nobody else is left to wait for it.
    const Scope scope{*this};
    while (errands() > 0) {
        epoll_event event;
        if (::epoll_wait(epoll_, &event, 1, -1) == 1 && event.data.ptr == nullptr) run_posted();
    }
    ::close(wake_);
    ::close(epoll_);
}

void EventLoop::watch(int descriptor, std::uint32_t events, Watcher& watcher) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = &watcher;
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) != 0) fail("epoll_ctl");
}

void EventLoop::unwatch(int descriptor) noexcept {
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr);
}

void EventLoop::post(Job& job) {
    // Waking under the lock keeps the loop alive until we are done with it: the job may be what
    // ends it.
    const std::lock_guard lock{mutex_};
    if (posted_.push(job)) {
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto ignored = ::write(wake_, &one, sizeof one);
    }
}

void EventLoop::defer(Deferred& deferred) noexcept {
    if (deferred.queued_) return;
    deferred.queued_ = true;
    deferred.next_ = nullptr;
    (deferred_first_ == nullptr ? deferred_first_ : deferred_last_->next_) = &deferred;
    deferred_last_ = &deferred;
}

void EventLoop::run_posted() {
    JobList jobs;
    {
        const std::lock_guard lock{mutex_};
        jobs.swap(posted_);
    }
    jobs.run_all();
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
        }
        timers_.run_expired(now_);
        if (deferred_first_ != nullptr) run_deferred();
    }
}

} // namespace armature::server
