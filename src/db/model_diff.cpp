#include "db/model_catalog.hpp"

#include <armature/db/diff.hpp>
#include <armature/db/query.hpp>

#include <algorithm>
#include <utility>

namespace armature::db {

namespace {

using detail::CatalogColumn;
using detail::CatalogTable;

std::string text_of(std::string_view text) { return std::string{text}; }

/// A table that should be there.
struct WantedColumn {
    std::string name;
    ColumnType type;
    bool is_required;
    bool is_key;
    bool is_unique;
    bool is_of_join;         ///< one of the two of a table between others
    std::string of_table;    ///< what it refers to; empty: nothing
    std::string of_column{}; ///< there
};
struct WantedTable {
    std::string name;
    std::vector<WantedColumn> columns;

    WantedColumn* find(std::string_view column) noexcept {
        for (WantedColumn& item : columns)
            if (item.name == column) return &item;
        return nullptr;
    }
};

const ColumnInfo& key_of(const ModelInfo& model) { return model.columns[model.key]; }

std::string column_of(const ModelInfo& model, std::string_view member) {
    for (const ColumnInfo& column : model.columns)
        if (column.member == member) return text_of(column.name);
    return text_of(member);
}

/// The tables of all models, with the foreign keys that their relations speak of.
class Wanted {
  public:
    explicit Wanted(const std::vector<const ModelInfo*>& models) {
        for (const ModelInfo* const model : models)
            add_table(*model);
        for (const ModelInfo* const model : models)
            for (const RelationInfo& relation : model->relations)
                add_relation(*model, relation);
    }
    std::vector<WantedTable> tables;

  private:
    WantedTable* find(std::string_view table) noexcept {
        for (WantedTable& item : tables)
            if (item.name == table) return &item;
        return nullptr;
    }
    void add_table(const ModelInfo& model) {
        WantedTable& table = tables.emplace_back();
        table.name = model.table;
        for (const ColumnInfo& column : model.columns)
            table.columns.push_back({text_of(column.name),
                                     column.access->type,
                                     !column.access->is_nullable,
                                     &column == &key_of(model),
                                     false,
                                     false,
                                     {},
                                     {}});
    }
    void refer(std::string_view table, std::string_view column, const ModelInfo& to,
               bool is_unique) {
        WantedTable* const from = find(table);
        WantedColumn* const holder = from != nullptr ? from->find(column) : nullptr;
        if (holder == nullptr) return;
        holder->is_unique = holder->is_unique || is_unique;
        holder->of_table = to.table;
        holder->of_column = key_of(to).name;
    }
    void add_relation(const ModelInfo& model, const RelationInfo& relation) {
        const ModelInfo& target = relation.target();
        switch (relation.kind) {
        case RelationKind::belongs_to:
            refer(model.table, column_of(model, relation.foreign_key), target, false);
            break;
        case RelationKind::has_one:
        case RelationKind::has_many:
            refer(target.table, column_of(target, relation.foreign_key), model,
                  relation.kind == RelationKind::has_one);
            break;
        case RelationKind::many_to_many: {
            if (find(relation.join_table) != nullptr) break;
            WantedTable& table = tables.emplace_back();
            table.name = relation.join_table;
            for (const auto& [column, of] :
                 {std::pair{relation.join_own, &model}, std::pair{relation.join_other, &target}})
                table.columns.push_back({text_of(column), key_of(*of).access->type, true, true,
                                         false, true, text_of(of->table),
                                         text_of(key_of(*of).name)});
            break;
        }
        }
    }
};

class Comparison {
  public:
    Comparison(Dialect dialect, std::vector<CatalogTable> catalog)
        : dialect_(dialect), catalog_(std::move(catalog)) {}

    SchemaDiff run(Wanted wanted, const std::vector<std::string>& ignored) {
        std::vector<WantedTable> missing;
        for (WantedTable& table : wanted.tables) {
            const CatalogTable* const found = find(table.name);
            if (found == nullptr) {
                note(DifferenceKind::missing_table, table.name, {}, "isn't there");
                missing.push_back(table);
            } else {
                compare(table, *found);
            }
        }
        create(std::move(missing));
        for (const CatalogTable& table : catalog_) {
            const std::string name = table.full_name();
            const bool is_known =
                table.is_view || table.name.starts_with("armature_") ||
                std::find(ignored.begin(), ignored.end(), name) != ignored.end() ||
                std::any_of(wanted.tables.begin(), wanted.tables.end(),
                            [&](const WantedTable& item) { return find(item.name) == &table; });
            if (is_known) continue;
            note(DifferenceKind::extra_table, name, {}, "belongs to no model");
            uncertain("Its rows would be lost.", "DROP TABLE " + quoted_name(name, true));
        }
        if (dialect_ == Dialect::mariadb) { // whose files are read in the server's sql_mode
            std::replace(up_.begin(), up_.end(), '"', '`');
            std::replace(down_.begin(), down_.end(), '"', '`');
        }
        return SchemaDiff{std::move(differences_), std::move(up_), std::move(down_)};
    }

  private:
    [[nodiscard]] bool is_postgres() const noexcept { return dialect_ == Dialect::postgres; }
    [[nodiscard]] bool is_mariadb() const noexcept { return dialect_ == Dialect::mariadb; }

    const CatalogTable* find(std::string_view table) const noexcept {
        for (const CatalogTable& item : catalog_)
            if (item.full_name() == table ||
                (item.schema.empty() && table == "public." + item.name))
                return &item;
        return nullptr;
    }
    void note(DifferenceKind kind, std::string_view table, std::string_view column,
              std::string detail) {
        differences_.push_back({kind, text_of(table), text_of(column), std::move(detail)});
    }
    void certain(const std::string& up, const std::string& down) {
        up_ += up + ";\n";
        down_.insert(0, down + ";\n"); // in the opposite order
    }
    void uncertain(const std::string& why, const std::string& statement) {
        up_ += "-- " + why + '\n';
        if (!statement.empty()) up_ += "-- " + statement + ";\n";
    }
    [[nodiscard]] std::string type_of(const WantedColumn& column) const {
        // MariaDB's indices need texts of a known length.
        const bool is_indexed = column.is_key || column.is_unique || !column.of_table.empty();
        if (is_mariadb() && column.type == ColumnType::text && is_indexed) return "varchar(255)";
        return text_of(detail::type_name(column.type, dialect_));
    }

    // --- a table that is there ------------------------------------------------------------------

    void compare(WantedTable& table, const CatalogTable& found) {
        for (const WantedColumn& column : table.columns) {
            const CatalogColumn* const there = found.find(column.name);
            if (there == nullptr)
                add_column(table.name, column);
            else
                compare_column(table.name, column, *there, found.is_view);
        }
        for (const CatalogColumn& column : found.columns) {
            if (table.find(column.name) != nullptr) continue;
            const bool is_in_the_way = column.is_required && !column.has_default && !found.is_view;
            note(DifferenceKind::extra_column, table.name, column.name,
                 column.type + ", which no member has" +
                     (is_in_the_way ? "; NOT NULL without a default: inserting fails" : ""));
            if (!found.is_view)
                uncertain("Its values would be lost.",
                          alter(table.name) + "DROP COLUMN " + quoted_name(column.name));
        }
        if (!found.is_view) compare_key(table, found);
    }

    void compare_key(const WantedTable& table, const CatalogTable& found) {
        std::string has;
        std::string wants;
        bool is_same = true;
        for (const WantedColumn& column : table.columns) {
            if (!column.is_key) continue;
            wants += (wants.empty() ? "" : ", ") + column.name;
            const CatalogColumn* const there = found.find(column.name);
            is_same = is_same && there != nullptr && there->is_key;
        }
        for (const CatalogColumn& column : found.columns) {
            if (!column.is_key) continue;
            has += (has.empty() ? "" : ", ") + column.name;
            const auto same =
                std::find_if(table.columns.begin(), table.columns.end(),
                             [&](const WantedColumn& item) { return item.name == column.name; });
            is_same = is_same && same != table.columns.end() && same->is_key;
        }
        // A table between two others may have a key of its own, or none.
        const bool is_join = !table.columns.empty() && table.columns.front().is_of_join;
        if (is_same || is_join) return;
        note(DifferenceKind::key, table.name, {},
             "the primary key is " + (has.empty() ? "missing" : has) + ", the model's is " + wants);
        uncertain("The primary key of " + table.name + " is to be " + wants + '.', {});
    }

    void add_column(const std::string& table, const WantedColumn& column) {
        const std::string type = type_of(column) + (column.is_required ? " NOT NULL" : "");
        note(DifferenceKind::missing_column, table, column.name, type);
        const std::string statement =
            alter(table) + "ADD COLUMN " + quoted_name(column.name) + ' ' + type;
        if (column.is_required)
            uncertain("The rows that are there need a value: name it.", statement + " DEFAULT …");
        else
            certain(statement + references(column),
                    alter(table) + "DROP COLUMN " + quoted_name(column.name));
    }

    void compare_column(const std::string& table, const WantedColumn& column,
                        const CatalogColumn& there, bool is_view) {
        const std::string begin = alter(table) + "ALTER COLUMN " + quoted_name(column.name);
        if (!detail::can_hold(there, column.type, dialect_)) {
            note(DifferenceKind::type, table, column.name,
                 (there.type.empty() ? "has no type" : "is " + there.type) + ", its member wants " +
                     type_of(column));
            if (is_view) return;
            if (is_mariadb()) {
                modify(table, column, there);
                return;
            }
            const std::string change = begin + " TYPE " + type_of(column);
            if (!is_postgres())
                rebuild(table, column.name + " as " + type_of(column));
            else if (detail::can_widen(there, column.type))
                certain(change, begin + " TYPE " + there.type);
            else
                uncertain("Say how its values are turned into the new type.", change + " USING …");
        }
        if (is_view || column.is_key || there.is_required == column.is_required) return;
        note(DifferenceKind::nullability, table, column.name,
             column.is_required ? "may be NULL, but its member always has a value"
                                : "is NOT NULL, but its member may have no value");
        if (is_mariadb())
            uncertain("Say the column's type as it is, with its length and default.",
                      alter(table) + "MODIFY COLUMN " + quoted_name(column.name) + ' ' +
                          type_of(column) + (column.is_required ? " NOT NULL" : " NULL"));
        else if (!is_postgres())
            rebuild(table, column.name + (column.is_required ? " NOT NULL" : " without NOT NULL"));
        else if (column.is_required)
            uncertain("Rows that have NULL there need a value first.", begin + " SET NOT NULL");
        else
            certain(begin + " DROP NOT NULL", begin + " SET NOT NULL");
    }

    // MariaDB's MODIFY says all of a column anew.
    void modify(const std::string& table, const WantedColumn& column, const CatalogColumn& there) {
        const std::string begin = alter(table) + "MODIFY COLUMN " + quoted_name(column.name) + ' ';
        const std::string end = there.is_required ? " NOT NULL" : " NULL";
        if (detail::can_widen(there, column.type) && !there.has_default)
            certain(begin + type_of(column) + end, begin + there.type + end);
        else
            uncertain("Say how its values are turned into the new type, and its default.",
                      begin + type_of(column) + end);
    }
    void rebuild(const std::string& table, const std::string& what) {
        uncertain("SQLite changes a column by building its table anew: " + table + ", with " +
                      what + '.',
                  {});
    }
    static std::string alter(const std::string& table) {
        return "ALTER TABLE " + quoted_name(table, true) + ' ';
    }
    static std::string references(const WantedColumn& column) {
        if (column.of_table.empty()) return {};
        return " REFERENCES " + quoted_name(column.of_table, true) + " (" +
               quoted_name(column.of_column) + ')';
    }

    // --- tables that aren't there ---------------------------------------------------------------

    /// In an order in which each refers to those before it. Where they refer to each other,
    /// PostgreSQL and MariaDB get the foreign key afterwards.
    void create(std::vector<WantedTable> missing) {
        std::vector<std::string> waiting;
        for (const WantedTable& table : missing)
            waiting.push_back(table.name);
        std::vector<std::pair<std::string, std::string>> later;
        while (!missing.empty()) {
            const auto waits = [&](const WantedColumn& column, const std::string& table) {
                return !column.of_table.empty() && column.of_table != table &&
                       std::find(waiting.begin(), waiting.end(), column.of_table) != waiting.end();
            };
            auto next = std::find_if(missing.begin(), missing.end(), [&](const WantedTable& table) {
                return std::none_of(
                    table.columns.begin(), table.columns.end(),
                    [&](const WantedColumn& column) { return waits(column, table.name); });
            });
            if (next == missing.end()) next = missing.begin();
            for (WantedColumn& column : next->columns) {
                if (dialect_ == Dialect::sqlite || !waits(column, next->name)) continue;
                const std::string name = quoted_name(next->name + '_' + column.name + "_fkey");
                later.emplace_back(alter(next->name) + "ADD CONSTRAINT " + name + " FOREIGN KEY (" +
                                       quoted_name(column.name) + ')' + references(column),
                                   alter(next->name) + "DROP CONSTRAINT " + name);
                column.of_table.clear();
            }
            create_table(*next);
            std::erase(waiting, next->name);
            missing.erase(next);
        }
        for (const auto& [up, down] : later)
            certain(up, down);
    }

    void create_table(const WantedTable& table) {
        const bool is_join = !table.columns.empty() && table.columns.front().is_of_join;
        std::string text = "CREATE TABLE " + quoted_name(table.name, true) + " (\n";
        std::string indices;
        std::string key;
        for (const WantedColumn& column : table.columns) {
            if (&column != &table.columns.front()) text += ",\n";
            text += "    " + quoted_name(column.name) + ' ' + type_of(column);
            if (is_join) {
                text += " NOT NULL" + references(column) + " ON DELETE CASCADE";
                key += (key.empty() ? "" : ", ") + quoted_name(column.name);
                if (&column != &table.columns.front()) indices += index(table, column);
                continue;
            }
            const bool is_number =
                column.type >= ColumnType::int16 && column.type <= ColumnType::int64;
            if (column.is_key) {
                if (is_postgres() && is_number) text += " GENERATED BY DEFAULT AS IDENTITY";
                if (is_mariadb() && is_number) text += " AUTO_INCREMENT";
                if (!is_postgres() && !is_number) text += " NOT NULL";
                text += " PRIMARY KEY";
            } else if (column.is_required) {
                text += " NOT NULL";
            }
            text += references(column);
            if (!column.of_table.empty() && !column.is_key) indices += index(table, column);
        }
        if (is_join) text += ",\n    PRIMARY KEY (" + key + ')';
        text += dialect_ == Dialect::sqlite ? "\n) STRICT" : "\n)";
        certain(text, "DROP TABLE " + quoted_name(table.name, true));
        up_ += indices;
    }

    static std::string index(const WantedTable& table, const WantedColumn& column) {
        std::string name = table.name + '_' + column.name;
        std::replace(name.begin(), name.end(), '.', '_');
        return text_of(column.is_unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ") +
               quoted_name(name) + " ON " + quoted_name(table.name, true) + " (" +
               quoted_name(column.name) + ");\n";
    }

    Dialect dialect_;
    std::vector<CatalogTable> catalog_;
    std::vector<Difference> differences_;
    std::string up_;
    std::string down_;
};

std::string_view name_of(DifferenceKind kind) noexcept {
    switch (kind) {
    case DifferenceKind::missing_table:
        return "missing table";
    case DifferenceKind::extra_table:
        return "extra table";
    case DifferenceKind::missing_column:
        return "missing column";
    case DifferenceKind::extra_column:
        return "extra column";
    case DifferenceKind::type:
        return "type";
    case DifferenceKind::nullability:
        return "nullability";
    case DifferenceKind::key:
        return "key";
    }
    return "";
}

} // namespace

std::string SchemaDiff::text() const {
    std::string text;
    for (const Difference& item : differences_) {
        std::string kind{name_of(item.kind)};
        kind.resize(16, ' ');
        text += kind + item.table + (item.column.empty() ? "" : "." + item.column) + ": " +
                item.detail + '\n';
    }
    return text;
}

std::string SchemaDiff::migration() const {
    return "-- migrate:up\n" + up_ + "\n-- migrate:down\n" + down_;
}

Task<SchemaDiff> diff(Session& session, std::vector<const ModelInfo*> models,
                      std::vector<std::string> ignored) {
    std::vector<CatalogTable> catalog = co_await detail::read_catalog(session);
    Comparison comparison{session.dialect(), std::move(catalog)};
    co_return comparison.run(Wanted{models}, ignored);
}

} // namespace armature::db
