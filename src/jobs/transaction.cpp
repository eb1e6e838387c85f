#include "core/unix_time.hpp"
#include "jobs/postgres_insertion.hpp"

#include <armature/db/database.hpp>
#include <armature/jobs/transaction.hpp>

#include <algorithm>

namespace armature {

namespace {

using db::Dialect;
using db::Sql;
using db::Statement;
using db::Value;

Statement take_key(const NewJob& job, const JobKey& key, Dialect dialect, std::int64_t now) {
    if (dialect == Dialect::postgres)
        return {Sql::trusted(jobs::take_key), {key.text, job.id, key.window.count()}};
    return {Sql::trusted("INSERT INTO armature_job_keys (text, job, until) VALUES ($1, $2, $3) ON "
                         "CONFLICT (text) DO NOTHING"),
            {key.text, job.id, key.window ? now + key.window.count() : 0}};
}

Statement insertion(const NewJob& job, Dialect dialect, std::int64_t now) {
    if (dialect == Dialect::postgres)
        return {Sql::trusted(jobs::insert_job),
                {job.id, job.queue, job.kind, job.payload, job.priority, job.at, job.delay.count(),
                 job.attempts}};
    return {Sql::trusted("INSERT INTO armature_jobs (id, queue, kind, payload, priority, run_at, "
                         "attempts) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO "
                         "NOTHING RETURNING 1"),
            {job.id, job.queue, job.kind, job.payload, job.priority,
             (job.at != 0 ? job.at : now) + job.delay.count(), job.attempts}};
}

} // namespace

Task<bool> enqueue_in(db::Transaction& transaction, NewJob job) {
    const Dialect dialect = transaction.dialect();
    if (dialect == Dialect::mariadb)
        throw db::DatabaseError{
            db::ErrorKind::unsupported,
            {"jobs aren't kept in MariaDB, but in SQLite, PostgreSQL or Redis", "0A000"}};
    const std::int64_t now = unix_milliseconds();
    if (!job.keys.empty()) {
        if (dialect == Dialect::postgres) {
            Statement free{Sql::trusted(jobs::free_keys), {}};
            (void)co_await transaction.execute(std::move(free));
        } else {
            (void)co_await transaction.execute(
                "DELETE FROM armature_job_keys WHERE until > 0 AND until <= $1", now);
        }
        // In the same order for all, so that they don't wait for each other in a circle.
        std::sort(job.keys.begin(), job.keys.end(),
                  [](const JobKey& a, const JobKey& b) { return a.text < b.text; });
    }
    for (const JobKey& key : job.keys) {
        Statement take = take_key(job, key, dialect, now);
        const std::uint64_t taken = co_await transaction.execute(std::move(take));
        if (taken != 0) continue;
        (void)co_await transaction.execute("DELETE FROM armature_job_keys WHERE job = $1", job.id);
        co_return false;
    }
    Statement insert = insertion(job, dialect, now);
    const db::Rows added = co_await transaction.query(std::move(insert));
    co_return !added.empty();
}

} // namespace armature
