#pragma once

#include <armature/core/duration.hpp>
#include <armature/core/uuid.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace armature {

/// Keeps a second job with the same text out.
struct JobKey {
    std::string text;
    /// How long, from the moment the job is added; zero: until it succeeded, died or was removed.
    Duration window;
};

/// A job that isn't stored yet.
struct NewJob {
    Uuid id;
    std::string queue;
    std::string kind;
    std::string payload;    ///< JSON
    int priority = 0;       ///< higher ones first
    Duration delay;         ///< from now
    std::int64_t at = 0;    ///< milliseconds since 1970 in UTC; 0: now. Then `delay` is added.
    unsigned attempts = 25; ///< until it is dead
    std::vector<JobKey> keys;
};

/// A job as somebody holds it: nobody else gets it until its lease runs out.
struct LeasedJob {
    Uuid id;
    std::uint64_t fence = 0; ///< which lease of this job it is
    std::string kind;
    std::string payload;
    unsigned attempt = 1; ///< this one, from 1
    unsigned attempts = 1;
};

/// What a worker asks a queue for.
struct JobRequest {
    std::string queue;
    unsigned count = 1; ///< at most that many
    Duration lease;
    unsigned total = 0; ///< may be held at a time by all workers together; 0: any number
    unsigned rate = 0;  ///< may begin in each `period`; 0: any number
    Duration period;    ///< not zero when `rate` isn't
};

/// Which lease of which job.
struct JobHold {
    Uuid id;
    std::uint64_t fence = 0;
};

/// How a held job ended. Of a lease that was lost nothing is stored.
struct JobOutcome {
    enum class End : std::uint8_t {
        done,     ///< forget it
        retry,    ///< again after `delay`
        dead,     ///< keep it, for people to look at
        released, ///< give it to another: this attempt doesn't count
    };
    JobHold hold;
    End end = End::done;
    Duration delay;
    std::string error; ///< of `retry` and `dead`
};

/// A job that nobody tries any more.
struct DeadJob {
    Uuid id;
    std::string queue;
    std::string kind;
    std::string payload;
    std::string error;
    unsigned attempt = 0;
    std::int64_t died = 0; ///< milliseconds since 1970 in UTC
};

/// How many jobs of a queue are in which state.
struct JobCounts {
    std::uint64_t waiting = 0; ///< also those whose time hasn't come
    std::uint64_t running = 0;
    std::uint64_t dead = 0;
};

/// The store can't be reached, or refuses. What was to be done may be done or not.
class JobStoreError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Where jobs are kept. `sqlite_jobs`, `postgres_jobs` and `redis_jobs` make one; a store of your
/// own needs these functions. `Jobs` calls them from a single thread, so they may block and need
/// no lock. Several processes use the same jobs at once, so each function is one transaction; it
/// throws `JobStoreError`, and after that it is called again later. The store's clock counts, not
/// the workers'.
class JobStore {
  public:
    JobStore() noexcept = default;
    JobStore(const JobStore&) = delete;
    JobStore& operator=(const JobStore&) = delete;
    virtual ~JobStore();

    /// Adds the job, unless a key of it is taken or its id is there: then it returns false.
    [[nodiscard]] virtual bool insert(const NewJob& job) = 0;
    /// Gives waiting jobs whose time has come, those of the highest priority first, then the oldest
    /// first. Jobs whose lease ran out count as waiting, or die if that was their last attempt.
    [[nodiscard]] virtual std::vector<LeasedJob> lease(const JobRequest& request) = 0;
    /// Has leases run out `lease` from now. Returns those that were lost.
    [[nodiscard]] virtual std::vector<JobHold> extend(std::span<const JobHold> holds,
                                                      Duration lease) = 0;
    virtual void finish(std::span<const JobOutcome> outcomes) = 0;

    [[nodiscard]] virtual JobCounts counts(std::string_view queue) = 0;
    /// The dead of a queue, the latest first.
    [[nodiscard]] virtual std::vector<DeadJob> dead(std::string_view queue, unsigned limit) = 0;
    /// Has a dead job wait again, with all its attempts. False: there is no such dead job.
    [[nodiscard]] virtual bool replay(const Uuid& id) = 0;
    /// Forgets a job that waits or is dead. False: there is none, or it runs.
    [[nodiscard]] virtual bool remove(const Uuid& id) = 0;

    /// A descriptor that becomes readable when others added jobs; -1: ask now and then. It is asked
    /// for when a worker begins, and again after each time it became readable: then what made it so
    /// has to be read.
    [[nodiscard]] virtual int listen() { return -1; }
};

} // namespace armature
