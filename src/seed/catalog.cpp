#include "seed/catalog.hpp"

#include <armature/db/query.hpp>
#include <armature/seed/seeding.hpp>

#include <algorithm>
#include <utility>

namespace armature::seed::detail {

namespace {

std::string lower_case(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

std::string text_in(const db::Rows& rows, std::size_t row, std::size_t column) {
    return rows.get<std::string>(row, column);
}

} // namespace

db::Statement statement(std::string sql, std::vector<db::Value> values) {
    return db::Statement{db::Sql::trusted(std::move(sql)), std::move(values)};
}

std::string quoted_list(const std::vector<std::string>& names, std::string_view before) {
    std::string text;
    for (const std::string& name : names) {
        if (!text.empty()) text += ", ";
        text.append(before).append(db::quoted_name(name));
    }
    return text;
}

const Column* Table::column(std::string_view wanted) const noexcept {
    const auto found = std::find_if(columns.begin(), columns.end(),
                                    [&](const Column& known) { return known.name == wanted; });
    return found == columns.end() ? nullptr : &*found;
}

Task<const Table*> Catalog::table(std::string name) {
    if (session_.dialect() == db::Dialect::mariadb)
        throw SeedError{"seeds and fixtures are for SQLite and PostgreSQL; not yet for MariaDB"};
    const auto known = ids_by_name_.find(name);
    if (known != ids_by_name_.end()) co_return &tables_.at(known->second);
    const bool is_postgres = session_.dialect() == db::Dialect::postgres;
    Table table;
    if (is_postgres) {
        const std::string quoted = db::quoted_name(name, true);
        const db::Rows rows = co_await session_.query(
            "SELECT to_regclass($1)::oid::text, to_regclass($1)::text", quoted);
        if (!rows.text(0, 0)) throw SeedError{"there is no table " + name};
        table.id = text_in(rows, 0, 0);
        table.name = text_in(rows, 0, 1);
        table.title = table.name;
    } else {
        const db::Rows rows = co_await session_.query(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND lower(name) = lower($1)",
            name);
        if (rows.empty()) throw SeedError{"there is no table " + name};
        const std::string found = text_in(rows, 0, 0);
        table.id = lower_case(found);
        table.name = db::quoted_name(found);
        table.title = found;
    }
    ids_by_name_.emplace(std::move(name), table.id);
    const auto same = tables_.find(table.id);
    if (same != tables_.end()) co_return &same->second;
    co_await read_columns(table);
    std::string id = table.id;
    co_return &tables_.emplace(std::move(id), std::move(table)).first->second;
}

Task<const Table*> Catalog::table_of_id(std::string id) {
    const auto known = tables_.find(id);
    if (known != tables_.end()) co_return &known->second;
    Table table;
    table.id = id;
    table.title = id; // names of tables have no case in SQLite
    if (session_.dialect() == db::Dialect::postgres)
        table.title =
            co_await session_.one<std::string>("SELECT $1::text::oid::regclass::text", id);
    table.name = session_.dialect() == db::Dialect::postgres ? table.title : db::quoted_name(id);
    co_await read_columns(table);
    co_return &tables_.emplace(std::move(id), std::move(table)).first->second;
}

Task<> Catalog::read_columns(Table& table) {
    const bool is_postgres = session_.dialect() == db::Dialect::postgres;
    db::Rows rows;
    if (is_postgres)
        rows = co_await session_.query(
            "SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, "
            "a.attgenerated <> '', coalesce(array_position(i.indkey::int2[], a.attnum), -1) "
            "FROM pg_attribute a LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND "
            "i.indisprimary WHERE a.attrelid = $1::text::oid AND a.attnum > 0 AND NOT "
            "a.attisdropped ORDER BY a.attnum",
            table.id);
    else
        rows = co_await session_.query(
            "SELECT name, type, \"notnull\" OR pk > 0, hidden IN (2, 3), pk - 1 FROM "
            "pragma_table_xinfo($1) WHERE hidden <> 1 ORDER BY cid",
            table.id);
    std::vector<std::pair<int, std::string>> key;
    for (std::size_t row = 0; row < rows.size(); ++row) {
        Column& column = table.columns.emplace_back();
        column.name = text_in(rows, row, 0);
        column.type = lower_case(text_in(rows, row, 1));
        column.may_be_null = !rows.get<bool>(row, 2);
        column.is_generated = rows.get<bool>(row, 3);
        const int place = rows.get<int>(row, 4);
        if (place >= 0) key.emplace_back(place, column.name);
    }
    std::sort(key.begin(), key.end());
    for (auto& [place, name] : key)
        table.primary_key.push_back(std::move(name));
}

Task<const std::vector<ForeignKey>*> Catalog::foreign_keys() {
    if (has_foreign_keys_) co_return &foreign_keys_;
    const bool is_postgres = session_.dialect() == db::Dialect::postgres;
    db::Rows rows;
    if (is_postgres)
        rows = co_await session_.query(
            "SELECT c.oid::text, c.conrelid::text, c.confrelid::text, a.attname, c.condeferrable "
            "FROM pg_constraint c CROSS JOIN unnest(c.conkey) WITH ORDINALITY k (attnum, place) "
            "JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.attnum WHERE "
            "c.contype = 'f' ORDER BY c.oid, k.place");
    else
        rows = co_await session_.query(
            "SELECT m.name || ':' || f.id, lower(m.name), lower(f.\"table\"), f.\"from\", 1 FROM "
            "sqlite_schema m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table' ORDER BY "
            "m.name, f.id, f.seq");
    std::string before;
    for (std::size_t row = 0; row < rows.size(); ++row) {
        std::string constraint = text_in(rows, row, 0);
        if (constraint != before) {
            ForeignKey& key = foreign_keys_.emplace_back();
            key.from = text_in(rows, row, 1);
            key.to = text_in(rows, row, 2);
            key.is_deferrable = rows.get<bool>(row, 4);
            before = std::move(constraint);
        }
        foreign_keys_.back().columns.push_back(text_in(rows, row, 3));
    }
    has_foreign_keys_ = true;
    co_return &foreign_keys_;
}

Task<std::vector<std::string>> Catalog::table_names() {
    const bool is_postgres = session_.dialect() == db::Dialect::postgres;
    std::vector<std::string> names;
    if (is_postgres)
        names = co_await session_.all<std::string>(
            "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1");
    else
        names = co_await session_.all<std::string>(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
            "ORDER BY 1");
    std::erase_if(names, [](const std::string& name) { return name == "armature_migrations"; });
    co_return names;
}

} // namespace armature::seed::detail
