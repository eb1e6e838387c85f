#pragma once

#include <armature/core/owned.hpp>
#include <armature/core/task.hpp>
#include <armature/db/database.hpp>
#include <armature/seed/factory.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace armature::seed {

struct SeedOptions {
    /// The database, as `DatabaseOptions::url`; empty: the environment's DATABASE_URL. Only
    /// `Seeders` reads it.
    std::string url;
    std::uint64_t seed = 1;
    Locale locale = Locale::en;
    /// What `Seeding::count` gives; nullopt: what the seeder says.
    std::optional<std::uint64_t> count;
    /// The names of the seeders to run; empty: all of them.
    std::vector<std::string> only;
    /// Empty each table, and those that refer to it, before its first row is written.
    bool truncate = false;
    /// Do everything, report it, and keep nothing.
    bool dry_run = false;
    /// Also in a database on another machine.
    bool force = false;
};

/// What was done to a table.
struct TableReport {
    std::string table;
    std::uint64_t inserted = 0;
    std::uint64_t updated = 0;
    std::uint64_t same = 0;    ///< was there already, with these very values
    std::uint64_t emptied = 0; ///< rows that `truncate` removed
};

/// Why seeding stopped: one sentence, with file and line for a fixture.
class SeedError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// How rows are written in a file.
enum class FixtureFormat : std::uint8_t {
    json,   ///< {"table": [{"column": value}]}, or [{…}] for one table
    yaml,   ///< the same
    csv,    ///< one table; the first line has the columns. An empty value is NULL, "" a text
    django, ///< [{"model": "app.model", "pk": 1, "fields": {…}}], as dumpdata writes it
};

/// What a fixture's text doesn't say.
class FixtureOptions {
  public:
    FixtureOptions() noexcept {}
    /// The table of CSV, and of a list of rows; else the file's name without its ending.
    FixtureOptions& table(std::string name) {
        table_ = std::move(name);
        return *this;
    }
    /// Columns that a unique index has: rows with the same values of them get the others. Without
    /// it, the primary key, where the rows have it; otherwise all rows are new.
    FixtureOptions& key(std::vector<std::string> columns) {
        key_ = std::move(columns);
        return *this;
    }
    [[nodiscard]] const std::string& table() const noexcept { return table_; }
    [[nodiscard]] const std::vector<std::string>& key() const noexcept { return key_; }

  private:
    std::string table_;
    std::vector<std::string> key_;
};

/// Writes data within a transaction: a seeder's, or a test's own, which rolls it back.
///
/// What is asked for is planned, and written by `flush`, or by the end of the seeder: tables in the
/// order of their foreign keys, and in bulk, by COPY in PostgreSQL and statements of many rows in
/// SQLite. Tables that refer to each other in a circle need a foreign key that is DEFERRABLE, or
/// whose columns may be NULL, in PostgreSQL.
///
/// Errors: `SeedError`, `DatabaseError`. For one task at a time.
class Seeding {
  public:
    /// The transaction must outlive this.
    explicit Seeding(db::Transaction& transaction);
    Seeding(db::Transaction& transaction, SeedOptions options);
    ~Seeding();
    Seeding(const Seeding&) = delete;
    Seeding& operator=(const Seeding&) = delete;

    /// `factory.count()` new rows, and what belongs to them.
    template <class T>
    Created<T> create(const Factory<T>& factory) {
        return Created<T>{detail::add_group(plan(), factory, factory.rows())};
    }
    /// Rows that are to be there: those with the same values of `key`, which has a unique index,
    /// get the others.
    template <class T>
    void upsert(std::string table, std::vector<T> rows, std::vector<std::string> key) {
        add_rows(std::make_shared<GivenRows<T>>(std::move(table), std::move(rows)), std::move(key));
    }
    /// The rows of a file: .json (also Django's), .yaml, .yml or .csv.
    [[nodiscard]] Task<> load(std::string path) { return load(std::move(path), FixtureOptions()); }
    [[nodiscard]] Task<> load(std::string path, FixtureOptions options);
    [[nodiscard]] Task<> load_text(FixtureFormat format, std::string text, FixtureOptions options);
    /// Writes what was asked for so far.
    [[nodiscard]] Task<> flush();

    /// How many rows the command line asks for, by `--count`, or `otherwise`.
    [[nodiscard]] std::uint64_t count(std::uint64_t otherwise) const noexcept;
    /// For statements of your own, which see what was flushed.
    [[nodiscard]] db::Transaction& transaction() noexcept;
    /// What was done so far, in the order in which the tables were met.
    [[nodiscard]] const std::vector<TableReport>& report() const noexcept;
    /// Called while rows are written: `done` of `total` of the plan.
    void on_progress(void (*function)(void* argument, std::string_view table, std::uint64_t done,
                                      std::uint64_t total),
                     void* argument) noexcept;

    class Impl; // inside of the library only

  private:
    template <class T>
    struct GivenRows final : detail::RowSource {
        GivenRows(std::string name, std::vector<T> given) : rows(std::move(given)) {
            table = std::move(name);
            for_each_member<T>([&](const auto& member) {
                using M = typename std::remove_cvref_t<decltype(member)>::value_type;
                if constexpr (db::detail::is_bindable<M>())
                    if (!member.notes.read_only) columns.emplace_back(member.name);
            });
        }
        std::uint64_t count() const override { return rows.size(); }
        void cells(std::uint64_t row, std::vector<db::Value>& to) const override {
            for_each_member<T>([&](const auto& member) {
                using M = typename std::remove_cvref_t<decltype(member)>::value_type;
                if constexpr (db::detail::is_bindable<M>())
                    if (!member.notes.read_only)
                        to.emplace_back(rows[static_cast<std::size_t>(row)].*member.pointer);
            });
        }
        std::vector<T> rows;
    };

    [[nodiscard]] detail::Plan& plan() noexcept;
    void add_rows(std::shared_ptr<detail::RowSource> source, std::vector<std::string> key);

    Owned<Impl> impl_;
};

/// All rows of some tables as a fixture, in the order of their primary keys; the tables in the
/// order of their foreign keys. CSV has one table. The same rows give the same text.
[[nodiscard]] Task<std::string> dump_fixture(db::Session& session, std::vector<std::string> tables,
                                             FixtureFormat format);

namespace detail {

struct Seeder {
    Seeder() = default;
    Seeder(const Seeder&) = delete;
    Seeder& operator=(const Seeder&) = delete;
    virtual ~Seeder() = default;
    [[nodiscard]] virtual Task<> run(Seeding& seeding) const = 0;
    std::string name;
};
template <class Function>
struct SeederOf final : Seeder {
    explicit SeederOf(Function given) : function(std::move(given)) {}
    Task<> run(Seeding& seeding) const override { return function(seeding); }
    Function function;
};

} // namespace detail

/// The seeders of a program, which run in the order in which they were added, in one transaction.
///
/// A database on another machine is refused unless `force` is set.
class Seeders {
  public:
    explicit Seeders(SeedOptions options = {});
    ~Seeders();
    Seeders(const Seeders&) = delete;
    Seeders& operator=(const Seeders&) = delete;

    /// `function(Seeding&)`, which returns a `Task<>`. Throws std::invalid_argument for a name that
    /// is taken.
    template <class Function>
    Seeders& add(std::string name, Function function) {
        auto seeder = std::make_shared<detail::SeederOf<Function>>(std::move(function));
        seeder->name = std::move(name);
        return add(std::move(seeder));
    }

    /// Runs them. Blocks its thread. Throws `SeedError`; then nothing was changed.
    std::vector<TableReport> run();
    /// The command line behind "db:seed", "db:load" or "db:dump": `name`. Writes to standard output
    /// and error, and gives the exit status: 0, 1 after a failure, 2 for a wrong command line.
    int command(std::string_view name, const std::vector<std::string>& arguments);

    class Impl; // inside of the library only

  private:
    Seeders& add(std::shared_ptr<const detail::Seeder> seeder);

    Owned<Impl> impl_;
};

/// For `main`: runs `./app db:seed …`, `db:load …` and `db:dump …` and gives their exit status;
/// nullopt if none of them is asked for.
///
///     if (const auto status = seed::seed_command(argc, argv, seeders)) return *status;
[[nodiscard]] std::optional<int> seed_command(int argc, const char* const* argv, Seeders& seeders);

} // namespace armature::seed
