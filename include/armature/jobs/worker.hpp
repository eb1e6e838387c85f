#pragma once

#include <armature/core/cancellation.hpp>
#include <armature/jobs/jobs.hpp>
#include <armature/json/read.hpp>

#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace armature {

/// Thrown by a handler: trying again is of no use, the job is dead.
class JobFailed : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Thrown by a handler: try again, but after this long instead of the usual wait.
class JobRetry : public std::runtime_error {
  public:
    JobRetry(Duration after, const std::string& why) : std::runtime_error(why), after_(after) {}
    [[nodiscard]] Duration after() const noexcept { return after_; }

  private:
    Duration after_;
};

/// What a handler may know of the job besides its payload.
struct JobContext {
    /// The same in every attempt: what `exactly_once` takes.
    Uuid id;
    unsigned attempt = 1; ///< from 1
    unsigned attempts = 1;
    [[nodiscard]] bool is_last() const noexcept { return attempt >= attempts; }
};

/// How long to wait before another attempt: `first`, twice that, and so on up to `longest`, each
/// time shorter by up to `jitter` of it, by chance.
struct JobBackoff {
    Duration first = Duration::seconds(1);
    Duration longest = Duration::seconds(2 * 60 * 60);
    double jitter = 0.5; ///< from 0 to 1

    /// After that many failed attempts. `chance` is from 0 to 1.
    [[nodiscard]] Duration after(unsigned failures, double chance) const noexcept;
};

/// One queue that a worker serves.
struct JobQueueOptions {
    std::string name = "default";
    /// How many of its jobs this worker does at a time; from 1 to 10,000.
    unsigned concurrency = 10;
    /// How many all workers together may do at a time; 0: any number.
    unsigned total_concurrency = 0;
    /// How many all workers together may begin in each `period`, evenly; 0: any number.
    unsigned rate = 0;
    Duration period = Duration::seconds(1);
};

struct JobWorkerOptions {
    /// Served in this order.
    std::vector<JobQueueOptions> queues = {{}};
    /// After a worker was killed its jobs come to another this much later; at least 1 s. A living
    /// worker extends its leases three times as often.
    Duration lease = Duration::seconds(30);
    /// How often the store is asked for jobs that nothing announced; at least 10 ms.
    Duration poll = Duration::milliseconds(500);
    /// How long a shutdown waits for jobs under way. Then coroutines are cancelled and their jobs
    /// given back.
    Duration drain = Duration::seconds(20);
    JobBackoff backoff{};
};

class CronSchedule;

/// How jobs of a time-table are added.
struct JobCronOptions {
    /// Each run comes later by up to this, by chance.
    Duration jitter{};
    /// A run is left out while the job of an earlier one waits or runs. True: it isn't.
    bool overlap = false;
    JobOptions job{};
};

/// How the jobs of one kind are done.
struct JobHandlerOptions {
    /// Then a coroutine is cancelled, which counts as a failure; zero: never. A blocking function
    /// can't be ended.
    Duration timeout{};
};

namespace detail {

struct JobHandler {
    Task<> (*run)(const void* handler, const LeasedJob& job, const JobContext& context) = nullptr;
    std::shared_ptr<const void> object;
    Duration timeout;
};

[[noreturn]] void throw_bad_payload(const JsonErrors& errors);

template <class Payload>
Payload read_payload(std::string_view text) {
    Payload payload{};
    JsonErrors errors;
    if (read_json(text, payload, errors) != JsonStatus::ok) throw_bad_payload(errors);
    return payload;
}

template <class Handler, class Payload>
decltype(auto) call_handler(const Handler& handler, const Payload& payload,
                            const JobContext& context) {
    if constexpr (std::is_invocable_v<const Handler&, const Payload&, const JobContext&>)
        return handler(payload, context);
    else
        return handler(payload);
}

template <class Payload, class Handler>
Task<> run_job(const void* object, const LeasedJob& job, const JobContext& context) {
    const auto& handler = *static_cast<const Handler*>(object);
    const Payload payload = read_payload<Payload>(job.payload);
    using Result = decltype(call_handler(handler, payload, context));
    if constexpr (std::is_same_v<Result, Task<>>) {
        co_await call_handler(handler, payload, context);
    } else {
        // The worker never destroys a task that hasn't ended, so the frame outlives the function.
        bool ended = false;
        std::exception_ptr error;
        auto work = [&] {
            try {
                call_handler(handler, payload, context);
            } catch (...) {
                error = std::current_exception();
            }
            ended = true;
        };
        try {
            co_await blocking(std::move(work));
        } catch (const Cancelled&) {
            if (!ended) throw; // it did its work, whatever was cancelled meanwhile
        }
        if (error) std::rethrow_exception(error);
    }
}

} // namespace detail

/// Does jobs: in a thread of its own with an event loop, beside a server or in a program of its
/// own.
///
///     JobWorker worker{jobs};
///     worker.on<Welcome>([&](const Welcome& welcome) -> Task<> { co_await …; });
///     worker.on<Report>([&](const Report& report, const JobContext& job) { … });  // may block
///     return worker.run();    // its own program; or provide it to an App, or start() and stop()
///
/// A handler is a coroutine, which runs on the worker's loop and mustn't block it, or a function,
/// which runs on the pool of `blocking`. It is called again, in another process perhaps, until it
/// returns: **at least once** for each job. What it throws is a failure: the job is tried again
/// later, until its attempts are used up; then it is dead. What can't be read as the payload is
/// dead at once. `exactly_once` makes what it does to a database happen once.
///
/// As a service of an App (`provide_value(std::shared_ptr<JobWorker>)`) it starts with the server,
/// takes no more jobs once the shutdown begins, and finishes what is under way.
///
/// Threads: `on` and `cron` before it starts; `stop` from any.
class JobWorker {
  public:
    /// Throws std::invalid_argument for options out of bounds.
    explicit JobWorker(const Jobs& jobs, JobWorkerOptions options = {});
    JobWorker(const JobWorker&) = delete;
    JobWorker& operator=(const JobWorker&) = delete;
    /// Stops it, and waits.
    ~JobWorker();

    /// Does the jobs of a kind. Throws std::invalid_argument if there is a handler already.
    template <class Payload, class Handler>
    JobWorker& on(Handler handler, JobHandlerOptions options = {}) {
        constexpr bool takes_context =
            std::is_invocable_v<const Handler&, const Payload&, const JobContext&>;
        static_assert(detail::JobPayload<Payload>,
                      "armature: a job's payload is a described struct with a name: static "
                      "constexpr std::string_view kind = \"…\"");
        static_assert(takes_context || std::is_invocable_v<const Handler&, const Payload&>,
                      "armature: a job's handler takes (const Payload&) or (const Payload&, const "
                      "JobContext&), and can be called while it is const");
        if constexpr (takes_context || std::is_invocable_v<const Handler&, const Payload&>) {
            using Result = decltype(detail::call_handler(std::declval<const Handler&>(),
                                                         std::declval<const Payload&>(),
                                                         std::declval<const JobContext&>()));
            static_assert(std::is_void_v<Result> || std::is_same_v<Result, Task<>>,
                          "armature: a job's handler returns void, or Task<>");
            if constexpr (std::is_void_v<Result> || std::is_same_v<Result, Task<>>)
                add(Payload::kind,
                    {&detail::run_job<Payload, Handler>,
                     std::make_shared<const Handler>(std::move(handler)), options.timeout});
        }
        return *this;
    }

    /// Adds a job at each time of a schedule: once, however many workers have it, for the store
    /// decides. `name` is the schedule's in the store; give it the same in all of them. Times that
    /// pass while no worker runs are left out. Needs <armature/jobs/cron.hpp>.
    ///
    ///     worker.cron("report", CronSchedule{"0 3 * * *", {.name = "Europe/Berlin"}}, Report{});
    ///
    /// Throws std::invalid_argument for a name that is there already, or isn't one.
    template <class Payload>
    JobWorker& cron(std::string name, const CronSchedule& schedule, const Payload& payload,
                    JobCronOptions options = {}) {
        add(std::move(name), schedule, Jobs::make(payload, std::move(options.job)), options.jitter,
            options.overlap);
        return *this;
    }

    /// Begins in a thread of its own. For the second time it does nothing.
    void start();
    /// Takes no more jobs, and lets those under way end. Returns at once.
    void stop() noexcept;
    /// Waits for the end of what `stop` began.
    void join() noexcept;
    /// A program of its own: works until SIGTERM or SIGINT, then drains. Returns 0. Call it before
    /// other threads exist, or block both signals in them.
    int run();

    // The lifecycle of an App; see docs/dependency-injection.md.
    void on_application_bootstrap() { start(); }
    void before_application_shutdown(std::string_view) noexcept { stop(); }
    void on_application_shutdown(std::string_view) noexcept { join(); }

    class Impl; // inside of the library only

  private:
    void add(std::string_view kind, detail::JobHandler handler);
    void add(std::string name, const CronSchedule& schedule, NewJob job, Duration jitter,
             bool overlap);

    std::unique_ptr<Impl> impl_;
};

} // namespace armature
