#include "db/postgres.hpp"

#include "db/pool.hpp"
#include "db/postgres_error.hpp"

#include <poll.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <utility>

namespace armature::db::detail {

namespace {

constexpr std::size_t most_prepared = 256;

std::uint64_t count_of(const PGresult* result) {
    const std::string_view text = PQcmdTuples(const_cast<PGresult*>(result));
    std::uint64_t count = 0;
    parse_number(text, count);
    return count;
}

bool changes_rows(std::string_view command) {
    for (const std::string_view verb : {"INSERT", "UPDATE", "DELETE", "MERGE", "COPY"})
        if (command.starts_with(verb)) return true;
    return false;
}

/// Values as libpq takes them.
class Parameters {
  public:
    explicit Parameters(const std::vector<Value>& values) {
        texts_.reserve(values.size());
        for (const Value& value : values) {
            const bool is_bytes = value.kind() == Value::Kind::bytes;
            texts_.push_back(value.to_text());
            if (!is_bytes && texts_.back().find('\0') != std::string::npos)
                throw DatabaseError{ErrorKind::data,
                                    {"PostgreSQL takes no NUL byte in a text", "22021"}};
            formats_.push_back(is_bytes ? 1 : 0);
            lengths_.push_back(static_cast<int>(texts_.back().size()));
        }
        for (std::size_t i = 0; i < values.size(); ++i)
            pointers_.push_back(values[i].is_null() ? nullptr : texts_[i].c_str());
    }
    [[nodiscard]] int count() const noexcept { return static_cast<int>(pointers_.size()); }
    [[nodiscard]] const char* const* pointers() const noexcept { return pointers_.data(); }
    [[nodiscard]] const int* lengths() const noexcept { return lengths_.data(); }
    [[nodiscard]] const int* formats() const noexcept { return formats_.data(); }

  private:
    std::vector<std::string> texts_;
    std::vector<const char*> pointers_;
    std::vector<int> lengths_;
    std::vector<int> formats_;
};

/// Ends a connection away from the event loop: the server is told to stop what runs there, which
/// takes a connection of its own.
struct Farewell {
    Farewell(ConnectionHandle leaving, std::shared_ptr<Pool> told) noexcept
        : connection(std::move(leaving)), pool(std::move(told)),
          cancel(connection ? PQgetCancel(connection.get()) : nullptr) {}
    Farewell(Farewell&& other) noexcept
        : connection(std::move(other.connection)), pool(std::move(other.pool)),
          cancel(std::exchange(other.cancel, nullptr)) {}
    Farewell& operator=(Farewell&&) = delete;
    ~Farewell() {
        PQfreeCancel(cancel);
        connection.reset();
        if (pool) pool->forget();
    }
    void operator()() {
        char why[256];
        if (cancel != nullptr) PQcancel(cancel, why, sizeof why);
        connection.reset();
    }
    ConnectionHandle connection;
    std::shared_ptr<Pool> pool;
    PGcancel* cancel;
};

struct Opened {
    ConnectionHandle connection;
    std::string fault;
};

Opened open_now(const DatabaseOptions& options) {
    const std::string seconds =
        std::to_string(std::max<std::int64_t>(2, (options.connect_timeout.count() + 999) / 1000));
    const char* const names[] = {"dbname", "connect_timeout", "fallback_application_name",
                                 "client_encoding", nullptr};
    const char* const values[] = {options.url.c_str(), seconds.c_str(), "armature", "UTF8",
                                  nullptr};
    Opened opened;
    opened.connection.reset(PQconnectdbParams(names, values, 1));
    PGconn* const connection = opened.connection.get();
    if (PQstatus(connection) != CONNECTION_OK) {
        opened.fault = in_one_line(PQerrorMessage(connection));
        return opened;
    }
    PQsetNoticeProcessor(connection, [](void*, const char*) {}, nullptr);
    // Texts of times and intervals that don't depend on the server's settings.
    const std::string settings =
        "SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'iso_8601'; "
        "SET bytea_output = 'hex'; SET extra_float_digits = 1; SET statement_timeout = " +
        std::to_string(options.statement_timeout.count());
    const ResultHandle set{PQexec(connection, settings.c_str())};
    if (PQresultStatus(set.get()) != PGRES_COMMAND_OK)
        opened.fault = in_one_line(PQerrorMessage(connection));
    PQsetnonblocking(connection, 1);
    return opened;
}

} // namespace

void add_rows(const PGresult* result, Rows& rows) {
    const int columns = PQnfields(result);
    if (rows.columns().empty())
        for (int column = 0; column < columns; ++column)
            rows.add_column(PQfname(result, column));
    const int count = PQntuples(result);
    for (int row = 0; row < count; ++row)
        for (int column = 0; column < columns; ++column) {
            if (PQgetisnull(result, row, column) != 0)
                rows.add_null();
            else
                rows.add_text({PQgetvalue(result, row, column),
                               static_cast<std::size_t>(PQgetlength(result, row, column))});
        }
}

PostgresConnection::~PostgresConnection() {
    if (waiter_ != nullptr) waiter_->give_back();
}

Task<> PostgresConnection::open() {
    auto work = [options = options_] { return open_now(*options); };
    Opened opened = co_await blocking(std::move(work));
    if (!opened.fault.empty())
        throw DatabaseError{ErrorKind::unavailable, {"PostgreSQL: " + opened.fault, "08001"}};
    connection_ = std::move(opened.connection);
}

void PostgresConnection::throw_lost() {
    is_broken_ = true;
    throw connection_lost(connection_.get());
}

void PostgresConnection::check_usable() const {
    if (is_broken_)
        throw DatabaseError{ErrorKind::unavailable, {"the connection broke before", "08003"}};
    if (is_busy_ && !is_given_up_)
        throw std::logic_error("armature: a stream, copy or statement of this transaction hasn't "
                               "ended; read it to its end, or let it go out of scope");
}

void PostgresConnection::set_deadline() noexcept {
    // The server ends statements that take too long; this is for a server that is gone.
    const std::int64_t limit = options_->statement_timeout.count();
    deadline_ = limit == 0 || is_long_ ? 0 : Scheduler::current().read_clock() + limit + 5'000;
}

Task<> PostgresConnection::wait(std::uint32_t events) {
    if (waiter_ == nullptr) waiter_ = SocketWaiter::borrow(PQsocket(connection_.get()));
    const bool in_time = co_await waiter_->wait(events, deadline_);
    if (!in_time) {
        is_broken_ = true;
        throw DatabaseError{ErrorKind::timeout, {"PostgreSQL doesn't answer", "57014"}};
    }
}

Task<> PostgresConnection::flush() {
    for (;;) {
        const int result = PQflush(connection_.get());
        if (result == 0) co_return;
        if (result < 0) throw_lost();
        co_await wait(EPOLLIN | EPOLLOUT);
        if (PQconsumeInput(connection_.get()) == 0) throw_lost();
    }
}

void PostgresConnection::check_sent(int result) {
    if (result == 0) throw_lost();
    is_busy_ = true;
}

Task<ResultHandle> PostgresConnection::next_result() {
    while (PQisBusy(connection_.get()) != 0) {
        co_await wait(EPOLLIN);
        if (PQconsumeInput(connection_.get()) == 0) throw_lost();
    }
    ResultHandle result{PQgetResult(connection_.get())};
    co_return result;
}

Task<> PostgresConnection::collect(Rows* rows, std::string* command) {
    std::exception_ptr error;
    for (;;) {
        const ResultHandle result = co_await next_result();
        if (!result) break;
        switch (PQresultStatus(result.get())) {
        case PGRES_TUPLES_OK:
        case PGRES_COMMAND_OK:
            if (command != nullptr) *command = PQcmdStatus(result.get());
            if (rows != nullptr) {
                add_rows(result.get(), *rows);
                if (changes_rows(PQcmdStatus(result.get())))
                    rows->set_changed(count_of(result.get()));
            }
            break;
        case PGRES_EMPTY_QUERY:
            break;
        case PGRES_COPY_IN:
        case PGRES_COPY_OUT:
        case PGRES_COPY_BOTH:
            is_broken_ = true; // it would have to be ended
            throw DatabaseError{ErrorKind::unsupported,
                                {"COPY is begun by copy_in or copy_out", "0A000"}};
        default:
            if (PQstatus(connection_.get()) != CONNECTION_OK) is_broken_ = true;
            error = std::make_exception_ptr(postgres_error(result.get(), sql_));
        }
    }
    is_busy_ = false;
    if (PQstatus(connection_.get()) != CONNECTION_OK) is_broken_ = true;
    if (error) std::rethrow_exception(error);
}

Task<> PostgresConnection::discard_results() {
    for (;;) {
        const ResultHandle result = co_await next_result();
        if (!result) break;
        const ExecStatusType status = PQresultStatus(result.get());
        if (status == PGRES_COPY_IN) {
            PQputCopyEnd(connection_.get(), "given up");
            co_await flush();
        } else if (status == PGRES_COPY_OUT) {
            for (char* piece = nullptr;;) {
                const int size = PQgetCopyData(connection_.get(), &piece, 1);
                if (size < 0) break;
                if (size > 0) {
                    PQfreemem(piece);
                    continue;
                }
                co_await wait(EPOLLIN);
                if (PQconsumeInput(connection_.get()) == 0) throw_lost();
            }
        }
    }
    is_busy_ = false;
}

Task<> PostgresConnection::drain() {
    if (std::exchange(is_given_up_, false) || std::exchange(is_late_, false)) {
        is_late_ = false;
        co_await flush();
        co_await discard_results();
    }
    if (std::exchange(is_long_, false))
        later_.insert(0, "SET statement_timeout = " +
                             std::to_string(options_->statement_timeout.count()) + ";");
    if (!later_.empty()) {
        std::string sql = std::exchange(later_, {});
        co_await command(std::move(sql));
    }
}

Task<std::string> PostgresConnection::command(std::string sql) {
    check_usable();
    set_deadline();
    co_await drain();
    sql_ = std::move(sql);
    check_sent(PQsendQuery(connection_.get(), sql_.c_str()));
    co_await flush();
    std::string done;
    co_await collect(nullptr, &done);
    co_return done;
}

// Empty: it isn't kept prepared.
Task<std::string> PostgresConnection::prepare(const Statement& statement) {
    std::string text{statement.sql()};
    if (!options_->prepare || (statement.values().empty() && !statement.is_literal()))
        co_return std::string{};
    const auto known = prepared_.find(text);
    if (known != prepared_.end()) co_return known->second;
    if (prepared_.size() >= most_prepared) {
        prepared_.clear();
        co_await command("DEALLOCATE ALL");
    }
    std::string name = "a" + std::to_string(next_name_++);
    sql_ = text;
    check_sent(PQsendPrepare(connection_.get(), name.c_str(), text.c_str(), 0, nullptr));
    co_await flush();
    co_await collect(nullptr, nullptr);
    prepared_.emplace(std::move(text), name);
    co_return name;
}

// `prepared`: its name, or empty.
Task<> PostgresConnection::send(const Statement& statement, const std::string& prepared) {
    const Parameters parameters{statement.values()};
    sql_ = statement.sql();
    check_sent(prepared.empty()
                   ? PQsendQueryParams(connection_.get(), sql_.c_str(), parameters.count(), nullptr,
                                       parameters.pointers(), parameters.lengths(),
                                       parameters.formats(), 0)
                   : PQsendQueryPrepared(connection_.get(), prepared.c_str(), parameters.count(),
                                         parameters.pointers(), parameters.lengths(),
                                         parameters.formats(), 0));
    co_await flush();
}

Task<> PostgresConnection::begin(const Statement& statement) {
    const std::string prepared = co_await prepare(statement);
    co_await send(statement, prepared);
}

Task<Rows> PostgresConnection::run(Statement statement) {
    check_usable();
    set_deadline();
    co_await drain();
    for (bool is_again = false;; is_again = true) {
        const bool was_in_transaction = in_transaction();
        bool is_stale = false;
        try {
            co_await begin(statement);
            Rows rows;
            co_await collect(&rows, nullptr);
            co_return rows;
        } catch (const DatabaseError& error) {
            // A plan whose table was altered, or that DISCARD took away.
            is_stale = (error.sqlstate() == "0A000" || error.sqlstate() == "26000") && !is_again &&
                       !was_in_transaction && !is_broken_ &&
                       prepared_.erase(std::string{statement.sql()}) != 0;
            if (!is_stale) throw;
        }
    }
}

Task<std::vector<Rows>> PostgresConnection::batch(std::vector<Statement> statements) {
    check_usable();
    set_deadline();
    co_await drain();
    std::vector<std::string> names;
    for (const Statement& statement : statements)
        names.push_back(co_await prepare(statement));
    PGconn* const connection = connection_.get();
    is_busy_ = true;
    if (PQenterPipelineMode(connection) == 0) throw_lost();
    for (std::size_t i = 0; i < statements.size(); ++i)
        co_await send(statements[i], names[i]);
    check_sent(PQpipelineSync(connection));
    co_await flush();

    std::vector<Rows> all(statements.size());
    std::exception_ptr error;
    for (std::size_t i = 0; i < statements.size(); ++i) {
        sql_ = statements[i].sql();
        try {
            co_await collect(&all[i], nullptr);
        } catch (const DatabaseError&) {
            if (!error) error = std::current_exception(); // those behind it are aborted
        }
        if (is_broken_) std::rethrow_exception(error);
        is_busy_ = true;
    }
    const ResultHandle sync = co_await next_result();
    if (PQresultStatus(sync.get()) != PGRES_PIPELINE_SYNC || PQexitPipelineMode(connection) == 0)
        throw_lost();
    is_busy_ = false;
    if (error) std::rethrow_exception(error);
    co_return all;
}

// --- between its users --------------------------------------------------------------------------

void PostgresConnection::run_later(std::string sql) noexcept {
    if (is_busy_ || is_late_ || is_broken_) {
        later_ += sql + ';';
        return;
    }
    if (PQsendQuery(connection_.get(), sql.c_str()) == 0 || PQflush(connection_.get()) < 0)
        is_broken_ = true;
    is_late_ = true;
}

void PostgresConnection::give_up() noexcept {
    if (is_busy_) is_given_up_ = true;
}

bool PostgresConnection::in_transaction() const noexcept {
    const PGTransactionStatusType status = PQtransactionStatus(connection_.get());
    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

bool PostgresConnection::is_local() const noexcept {
    const std::string_view host = PQhost(connection_.get());
    if (host.empty() || host.front() == '/' || host.front() == '@') return true; // a Unix socket
    const std::string_view address = PQhostaddr(connection_.get());
    return address == "::1" || address.starts_with("127.") || address.starts_with("::ffff:127.");
}

bool PostgresConnection::is_idle() const noexcept {
    return is_late_ || PQtransactionStatus(connection_.get()) == PQTRANS_IDLE;
}

bool PostgresConnection::settle() noexcept {
    if (waiter_ != nullptr) std::exchange(waiter_, nullptr)->give_back();
    return !is_broken_ && !is_busy_ && later_.empty() &&
           PQstatus(connection_.get()) == CONNECTION_OK && is_idle();
}

bool PostgresConnection::is_alive() noexcept {
    // What a server says before it closes, and that it closed.
    for (int round = 0; round < 4; ++round) {
        pollfd socket{PQsocket(connection_.get()), POLLIN, 0};
        if (::poll(&socket, 1, 0) == 0) break;
        if (PQconsumeInput(connection_.get()) == 0) return false;
    }
    return PQstatus(connection_.get()) == CONNECTION_OK;
}

void PostgresConnection::retire(std::unique_ptr<Connection> self,
                                std::shared_ptr<Pool> pool) noexcept {
    const std::unique_ptr<Connection> ending = std::move(self);
    Farewell farewell{std::move(connection_), std::move(pool)};
    try {
        Task<> task = blocking(std::move(farewell));
        if (task.start([](void*) {}, nullptr, nullptr)) task.take_result();
    } catch (const std::exception&) { // NOLINT: without a loop or a place in its queue it is closed
    }
}

// --- what a URL names ---------------------------------------------------------------------------

namespace {

class PostgresDriver final : public Driver {
  public:
    explicit PostgresDriver(const DatabaseOptions& options)
        : options_(std::make_shared<const DatabaseOptions>(options)) {
        PQconninfoOption* const parsed = PQconninfoParse(options.url.c_str(), nullptr);
        if (parsed == nullptr) // libpq's own words would quote the password
            throw std::invalid_argument(
                "armature: the database's URL isn't one that PostgreSQL understands: "
                "postgresql://user:password@host:port/database, with percent-encoding");
        std::string host = "localhost";
        std::string database;
        for (const PQconninfoOption* option = parsed; option->keyword != nullptr; ++option) {
            if (option->val == nullptr) continue;
            if (std::strcmp(option->keyword, "host") == 0) host = option->val;
            if (std::strcmp(option->keyword, "dbname") == 0) database = option->val;
        }
        PQconninfoFree(parsed);
        name_ = "PostgreSQL at " + host + (database.empty() ? "" : ", database " + database);
    }
    [[nodiscard]] std::unique_ptr<Connection> make() const override {
        return std::make_unique<PostgresConnection>(options_);
    }
    [[nodiscard]] Dialect dialect() const noexcept override { return Dialect::postgres; }
    [[nodiscard]] std::string name() const override { return name_; }

  private:
    std::shared_ptr<const DatabaseOptions> options_;
    std::string name_;
};

} // namespace

std::unique_ptr<Driver> make_postgres_driver(const DatabaseOptions& options) {
    return std::make_unique<PostgresDriver>(options);
}

} // namespace armature::db::detail
