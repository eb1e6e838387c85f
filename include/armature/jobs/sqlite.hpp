#pragma once

#include <armature/jobs/effect.hpp>
#include <armature/jobs/store.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

struct sqlite3;

namespace armature {

/// Jobs in a SQLite database: a file that the processes of one machine share, in WAL mode. It and
/// its tables, whose names begin with `armature_job`, are made if absent. A job that was added
/// survives the end of the process and, with `synchronous=FULL` as here, of the machine.
/// Throws `JobStoreError`.
[[nodiscard]] std::unique_ptr<JobStore> sqlite_jobs(const std::string& path);

/// Makes the tables of jobs in a database of your own, if absent. Throws `JobStoreError`.
void create_job_tables(sqlite3* database);

/// Adds a job (`Jobs::make(payload)`) within your own transaction: it exists exactly if that
/// commits. The database is the one that `sqlite_jobs` opens; the worker finds the job within its
/// `poll`, or at once after `Jobs::wake`. False: another has its key. Throws `JobStoreError`.
bool enqueue_in(sqlite3* database, const NewJob& job);

/// Makes what a job does to a database happen exactly once, however often its handler is called:
/// `effect` and a note that it happened are one transaction, which `exactly_once` begins and
/// commits. It does nothing when the note is there. False: it had happened before.
///
///     worker.on<Charge>([&](const Charge& charge, const JobContext& job) {
///         exactly_once(db, job.id, [&] { book(db, charge); });
///     });
///
/// `name` tells several effects of a job apart. The database is any, `db` a connection of the
/// calling thread with no transaction open. What `effect` throws rolls back and passes.
/// Throws `JobStoreError`.
template <class Effect>
bool exactly_once(sqlite3* database, const Uuid& job, Effect&& effect, std::string_view name = "") {
    return detail::exactly_once(database, job, name, std::forward<Effect>(effect));
}

/// Forgets the notes of `exactly_once` that are older than `age`, which must be longer than any job
/// may be tried. Returns how many.
std::size_t forget_effects(sqlite3* database, Duration age);

} // namespace armature
