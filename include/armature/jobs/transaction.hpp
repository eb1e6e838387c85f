#pragma once

#include <armature/core/task.hpp>
#include <armature/jobs/store.hpp>

namespace armature {

namespace db {
class Transaction;
} // namespace db

/// Adds a job (`Jobs::make(payload)`) within a transaction of a `db::Database`: it exists exactly
/// if that commits. The database is the one where `sqlite_jobs` or `postgres_jobs` keeps them, and
/// has their tables. Workers of PostgreSQL are told by the commit; those of SQLite find it within
/// their `poll`, or at once after `Jobs::wake`. False: another has its key.
///
/// Throws `DatabaseError`. With g++ 12 name the job before the `co_await`.
[[nodiscard]] Task<bool> enqueue_in(db::Transaction& transaction, NewJob job);

} // namespace armature
