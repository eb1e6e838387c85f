#pragma once

#include <armature/core/error.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace armature::db {

/// What a database refused, the same for all databases.
enum class ErrorKind : std::uint8_t {
    unique_violation,      ///< 23505: a row with that key exists
    foreign_key_violation, ///< 23503: the other row doesn't exist, or is still needed
    not_null_violation,    ///< 23502
    check_violation,       ///< 23514
    exclusion_violation,   ///< 23P01
    serialization,         ///< 40001, 40P01, SQLITE_BUSY, MariaDB's 1205: run it again
    timeout,               ///< 57014: the statement took longer than `statement_timeout`
    unavailable,           ///< no connection, or one that broke: the statement may have run, or not
    exhausted,             ///< no connection of the pool became free in time
    data,                  ///< 22…: a value that its type can't hold
    syntax,                ///< 42…: wrong SQL, or a name that isn't there
    mapping,               ///< the rows don't fit the type that they were asked as
    unsupported,           ///< this database has no such thing
    other,
};

/// A database said no. Unless a handler catches it the client gets 409 for a violated unique,
/// foreign key or exclusion constraint, 422 for a check constraint, 503 where trying again may help
/// (no connection, time-outs, conflicts that outlived their retries), and otherwise 500; in none of
/// them a word of what the database said, which is for the log.
class DatabaseError : public Error {
  public:
    /// What the database said. Each text may be empty.
    struct Report {
        Report() noexcept {}
        Report(std::string text, std::string state = {})
            : message(std::move(text)), sqlstate(std::move(state)) {}
        std::string message;
        std::string sqlstate;
        std::string constraint;
        std::string table;
        std::string column;
        std::size_t position = 0; ///< in the statement, in bytes from 1; 0: unknown
    };

    DatabaseError(ErrorKind kind, Report report);

    [[nodiscard]] ErrorKind kind() const noexcept { return kind_; }
    /// Five characters of ISO 9075, also for SQLite and MariaDB, whose codes are translated; see
    /// PostgreSQL's Appendix A. Empty if the fault isn't the database's.
    [[nodiscard]] const std::string& sqlstate() const noexcept { return report_.sqlstate; }
    /// Of a violated constraint: its name (PostgreSQL, MariaDB), table and column (of a unique one:
    /// unless several). Of a unique one MariaDB tells the name alone.
    [[nodiscard]] const std::string& constraint() const noexcept { return report_.constraint; }
    [[nodiscard]] const std::string& table() const noexcept { return report_.table; }
    [[nodiscard]] const std::string& column() const noexcept { return report_.column; }
    /// Where in the statement, in bytes from 1; 0 if unknown.
    [[nodiscard]] std::size_t position() const noexcept { return report_.position; }
    /// Whether the whole transaction may succeed when it is run again.
    [[nodiscard]] bool is_retryable() const noexcept { return kind_ == ErrorKind::serialization; }
    /// What the database said, for the log: it may quote values.
    [[nodiscard]] const char* what() const noexcept override { return report_.message.c_str(); }

  private:
    Report report_;
    ErrorKind kind_;
};

} // namespace armature::db
