#pragma once

#include <armature/db/database.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace armature::db::detail {

class Pool;

/// One session with a database, used by one task at a time. Between two uses it belongs to no event
/// loop.
///
/// When a task is destroyed or throws in the middle of a call, the connection isn't `settled` any
/// more, and whoever holds it lets `retire` see to it.
class Connection {
  public:
    Connection() = default;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    virtual ~Connection() = default;

    /// Once, before everything else. Throws `DatabaseError` (unavailable).
    [[nodiscard]] virtual Task<> open() = 0;

    [[nodiscard]] virtual Task<Rows> run(Statement statement) = 0;
    /// BEGIN, COMMIT and their like: not prepared. Gives the command that was done.
    [[nodiscard]] virtual Task<std::string> command(std::string sql) = 0;
    /// Within a transaction, or as one.
    [[nodiscard]] virtual Task<std::vector<Rows>> batch(std::vector<Statement> statements) = 0;

    [[nodiscard]] virtual Task<> start_rows(Statement statement) = 0;
    [[nodiscard]] virtual Task<std::optional<Rows>> next_rows() = 0;

    [[nodiscard]] virtual Task<> start_copy_in(Statement statement) = 0;
    [[nodiscard]] virtual Task<> copy(std::string text) = 0;
    [[nodiscard]] virtual Task<std::uint64_t> end_copy_in() = 0;
    [[nodiscard]] virtual Task<> start_copy_out(Statement statement) = 0;
    [[nodiscard]] virtual Task<std::optional<std::string>> next_copied() = 0;

    [[nodiscard]] virtual Task<Notification> next_notification() = 0;

    /// What is to be run before the next statement, without anybody waiting for its end: ROLLBACK
    /// in one form or another. Begins at once.
    virtual void run_later(std::string sql) noexcept = 0;
    /// A stream or copy was given up before its end.
    virtual void give_up() noexcept = 0;

    [[nodiscard]] virtual bool in_transaction() const noexcept = 0;
    /// Whether the database is on this machine.
    [[nodiscard]] virtual bool is_local() const noexcept = 0;
    /// Whether the next task can use it at once. Leaves its event loop.
    [[nodiscard]] virtual bool settle() noexcept = 0;
    /// Lent again: whether the database still holds it open.
    [[nodiscard]] virtual bool is_alive() noexcept = 0;

    /// Ends what runs on it, also at the server; then gives it back to the pool or closes it and
    /// tells the pool. Takes over itself.
    virtual void retire(std::unique_ptr<Connection> self, std::shared_ptr<Pool> pool) noexcept = 0;

    std::int64_t idle_since = 0; ///< the pool's
};

/// What a URL names.
class Driver {
  public:
    Driver() = default;
    Driver(const Driver&) = delete;
    Driver& operator=(const Driver&) = delete;
    virtual ~Driver() = default;
    [[nodiscard]] virtual std::unique_ptr<Connection> make() const = 0;
    [[nodiscard]] virtual Dialect dialect() const noexcept = 0;
    /// For an error: without user and password.
    [[nodiscard]] virtual std::string name() const = 0;
    /// A database that goes with its connection.
    [[nodiscard]] virtual bool in_memory() const noexcept { return false; }
};

[[nodiscard]] std::unique_ptr<Driver> make_sqlite_driver(const DatabaseOptions& options);
/// Throws std::invalid_argument if Armature was built without libpq.
[[nodiscard]] std::unique_ptr<Driver> make_postgres_driver(const DatabaseOptions& options);

/// Throws std::invalid_argument if Armature was built without libmariadb.
[[nodiscard]] std::unique_ptr<Driver> make_mariadb_driver(const DatabaseOptions& options);

[[noreturn]] void throw_unsupported(Dialect dialect, std::string_view what);

} // namespace armature::db::detail
