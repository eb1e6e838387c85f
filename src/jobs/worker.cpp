#include "core/unix_time.hpp"
#include "jobs/jobs_impl.hpp"

#include <armature/core/cancellable_wait.hpp>
#include <armature/core/error.hpp>
#include <armature/jobs/cron.hpp>
#include <armature/jobs/worker.hpp>
#include <armature/log/log.hpp>

#include <sys/epoll.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <csignal>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <thread>

namespace armature {

namespace detail {

namespace {

// What no later attempt can read either.
class BadPayload : public JobFailed {
  public:
    using JobFailed::JobFailed;
};

} // namespace

void throw_bad_payload(const JsonErrors& errors) {
    std::string why = "the payload doesn't fit";
    if (errors.syntax())
        why += ": " + errors.syntax()->detail;
    else if (!errors.values().empty())
        why += ": " + errors.values().front().pointer + ' ' + errors.values().front().detail;
    throw BadPayload{why};
}

} // namespace detail

Duration JobBackoff::after(unsigned failures, double chance) const noexcept {
    const double doubled = static_cast<double>(first.count()) *
                           std::pow(2.0, static_cast<double>(std::min(failures, 60U) - 1));
    const double whole = std::min(doubled, static_cast<double>(longest.count()));
    return Duration::milliseconds(static_cast<std::int64_t>(whole * (1.0 - jitter * chance)));
}

namespace {

void check(bool holds, const char* what) {
    if (!holds) throw std::invalid_argument{what};
}

void check(const JobWorkerOptions& options) {
    check(!options.queues.empty(), "armature: a job worker needs a queue to serve");
    for (const JobQueueOptions& queue : options.queues) {
        check(!queue.name.empty(), "armature: a queue needs a name");
        check(queue.concurrency >= 1 && queue.concurrency <= 10'000,
              "armature: a queue's concurrency is from 1 to 10,000");
        check(queue.rate == 0 || queue.period.count() > 0,
              "armature: a queue's rate needs a period");
        check(std::count_if(options.queues.begin(), options.queues.end(),
                            [&](const auto& other) { return other.name == queue.name; }) == 1,
              "armature: a worker serves each queue once");
    }
    check(options.lease.count() >= 1000, "armature: a job worker's lease is at least a second");
    check(options.poll.count() >= 10, "armature: a job worker polls every 10 ms at most");
    check(options.drain.count() >= 0, "armature: a job worker's drain can't be negative");
    const JobBackoff& backoff = options.backoff;
    check(
        backoff.first.count() >= 0 && backoff.longest.count() >= backoff.first.count() &&
            backoff.jitter >= 0 && backoff.jitter <= 1,
        "armature: a backoff's longest wait isn't below its first, and its jitter is from 0 to 1");
}

CronSchedule::Time wall_clock() {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

// The worker's own loop; it can say that the end is near, as a server's does.
class WorkerLoop final : public LocalLoop {
  public:
    using Scheduler::begin_drain;
};

struct Queue {
    JobQueueOptions options;
    unsigned running = 0;
};

} // namespace

/// All members but `handlers` and those that are atomic belong to the worker's thread while it
/// runs.
class JobWorker::Impl final : Jobs::Impl::Listener, Job, IoWatcher, Timer {
  public:
    Impl(const Jobs& jobs, JobWorkerOptions given)
        : options_(std::move(given)), jobs_(jobs), store_(jobs.impl()) {
        check(options_);
        for (const JobQueueOptions& queue : options_.queues)
            queues_.push_back({queue, 0});
        random_.seed(std::random_device{}());
    }
    ~Impl() {
        stop();
        join();
    }

    void add(std::string_view kind, detail::JobHandler handler) {
        check(!thread_.joinable(), "armature: a job worker's handlers are set before it starts");
        check(handler.timeout.count() >= 0, "armature: a job's timeout can't be negative");
        if (!handlers_.emplace(kind, std::move(handler)).second)
            throw std::invalid_argument("armature: there is a handler for '" + std::string{kind} +
                                        "' already");
    }

    void add(std::string name, const CronSchedule& schedule, NewJob job, Duration jitter,
             bool overlap) {
        check(!thread_.joinable(), "armature: a job worker's schedules are set before it starts");
        check(!name.empty() && name.size() <= 200 && name.find('\0') == name.npos,
              "armature: a schedule's name has 1 to 200 bytes, none of them NUL");
        check(jitter.count() >= 0, "armature: a schedule's jitter can't be negative");
        for (const Cron& cron : crons_)
            check(cron.name != name, "armature: a worker has each schedule once");
        crons_.push_back({std::move(name), schedule, std::move(job), jitter, overlap, {}});
    }

    void start() {
        if (thread_.joinable() || was_started_) return;
        was_started_ = true;
        store_.add(*this);
        thread_ = std::thread{[this] { work(); }};
    }
    void stop() noexcept {
        stopping_ = true;
        wake();
    }
    void join() noexcept {
        if (!thread_.joinable()) return;
        thread_.join();
        store_.remove(*this);
    }

  private:
    // One job under way.
    struct Running final : Timer {
        Running(JobWorker::Impl& of, Queue& from, LeasedJob&& leased)
            : worker(of), queue(from), job(std::move(leased)) {}
        void expired() override { cancel(CancelReason::deadline); }
        void cancel(CancelReason reason) { cancellation.request(reason); }

        JobWorker::Impl& worker;
        Queue& queue;
        LeasedJob job;
        JobContext context;
        Cancellation cancellation;
        Task<> task;
        bool is_lost = false;
        bool has_ended = false;
    };

    // Jobs that are added by the clock on the wall.
    struct Cron {
        std::string name;
        CronSchedule schedule;
        NewJob job;
        Duration jitter;
        bool overlap;
        std::optional<CronSchedule::Time> next;
    };

    void work();
    Task<> serve();
    Task<bool> add_due();
    NewJob job_of(const Cron& cron);
    [[nodiscard]] std::int64_t until_due() const;
    Task<bool> flush();
    Task<bool> extend();
    Task<bool> listen();
    Task<bool> take(Queue& queue);
    void begin(Queue& queue, LeasedJob&& job);
    void ended(Running& running);
    JobOutcome judge(Running& running);
    void store_failed(const char* doing, const std::exception& error);

    // Anything happened: look around. From any thread; `Job::run` on the loop.
    void wake() noexcept {
        const std::lock_guard lock{wake_mutex_};
        if (loop_ == nullptr || is_posted_) return;
        is_posted_ = true;
        loop_->post(*this);
    }
    void jobs_were_added() override { wake(); }
    void run() override {
        {
            const std::lock_guard lock{wake_mutex_};
            is_posted_ = false;
        }
        look_around();
    }
    void look_around() {
        is_news_ = true;
        waiting_.resume();
    }
    void expired() override { look_around(); }
    void on_events(std::uint32_t) override {
        // Level-triggered: rest until the store's thread has read what is there.
        loop_->unwatch(std::exchange(descriptor_, -1));
        must_listen_ = true;
        look_around();
    }

    const JobWorkerOptions options_;
    const Jobs jobs_;
    Jobs::Impl& store_;
    std::map<std::string, detail::JobHandler, std::less<>> handlers_;
    std::vector<Queue> queues_;
    std::vector<Cron> crons_;
    std::minstd_rand random_;

    std::thread thread_;
    bool was_started_ = false;
    std::atomic<bool> stopping_ = false;
    std::mutex wake_mutex_;
    WorkerLoop* loop_ = nullptr;
    bool is_posted_ = false;

    std::list<Running> running_;
    std::vector<Running*> done_; // whose tasks can be destroyed
    std::vector<JobOutcome> outcomes_;
    WaitSlot waiting_;
    bool is_news_ = false;
    int descriptor_ = -1; ///< readable when others added jobs
    bool must_listen_ = true;
    std::int64_t next_extend_ = 0;
    std::int64_t next_poll_ = 0;
    std::int64_t retry_store_ = 0;
    std::int64_t drain_end_ = 0;
    bool was_cancelled_ = false;
};

void JobWorker::Impl::work() {
    leave_signals_to_others();
    WorkerLoop loop;
    {
        const std::lock_guard lock{wake_mutex_};
        loop_ = &loop;
    }
    try {
        loop.run(serve());
    } catch (const std::exception& error) {
        log::critical("the job worker ended", {{"error", error.what()}});
    }
    const std::lock_guard lock{wake_mutex_};
    loop_ = nullptr;
}

// The only task that talks to the store: one call at a time.
Task<> JobWorker::Impl::serve() {
    next_extend_ = loop_->read_clock() + options_.lease.count() / 3;
    for (Cron& cron : crons_)
        cron.next = cron.schedule.next(wall_clock());
    for (;;) {
        is_news_ = false;
        const std::int64_t now = loop_->read_clock();
        if (stopping_ && drain_end_ == 0) {
            drain_end_ = now + options_.drain.count();
            loop_->begin_drain();
        }
        for (Running* running : std::exchange(done_, {}))
            running_.remove_if([&](const Running& one) { return &one == running; });
        if (drain_end_ != 0 && now >= drain_end_ && !was_cancelled_) {
            was_cancelled_ = true;
            for (Running& running : running_)
                running.cancel(CancelReason::shutdown);
            continue;
        }
        if (now >= retry_store_) {
            bool store_works = true;
            if (!outcomes_.empty()) store_works = co_await flush();
            if (store_works && now >= next_extend_ && !running_.empty())
                store_works = co_await extend();
            if (store_works && !stopping_) {
                if (must_listen_) store_works = co_await listen();
                if (store_works) store_works = co_await add_due();
                next_poll_ = loop_->read_clock() + options_.poll.count();
                for (Queue& queue : queues_)
                    store_works = store_works && co_await take(queue);
            }
        }
        if (stopping_ && running_.empty() &&
            (outcomes_.empty() || loop_->read_clock() < retry_store_))
            break;
        if (is_news_) continue;
        std::int64_t wake_at = stopping_ ? loop_->read_clock() + 1000 : next_poll_;
        if (!stopping_) wake_at = std::min(wake_at, loop_->read_clock() + until_due());
        if (!running_.empty()) wake_at = std::min(wake_at, next_extend_);
        if (drain_end_ != 0 && !was_cancelled_) wake_at = std::min(wake_at, drain_end_);
        loop_->timers().arm(*this, std::max(wake_at, retry_store_));
        co_await waiting_.wait();
    }
    TimerQueue::disarm(*this);
    if (descriptor_ >= 0) loop_->unwatch(descriptor_);
}

// False: the store failed; what wasn't stored waits for another try.
Task<bool> JobWorker::Impl::flush() {
    try {
        // What ends meanwhile is for the next time.
        const std::vector<JobOutcome> outcomes = std::exchange(outcomes_, {});
        bool was_stored = false;
        auto finish = [&outcomes, &was_stored](JobStore& store) {
            store.finish(outcomes);
            was_stored = true;
        };
        std::exception_ptr error;
        try {
            co_await store_.call(std::move(finish));
        } catch (...) {
            error = std::current_exception();
        }
        if (!was_stored) outcomes_.insert(outcomes_.begin(), outcomes.begin(), outcomes.end());
        if (error) std::rethrow_exception(error);
    } catch (const std::exception& error) {
        store_failed("store how jobs ended", error);
        co_return false;
    }
    co_return true;
}

Task<bool> JobWorker::Impl::extend() {
    std::vector<JobHold> holds;
    for (const Running& running : running_)
        if (!running.has_ended) holds.push_back({running.job.id, running.job.fence});
    try {
        auto extend = [&holds, this](JobStore& store) {
            return store.extend(holds, options_.lease);
        };
        const std::vector<JobHold> lost = co_await store_.call(std::move(extend));
        next_extend_ = loop_->read_clock() + options_.lease.count() / 3;
        for (const JobHold& hold : lost) {
            for (Running& running : running_) {
                if (running.job.id != hold.id || running.job.fence != hold.fence) continue;
                if (running.has_ended) continue;
                running.is_lost = true;
                running.cancel(CancelReason::shutdown);
            }
        }
    } catch (const std::exception& error) {
        store_failed("extend leases", error);
        co_return false;
    }
    co_return true;
}

Task<bool> JobWorker::Impl::listen() {
    try {
        auto listen = [](JobStore& store) { return store.listen(); };
        descriptor_ = co_await store_.call(std::move(listen));
        must_listen_ = false;
        if (descriptor_ >= 0) loop_->watch(descriptor_, EPOLLIN, *this);
    } catch (const std::exception& error) {
        store_failed("listen for jobs", error);
        co_return false;
    }
    co_return true;
}

std::int64_t JobWorker::Impl::until_due() const {
    // Looked at again soon enough to notice that the clock on the wall was set.
    std::int64_t wait = 60'000;
    const std::int64_t now = unix_milliseconds();
    for (const Cron& cron : crons_)
        if (cron.next) wait = std::min(wait, cron.next->time_since_epoch().count() * 1000 - now);
    return std::max<std::int64_t>(wait, 0);
}

NewJob JobWorker::Impl::job_of(const Cron& cron) {
    // Longer than the clocks of machines are apart, and than one may be late.
    constexpr auto window = std::chrono::hours{1};
    NewJob job = cron.job;
    job.id = Uuid::v7();
    const std::int64_t time = cron.next->time_since_epoch().count();
    std::uniform_int_distribution<std::int64_t> jitter{0, cron.jitter.count()};
    job.at = time * 1000 + jitter(random_);
    job.keys.push_back({"cron/" + cron.name + '/' + std::to_string(time), window});
    if (!cron.overlap) job.keys.push_back({"cron/" + cron.name, {}});
    return job;
}

Task<bool> JobWorker::Impl::add_due() {
    constexpr auto too_late = std::chrono::minutes{10}; // the process or the machine was asleep
    try {
        for (Cron& cron : crons_) {
            const CronSchedule::Time now = wall_clock();
            if (!cron.next || *cron.next > now) continue;
            if (now - *cron.next < too_late) {
                const NewJob job = job_of(cron);
                auto insert = [&job](JobStore& store) { return store.insert(job); };
                const bool is_new = co_await store_.call(std::move(insert));
                if (is_new) store_.notify();
            }
            cron.next = cron.schedule.next(std::max(now, *cron.next));
        }
    } catch (const std::exception& error) {
        store_failed("add the jobs of a schedule", error);
        co_return false;
    }
    co_return true;
}

Task<bool> JobWorker::Impl::take(Queue& queue) {
    if (queue.running >= queue.options.concurrency) co_return true;
    JobRequest request;
    request.queue = queue.options.name;
    request.count = queue.options.concurrency - queue.running;
    request.lease = options_.lease;
    request.total = queue.options.total_concurrency;
    request.rate = queue.options.rate;
    request.period = queue.options.period;
    try {
        auto lease = [&request](JobStore& store) { return store.lease(request); };
        std::vector<LeasedJob> jobs = co_await store_.call(std::move(lease));
        if (running_.empty()) next_extend_ = loop_->read_clock() + options_.lease.count() / 3;
        for (LeasedJob& job : jobs)
            begin(queue, std::move(job));
    } catch (const std::exception& error) {
        store_failed("take jobs", error);
        co_return false;
    }
    co_return true;
}

void JobWorker::Impl::begin(Queue& queue, LeasedJob&& job) {
    Running& running = running_.emplace_back(*this, queue, std::move(job));
    ++queue.running;
    running.context.id = running.job.id;
    running.context.attempt = running.job.attempt;
    running.context.attempts = running.job.attempts;
    const auto handler = handlers_.find(running.job.kind);
    if (handler == handlers_.end()) {
        // Another version of the program may have one.
        running.task = [](std::string kind) -> Task<> {
            throw std::runtime_error("this worker has no handler for '" + kind + "'");
            co_return;
        }(running.job.kind);
    } else {
        const detail::JobHandler& found = handler->second;
        running.task = found.run(found.object.get(), running.job, running.context);
        if (found.timeout)
            loop_->timers().arm(running, loop_->read_clock() + found.timeout.count());
    }
    const auto done = [](void* self) {
        auto& ended = *static_cast<Running*>(self);
        ended.worker.ended(ended);
    };
    if (running.task.start(done, &running, &running.cancellation)) ended(running);
}

void JobWorker::Impl::ended(Running& running) {
    TimerQueue::disarm(running);
    running.has_ended = true;
    --running.queue.running;
    JobOutcome outcome = judge(running);
    if (!running.is_lost) outcomes_.push_back(std::move(outcome));
    done_.push_back(&running);
    is_news_ = true;
    loop_->timers().arm(*this, loop_->now());
}

JobOutcome JobWorker::Impl::judge(Running& running) {
    const LeasedJob& job = running.job;
    JobOutcome outcome;
    outcome.hold = {job.id, job.fence};
    outcome.end = JobOutcome::End::retry;
    outcome.delay = options_.backoff.after(
        job.attempt, std::uniform_real_distribution<double>{0.0, 1.0}(random_));
    try {
        running.task.take_result();
        outcome.end = JobOutcome::End::done;
        return outcome;
    } catch (const JobRetry& retry) {
        outcome.delay = std::max(retry.after(), Duration{});
        outcome.error = retry.what();
    } catch (const JobFailed& failed) {
        outcome.end = JobOutcome::End::dead;
        outcome.error = failed.what();
    } catch (const Cancelled& cancelled) {
        if (cancelled.reason() == CancelReason::shutdown) {
            outcome.end = JobOutcome::End::released;
            outcome.delay = {};
            return outcome;
        }
        outcome.error = "it took too long";
    } catch (const std::exception& error) {
        outcome.error = error.what();
    } catch (...) {
        outcome.error = "it threw something";
    }
    constexpr std::size_t longest_error = 2000;
    if (outcome.error.size() > longest_error) outcome.error.resize(longest_error);
    if (job.attempt >= job.attempts) outcome.end = JobOutcome::End::dead;
    const bool is_dead = outcome.end == JobOutcome::End::dead;
    log::write(is_dead ? log::Level::error : log::Level::warn,
               is_dead ? "a job is dead" : "a job failed",
               {{"kind", job.kind},
                {"id", job.id.to_string()},
                {"attempt", job.attempt},
                {"error", outcome.error}});
    return outcome;
}

void JobWorker::Impl::store_failed(const char* doing, const std::exception& error) {
    retry_store_ = loop_->read_clock() + 1000;
    log::warn("the job store failed",
              {{"doing", doing}, {"error", static_cast<const char*>(error.what())}});
}

// --- the handle -------------------------------------------------------------------------------

JobWorker::JobWorker(const Jobs& jobs, JobWorkerOptions options)
    : impl_(std::make_unique<Impl>(jobs, std::move(options))) {}
JobWorker::~JobWorker() = default;

void JobWorker::add(std::string_view kind, detail::JobHandler handler) {
    impl_->add(kind, std::move(handler));
}
void JobWorker::add(std::string name, const CronSchedule& schedule, NewJob job, Duration jitter,
                    bool overlap) {
    impl_->add(std::move(name), schedule, std::move(job), jitter, overlap);
}
void JobWorker::start() { impl_->start(); }
void JobWorker::stop() noexcept { impl_->stop(); }
void JobWorker::join() noexcept { impl_->join(); }

int JobWorker::run() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigset_t before;
    pthread_sigmask(SIG_BLOCK, &signals, &before);
    start();
    int signal = 0;
    sigwait(&signals, &signal);
    stop();
    join();
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return 0;
}

} // namespace armature
