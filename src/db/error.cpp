#include "db/connection.hpp"
#include "db/sqlstate.hpp"

#include <armature/db/database.hpp>

#include <charconv>
#include <cstring>

namespace armature::db {

namespace {

Status status_of(ErrorKind kind) noexcept {
    switch (kind) {
    case ErrorKind::unique_violation:
    case ErrorKind::foreign_key_violation:
    case ErrorKind::exclusion_violation:
        return Status::conflict;
    case ErrorKind::check_violation:
        return Status::unprocessable_content;
    case ErrorKind::serialization:
    case ErrorKind::timeout:
    case ErrorKind::unavailable:
    case ErrorKind::exhausted:
        return Status::service_unavailable;
    default:
        return Status::internal_server_error;
    }
}

// For the client.
std::string detail_of(ErrorKind kind, const std::string& message) {
    switch (kind) {
    case ErrorKind::unique_violation:
    case ErrorKind::exclusion_violation:
        return "This conflicts with something that exists already.";
    case ErrorKind::foreign_key_violation:
        return "This refers to something that doesn't exist, or that is still referred to.";
    case ErrorKind::check_violation:
        return "A value isn't one that is allowed here.";
    default:
        return message; // of a 5xx, which only developers see
    }
}

} // namespace

DatabaseError::DatabaseError(ErrorKind kind, Report report)
    : Error(status_of(kind), detail_of(kind, report.message)), report_(std::move(report)),
      kind_(kind) {}

namespace detail {

ErrorKind kind_of(std::string_view state) noexcept {
    if (state == "23505") return ErrorKind::unique_violation;
    if (state == "23503") return ErrorKind::foreign_key_violation;
    if (state == "23502") return ErrorKind::not_null_violation;
    if (state == "23514") return ErrorKind::check_violation;
    if (state == "23P01") return ErrorKind::exclusion_violation;
    if (state == "40001" || state == "40P01") return ErrorKind::serialization;
    if (state == "57014") return ErrorKind::timeout;
    const std::string_view group = state.substr(0, 2);
    if (group == "08" || state.starts_with("57P") || state == "53300")
        return ErrorKind::unavailable;
    if (group == "22") return ErrorKind::data;
    if (group == "42") return ErrorKind::syntax;
    if (group == "0A") return ErrorKind::unsupported;
    return ErrorKind::other;
}

void throw_unsupported(Dialect dialect, std::string_view what) {
    throw DatabaseError{ErrorKind::unsupported,
                        {(dialect == Dialect::sqlite ? "SQLite has no " : "MariaDB has no ") +
                             std::string{what} + "; PostgreSQL does",
                         "0A000"}};
}

void throw_too_large() {
    throw DatabaseError{ErrorKind::data,
                        {"an integer beyond 2^63 - 1 is too large for a database", "22003"}};
}

void throw_undescribed_enumerator() {
    throw DatabaseError{
        ErrorKind::data,
        {"an enumeration has a value that ARMATURE_DESCRIBE_ENUM doesn't name", "22023"}};
}

void throw_unreadable(std::string_view column, const Cell& cell, std::string_view wanted) {
    // Not the value: it may be a secret.
    throw DatabaseError{ErrorKind::mapping,
                        {"column " + std::string{column} +
                         (cell.is_null ? " is NULL" : " has a value") + ", but its member wants " +
                         std::string{wanted}}};
}

void throw_no_column(std::string_view name) {
    throw DatabaseError{ErrorKind::mapping,
                        {"the statement gives no column " + std::string{name} +
                         ", which the described struct has"}};
}

bool parse_boolean(std::string_view text, bool& out) noexcept {
    out = text == "t" || text == "1" || text == "true";
    return out || text == "f" || text == "0" || text == "false";
}

bool parse_bytes(const Cell& cell, Bytes& out) {
    std::string_view text = cell.text;
    if (cell.is_bytes || !text.starts_with("\\x")) {
        out.resize(text.size());
        if (!text.empty()) std::memcpy(out.data(), text.data(), text.size());
        return cell.is_bytes;
    }
    text.remove_prefix(2);
    if (text.size() % 2 != 0) return false;
    out.resize(text.size() / 2);
    for (std::size_t i = 0; i < out.size(); ++i) {
        unsigned byte = 0;
        const char* const end = text.data() + 2 * i + 2;
        const auto [last, error] = std::from_chars(text.data() + 2 * i, end, byte, 16);
        if (error != std::errc{} || last != end) return false;
        out[i] = static_cast<std::byte>(byte);
    }
    return true;
}

std::string_view as_date_time(std::string_view text, char (&buffer)[64]) noexcept {
    // "2024-02-29 12:00:00.5+00", "2024-02-29 12:00:00"
    if (text.size() < 19 || text.size() > 56 || text[10] != ' ') return text;
    std::memcpy(buffer, text.data(), text.size());
    buffer[10] = 'T';
    std::size_t size = text.size();
    const std::size_t sign = text.find_first_of("+-", 19);
    if (sign == std::string_view::npos && text.back() != 'Z') {
        buffer[size++] = 'Z';
    } else if (sign != std::string_view::npos && size - sign == 3) {
        std::memcpy(buffer + size, ":00", 3);
        size += 3;
    }
    return {buffer, size};
}

} // namespace detail

std::string Value::to_text() const {
    switch (kind_) {
    case Kind::null:
        return {};
    case Kind::boolean:
        return integer_ != 0 ? "t" : "f";
    case Kind::integer:
        return std::to_string(integer_);
    case Kind::real: {
        char text[40];
        const auto [end, error] = std::to_chars(text, text + sizeof text, real_);
        return {text, end};
    }
    default:
        return text_;
    }
}

} // namespace armature::db
