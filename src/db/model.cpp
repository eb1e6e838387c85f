#include "db/model.hpp"

#include <armature/describe/chrono.hpp>
#include <armature/json/validate.hpp>

#include <chrono>
#include <stdexcept>

namespace armature::db {

StaleObject::StaleObject()
    : Error(Status::conflict, "This was changed by somebody else meanwhile: read it again.") {}

namespace detail {

void throw_not_there(bool is_loaded) {
    throw std::logic_error(
        is_loaded ? "armature: the relation was loaded, and there is no object on its other side"
                  : "armature: a relation is read that wasn't loaded: name it in `with`, or `load` "
                    "it");
}

void model_names_a_member_that_is_not_described() {
    throw std::logic_error("armature: the member isn't one of those that ARMATURE_DESCRIBE names");
}
void model_has_no_key() { throw std::logic_error("armature: a model has a key"); }

void throw_not_found() { throw Error::not_found(); }

ModelTexts* make_texts(const ModelInfo& model) {
    auto made = std::make_unique<ModelTexts>();
    made->table = quoted_name(model.table, true);
    for (const ColumnInfo& column : model.columns) {
        if (!made->columns.empty()) made->columns += ", ";
        made->columns += quoted_name(column.name);
    }
    if (const ColumnInfo* const deleted = column_at(model, model.deleted_at))
        made->not_deleted = " AND " + quoted_name(deleted->name) + " IS NULL";
    made->find = "SELECT " + made->columns + " FROM " + made->table + " WHERE " +
                 quoted_name(key_column(model).name) + " = $1" + made->not_deleted;
    return made.release();
}

const ColumnInfo* column_at(const ModelInfo& model, std::size_t index) noexcept {
    return index == none ? nullptr : &model.columns[index];
}

const ColumnInfo& column_of_member(const ModelInfo& model, std::string_view member) {
    for (const ColumnInfo& column : model.columns)
        if (column.member == member) return column;
    throw std::logic_error("armature: " + std::string{member} + " is no column of " +
                           std::string{model.table});
}

Value get(const ColumnInfo& column, const void* object) {
    return column.access->get(column.address(object));
}

void set(const ColumnInfo& column, void* object, std::string_view text) {
    column.access->set(column.name, {text}, const_cast<void*>(column.address(object)));
}

void read_object(const ModelInfo& model, const Rows& rows, std::size_t row, std::size_t first,
                 void* object) {
    for (std::size_t i = 0; i < model.columns.size(); ++i) {
        const ColumnInfo& column = model.columns[i];
        column.access->set(column.name, rows.cell(row, first + i),
                           const_cast<void*>(column.address(object)));
    }
}

void read_rows(const ModelInfo& model, const Rows& rows, void* objects) {
    auto* const first = static_cast<std::byte*>(objects);
    for (std::size_t row = 0; row < rows.size(); ++row)
        read_object(model, rows, row, 0, first + row * model.size);
}

Value key_of(const ModelInfo& model, const void* object) { return get(key_column(model), object); }

Value version_of(const ModelInfo& model, const void* object) {
    const ColumnInfo* const version = column_at(model, model.version);
    return version != nullptr ? get(*version, object) : Value{};
}

std::string etag_of(const ModelInfo& model, const void* object) {
    if (model.version == none)
        throw std::logic_error("armature: the model of " + std::string{model.table} +
                               " has no `version`, which its entity tag is");
    return '"' + version_of(model, object).to_text() + '"';
}

std::string now_text() {
    using Time = std::chrono::sys_time<std::chrono::microseconds>;
    const auto now =
        std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
    char text[TextForm<Time>::max_size];
    return {text, TextForm<Time>::write(text, now)};
}

Value now_for(const ModelInfo& model, const ColumnInfo& column) {
    const ObjectArray object{model, 1};
    set(column, object.at(0), now_text());
    return get(column, object.at(0));
}

void Validation::check(const ColumnInfo& column, const Value& value, const JsonPath* parent) {
    using namespace armature::detail;
    if (value.is_null() || column.rules.empty()) return;
    const JsonPath path{parent, column.member, 0};
    const Rule* const rules = column.rules.data();
    const std::size_t count = column.rules.size();
    switch (value.kind()) {
    case Value::Kind::integer:
        check_integer(value.integer(), rules, count, errors_, &path);
        break;
    case Value::Kind::real:
        if (column.access->type == ColumnType::real32)
            check_real(static_cast<float>(value.real()), rules, count, errors_, &path);
        else
            check_real(value.real(), rules, count, errors_, &path);
        break;
    case Value::Kind::text:
        check_text(value.text(), rules, count, errors_, &path);
        break;
    case Value::Kind::bytes:
        check_items(value.text().size(), rules, count, errors_, &path);
        break;
    default:
        break;
    }
}

void Validation::finish() const {
    if (errors_.empty()) return;
    Error error = Error::unprocessable("The content breaks the rules of this operation");
    for (const JsonError& value : errors_.values())
        error.add(value.pointer, value.detail);
    throw error;
}

} // namespace detail
} // namespace armature::db
