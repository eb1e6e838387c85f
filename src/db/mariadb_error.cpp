#include "db/mariadb_error.hpp"

#include "db/sqlstate.hpp"

#include <errmsg.h>
#include <mysqld_error.h>

#include <string>

namespace armature::db::detail {

namespace {

// MariaDB's SQLSTATEs are coarse (23000 for every constraint) where ISO's and PostgreSQL's aren't.
std::string_view sqlstate_of(unsigned code, std::string_view given) noexcept {
    switch (code) {
    case ER_DUP_ENTRY:
    case ER_DUP_KEY:
    case ER_DUP_UNIQUE:
    case ER_DUP_ENTRY_WITH_KEY_NAME:
        return "23505";
    case ER_NO_REFERENCED_ROW:
    case ER_ROW_IS_REFERENCED:
    case ER_ROW_IS_REFERENCED_2:
    case ER_NO_REFERENCED_ROW_2:
        return "23503";
    case ER_BAD_NULL_ERROR:
    case ER_NO_DEFAULT_FOR_FIELD:
        return "23502";
    case ER_CONSTRAINT_FAILED:
        return "23514";
    case ER_LOCK_DEADLOCK:
    case ER_LOCK_WAIT_TIMEOUT:
    case ER_CHECKREAD: // innodb_snapshot_isolation
    case ER_TABLE_DEF_CHANGED:
        return "40001";
    case ER_QUERY_INTERRUPTED:
    case ER_STATEMENT_TIMEOUT:
        return "57014";
    case ER_SERVER_SHUTDOWN:
    case ER_CONNECTION_KILLED:
        return "57P01";
    case ER_CON_COUNT_ERROR:
    case ER_TOO_MANY_USER_CONNECTIONS:
        return "53300";
    case ER_OPTION_PREVENTS_STATEMENT:
    case ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION:
        return "25006";
    case ER_NO_SUCH_TABLE:
    case ER_BAD_TABLE_ERROR:
        return "42P01";
    case ER_TABLE_EXISTS_ERROR:
        return "42P07";
    case ER_BAD_FIELD_ERROR:
        return "42703";
    case ER_DUP_FIELDNAME:
        return "42701";
    case ER_PARSE_ERROR:
    case ER_EMPTY_QUERY:
        return "42601";
    case ER_NOT_SUPPORTED_YET:
    case ER_UNSUPPORTED_PS:
    case ER_SP_BADSELECT:
        return "0A000";
    case ER_WARN_DATA_OUT_OF_RANGE:
    case ER_DATA_OUT_OF_RANGE:
        return "22003";
    case ER_DATA_TOO_LONG:
        return "22001";
    case ER_DIVISION_BY_ZERO:
        return "22012";
    case ER_TRUNCATED_WRONG_VALUE:
    case ER_TRUNCATED_WRONG_VALUE_FOR_FIELD:
    case WARN_DATA_TRUNCATED:
        return "22007";
    case CR_SERVER_GONE_ERROR:
    case CR_SERVER_LOST:
    case CR_SERVER_LOST_EXTENDED:
        return "08006";
    default:
        return given == "00000" ? "HY000" : given;
    }
}

// The text between two others; empty if they aren't there.
std::string_view between(std::string_view text, std::string_view before, std::string_view after) {
    const std::size_t begin = text.find(before);
    if (begin == std::string_view::npos) return {};
    text.remove_prefix(begin + before.size());
    const std::size_t end = text.find(after);
    return end == std::string_view::npos ? std::string_view{} : text.substr(0, end);
}

// "Duplicate entry 'a' for key 'email'", "… a foreign key constraint fails (`shop`.`children`,
// CONSTRAINT `children_ibfk_1` FOREIGN KEY (`parent`) …", "CONSTRAINT `name` failed for
// `shop`.`table`", "Column 'x' cannot be null", "Field 'x' doesn't have a default value"
void read_names(std::string_view message, DatabaseError::Report& report) {
    if (report.sqlstate == "23505") {
        // From its end: a value may say anything.
        const std::size_t at = message.rfind("' for key '");
        if (at == std::string_view::npos) return;
        report.constraint = message.substr(at + 11);
        if (!report.constraint.empty()) report.constraint.pop_back();
    } else if (report.sqlstate == "23503") {
        report.table = between(message, "`.`", "`, CONSTRAINT `");
        report.constraint = between(message, "CONSTRAINT `", "`");
        report.column = between(message, "FOREIGN KEY (`", "`)");
        if (report.column.find('`') != std::string::npos) report.column.clear(); // several
    } else if (report.sqlstate == "23514") {
        report.constraint = between(message, "CONSTRAINT `", "` failed for `");
        report.table = between(message, "` failed for `", "`.`");
        const std::size_t table = message.rfind("`.`");
        if (table != std::string_view::npos) {
            report.table = message.substr(table + 3);
            if (!report.table.empty()) report.table.pop_back();
        }
    } else if (report.sqlstate == "23502") {
        report.column = between(message, "'", "'");
    }
}

// "… near 'x y' at line 1": at most 80 characters of what follows the place.
std::size_t position_of(std::string_view message, std::string_view sql) {
    const std::size_t begin = message.find(" near '");
    const std::size_t end = message.rfind("' at line ");
    if (begin == std::string_view::npos || end == std::string_view::npos || end < begin + 7)
        return 0;
    const std::string_view near = message.substr(begin + 7, end - begin - 7);
    if (sql.ends_with(near)) return sql.size() - near.size() + 1;
    const std::size_t at = sql.find(near);
    // What is there twice tells no place.
    if (near.empty() || at == std::string_view::npos || sql.find(near, at + 1) != std::string::npos)
        return 0;
    return at + 1;
}

} // namespace

bool ends_connection(unsigned code) noexcept {
    return (code >= CR_MIN_ERROR && code <= CR_MYSQL_LAST_ERROR) || code == ER_SERVER_SHUTDOWN ||
           code == ER_CONNECTION_KILLED || code == CR_SERVER_LOST_EXTENDED;
}

DatabaseError mariadb_error(const MariadbFault& fault, std::string_view sql,
                            const MariadbSql* translated) {
    DatabaseError::Report report;
    report.sqlstate = sqlstate_of(fault.code, fault.sqlstate);
    report.message = "MariaDB: ";
    for (const char c : fault.message)
        report.message += c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
    read_names(fault.message, report);
    if (fault.code == ER_PARSE_ERROR)
        report.position =
            translated == nullptr
                ? position_of(fault.message, sql)
                : translated->original_position(position_of(fault.message, translated->text));
    const ErrorKind kind =
        ends_connection(fault.code) ? ErrorKind::unavailable : kind_of(report.sqlstate);
    return DatabaseError{kind, std::move(report)};
}

} // namespace armature::db::detail
