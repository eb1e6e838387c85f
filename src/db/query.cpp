#include "db/statement_builder.hpp"

#include <algorithm>
#include <stdexcept>

namespace armature::db {

namespace {

using Builder = detail::StatementBuilder;

std::string one_of_these(std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        if (i != 0) text += ", ";
        text += Filter::placeholder;
    }
    return text;
}

std::string names_of(const std::vector<std::string_view>& names) {
    std::string text;
    for (const std::string_view name : names) {
        if (!text.empty()) text += ", ";
        text += quoted_name(name);
    }
    if (text.empty()) throw std::invalid_argument("armature: at least one column is named");
    return text;
}

// % and _ stand for themselves.
std::string escaped(std::string_view text) {
    std::string pattern;
    for (const char c : text) {
        if (c == '%' || c == '_' || c == '\\') pattern += '\\';
        pattern += c;
    }
    return pattern;
}

void add_to(std::optional<Filter>& filter, const Filter& more) {
    filter = filter ? *filter && more : more;
}

void add_condition(Builder& builder, const std::optional<Filter>& filter, bool everywhere) {
    if (filter)
        builder.add(" WHERE ").add(*filter);
    else if (!everywhere)
        throw std::logic_error("armature: an Update or Delete has a filter, `where`, or says "
                               "`everywhere`");
}

} // namespace

std::string quoted_name(std::string_view name, bool split) {
    std::string text = "\"";
    bool is_empty = true;
    for (const char c : name) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
            throw std::invalid_argument("armature: a name in a database has no control characters");
        if (split && c == '.' && !is_empty) {
            text += "\".\"";
            is_empty = true;
            continue;
        }
        if (c == '"') text += '"';
        text += c;
        is_empty = false;
    }
    if (is_empty) throw std::invalid_argument("armature: a name in a database isn't empty");
    return text + '"';
}

Filter Filter::joined(std::string_view word, const Filter& other) const {
    std::vector<Value> values = values_;
    values.insert(values.end(), other.values_.begin(), other.values_.end());
    std::string text = "(" + text_;
    text += word;
    text += other.text_;
    return Filter{text + ")", std::move(values)};
}

Filter Column::compare(std::string_view with, const Value& value) const {
    std::string text = name_ + ' ';
    if (value.is_null()) {
        if (with != "=" && with != "<>")
            throw std::invalid_argument("armature: NULL is compared by == and != only");
        return Filter{text + (with == "=" ? "IS NULL" : "IS NOT NULL"), {}};
    }
    text += with;
    return Filter{text + ' ' + Filter::placeholder, {value}};
}

Filter Column::in(std::vector<Value> values) const {
    if (values.empty()) return Filter{"1 = 0", {}};
    std::string text = name_ + " IN (" + one_of_these(values.size()) + ")";
    return Filter{std::move(text), std::move(values)};
}

Filter Column::like(std::string_view pattern) const {
    return Filter{name_ + " LIKE " + Filter::placeholder + " ESCAPE '\\'", {Value{pattern}}};
}
Filter Column::starts_with(std::string_view text) const { return like(escaped(text) + '%'); }
Filter Column::contains(std::string_view text) const { return like('%' + escaped(text) + '%'); }

// --- Select -------------------------------------------------------------------------------------

Select::Select(std::string_view table) : table_(quoted_name(table, true)) {}

Select& Select::columns(const std::vector<std::string_view>& names) {
    columns_ = names_of(names);
    return *this;
}
Select& Select::where(const Filter& filter) {
    add_to(filter_, filter);
    return *this;
}
Select& Select::order_by(std::string_view column, Order order) {
    order_.push_back({quoted_name(column, true), order == Order::descending});
    return *this;
}
Select& Select::after(std::vector<Value> values) {
    after_ = std::move(values);
    return *this;
}
Select& Select::limit(std::size_t count) {
    limit_ = count;
    return *this;
}
Select& Select::offset(std::size_t count) {
    offset_ = count;
    return *this;
}

Statement Select::statement() const {
    std::optional<Filter> filter = filter_;
    if (!after_.empty()) {
        if (after_.size() != order_.size())
            throw std::invalid_argument(
                "armature: Select::after has a value for each column of order_by");
        // a > x OR (a = x AND b > y) …, and a >= x before it, which lets an index be used.
        std::string text;
        std::vector<Value> values;
        for (std::size_t last = 0; last < order_.size(); ++last) {
            if (last != 0) text += " OR ";
            text += '(';
            for (std::size_t i = 0; i <= last; ++i) {
                if (after_[i].is_null())
                    throw std::invalid_argument("armature: Select::after has no NULL");
                if (i != 0) text += " AND ";
                text += order_[i].name;
                text += i != last ? " = " : order_[i].is_descending ? " < " : " > ";
                text += Filter::placeholder;
                values.push_back(after_[i]);
            }
            text += ')';
        }
        const Filter behind{'(' + text + ')', std::move(values)};
        const Filter from{order_[0].name + (order_[0].is_descending ? " <= " : " >= ") +
                              Filter::placeholder,
                          {after_[0]}};
        add_to(filter, from && behind);
    }
    Builder builder;
    builder.add("SELECT ").add(columns_).add(" FROM ").add(table_);
    add_condition(builder, filter, true);
    for (std::size_t i = 0; i < order_.size(); ++i)
        builder.add(i == 0 ? " ORDER BY " : ", ")
            .add(order_[i].name)
            .add(order_[i].is_descending ? " DESC" : "");
    if (limit_)
        builder.add(" LIMIT ").add_value(*limit_);
    else if (offset_)
        builder.add(" LIMIT ").add_value(INT64_MAX); // SQLite has no OFFSET without it
    if (offset_) builder.add(" OFFSET ").add_value(*offset_);
    return builder.statement();
}

// --- Insert, Update, Delete ---------------------------------------------------------------------

Insert::Insert(std::string_view table) : table_(quoted_name(table, true)) {}

Insert& Insert::set(std::string_view column, Value value) {
    columns_.push_back(quoted_name(column));
    values_.push_back(std::move(value));
    return *this;
}
Insert& Insert::returning(const std::vector<std::string_view>& columns) {
    returning_ = names_of(columns);
    return *this;
}
Insert& Insert::or_update(const std::vector<std::string_view>& key) {
    key_.clear();
    for (const std::string_view name : key)
        key_.push_back(quoted_name(name));
    return *this;
}

Statement Insert::statement() const {
    Builder builder;
    builder.add("INSERT INTO ").add(table_);
    if (columns_.empty()) builder.add(" DEFAULT VALUES", " () VALUES ()");
    for (std::size_t i = 0; i < columns_.size(); ++i)
        builder.add(i == 0 ? " (" : ", ").add(columns_[i]);
    for (std::size_t i = 0; i < values_.size(); ++i)
        builder.add(i == 0 ? ") VALUES (" : ", ").add_value(values_[i]);
    if (!columns_.empty()) builder.add(")");
    if (!key_.empty()) {
        std::string key;
        for (const std::string& name : key_)
            key += (key.empty() ? "" : ", ") + name;
        std::string changes;
        std::string mariadb_changes;
        for (const std::string& name : columns_) {
            if (std::find(key_.begin(), key_.end(), name) != key_.end()) continue;
            const std::string before = (changes.empty() ? "" : ", ") + name + " = ";
            changes += before + "excluded." + name;
            mariadb_changes += before + "VALUES(" + name + ')';
        }
        if (changes.empty())
            builder.add(" ON CONFLICT (" + key + ") DO NOTHING",
                        " ON DUPLICATE KEY UPDATE " + key_[0] + " = " + key_[0]);
        else
            builder.add(" ON CONFLICT (" + key + ") DO UPDATE SET " + changes,
                        " ON DUPLICATE KEY UPDATE " + mariadb_changes);
    }
    if (!returning_.empty()) builder.add(" RETURNING ").add(returning_);
    return builder.statement();
}

Update::Update(std::string_view table) : table_(quoted_name(table, true)) {}

Update& Update::set(std::string_view column, Value value) {
    columns_.push_back(quoted_name(column));
    values_.push_back(std::move(value));
    return *this;
}
Update& Update::where(const Filter& filter) {
    add_to(filter_, filter);
    return *this;
}
Update& Update::everywhere() {
    everywhere_ = true;
    return *this;
}

Statement Update::statement() const {
    if (columns_.empty()) throw std::logic_error("armature: an Update sets at least one column");
    Builder builder;
    builder.add("UPDATE ").add(table_);
    for (std::size_t i = 0; i < columns_.size(); ++i)
        builder.add(i == 0 ? " SET " : ", ").add(columns_[i]).add(" = ").add_value(values_[i]);
    add_condition(builder, filter_, everywhere_);
    return builder.statement();
}

Delete::Delete(std::string_view table) : table_(quoted_name(table, true)) {}

Delete& Delete::where(const Filter& filter) {
    add_to(filter_, filter);
    return *this;
}
Delete& Delete::everywhere() {
    everywhere_ = true;
    return *this;
}

Statement Delete::statement() const {
    Builder builder;
    builder.add("DELETE FROM ").add(table_);
    add_condition(builder, filter_, everywhere_);
    return builder.statement();
}

} // namespace armature::db
