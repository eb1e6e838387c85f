#include "db/sqlite.hpp"

#include "db/pool.hpp"
#include "db/sqlite_connection.hpp"
#include "db/sqlstate.hpp"

#include <signal.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <utility>

namespace armature::db::detail {

namespace {

constexpr std::size_t most_prepared = 256;
constexpr std::size_t rows_a_portion = 256;

std::string_view sqlstate_of(int extended, std::string_view message) noexcept {
    switch (extended) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
        return "23505";
    case SQLITE_CONSTRAINT_FOREIGNKEY:
        return "23503";
    case SQLITE_CONSTRAINT_NOTNULL:
        return "23502";
    case SQLITE_CONSTRAINT_CHECK:
        return "23514";
    default:
        break;
    }
    switch (extended & 0xFF) {
    case SQLITE_CONSTRAINT:
        return "23000";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "40001";
    case SQLITE_INTERRUPT:
        return "57014";
    case SQLITE_CANTOPEN:
        return "08001";
    case SQLITE_READONLY:
        return "25006";
    case SQLITE_FULL:
        return "53100";
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
        return "22000";
    case SQLITE_IOERR:
        return "58030";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return "XX001";
    default:
        break;
    }
    if (message.starts_with("no such table")) return "42P01";
    if (message.starts_with("no such column")) return "42703";
    if (message.find("syntax error") != std::string_view::npos ||
        message.starts_with("incomplete input") || message.starts_with("unrecognized token"))
        return "42601";
    return "HY000";
}

// "UNIQUE constraint failed: users.email", "CHECK constraint failed: adult"
void read_constraint(std::string_view message, DatabaseError::Report& report) {
    constexpr std::string_view before = " constraint failed: ";
    const std::size_t at = message.find(before);
    if (at == std::string_view::npos) return;
    const std::string_view what = message.substr(at + before.size());
    if (message.starts_with("CHECK")) {
        report.constraint = what;
        return;
    }
    const std::size_t dot = what.find('.');
    report.table = what.substr(0, dot);
    if (dot != std::string_view::npos && what.find(',') == std::string_view::npos)
        report.column = what.substr(dot + 1);
}

// The n of a placeholder; 0: it is none of ours.
std::size_t placeholder_of(sqlite3_stmt* statement, int index) {
    const char* const name = sqlite3_bind_parameter_name(statement, index);
    if (name == nullptr) return static_cast<std::size_t>(index);
    std::size_t number = 0;
    if (name[0] != '$' && name[0] != '?') return 0;
    parse_number(std::string_view{name + 1}, number);
    return number;
}

} // namespace

DatabaseError sqlite_error(sqlite3* database, std::string_view sql) {
    DatabaseError::Report report;
    const std::string_view message = sqlite3_errmsg(database);
    report.message = "SQLite: " + std::string{message};
    report.sqlstate = sqlstate_of(sqlite3_extended_errcode(database), message);
    read_constraint(message, report);
    const int offset = sqlite3_error_offset(database);
    if (offset >= 0 && static_cast<std::size_t>(offset) <= sql.size())
        report.position = static_cast<std::size_t>(offset) + 1;
    const ErrorKind kind = kind_of(report.sqlstate);
    return DatabaseError{kind, std::move(report)};
}

SqliteThread::~SqliteThread() {
    stop_rows();
    for (const auto& [text, statement] : prepared_)
        sqlite3_finalize(statement);
    const std::lock_guard lock{database_mutex_};
    sqlite3_close_v2(database_);
}

void SqliteThread::start(const std::shared_ptr<SqliteThread>& self) {
    self->thread_ = std::thread{[self] { self->serve(); }};
}

void SqliteThread::stop() noexcept {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    wake_.notify_one();
    if (!thread_.joinable()) return;
    if (thread_.get_id() == std::this_thread::get_id())
        thread_.detach(); // it ends by itself
    else
        thread_.join();
}

void SqliteThread::submit(armature::detail::BlockingWork& work) {
    const std::lock_guard lock{mutex_};
    work.next = nullptr;
    (first_ == nullptr ? first_ : last_->next) = &work;
    last_ = &work;
    wake_.notify_one();
}

void SqliteThread::submit_retired(std::unique_ptr<Connection> connection,
                                  std::shared_ptr<Pool> pool) {
    const std::lock_guard lock{mutex_};
    retired_ = std::move(connection);
    pool_ = std::move(pool);
    wake_.notify_one();
}

void SqliteThread::serve() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    std::unique_lock lock{mutex_};
    for (;;) {
        while (first_ == nullptr && !retired_) {
            if (stopping_) return;
            wake_.wait(lock);
        }
        if (first_ != nullptr) {
            armature::detail::BlockingWork* const work = first_;
            first_ = work->next;
            lock.unlock();
            work->execute();
        } else {
            lock.unlock();
            take_back();
        }
        lock.lock();
    }
}

void SqliteThread::take_back() noexcept {
    std::unique_ptr<Connection> connection;
    std::shared_ptr<Pool> pool;
    {
        const std::lock_guard lock{mutex_};
        connection = std::move(retired_);
        pool = std::move(pool_);
    }
    interrupted_ = false;
    stop_rows();
    try {
        if (database_ != nullptr && sqlite3_get_autocommit(database_) == 0) execute("ROLLBACK");
    } catch (const DatabaseError&) {
        is_broken_ = true;
    }
    if (is_broken_ || database_ == nullptr) {
        connection.reset();
        pool->forget();
        return;
    }
    static_cast<SqliteConnection&>(*connection).recover();
    pool->put(std::move(connection));
}

void SqliteThread::interrupt() noexcept {
    interrupted_ = true;
    const std::lock_guard lock{database_mutex_};
    if (database_ != nullptr) sqlite3_interrupt(database_);
}

int SqliteThread::on_progress(void* self) {
    const auto& thread = *static_cast<SqliteThread*>(self);
    return thread.interrupted_ || (thread.deadline_ != 0 && steady_now() > thread.deadline_) ? 1
                                                                                             : 0;
}

int SqliteThread::on_busy(void* self, int count) {
    auto& thread = *static_cast<SqliteThread*>(self);
    if (count == 0) thread.busy_since_ = steady_now();
    if (thread.interrupted_ ||
        steady_now() - thread.busy_since_ >= thread.options_->busy_timeout.count())
        return 0;
    std::this_thread::sleep_for(std::chrono::milliseconds{std::min(count + 1, 10)});
    return 1;
}

void SqliteThread::open() {
    const std::string path = sqlite_path(options_->url);
    sqlite3* database = nullptr;
    const int result = sqlite3_open_v2(path.c_str(), &database,
                                       SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
                                           SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                                       nullptr);
    {
        const std::lock_guard lock{database_mutex_};
        database_ = database;
    }
    if (result != SQLITE_OK) {
        is_broken_ = true;
        throw DatabaseError{
            ErrorKind::unavailable,
            {"SQLite: can't open " + path + ": " + sqlite3_errmsg(database_), "08001"}};
    }
    sqlite3_busy_handler(database_, &on_busy, this);
    sqlite3_progress_handler(database_, 1'000, &on_progress, this);
    // What is in double quotes is a name and never silently a text.
    sqlite3_db_config(database_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    begin_call();
    execute("PRAGMA journal_mode = WAL");
    execute("PRAGMA synchronous = NORMAL");
    execute("PRAGMA foreign_keys = ON");
    execute("PRAGMA trusted_schema = OFF");
}

void SqliteThread::begin_call() noexcept {
    const std::int64_t limit = options_->statement_timeout.count();
    deadline_ = limit == 0 ? 0 : steady_now() + limit;
}

// A transaction may have been read only, which is the connection's state in SQLite.
void SqliteThread::end_call() noexcept {
    const bool was_in_transaction =
        in_transaction_.exchange(sqlite3_get_autocommit(database_) == 0);
    if (was_in_transaction && !in_transaction_ &&
        sqlite3_exec(database_, "PRAGMA query_only = OFF", nullptr, nullptr, nullptr) != SQLITE_OK)
        is_broken_ = true;
}

void SqliteThread::fail(std::string_view sql) const {
    if (sqlite3_errcode(database_) == SQLITE_INTERRUPT && deadline_ != 0 &&
        steady_now() > deadline_)
        throw DatabaseError{ErrorKind::timeout,
                            {"SQLite: the statement took longer than statement_timeout", "57014"}};
    throw sqlite_error(database_, sql);
}

void SqliteThread::execute(const char* sql) {
    if (sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
        DatabaseError error = sqlite_error(database_, sql);
        end_call();
        throw error; // NOLINT: copied
    }
    end_call();
}

sqlite3_stmt* SqliteThread::prepare(const Statement& statement, bool& is_kept) {
    const std::string text{statement.sql()};
    const bool keep = is_kept && (statement.is_literal() || !statement.values().empty());
    is_kept = keep;
    if (keep) {
        const auto known = prepared_.find(text);
        if (known != prepared_.end()) return known->second;
    }
    sqlite3_stmt* made = nullptr;
    const char* rest = nullptr;
    if (sqlite3_prepare_v3(database_, text.c_str(), static_cast<int>(text.size()),
                           keep ? SQLITE_PREPARE_PERSISTENT : 0, &made, &rest) != SQLITE_OK)
        fail(text);
    for (; rest != nullptr && *rest != '\0'; ++rest) {
        const auto at = static_cast<std::size_t>(rest - text.c_str());
        const std::size_t after = after_quoted(text, at);
        const bool is_comment = after != at && (*rest == '-' || *rest == '/');
        if (is_comment) {
            rest = text.c_str() + after - 1;
        } else if (*rest != ' ' && *rest != '\n' && *rest != '\r' && *rest != '\t' &&
                   *rest != ';') {
            sqlite3_finalize(made);
            DatabaseError::Report report{"SQLite: one statement at a time", "42601"};
            report.position = at + 1;
            throw DatabaseError{ErrorKind::syntax, std::move(report)};
        }
    }
    if (keep) {
        if (prepared_.size() >= most_prepared) {
            for (const auto& [known, old] : prepared_)
                sqlite3_finalize(old);
            prepared_.clear();
        }
        prepared_.emplace(text, made);
    }
    return made;
}

void SqliteThread::bind(sqlite3_stmt* statement, const Statement& from) {
    const std::vector<Value>& values = from.values();
    std::size_t greatest = 0;
    for (int i = 1; i <= sqlite3_bind_parameter_count(statement); ++i) {
        const std::size_t number = placeholder_of(statement, i);
        greatest = std::max(greatest, number);
        if (number == 0 || number > values.size()) {
            greatest = 0;
            break;
        }
        const Value& value = values[number - 1];
        int result = SQLITE_OK;
        switch (value.kind()) {
        case Value::Kind::null:
            result = sqlite3_bind_null(statement, i);
            break;
        case Value::Kind::boolean:
        case Value::Kind::integer:
            result = sqlite3_bind_int64(statement, i, value.integer());
            break;
        case Value::Kind::real:
            result = sqlite3_bind_double(statement, i, value.real());
            break;
        case Value::Kind::text:
            result = sqlite3_bind_text64(statement, i, value.text().data(), value.text().size(),
                                         SQLITE_TRANSIENT, SQLITE_UTF8);
            break;
        case Value::Kind::bytes:
            result = sqlite3_bind_blob64(statement, i, value.text().data(), value.text().size(),
                                         SQLITE_TRANSIENT);
            break;
        }
        if (result != SQLITE_OK) fail(from.sql());
    }
    if (greatest != values.size())
        throw DatabaseError{
            ErrorKind::syntax,
            {"SQLite: the statement's placeholders are $1 to $n, one for each value", "42P02"}};
}

bool SqliteThread::step(sqlite3_stmt* statement, std::string_view sql) {
    const int result = sqlite3_step(statement);
    if (result == SQLITE_ROW) return true;
    if (result != SQLITE_DONE) fail(sql);
    return false;
}

void SqliteThread::add_row(sqlite3_stmt* statement, Rows& rows) const {
    const int columns = sqlite3_column_count(statement);
    if (rows.columns().empty())
        for (int i = 0; i < columns; ++i)
            rows.add_column(sqlite3_column_name(statement, i));
    for (int i = 0; i < columns; ++i) {
        char text[40];
        switch (sqlite3_column_type(statement, i)) {
        case SQLITE_NULL:
            rows.add_null();
            break;
        case SQLITE_INTEGER: {
            const auto [end, error] =
                std::to_chars(text, text + sizeof text, sqlite3_column_int64(statement, i));
            rows.add_text({text, end});
            break;
        }
        case SQLITE_FLOAT: {
            const auto [end, error] =
                std::to_chars(text, text + sizeof text, sqlite3_column_double(statement, i));
            rows.add_text({text, end});
            break;
        }
        case SQLITE_BLOB: {
            const auto* const bytes = static_cast<const char*>(sqlite3_column_blob(statement, i));
            rows.add_bytes({bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement, i))});
            break;
        }
        default: {
            const auto* const bytes =
                reinterpret_cast<const char*>(sqlite3_column_text(statement, i));
            rows.add_text({bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement, i))});
        }
        }
    }
}

namespace {

// Ends a statement's use, whatever happens in it.
struct Use {
    Use(sqlite3_stmt* used, bool kept) noexcept : statement(used), is_kept(kept) {}
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    ~Use() {
        if (!is_kept) {
            sqlite3_finalize(statement);
            return;
        }
        sqlite3_reset(statement);
        sqlite3_clear_bindings(statement);
    }
    sqlite3_stmt* statement;
    bool is_kept;
};

} // namespace

Rows SqliteThread::run(const Statement& statement) {
    struct AtEnd {
        explicit AtEnd(SqliteThread& thread) noexcept : of(thread) { of.begin_call(); }
        AtEnd(const AtEnd&) = delete;
        AtEnd& operator=(const AtEnd&) = delete;
        ~AtEnd() { of.end_call(); }
        SqliteThread& of;
    } const at_end{*this};
    bool is_kept = options_->prepare;
    sqlite3_stmt* const prepared = prepare(statement, is_kept);
    Rows rows;
    if (prepared == nullptr) return rows; // nothing but comments
    const Use use{prepared, is_kept};
    bind(prepared, statement);
    const sqlite3_int64 before = sqlite3_total_changes64(database_);
    while (step(prepared, statement.sql()))
        add_row(prepared, rows);
    if (rows.columns().empty())
        for (int i = 0; i < sqlite3_column_count(prepared); ++i)
            rows.add_column(sqlite3_column_name(prepared, i));
    if (sqlite3_total_changes64(database_) != before)
        rows.set_changed(static_cast<std::uint64_t>(sqlite3_changes64(database_)));
    return rows;
}

std::vector<Rows> SqliteThread::batch(const std::vector<Statement>& statements) {
    const bool is_nested = sqlite3_get_autocommit(database_) == 0;
    execute(is_nested ? "SAVEPOINT armature_batch" : "BEGIN IMMEDIATE");
    try {
        std::vector<Rows> all;
        for (const Statement& statement : statements)
            all.push_back(run(statement));
        execute(is_nested ? "RELEASE armature_batch" : "COMMIT");
        return all;
    } catch (...) {
        interrupted_ = false; // or it wouldn't roll back
        if (sqlite3_get_autocommit(database_) == 0)
            execute(is_nested ? "ROLLBACK TO armature_batch; RELEASE armature_batch" : "ROLLBACK");
        throw;
    }
}

void SqliteThread::start_rows(const Statement& statement) {
    stop_rows();
    begin_call();
    bool is_kept = false; // the same text may run beside it
    streaming_ = prepare(statement, is_kept);
    streaming_sql_ = statement.sql();
    if (streaming_ != nullptr) bind(streaming_, statement);
}

std::optional<Rows> SqliteThread::next_rows() {
    std::optional<Rows> rows;
    if (streaming_ == nullptr) return rows;
    begin_call();
    rows.emplace();
    try {
        while (rows->size() < rows_a_portion) {
            if (!step(streaming_, streaming_sql_)) {
                stop_rows();
                if (rows->empty()) rows.reset();
                break;
            }
            add_row(streaming_, *rows);
        }
    } catch (...) {
        stop_rows();
        throw;
    }
    return rows;
}

void SqliteThread::stop_rows() noexcept { sqlite3_finalize(std::exchange(streaming_, nullptr)); }

} // namespace armature::db::detail
