#pragma once

#include <armature/jobs/effect.hpp>
#include <armature/jobs/store.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

struct pg_conn; // libpq's PGconn

namespace armature {

/// Jobs in a PostgreSQL database, 9.5 or newer. `connection` is what libpq takes: a URI or
/// "host=… dbname=…". The tables, whose names begin with `armature_job`, are made if absent, in the
/// first schema of the search path. Workers on other machines hear of new jobs at once
/// (LISTEN and NOTIFY), and take them without waiting for each other (SKIP LOCKED). A connection
/// that broke is opened anew. Throws `JobStoreError`; also if Armature was built without libpq.
[[nodiscard]] std::unique_ptr<JobStore> postgres_jobs(const std::string& connection);

/// Makes the tables of jobs and that of `exactly_once`, if absent, in a database of your own.
/// Throws `JobStoreError`, as the others here do.
void create_job_tables(pg_conn* connection);

/// Adds a job (`Jobs::make(payload)`) within your own transaction: it exists, and workers are told,
/// exactly if that commits. False: another has its key.
bool enqueue_in(pg_conn* connection, const NewJob& job);

/// Makes what a job does to a database happen exactly once; see that for SQLite in
/// <armature/jobs/sqlite.hpp>. The database must have its table: `create_job_tables`.
template <class Effect>
bool exactly_once(pg_conn* connection, const Uuid& job, Effect&& effect,
                  std::string_view name = "") {
    return detail::exactly_once(connection, job, name, std::forward<Effect>(effect));
}

/// Forgets the notes of `exactly_once` that are older than `age`, which must be longer than any job
/// may be tried. Returns how many.
std::size_t forget_effects(pg_conn* connection, Duration age);

} // namespace armature
