#include "db/postgres_error.hpp"

#include "db/sqlstate.hpp"

#include <cstdlib>

namespace armature::db::detail {

std::string in_one_line(const char* text) {
    std::string line;
    for (const char* c = text; *c != '\0'; ++c)
        line += *c == '\n' || *c == '\r' || *c == '\t' ? ' ' : *c;
    while (!line.empty() && line.back() == ' ')
        line.pop_back();
    return line;
}

namespace {

std::string field(const PGresult* result, int code) {
    const char* const text = PQresultErrorField(result, code);
    return text == nullptr ? std::string{} : in_one_line(text);
}

// PostgreSQL counts characters.
std::size_t byte_position(std::string_view sql, std::size_t characters) {
    std::size_t at = 0;
    for (; at < sql.size(); ++at)
        if ((static_cast<unsigned char>(sql[at]) & 0xC0) != 0x80 && --characters == 0) break;
    return at + 1;
}

// "Key (email)=(a@example.com) already exists.", in the server's language; empty for several.
std::string column_of_key(std::string_view detail) {
    const std::size_t begin = detail.find('(');
    const std::size_t end = detail.find(")=(");
    if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) return {};
    std::string_view column = detail.substr(begin + 1, end - begin - 1);
    if (column.find(", ") != std::string_view::npos) return {};
    if (column.size() > 2 && column.front() == '"' && column.back() == '"')
        column = column.substr(1, column.size() - 2); // "a-name-that-needs-them"
    return std::string{column};
}

} // namespace

DatabaseError postgres_error(const PGresult* result, std::string_view sql) {
    DatabaseError::Report report;
    report.sqlstate = field(result, PG_DIAG_SQLSTATE);
    report.message = field(result, PG_DIAG_MESSAGE_PRIMARY);
    if (report.message.empty()) report.message = in_one_line(PQresultErrorMessage(result));
    for (const int more : {PG_DIAG_MESSAGE_DETAIL, PG_DIAG_MESSAGE_HINT}) {
        const std::string text = field(result, more);
        if (!text.empty()) report.message += "; " + text;
    }
    report.message.insert(0, "PostgreSQL: ");
    report.constraint = field(result, PG_DIAG_CONSTRAINT_NAME);
    report.table = field(result, PG_DIAG_TABLE_NAME);
    report.column = field(result, PG_DIAG_COLUMN_NAME);
    if (report.sqlstate == "23505")
        report.column = column_of_key(field(result, PG_DIAG_MESSAGE_DETAIL));
    const std::string position = field(result, PG_DIAG_STATEMENT_POSITION);
    if (!position.empty())
        report.position = byte_position(sql, std::strtoul(position.c_str(), nullptr, 10));
    const ErrorKind kind =
        report.sqlstate.empty() ? ErrorKind::unavailable : kind_of(report.sqlstate);
    return DatabaseError{kind, std::move(report)};
}

DatabaseError connection_lost(const PGconn* connection) {
    std::string why = in_one_line(PQerrorMessage(connection));
    if (why.empty()) why = "the connection broke";
    return DatabaseError{ErrorKind::unavailable, {"PostgreSQL: " + why, "08006"}};
}

} // namespace armature::db::detail
