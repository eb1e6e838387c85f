#pragma once

#include <armature/core/scheduler.hpp>
#include <armature/jobs/store.hpp>
#include <armature/json/write.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace armature {

/// When and how a job is done; every member has a default.
///
///     JobOptions{}.queue("mail").delay(5min).unique("welcome/7")
class JobOptions {
  public:
    JobOptions() noexcept {} // NOLINT: no aggregate, so that it is safe beside co_await on g++ 12

    /// Which queue; "default" unless given.
    JobOptions&& queue(std::string name) && {
        queue_ = std::move(name);
        return std::move(*this);
    }
    /// Higher ones come first; 0 unless given; from -1000 to 1000.
    JobOptions&& priority(int priority) && {
        priority_ = priority;
        return std::move(*this);
    }
    /// Not before that much time has passed.
    JobOptions&& delay(Duration delay) && {
        delay_ = delay;
        return std::move(*this);
    }
    /// Not before this time: a time point of the system clock, or one like it.
    template <class TimePoint>
        requires requires(TimePoint time) { Duration{time.time_since_epoch()}; }
    JobOptions&& at(TimePoint time) && {
        at_ = Duration{time.time_since_epoch()}.count();
        return std::move(*this);
    }
    /// How often it is tried until it is dead; 25 unless given, which with the usual waits is about
    /// a day; from 1 to 1000.
    JobOptions&& attempts(unsigned count) && {
        attempts_ = count;
        return std::move(*this);
    }
    /// Leaves the job out while there is one with this key: until that one succeeded, died or was
    /// removed, or for `window` from when it was added. Keys are shared by all queues. May be given
    /// several times: each must be free.
    JobOptions&& unique(std::string key, Duration window = {}) && {
        keys_.push_back({std::move(key), window});
        return std::move(*this);
    }

  private:
    friend class Jobs;
    std::string queue_ = "default";
    std::vector<JobKey> keys_;
    std::int64_t at_ = 0;
    Duration delay_;
    int priority_ = 0;
    unsigned attempts_ = 25;
};

/// What became of a job that was to be added.
struct Enqueued {
    Uuid id;
    bool is_new = true; ///< false: another has its key, and it was left out
};

namespace detail {

template <class Payload>
concept JobPayload = requires {
    { Payload::kind } -> std::convertible_to<std::string_view>;
};

} // namespace detail

/// Adds jobs to a store and looks after them. A handle: copies are the same.
///
///     struct Welcome {
///         static constexpr std::string_view kind = "welcome"; // its name in the store
///         std::string email;
///     };
///     ARMATURE_DESCRIBE(Welcome, email);
///
///     Jobs jobs{sqlite_jobs("jobs.db")};
///     const Welcome welcome{"ada@example.com"};
///     co_await jobs.enqueue(welcome);
///
/// A payload is a described struct; JSON in the store. With g++ 12 name it before the `co_await`,
/// as above: that compiler destroys an aggregate temporary beside one twice.
///
/// The store has a thread of its own, so no event loop waits for a disk or a server. Every function
/// here throws `JobStoreError` when the store fails, and `Error` 503 when 4,096 calls wait for it.
///
/// Threads: any. Those that return a Task need an event loop; the others block.
class Jobs {
  public:
    /// Throws std::invalid_argument without a store.
    explicit Jobs(std::unique_ptr<JobStore> store);

    /// Adds a job: when the await is over it is stored durably. Throws std::invalid_argument for
    /// options out of bounds.
    template <class Payload>
    [[nodiscard]] Task<Enqueued> enqueue(const Payload& payload, JobOptions options = {}) const {
        return add(make(payload, std::move(options)));
    }
    /// The same for a thread without an event loop; it blocks.
    template <class Payload>
    Enqueued enqueue_blocking(const Payload& payload, JobOptions options = {}) const {
        return add_blocking(make(payload, std::move(options)));
    }

    [[nodiscard]] Task<JobCounts> counts(std::string queue = "default") const;
    /// Jobs that failed for good, the latest first.
    [[nodiscard]] Task<std::vector<DeadJob>> dead(std::string queue = "default",
                                                  unsigned limit = 100) const;
    /// Has a dead job tried again, with all its attempts. False: there is no such dead job.
    [[nodiscard]] Task<bool> replay(Uuid id) const;
    /// Forgets a job that waits or is dead. False: there is none, or it runs.
    [[nodiscard]] Task<bool> remove(Uuid id) const;

    /// Has the workers of this process look for jobs now: after a transaction that added some.
    void wake() const;

    /// A job as it would be stored, for a transaction of your own; see `enqueue_in`.
    template <class Payload>
    [[nodiscard]] static NewJob make(const Payload& payload, JobOptions options = {}) {
        static_assert(detail::JobPayload<Payload>,
                      "armature: a job's payload is a described struct with a name: static "
                      "constexpr std::string_view kind = \"…\"");
        return make(Payload::kind, to_json(payload), std::move(options));
    }

    class Impl; // inside of the library only
    [[nodiscard]] Impl& impl() const noexcept { return *impl_; }

  private:
    [[nodiscard]] static NewJob make(std::string_view kind, std::string payload,
                                     JobOptions&& options);
    [[nodiscard]] Task<Enqueued> add(NewJob job) const;
    Enqueued add_blocking(NewJob job) const;

    std::shared_ptr<Impl> impl_;
};

} // namespace armature
