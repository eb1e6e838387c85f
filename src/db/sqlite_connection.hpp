#pragma once

#include "db/connection.hpp"
#include "db/sqlite.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace armature::db::detail {

/// The path in "sqlite:PATH"; ":memory:" for a database in memory.
[[nodiscard]] std::string sqlite_path(std::string_view url);

/// A SQLite connection as a task sees it: everything happens on its thread.
class SqliteConnection final : public Connection {
  public:
    explicit SqliteConnection(std::shared_ptr<const DatabaseOptions> options);
    ~SqliteConnection() override;

    Task<> open() override;
    Task<Rows> run(Statement statement) override;
    Task<std::string> command(std::string sql) override;
    Task<std::vector<Rows>> batch(std::vector<Statement> statements) override;
    Task<> start_rows(Statement statement) override;
    Task<std::optional<Rows>> next_rows() override;
    Task<> start_copy_in(Statement) override { throw_unsupported(Dialect::sqlite, "COPY"); }
    Task<> copy(std::string) override { throw_unsupported(Dialect::sqlite, "COPY"); }
    Task<std::uint64_t> end_copy_in() override { throw_unsupported(Dialect::sqlite, "COPY"); }
    Task<> start_copy_out(Statement) override { throw_unsupported(Dialect::sqlite, "COPY"); }
    Task<std::optional<std::string>> next_copied() override {
        throw_unsupported(Dialect::sqlite, "COPY");
    }
    Task<Notification> next_notification() override {
        throw_unsupported(Dialect::sqlite, "LISTEN");
    }

    void run_later(std::string sql) noexcept override;
    void give_up() noexcept override;
    bool in_transaction() const noexcept override { return thread_->in_transaction(); }
    bool is_local() const noexcept override { return true; }
    bool settle() noexcept override { return !is_busy_ && !is_broken_ && !thread_->is_broken(); }
    bool is_alive() noexcept override { return !thread_->is_broken(); }
    void retire(std::unique_ptr<Connection> self, std::shared_ptr<Pool> pool) noexcept override;

    /// On its thread: nothing of its last task is left.
    void recover() noexcept { is_busy_ = false; }

  private:
    template <class Function>
    auto on_thread(Function function) -> Task<decltype(function(std::declval<SqliteThread&>()))>;
    template <class Function>
    void later(Function function) noexcept;

    std::shared_ptr<SqliteThread> thread_;
    bool is_busy_ = false;
    bool is_broken_ = false;
};

} // namespace armature::db::detail
