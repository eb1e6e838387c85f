#include "core/unix_time.hpp"
#include "jobs/rate.hpp"
#include "jobs/sqlite_database.hpp"

#include <armature/jobs/sqlite.hpp>

#include <algorithm>
#include <tuple>
#include <utility>

namespace armature {

namespace {

using jobs::execute;
using jobs::Statement;
using jobs::Transaction;

// state: 0 waits, 1 runs, 2 is dead. Times are milliseconds since 1970.
constexpr const char* schema = R"(
CREATE TABLE IF NOT EXISTS armature_jobs (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    queue TEXT NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    state INTEGER NOT NULL DEFAULT 0,
    priority INTEGER NOT NULL,
    run_at INTEGER NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL,
    fence INTEGER NOT NULL DEFAULT 0,
    lease_until INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    died INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX IF NOT EXISTS armature_jobs_waiting
    ON armature_jobs (queue, priority DESC, run_at, seq) WHERE state = 0;
CREATE INDEX IF NOT EXISTS armature_jobs_running ON armature_jobs (queue, lease_until)
    WHERE state = 1;
CREATE INDEX IF NOT EXISTS armature_jobs_dead ON armature_jobs (queue, died) WHERE state = 2;
CREATE TABLE IF NOT EXISTS armature_job_keys (
    text TEXT PRIMARY KEY,
    job TEXT NOT NULL,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS armature_job_keys_of ON armature_job_keys (job);
CREATE INDEX IF NOT EXISTS armature_job_keys_until ON armature_job_keys (until) WHERE until > 0;
CREATE TABLE IF NOT EXISTS armature_job_rates (
    queue TEXT PRIMARY KEY,
    next INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)";

constexpr const char* effect_schema = R"(
CREATE TABLE IF NOT EXISTS armature_job_effects (
    job TEXT NOT NULL,
    name TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (job, name)
) STRICT, WITHOUT ROWID;
)";

// What adds a job, prepared for one connection. A transaction is open, or each statement is one.
struct Insertion {
    explicit Insertion(sqlite3* db)
        : free_keys(db, "DELETE FROM armature_job_keys WHERE until > 0 AND until <= ?"),
          find_key(db, "SELECT 1 FROM armature_job_keys WHERE text = ?"),
          take_key(db, "INSERT INTO armature_job_keys (text, job, until) VALUES (?, ?, ?)"),
          insert(db, "INSERT INTO armature_jobs (id, queue, kind, payload, priority, run_at, "
                     "attempts) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING") {}

    bool run(const NewJob& job) {
        const std::int64_t now = unix_milliseconds();
        if (!job.keys.empty()) free_keys.run(now);
        for (const JobKey& key : job.keys)
            if (find_key.number(0, std::string_view{key.text}) != 0) return false;
        const std::int64_t run_at = (job.at != 0 ? job.at : now) + job.delay.count();
        if (insert.run(job.id, std::string_view{job.queue}, std::string_view{job.kind},
                       std::string_view{job.payload}, std::int64_t{job.priority}, run_at,
                       std::int64_t{job.attempts}) == 0)
            return false;
        for (const JobKey& key : job.keys)
            take_key.run(std::string_view{key.text}, job.id,
                         key.window ? now + key.window.count() : std::int64_t{0});
        return true;
    }

    Statement free_keys, find_key, take_key, insert;
};

class SqliteJobStore final : public JobStore {
  public:
    explicit SqliteJobStore(const std::string& path)
        : connection_(path, sqlite::Durability::each_commit, schema), all_(connection_.get()) {}

    bool insert(const NewJob& job) override {
        Transaction transaction{connection_.get()};
        const bool is_new = all_.insertion.run(job);
        transaction.commit();
        return is_new;
    }

    std::vector<LeasedJob> lease(const JobRequest& request) override {
        const std::int64_t now = unix_milliseconds();
        // A queue with nothing to do is only read, so that idle workers don't lock each other out.
        const std::string_view queue = request.queue;
        if (all_.is_anything.number(0, queue, now, queue, now) == 0) return {};
        Transaction transaction{connection_.get()};
        all_.free_dead_keys.run(queue, now);
        all_.bury_lost.run(now, queue, now);
        all_.wake_lost.run(queue, now);
        std::int64_t count = request.count;
        if (request.total != 0)
            count = std::min(count, request.total - all_.count_running.number(0, queue));
        const std::int64_t next = std::max(now, all_.read_rate.number(0, queue));
        if (request.rate != 0) count = std::min(count, jobs::rate_allows(request, now, next));
        std::vector<Taken> taken;
        if (count > 0) taken = take(queue, now, now + request.lease.count(), count);
        if (request.rate != 0 && !taken.empty())
            all_.write_rate.run(queue, next + jobs::rate_spacing(request, taken.size()));
        transaction.commit();
        std::vector<LeasedJob> jobs;
        for (Taken& one : taken)
            jobs.push_back(std::move(one.second));
        return jobs;
    }

    std::vector<JobHold> extend(std::span<const JobHold> holds, Duration lease) override {
        std::vector<JobHold> lost;
        Transaction transaction{connection_.get()};
        const std::int64_t until = unix_milliseconds() + lease.count();
        for (const JobHold& hold : holds)
            if (all_.extend.run(until, hold.id, static_cast<std::int64_t>(hold.fence)) == 0)
                lost.push_back(hold);
        transaction.commit();
        return lost;
    }

    void finish(std::span<const JobOutcome> outcomes) override {
        Transaction transaction{connection_.get()};
        for (const JobOutcome& outcome : outcomes)
            finish(outcome);
        transaction.commit();
    }

    JobCounts counts(std::string_view queue) override {
        JobCounts counts;
        for (all_.counts.bind(queue); all_.counts.step();) {
            const auto count = static_cast<std::uint64_t>(all_.counts.integer(1));
            switch (all_.counts.integer(0)) {
            case 0:
                counts.waiting = count;
                break;
            case 1:
                counts.running = count;
                break;
            default:
                counts.dead = count;
            }
        }
        return counts;
    }

    std::vector<DeadJob> dead(std::string_view queue, unsigned limit) override {
        std::vector<DeadJob> jobs;
        for (all_.dead.bind(queue, std::int64_t{limit}); all_.dead.step();) {
            DeadJob job;
            job.id = all_.dead.uuid(0);
            job.queue = queue;
            job.kind = all_.dead.text(1);
            job.payload = all_.dead.text(2);
            job.error = all_.dead.text(3);
            job.attempt = static_cast<unsigned>(all_.dead.integer(4));
            job.died = all_.dead.integer(5);
            jobs.push_back(std::move(job));
        }
        return jobs;
    }

    bool replay(const Uuid& id) override { return all_.replay.run(unix_milliseconds(), id) != 0; }

    bool remove(const Uuid& id) override {
        Transaction transaction{connection_.get()};
        const bool was_there = all_.remove.run(id) != 0;
        if (was_there) all_.free_keys.run(id);
        transaction.commit();
        return was_there;
    }

  private:
    // With what it is ordered by.
    using Taken = std::pair<std::tuple<std::int64_t, std::int64_t, std::int64_t>, LeasedJob>;

    std::vector<Taken> take(std::string_view queue, std::int64_t now, std::int64_t until,
                            std::int64_t count) {
        std::vector<Taken> taken;
        Statement& row = all_.take;
        for (row.bind(until, queue, now, count); row.step();) {
            LeasedJob job;
            job.id = row.uuid(0);
            job.fence = static_cast<std::uint64_t>(row.integer(1));
            job.kind = row.text(2);
            job.payload = row.text(3);
            job.attempt = static_cast<unsigned>(row.integer(4));
            job.attempts = static_cast<unsigned>(row.integer(5));
            taken.emplace_back(std::tuple{-row.integer(6), row.integer(7), row.integer(8)},
                               std::move(job));
        }
        // RETURNING promises no order.
        std::sort(taken.begin(), taken.end(),
                  [](const Taken& a, const Taken& b) { return a.first < b.first; });
        return taken;
    }

    void finish(const JobOutcome& outcome) {
        const Uuid& id = outcome.hold.id;
        const auto fence = static_cast<std::int64_t>(outcome.hold.fence);
        const std::int64_t now = unix_milliseconds();
        switch (outcome.end) {
        case JobOutcome::End::done:
            if (all_.forget.run(id, fence) != 0) all_.free_keys.run(id);
            break;
        case JobOutcome::End::retry:
            all_.retry.run(now + outcome.delay.count(), std::string_view{outcome.error},
                           std::int64_t{0}, id, fence);
            break;
        case JobOutcome::End::dead:
            if (all_.bury.run(now, std::string_view{outcome.error}, id, fence) != 0)
                all_.free_keys.run(id);
            break;
        case JobOutcome::End::released:
            all_.retry.run(now + outcome.delay.count(), std::string_view{outcome.error},
                           std::int64_t{1}, id, fence);
            break;
        }
    }

    struct Statements {
        explicit Statements(sqlite3* db)
            : insertion(db),
              is_anything(db, "SELECT EXISTS (SELECT 1 FROM armature_jobs WHERE state = 0 AND "
                              "queue = ? AND run_at <= ?) OR EXISTS (SELECT 1 FROM armature_jobs "
                              "WHERE state = 1 AND queue = ? AND lease_until <= ?)"),
              free_dead_keys(db, "DELETE FROM armature_job_keys WHERE until = 0 AND job IN (SELECT "
                                 "id FROM armature_jobs WHERE state = 1 AND queue = ? AND "
                                 "lease_until <= ? AND attempt >= attempts)"),
              bury_lost(db, "UPDATE armature_jobs SET state = 2, died = ?, error = 'its worker was "
                            "lost' WHERE state = 1 AND queue = ? AND lease_until <= ? AND attempt "
                            ">= attempts"),
              wake_lost(db, "UPDATE armature_jobs SET state = 0 WHERE state = 1 AND queue = ? AND "
                            "lease_until <= ?"),
              count_running(db, "SELECT count(*) FROM armature_jobs WHERE state = 1 AND queue = ?"),
              read_rate(db, "SELECT next FROM armature_job_rates WHERE queue = ?"),
              write_rate(db, "INSERT INTO armature_job_rates (queue, next) VALUES (?, ?) ON "
                             "CONFLICT (queue) DO UPDATE SET next = excluded.next"),
              take(db, "UPDATE armature_jobs SET state = 1, attempt = attempt + 1, fence = fence + "
                       "1, lease_until = ? WHERE seq IN (SELECT seq FROM armature_jobs WHERE state "
                       "= 0 AND queue = ? AND run_at <= ? ORDER BY priority DESC, run_at, seq "
                       "LIMIT ?) RETURNING id, fence, kind, payload, attempt, attempts, priority, "
                       "run_at, seq"),
              extend(db, "UPDATE armature_jobs SET lease_until = ? WHERE id = ? AND fence = ? AND "
                         "state = 1"),
              forget(db, "DELETE FROM armature_jobs WHERE id = ? AND fence = ? AND state = 1"),
              retry(db, "UPDATE armature_jobs SET state = 0, run_at = ?, error = ?, attempt = "
                        "attempt - ? WHERE id = ? AND fence = ? AND state = 1"),
              bury(db, "UPDATE armature_jobs SET state = 2, died = ?, error = ? WHERE id = ? AND "
                       "fence = ? AND state = 1"),
              free_keys(db, "DELETE FROM armature_job_keys WHERE job = ? AND until = 0"),
              counts(db,
                     "SELECT state, count(*) FROM armature_jobs WHERE queue = ? GROUP BY state"),
              dead(db, "SELECT id, kind, payload, error, attempt, died FROM armature_jobs WHERE "
                       "state = 2 AND queue = ? ORDER BY died DESC, seq DESC LIMIT ?"),
              replay(db, "UPDATE armature_jobs SET state = 0, attempt = 0, run_at = ? WHERE id = ? "
                         "AND state = 2"),
              remove(db, "DELETE FROM armature_jobs WHERE id = ? AND state IN (0, 2)") {}

        Insertion insertion;
        Statement is_anything, free_dead_keys, bury_lost, wake_lost, count_running, read_rate,
            write_rate, take, extend, forget, retry, bury, free_keys, counts, dead, replay, remove;
    };

    jobs::Connection connection_;
    Statements all_;
};

} // namespace

std::unique_ptr<JobStore> sqlite_jobs(const std::string& path) {
    return std::make_unique<SqliteJobStore>(path);
}

void create_job_tables(sqlite3* database) { execute(database, schema); }

bool enqueue_in(sqlite3* database, const NewJob& job) { return Insertion{database}.run(job); }

namespace detail {

bool begin_effect(sqlite3* database, const Uuid& job, std::string_view name) {
    execute(database, "BEGIN IMMEDIATE");
    try {
        execute(database, effect_schema);
        Statement note{database, "INSERT INTO armature_job_effects (job, name, at) VALUES (?, ?, "
                                 "?) ON CONFLICT DO NOTHING"};
        if (note.run(job, name, unix_milliseconds()) != 0) return true;
    } catch (...) {
        roll_back_effect(database);
        throw;
    }
    roll_back_effect(database);
    return false;
}

void commit_effect(sqlite3* database) { execute(database, "COMMIT"); }

void roll_back_effect(sqlite3* database) noexcept {
    sqlite3_exec(database, "ROLLBACK", nullptr, nullptr, nullptr);
}

} // namespace detail

std::size_t forget_effects(sqlite3* database, Duration age) {
    execute(database, effect_schema);
    Statement old{database, "DELETE FROM armature_job_effects WHERE at < ?"};
    return static_cast<std::size_t>(old.run(unix_milliseconds() - age.count()));
}

} // namespace armature
