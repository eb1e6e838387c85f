#pragma once

#include <armature/core/uuid.hpp>

#include <sqlite3.h>

#include <cstdint>
#include <string>
#include <string_view>

// What areas ask of SQLite, so that its conventions stay in one place. `Failure` is what the area
// throws when the database can't do something: it is made from one sentence.
namespace armature::sqlite {

template <class Failure>
[[noreturn]] void fail(sqlite3* database) {
    throw Failure{std::string{"SQLite: "} + sqlite3_errmsg(database)};
}

template <class Failure>
void execute(sqlite3* database, const char* sql) {
    if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
        fail<Failure>(database);
}

/// A parameter of bytes that needn't be text.
struct Blob {
    std::string_view bytes;
};

/// One prepared statement. Values are bound in order, then rows are stepped through:
///
///     Statement<Error> select{db, "SELECT a FROM t WHERE b = ?"};
///     for (select.bind(7); select.step();) use(select.integer(0));
template <class Failure>
class Statement {
  public:
    /// The statement is prepared once for a connection that keeps it.
    Statement(sqlite3* database, std::string_view sql) : database_(database) {
        if (sqlite3_prepare_v3(database, sql.data(), static_cast<int>(sql.size()),
                               SQLITE_PREPARE_PERSISTENT, &statement_, nullptr) != SQLITE_OK)
            fail<Failure>(database);
    }
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    ~Statement() { sqlite3_finalize(statement_); }

    /// Binds all parameters and begins anew.
    template <class... Values>
    Statement& bind(const Values&... values) {
        sqlite3_reset(statement_);
        int position = 0;
        (bind_one(++position, values), ...);
        return *this;
    }
    /// True: there is a row.
    bool step() {
        const int result = sqlite3_step(statement_);
        if (result == SQLITE_ROW) return true;
        if (result == SQLITE_DONE) {
            sqlite3_reset(statement_);
            return false;
        }
        const std::string why = sqlite3_errmsg(database_);
        sqlite3_reset(statement_);
        throw Failure{"SQLite: " + why};
    }
    /// Runs it to its end; gives how many rows it changed.
    template <class... Values>
    int run(const Values&... values) {
        bind(values...);
        while (step())
            continue;
        return sqlite3_changes(database_);
    }

    /// The first column of the first row as a number; `otherwise` without a row.
    template <class... Values>
    [[nodiscard]] std::int64_t number(std::int64_t otherwise, const Values&... values) {
        bind(values...);
        if (!step()) return otherwise;
        const std::int64_t result = integer(0);
        reset();
        return result;
    }
    /// Ends a statement whose rows weren't all stepped through, and with it its lock.
    void reset() noexcept { sqlite3_reset(statement_); }

    [[nodiscard]] std::int64_t integer(int column) const {
        return sqlite3_column_int64(statement_, column);
    }
    [[nodiscard]] std::string text(int column) const {
        const auto* bytes = sqlite3_column_text(statement_, column);
        const int size = sqlite3_column_bytes(statement_, column);
        return {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)};
    }
    [[nodiscard]] std::string blob(int column) const {
        const void* bytes = sqlite3_column_blob(statement_, column);
        const int size = sqlite3_column_bytes(statement_, column);
        return {static_cast<const char*>(bytes), static_cast<std::size_t>(size)};
    }
    [[nodiscard]] Uuid uuid(int column) const { return Uuid::parse(text(column)).value_or(Uuid{}); }

  private:
    void bind_one(int position, std::int64_t value) {
        check(sqlite3_bind_int64(statement_, position, value));
    }
    void bind_one(int position, std::string_view value) {
        check(sqlite3_bind_text64(statement_, position, value.data(), value.size(),
                                  SQLITE_TRANSIENT, SQLITE_UTF8));
    }
    void bind_one(int position, Blob value) {
        // Without an address it would be NULL.
        const char* const bytes = value.bytes.empty() ? "" : value.bytes.data();
        check(
            sqlite3_bind_blob64(statement_, position, bytes, value.bytes.size(), SQLITE_TRANSIENT));
    }
    void bind_one(int position, const Uuid& value) {
        bind_one(position, std::string_view{value.to_string()});
    }
    void check(int result) const {
        if (result != SQLITE_OK) fail<Failure>(database_);
    }

    sqlite3* database_;
    sqlite3_stmt* statement_ = nullptr;
};

/// A transaction that writes: rolled back unless `commit` is reached.
template <class Failure>
class Transaction {
  public:
    explicit Transaction(sqlite3* database) : database_(database) {
        execute<Failure>(database, "BEGIN IMMEDIATE");
    }
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    ~Transaction() {
        if (database_ != nullptr) sqlite3_exec(database_, "ROLLBACK", nullptr, nullptr, nullptr);
    }
    void commit() {
        execute<Failure>(database_, "COMMIT");
        database_ = nullptr;
    }

  private:
    sqlite3* database_;
};

/// What survives the machine's crash, not only the process's: each commit, or those before the last
/// checkpoint. In both cases the file stays whole.
enum class Durability : std::uint8_t { each_commit, checkpoints };

/// A connection to a file that several processes share, in WAL mode. For one thread at a time.
template <class Failure>
class Connection {
  public:
    /// Makes the file, and by `schema` what is in it, if absent.
    Connection(const std::string& path, Durability durability, const char* schema) {
        open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, [&] {
            use_wal();
            execute<Failure>(database_, durability == Durability::each_commit
                                            ? "PRAGMA synchronous = FULL"
                                            : "PRAGMA synchronous = NORMAL");
            execute<Failure>(database_, schema);
        });
    }
    /// Only reads.
    explicit Connection(const std::string& path) {
        open(path, SQLITE_OPEN_READONLY, [] {});
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() { sqlite3_close(database_); }

    [[nodiscard]] sqlite3* get() const noexcept { return database_; }

  private:
    template <class Prepare>
    void open(const std::string& path, int flags, Prepare prepare) {
        const int result =
            sqlite3_open_v2(path.c_str(), &database_, flags | SQLITE_OPEN_NOMUTEX, nullptr);
        try {
            if (result != SQLITE_OK) fail<Failure>(database_);
            sqlite3_busy_timeout(database_, 30'000);
            prepare();
        } catch (const Failure& error) {
            const Failure told{path + ": " + error.what()};
            sqlite3_close(database_);
            throw told;
        }
    }
    // Of several processes that do this to a new file at once, SQLite has all but one fail
    // without waiting for its lock.
    void use_wal() const {
        for (int tries = 0;; ++tries) {
            const int result =
                sqlite3_exec(database_, "PRAGMA journal_mode = WAL", nullptr, nullptr, nullptr);
            if (result == SQLITE_OK) return;
            if (result != SQLITE_BUSY || tries == 3000) fail<Failure>(database_);
            sqlite3_sleep(10);
        }
    }

    sqlite3* database_ = nullptr;
};

} // namespace armature::sqlite
