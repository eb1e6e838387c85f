#include "db/model_catalog.hpp"

#include <algorithm>
#include <array>

namespace armature::db::detail {

namespace {

// Schema (empty: the current one), table, view?, column, type, enumeration?, NOT NULL?, key?,
// default?
constexpr const char* postgres_columns = R"sql(
SELECT CASE WHEN n.nspname = current_schema() THEN '' ELSE n.nspname END, c.relname,
  c.relkind IN ('v', 'm'), a.attname,
  format_type(CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE a.atttypid END, NULL),
  t.typtype = 'e', a.attnotnull OR t.typnotnull,
  EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY (i.indkey)),
  a.atthasdef OR a.attidentity <> ''
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1, 2, a.attnum)sql";

constexpr const char* sqlite_columns = R"sql(
SELECT '', t.name, t.type = 'view', c.name, c.type, 0, c."notnull" OR c.pk <> 0, c.pk <> 0,
  c.dflt_value IS NOT NULL
FROM sqlite_schema t JOIN pragma_table_info(t.name) c
WHERE t.type IN ('table', 'view') AND t.name NOT LIKE 'sqlite\_%' ESCAPE '\'
ORDER BY t.name, c.cid)sql";

// Other databases of the server have the same names: only its own.
constexpr const char* mariadb_columns = R"sql(
SELECT '', c.table_name, t.table_type = 'VIEW', c.column_name,
  CASE WHEN c.column_type = 'tinyint(1)' THEN 'boolean'
       WHEN c.column_type LIKE '% unsigned' THEN CONCAT(c.data_type, ' unsigned') ELSE c.data_type END,
  c.data_type = 'enum', c.is_nullable = 'NO', c.column_key = 'PRI',
  c.column_default IS NOT NULL OR c.extra <> ''
FROM information_schema.columns c
JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
WHERE c.table_schema = database() AND t.table_type IN ('BASE TABLE', 'VIEW', 'SYSTEM VERSIONED')
ORDER BY BINARY c.table_name, c.ordinal_position)sql";

std::string_view columns_of(Dialect dialect) noexcept {
    switch (dialect) {
    case Dialect::postgres:
        return postgres_columns;
    case Dialect::mariadb:
        return mariadb_columns;
    case Dialect::sqlite:
        break;
    }
    return sqlite_columns;
}

template <std::size_t Size>
bool is_one_of(std::string_view text, const std::array<std::string_view, Size>& these) noexcept {
    return std::find(these.begin(), these.end(), text) != these.end();
}

bool can_hold_in_postgres(const CatalogColumn& column, ColumnType type) noexcept {
    const std::string_view name = column.type;
    const bool is_text =
        is_one_of(name, std::array<std::string_view, 5>{"text", "character varying", "character",
                                                        "bpchar", "citext"});
    switch (type) {
    case ColumnType::int16:
        return is_one_of(name, std::array<std::string_view, 3>{"smallint", "integer", "bigint"});
    case ColumnType::int32:
        return is_one_of(name, std::array<std::string_view, 2>{"integer", "bigint"});
    case ColumnType::real32:
        return is_one_of(name, std::array<std::string_view, 2>{"real", "double precision"});
    case ColumnType::enumeration:
        return is_text || column.is_enumeration;
    case ColumnType::uuid:
        return is_text || name == "uuid";
    case ColumnType::date_time:
        return name.starts_with("timestamp");
    case ColumnType::text:
        // Whatever PostgreSQL reads from text and writes as text; a number or bytes are a mistake.
        return !is_one_of(
            name, std::array<std::string_view, 8>{"boolean", "smallint", "integer", "bigint",
                                                  "real", "double precision", "numeric", "bytea"});
    default:
        return name == type_name(type, Dialect::postgres);
    }
}

bool can_hold_in_mariadb(const CatalogColumn& column, ColumnType type) noexcept {
    const std::string_view name = column.type;
    const bool is_text =
        is_one_of(name, std::array<std::string_view, 6>{"varchar", "char", "text", "mediumtext",
                                                        "longtext", "tinytext"});
    switch (type) {
    case ColumnType::boolean:
        return name == "boolean";
    case ColumnType::int16:
        return is_one_of(name,
                         std::array<std::string_view, 4>{"smallint", "mediumint", "int", "bigint"});
    case ColumnType::int32:
        return is_one_of(name, std::array<std::string_view, 2>{"int", "bigint"});
    case ColumnType::int64:
        return name == "bigint";
    case ColumnType::real32:
        return is_one_of(name, std::array<std::string_view, 2>{"float", "double"});
    case ColumnType::real64:
        return name == "double";
    case ColumnType::enumeration:
        return is_text || column.is_enumeration;
    case ColumnType::uuid:
        return is_text || name == "uuid";
    case ColumnType::decimal:
        return name == "decimal";
    case ColumnType::date_time:
        return is_one_of(name, std::array<std::string_view, 2>{"datetime", "timestamp"});
    case ColumnType::date:
        return name == "date";
    case ColumnType::bytes:
        return is_one_of(name, std::array<std::string_view, 6>{"blob", "mediumblob", "longblob",
                                                               "tinyblob", "binary", "varbinary"});
    case ColumnType::text:
        return is_text || is_one_of(name, std::array<std::string_view, 5>{"enum", "set", "inet4",
                                                                          "inet6", "time"});
    }
    return false;
}

bool contains_word(std::string_view type, std::string_view word) noexcept {
    return std::search(type.begin(), type.end(), word.begin(), word.end(), [](char a, char b) {
               return (a >= 'a' && a <= 'z' ? a - 'a' + 'A' : a) == b;
           }) != type.end();
}

enum class Affinity : std::uint8_t { integer, text, blob, real, numeric };

// https://www.sqlite.org/datatype3.html, 3.1
Affinity affinity_of(std::string_view type) noexcept {
    if (contains_word(type, "INT")) return Affinity::integer;
    if (contains_word(type, "CHAR") || contains_word(type, "CLOB") || contains_word(type, "TEXT"))
        return Affinity::text;
    if (type.empty() || contains_word(type, "BLOB")) return Affinity::blob;
    if (contains_word(type, "REAL") || contains_word(type, "FLOA") || contains_word(type, "DOUB"))
        return Affinity::real;
    return Affinity::numeric;
}

bool can_hold_in_sqlite(const CatalogColumn& column, ColumnType type) noexcept {
    const Affinity affinity = affinity_of(column.type);
    switch (type) {
    case ColumnType::boolean:
    case ColumnType::int16:
    case ColumnType::int32:
    case ColumnType::int64:
        return affinity == Affinity::integer || affinity == Affinity::numeric;
    case ColumnType::real32:
    case ColumnType::real64:
        return affinity == Affinity::real || affinity == Affinity::numeric;
    case ColumnType::date_time:
    case ColumnType::date:
        return affinity == Affinity::text || affinity == Affinity::numeric; // DATETIME
    case ColumnType::bytes:
        return affinity == Affinity::blob;
    default:
        return affinity == Affinity::text; // a Decimal would lose digits as a number
    }
}

} // namespace

const CatalogColumn* CatalogTable::find(std::string_view column) const noexcept {
    for (const CatalogColumn& item : columns)
        if (item.name == column) return &item;
    return nullptr;
}

Task<std::vector<CatalogTable>> read_catalog(Session& session) {
    Statement statement{Sql::trusted(std::string{columns_of(session.dialect())}), {}};
    const Rows rows = co_await session.query(std::move(statement));
    std::vector<CatalogTable> tables;
    for (std::size_t row = 0; row < rows.size(); ++row) {
        auto schema = rows.get<std::string>(row, 0);
        auto name = rows.get<std::string>(row, 1);
        if (tables.empty() || tables.back().name != name || tables.back().schema != schema) {
            CatalogTable& table = tables.emplace_back();
            table.schema = std::move(schema);
            table.name = std::move(name);
            table.is_view = rows.get<bool>(row, 2);
        }
        CatalogColumn& column = tables.back().columns.emplace_back();
        column.name = rows.get<std::string>(row, 3);
        column.type = rows.get<std::string>(row, 4);
        column.is_enumeration = rows.get<bool>(row, 5);
        column.is_required = rows.get<bool>(row, 6);
        column.is_key = rows.get<bool>(row, 7);
        column.has_default = rows.get<bool>(row, 8);
    }
    co_return tables;
}

std::string_view type_name(ColumnType type, Dialect dialect) noexcept {
    struct Names {
        std::string_view postgres;
        std::string_view sqlite;
        std::string_view mariadb;
    };
    const Names names = [&]() -> Names {
        switch (type) {
        case ColumnType::boolean:
            return {"boolean", "INTEGER", "boolean"};
        case ColumnType::int16:
            return {"smallint", "INTEGER", "smallint"};
        case ColumnType::int32:
            return {"integer", "INTEGER", "int"};
        case ColumnType::int64:
            return {"bigint", "INTEGER", "bigint"};
        case ColumnType::real32:
            return {"real", "REAL", "float"};
        case ColumnType::real64:
            return {"double precision", "REAL", "double"};
        case ColumnType::uuid:
            return {"uuid", "TEXT", "uuid"};
        case ColumnType::decimal:
            return {"numeric", "TEXT", "decimal(38,10)"};
        case ColumnType::date_time:
            return {"timestamp with time zone", "TEXT", "datetime(6)"};
        case ColumnType::date:
            return {"date", "TEXT", "date"};
        case ColumnType::bytes:
            return {"bytea", "BLOB", "longblob"};
        case ColumnType::enumeration:
            return {"text", "TEXT", "varchar(255)"};
        case ColumnType::text:
            break;
        }
        return {"text", "TEXT", "longtext"};
    }();
    switch (dialect) {
    case Dialect::postgres:
        return names.postgres;
    case Dialect::mariadb:
        return names.mariadb;
    case Dialect::sqlite:
        break;
    }
    return names.sqlite;
}

bool can_hold(const CatalogColumn& column, ColumnType type, Dialect dialect) noexcept {
    switch (dialect) {
    case Dialect::postgres:
        return can_hold_in_postgres(column, type);
    case Dialect::mariadb:
        return can_hold_in_mariadb(column, type);
    case Dialect::sqlite:
        break;
    }
    return can_hold_in_sqlite(column, type);
}

bool can_widen(const CatalogColumn& column, ColumnType type) noexcept {
    const std::string_view from = column.type;
    return (type == ColumnType::int32 && from == "smallint") ||
           (type == ColumnType::int64 &&
            (from == "smallint" || from == "integer" || from == "int")) ||
           (type == ColumnType::real64 && (from == "real" || from == "float"));
}

} // namespace armature::db::detail
