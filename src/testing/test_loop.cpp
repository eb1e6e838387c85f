#include "testing/test_loop.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <limits>

namespace armature::testkit {

void TestLoop::watch(int descriptor, std::uint32_t events, IoWatcher& watcher) {
    LocalLoop::watch(descriptor, events, watcher);
    watched_.insert(descriptor);
}

void TestLoop::unwatch(int descriptor) noexcept {
    LocalLoop::unwatch(descriptor);
    watched_.erase(descriptor);
}

// Who sleeps for no time again and again would keep the timers from ever coming to an end.
std::int64_t TestLoop::read_clock() const noexcept {
    constexpr unsigned most_reads = 10'000;
    return ++reads_ < most_reads ? now_ : now_ + 1;
}

// Everything that is ready, after up to `wait` real milliseconds. False when there was nothing.
bool TestLoop::turn(std::int64_t wait) {
    constexpr int most_events = 64;
    epoll_event events[most_events];
    const int count = ::epoll_wait(epoll_, events, most_events, static_cast<int>(wait));
    for (int i = 0; i < count; ++i) {
        if (events[i].data.ptr == nullptr)
            run_posted();
        else
            static_cast<IoWatcher*>(events[i].data.ptr)->on_events(events[i].events);
    }
    reads_ = 0;
    const bool is_due = timers_.until_next(now_) == 0;
    if (is_due) timers_.run_expired(now_);
    return count > 0 || is_due;
}

TestLoop::Outcome TestLoop::run(Goal& goal, Duration within) {
    const Enter enter{*this};
    constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();
    const std::int64_t end = within.count() < never - now_ ? now_ + within.count() : never;
    const std::int64_t give_up = steady_now() + patience_;
    for (;;) {
        goal.look();
        if (goal.reached()) return Outcome::done;
        if (steady_now() >= give_up) return Outcome::endless;
        if (turn(0)) continue;
        const std::int64_t next = timers_.until_next(now_);
        const std::int64_t real = std::max<std::int64_t>(give_up - steady_now(), 1);
        if (errands() > 0) {
            turn(real);
        } else if (!watched_.empty()) {
            if (now_ >= end) return Outcome::out_of_time;
            const std::int64_t before = steady_now();
            const std::int64_t wait = std::min(next < 0 ? real : next, end - now_);
            turn(std::min(real, std::max<std::int64_t>(wait, 1)));
            now_ = std::min(end, now_ + steady_now() - before);
        } else if (next < 0 || next > end - now_) {
            now_ = end;
            return next < 0 ? Outcome::stuck : Outcome::out_of_time;
        } else {
            now_ += next;
        }
    }
}

void TestLoop::settle(Goal& goal) {
    const Enter enter{*this};
    const std::int64_t give_up = steady_now() + patience_;
    do
        goal.look();
    while (steady_now() < give_up && (turn(errands() > 0 ? 1 : 0) || errands() > 0));
}

} // namespace armature::testkit
