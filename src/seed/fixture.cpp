#include "seed/fixture.hpp"

#include <armature/json/nlohmann.hpp>

#include <algorithm>
#include <utility>

namespace armature::seed::detail {

namespace {

std::string stem_of(std::string_view path) {
    if (const std::size_t slash = path.rfind('/'); slash != std::string_view::npos)
        path.remove_prefix(slash + 1);
    return std::string{path.substr(0, path.rfind('.'))};
}

// --- CSV (RFC 4180) -----------------------------------------------------------------------------

class CsvReader {
  public:
    CsvReader(std::string_view text, const std::string& name) : text_(text), name_(name) {
        if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3; // a byte order mark, as Excel writes it
    }

    [[nodiscard]] bool is_at_end() const noexcept { return at_ >= text_.size(); }
    [[nodiscard]] std::size_t line() const noexcept { return line_; }

    /// A value that isn't in quotes and empty is null.
    std::vector<nlohmann::json> record() {
        std::vector<nlohmann::json> values;
        for (;;) {
            values.push_back(value());
            if (is_at_end()) return values;
            const char c = text_[at_++];
            if (c == ',') continue;
            if (c == '\r' && at_ < text_.size() && text_[at_] == '\n') ++at_;
            ++line_;
            return values;
        }
    }

  private:
    nlohmann::json value() {
        if (is_at_end() || text_[at_] != '"') {
            const std::size_t end = std::min(text_.find_first_of(",\r\n", at_), text_.size());
            const std::string_view plain = text_.substr(at_, end - at_);
            at_ = end;
            if (plain.empty()) return nullptr;
            if (plain.find('"') != std::string_view::npos) fail("a quote within a value");
            return plain;
        }
        std::string quoted;
        for (++at_;; ++at_) {
            if (is_at_end()) fail("a quote without an end");
            if (text_[at_] == '\n') ++line_;
            if (text_[at_] != '"') {
                quoted += text_[at_];
                continue;
            }
            if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
                quoted += text_[++at_];
                continue;
            }
            ++at_;
            break;
        }
        if (!is_at_end() && text_[at_] != ',' && text_[at_] != '\r' && text_[at_] != '\n')
            fail("something behind a quote");
        return quoted;
    }
    [[noreturn]] void fail(const char* what) const {
        throw SeedError{name_ + ':' + std::to_string(line_) + ": " + what};
    }

    std::string_view text_;
    const std::string& name_;
    std::size_t at_ = 0;
    std::size_t line_ = 1;
};

std::vector<FixtureTable> parse_csv(std::string_view text, const std::string& name,
                                    std::string table) {
    CsvReader reader{text, name};
    FixtureTable fixture;
    fixture.table = std::move(table);
    if (reader.is_at_end()) throw SeedError{name + ": the first line has the columns' names"};
    std::vector<std::string> columns;
    for (const nlohmann::json& column : reader.record()) {
        if (!column.is_string() || column.get_ref<const std::string&>().empty())
            throw SeedError{name + ":1: a column without a name"};
        columns.push_back(column.get<std::string>());
    }
    while (!reader.is_at_end()) {
        const std::size_t line = reader.line();
        const std::vector<nlohmann::json> values = reader.record();
        if (values.size() == 1 && values[0].is_null() && columns.size() > 1) continue; // empty line
        if (values.size() != columns.size())
            throw SeedError{name + ':' + std::to_string(line) + ": has " +
                            std::to_string(values.size()) + " values for " +
                            std::to_string(columns.size()) + " columns"};
        nlohmann::json row = nlohmann::json::object();
        for (std::size_t i = 0; i < columns.size(); ++i)
            row[columns[i]] = values[i];
        fixture.rows.push_back(std::move(row));
    }
    std::vector<FixtureTable> all;
    all.push_back(std::move(fixture));
    return all;
}

// --- documents ----------------------------------------------------------------------------------

std::vector<nlohmann::json> rows_in(nlohmann::json& list, const std::string& name,
                                    const std::string& table) {
    if (!list.is_array()) throw SeedError{name + ": " + table + " isn't a list of rows"};
    std::vector<nlohmann::json> rows;
    for (nlohmann::json& row : list) {
        if (!row.is_object() || row.empty())
            throw SeedError{name + ": " + table + " has a row without columns"};
        rows.push_back(std::move(row));
    }
    return rows;
}

bool is_django(const nlohmann::json& document) {
    return document.is_array() && !document.empty() && document[0].is_object() &&
           document[0].contains("model") && document[0].contains("fields");
}

constexpr const char* primary_key = "\npk"; // no column's name

std::vector<FixtureTable> django_tables(nlohmann::json& document, const std::string& name) {
    std::vector<FixtureTable> all;
    for (nlohmann::json& item : document) {
        const auto model = item.is_object() ? item.find("model") : item.end();
        const auto fields = item.is_object() ? item.find("fields") : item.end();
        if (!item.is_object() || model == item.end() || !model->is_string() ||
            fields == item.end() || !fields->is_object())
            throw SeedError{name + ": an object of a Django fixture has \"model\", \"pk\" and "
                                   "\"fields\""};
        // app.model, whose table is app_model
        std::string table = model->get<std::string>();
        std::replace(table.begin(), table.end(), '.', '_');
        nlohmann::json row = std::move(*fields);
        const auto key = item.find("pk");
        if (key != item.end() && !key->is_null()) row[primary_key] = std::move(*key);
        if (row.empty()) throw SeedError{name + ": " + table + " has a row without columns"};
        if (all.empty() || all.back().table != table) {
            all.emplace_back();
            all.back().table = table;
        }
        all.back().rows.push_back(std::move(row));
    }
    return all;
}

std::vector<FixtureTable> tables_in(nlohmann::json document, const std::string& name,
                                    const std::string& table) {
    if (is_django(document)) return django_tables(document, name);
    std::vector<FixtureTable> all;
    if (document.is_object()) {
        for (auto& [key, rows] : document.items()) {
            FixtureTable& made = all.emplace_back();
            made.table = key;
            made.rows = rows_in(rows, name, key);
        }
        return all;
    }
    FixtureTable& made = all.emplace_back();
    made.table = table;
    made.rows = rows_in(document, name, table);
    return all;
}

nlohmann::json parse_json(std::string_view text, const std::string& name) {
    nlohmann::json document;
    JsonErrors errors;
    if (read_json(text, document, errors) == JsonStatus::ok) return document;
    if (const JsonSyntaxError* const syntax = errors.syntax())
        throw SeedError{name + ':' + std::to_string(syntax->line) + ':' +
                        std::to_string(syntax->column) + ": " + syntax->detail};
    const JsonError& first = errors.values().front();
    throw SeedError{name + ": " + first.pointer + ' ' + first.detail};
}

// --- rows for a table ---------------------------------------------------------------------------

struct FixtureRows final : RowSource {
    std::uint64_t count() const override { return rows.size(); }
    void cells(std::uint64_t row, std::vector<db::Value>& to) const override {
        const std::vector<db::Value>& values = rows[static_cast<std::size_t>(row)];
        to.insert(to.end(), values.begin(), values.end());
    }
    std::vector<std::vector<db::Value>> rows;
};

int hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

// "\x0aff", as PostgreSQL writes bytes.
std::optional<db::Bytes> bytes_in(std::string_view text) {
    if (!text.starts_with("\\x") || text.size() % 2 != 0) return std::nullopt;
    db::Bytes bytes;
    for (std::size_t i = 2; i < text.size(); i += 2) {
        const int high = hex_digit(text[i]);
        const int low = hex_digit(text[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        bytes.push_back(static_cast<std::byte>(high * 16 + low));
    }
    return bytes;
}

db::Value value_for(const Column& column, const nlohmann::json& value, bool is_sqlite) {
    switch (value.type()) {
    case nlohmann::json::value_t::null:
        return db::Value{};
    case nlohmann::json::value_t::boolean:
        return db::Value{value.get<bool>()};
    case nlohmann::json::value_t::number_integer:
        return db::Value{value.get<std::int64_t>()};
    case nlohmann::json::value_t::number_unsigned: {
        const auto number = value.get<std::uint64_t>();
        if (std::in_range<std::int64_t>(number)) return db::Value{number};
        return db::Value{std::to_string(number)};
    }
    case nlohmann::json::value_t::number_float:
        return db::Value{value.get<double>()};
    case nlohmann::json::value_t::string:
        break;
    default:
        return db::Value{to_json(value)};
    }
    const auto& text = value.get_ref<const std::string&>();
    if (is_sqlite) { // PostgreSQL knows by itself
        if (column.type.starts_with("bool") && (text == "true" || text == "false"))
            return db::Value{text == "true"};
        if (column.type == "blob" || column.type == "bytea")
            if (const auto bytes = bytes_in(text)) return db::Value{*bytes};
    }
    return db::Value{text};
}

/// The column that a name of a fixture means: Django's fields leave out the _id of foreign keys.
const Column& column_for(const Table& table, const std::string& fixture, const std::string& name) {
    if (name == primary_key) {
        if (table.primary_key.size() != 1)
            throw SeedError{fixture + " has no primary key of one column for \"pk\""};
        return *table.column(table.primary_key[0]);
    }
    if (const Column* const column = table.column(name)) return *column;
    if (const Column* const column = table.column(name + "_id")) return *column;
    throw SeedError{fixture + " has no column " + name};
}

} // namespace

FixtureFormat format_of(std::string_view path) {
    if (path.ends_with(".json")) return FixtureFormat::json;
    if (path.ends_with(".yaml") || path.ends_with(".yml")) return FixtureFormat::yaml;
    if (path.ends_with(".csv")) return FixtureFormat::csv;
    throw SeedError{std::string{path} + ": a fixture's name ends in .json, .yaml, .yml or .csv"};
}

std::vector<FixtureTable> parse_fixture(FixtureFormat format, std::string_view text,
                                        const std::string& name, const std::string& table) {
    const std::string of_rows = table.empty() ? stem_of(name) : table;
    switch (format) {
    case FixtureFormat::csv:
        return parse_csv(text, name, of_rows);
    case FixtureFormat::yaml:
        return tables_in(parse_yaml(text, name), name, of_rows);
    case FixtureFormat::json:
    case FixtureFormat::django:
        break;
    }
    return tables_in(parse_json(text, name), name, of_rows);
}

Task<std::vector<std::shared_ptr<RowSource>>> sources_of(db::Session& session, Catalog& catalog,
                                                         FixtureTable fixture,
                                                         std::vector<std::string> key) {
    const Table* const table = co_await catalog.table(fixture.table);
    const bool is_sqlite = session.dialect() == db::Dialect::sqlite;
    std::vector<std::shared_ptr<RowSource>> sources;
    std::shared_ptr<FixtureRows> open;
    for (const nlohmann::json& row : fixture.rows) {
        std::vector<std::string> columns;
        std::vector<db::Value> values;
        for (const auto& [name, value] : row.items()) {
            const Column& column = column_for(*table, fixture.table, name);
            columns.push_back(column.name);
            values.push_back(value_for(column, value, is_sqlite));
        }
        if (!open || open->columns != columns) {
            open = std::make_shared<FixtureRows>();
            open->table = fixture.table;
            open->columns = std::move(columns);
            open->upsert_by = key;
            const bool has_key =
                !table->primary_key.empty() &&
                std::all_of(table->primary_key.begin(), table->primary_key.end(),
                            [&](const std::string& part) {
                                return std::find(open->columns.begin(), open->columns.end(),
                                                 part) != open->columns.end();
                            });
            if (key.empty() && has_key) open->upsert_by = table->primary_key;
            sources.push_back(open);
        }
        open->rows.push_back(std::move(values));
    }
    co_return sources;
}

} // namespace armature::seed::detail
