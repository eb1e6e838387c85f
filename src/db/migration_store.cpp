#include "db/migration_store.hpp"

#include "db/sqlite_connection.hpp"

#include <armature/core/uuid.hpp>
#include <armature/db/query.hpp>
#include <armature/describe/chrono.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace armature::db::detail {

namespace {

constexpr std::int64_t advisory_lock = 0x61726d61'6d696772; // "armamigr"

DatabaseOptions options_for(std::string url, const MigrationOptions& options) {
    DatabaseOptions made;
    made.url = std::move(url);
    made.max_connections = 1; // a lock of the session stays with it
    made.statement_timeout = Duration{};
    made.prepare = false; // a pooler may be in between
    made.busy_timeout = options.wait;
    return made;
}

Value now_value() {
    return Value{std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now())};
}

std::string who() {
    char host[256] = {};
    ::gethostname(host, sizeof host - 1);
    return std::string{host} + ", process " + std::to_string(::getpid());
}

} // namespace

MigrationError in_file(const MigrationPart& part, const ScriptStatement& statement,
                       const DatabaseError& error) {
    const std::size_t within = error.position() == 0 ? 0 : error.position() - 1;
    const TextPosition position = position_of(part.text, part.offset + statement.offset + within);
    std::string text = part.file + ':' + std::to_string(position.line) + ':' +
                       std::to_string(position.column) + ": " + error.what();
    const std::string_view first = statement.text.substr(0, statement.text.find('\n'));
    return MigrationError{text + "\n    " + std::string{first.substr(0, 120)}};
}

std::string position_text(const MigrationPart& part, Dialect dialect, std::size_t number) {
    const std::vector<ScriptStatement> statements = split_script(part.script(), dialect);
    if (number == 0 || number > statements.size()) return part.file; // it was edited
    const TextPosition position =
        position_of(part.text, part.offset + statements[number - 1].offset);
    return part.file + ':' + std::to_string(position.line) + ':' + std::to_string(position.column) +
           ", statement " + std::to_string(number) + " of " + std::to_string(statements.size());
}

namespace {

// `statement_begun` is the one that is under way, `direction` says which part's the numbers are.
constexpr const char* mariadb_history =
    "CREATE TABLE IF NOT EXISTS {} (version varchar(255) CHARACTER SET ascii PRIMARY KEY, name "
    "varchar(255) NOT NULL, checksum char(64) NOT NULL, applied_at datetime(3) NOT NULL, "
    "duration_ms bigint NOT NULL, statements_done integer NOT NULL, statements_total integer NOT "
    "NULL, applied_by varchar(255) NOT NULL, statement_begun integer NOT NULL DEFAULT 0, direction "
    "varchar(4) NOT NULL DEFAULT 'up', done_checksum varchar(64) NOT NULL DEFAULT '', "
    "schema_before varchar(64) NOT NULL DEFAULT '') ENGINE = InnoDB CHARACTER SET utf8mb4";

} // namespace

/// flock(2): it goes with the process, however that ends.
class FileLock {
  public:
    FileLock(const std::string& path, Duration wait) {
        descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (descriptor_ < 0) throw MigrationError{path + ": " + std::strerror(errno)};
        const std::int64_t until = steady_now() + wait.count();
        while (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
            if (steady_now() > until) {
                ::close(descriptor_);
                throw MigrationError{path + " is locked: another process migrates"};
            }
            ::usleep(20'000);
        }
    }
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;
    ~FileLock() { ::close(descriptor_); }

  private:
    int descriptor_;
};

MigrationStore::MigrationStore(std::string url, const MigrationOptions& options)
    : options_(options), url_(std::move(url)), database_(options_for(url_, options)) {
    options_.url.clear();
}

Statement MigrationStore::sql(std::string_view text, std::vector<Value> values) const {
    // {} stands for the history's name.
    std::string made{text};
    std::string name = quoted_name(options_.table, true);
    if (dialect() == Dialect::mariadb) // whatever its sql_mode is
        std::replace(name.begin(), name.end(), '"', '`');
    for (std::size_t at = 0; (at = made.find("{}", at)) != std::string::npos;)
        made.replace(at, 2, name);
    return Statement{Sql::trusted(std::move(made)), std::move(values)};
}

Task<> MigrationStore::prepare_session(Session& session) {
    if (dialect() != Dialect::postgres) co_return;
    // As part of the transaction; where there is none, of the session.
    co_await session.execute(Statement{
        Sql::trusted("SET lock_timeout = " + std::to_string(options_.lock_timeout.count())), {}});
}

// Whoever has it is the only one that changes the history; the table's lock works behind a pooler
// of transactions as well. SQLite's BEGIN IMMEDIATE is such a lock.
Task<> MigrationStore::lock(Session& session) {
    if (dialect() != Dialect::postgres) co_return;
    co_await session.execute(Statement{
        Sql::trusted("SET LOCAL lock_timeout = " + std::to_string(options_.wait.count())), {}});
    std::string why;
    try {
        co_await session.execute(sql("LOCK TABLE {} IN EXCLUSIVE MODE"));
    } catch (const DatabaseError& error) {
        if (error.sqlstate() != "55P03") throw;
        why = error.what();
    }
    if (!why.empty()) {
        Database watcher{url_};
        const Rows holders = co_await watcher.query(
            "SELECT coalesce(host(a.client_addr), 'this machine') || ', process ' || a.pid || ' "
            "since ' || a.xact_start FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid "
            "WHERE l.relation = $1::text::regclass AND l.mode = 'ExclusiveLock' AND l.granted",
            quoted_name(options_.table, true));
        throw MigrationError{"another process migrates this database: " +
                             (holders.empty() ? why : std::string{*holders.text(0, 0)})};
    }
    co_await session.execute(Statement{
        Sql::trusted("SET LOCAL lock_timeout = " + std::to_string(options_.lock_timeout.count())),
        {}});
}

void MigrationStore::make_table() {
    const auto make = [this]() -> Task<> {
        // Tables are rebuilt by dropping and renaming; what is left is checked instead.
        if (dialect() == Dialect::sqlite) co_await database_.execute("PRAGMA foreign_keys = OFF");
        if (dialect() == Dialect::mariadb) co_await use_server_mode();
        const auto within = [this](Transaction& transaction) -> Task<> {
            const bool is_postgres = dialect() == Dialect::postgres;
            // Those that begin at the same time would make the same table.
            if (is_postgres) {
                co_await transaction.execute("SET LOCAL client_min_messages = error");
                co_await transaction.query("SELECT pg_advisory_xact_lock($1)", advisory_lock);
            }
            if (dialect() == Dialect::mariadb) {
                co_await transaction.execute(sql(mariadb_history));
                co_return;
            }
            co_await transaction.execute(
                sql(is_postgres
                        ? "CREATE TABLE IF NOT EXISTS {} (version text PRIMARY KEY, name text NOT "
                          "NULL, checksum text NOT NULL, applied_at timestamptz NOT NULL, "
                          "duration_ms bigint NOT NULL, statements_done integer NOT NULL, "
                          "statements_total integer NOT NULL, applied_by text NOT NULL)"
                        : "CREATE TABLE IF NOT EXISTS {} (version TEXT PRIMARY KEY, name TEXT NOT "
                          "NULL, checksum TEXT NOT NULL, applied_at TEXT NOT NULL, duration_ms "
                          "INTEGER NOT NULL, statements_done INTEGER NOT NULL, statements_total "
                          "INTEGER NOT NULL, applied_by TEXT NOT NULL)"));
        };
        co_await database_.transaction(within);
    };
    await(make());
}

namespace {

AppliedMigration applied_in(const Rows& rows, std::size_t row) {
    AppliedMigration applied;
    applied.version = rows.get<std::string>(row, 0);
    applied.name = rows.get<std::string>(row, 1);
    applied.checksum = rows.get<std::string>(row, 2);
    using Seconds = std::chrono::sys_seconds;
    applied.applied_at = Value{rows.get<Seconds>(row, 3)}.text();
    applied.done = rows.get<int>(row, 4);
    applied.total = rows.get<int>(row, 5);
    if (rows.columns().size() > 6) {
        applied.begun = rows.get<int>(row, 6);
        applied.is_reverting = rows.get<std::string>(row, 7) == "down";
        applied.done_checksum = rows.get<std::string>(row, 8);
        applied.schema_before = rows.get<std::string>(row, 9);
    }
    return applied;
}

} // namespace

std::string MigrationStore::columns() const {
    const std::string all =
        "SELECT version, name, checksum, applied_at, statements_done, statements_total";
    return all + (dialect() == Dialect::mariadb
                      ? ", statement_begun, direction, done_checksum, schema_before FROM {}"
                      : " FROM {}");
}

Task<std::vector<AppliedMigration>> MigrationStore::read_history() {
    const Rows rows = co_await database_.query(sql(columns()));
    std::vector<AppliedMigration> all;
    for (std::size_t row = 0; row < rows.size(); ++row)
        all.push_back(applied_in(rows, row));
    co_return all;
}

std::vector<AppliedMigration> MigrationStore::history() {
    return await(dialect() == Dialect::mariadb ? settled_history() : read_history());
}

Task<std::optional<AppliedMigration>> MigrationStore::find(Session& session,
                                                           std::string_view version) {
    std::vector<Value> values;
    values.emplace_back(version);
    const Rows rows =
        co_await session.query(sql(columns() + " WHERE version = $1", std::move(values)));
    std::optional<AppliedMigration> found;
    if (!rows.empty()) found = applied_in(rows, 0);
    co_return found;
}

Task<> MigrationStore::insert(Session& session, const Migration& migration, int done, int total,
                              std::int64_t milliseconds) {
    std::vector<Value> values;
    values.emplace_back(migration.version);
    values.emplace_back(migration.name);
    values.emplace_back(migration.checksum());
    values.emplace_back(now_value());
    values.emplace_back(milliseconds);
    values.emplace_back(done);
    values.emplace_back(total);
    values.emplace_back(who());
    co_await session.execute(
        sql("INSERT INTO {} (version, name, checksum, applied_at, duration_ms, statements_done, "
            "statements_total, applied_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            std::move(values)));
}

// `checkpoint`: each statement is noted when it is done.
Task<> MigrationStore::run_part(Session& session, const MigrationPart& part, std::size_t first,
                                StatementHook hook, const Migration* checkpoint) {
    const std::vector<ScriptStatement> statements = split_script(part.script(), dialect());
    for (std::size_t i = first; i < statements.size(); ++i) {
        if (hook.function != nullptr) hook.function(hook.argument, part.file, i);
        std::optional<MigrationError> failure;
        try {
            Statement statement{Sql::trusted(std::string{statements[i].text}), {}};
            co_await session.execute(std::move(statement));
        } catch (const DatabaseError& error) {
            failure = in_file(part, statements[i], error);
        }
        if (failure) throw *failure;
        if (checkpoint != nullptr) {
            std::vector<Value> values;
            values.emplace_back(static_cast<int>(i + 1));
            values.emplace_back(checkpoint->version);
            co_await session.execute(
                sql("UPDATE {} SET statements_done = $1 WHERE version = $2", std::move(values)));
        }
    }
    if (hook.function != nullptr) hook.function(hook.argument, part.file, statements.size());
}

Task<bool> MigrationStore::apply_together(const Migration& migration, StatementHook hook) {
    const std::int64_t began = steady_now();
    Transaction transaction = co_await database_.begin();
    co_await lock(transaction);
    const auto known = co_await find(transaction, migration.version);
    if (known) co_return false;
    std::vector<std::string> before;
    if (dialect() == Dialect::sqlite)
        before = co_await transaction.all<std::string>(
            "SELECT \"table\" || coalesce(rowid, 0) || parent FROM pragma_foreign_key_check");
    co_await run_part(transaction, migration.up, 0, hook, nullptr);
    if (dialect() == Dialect::sqlite) {
        const auto after = co_await transaction.all<std::string>(
            "SELECT \"table\" || coalesce(rowid, 0) || parent FROM pragma_foreign_key_check");
        if (after.size() > before.size())
            throw MigrationError{migration.up.file + ": leaves " +
                                 std::to_string(after.size() - before.size()) +
                                 " rows that refer to rows which don't exist (PRAGMA "
                                 "foreign_key_check)"};
    }
    const int total = static_cast<int>(split_script(migration.up.script(), dialect()).size());
    co_await insert(transaction, migration, total, total, steady_now() - began);
    co_await transaction.commit();
    co_return true;
}

Task<bool> MigrationStore::apply_apart(const Migration& migration, StatementHook hook) {
    const int total = static_cast<int>(split_script(migration.up.script(), dialect()).size());
    co_await prepare_session(database_);
    const auto known = co_await find(database_, migration.version);
    if (known && known->done == known->total) co_return false;
    if (known && known->checksum != migration.checksum())
        throw MigrationError{migration.up.file + ": was edited after it stopped between two of its "
                                                 "statements; restore it, or finish it by hand and "
                                                 "run 'migrate repair'"};
    if (!known) co_await insert(database_, migration, 0, total, 0);
    const std::size_t first = known ? static_cast<std::size_t>(known->done) : 0;
    co_await run_part(database_, migration.up, first, hook, &migration);
    co_return true;
}

Task<> MigrationStore::lock_session() {
    if (dialect() == Dialect::mariadb) {
        const bool is_mine = co_await try_lock(options_.wait);
        if (!is_mine) throw MigrationError{"another process migrates this database"};
        co_return;
    }
    if (dialect() != Dialect::postgres) co_return;
    for (const std::int64_t until = steady_now() + options_.wait.count();;) {
        const bool is_mine =
            co_await database_.one<bool>("SELECT pg_try_advisory_lock($1)", advisory_lock);
        if (is_mine) co_return;
        if (steady_now() > until)
            throw MigrationError{"another process runs a migration without a transaction on this "
                                 "database"};
        co_await sleep_for(Duration::milliseconds(50));
    }
}

Task<> MigrationStore::unlock_session() {
    if (dialect() == Dialect::postgres)
        co_await database_.query("SELECT pg_advisory_unlock($1)", advisory_lock);
    if (dialect() == Dialect::mariadb) co_await database_.query("SELECT RELEASE_ALL_LOCKS()");
}

bool MigrationStore::run_alone(Task<bool> task) {
    const std::unique_ptr<FileLock> file = lock_file();
    await(lock_session());
    try {
        const bool has_run = await(std::move(task));
        await(unlock_session());
        return has_run;
    } catch (const MigrationError&) {
        await(unlock_session());
        throw;
    }
}

bool MigrationStore::apply(const Migration& migration, const StatementHook& hook) {
    if (dialect() == Dialect::mariadb) return run_alone(apply_stepwise(migration, hook));
    if (migration.up.in_transaction) return await(apply_together(migration, hook));
    return run_alone(apply_apart(migration, hook));
}

Task<bool> MigrationStore::revert_together(const Migration& migration, StatementHook hook) {
    Transaction transaction = co_await database_.begin();
    co_await lock(transaction);
    const auto known = co_await find(transaction, migration.version);
    if (!known) co_return false;
    co_await run_part(transaction, migration.down, 0, hook, nullptr);
    co_await erase(transaction, migration.version);
    co_await transaction.commit();
    co_return true;
}

Task<bool> MigrationStore::revert_apart(const Migration& migration, StatementHook hook) {
    co_await prepare_session(database_);
    const auto known = co_await find(database_, migration.version);
    if (!known) co_return false;
    co_await run_part(database_, migration.down, 0, hook, nullptr);
    co_await erase(database_, migration.version);
    co_return true;
}

bool MigrationStore::revert(const Migration& migration, const StatementHook& hook) {
    if (dialect() == Dialect::mariadb) return run_alone(revert_stepwise(migration, hook));
    if (migration.down.in_transaction) return await(revert_together(migration, hook));
    return run_alone(revert_apart(migration, hook));
}

// SQLite has no lock that outlives a transaction.
std::unique_ptr<FileLock> MigrationStore::lock_file() const {
    if (dialect() == Dialect::sqlite && sqlite_path(url_) != ":memory:")
        return std::make_unique<FileLock>(sqlite_path(url_) + "-migrate", options_.wait);
    return nullptr;
}

Task<> MigrationStore::erase(Session& session, std::string version) {
    std::vector<Value> values;
    values.emplace_back(version);
    co_await session.execute(sql("DELETE FROM {} WHERE version = $1", std::move(values)));
}

void MigrationStore::note(const Migration& migration) {
    const int total = static_cast<int>(split_script(migration.up.script(), dialect()).size());
    await(insert(database_, migration, total, total, 0));
}

void MigrationStore::set_checksum(const std::string& version, const std::string& checksum) {
    std::vector<Value> values;
    values.emplace_back(version);
    values.emplace_back(checksum);
    const std::string more =
        dialect() == Dialect::mariadb ? ", statement_begun = 0, direction = 'up'" : "";
    await(database_.execute(sql("UPDATE {} SET checksum = $2, statements_done = statements_total" +
                                    more + " WHERE version = $1",
                                std::move(values))));
}

void MigrationStore::forget(const std::string& version) { await(erase(database_, version)); }

std::string MigrationStore::schema() {
    if (dialect() == Dialect::mariadb) await(use_server_mode());
    return await(describe_schema(database_, options_.table));
}

} // namespace armature::db::detail
