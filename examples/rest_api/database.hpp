#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

/// What SQLite refused, and why.
struct DatabaseError : std::runtime_error {
    using std::runtime_error::runtime_error;
};
/// A row that would break a UNIQUE rule of the schema.
struct DuplicateError : DatabaseError {
    using DatabaseError::DatabaseError;
};

/// An SQLite database. Its calls block: run them with `armature::blocking`.
/// Threads: any; they take turns, and one that has `Rows` or a transaction holds up the others.
class Database {
    template <auto Function>
    struct Call {
        void operator()(auto* object) const noexcept { Function(object); }
    };

  public:
    /// A prepared statement with its values bound; gives its rows one by one.
    class Rows {
      public:
        /// Goes to the next row; false when there is none.
        bool next() {
            const int result = sqlite3_step(statement_.get());
            if (result != SQLITE_ROW && result != SQLITE_DONE) check(result);
            return result == SQLITE_ROW;
        }
        /// The columns of the current row, counted from 0.
        std::int64_t integer(int column) { return sqlite3_column_int64(statement_.get(), column); }
        std::string text(int column) {
            const auto* bytes = sqlite3_column_text(statement_.get(), column);
            const int size = sqlite3_column_bytes(statement_.get(), column);
            return {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)};
        }

      private:
        friend class Database;
        Rows(Database& database, std::string_view sql)
            : lock_(database.mutex_), handle_(database.handle_.get()) {
            sqlite3_stmt* statement = nullptr;
            check(sqlite3_prepare_v2(handle_, sql.data(), static_cast<int>(sql.size()), &statement,
                                     nullptr));
            statement_.reset(statement);
        }
        void bind(int position, std::int64_t value) {
            check(sqlite3_bind_int64(statement_.get(), position, value));
        }
        void bind(int position, std::string_view value) {
            check(sqlite3_bind_text(statement_.get(), position, value.data(),
                                    static_cast<int>(value.size()), SQLITE_TRANSIENT));
        }
        void check(int result) const {
            if (result == SQLITE_OK) return;
            if (sqlite3_extended_errcode(handle_) == SQLITE_CONSTRAINT_UNIQUE)
                throw DuplicateError{sqlite3_errmsg(handle_)};
            throw DatabaseError{sqlite3_errmsg(handle_)};
        }

        std::unique_lock<std::recursive_mutex>
            lock_; // outlives the statement, being declared before it
        sqlite3* handle_;
        std::unique_ptr<sqlite3_stmt, Call<sqlite3_finalize>> statement_;
    };

    /// Opens a file, which is made if it isn't there. Throws DatabaseError.
    explicit Database(const std::string& path) {
        sqlite3* handle = nullptr;
        const int result = sqlite3_open(path.c_str(), &handle);
        handle_.reset(handle); // after a failure too: it has the message
        if (result != SQLITE_OK) throw DatabaseError{path + ": " + sqlite3_errmsg(handle)};
        sqlite3_busy_timeout(handle, 5000); // ms, for the worker's connection to the same file
        query("PRAGMA journal_mode = WAL").next();
    }

    /// Prepares a statement and binds the values to its `?`: they never become part of the SQL.
    template <class... Values>
    [[nodiscard]] Rows query(std::string_view sql, const Values&... values) {
        Rows rows{*this, sql};
        [[maybe_unused]] int position = 0;
        (rows.bind(++position, values), ...);
        return rows;
    }

    /// Makes all that `work` does one transaction, and gives what it returns; what it throws undoes
    /// everything.
    template <class Work>
    auto transaction(const Work& work) {
        const std::lock_guard lock{mutex_};
        query("BEGIN IMMEDIATE").next();
        try {
            auto result = work();
            query("COMMIT").next();
            return result;
        } catch (...) {
            sqlite3_exec(handle_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
            throw;
        }
    }

    /// For libraries that take SQLite's own. The database keeps it.
    sqlite3* handle() noexcept { return handle_.get(); }

  private:
    std::recursive_mutex mutex_; // a transaction's own queries take it again
    std::unique_ptr<sqlite3, Call<sqlite3_close>> handle_;
};
