#pragma once

#include <armature/core/cancellation.hpp>
#include <armature/core/duration.hpp>
#include <armature/core/task.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace armature {

/// Something that happens once at a later time on an event loop. Owned by whoever waits for it;
/// destroying it while armed takes it off its loop.
class Timer {
  public:
    Timer() noexcept = default;
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    [[nodiscard]] bool armed() const noexcept { return queue_ != nullptr; }
    /// When it goes off, in milliseconds of the loop's clock. Only while armed.
    [[nodiscard]] std::int64_t deadline() const noexcept { return deadline_; }

  protected:
    ~Timer();

  private:
    friend class TimerQueue;
    virtual void expired() = 0;

    class TimerQueue* queue_ = nullptr;
    std::int64_t deadline_ = 0;
    std::size_t position_ = 0;
};

/// The armed timers of one loop, soonest first. Arming and disarming cost O(log n).
class TimerQueue {
  public:
    TimerQueue() noexcept = default;
    TimerQueue(const TimerQueue&) = delete;
    TimerQueue& operator=(const TimerQueue&) = delete;
    ~TimerQueue();

    /// Arms a timer, or moves it if it is armed here already.
    void arm(Timer& timer, std::int64_t deadline);
    static void disarm(Timer& timer) noexcept;
    /// Runs every timer whose deadline is not after `now`.
    void run_expired(std::int64_t now);
    /// Milliseconds from `now` until the next timer; -1 when there is none.
    [[nodiscard]] std::int64_t until_next(std::int64_t now) const noexcept;
    [[nodiscard]] bool empty() const noexcept;

  private:
    void place(std::size_t position, Timer* timer) noexcept;
    void sift_up(std::size_t position) noexcept;
    void sift_down(std::size_t position) noexcept;

    std::vector<Timer*> heap_;
};

/// A piece of work handed to a loop, possibly from another thread. Owned by its poster, which
/// keeps it alive until `run` was called.
class Job {
  public:
    Job() noexcept = default;
    Job(const Job&) = delete;
    Job& operator=(const Job&) = delete;

  protected:
    ~Job() = default;

  private:
    friend class JobList;
    virtual void run() = 0;
    /// Called instead of `run` when the loop goes before the job's turn came.
    virtual void abandoned() noexcept {}
    Job* next_ = nullptr;
};

/// Jobs in the order they were posted. Not thread-safe: its owner locks.
class JobList {
  public:
    /// Returns true when the list was empty before.
    bool push(Job& job) noexcept;
    /// Runs every job that is there now, in order; jobs may push again meanwhile.
    void run_all();
    /// Tells every job that it won't run.
    void abandon_all() noexcept;
    [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }
    void swap(JobList& other) noexcept;

  private:
    Job* first_ = nullptr;
    Job* last_ = nullptr;
};

/// Learns that its loop begins to shut down: the moment for what would go on for ever to end in
/// order, long before the grace is over and everything is cancelled. Destroying it unregisters it.
class DrainHook {
  public:
    DrainHook() noexcept = default;
    DrainHook(const DrainHook&) = delete;
    DrainHook& operator=(const DrainHook&) = delete;

  protected:
    ~DrainHook();

  private:
    friend class Scheduler;
    /// Called at most once, after the hook was taken off the list.
    virtual void draining() = 0;
    void unlink() noexcept;

    DrainHook* next_ = nullptr;
    DrainHook** link_ = nullptr; ///< what points at us; null while not registered
};

/// Gets to know that the current turn of its loop is over: for what holds as long as that.
class TurnHook {
  public:
    TurnHook() noexcept = default;
    TurnHook(const TurnHook&) = delete;
    TurnHook& operator=(const TurnHook&) = delete;

  protected:
    ~TurnHook() = default;

  private:
    friend class Scheduler;
    virtual void turn_is_over() noexcept = 0;

    TurnHook* next_ = nullptr;
};

namespace detail {
class Errand;
} // namespace detail

/// A file descriptor's owner, as its loop knows it.
class IoWatcher {
  public:
    /// What happened, as epoll_wait(2) says it.
    virtual void on_events(std::uint32_t events) = 0;

  protected:
    ~IoWatcher() = default;
};

/// Milliseconds of the steady clock that loops use.
[[nodiscard]] std::int64_t steady_now() noexcept;

/// What tasks need of the loop that runs them: time, timers, descriptors that become ready, and a
/// way back from other threads. The server's event loops implement it, and so does `LocalLoop`,
/// which serves tests and programs without a server.
class Scheduler {
  public:
    /// The loop of the calling thread. Throws std::logic_error when it has none.
    [[nodiscard]] static Scheduler& current();

    /// Runs `job` soon on this loop. The only member that other threads may call.
    virtual void post(Job& job) = 0;
    /// Calls `watcher` when the descriptor is ready; `events` as for epoll_ctl(2). One watcher for
    /// a descriptor; calling it again changes the events. Throws std::system_error.
    ///
    /// Events of the current turn may still come after `unwatch`: a watcher has to live until the
    /// turn is over.
    virtual void watch(int descriptor, std::uint32_t events, IoWatcher& watcher) = 0;
    virtual void unwatch(int descriptor) noexcept = 0;
    /// Milliseconds of a steady clock, read once per turn of the loop.
    [[nodiscard]] std::int64_t now() const noexcept { return now_; }
    /// The same clock read anew: a wait that begins in a long turn counts from here. A loop for
    /// tests, whose time stands still, overrides it.
    [[nodiscard]] virtual std::int64_t read_clock() const noexcept { return steady_now(); }
    [[nodiscard]] TimerQueue& timers() noexcept { return timers_; }
    /// No other loop of this process has it, before or after: for what is kept by loop and outlives
    /// it, because a later one may stand at the same address.
    [[nodiscard]] std::uint64_t id() const noexcept { return id_; }

    /// Has `hook`, which isn't waiting for that, told once when this turn of the loop is over,
    /// before the loop sleeps. False on a loop whose turns don't end by themselves, which is any
    /// but a server's.
    [[nodiscard]] virtual bool at_turn_end(TurnHook& hook) noexcept;

    /// Has `hook` told when the loop begins to shut down. Look at `draining` first.
    void add(DrainHook& hook) noexcept;
    /// The loop shuts down: nothing long-lived should begin.
    [[nodiscard]] bool draining() const noexcept { return draining_; }

  protected:
    Scheduler() noexcept;
    ~Scheduler() = default;

    /// Tells everyone who asked to know. Once.
    void begin_drain();

    void add(TurnHook& hook) noexcept {
        hook.next_ = turn_hooks_;
        turn_hooks_ = &hook;
    }
    /// Tells everyone who asked to know that the turn is over.
    void end_turn() noexcept {
        while (turn_hooks_ != nullptr)
            std::exchange(turn_hooks_, turn_hooks_->next_)->turn_is_over();
    }

    /// How many jobs of `yield` and `blocking` have still to come back to this loop, also those
    /// that nobody waits for any more. A loop may not go before they did.
    [[nodiscard]] std::size_t errands() const noexcept { return errands_; }

    /// Makes a loop the calling thread's for the life of this object.
    class Scope {
      public:
        explicit Scope(Scheduler& scheduler) noexcept;
        Scope(const Scope&) = delete;
        Scope& operator=(const Scope&) = delete;
        ~Scope();

      private:
        Scheduler* previous_;
    };

    TimerQueue timers_;
    std::uint64_t id_;
    std::int64_t now_ = 0;

  private:
    friend class detail::Errand;
    std::size_t errands_ = 0;
    DrainHook* drain_hooks_ = nullptr;
    TurnHook* turn_hooks_ = nullptr;
    bool draining_ = false;
};

/// Waits without holding a thread. Throws `Cancelled` when the request ends first.
[[nodiscard]] Task<> sleep_for(Duration duration);

/// Lets other work of this loop run, then goes on. Throws `Cancelled` when the request ended.
[[nodiscard]] Task<> yield();

namespace detail {

// A job that can't be called off once it is under way. It owns itself until it came back to its
// loop, so the task that waits for it may be destroyed meanwhile.
class Errand : public Job {
  public:
    virtual ~Errand() = default;

  private:
    friend class ErrandAwaiter;
    // False: it can't be done now.
    static bool send(const std::shared_ptr<Errand>& errand);
    virtual bool depart() {
        loop_->post(*this);
        return true;
    }
    void run() final;

    std::coroutine_handle<> waiter_; // null when nobody waits any more
    std::shared_ptr<Errand> self_;   // while it is under way

  protected:
    Scheduler* loop_ = nullptr;
};

class BlockingWork : public Errand {
  public:
    // On a pool's thread.
    void execute() noexcept {
        try {
            work();
        } catch (...) {
            error_ = std::current_exception();
        }
        loop_->post(*this);
    }
    BlockingWork* next = nullptr;

  private:
    friend Task<> run_blocking(std::shared_ptr<BlockingWork> work);
    bool depart() override;
    virtual void work() = 0;

    std::exception_ptr error_;
};

// Runs the work on the blocking pool, then resumes on the calling loop.
[[nodiscard]] Task<> run_blocking(std::shared_ptr<BlockingWork> work);

} // namespace detail

/// Runs `function` on a pool of threads meant for blocking work and gives its result; the loop goes
/// on serving others. When the pool's queue is full it throws `Error` 503.
///
/// The function can't be interrupted: a cancelled request lets it finish, then throws `Cancelled`;
/// when the task is destroyed meanwhile, function and result go once it finished.
/// With g++ 12 name a capturing lambda before passing it: `auto work = [x] {…};
/// co_await blocking(work);`
template <class Function>
[[nodiscard]] Task<std::invoke_result_t<Function&>> blocking(Function function) {
    using Result = std::invoke_result_t<Function&>;
    struct Work final : detail::BlockingWork {
        explicit Work(Function&& moved) : function(std::move(moved)) {}
        void work() override {
            if constexpr (std::is_void_v<Result>)
                function();
            else
                result.emplace(function());
        }
        Function function;
        std::optional<std::conditional_t<std::is_void_v<Result>, char, Result>> result;
    };
    const auto work = std::make_shared<Work>(std::move(function));
    co_await detail::run_blocking(work);
    if constexpr (!std::is_void_v<Result>) co_return std::move(*work->result);
}

/// A loop of its own for one thread: runs tasks to their end where no server runs. Tests and
/// `main` use it; so does `Application::handle`.
class LocalLoop : public Scheduler {
  public:
    /// Throws std::system_error.
    LocalLoop();
    virtual ~LocalLoop();
    LocalLoop(const LocalLoop&) = delete;
    LocalLoop& operator=(const LocalLoop&) = delete;

    void post(Job& job) override;
    void watch(int descriptor, std::uint32_t events, IoWatcher& watcher) override;
    void unwatch(int descriptor) noexcept override;

    /// Turns the loop until `done` is true.
    void run_until(const bool& done);

    /// Runs a task to its end on the calling thread and gives its result, or throws what it threw.
    template <class T>
    T run(Task<T> task, Cancellation* cancellation = nullptr) {
        bool done = false;
        const Scope scope{*this};
        if (!task.start([](void* flag) { *static_cast<bool*>(flag) = true; }, &done, cancellation))
            run_until(done);
        return task.take_result();
    }

    /// Makes this loop the calling thread's, for code that starts tasks by itself.
    class Enter : Scope {
      public:
        explicit Enter(LocalLoop& loop) noexcept : Scope(loop) {}
    };

  protected:
    void run_posted();

    struct Posted;
    Posted* posted_;
    int epoll_ = -1;
    int wake_ = -1; ///< an eventfd among what `epoll_` watches, with a null watcher
};

} // namespace armature
