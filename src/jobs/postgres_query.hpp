#pragma once

#include <armature/jobs/store.hpp>

#include <libpq-fe.h>

#include <array>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace armature::jobs {

/// What libpq says is one or more lines.
inline std::string without_line_breaks(std::string_view text) {
    std::string line{text};
    while (!line.empty() && line.back() == '\n')
        line.pop_back();
    for (char& c : line)
        if (c == '\n') c = ' ';
    return line;
}

/// The rows that a query gave.
class Rows {
  public:
    explicit Rows(PGresult* result) noexcept : result_(result) {}

    [[nodiscard]] int size() const noexcept { return PQntuples(result_.get()); }
    /// How many rows a statement without RETURNING changed.
    [[nodiscard]] std::int64_t changed() const noexcept {
        return number(PQcmdTuples(result_.get()));
    }
    [[nodiscard]] std::string text(int row, int column) const {
        return {PQgetvalue(result_.get(), row, column),
                static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
    }
    [[nodiscard]] std::int64_t integer(int row, int column) const noexcept {
        return number({PQgetvalue(result_.get(), row, column),
                       static_cast<std::size_t>(PQgetlength(result_.get(), row, column))});
    }
    [[nodiscard]] Uuid uuid(int row, int column) const {
        return Uuid::parse(text(row, column)).value_or(Uuid{});
    }

  private:
    struct Clear {
        void operator()(PGresult* result) const noexcept { PQclear(result); }
    };
    static std::int64_t number(std::string_view text) noexcept {
        std::int64_t value = 0;
        std::from_chars(text.data(), text.data() + text.size(), value);
        return value;
    }

    std::unique_ptr<PGresult, Clear> result_;
};

inline std::string as_text(std::string_view value) { return std::string{value}; }
inline std::string as_text(const Uuid& value) { return value.to_string(); }
template <std::integral T>
std::string as_text(T value) {
    return std::to_string(value);
}

/// Runs one statement with parameters $1, $2 and so on. Throws `JobStoreError`.
template <class... Values>
Rows query(PGconn* connection, const char* sql, const Values&... values) {
    const std::array<std::string, sizeof...(Values)> texts{as_text(values)...};
    std::array<const char*, sizeof...(Values) + 1> pointers{};
    for (std::size_t i = 0; i < texts.size(); ++i)
        pointers[i] = texts[i].c_str();
    PGresult* result = PQexecParams(connection, sql, static_cast<int>(texts.size()), nullptr,
                                    pointers.data(), nullptr, nullptr, 0);
    const ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return Rows{result};
    const std::string why = without_line_breaks(PQresultErrorMessage(result));
    PQclear(result);
    throw JobStoreError{"PostgreSQL: " +
                        (why.empty() ? without_line_breaks(PQerrorMessage(connection)) : why)};
}

/// Values of an array parameter: none of them needs quotes.
template <class Range, class Text>
std::string array_of(const Range& range, Text text) {
    std::string result = "{";
    for (const auto& item : range) {
        if (result.size() > 1) result += ',';
        result += text(item);
    }
    return result + '}';
}

/// Rolled back unless `commit` is reached.
class PostgresTransaction {
  public:
    explicit PostgresTransaction(PGconn* connection) : connection_(connection) {
        query(connection, "BEGIN");
    }
    PostgresTransaction(const PostgresTransaction&) = delete;
    PostgresTransaction& operator=(const PostgresTransaction&) = delete;
    ~PostgresTransaction() {
        if (connection_ != nullptr) PQclear(PQexec(connection_, "ROLLBACK"));
    }
    void commit() {
        query(connection_, "COMMIT");
        connection_ = nullptr;
    }

  private:
    PGconn* connection_;
};

/// Held while tables are made: those that begin at the same time would make the same table.
class SchemaLock {
  public:
    explicit SchemaLock(PGconn* connection) : connection_(connection) {
        query(connection, "SELECT pg_advisory_lock($1::bigint)", number);
    }
    SchemaLock(const SchemaLock&) = delete;
    SchemaLock& operator=(const SchemaLock&) = delete;
    ~SchemaLock() {
        const std::string unlock = "SELECT pg_advisory_unlock(" + std::to_string(number) + ")";
        PQclear(PQexec(connection_, unlock.c_str()));
    }

  private:
    static constexpr std::int64_t number = 0x61726d61'6a6f6273; // "armajobs"
    PGconn* connection_;
};

/// A connection that is opened anew when it broke.
class PostgresConnection {
  public:
    explicit PostgresConnection(std::string parameters) : parameters_(std::move(parameters)) {}
    PostgresConnection(const PostgresConnection&) = delete;
    PostgresConnection& operator=(const PostgresConnection&) = delete;
    ~PostgresConnection() { PQfinish(connection_); }

    /// Throws `JobStoreError`. True in `is_new`: it was opened just now.
    PGconn* get(bool* is_new = nullptr) {
        if (connection_ != nullptr && PQstatus(connection_) == CONNECTION_OK) {
            if (is_new != nullptr) *is_new = false;
            return connection_;
        }
        PQfinish(connection_);
        connection_ = PQconnectdb(parameters_.c_str());
        if (PQstatus(connection_) != CONNECTION_OK)
            throw JobStoreError{"PostgreSQL: " + without_line_breaks(PQerrorMessage(connection_))};
        PQsetNoticeProcessor(connection_, [](void*, const char*) {}, nullptr);
        if (is_new != nullptr) *is_new = true;
        return connection_;
    }

  private:
    std::string parameters_;
    PGconn* connection_ = nullptr;
};

} // namespace armature::jobs
