#include "database.hpp"

#include <sqlite3.h>

namespace {

void check(sqlite3* database, int result) {
    if (result == SQLITE_OK) return;
    if (sqlite3_extended_errcode(database) == SQLITE_CONSTRAINT_UNIQUE)
        throw DuplicateError{sqlite3_errmsg(database)};
    throw DatabaseError{sqlite3_errmsg(database)};
}

} // namespace

void Database::Close::operator()(sqlite3* database) const noexcept { sqlite3_close(database); }
void Rows::Finalize::operator()(sqlite3_stmt* statement) const noexcept {
    sqlite3_finalize(statement);
}

Database::Database(const std::string& path) {
    sqlite3* opened = nullptr;
    const int result = sqlite3_open(path.c_str(), &opened);
    handle_.reset(opened); // also after a failure: it holds the message
    if (result != SQLITE_OK) throw DatabaseError{path + ": " + sqlite3_errmsg(opened)};
    query("PRAGMA journal_mode = WAL").next();
}

Rows::Rows(std::unique_lock<std::mutex> lock, sqlite3* database, std::string_view sql)
    : lock_(std::move(lock)), database_(database) {
    sqlite3_stmt* statement = nullptr;
    const int size = static_cast<int>(sql.size());
    check(database, sqlite3_prepare_v2(database, sql.data(), size, &statement, nullptr));
    statement_.reset(statement);
}

void Rows::bind(int position, std::int64_t value) {
    check(database_, sqlite3_bind_int64(statement_.get(), position, value));
}

void Rows::bind(int position, std::string_view value) {
    check(database_, sqlite3_bind_text(statement_.get(), position, value.data(),
                                       static_cast<int>(value.size()), SQLITE_TRANSIENT));
}

bool Rows::next() {
    const int result = sqlite3_step(statement_.get());
    if (result != SQLITE_ROW && result != SQLITE_DONE) check(database_, result);
    return result == SQLITE_ROW;
}

std::int64_t Rows::integer(int column) const {
    return sqlite3_column_int64(statement_.get(), column);
}

std::string Rows::text(int column) const {
    const auto* bytes = sqlite3_column_text(statement_.get(), column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
    return {reinterpret_cast<const char*>(bytes), size};
}
