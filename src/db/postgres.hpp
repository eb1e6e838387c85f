#pragma once

#include "db/connection.hpp"
#include "core/socket_waiter.hpp"

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace armature::db::detail {

using armature::detail::SocketWaiter;

struct CloseConnection {
    void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
};
struct ClearResult {
    void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using ConnectionHandle = std::unique_ptr<PGconn, CloseConnection>;
using ResultHandle = std::unique_ptr<PGresult, ClearResult>;

/// Takes the columns, unless they are there, and the rows of a result.
void add_rows(const PGresult* result, Rows& rows);

class PostgresConnection final : public Connection {
  public:
    explicit PostgresConnection(std::shared_ptr<const DatabaseOptions> options)
        : options_(std::move(options)) {}
    ~PostgresConnection() override;

    Task<> open() override;
    Task<Rows> run(Statement statement) override;
    Task<std::string> command(std::string sql) override;
    Task<std::vector<Rows>> batch(std::vector<Statement> statements) override;
    Task<> start_rows(Statement statement) override;
    Task<std::optional<Rows>> next_rows() override;
    Task<> start_copy_in(Statement statement) override;
    Task<> copy(std::string text) override;
    Task<std::uint64_t> end_copy_in() override;
    Task<> start_copy_out(Statement statement) override;
    Task<std::optional<std::string>> next_copied() override;
    Task<Notification> next_notification() override;

    void run_later(std::string sql) noexcept override;
    void give_up() noexcept override;
    bool in_transaction() const noexcept override;
    bool is_local() const noexcept override;
    bool settle() noexcept override;
    bool is_alive() noexcept override;
    void retire(std::unique_ptr<Connection> self, std::shared_ptr<Pool> pool) noexcept override;

  private:
    Task<> wait(std::uint32_t events);
    Task<> flush();
    Task<ResultHandle> next_result();
    /// Reads to the end of the statement; throws what it failed with.
    Task<> collect(Rows* rows, std::string* command);
    Task<std::string> prepare(const Statement& statement);
    Task<> send(const Statement& statement, const std::string& prepared);
    Task<> begin(const Statement& statement);
    Task<> begin_copy(const Statement& statement, ExecStatusType wanted);
    Task<> begin_long();
    /// Sees to what was begun and not waited for.
    Task<> drain();
    Task<> discard_results();
    Task<> send_copied();
    void check_usable() const;
    void set_deadline() noexcept;
    void check_sent(int result);
    [[noreturn]] void throw_lost();
    [[nodiscard]] bool is_idle() const noexcept;

    const std::shared_ptr<const DatabaseOptions> options_;
    ConnectionHandle connection_;
    SocketWaiter* waiter_ = nullptr;
    std::unordered_map<std::string, std::string> prepared_; ///< texts and their names
    std::string sql_;                                       ///< what runs, for errors
    std::string later_;   ///< what couldn't be sent by `run_later`
    std::string copying_; ///< on its way into a table
    std::int64_t deadline_ = 0;
    unsigned next_name_ = 0;
    bool is_busy_ = false;     ///< in the middle of a statement
    bool is_late_ = false;     ///< nobody has seen the end of what `run_later` sent
    bool is_given_up_ = false; ///< nor that of a stream or copy
    bool is_long_ = false;     ///< the server's time limit is off
    bool is_broken_ = false;
};

} // namespace armature::db::detail
