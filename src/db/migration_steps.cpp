#include "db/migration_store.hpp"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

// Migrations in MariaDB, whose changes of the schema can't be rolled back: each statement is noted
// by itself, so that after whatever happens it is known where to go on.

namespace armature::db::detail {

namespace {

// The lock of a session, one for each database and history. Its names are the whole server's.
constexpr std::string_view lock_name = "concat('armature_', md5(concat(database(), '.', $1)))";

// What changes rows alone is noted in the same transaction; everything else commits by itself.
bool is_of_rows(std::string_view statement) {
    const std::string verb = upper_case(statement.substr(0, statement.find_first_of(" \t\r\n(")));
    for (const std::string_view known : {"INSERT", "UPDATE", "DELETE", "REPLACE", "SELECT", "WITH"})
        if (verb == known) return true;
    return false;
}

// Of the statements that were done: line endings don't count.
std::string checksum_of_first(const std::vector<ScriptStatement>& statements, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < std::min(count, statements.size()); ++i) {
        for (const char c : statements[i].text)
            if (c != '\r') text += c;
        text += ';';
    }
    return checksum_of(text);
}

std::string seconds_text(Duration time) {
    return std::to_string(std::max<std::int64_t>(1, (time.count() + 999) / 1000));
}

} // namespace

// Files mean what they mean to MariaDB's own client and other tools; but how texts are read is
// what the statements were cut by.
Task<> MigrationStore::use_server_mode() {
    co_await database_.execute(
        "SET SESSION sql_mode = TRIM(BOTH ',' FROM REPLACE(CONCAT(',', @@GLOBAL.sql_mode, ','), "
        "',NO_BACKSLASH_ESCAPES,', ','))");
}

Task<bool> MigrationStore::try_lock(Duration longest) {
    std::vector<Value> values;
    values.emplace_back(options_.table);
    const std::string seconds = longest.count() == 0 ? "0" : seconds_text(longest);
    Statement statement{
        Sql::trusted("SELECT GET_LOCK(" + std::string{lock_name} + ", " + seconds + ')'),
        std::move(values)};
    const auto got = co_await database_.one<std::optional<int>>(std::move(statement));
    if (got != 1) co_return false;
    co_await use_server_mode();
    const std::string wait = seconds_text(options_.lock_timeout);
    Statement limits{Sql::trusted("SET SESSION lock_wait_timeout = " + wait +
                                  ", innodb_lock_wait_timeout = " + wait),
                     {}};
    co_await database_.execute(std::move(limits));
    co_return true;
}

// One that has begun something is under way, or it died: then its lock is free.
Task<std::vector<AppliedMigration>> MigrationStore::settled_history() {
    std::vector<AppliedMigration> all = co_await read_history();
    const auto has_begun = [](const AppliedMigration& one) { return one.begun != 0; };
    if (std::none_of(all.begin(), all.end(), has_begun)) co_return all;
    const bool is_mine = co_await try_lock(Duration{});
    if (is_mine) {
        all = co_await read_history();
        co_await unlock_session();
    } else {
        for (AppliedMigration& one : all)
            one.begun = 0;
    }
    co_return all;
}

Task<std::string> MigrationStore::schema_checksum() {
    const std::string schema = co_await describe_schema(database_, options_.table);
    co_return checksum_of(schema);
}

// Only by whoever has the lock still: a connection that broke took it along.
Task<> MigrationStore::note_step(Session& session, const Migration& migration,
                                 const std::vector<ScriptStatement>& statements, std::size_t done) {
    std::vector<Value> values;
    values.emplace_back(options_.table);
    values.emplace_back(migration.version);
    values.emplace_back(static_cast<int>(done));
    values.emplace_back(checksum_of_first(statements, done));
    const std::uint64_t noted = co_await session.execute(
        sql("UPDATE {} SET statements_done = $3, statement_begun = 0, done_checksum = $4 WHERE "
            "version = $2 AND IS_USED_LOCK(" +
                std::string{lock_name} + ") = CONNECTION_ID()",
            std::move(values)));
    if (noted != 1)
        throw MigrationError{migration.version + '_' + migration.name +
                             ": the connection broke, and with it the lock"};
}

Task<std::optional<DatabaseError>>
MigrationStore::run_step(const Migration& migration, const std::vector<ScriptStatement>& statements,
                         std::size_t index) {
    std::optional<DatabaseError> failure;
    Statement statement{Sql::trusted(std::string{statements[index].text}), {}};
    if (is_of_rows(statements[index].text)) {
        Transaction transaction = co_await database_.begin();
        try {
            co_await transaction.execute(std::move(statement));
        } catch (const DatabaseError& error) {
            failure.emplace(error);
        }
        if (failure) co_return failure;
        co_await note_step(transaction, migration, statements, index + 1);
        co_await transaction.commit();
        co_return failure;
    }
    const std::string schema = co_await schema_checksum();
    std::vector<Value> values;
    values.emplace_back(options_.table);
    values.emplace_back(migration.version);
    values.emplace_back(static_cast<int>(index + 1));
    values.emplace_back(schema);
    const std::uint64_t begun = co_await database_.execute(
        sql("UPDATE {} SET statement_begun = $3, schema_before = $4 WHERE version = $2 AND "
            "IS_USED_LOCK(" +
                std::string{lock_name} + ") = CONNECTION_ID()",
            std::move(values)));
    if (begun != 1)
        throw MigrationError{migration.version + '_' + migration.name +
                             ": the connection broke, and with it the lock"};
    try {
        co_await database_.execute(std::move(statement));
    } catch (const DatabaseError& error) {
        failure.emplace(error);
    }
    // When the connection broke nobody knows whether it was done.
    if (failure && failure->kind() == ErrorKind::unavailable) co_return failure;
    co_await note_step(database_, migration, statements, failure ? index : index + 1);
    co_return failure;
}

Task<> MigrationStore::run_steps(const Migration& migration, const MigrationPart& part,
                                 std::size_t first, StatementHook hook) {
    const std::vector<ScriptStatement> statements = split_script(part.script(), dialect());
    for (std::size_t i = first; i < statements.size(); ++i) {
        if (hook.function != nullptr) hook.function(hook.argument, part.file, i);
        const std::optional<DatabaseError> failure = co_await run_step(migration, statements, i);
        if (failure) throw in_file(part, statements[i], *failure);
    }
    if (hook.function != nullptr) hook.function(hook.argument, part.file, statements.size());
}

bool MigrationStore::can_go_on(const Migration& migration, const AppliedMigration& applied) const {
    const MigrationPart& part = applied.is_reverting ? migration.down : migration.up;
    return applied.done == 0 ||
           checksum_of_first(split_script(part.script(), dialect()),
                             static_cast<std::size_t>(applied.done)) == applied.done_checksum;
}

bool MigrationStore::goes_on(const Migration& migration) {
    if (dialect() != Dialect::mariadb) return false;
    const auto known = await(find(database_, migration.version));
    return known && can_go_on(migration, *known);
}

namespace {

void check_can_go_on(const MigrationStore& store, const Migration& migration,
                     const AppliedMigration& known) {
    const MigrationPart& part = known.is_reverting ? migration.down : migration.up;
    if (known.begun != 0)
        throw MigrationError{
            position_text(part, Dialect::mariadb, static_cast<std::size_t>(known.begun)) +
            ": its process died in the middle of it; run 'migrate repair', which finds out whether "
            "it was done"};
    if (!store.can_go_on(migration, known))
        throw MigrationError{part.file + ": of its statements the first " +
                             std::to_string(known.done) +
                             " were done, and then edited; restore them, or finish it by hand and "
                             "run 'migrate repair'"};
}

} // namespace

Task<bool> MigrationStore::apply_stepwise(const Migration& migration, StatementHook hook) {
    const std::int64_t began = steady_now();
    const int total = static_cast<int>(split_script(migration.up.script(), dialect()).size());
    const auto known = co_await find(database_, migration.version);
    if (known && known->is_reverting)
        throw MigrationError{
            position_text(migration.down, dialect(), static_cast<std::size_t>(known->done + 1)) +
            ": is where 'migrate down' stopped; let it go on before 'migrate up'"};
    if (known && known->begun == 0 && known->done == known->total) co_return false;
    if (known) check_can_go_on(*this, migration, *known);
    // What stopped may have been edited behind the place.
    const int done = known ? known->done : 0;
    if (!known) co_await insert(database_, migration, 0, std::max(total, 1), 0);
    std::exception_ptr failure;
    try {
        co_await run_steps(migration, migration.up, static_cast<std::size_t>(done), hook);
    } catch (const MigrationError&) {
        failure = std::current_exception();
    }
    if (failure) {
        // The first statement failed: nothing is there.
        std::vector<Value> values;
        values.emplace_back(migration.version);
        co_await database_.execute(
            sql("DELETE FROM {} WHERE version = $1 AND statements_done = 0 AND statement_begun = 0",
                std::move(values)));
        std::rethrow_exception(failure);
    }
    std::vector<Value> values;
    values.emplace_back(migration.version);
    values.emplace_back(migration.checksum());
    values.emplace_back(total);
    values.emplace_back(steady_now() - began);
    co_await database_.execute(
        sql("UPDATE {} SET checksum = $2, statements_done = $3, statements_total = $3, duration_ms "
            "= $4 WHERE version = $1",
            std::move(values)));
    co_return true;
}

Task<bool> MigrationStore::revert_stepwise(const Migration& migration, StatementHook hook) {
    const auto known = co_await find(database_, migration.version);
    if (!known) co_return false;
    if (!known->is_reverting && known->begun == 0 && known->done < known->total)
        throw MigrationError{
            position_text(migration.up, dialect(), static_cast<std::size_t>(known->done + 1)) +
            ": is where 'migrate up' stopped; let it go on before 'migrate down'"};
    if (known->begun != 0 || known->is_reverting) check_can_go_on(*this, migration, *known);
    const std::size_t first = known->is_reverting ? static_cast<std::size_t>(known->done) : 0;
    const int total = static_cast<int>(split_script(migration.down.script(), dialect()).size());
    std::vector<Value> values;
    values.emplace_back(migration.version);
    values.emplace_back(static_cast<int>(first));
    values.emplace_back(std::max(total, 1));
    co_await database_.execute(sql("UPDATE {} SET direction = 'down', statements_done = $2, "
                                   "statements_total = $3 WHERE version = $1",
                                   std::move(values)));
    std::exception_ptr failure;
    try {
        co_await run_steps(migration, migration.down, first, hook);
    } catch (const MigrationError&) {
        failure = std::current_exception();
    }
    if (failure) {
        // The first statement failed: all of it is there still.
        std::vector<Value> back;
        back.emplace_back(migration.version);
        back.emplace_back(known->done);
        back.emplace_back(known->total);
        co_await database_.execute(
            sql("UPDATE {} SET direction = 'up', statements_done = $2, statements_total = $3 WHERE "
                "version = $1 AND direction = 'down' AND statements_done = 0 AND statement_begun = "
                "0",
                std::move(back)));
        std::rethrow_exception(failure);
    }
    co_await erase(database_, migration.version);
    co_return true;
}

Task<std::string> MigrationStore::mend_now(const Migration& migration) {
    const auto known = co_await find(database_, migration.version);
    if (!known || known->begun == 0) co_return std::string{}; // by another process
    const MigrationPart& part = known->is_reverting ? migration.down : migration.up;
    const std::string schema = co_await schema_checksum();
    const bool was_done = schema != known->schema_before;
    const std::vector<ScriptStatement> statements = split_script(part.script(), dialect());
    co_await note_step(database_, migration, statements,
                       static_cast<std::size_t>(was_done ? known->begun : known->done));
    co_return position_text(part, dialect(), static_cast<std::size_t>(known->begun)) +
        (was_done ? ": was done" : ": wasn't done");
}

std::string MigrationStore::mend(const Migration& migration) {
    std::string said;
    const auto work = [&]() -> Task<bool> {
        said = co_await mend_now(migration);
        co_return !said.empty();
    };
    run_alone(work());
    return said;
}

} // namespace armature::db::detail
