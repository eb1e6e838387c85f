#pragma once

#include <armature/core/owned.hpp>
#include <armature/jobs/store.hpp>

#include <cstdint>
#include <memory>
#include <string>

struct pg_conn; // libpq's PGconn
struct sqlite3;

namespace armature {

/// Jobs that wait in a database of yours to be carried to the store where workers look for them:
/// the transactional outbox. Made by `sqlite_outbox` or `postgres_outbox`.
class Outbox {
  public:
    Outbox() noexcept = default;
    Outbox(const Outbox&) = delete;
    Outbox& operator=(const Outbox&) = delete;
    virtual ~Outbox();

    /// Puts up to `most` jobs, the oldest first, into a store and takes them out of here. Returns
    /// how many. Throws `JobStoreError`: then some may be in both, and come again.
    virtual unsigned carry(unsigned most, JobStore& to) = 0;
};

/// The outbox in a SQLite database, whose table `armature_outbox` is made if absent. Throws
/// `JobStoreError`, as all of these do.
[[nodiscard]] std::unique_ptr<Outbox> sqlite_outbox(const std::string& path);
/// The same in PostgreSQL; `connection` as for `postgres_jobs`. Several relays share the work.
[[nodiscard]] std::unique_ptr<Outbox> postgres_outbox(const std::string& connection);

/// Makes the table, if absent, in a database of your own.
void create_outbox_table(sqlite3* database);
void create_outbox_table(pg_conn* connection);

/// Adds a job (`Jobs::make(payload)`) within your own transaction: it is carried exactly if that
/// commits. Whether its unique keys are free is found out in the store that it comes to.
void add_to_outbox(sqlite3* database, const NewJob& job);
void add_to_outbox(pg_conn* connection, const NewJob& job);

struct OutboxRelayOptions {
    /// How often it looks for jobs. 10 ms at least.
    Duration poll = Duration::milliseconds(500);
    /// How many it carries at once. 1 to 10,000.
    unsigned batch = 100;
    /// How long it waits after a failure; twice as long after the next, up to a minute. 1 ms at
    /// least.
    Duration first_wait = Duration::seconds(1);
};

/// Carries jobs from an outbox to a store, on a thread of its own, until it goes.
///
///     OutboxRelay relay{postgres_outbox("dbname=shop"), redis_jobs("redis://127.0.0.1")};
///
/// Each job comes there at least once: when a relay ends halfway, or a connection breaks, those of
/// its batch come again, under the same id. While the first is there the second is left out; if it
/// is done by then, the job runs twice, and `exactly_once` keeps its effect single. Failures are
/// logged, and tried again until they end.
///
/// Threads: any.
class OutboxRelay {
  public:
    /// Throws std::invalid_argument without outbox or store, and for options out of bounds.
    OutboxRelay(std::unique_ptr<Outbox> from, std::unique_ptr<JobStore> to,
                OutboxRelayOptions options = {});
    ~OutboxRelay();

    /// Has it look now: after a transaction that added jobs.
    void wake() const;
    /// How many jobs it carried.
    [[nodiscard]] std::uint64_t carried() const noexcept;

  private:
    class Impl;
    Owned<Impl> impl_;
};

} // namespace armature
