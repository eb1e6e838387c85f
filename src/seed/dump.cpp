#include "seed/catalog.hpp"

#include <armature/db/query.hpp>
#include <armature/json/nlohmann.hpp>
#include <armature/seed/seeding.hpp>

#include <algorithm>
#include <utility>

namespace armature::seed {

using detail::Catalog;
using detail::Column;
using detail::ForeignKey;
using detail::quoted_list;
using detail::Table;

namespace {

struct Dumped {
    std::string name;
    const Table* table = nullptr;
};

// A value as text, and what it is.
struct Cell {
    enum class Kind : std::uint8_t { null, literal, text };
    Kind kind = Kind::null;
    std::string text;
};

bool is_literal_type(std::string_view type) noexcept {
    return type == "boolean" || type == "smallint" || type == "integer" || type == "bigint" ||
           type == "real" || type == "double precision";
}

std::string hexadecimal(std::string_view bytes) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text = "\\x";
    for (const char c : bytes) {
        text += digits[static_cast<unsigned char>(c) >> 4];
        text += digits[static_cast<unsigned char>(c) & 15];
    }
    return text;
}

std::string select_of(const Table& table, bool is_postgres) {
    std::string list;
    for (const Column& column : table.columns) {
        if (column.is_generated) continue;
        const std::string name = db::quoted_name(column.name);
        if (!list.empty()) list += ", ";
        list += is_postgres ? name + "::text" : "typeof(" + name + "), " + name;
    }
    std::string sql = "SELECT " + list + " FROM " + table.name;
    if (!table.primary_key.empty()) sql += " ORDER BY " + quoted_list(table.primary_key);
    return sql;
}

Cell cell_of(const Column& column, std::optional<std::string_view> text, std::string_view stored,
             bool is_postgres) {
    Cell cell;
    if (!text) return cell;
    cell.text = *text;
    cell.kind = Cell::Kind::text;
    if (is_postgres) {
        const bool is_number = cell.text.find_first_of("Ny") == std::string::npos; // NaN, Infinity
        if (is_literal_type(column.type) && is_number) cell.kind = Cell::Kind::literal;
    } else if (stored == "integer" || stored == "real") {
        cell.kind = Cell::Kind::literal;
        if (column.type.starts_with("bool") && (cell.text == "0" || cell.text == "1"))
            cell.text = cell.text == "1" ? "true" : "false";
        if (cell.text == "inf" || cell.text == "-inf") cell.kind = Cell::Kind::text;
    } else if (stored == "blob") {
        cell.text = hexadecimal(*text);
    }
    return cell;
}

std::string json_of(const Cell& cell) {
    switch (cell.kind) {
    case Cell::Kind::null:
        return "null";
    case Cell::Kind::literal:
        return cell.text;
    case Cell::Kind::text:
        break;
    }
    return to_json(nlohmann::json(cell.text));
}

std::string json_text(std::string_view text) { return to_json(nlohmann::json(text)); }

std::string csv_of(const Cell& cell) {
    if (cell.kind == Cell::Kind::null) return "";
    if (!cell.text.empty() && cell.text.find_first_of(",\"\r\n") == std::string::npos)
        return cell.text;
    std::string text = "\"";
    for (const char c : cell.text) {
        if (c == '"') text += c;
        text += c;
    }
    return text += '"';
}

/// Writes one table after the other.
class Printer {
  public:
    explicit Printer(FixtureFormat format) : format_(format) {
        if (format == FixtureFormat::json) text_ = "{";
        if (format == FixtureFormat::django) text_ = "[";
    }

    void begin(const Dumped& dumped, const std::vector<ForeignKey>& keys) {
        is_first_row_ = true;
        dumped_ = &dumped;
        keys_ = &keys;
        if (format_ == FixtureFormat::json) {
            text_ += is_first_table_ ? "\n" : ",\n";
            text_ += json_text(dumped.name) + ": [";
        } else if (format_ == FixtureFormat::yaml) {
            text_ += json_text(dumped.name) + ":\n";
        } else if (format_ == FixtureFormat::csv) {
            std::string line;
            for (const Column& column : dumped.table->columns) {
                if (column.is_generated) continue;
                if (!line.empty()) line += ',';
                Cell name;
                name.kind = Cell::Kind::text;
                name.text = column.name;
                line += csv_of(name);
            }
            text_ += line + '\n';
        }
        is_first_table_ = false;
    }
    void row(const std::vector<const Column*>& columns, const std::vector<Cell>& cells) {
        if (format_ == FixtureFormat::csv) {
            for (std::size_t i = 0; i < cells.size(); ++i)
                text_ += (i == 0 ? "" : ",") + csv_of(cells[i]);
            text_ += '\n';
        } else if (format_ == FixtureFormat::yaml) {
            for (std::size_t i = 0; i < cells.size(); ++i)
                text_ += (i == 0 ? "  - " : "    ") + json_text(columns[i]->name) + ": " +
                         json_of(cells[i]) + '\n';
        } else if (format_ == FixtureFormat::json) {
            text_ += is_first_row_ ? "\n  " : ",\n  ";
            text_ += object(columns, cells);
        } else {
            text_ += is_first_object_ ? "\n" : ",\n";
            is_first_object_ = false;
            text_ += django(columns, cells);
        }
        is_first_row_ = false;
    }
    void end() {
        if (format_ == FixtureFormat::json) text_ += is_first_row_ ? "]" : "\n]";
        if (format_ == FixtureFormat::yaml && is_first_row_) text_.insert(text_.size() - 1, " []");
    }
    [[nodiscard]] std::string finish() {
        if (format_ == FixtureFormat::json) text_ += is_first_table_ ? "}\n" : "\n}\n";
        if (format_ == FixtureFormat::django) text_ += is_first_object_ ? "]\n" : "\n]\n";
        return std::move(text_);
    }

  private:
    static std::string object(const std::vector<const Column*>& columns,
                              const std::vector<Cell>& cells) {
        std::string text = "{";
        for (std::size_t i = 0; i < cells.size(); ++i)
            text += (i == 0 ? "" : ", ") + json_text(columns[i]->name) + ": " + json_of(cells[i]);
        return text += '}';
    }
    // app_model is Django's table of app.model, author_id its column of the field author.
    std::string django(const std::vector<const Column*>& columns,
                       const std::vector<Cell>& cells) const {
        const Table& table = *dumped_->table;
        std::string model = dumped_->name;
        const std::size_t mark = model.find('_');
        if (mark != std::string::npos) model[mark] = '.';
        std::string key = "null";
        std::string fields;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            std::string name = columns[i]->name;
            if (table.primary_key.size() == 1 && table.primary_key[0] == name) {
                key = json_of(cells[i]);
                continue;
            }
            const bool refers = std::any_of(keys_->begin(), keys_->end(), [&](const auto& known) {
                return known.from == table.id && known.columns.size() == 1 &&
                       known.columns[0] == name;
            });
            if (refers && name.ends_with("_id")) name.resize(name.size() - 3);
            if (!fields.empty()) fields += ", ";
            fields += json_text(name) + ": " + json_of(cells[i]);
        }
        return "{\"model\": " + json_text(model) + ", \"pk\": " + key + ", \"fields\": {" + fields +
               "}}";
    }

    FixtureFormat format_;
    std::string text_;
    const Dumped* dumped_ = nullptr;
    const std::vector<ForeignKey>* keys_ = nullptr;
    bool is_first_table_ = true;
    bool is_first_row_ = true;
    bool is_first_object_ = true;
};

// What others refer to comes first; circles are for the loader.
void sort_by_keys(std::vector<Dumped>& tables, const std::vector<ForeignKey>& keys) {
    const auto waits = [&](std::size_t at, std::size_t from) {
        return std::any_of(keys.begin(), keys.end(), [&](const ForeignKey& key) {
            if (key.from != tables[at].table->id || key.to == key.from) return false;
            for (std::size_t i = from; i < tables.size(); ++i)
                if (tables[i].table->id == key.to) return true;
            return false;
        });
    };
    for (std::size_t done = 0; done < tables.size(); ++done) {
        std::size_t next = done;
        while (next < tables.size() && waits(next, done))
            ++next;
        if (next == tables.size()) continue;
        const auto begin = tables.begin() + static_cast<std::ptrdiff_t>(done);
        const auto chosen = tables.begin() + static_cast<std::ptrdiff_t>(next);
        std::rotate(begin, chosen, chosen + 1);
    }
}

} // namespace

Task<std::string> dump_fixture(db::Session& session, std::vector<std::string> names,
                               FixtureFormat format) {
    Catalog catalog{session};
    if (names.empty()) names = co_await catalog.table_names();
    if (format == FixtureFormat::csv && names.size() != 1)
        throw SeedError{"CSV has the rows of one table: name it"};
    std::vector<Dumped> tables;
    for (const std::string& name : names) {
        Dumped& dumped = tables.emplace_back();
        dumped.name = name;
        dumped.table = co_await catalog.table(name);
    }
    const std::vector<ForeignKey>* const keys = co_await catalog.foreign_keys();
    sort_by_keys(tables, *keys);
    const bool is_postgres = session.dialect() == db::Dialect::postgres;
    Printer printer{format};
    for (const Dumped& dumped : tables) {
        printer.begin(dumped, *keys);
        std::vector<const Column*> columns;
        for (const Column& column : dumped.table->columns)
            if (!column.is_generated) columns.push_back(&column);
        db::Statement select = detail::statement(select_of(*dumped.table, is_postgres));
        db::RowStream stream = co_await session.stream(std::move(select));
        std::vector<Cell> cells;
        while (const std::optional<db::Rows> rows = co_await stream.next())
            for (std::size_t row = 0; row < rows->size(); ++row) {
                cells.clear();
                for (std::size_t i = 0; i < columns.size(); ++i) {
                    const std::size_t at = is_postgres ? i : 2 * i + 1;
                    const std::string_view stored =
                        is_postgres ? std::string_view{} : *rows->text(row, at - 1);
                    cells.push_back(cell_of(*columns[i], rows->text(row, at), stored, is_postgres));
                }
                printer.row(columns, cells);
            }
        printer.end();
    }
    co_return printer.finish();
}

} // namespace armature::seed
