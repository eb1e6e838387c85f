#pragma once

#include <armature/jobs/store.hpp>

#include <sqlite3.h>

#include <string>
#include <string_view>

namespace armature::jobs {

[[noreturn]] inline void fail(sqlite3* database) {
    throw JobStoreError{std::string{"SQLite: "} + sqlite3_errmsg(database)};
}

/// One prepared statement. Values are bound in order, then rows are stepped through:
///
///     Statement select{db, "SELECT a FROM t WHERE b = ?"};
///     for (select.bind(7); select.step();) use(select.integer(0));
class Statement {
  public:
    /// The statement is prepared once for a connection that keeps it.
    Statement(sqlite3* database, std::string_view sql) : database_(database) {
        if (sqlite3_prepare_v3(database, sql.data(), static_cast<int>(sql.size()),
                               SQLITE_PREPARE_PERSISTENT, &statement_, nullptr) != SQLITE_OK)
            fail(database);
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
        throw JobStoreError{"SQLite: " + why};
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
        sqlite3_reset(statement_);
        return result;
    }

    [[nodiscard]] std::int64_t integer(int column) const {
        return sqlite3_column_int64(statement_, column);
    }
    [[nodiscard]] std::string text(int column) const {
        const auto* bytes = sqlite3_column_text(statement_, column);
        const int size = sqlite3_column_bytes(statement_, column);
        return {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)};
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
    void bind_one(int position, const Uuid& value) { bind_one(position, value.to_string()); }
    void check(int result) const {
        if (result != SQLITE_OK) fail(database_);
    }

    sqlite3* database_;
    sqlite3_stmt* statement_ = nullptr;
};

inline void execute(sqlite3* database, const char* sql) {
    if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail(database);
}

/// A transaction that writes: rolled back unless `commit` is reached.
class Transaction {
  public:
    explicit Transaction(sqlite3* database) : database_(database) {
        execute(database, "BEGIN IMMEDIATE");
    }
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    ~Transaction() {
        if (database_ != nullptr) sqlite3_exec(database_, "ROLLBACK", nullptr, nullptr, nullptr);
    }
    void commit() {
        execute(database_, "COMMIT");
        database_ = nullptr;
    }

  private:
    sqlite3* database_;
};

} // namespace armature::jobs
