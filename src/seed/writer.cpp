#include "seed/writer.hpp"

#include <armature/db/query.hpp>

#include <algorithm>
#include <utility>

namespace armature::seed::detail {

namespace {

constexpr std::size_t copy_portion = 64 * 1024;
// SQLite takes 32,766 values; beyond a few thousand nothing is gained.
constexpr std::size_t values_a_statement = 2'500;
constexpr std::string_view temporary_name = "armature_seeded";

bool contains(const std::vector<std::string>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

SeedError in_table(const RowSource& source, const db::DatabaseError& error) {
    return SeedError{source.table + ": " + error.what()};
}

/// "a = b AND c = d" of two tables.
std::string same_columns(const std::vector<std::string>& columns) {
    std::string text;
    for (const std::string& column : columns) {
        if (!text.empty()) text += " AND ";
        const std::string name = db::quoted_name(column);
        text.append("o.").append(name).append(" = n.").append(name);
    }
    return text;
}

/// Whether one of the columns has another value than the new one, in "o" and `other`.
std::string any_differs(const Table& table, const std::vector<std::string>& columns,
                        const std::string& other) {
    std::string text;
    for (const std::string& column : columns) {
        const Column* const known = table.column(column);
        const std::string name = db::quoted_name(column);
        const std::string cast = known != nullptr && known->type == "json" ? "::text" : "";
        if (!text.empty()) text += " OR ";
        text.append("o.").append(name).append(cast).append(" IS DISTINCT FROM ");
        text.append(other).append(".").append(name).append(cast);
    }
    return text;
}

bool may_be_null(const Table& table, const ForeignKey& key) {
    return std::all_of(key.columns.begin(), key.columns.end(), [&](const std::string& name) {
        const Column* const column = table.column(name);
        return column != nullptr && column->may_be_null;
    });
}

} // namespace

Task<> Writer::run(std::string sql) {
    db::Statement made = statement(std::move(sql));
    co_await transaction_.execute(std::move(made));
}
Task<std::uint64_t> Writer::number(std::string sql) {
    db::Statement made = statement(std::move(sql));
    const auto value = co_await transaction_.one<std::int64_t>(std::move(made));
    co_return value < 0 ? 0 : static_cast<std::uint64_t>(value);
}

TableReport& Writer::report_of(const std::string& table) {
    for (TableReport& known : report_)
        if (known.table == table) return known;
    TableReport& made = report_.emplace_back();
    made.table = table;
    return made;
}

void Writer::tell(const RowSource& source, std::uint64_t more) {
    done_ += more;
    if (progress != nullptr) progress(argument, source.table, done_, total_);
}

Task<std::vector<Writer::Part>> Writer::parts_of(const Sources& sources) {
    std::vector<Part> parts;
    for (const auto& source : sources) {
        const Table* const table = co_await catalog_.table(source->table);
        for (const std::string& column : source->columns)
            if (table->column(column) == nullptr)
                throw SeedError{source->table + " has no column " + column};
        const auto known = std::find_if(parts.begin(), parts.end(),
                                        [&](const Part& part) { return part.table == table; });
        Part& part = known != parts.end() ? *known : parts.emplace_back();
        part.table = table;
        part.sources.push_back(source);
    }
    co_return parts;
}

// As TRUNCATE … CASCADE does, but each table is told of.
Task<> Writer::empty(std::vector<Part>& parts) {
    const std::vector<ForeignKey>* const keys = co_await catalog_.foreign_keys();
    std::vector<std::string> ids;
    std::vector<std::string> names;
    for (const Part& part : parts)
        if (emptied_.insert(part.table->id).second) {
            ids.push_back(part.table->id);
            names.push_back(part.sources.front()->table);
        }
    for (std::size_t i = 0; i < ids.size(); ++i) // which grows
        for (const ForeignKey& key : *keys) {
            if (key.to != ids[i] || contains(ids, key.from)) continue;
            if (written_.contains(key.from)) {
                const Table* const table = co_await catalog_.table_of_id(key.from);
                throw SeedError{table->title + " refers to " + names[i] +
                                ", which a later seeder would empty: let that one come first"};
            }
            emptied_.insert(key.from);
            const Table* const table = co_await catalog_.table_of_id(key.from);
            ids.push_back(key.from);
            names.push_back(table->title);
        }
    std::string list;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const Table* const table = co_await catalog_.table_of_id(ids[i]);
        std::string count = "SELECT count(*) FROM " + table->name;
        const std::uint64_t rows = co_await number(std::move(count));
        if (rows != 0) report_of(names[i]).emptied += rows;
        if (!list.empty()) list += ", ";
        list += table->name;
        if (!is_postgres()) {
            std::string remove = "DELETE FROM " + table->name;
            co_await run(std::move(remove));
        }
    }
    if (ids.empty()) co_return;
    if (is_postgres()) {
        std::string truncate = "TRUNCATE " + list + " RESTART IDENTITY";
        co_await run(std::move(truncate));
        co_return;
    }
    const auto has_counters = co_await transaction_.one<bool>(
        "SELECT count(*) > 0 FROM sqlite_schema WHERE name = 'sqlite_sequence'");
    if (!has_counters) co_return;
    for (const std::string& id : ids)
        co_await transaction_.execute("DELETE FROM sqlite_sequence WHERE lower(name) = $1", id);
}

// New rows count on from those that are there, and what is unique goes on with them.
Task<> Writer::set_keys(Part& part) {
    std::optional<std::uint64_t> next; // the rows before, as the keys count them
    for (const auto& source : part.sources) {
        auto* const group = dynamic_cast<Group*>(source.get());
        if (group == nullptr) continue;
        if (group->is_fixed) {
            group->first_place =
                group->first_key > 0 ? static_cast<std::uint64_t>(group->first_key) - 1 : 0;
            group->first_index = group->first_place;
            continue;
        }
        if (!next) {
            // Nobody else may take those keys meanwhile; SQLite's transaction is alone anyway.
            std::string lock = "LOCK TABLE " + part.table->name + " IN SHARE ROW EXCLUSIVE MODE";
            if (is_postgres()) co_await run(std::move(lock));
            std::string sql = group->has_integer_key
                                  ? "SELECT coalesce(max(" + db::quoted_name(group->key_column) +
                                        "), 0) FROM " + part.table->name
                                  : "SELECT count(*) FROM " + part.table->name;
            next = co_await number(std::move(sql));
        }
        group->first_key = static_cast<std::int64_t>(*next) + 1;
        group->first_place = *next;
        *next += group->rows;
        std::uint64_t& index =
            next_index_.emplace(group->factory, group->first_place).first->second;
        group->first_index = index;
        index += group->rows;
    }
}

bool Writer::has_columns(const Part& part, const ForeignKey& key) {
    return std::any_of(part.sources.begin(), part.sources.end(), [&](const auto& source) {
        return std::any_of(key.columns.begin(), key.columns.end(), [&](const std::string& column) {
            return contains(source->columns, column);
        });
    });
}

std::vector<Writer::Part> Writer::ordered(std::vector<Part> parts,
                                          const std::vector<ForeignKey>& keys) {
    std::vector<Part> done;
    const auto waits_for = [&](const Part& part) {
        std::vector<const ForeignKey*> waiting;
        for (const ForeignKey& key : keys) {
            if (key.from != part.table->id || key.to == key.from || !has_columns(part, key))
                continue;
            const bool is_to_come = std::any_of(parts.begin(), parts.end(), [&](const Part& other) {
                return other.table->id == key.to;
            });
            if (is_to_come) waiting.push_back(&key);
        }
        return waiting;
    };
    const auto take = [&](std::size_t at) {
        done.push_back(std::move(parts[at]));
        parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(at));
    };
    while (!parts.empty()) {
        // The first that refers to none of the others; else, in a circle, the one with the fewest
        // foreign keys that can be seen to later.
        std::size_t best = parts.size();
        std::size_t fewest = static_cast<std::size_t>(-1);
        for (std::size_t i = 0; i < parts.size() && fewest != 0; ++i) {
            const std::vector<const ForeignKey*> waiting = waits_for(parts[i]);
            const bool can = std::all_of(waiting.begin(), waiting.end(), [&](const auto* key) {
                return key->is_deferrable || may_be_null(*parts[i].table, *key);
            });
            if (!can || waiting.size() >= fewest) continue;
            best = i;
            fewest = waiting.size();
        }
        if (best == parts.size()) {
            std::string names;
            for (const Part& part : parts)
                names += (names.empty() ? "" : ", ") + part.sources.front()->table;
            throw SeedError{"the foreign keys of " + names +
                            " go in a circle: make one of them DEFERRABLE, or let its columns be "
                            "NULL"};
        }
        for (const ForeignKey* key : waits_for(parts[best]))
            if (!key->is_deferrable)
                for (const std::string& column : key->columns)
                    if (!contains(parts[best].later, column)) parts[best].later.push_back(column);
        take(best);
    }
    return done;
}

Task<> Writer::write(Sources sources) {
    std::erase_if(sources, [](const auto& source) { return source->count() == 0; });
    if (sources.empty()) co_return;
    done_ = 0;
    total_ = 0;
    for (const auto& source : sources)
        total_ += source->count();

    std::vector<Part> parts = co_await parts_of(sources);
    if (!is_postgres()) co_await transaction_.execute("PRAGMA defer_foreign_keys = ON");
    if (options_.truncate) co_await empty(parts);
    for (Part& part : parts)
        co_await set_keys(part);
    const std::vector<ForeignKey>* const keys = co_await catalog_.foreign_keys();
    parts = ordered(std::move(parts), *keys);
    if (is_postgres()) co_await transaction_.execute("SET CONSTRAINTS ALL DEFERRED");

    for (const Part& part : parts) {
        written_.insert(part.table->id);
        for (const auto& source : part.sources)
            co_await write_source(part, *source);
    }
    for (const Part& part : parts) {
        if (!part.later.empty())
            for (const auto& source : part.sources)
                co_await link(part, *source);
        if (is_postgres() && !options_.dry_run) co_await advance_sequences(part);
    }
    for (const auto& source : sources)
        co_await source->written(transaction_);
}

Task<> Writer::write_source(const Part& part, const RowSource& source) {
    std::vector<std::string> columns = source.columns;
    std::erase_if(columns, [&](const std::string& name) { return contains(part.later, name); });
    std::optional<SeedError> failure;
    try {
        if (source.upsert_by.empty()) {
            co_await copy(part.table->name, source, columns);
            report_of(source.table).inserted += source.count();
        } else {
            co_await upsert(part, source, columns);
        }
    } catch (const db::DatabaseError& error) {
        failure = in_table(source, error);
    }
    if (failure) throw *failure;
}

Task<std::string> Writer::make_temporary(const Table& table,
                                         const std::vector<std::string>& columns) {
    const std::string name = (is_postgres() ? "pg_temp." : "temp.") + std::string{temporary_name};
    std::string sql =
        is_postgres()
            ? "CREATE TEMPORARY TABLE " + std::string{temporary_name} + " ON COMMIT DROP AS SELECT "
            : "CREATE TEMPORARY TABLE " + std::string{temporary_name} + " AS SELECT ";
    sql += quoted_list(columns) + " FROM " + table.name + " WHERE false";
    co_await run(std::move(sql));
    co_return name;
}

Task<> Writer::upsert(const Part& part, const RowSource& source,
                      const std::vector<std::string>& columns) {
    const Table& table = *part.table;
    const std::vector<std::string>& key = source.upsert_by;
    for (const std::string& column : key)
        if (!contains(columns, column))
            throw SeedError{source.table + ": the rows have no " + column +
                            ", which is to tell them apart"};
    const std::string fresh = co_await make_temporary(table, columns);
    co_await copy(fresh, source, columns);
    db::Statement twice = statement("SELECT " + quoted_list(key) + " FROM " + fresh + " GROUP BY " +
                                    quoted_list(key) + " HAVING count(*) > 1 LIMIT 1");
    const db::Rows doubled = co_await transaction_.query(std::move(twice));
    if (!doubled.empty())
        throw SeedError{source.table + ": " + key.front() + " '" +
                        std::string{doubled.text(0, 0).value_or("NULL")} + "' is there twice"};

    std::string known =
        "SELECT count(*) FROM " + fresh + " n JOIN " + table.name + " o ON " + same_columns(key);
    const std::uint64_t existing = co_await number(std::move(known));
    std::vector<std::string> others = columns;
    std::erase_if(others, [&](const std::string& name) { return contains(key, name); });
    std::string sql = "INSERT INTO " + table.name + " AS o (" + quoted_list(columns) + ") ";
    if (is_postgres()) sql += "OVERRIDING SYSTEM VALUE ";
    sql += "SELECT " + quoted_list(columns) + " FROM " + fresh + " WHERE true ON CONFLICT (" +
           quoted_list(key) + ") DO ";
    if (others.empty()) {
        sql += "NOTHING";
    } else {
        sql += "UPDATE SET ";
        for (const std::string& column : others) {
            const std::string name = db::quoted_name(column);
            if (&column != &others.front()) sql += ", ";
            sql.append(name).append(" = excluded.").append(name);
        }
        sql += " WHERE " + any_differs(table, others, "excluded");
    }
    db::Statement write = statement(std::move(sql));
    const std::uint64_t changed = co_await transaction_.execute(std::move(write));
    std::string drop = "DROP TABLE " + fresh;
    co_await run(std::move(drop));
    TableReport& report = report_of(source.table);
    const std::uint64_t inserted = source.count() - existing;
    report.inserted += inserted;
    report.updated += changed - inserted;
    report.same += existing - (changed - inserted);
}

// The second pass over tables that refer to each other in a circle.
Task<> Writer::link(const Part& part, const RowSource& source) {
    const Table& table = *part.table;
    std::vector<std::string> columns;
    for (const std::string& column : part.later)
        if (contains(source.columns, column)) columns.push_back(column);
    if (columns.empty()) co_return;
    for (const std::string& column : table.primary_key)
        if (!contains(source.columns, column))
            throw SeedError{source.table + ": its rows need their primary key, as it is in a "
                                           "circle of foreign keys"};
    if (table.primary_key.empty())
        throw SeedError{source.table + ": it needs a primary key, as it is in a circle of foreign "
                                       "keys"};
    std::vector<std::string> all = table.primary_key;
    all.insert(all.end(), columns.begin(), columns.end());
    const std::string fresh = co_await make_temporary(table, all);
    co_await copy(fresh, source, all);
    std::string sql = "UPDATE " + table.name + " AS o SET ";
    for (const std::string& column : columns) {
        const std::string name = db::quoted_name(column);
        if (&column != &columns.front()) sql += ", ";
        sql.append(name).append(" = n.").append(name);
    }
    sql += " FROM " + fresh + " n WHERE " + same_columns(table.primary_key) + " AND (" +
           any_differs(table, columns, "n") + ")";
    co_await run(std::move(sql));
    std::string drop = "DROP TABLE " + fresh;
    co_await run(std::move(drop));
}

// What was written with its keys must not meet what comes without.
Task<> Writer::advance_sequences(const Part& part) {
    for (const std::string& column : part.table->primary_key) {
        const bool is_given =
            std::any_of(part.sources.begin(), part.sources.end(),
                        [&](const auto& source) { return contains(source->columns, column); });
        if (!is_given) continue;
        const auto sequence = co_await transaction_.one<std::optional<std::string>>(
            "SELECT pg_get_serial_sequence($1, $2)", part.table->name, column);
        if (!sequence) continue;
        std::vector<db::Value> values;
        values.emplace_back(*sequence);
        db::Statement advance =
            statement("SELECT setval($1::text::regclass, m) FROM (SELECT max(" +
                          db::quoted_name(column) + ") AS m FROM " + part.table->name +
                          ") x WHERE m > coalesce(pg_sequence_last_value($1::text::regclass), 0)",
                      std::move(values));
        co_await transaction_.query(std::move(advance));
    }
}

Task<> Writer::copy(std::string target, const RowSource& source,
                    const std::vector<std::string>& columns) {
    std::vector<std::size_t> chosen;
    for (const std::string& column : columns) {
        const auto found = std::find(source.columns.begin(), source.columns.end(), column);
        chosen.push_back(static_cast<std::size_t>(found - source.columns.begin()));
    }
    bool is_whole = chosen.size() == source.columns.size();
    for (std::size_t i = 0; i < chosen.size(); ++i)
        is_whole = is_whole && chosen[i] == i;
    if (is_whole) chosen.clear();
    std::string names = quoted_list(columns);
    if (is_postgres())
        co_await copy_text(std::move(target), source, std::move(chosen), std::move(names));
    else
        co_await insert_rows(std::move(target), source, std::move(chosen), std::move(names));
}

namespace {

/// Appends the values of a row: all of them, or those that were chosen.
void append_cells(const RowSource& source, std::uint64_t row,
                  const std::vector<std::size_t>& chosen, std::vector<db::Value>& to) {
    if (chosen.empty()) {
        source.cells(row, to);
        return;
    }
    std::vector<db::Value> all;
    source.cells(row, all);
    for (const std::size_t index : chosen)
        to.push_back(std::move(all[index]));
}

} // namespace

Task<> Writer::copy_text(std::string target, const RowSource& source,
                         std::vector<std::size_t> chosen, std::string names) {
    db::Statement begin = statement("COPY " + target + " (" + names + ") FROM STDIN");
    db::CopyIn copying = co_await transaction_.copy_in(std::move(begin));
    std::string text;
    std::vector<db::Value> cells;
    std::uint64_t told = 0;
    const std::uint64_t count = source.count();
    for (std::uint64_t row = 0; row < count; ++row) {
        cells.clear();
        append_cells(source, row, chosen, cells);
        db::CopyIn::append_row(text, cells);
        if (text.size() < copy_portion) continue;
        co_await copying.write(std::exchange(text, {}));
        tell(source, row + 1 - std::exchange(told, row + 1));
    }
    co_await copying.write(std::move(text));
    co_await copying.finish();
    tell(source, count - told);
}

Task<> Writer::insert_rows(std::string target, const RowSource& source,
                           std::vector<std::size_t> chosen, std::string names) {
    const std::size_t width = chosen.empty() ? source.columns.size() : chosen.size();
    const std::size_t at_once =
        std::max<std::size_t>(1, values_a_statement / std::max<std::size_t>(width, 1));
    const auto text_for = [&](std::size_t rows) {
        // A statement that fails ends the transaction, so it needs no journal of its own.
        std::string sql = "INSERT OR FAIL INTO " + target + " (" + names + ") VALUES ";
        for (std::size_t row = 0; row < rows; ++row) {
            sql += row == 0 ? "(" : ", (";
            // Without numbers, by which SQLite would have to search.
            for (std::size_t i = 0; i < width; ++i)
                sql += i == 0 ? "?" : ", ?";
            sql += ')';
        }
        return sql;
    };
    const std::string whole = text_for(at_once);
    const std::uint64_t count = source.count();
    for (std::uint64_t row = 0; row < count;) {
        const auto rows = static_cast<std::size_t>(std::min<std::uint64_t>(at_once, count - row));
        std::vector<db::Value> values;
        values.reserve(rows * width);
        for (std::size_t i = 0; i < rows; ++i)
            append_cells(source, row + i, chosen, values);
        db::Statement insert =
            statement(rows == at_once ? whole : text_for(rows), std::move(values));
        co_await transaction_.execute(std::move(insert));
        row += rows;
        tell(source, rows);
    }
}

} // namespace armature::seed::detail
