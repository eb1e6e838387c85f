#pragma once

#include <armature/core/duration.hpp>
#include <armature/core/owned.hpp>
#include <armature/core/scheduler.hpp>
#include <armature/core/task.hpp>
#include <armature/db/rows.hpp>
#include <armature/db/sql.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

/// A database: SQLite within the process, PostgreSQL or MariaDB. See docs/database.md.
namespace armature::db {

class Transaction;

namespace detail {
class Lease;
class Pool;
class Connection;

/// Something that goes on with a connection between two calls, and is given up with its scope.
class OngoingCall {
  public:
    OngoingCall(OngoingCall&&) noexcept;
    OngoingCall& operator=(OngoingCall&&) noexcept;

  protected:
    explicit OngoingCall(std::shared_ptr<Lease> lease) noexcept;
    ~OngoingCall();
    std::shared_ptr<Lease> lease_;
};
} // namespace detail

enum class Dialect : std::uint8_t { sqlite, postgres, mariadb };

struct DatabaseOptions {
    /// "sqlite:shop.db", "sqlite:/var/lib/shop.db", "sqlite::memory:", what libpq takes as a URI:
    /// "postgresql://user:password@host:5432/shop?sslmode=verify-full", or
    /// "mariadb://user:password@host:3306/shop?sslmode=verify-full", also as mysql://, with
    /// `socket` for a Unix socket. Never gets into a log or an error.
    std::string url;
    /// The most connections of this process, whatever the number of its event loops; at least 1. A
    /// database in memory has one.
    std::size_t max_connections = 10;
    /// To connect and log in.
    Duration connect_timeout = Duration::seconds(5);
    /// How long a task waits for a connection when all are taken; then 503.
    Duration acquire_timeout = Duration::seconds(5);
    /// The longest that a statement may run; 0: no limit.
    Duration statement_timeout = Duration::seconds(30);
    /// How long SQLite waits for another process's or connection's write to end.
    Duration busy_timeout = Duration::seconds(5);
    /// A connection that nobody used for so long is closed when the pool is used next.
    Duration idle_lifetime = Duration::seconds(600);
    /// Keep prepared statements on their connections. Turn it off behind a PgBouncer older than
    /// 1.21 that pools by transaction.
    bool prepare = true;
};

enum class Isolation : std::uint8_t { standard, read_committed, repeatable_read, serializable };

struct TransactionOptions {
    /// PostgreSQL's and MariaDB's; SQLite's transactions are serializable always.
    Isolation isolation = Isolation::standard;
    bool read_only = false;
    /// How often `transaction` runs its function when the database reports a conflict; at least 1.
    unsigned attempts = 5;
};

/// Rows that come in portions, none before it is asked for: memory stays the same however many
/// there are. Reading on is the backpressure. Ends with the scope; what wasn't read is given up.
class RowStream : detail::OngoingCall {
  public:
    /// Some more rows, never none; nullopt at the end.
    [[nodiscard]] Task<std::optional<Rows>> next();

  private:
    friend class Session;
    explicit RowStream(std::shared_ptr<detail::Lease> lease) noexcept
        : OngoingCall(std::move(lease)) {}
};

/// Rows on their way into a table, by PostgreSQL's COPY … FROM STDIN. Nothing is there unless
/// `finish` was reached.
class CopyIn : detail::OngoingCall {
  public:
    /// One row, in COPY's text format: `co_await copy.row(7, "Ada", nullptr)`.
    template <class... Values>
    [[nodiscard]] Task<> row(const Values&... values) {
        std::string line;
        ((append(line, Value{values}), line += '\t'), ...);
        line.back() = '\n';
        return write(std::move(line));
    }
    /// Text in the format that the statement says. Waits while the server takes no more.
    [[nodiscard]] Task<> write(std::string text);
    /// Appends a row in COPY's text format, for a `write` of many rows at once.
    static void append_row(std::string& text, const std::vector<Value>& row);
    /// Ends it; gives the number of rows.
    [[nodiscard]] Task<std::uint64_t> finish();

  private:
    friend class Session;
    explicit CopyIn(std::shared_ptr<detail::Lease> lease) noexcept
        : OngoingCall(std::move(lease)) {}
    static void append(std::string& line, const Value& value);
};

/// What PostgreSQL's COPY … TO STDOUT writes.
class CopyOut : detail::OngoingCall {
  public:
    /// The next piece, usually one row with its line break; nullopt at the end.
    [[nodiscard]] Task<std::optional<std::string>> next();

  private:
    friend class Session;
    explicit CopyOut(std::shared_ptr<detail::Lease> lease) noexcept
        : OngoingCall(std::move(lease)) {}
};

struct Notification {
    std::string channel;
    std::string payload;
};

/// Hears what is sent to some channels, on a connection of its own that isn't the pool's.
class Listener {
  public:
    Listener(Listener&&) noexcept;
    Listener& operator=(Listener&&) noexcept;
    ~Listener();

    /// Waits for the next one. Throws `DatabaseError` (unavailable) when the connection broke: what
    /// was sent meanwhile is lost, so look at the tables after listening anew.
    [[nodiscard]] Task<Notification> next();

  private:
    friend class Database;
    explicit Listener(std::shared_ptr<detail::Lease> lease) noexcept;
    std::shared_ptr<detail::Lease> lease_;
};

/// What can run statements: a `Database`, each on any connection, or a `Transaction`.
///
/// `$1`, `$2` … stand for values, on SQLite and MariaDB too. Values are bound, never written into
/// the text, and copied before the call returns. One statement a call.
///
/// Errors: `DatabaseError`; `Cancelled` when the request ends first. Then the server is told to
/// stop the statement.
class Session {
  public:
    /// Runs a statement and gives its rows.
    template <class... Values>
    [[nodiscard]] Task<Rows> query(std::type_identity_t<SqlText<sizeof...(Values)>> sql,
                                   const Values&... values) {
        return run(Statement::of(sql, values...));
    }
    [[nodiscard]] Task<Rows> query(Statement statement) { return run(std::move(statement)); }

    /// Runs a statement and gives how many rows it changed.
    template <class... Values>
    [[nodiscard]] Task<std::uint64_t> execute(std::type_identity_t<SqlText<sizeof...(Values)>> sql,
                                              const Values&... values) {
        return changed(run(Statement::of(sql, values...)));
    }
    [[nodiscard]] Task<std::uint64_t> execute(Statement statement) {
        return changed(run(std::move(statement)));
    }

    /// All rows as `T`; see `Rows::as`. `co_await db.all<User>("SELECT id, name FROM users")`
    template <class T, class... Values>
    [[nodiscard]] Task<std::vector<T>> all(std::type_identity_t<SqlText<sizeof...(Values)>> sql,
                                           const Values&... values) {
        return all_of<T>(run(Statement::of(sql, values...)));
    }
    template <class T>
    [[nodiscard]] Task<std::vector<T>> all(Statement statement) {
        return all_of<T>(run(std::move(statement)));
    }

    /// The first row as `T`, or nullopt.
    template <class T, class... Values>
    [[nodiscard]] Task<std::optional<T>> first(std::type_identity_t<SqlText<sizeof...(Values)>> sql,
                                               const Values&... values) {
        return first_of<T>(run(Statement::of(sql, values...)));
    }
    template <class T>
    [[nodiscard]] Task<std::optional<T>> first(Statement statement) {
        return first_of<T>(run(std::move(statement)));
    }

    /// The first row as `T`; throws `Error` 404 when there is none.
    template <class T, class... Values>
    [[nodiscard]] Task<T> one(std::type_identity_t<SqlText<sizeof...(Values)>> sql,
                              const Values&... values) {
        return one_of<T>(run(Statement::of(sql, values...)));
    }
    template <class T>
    [[nodiscard]] Task<T> one(Statement statement) {
        return one_of<T>(run(std::move(statement)));
    }

    /// Runs statements together, all or none of them; in PostgreSQL's pipeline mode, within one
    /// round trip.
    [[nodiscard]] virtual Task<std::vector<Rows>> batch(std::vector<Statement> statements) = 0;

    /// Runs a statement and gives its rows in portions.
    template <class... Values>
    [[nodiscard]] Task<RowStream> stream(std::type_identity_t<SqlText<sizeof...(Values)>> sql,
                                         const Values&... values) {
        return stream(Statement::of(sql, values...));
    }
    [[nodiscard]] Task<RowStream> stream(Statement statement);

    /// Begins a COPY, which PostgreSQL alone has: "COPY users (name) FROM STDIN".
    [[nodiscard]] Task<CopyIn> copy_in(SqlText<0> sql) { return copy_in(Statement::of(sql)); }
    [[nodiscard]] Task<CopyIn> copy_in(Statement statement);
    /// "COPY users TO STDOUT".
    [[nodiscard]] Task<CopyOut> copy_out(SqlText<0> sql) { return copy_out(Statement::of(sql)); }
    [[nodiscard]] Task<CopyOut> copy_out(Statement statement);

    /// Runs `function(Transaction&)`, which returns a Task, and commits; rolls back when it throws.
    /// When the database reports a conflict (a serialization failure, a deadlock, a lock that
    /// wasn't got in time, SQLite busy) it begins anew, so the function may run several times.
    /// Within a transaction: a savepoint, without another attempt.
    ///
    /// With g++ 12 name a capturing lambda first.
    template <class Function>
    [[nodiscard]] auto transaction(Function function, TransactionOptions options)
        -> std::invoke_result_t<Function&, Transaction&>;
    template <class Function>
    [[nodiscard]] auto transaction(Function function) {
        return transaction(std::move(function), TransactionOptions{});
    }

    /// Begins a transaction that ends with the scope of what it gives: rolled back unless `commit`
    /// was reached. Within a transaction: a savepoint.
    [[nodiscard]] virtual Task<Transaction> begin(TransactionOptions options) = 0;
    [[nodiscard]] Task<Transaction> begin();

    [[nodiscard]] virtual Dialect dialect() const noexcept = 0;

  protected:
    ~Session() = default;
    [[nodiscard]] virtual Task<Rows> run(Statement statement) = 0;
    [[nodiscard]] virtual Task<std::shared_ptr<detail::Lease>> connection() = 0;
    [[nodiscard]] virtual bool can_retry() const noexcept = 0;

  private:
    static Task<std::uint64_t> changed(Task<Rows> rows);
    static Task<> pause_before(unsigned attempt);
    [[noreturn]] static void throw_no_row();

    template <class T>
    static Task<std::vector<T>> all_of(Task<Rows> task) {
        const Rows rows = co_await std::move(task);
        co_return rows.all<T>();
    }
    template <class T>
    static Task<std::optional<T>> first_of(Task<Rows> task) {
        const Rows rows = co_await std::move(task);
        std::optional<T> found;
        if (!rows.empty()) found.emplace(rows.as<T>(0));
        co_return found;
    }
    template <class T>
    static Task<T> one_of(Task<Rows> task) {
        const Rows rows = co_await std::move(task);
        if (rows.empty()) throw_no_row();
        co_return rows.as<T>(0);
    }
};

/// A transaction, or a savepoint within one. Rolled back at the end of the scope unless `commit`
/// was reached. Not for two tasks at the same time.
class Transaction final : public Session {
  public:
    Transaction(Transaction&&) noexcept;
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();

    /// Throws `DatabaseError` when the database didn't commit; nothing was changed then, unless the
    /// connection broke at that very moment (`unavailable`).
    [[nodiscard]] Task<> commit();
    [[nodiscard]] Task<> rollback();

    [[nodiscard]] Task<std::vector<Rows>> batch(std::vector<Statement> statements) override;
    using Session::begin;
    [[nodiscard]] Task<Transaction> begin(TransactionOptions options) override;
    [[nodiscard]] Dialect dialect() const noexcept override { return dialect_; }

  private:
    friend class Database;
    Transaction(std::shared_ptr<detail::Lease> lease, Dialect dialect, unsigned depth) noexcept;
    [[nodiscard]] Task<Rows> run(Statement statement) override;
    [[nodiscard]] Task<std::shared_ptr<detail::Lease>> connection() override;
    [[nodiscard]] bool can_retry() const noexcept override { return false; }
    [[nodiscard]] detail::Connection& open_connection() const;

    std::shared_ptr<detail::Lease> lease_; ///< null once it has ended
    Dialect dialect_;
    unsigned depth_; ///< 0: the transaction itself
};

/// A database and the pool of this process's connections to it. Connections are opened when they
/// are needed, lent for a statement or a transaction, and checked before: one that the server
/// closed is replaced, and nobody notices.
///
/// As a service of an application (`provide<db::Database>(options)`) it connects when the server
/// starts, and stops the start if it can't; it closes its connections when no request is served any
/// more. Handlers take `Inject<db::Database>`.
///
/// Threads: every event loop may use it. PostgreSQL's and MariaDB's sockets are waited for by the
/// loop of the task that uses them; each SQLite connection has a thread of its own.
class Database final : public Session {
  public:
    /// Doesn't connect yet. Throws std::invalid_argument for a URL or options that can't be.
    explicit Database(DatabaseOptions options);
    explicit Database(std::string url);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// Asks the database for an answer, for `Health`: throws when there is none.
    [[nodiscard]] Task<bool> ping();

    /// Sends to those who listen to a channel; within a transaction of the server's own. PostgreSQL
    /// alone has it.
    [[nodiscard]] Task<> notify(std::string channel, std::string payload);
    /// Listens to channels, whose names may be any text: `co_await db.listen("news", "orders")`.
    template <class... Names>
    [[nodiscard]] Task<Listener> listen(const Names&... channels) {
        std::vector<std::string> names;
        (names.emplace_back(channels), ...);
        return listen_to(std::move(names));
    }

    [[nodiscard]] Task<std::vector<Rows>> batch(std::vector<Statement> statements) override;
    using Session::begin;
    [[nodiscard]] Task<Transaction> begin(TransactionOptions options) override;
    [[nodiscard]] Dialect dialect() const noexcept override;

    /// Whether it is on this machine: a file, or a server behind a Unix socket or an address of the
    /// loopback. Connects.
    [[nodiscard]] Task<bool> is_local();

    /// Connections that are open now, lent or not.
    [[nodiscard]] std::size_t open_connections() const noexcept;
    /// Closes what isn't lent, and what is when it comes back; nothing runs after that.
    void close() noexcept;

    // Called by the application.
    [[nodiscard]] Task<> on_module_init();
    void on_module_destroy() noexcept { close(); }

  private:
    [[nodiscard]] Task<Listener> listen_to(std::vector<std::string> channels);
    [[nodiscard]] Task<Rows> run(Statement statement) override;
    [[nodiscard]] Task<std::shared_ptr<detail::Lease>> connection() override;
    [[nodiscard]] bool can_retry() const noexcept override { return true; }

    std::shared_ptr<detail::Pool> pool_;
};

template <class Function>
auto Session::transaction(Function function, TransactionOptions options)
    -> std::invoke_result_t<Function&, Transaction&> {
    using Result = decltype(std::declval<std::invoke_result_t<Function&, Transaction&>>()
                                .operator co_await()
                                .await_resume());
    for (unsigned attempt = 1;; ++attempt) {
        std::exception_ptr failure;
        bool again = false;
        {
            Transaction transaction = co_await begin(options);
            try {
                if constexpr (std::is_void_v<Result>) {
                    co_await function(transaction);
                    co_await transaction.commit();
                    co_return;
                } else {
                    Result result = co_await function(transaction);
                    co_await transaction.commit();
                    co_return result;
                }
            } catch (const DatabaseError& error) {
                failure = std::current_exception();
                again = can_retry() && error.is_retryable() && attempt < options.attempts;
            } catch (...) {
                failure = std::current_exception();
            }
        }
        if (!again) std::rethrow_exception(failure);
        co_await pause_before(attempt + 1);
    }
}

} // namespace armature::db
