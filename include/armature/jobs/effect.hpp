#pragma once

#include <armature/core/uuid.hpp>

#include <string_view>
#include <utility>

struct pg_conn; // libpq's PGconn
struct sqlite3;

namespace armature::detail {

// True: it is the first time; the transaction is open.
bool begin_effect(sqlite3* database, const Uuid& job, std::string_view name);
void commit_effect(sqlite3* database);
void roll_back_effect(sqlite3* database) noexcept;
bool begin_effect(pg_conn* connection, const Uuid& job, std::string_view name);
void commit_effect(pg_conn* connection);
void roll_back_effect(pg_conn* connection) noexcept;

// What `exactly_once` is for every database: a note and an effect in one transaction.
template <class Connection, class Effect>
bool exactly_once(Connection* connection, const Uuid& job, std::string_view name, Effect&& effect) {
    if (!begin_effect(connection, job, name)) return false;
    try {
        std::forward<Effect>(effect)();
        commit_effect(connection);
    } catch (...) {
        roll_back_effect(connection);
        throw;
    }
    return true;
}

} // namespace armature::detail
