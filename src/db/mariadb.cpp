#include "db/mariadb.hpp"

#include "db/mariadb_error.hpp"
#include "db/pool.hpp"

#include <errmsg.h>
#include <mysqld_error.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <exception>
#include <mutex>
#include <stdexcept>
#include <utility>

namespace armature::db::detail {

namespace {

constexpr std::size_t most_prepared = 256;
constexpr std::size_t rows_a_portion = 256;

bool changes_rows(std::string_view verb) {
    for (const std::string_view known : {"INSERT", "UPDATE", "DELETE", "REPLACE", "LOAD"})
        if (verb == known) return true;
    return false;
}

// How many rows a statement changed; those of RETURNING are the rows themselves.
void count_changed(MYSQL* connection, const MariadbSql& sql, std::uint64_t affected, Rows& rows) {
    if (!changes_rows(sql.verb)) return;
    if (!rows.columns().empty()) affected = rows.size();
    if (sql.is_upsert && rows.columns().empty()) {
        // MariaDB counts a row twice that was there. It says "Records: 3  Duplicates: 1  Warnings:
        // 0" of several rows, of one nothing.
        affected = 1;
        if (const char* const info = mysql_info(connection)) {
            std::string_view text = info;
            if (text.starts_with("Records: ")) text.remove_prefix(9);
            parse_number(text.substr(0, text.find(' ')), affected);
        }
    }
    rows.set_changed(affected);
}

unsigned status_of(MYSQL* connection) noexcept {
    unsigned status = 0;
    mariadb_get_infov(connection, MARIADB_CONNECTION_SERVER_STATUS, &status);
    return status;
}

/// Ends a connection away from the event loop: the server is told to stop what runs there, which
/// takes a connection of its own. Its end alone the server would see when the statement is over.
struct Farewell {
    Farewell(std::unique_ptr<Connection> leaving, std::shared_ptr<Pool> told,
             std::shared_ptr<const MariadbEndpoint> at, unsigned long id, int descriptor) noexcept
        : connection(std::move(leaving)), pool(std::move(told)), endpoint(std::move(at)),
          running(id), socket(descriptor) {}
    Farewell(Farewell&&) noexcept = default;
    Farewell& operator=(Farewell&&) = delete;
    ~Farewell() {
        connection.reset();
        if (pool) pool->forget();
    }
    void operator()() {
        if (running != 0) {
            const OpenedMariadb other = open_mariadb(*endpoint);
            const std::string kill = "KILL " + std::to_string(running);
            if (other.fault.empty())
                mysql_real_query(other.connection.get(), kill.c_str(), kill.size());
            // What was to be sent, and wasn't taken, isn't waited for.
            ::shutdown(socket, SHUT_RDWR);
        }
        connection.reset();
    }
    std::unique_ptr<Connection> connection;
    std::shared_ptr<Pool> pool;
    std::shared_ptr<const MariadbEndpoint> endpoint;
    unsigned long running; ///< the server's name of the connection; 0: nothing runs there
    int socket;            ///< its
};

} // namespace

MariadbConnection::~MariadbConnection() {
    if (waiter_ != nullptr) waiter_->give_back();
}

Task<> MariadbConnection::open() {
    auto work = [endpoint = endpoint_] { return open_mariadb(*endpoint); };
    OpenedMariadb opened = co_await blocking(std::move(work));
    if (!opened.fault.empty())
        throw DatabaseError{ErrorKind::unavailable, {"MariaDB: " + opened.fault, "08001"}};
    connection_ = std::move(opened.connection);
}

// --- the library's steps ------------------------------------------------------------------------

int MariadbConnection::go_on(int ready) {
    MYSQL* const connection = connection_.get();
    MYSQL_STMT* const statement = statement_ == nullptr ? nullptr : statement_->handle();
    switch (step_) {
    case Step::query:
        return mysql_real_query_cont(&outcome_, connection, ready);
    case Step::read_answer:
        return mysql_read_query_result_cont(&flag_, connection, ready);
    case Step::store:
        return mysql_store_result_cont(&stored_, connection, ready);
    case Step::next_result:
        return mysql_next_result_cont(&outcome_, connection, ready);
    case Step::prepare:
        return mysql_stmt_prepare_cont(&outcome_, statement, ready);
    case Step::execute:
        return mysql_stmt_execute_cont(&outcome_, statement, ready);
    case Step::fetch:
        return mysql_stmt_fetch_cont(&outcome_, statement, ready);
    case Step::free_rows:
        return mysql_stmt_free_result_cont(&flag_, statement, ready);
    case Step::next_rows:
        return mysql_stmt_next_result_cont(&outcome_, statement, ready);
    }
    return 0;
}

Task<> MariadbConnection::finish() {
    while (wanted_ != 0) {
        if (waiter_ == nullptr) waiter_ = SocketWaiter::borrow(mysql_get_socket(connection_.get()));
        std::uint32_t events = 0;
        if ((wanted_ & MYSQL_WAIT_READ) != 0) events |= EPOLLIN;
        if ((wanted_ & MYSQL_WAIT_WRITE) != 0) events |= EPOLLOUT;
        if ((wanted_ & MYSQL_WAIT_EXCEPT) != 0) events |= EPOLLPRI;
        const bool in_time = co_await waiter_->wait(events, deadline_);
        if (!in_time) {
            is_broken_ = true;
            throw DatabaseError{ErrorKind::timeout, {"MariaDB doesn't answer", "57014"}};
        }
        wanted_ = go_on(wanted_ & ~MYSQL_WAIT_TIMEOUT);
    }
}

void MariadbConnection::fail() {
    MYSQL* const connection = connection_.get();
    MYSQL_STMT* const statement = statement_ == nullptr ? nullptr : statement_->handle();
    const bool is_of_statement = statement != nullptr && mysql_stmt_errno(statement) != 0;
    last_code_ = is_of_statement ? mysql_stmt_errno(statement) : mysql_errno(connection);
    const MariadbFault fault{
        last_code_, is_of_statement ? mysql_stmt_sqlstate(statement) : mysql_sqlstate(connection),
        is_of_statement ? mysql_stmt_error(statement) : mysql_error(connection)};
    DatabaseError error = statement_ == nullptr ? mariadb_error(fault, sql_, nullptr)
                                                : mariadb_error(fault, {}, &statement_->sql);
    if (last_code_ == 0 || ends_connection(last_code_)) is_broken_ = true;
    // After a deadlock the server has rolled back all of it, and would take the next statements one
    // by one; after a lock that wasn't got it may have (innodb_rollback_on_timeout).
    if ((last_code_ == ER_LOCK_DEADLOCK || last_code_ == ER_LOCK_WAIT_TIMEOUT) &&
        within_ == Within::transaction)
        within_ = Within::rolled_back;
    is_busy_ = is_broken_;
    statement_ = nullptr;
    if (!is_broken_) unkept_.reset(); // otherwise it goes after its connection
    throw error;                      // NOLINT: copied
}

// --- transactions -------------------------------------------------------------------------------

bool MariadbConnection::has_transaction() const noexcept {
    return (status_of(connection_.get()) & SERVER_STATUS_IN_TRANS) != 0;
}

void MariadbConnection::see_transaction() noexcept {
    if (within_ == Within::transaction && !has_transaction()) within_ = Within::committed;
}

// A transaction that the server ended by itself: what comes now would be outside of it.
void MariadbConnection::check_transaction() const {
    if (within_ == Within::rolled_back)
        throw DatabaseError{ErrorKind::serialization,
                            {"MariaDB: the transaction was rolled back, because it couldn't get a "
                             "lock; run all of it again",
                             "40001"}};
    if (within_ == Within::committed)
        throw DatabaseError{ErrorKind::other,
                            {"MariaDB: the transaction was committed by a statement in it: those "
                             "that change the schema do that, and can't be rolled back",
                             "25P01"}};
}

void MariadbConnection::check_usable() const {
    if (is_broken_)
        throw DatabaseError{ErrorKind::unavailable, {"the connection broke before", "08003"}};
    if (is_busy_ && !is_given_up_)
        throw std::logic_error("armature: a stream or statement of this transaction hasn't ended; "
                               "read it to its end, or let it go out of scope");
}

void MariadbConnection::set_deadline() noexcept {
    // The server ends statements that take too long; this is for a server that is gone.
    const std::int64_t limit = endpoint_->statement_timeout.count();
    deadline_ = limit == 0 || is_long_ ? 0 : Scheduler::current().read_clock() + limit + 5'000;
}

// --- text ---------------------------------------------------------------------------------------

// Takes the rows of a result; none of them is wanted if `rows` is null.
Task<> MariadbConnection::read_text(Rows* rows) {
    if (mysql_field_count(connection_.get()) == 0) co_return;
    begun(Step::store, mysql_store_result_start(&stored_, connection_.get()));
    co_await finish();
    if (stored_ == nullptr) fail();
    const MariadbResult result{stored_};
    if (rows != nullptr) add_text_rows(result.get(), *rows);
}

Task<> MariadbConnection::send_text(std::string sql, Rows* rows) {
    MYSQL* const connection = connection_.get();
    statement_ = nullptr;
    sql_ = std::move(sql);
    is_busy_ = true;
    begun(Step::query, mysql_real_query_start(&outcome_, connection, sql_.data(), sql_.size()));
    co_await finish();
    if (outcome_ != 0) fail();
    const std::uint64_t affected = mysql_affected_rows(connection);
    co_await read_text(rows);
    if (rows != nullptr) count_changed(connection, MariadbSql{sql_}, affected, *rows);
    while (mysql_more_results(connection) != 0) {
        begun(Step::next_result, mysql_next_result_start(&outcome_, connection));
        co_await finish();
        if (outcome_ > 0) fail();
        co_await read_text(nullptr);
    }
    is_busy_ = false;
}

Task<std::string> MariadbConnection::command(std::string sql) {
    check_usable();
    set_deadline();
    co_await drain();
    const bool is_commit = sql == "COMMIT";
    const bool is_end = is_commit || sql == "ROLLBACK";
    std::string done;
    if (is_commit && within_ == Within::rolled_back) done = sql = "ROLLBACK";
    if (within_ == Within::rolled_back && sql.starts_with("ROLLBACK TO")) co_return done;
    if (!is_end) check_transaction();
    const bool is_begin = sql.starts_with("START TRANSACTION");
    co_await send_text(std::move(sql), nullptr);
    if (is_begin) within_ = Within::transaction;
    if (is_end) within_ = Within::nothing;
    co_return done;
}

// --- prepared statements ------------------------------------------------------------------------

bool MariadbConnection::is_kept(const Statement& statement) const noexcept {
    return endpoint_->prepare && (statement.is_literal() || !statement.values().empty());
}

Task<> MariadbConnection::prepare(const Statement& statement) {
    const bool keep = is_kept(statement);
    std::string text{statement.sql_for_mariadb()};
    if (keep) {
        const auto known = prepared_.find(text);
        if (known != prepared_.end()) {
            statement_ = known->second.get();
            co_return;
        }
        if (prepared_.size() >= most_prepared) prepared_.clear();
    }
    unkept_ = std::make_unique<MariadbStatement>(connection_.get(), text);
    statement_ = unkept_.get();
    is_busy_ = true;
    begun(Step::prepare,
          mysql_stmt_prepare_start(&outcome_, statement_->handle(), statement_->sql.text.data(),
                                   statement_->sql.text.size()));
    co_await finish();
    if (outcome_ != 0) fail();
    is_busy_ = false;
    if (keep) prepared_.emplace(std::move(text), std::move(unkept_));
}

Task<> MariadbConnection::execute(const Statement& statement) {
    for (;;) {
        co_await prepare(statement);
        statement_->bind(statement.values());
        is_busy_ = true;
        begun(Step::execute, mysql_stmt_execute_start(&outcome_, statement_->handle()));
        co_await finish();
        if (outcome_ == 0) co_return;
        if (mysql_stmt_errno(statement_->handle()) != CR_NEW_STMT_METADATA) fail();
        // A table was altered since: the library can't take other columns, which are on their way.
        begun(Step::free_rows, mysql_stmt_free_result_start(&flag_, statement_->handle()));
        co_await finish();
        const bool may_run_again = statement_->sql.verb == "SELECT";
        is_busy_ = false;
        statement_ = nullptr;
        prepared_.erase(std::string{statement.sql_for_mariadb()});
        if (!may_run_again)
            throw DatabaseError{ErrorKind::other,
                                {"MariaDB: the statement was run, but a table was altered since it "
                                 "was prepared, and what it gave is lost",
                                 "0A000"}};
    }
}

// Behind the last row that anybody wants.
Task<> MariadbConnection::end_rows() {
    for (;;) {
        if (mysql_stmt_field_count(statement_->handle()) != 0) {
            begun(Step::free_rows, mysql_stmt_free_result_start(&flag_, statement_->handle()));
            co_await finish();
        }
        if (mysql_stmt_more_results(statement_->handle()) == 0) break;
        begun(Step::next_rows, mysql_stmt_next_result_start(&outcome_, statement_->handle()));
        co_await finish();
        if (outcome_ > 0) fail();
    }
    statement_ = nullptr;
    unkept_.reset();
    is_busy_ = false;
    see_transaction();
}

Task<Rows> MariadbConnection::run_prepared(const Statement& statement) {
    co_await execute(statement);
    Rows rows;
    const std::uint64_t affected = mysql_stmt_affected_rows(statement_->handle());
    if (mysql_stmt_field_count(statement_->handle()) != 0) {
        statement_->name_columns(rows);
        statement_->bind_columns();
        for (;;) {
            begun(Step::fetch, mysql_stmt_fetch_start(&outcome_, statement_->handle()));
            if (wanted_ != 0) co_await finish();
            if (outcome_ == MYSQL_NO_DATA) break;
            if (outcome_ == 1) fail();
            statement_->add_row(rows);
        }
    }
    count_changed(connection_.get(), statement_->sql, affected, rows);
    co_await end_rows();
    co_return rows;
}

Task<Rows> MariadbConnection::run(Statement statement) {
    check_usable();
    check_transaction();
    set_deadline();
    co_await drain();
    for (bool is_again = false;; is_again = true) {
        bool as_text = statement.values().empty() && (is_again || !is_kept(statement));
        Rows rows;
        try {
            if (!as_text) {
                rows = co_await run_prepared(statement);
                co_return rows;
            }
        } catch (const DatabaseError&) {
            const bool is_gone =
                last_code_ == ER_UNKNOWN_STMT_HANDLER || last_code_ == ER_NEED_REPREPARE;
            const bool is_full = last_code_ == ER_MAX_PREPARED_STMT_COUNT_REACHED;
            // What can't be prepared has no values, and goes as text.
            as_text = last_code_ == ER_UNSUPPORTED_PS && statement.values().empty();
            if (is_broken_ || is_again || !(is_gone || is_full || as_text)) throw;
            if (is_full)
                prepared_.clear();
            else if (is_gone)
                prepared_.erase(std::string{statement.sql_for_mariadb()});
        }
        if (!as_text) continue;
        std::string text{statement.sql_for_mariadb()};
        co_await send_text(std::move(text), &rows);
        see_transaction();
        co_return rows;
    }
}

Task<std::vector<Rows>> MariadbConnection::batch(std::vector<Statement> statements) {
    std::vector<Rows> all;
    if (statements.empty()) co_return all;
    const bool is_nested = within_ != Within::nothing || in_transaction();
    co_await command(is_nested ? "SAVEPOINT armature_batch" : "START TRANSACTION");
    std::exception_ptr error;
    try {
        for (Statement& statement : statements)
            all.push_back(co_await run(std::move(statement)));
    } catch (const DatabaseError&) {
        error = std::current_exception();
    }
    if (error && !is_broken_)
        co_await command(is_nested ? "ROLLBACK TO SAVEPOINT armature_batch" : "ROLLBACK");
    if (error) std::rethrow_exception(error);
    co_await command(is_nested ? "RELEASE SAVEPOINT armature_batch" : "COMMIT");
    co_return all;
}

// --- streams ------------------------------------------------------------------------------------

// Who reads slowly isn't a statement that runs too long.
Task<> MariadbConnection::begin_long() {
    check_usable();
    check_transaction();
    set_deadline();
    co_await drain();
    if (endpoint_->statement_timeout.count() != 0) {
        co_await send_text("SET SESSION max_statement_time = 0", nullptr);
        is_long_ = true;
    }
    deadline_ = 0;
}

Task<> MariadbConnection::start_rows(Statement statement) {
    co_await begin_long();
    co_await execute(statement);
    if (mysql_stmt_field_count(statement_->handle()) == 0)
        co_await end_rows();
    else
        statement_->bind_columns();
}

Task<std::optional<Rows>> MariadbConnection::next_rows() {
    std::optional<Rows> rows;
    if (!is_busy_) co_return rows; // the end was seen
    rows.emplace();
    statement_->name_columns(*rows);
    while (rows->size() < rows_a_portion) {
        if (wanted_ == 0)
            begun(Step::fetch, mysql_stmt_fetch_start(&outcome_, statement_->handle()));
        if (wanted_ != 0) {
            if (!rows->empty()) co_return rows; // the next one is fetched already
            co_await finish();
        }
        if (outcome_ == 1) fail();
        if (outcome_ == MYSQL_NO_DATA) {
            co_await end_rows();
            if (rows->empty()) rows.reset();
            break;
        }
        statement_->add_row(*rows);
    }
    co_return rows;
}

// --- between its users --------------------------------------------------------------------------

Task<> MariadbConnection::drain() {
    if (std::exchange(is_given_up_, false)) {
        co_await finish();
        if (outcome_ == 1) is_busy_ = false; // its error is nobody's any more
        if (is_busy_) co_await end_rows();
    }
    if (std::exchange(is_late_, false)) {
        statement_ = nullptr;
        begun(Step::read_answer, mysql_read_query_result_start(&flag_, connection_.get()));
        co_await finish();
        if (flag_ != 0 && ends_connection(mysql_errno(connection_.get()))) fail();
    }
    if (std::exchange(is_long_, false)) later_.insert(later_.begin(), limit_text(*endpoint_));
    for (std::string& sql : std::exchange(later_, {}))
        co_await send_text(std::move(sql), nullptr);
}

void MariadbConnection::run_later(std::string sql) noexcept {
    const bool is_end = sql == "ROLLBACK";
    if (!is_end && within_ != Within::transaction) return; // there is no savepoint any more
    if (is_busy_ || is_late_ || is_broken_) {
        later_.push_back(std::move(sql));
        return;
    }
    // A few bytes: the socket takes them at once.
    begun(Step::query,
          mysql_send_query_start(&outcome_, connection_.get(), sql.data(), sql.size()));
    if (wanted_ != 0 || outcome_ != 0) is_broken_ = true;
    is_late_ = true;
    if (is_end) within_ = Within::nothing;
}

void MariadbConnection::give_up() noexcept {
    if (is_busy_) is_given_up_ = true;
}

bool MariadbConnection::in_transaction() const noexcept { return !is_late_ && has_transaction(); }

bool MariadbConnection::is_local() const noexcept {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (::getpeername(mysql_get_socket(connection_.get()), reinterpret_cast<sockaddr*>(&address),
                      &size) != 0)
        return false;
    if (address.ss_family == AF_UNIX) return true;
    if (address.ss_family == AF_INET) {
        const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
        return ntohl(v4.sin_addr.s_addr) >> 24 == 127;
    }
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
    return IN6_IS_ADDR_LOOPBACK(&v6) || (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == 127);
}

bool MariadbConnection::settle() noexcept {
    if (waiter_ != nullptr) std::exchange(waiter_, nullptr)->give_back();
    return !is_broken_ && !is_busy_ && later_.empty() && !in_transaction();
}

bool MariadbConnection::is_alive() noexcept {
    // The server says nothing by itself but that it closes.
    pollfd socket{mysql_get_socket(connection_.get()), POLLIN | POLLRDHUP, 0};
    if (::poll(&socket, 1, 0) == 0) return true;
    return is_late_ && socket.revents == POLLIN;
}

void MariadbConnection::retire(std::unique_ptr<Connection> self,
                               std::shared_ptr<Pool> pool) noexcept {
    // Of one that broke in the middle nobody knows whether the server still works for it.
    const bool runs = is_busy_ && connection_ != nullptr;
    const unsigned long id = runs ? mysql_thread_id(connection_.get()) : 0;
    const int socket = runs ? mysql_get_socket(connection_.get()) : -1;
    Farewell farewell{std::move(self), std::move(pool), endpoint_, id, socket};
    try {
        Task<> task = blocking(std::move(farewell));
        if (task.start([](void*) {}, nullptr, nullptr)) task.take_result();
    } catch (const std::exception&) { // NOLINT: without a loop or a place in its queue it is closed
    }
}

// --- what a URL names ---------------------------------------------------------------------------

namespace {

class MariadbDriver final : public Driver {
  public:
    explicit MariadbDriver(const DatabaseOptions& options) {
        static std::once_flag once; // the library's own start isn't safe for threads
        std::call_once(once, [] { mysql_library_init(0, nullptr, nullptr); });
        MariadbEndpoint endpoint{options.url};
        endpoint.connect_timeout = options.connect_timeout;
        endpoint.statement_timeout = options.statement_timeout;
        endpoint.prepare = options.prepare;
        const std::string& place = endpoint.socket.empty() ? endpoint.host : endpoint.socket;
        name_ = "MariaDB at " + (place.empty() ? "its Unix socket" : place) +
                (endpoint.database.empty() ? "" : ", database " + endpoint.database);
        endpoint_ = std::make_shared<const MariadbEndpoint>(std::move(endpoint));
    }
    [[nodiscard]] std::unique_ptr<Connection> make() const override {
        return std::make_unique<MariadbConnection>(endpoint_);
    }
    [[nodiscard]] Dialect dialect() const noexcept override { return Dialect::mariadb; }
    [[nodiscard]] std::string name() const override { return name_; }

  private:
    std::shared_ptr<const MariadbEndpoint> endpoint_;
    std::string name_;
};

} // namespace

std::unique_ptr<Driver> make_mariadb_driver(const DatabaseOptions& options) {
    return std::make_unique<MariadbDriver>(options);
}

} // namespace armature::db::detail
