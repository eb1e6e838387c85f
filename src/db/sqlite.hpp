#pragma once

#include "db/connection.hpp"

#include <sqlite3.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

namespace armature::db::detail {

/// What lives on a SQLite connection's own thread, and the queue to it. Shared by the connection
/// and the thread, so that either may go first.
class SqliteThread {
  public:
    explicit SqliteThread(std::shared_ptr<const DatabaseOptions> options)
        : options_(std::move(options)) {}
    ~SqliteThread();
    SqliteThread(const SqliteThread&) = delete;
    SqliteThread& operator=(const SqliteThread&) = delete;

    static void start(const std::shared_ptr<SqliteThread>& self);
    /// Ends it once its queue is empty.
    void stop() noexcept;

    void submit(armature::detail::BlockingWork& work);
    /// Has the pool get a connection back that its task left in the middle of something.
    void submit_retired(std::unique_ptr<Connection> connection, std::shared_ptr<Pool> pool);

    /// From any thread: the statement that runs, or the next, ends soon with SQLITE_INTERRUPT.
    void interrupt() noexcept;
    /// Forgets an interruption of what ran before.
    void expect() noexcept { interrupted_ = false; }
    void break_off() noexcept { is_broken_ = true; }
    [[nodiscard]] bool in_transaction() const noexcept { return in_transaction_; }
    [[nodiscard]] bool is_broken() const noexcept { return is_broken_; }

    // On its thread.
    void open();
    void begin_call() noexcept;
    [[nodiscard]] Rows run(const Statement& statement);
    void execute(const char* sql);
    [[nodiscard]] std::vector<Rows> batch(const std::vector<Statement>& statements);
    void start_rows(const Statement& statement);
    [[nodiscard]] std::optional<Rows> next_rows();
    void stop_rows() noexcept;

  private:
    void serve();
    void take_back() noexcept;
    [[nodiscard]] sqlite3_stmt* prepare(const Statement& statement, bool& is_kept);
    void bind(sqlite3_stmt* statement, const Statement& from);
    [[nodiscard]] bool step(sqlite3_stmt* statement, std::string_view sql);
    void add_row(sqlite3_stmt* statement, Rows& rows) const;
    [[noreturn]] void fail(std::string_view sql) const;
    void end_call() noexcept;
    static int on_progress(void* self);
    static int on_busy(void* self, int count);

    const std::shared_ptr<const DatabaseOptions> options_;
    std::thread thread_;
    std::mutex mutex_;
    std::condition_variable wake_;
    armature::detail::BlockingWork* first_ = nullptr;
    armature::detail::BlockingWork* last_ = nullptr;
    std::unique_ptr<Connection> retired_;
    std::shared_ptr<Pool> pool_;
    bool stopping_ = false;

    std::mutex database_mutex_; ///< around opening, closing and interrupting
    sqlite3* database_ = nullptr;
    std::unordered_map<std::string, sqlite3_stmt*> prepared_;
    sqlite3_stmt* streaming_ = nullptr;
    std::string streaming_sql_;
    std::int64_t deadline_ = 0;
    std::int64_t busy_since_ = 0;
    std::atomic<bool> interrupted_ = false;
    std::atomic<bool> in_transaction_ = false;
    std::atomic<bool> is_broken_ = false;
};

/// The tables of a database file, and how it is opened, are SQLite's; what it says is translated.
[[nodiscard]] DatabaseError sqlite_error(sqlite3* database, std::string_view sql);

} // namespace armature::db::detail
