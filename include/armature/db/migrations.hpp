#pragma once

#include <armature/core/duration.hpp>
#include <armature/core/owned.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace armature::db {

struct ModelInfo;

struct MigrationOptions {
    /// The database, as `DatabaseOptions::url`. Empty: the environment's DATABASE_URL.
    std::string url;
    /// Where the files are.
    std::string folder = "db/migrations";
    /// The table that notes what was applied; it is made if absent.
    std::string table = "armature_migrations";
    /// Where `dump` and a successful `up` write the schema; empty: nowhere.
    std::string schema_file;
    /// How long to wait for another process that migrates.
    Duration wait = Duration::seconds(60);
    /// How long a statement waits for a table that others use (PostgreSQL, MariaDB): longer, and
    /// requests would queue up behind it.
    Duration lock_timeout = Duration::seconds(5);
    /// Refuse a migration that is older than one that was applied, as after a merge of branches.
    bool strict = false;
    /// What `migrate diff` compares the database with: `models<Author, Post>()`, from
    /// armature/db/model.hpp.
    std::vector<const ModelInfo*> models = {};
};

/// Why the migrations stopped: a line for each fault, "file:line:column: what" where a statement of
/// a file is to blame.
class MigrationError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

enum class MigrationState : std::uint8_t {
    applied,
    pending,
    changed, ///< applied, and its file was edited since
    missing, ///< applied, and its file is gone
    partial, ///< one without a transaction that stopped between two of its statements
    broken,  ///< the process died in the middle of a statement (MariaDB): `repair` mends it
};

struct MigrationStatus {
    std::string version;
    std::string name;
    MigrationState state;
    std::string applied_at; ///< RFC 3339; empty if it wasn't
    bool is_out_of_order;   ///< pending, and older than one that was applied
    /// Of a partial or broken one the statement that comes next, or that was under way:
    /// "db/migrations/3_x.sql:6:1, statement 2 of 3"; otherwise empty.
    std::string position = {};
};

/// Brings a database to the schema that a folder of SQL files says, each file once and in the order
/// of the versions that their names begin with.
///
/// Two forms, which may be mixed: `20260101120000_users.sql` with the markers `-- migrate:up` and
/// `-- migrate:down`, as dbmate has them; or `0001_users.up.sql` beside `0001_users.down.sql`.
/// `transaction:false` behind a marker (or `-- no-transaction` in a file's first line) is for what
/// can't run in one, such as CREATE INDEX CONCURRENTLY.
///
/// Each migration and its note in the history are one transaction: a failure, also the death of the
/// process, leaves nothing of it. In MariaDB, where changes of the schema can't be rolled back,
/// each statement is noted by itself. Processes that run at the same time apply each migration
/// once.
///
/// Blocks its thread: for a program's start or command line, not for handlers. Throws
/// `MigrationError`.
class Migrations {
  public:
    /// Throws std::invalid_argument.
    explicit Migrations(MigrationOptions options);
    ~Migrations();
    Migrations(const Migrations&) = delete;
    Migrations& operator=(const Migrations&) = delete;

    /// A migration that is compiled in: the name and text that its file would have.
    Migrations& add(std::string file_name, std::string text);

    [[nodiscard]] std::vector<MigrationStatus> status();
    /// Applies what is pending, at most `limit`; gives how many.
    std::size_t up(std::size_t limit = static_cast<std::size_t>(-1));
    /// Reverts the last ones that were applied.
    std::size_t down(std::size_t count = 1);
    /// Reverts and applies the last one again.
    void redo();
    /// Applies up to and with `version`, or reverts all behind it; "0" reverts everything.
    std::size_t to(std::string_view version);
    /// The SQL that `up` would run.
    [[nodiscard]] std::string plan();
    /// In a database of its own, which is removed afterwards: for each migration up, down and up
    /// again have to lead to the same catalog. Gives what didn't, a line each; empty: all is well.
    [[nodiscard]] std::vector<std::string> verify();
    /// The database's schema as text, the same for the same schema.
    [[nodiscard]] std::string schema();
    /// Notes all up to and with `version` as applied, without running them: for a database that has
    /// their tables already. Gives how many.
    std::size_t baseline(std::string_view version);
    /// Notes as applied what the history table of another tool says: dbmate, Rails, golang-migrate,
    /// sqlx, Flyway, goose, Knex, Sequelize, Prisma or Django. Gives how many.
    std::size_t adopt();
    /// Accepts the files as they are now: edited ones, and that others are gone. Finds out whether
    /// the statement was done that a broken one died in, so that `up` can go on.
    std::size_t repair();

    /// The command line: `migrate up`, `migrate status` … See `migrate help`. Takes what is behind
    /// "migrate", writes to standard output and error, and gives the exit status: 0, 1 after a
    /// failure, 2 from `status --exit-code` if something is pending.
    int command(const std::vector<std::string>& arguments);

    /// Called before each statement of a migration, for progress and tests.
    void on_statement(void (*function)(void* argument, std::string_view file, std::size_t index),
                      void* argument) noexcept;

    class Impl; // inside of the library only

  private:
    Owned<Impl> impl_;
};

/// For `main`: runs `./app migrate …` and gives its exit status; nullopt if that isn't asked for.
///
///     if (const auto status = db::migrate_command(argc, argv, options)) return *status;
[[nodiscard]] std::optional<int> migrate_command(int argc, const char* const* argv,
                                                 MigrationOptions options);

} // namespace armature::db
