#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

/// What SQLite refused, and why.
class DatabaseError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// A row that would break a UNIQUE rule of the schema.
class DuplicateError : public DatabaseError {
  public:
    using DatabaseError::DatabaseError;
};

/// A statement under way: values bound, rows to be read. Columns are counted from 0.
class Rows {
  public:
    /// Goes to the next row; false when there is none.
    bool next();
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] std::string text(int column) const;

  private:
    friend class Database;
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const noexcept;
    };

    Rows(std::unique_lock<std::mutex> lock, sqlite3* database, std::string_view sql);
    void bind(int position, std::int64_t value);
    void bind(int position, std::string_view value);

    std::unique_lock<std::mutex> lock_; // before the statement, which must go first
    sqlite3* database_;
    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// An SQLite database in one file. Its calls block: run them with `armature::blocking`.
/// Threads: any; they take turns, so finish with one `Rows` before you ask for another.
class Database {
  public:
    /// Opens the file, creating it if it isn't there. Throws DatabaseError.
    explicit Database(const std::string& path);

    /// Prepares a statement and binds `values` to its `?`: text never becomes part of the SQL.
    template <class... Values>
    [[nodiscard]] Rows query(std::string_view sql, const Values&... values) {
        Rows rows{std::unique_lock{mutex_}, handle_.get(), sql};
        [[maybe_unused]] int position = 0;
        (rows.bind(++position, values), ...);
        return rows;
    }

  private:
    struct Close {
        void operator()(sqlite3* database) const noexcept;
    };

    std::mutex mutex_;
    std::unique_ptr<sqlite3, Close> handle_;
};
