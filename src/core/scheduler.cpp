#include <armature/core/cancellable_wait.hpp>
#include <armature/core/error.hpp>
#include <armature/core/scheduler.hpp>

#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <limits>
#include <mutex>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace armature {

std::int64_t steady_now() noexcept {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

// --- timers -----------------------------------------------------------------------------------

Timer::~Timer() { TimerQueue::disarm(*this); }

TimerQueue::~TimerQueue() {
    for (Timer* timer : heap_)
        timer->queue_ = nullptr;
}

void TimerQueue::arm(Timer& timer, std::int64_t deadline) {
    if (timer.queue_ != nullptr) {
        const bool sooner = deadline < timer.deadline_;
        timer.deadline_ = deadline;
        sooner ? sift_up(timer.position_) : sift_down(timer.position_);
        return;
    }
    heap_.push_back(&timer);
    timer.queue_ = this;
    timer.deadline_ = deadline;
    timer.position_ = heap_.size() - 1;
    sift_up(timer.position_);
}

void TimerQueue::disarm(Timer& timer) noexcept {
    TimerQueue* queue = timer.queue_;
    if (queue == nullptr) return;
    timer.queue_ = nullptr;
    Timer* last = queue->heap_.back();
    queue->heap_.pop_back();
    if (last == &timer) return;
    queue->place(timer.position_, last);
    queue->sift_up(last->position_);
    queue->sift_down(last->position_);
}

bool TimerQueue::empty() const noexcept { return heap_.empty(); }

void TimerQueue::run_expired(std::int64_t now) {
    while (!heap_.empty() && heap_.front()->deadline_ <= now) {
        Timer& timer = *heap_.front();
        disarm(timer);
        timer.expired();
    }
}

std::int64_t TimerQueue::until_next(std::int64_t now) const noexcept {
    if (heap_.empty()) return -1;
    return heap_.front()->deadline_ > now ? heap_.front()->deadline_ - now : 0;
}

void TimerQueue::place(std::size_t position, Timer* timer) noexcept {
    heap_[position] = timer;
    timer->position_ = position;
}

void TimerQueue::sift_up(std::size_t position) noexcept {
    Timer* timer = heap_[position];
    while (position > 0) {
        const std::size_t parent = (position - 1) / 2;
        if (heap_[parent]->deadline_ <= timer->deadline_) break;
        place(position, heap_[parent]);
        position = parent;
    }
    place(position, timer);
}

void TimerQueue::sift_down(std::size_t position) noexcept {
    Timer* timer = heap_[position];
    for (;;) {
        std::size_t child = position * 2 + 1;
        if (child >= heap_.size()) break;
        if (child + 1 < heap_.size() && heap_[child + 1]->deadline_ < heap_[child]->deadline_)
            ++child;
        if (timer->deadline_ <= heap_[child]->deadline_) break;
        place(position, heap_[child]);
        position = child;
    }
    place(position, timer);
}

// --- jobs -------------------------------------------------------------------------------------

bool JobList::push(Job& job) noexcept {
    const bool was_empty = first_ == nullptr;
    job.next_ = nullptr;
    (was_empty ? first_ : last_->next_) = &job;
    last_ = &job;
    return was_empty;
}

void JobList::run_all() {
    JobList now;
    swap(now);
    while (Job* job = now.first_) {
        now.first_ = job->next_; // the job may be gone once it ran
        job->run();
    }
}

void JobList::abandon_all() noexcept {
    JobList now;
    swap(now);
    while (Job* job = now.first_) {
        now.first_ = job->next_;
        job->abandoned();
    }
}

void JobList::swap(JobList& other) noexcept {
    std::swap(first_, other.first_);
    std::swap(last_, other.last_);
}

// --- the current loop -------------------------------------------------------------------------

namespace {
thread_local constinit Scheduler* current_scheduler = nullptr;

// Apart, so that those who have a loop keep no registers for the exception.
[[noreturn, gnu::cold, gnu::noinline]] void refuse_without_loop() {
    throw std::logic_error("armature: this thread runs no event loop; await from a handler, or "
                           "run the task with armature::LocalLoop");
}
} // namespace

// Not inline: a coroutine may be resumed on another thread, and the compiler would keep the address
// that the first one has.
Scheduler& Scheduler::current() {
    if (current_scheduler == nullptr) [[unlikely]]
        refuse_without_loop();
    return *current_scheduler;
}

Scheduler::Scheduler() noexcept {
    static std::atomic<std::uint64_t> loops{0};
    id_ = ++loops;
}

Scheduler::Scope::Scope(Scheduler& scheduler) noexcept
    : previous_(std::exchange(current_scheduler, &scheduler)) {}

bool Scheduler::at_turn_end(TurnHook&) noexcept { return false; }

Scheduler::Scope::~Scope() { current_scheduler = previous_; }

// --- shutting down ----------------------------------------------------------------------------

DrainHook::~DrainHook() { unlink(); }

void DrainHook::unlink() noexcept {
    if (link_ == nullptr) return;
    *link_ = next_;
    if (next_ != nullptr) next_->link_ = link_;
    link_ = nullptr;
}

void Scheduler::add(DrainHook& hook) noexcept {
    hook.next_ = drain_hooks_;
    hook.link_ = &drain_hooks_;
    if (drain_hooks_ != nullptr) drain_hooks_->link_ = &hook.next_;
    drain_hooks_ = &hook;
}

void Scheduler::begin_drain() {
    draining_ = true;
    // What is called may end others that are on the list: each time only its head is looked at.
    while (DrainHook* hook = drain_hooks_) {
        hook->unlink();
        hook->draining();
    }
}

// --- waiting ----------------------------------------------------------------------------------

namespace {

class SleepAwaiter final : public CancellableWait, Timer {
  public:
    SleepAwaiter(Scheduler& loop, Duration duration) noexcept : loop_(loop), duration_(duration) {}
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> waiter) {
        if (!wait(waiter)) return false;
        // The loop's clock was read at the start of this turn: count from the real time.
        const std::int64_t now = loop_.read_clock();
        constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();
        const std::int64_t duration = duration_.count();
        loop_.timers().arm(*this, duration < never - now ? now + duration : never);
        return true;
    }

  private:
    void expired() override { resume(); }
    void cancelled(CancelReason reason) override {
        TimerQueue::disarm(*this);
        CancellableWait::cancelled(reason);
    }

    Scheduler& loop_;
    Duration duration_;
};

} // namespace

Task<> sleep_for(Duration duration) { co_await SleepAwaiter{Scheduler::current(), duration}; }

namespace detail {

class ErrandAwaiter {
  public:
    ErrandAwaiter(Scheduler& loop, std::shared_ptr<Errand> errand) noexcept
        : errand_(std::move(errand)) {
        errand_->loop_ = &loop;
    }
    ErrandAwaiter(const ErrandAwaiter&) = delete;
    ErrandAwaiter& operator=(const ErrandAwaiter&) = delete;
    ~ErrandAwaiter() { errand_->waiter_ = nullptr; }

    bool await_ready() const noexcept { return false; }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> waiter) {
        cancellation_ = waiter.promise().cancellation();
        if (cancellation_ != nullptr && cancellation_->requested()) return false;
        errand_->waiter_ = waiter;
        refused_ = !Errand::send(errand_);
        return !refused_;
    }
    void await_resume() const {
        if (refused_)
            throw Error{Status::service_unavailable, "The server is busy; try again shortly"};
        if (cancellation_ != nullptr) cancellation_->check();
    }

  private:
    std::shared_ptr<Errand> errand_;
    Cancellation* cancellation_ = nullptr;
    bool refused_ = false;
};

bool Errand::send(const std::shared_ptr<Errand>& errand) {
    errand->self_ = errand;
    ++errand->loop_->errands_;
    if (errand->depart()) return true;
    --errand->loop_->errands_;
    errand->self_.reset();
    return false;
}

void Errand::run() {
    const auto self = std::move(self_);
    --loop_->errands_;
    if (waiter_) waiter_.resume();
}

} // namespace detail

Task<> yield() {
    co_await detail::ErrandAwaiter{Scheduler::current(), std::make_shared<detail::Errand>()};
}

// --- blocking work ----------------------------------------------------------------------------

namespace {

class BlockingPool {
  public:
    static BlockingPool& instance() {
        static BlockingPool pool;
        return pool;
    }

    // False when the queue is full.
    bool submit(detail::BlockingWork& work);

    ~BlockingPool() {
        {
            const std::lock_guard lock{mutex_};
            stopping_ = true;
        }
        wake_.notify_all();
        for (std::thread& thread : threads_)
            thread.join();
    }

  private:
    void serve();

    static constexpr std::size_t max_threads = 16;
    static constexpr std::size_t max_queued = 4096;

    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<std::thread> threads_;
    std::size_t queued_ = 0;
    std::size_t idle_ = 0;
    bool stopping_ = false;
    detail::BlockingWork* first_ = nullptr;
    detail::BlockingWork* last_ = nullptr;
};

bool BlockingPool::submit(detail::BlockingWork& work) {
    const std::lock_guard lock{mutex_};
    if (queued_ >= max_queued) return false;
    if (idle_ <= queued_ && threads_.size() < max_threads) {
        try {
            threads_.emplace_back([this] { serve(); });
        } catch (const std::exception&) { // the system has no thread left: others come to it
            if (threads_.empty()) return false;
        }
    }
    work.next = nullptr;
    (first_ == nullptr ? first_ : last_->next) = &work;
    last_ = &work;
    ++queued_;
    wake_.notify_one();
    return true;
}

void BlockingPool::serve() {
    // What libraries write to a connection that the peer closed mustn't end the process.
    sigset_t broken_pipe;
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
    std::unique_lock lock{mutex_};
    for (;;) {
        while (first_ == nullptr) {
            if (stopping_) return;
            ++idle_;
            wake_.wait(lock);
            --idle_;
        }
        detail::BlockingWork* work = first_;
        first_ = work->next;
        --queued_;
        lock.unlock();
        work->execute();
        lock.lock();
    }
}

} // namespace

namespace detail {

bool BlockingWork::depart() { return BlockingPool::instance().submit(*this); }

Task<> run_blocking(std::shared_ptr<BlockingWork> work) {
    co_await ErrandAwaiter{Scheduler::current(), work};
    if (work->error_) std::rethrow_exception(work->error_);
}

} // namespace detail

// --- LocalLoop --------------------------------------------------------------------------------

struct LocalLoop::Posted {
    std::mutex mutex;
    JobList jobs;
};

namespace {

[[noreturn]] void fail(const char* what) {
    throw std::system_error{errno, std::generic_category(), what};
}

} // namespace

LocalLoop::LocalLoop() {
    now_ = steady_now();
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
    posted_ = new Posted;
}

LocalLoop::~LocalLoop() {
    // Work that was handed to other threads posts back here; nobody else is left to wait for it.
    const Scope scope{*this};
    while (errands() > 0) {
        epoll_event event;
        if (::epoll_wait(epoll_, &event, 1, -1) == 1 && event.data.ptr == nullptr) run_posted();
    }
    posted_->jobs.abandon_all();
    delete posted_;
    ::close(wake_);
    ::close(epoll_);
}

void LocalLoop::watch(int descriptor, std::uint32_t events, IoWatcher& watcher) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = &watcher;
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) == 0) return;
    if (errno != EEXIST || ::epoll_ctl(epoll_, EPOLL_CTL_MOD, descriptor, &event) != 0)
        fail("epoll_ctl");
}

void LocalLoop::unwatch(int descriptor) noexcept {
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr);
}

void LocalLoop::post(Job& job) {
    // Waking under the lock keeps the loop alive until we are done with it: the job may be what
    // ends it.
    const std::lock_guard lock{posted_->mutex};
    if (posted_->jobs.push(job)) {
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto ignored = ::write(wake_, &one, sizeof one);
    }
}

void LocalLoop::run_posted() {
    JobList jobs;
    {
        const std::lock_guard lock{posted_->mutex};
        jobs.swap(posted_->jobs);
    }
    jobs.run_all();
}

void LocalLoop::run_until(const bool& done) {
    epoll_event events[64];
    while (!done) {
        now_ = steady_now();
        const std::int64_t wait = std::min<std::int64_t>(timers_.until_next(now_), 60'000);
        const int count = ::epoll_wait(epoll_, events, 64, static_cast<int>(wait));
        now_ = steady_now();
        for (int i = 0; i < count; ++i) {
            if (events[i].data.ptr == nullptr)
                run_posted();
            else
                static_cast<IoWatcher*>(events[i].data.ptr)->on_events(events[i].events);
        }
        timers_.run_expired(now_);
    }
}

} // namespace armature
