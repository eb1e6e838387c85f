#pragma once

#include "core/socket_waiter.hpp"
#include "db/connection.hpp"
#include "db/mariadb_endpoint.hpp"
#include "db/mariadb_sql.hpp"

#include <mysql.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace armature::db::detail {

using armature::detail::SocketWaiter;

/// Closes a session without waiting for anything: what is under way in it is cut off.
struct CloseMariadb {
    void operator()(MYSQL* connection) const noexcept;
};
struct FreeMariadbResult {
    void operator()(MYSQL_RES* result) const noexcept { mysql_free_result(result); }
};
struct CloseMariadbStatement {
    void operator()(MYSQL_STMT* statement) const noexcept { mysql_stmt_close(statement); }
};
using MariadbHandle = std::unique_ptr<MYSQL, CloseMariadb>;
using MariadbResult = std::unique_ptr<MYSQL_RES, FreeMariadbResult>;

struct OpenedMariadb {
    MariadbHandle connection;
    std::string fault;
};
/// Connects and logs in; blocks.
[[nodiscard]] OpenedMariadb open_mariadb(const MariadbEndpoint& endpoint);

/// Has the server end statements that run too long.
[[nodiscard]] std::string limit_text(const MariadbEndpoint& endpoint);

/// Takes the columns and rows of a result that came as text.
void add_text_rows(MYSQL_RES* result, Rows& rows);

/// A statement that the server has prepared, and the places for its values and columns.
class MariadbStatement {
  public:
    MariadbStatement(MYSQL* connection, std::string_view text)
        : sql(text), handle_(mysql_stmt_init(connection)) {}

    [[nodiscard]] MYSQL_STMT* handle() const noexcept { return handle_.get(); }
    /// The values must live until the statement was sent. Throws `DatabaseError` when there aren't
    /// as many as placeholders.
    void bind(const std::vector<Value>& values);
    void name_columns(Rows& rows) const;
    /// Takes places for the columns of the rows that come.
    void bind_columns();
    /// The row that was fetched last.
    void add_row(Rows& rows);

    const MariadbSql sql;

  private:
    union Slot {
        long long integer;
        double real;
        float single;
        MYSQL_TIME time;
    };
    struct Column {
        Slot slot;
        unsigned long size;
        my_bool is_null;
        enum_field_types type;
        unsigned decimals;
        bool is_unsigned;
        bool is_bytes;
    };

    std::unique_ptr<MYSQL_STMT, CloseMariadbStatement> handle_;
    std::vector<MYSQL_BIND> parameters_;
    std::vector<std::string> times_;
    std::vector<long long> integers_;
    std::vector<double> reals_;
    std::vector<Column> columns_;
    std::string scratch_;
};

class MariadbConnection final : public Connection {
  public:
    explicit MariadbConnection(std::shared_ptr<const MariadbEndpoint> endpoint)
        : endpoint_(std::move(endpoint)) {}
    ~MariadbConnection() override;

    Task<> open() override;
    Task<Rows> run(Statement statement) override;
    Task<std::string> command(std::string sql) override;
    Task<std::vector<Rows>> batch(std::vector<Statement> statements) override;
    Task<> start_rows(Statement statement) override;
    Task<std::optional<Rows>> next_rows() override;
    Task<> start_copy_in(Statement) override { throw_unsupported(Dialect::mariadb, "COPY"); }
    Task<> copy(std::string) override { throw_unsupported(Dialect::mariadb, "COPY"); }
    Task<std::uint64_t> end_copy_in() override { throw_unsupported(Dialect::mariadb, "COPY"); }
    Task<> start_copy_out(Statement) override { throw_unsupported(Dialect::mariadb, "COPY"); }
    Task<std::optional<std::string>> next_copied() override {
        throw_unsupported(Dialect::mariadb, "COPY");
    }
    Task<Notification> next_notification() override {
        throw_unsupported(Dialect::mariadb, "LISTEN");
    }

    void run_later(std::string sql) noexcept override;
    void give_up() noexcept override;
    bool in_transaction() const noexcept override;
    bool is_local() const noexcept override;
    bool settle() noexcept override;
    bool is_alive() noexcept override;
    void retire(std::unique_ptr<Connection> self, std::shared_ptr<Pool> pool) noexcept override;

  private:
    /// What the library is in the middle of, when a call of it has to wait for the socket.
    enum class Step : std::uint8_t {
        query,
        read_answer,
        store,
        next_result,
        prepare,
        execute,
        fetch,
        free_rows,
        next_rows,
    };
    /// Whether a transaction is what its task takes it for.
    enum class Within : std::uint8_t { nothing, transaction, rolled_back, committed };

    [[nodiscard]] Task<> finish();
    [[nodiscard]] int go_on(int ready);
    void begun(Step step, int wanted) noexcept {
        step_ = step;
        wanted_ = wanted;
    }
    Task<> send_text(std::string sql, Rows* rows);
    Task<> read_text(Rows* rows);
    Task<> prepare(const Statement& statement);
    Task<> execute(const Statement& statement);
    Task<> end_rows();
    Task<Rows> run_prepared(const Statement& statement);
    Task<> begin_long();
    /// Sees to what was begun and not waited for.
    Task<> drain();
    void check_usable() const;
    void check_transaction() const;
    void see_transaction() noexcept;
    void set_deadline() noexcept;
    [[nodiscard]] bool has_transaction() const noexcept;
    [[nodiscard]] bool is_kept(const Statement& statement) const noexcept;
    [[noreturn]] void fail();

    const std::shared_ptr<const MariadbEndpoint> endpoint_;
    // Statements go after their connection: none of them has to tell the server then.
    std::unordered_map<std::string, std::unique_ptr<MariadbStatement>> prepared_;
    std::unique_ptr<MariadbStatement> unkept_;
    MariadbHandle connection_;
    SocketWaiter* waiter_ = nullptr;
    MariadbStatement* statement_ = nullptr; ///< what runs; one of the two above
    std::string sql_;                       ///< what runs as text
    std::vector<std::string> later_;        ///< what couldn't be sent by `run_later`
    std::int64_t deadline_ = 0;
    int wanted_ = 0;         ///< what the library waits for, within `step_`; 0: nothing
    int outcome_ = 0;        ///< of the step
    my_bool flag_ = 0;       ///< the same, of some steps
    unsigned last_code_ = 0; ///< of the last error
    MYSQL_RES* stored_ = nullptr;
    Step step_ = Step::query;
    Within within_ = Within::nothing;
    bool is_busy_ = false;     ///< in the middle of a statement
    bool is_late_ = false;     ///< nobody has seen the answer to what `run_later` sent
    bool is_given_up_ = false; ///< nor the rest of a stream
    bool is_long_ = false;     ///< the server's time limit is off
    bool is_broken_ = false;
};

} // namespace armature::db::detail
