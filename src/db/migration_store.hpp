#pragma once

#include "db/migration_files.hpp"

#include <armature/db/database.hpp>
#include <armature/db/migrations.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace armature::db::detail {

/// One row of the history.
struct AppliedMigration {
    std::string version;
    std::string name;
    std::string checksum;
    std::string applied_at;
    int done = 0;  ///< statements
    int total = 0; ///< of so many
    // Of MariaDB, where a migration isn't one transaction:
    int begun = 0;             ///< the statement that is under way, from 1; 0: none
    bool is_reverting = false; ///< the numbers are those of `down`
    std::string done_checksum; ///< of the statements that were done
    std::string schema_before; ///< the catalog's, before the one that is under way
};

/// Called before each statement.
struct StatementHook {
    void (*function)(void* argument, std::string_view file, std::size_t index) = nullptr;
    void* argument = nullptr;
};

class FileLock;

/// The database that migrations work on, and its history table.
class MigrationStore {
  public:
    /// `url` isn't empty.
    MigrationStore(std::string url, const MigrationOptions& options);

    [[nodiscard]] Dialect dialect() const noexcept { return database_.dialect(); }
    [[nodiscard]] Database& database() noexcept { return database_; }
    [[nodiscard]] LocalLoop& loop() noexcept { return loop_; }

    void make_table();
    [[nodiscard]] std::vector<AppliedMigration> history();
    /// Runs one that isn't noted as applied; false: another process did meanwhile.
    bool apply(const Migration& migration, const StatementHook& hook);
    /// Reverts one that is noted; false: another process did.
    bool revert(const Migration& migration, const StatementHook& hook);
    void note(const Migration& migration);
    /// Of a broken one: whether the statement that was under way was done. What is to be said.
    [[nodiscard]] std::string mend(const Migration& migration);
    /// Whether the statements that were done are those of the file still.
    [[nodiscard]] bool can_go_on(const Migration& migration, const AppliedMigration& applied) const;
    /// Whether the next `up` or `down` goes on with one that stopped between two statements, though
    /// its file was edited behind the place: in MariaDB.
    [[nodiscard]] bool goes_on(const Migration& migration);
    void set_checksum(const std::string& version, const std::string& checksum);
    void forget(const std::string& version);
    [[nodiscard]] std::string schema();

    template <class T>
    T await(Task<T> task) {
        return loop_.run(std::move(task));
    }
    [[nodiscard]] Task<std::optional<AppliedMigration>> find(Session& session,
                                                             std::string_view version);

  private:
    [[nodiscard]] Task<> prepare_session(Session& session);
    [[nodiscard]] Task<> lock(Session& session);
    /// While no other process runs something without a transaction.
    bool run_alone(Task<bool> task);
    [[nodiscard]] Task<> lock_session();
    [[nodiscard]] Task<> unlock_session();
    [[nodiscard]] std::unique_ptr<FileLock> lock_file() const;
    // In a transaction, and without one.
    [[nodiscard]] Task<bool> apply_together(const Migration& migration, StatementHook hook);
    [[nodiscard]] Task<bool> apply_apart(const Migration& migration, StatementHook hook);
    [[nodiscard]] Task<bool> revert_together(const Migration& migration, StatementHook hook);
    [[nodiscard]] Task<bool> revert_apart(const Migration& migration, StatementHook hook);
    [[nodiscard]] Task<> run_part(Session& session, const MigrationPart& part, std::size_t first,
                                  StatementHook hook, const Migration* checkpoint);
    // In MariaDB: each statement is noted by itself.
    [[nodiscard]] Task<bool> apply_stepwise(const Migration& migration, StatementHook hook);
    [[nodiscard]] Task<bool> revert_stepwise(const Migration& migration, StatementHook hook);
    [[nodiscard]] Task<> run_steps(const Migration& migration, const MigrationPart& part,
                                   std::size_t first, StatementHook hook);
    [[nodiscard]] Task<std::optional<DatabaseError>>
    run_step(const Migration& migration, const std::vector<ScriptStatement>& statements,
             std::size_t index);
    [[nodiscard]] Task<> note_step(Session& session, const Migration& migration,
                                   const std::vector<ScriptStatement>& statements,
                                   std::size_t done);
    [[nodiscard]] Task<std::vector<AppliedMigration>> read_history();
    [[nodiscard]] Task<std::vector<AppliedMigration>> settled_history();
    [[nodiscard]] Task<bool> try_lock(Duration longest);
    [[nodiscard]] Task<> use_server_mode();
    [[nodiscard]] Task<std::string> schema_checksum();
    [[nodiscard]] Task<std::string> mend_now(const Migration& migration);
    [[nodiscard]] std::string columns() const;
    [[nodiscard]] Task<> insert(Session& session, const Migration& migration, int done, int total,
                                std::int64_t milliseconds);
    [[nodiscard]] Task<> erase(Session& session, std::string version);
    [[nodiscard]] Statement sql(std::string_view text, std::vector<Value> values = {}) const;

    LocalLoop loop_;
    MigrationOptions options_;
    std::string url_;
    Database database_;
};

/// A failure within a file, where it is in it.
[[nodiscard]] MigrationError in_file(const MigrationPart& part, const ScriptStatement& statement,
                                     const DatabaseError& error);
/// "file:line:column, statement 2 of 3": from 1.
[[nodiscard]] std::string position_text(const MigrationPart& part, Dialect dialect,
                                        std::size_t number);

/// The schema of a database, as SQL where the database says it so.
[[nodiscard]] Task<std::string> describe_schema(Database& database, std::string_view history);

/// The versions that another tool's table says were applied.
struct ForeignHistory {
    std::string tool;
    std::vector<std::string> versions;
    bool is_up_to = false; ///< all up to and with the one version
};
[[nodiscard]] Task<std::optional<ForeignHistory>> read_foreign_history(Database& database,
                                                                       std::string_view own);

/// A URL of the same server with another database.
[[nodiscard]] std::string with_database(std::string_view url, std::string_view name);

} // namespace armature::db::detail
