#include "db/model.hpp"

#include <armature/core/uuid.hpp>

#include <algorithm>
#include <stdexcept>

namespace armature::db::detail {

namespace {

using Columns = std::vector<const ColumnInfo*>;

/// Of one statement. PostgreSQL and MariaDB take 65,535; SQLite 32,766, but looks for each
/// placeholder among all that come before it.
std::size_t most_values(Dialect dialect) noexcept {
    return dialect == Dialect::sqlite ? 500 : 30'000;
}

std::string name_of(const ColumnInfo& column) { return quoted_name(column.name); }

/// Which column a violated unique key is of; empty for several. MariaDB tells the key's name alone.
Task<std::string> unique_column(Session& session, const ModelInfo& model, std::string key) {
    const std::string_view table = model.table;
    const Rows rows = co_await session.query(
        "SELECT column_name FROM information_schema.statistics WHERE table_schema = database() AND "
        "table_name = $1 AND index_name = $2",
        table.substr(table.find('.') + 1), key);
    co_return rows.size() == 1 ? rows.get<std::string>(0, 0) : std::string{};
}

/// Runs what writes. A value that must be unique and isn't is told to the client by its member.
Task<Rows> write(Session& session, const ModelInfo& model, Statement statement) {
    std::optional<DatabaseError> violation;
    try {
        Rows rows = co_await session.query(std::move(statement));
        co_return rows;
    } catch (const DatabaseError& error) {
        if (error.kind() != ErrorKind::unique_violation) throw;
        violation.emplace(error);
    }
    std::string name = violation->column();
    if (session.dialect() == Dialect::mariadb)
        name = co_await unique_column(session, model, violation->constraint());
    for (const ColumnInfo& column : model.columns)
        if (column.name == name)
            violation->add('/' + std::string{column.member}, "is taken already");
    throw *violation; // NOLINT: copied
}

Filter has_key(const ModelInfo& model, const Value& key) {
    return Column{key_column(model).name} == key;
}

void add_deleted(std::optional<Filter>& filter, const ModelInfo& model, Choice::Deleted deleted) {
    const ColumnInfo* const column = column_at(model, model.deleted_at);
    if (column == nullptr || deleted == Choice::Deleted::included) return;
    const Column at{column->name};
    const Filter more = deleted == Choice::Deleted::alone ? at != nullptr : at == nullptr;
    filter = filter ? *filter && more : more;
}

/// The columns of an UPDATE that has begun.
class Changes {
  public:
    explicit Changes(StatementBuilder& builder) : builder_(builder) {}
    void set(const ColumnInfo& column, const Value& value) { name(column).add_value(value); }
    void increment(const ColumnInfo& column, const Value& by) {
        name(column).add(name_of(column)).add(" + ").add_value(by);
    }

  private:
    StatementBuilder& name(const ColumnInfo& column) {
        builder_.add(is_first_ ? " SET " : ", ").add(name_of(column)).add(" = ");
        is_first_ = false;
        return builder_;
    }
    StatementBuilder& builder_;
    bool is_first_ = true;
};

/// What every change of a row changes too.
void touch(Changes& changes, const ModelInfo& model) {
    if (const ColumnInfo* const updated = column_at(model, model.updated_at))
        changes.set(*updated, now_for(model, *updated));
    if (const ColumnInfo* const version = column_at(model, model.version))
        changes.increment(*version, 1);
}

void begin_update(StatementBuilder& builder, const ModelInfo& model) {
    builder.add("UPDATE ").add(model.texts().table);
}
void add_returning(StatementBuilder& builder, const ModelInfo& model) {
    builder.add(" RETURNING ").add(model.texts().columns);
}

/// Runs an UPDATE of one row, and gives the row as it is then.
Task<Rows> change(Session& session, const ModelInfo& model, StatementBuilder builder, Value key) {
    if (session.dialect() != Dialect::mariadb) {
        add_returning(builder, model);
        Rows rows = co_await write(session, model, builder.statement());
        co_return rows;
    }
    // MariaDB's UPDATE has no RETURNING; until the end of the transaction the row stays as it is.
    Transaction transaction = co_await session.begin();
    const Rows changed = co_await write(transaction, model, builder.statement());
    Rows rows;
    if (changed.changed() != 0) {
        StatementBuilder found;
        found.add("SELECT ").add(model.texts().columns).add(" FROM ").add(model.texts().table);
        found.add(" WHERE ").add(has_key(model, key));
        rows = co_await transaction.query(found.statement());
    }
    co_await transaction.commit();
    co_return rows;
}

/// Why no row was changed: 404, or one of another version.
Task<> explain(Session& session, const ModelInfo& model, Value key, Value version) {
    if (!version.is_null()) {
        const Rows rows = co_await find_rows(session, model, std::move(key));
        if (!rows.empty()) throw StaleObject{};
    }
    throw_not_found();
}

} // namespace

// --- finding ------------------------------------------------------------------------------------

Task<Rows> find_rows(Session& session, const ModelInfo& model, Value key) {
    std::vector<Value> values;
    values.push_back(std::move(key));
    return session.query(Statement{Sql::trusted(model.texts().find), std::move(values)});
}

void Choice::where(const Filter& more) { filter = filter ? *filter && more : more; }

void Choice::after(const void* object) {
    if (order.empty()) throw std::logic_error("armature: ModelQuery::after comes behind order_by");
    behind.clear();
    for (const auto& [column, direction] : order)
        behind.push_back(get(*column, object));
}

void Choice::add_path(RelationPath path) {
    check_path(*model, path);
    paths.push_back(std::move(path));
}

std::optional<Filter> Choice::condition() const {
    std::optional<Filter> all = filter;
    add_deleted(all, *model, deleted);
    return all;
}

Task<Rows> Choice::rows() const {
    Select select{model->table};
    std::vector<std::string_view> names;
    for (const ColumnInfo& column : model->columns)
        names.push_back(column.name);
    select.columns(names);
    if (const std::optional<Filter> all = condition()) select.where(*all);
    for (const auto& [column, direction] : order)
        select.order_by(column->name, direction);
    if (!behind.empty()) select.after(behind);
    if (limit) select.limit(*limit);
    if (offset) select.offset(*offset);
    return session->query(select);
}

Task<std::int64_t> Choice::count() const {
    StatementBuilder builder;
    builder.add("SELECT count(*) FROM ").add(model->texts().table);
    if (const std::optional<Filter> all = condition()) builder.add(" WHERE ").add(*all);
    return session->one<std::int64_t>(builder.statement());
}

// --- inserting ----------------------------------------------------------------------------------

namespace {

bool is_unset(const Value& key) {
    return key.is_null() || (key.kind() == Value::Kind::integer && key.integer() == 0);
}

/// What the program itself sets in new objects. True: the database makes the keys of all.
bool prepare(const ModelInfo& model, std::byte* objects, std::size_t count) {
    const ColumnInfo& key = key_column(model);
    const std::string now = now_text();
    bool makes_keys = true;
    for (std::size_t i = 0; i < count; ++i) {
        void* const object = objects + i * model.size;
        if (key.access->type == ColumnType::uuid && !key.is_generated) {
            const Value value = get(key, object);
            if (value.is_null() || value.text() == Uuid{}.to_string())
                set(key, object, Uuid::v7().to_string());
        }
        makes_keys = makes_keys && is_unset(get(key, object));
        for (const std::size_t index : {model.created_at, model.updated_at})
            if (const ColumnInfo* const column = column_at(model, index)) set(*column, object, now);
        if (const ColumnInfo* const version = column_at(model, model.version))
            set(*version, object, "1");
    }
    return makes_keys || key.is_generated;
}

void add_values(StatementBuilder& builder, const ModelInfo& model, const Columns& columns,
                const void* object, Dialect dialect) {
    bool is_first = true;
    for (const ColumnInfo* const column : columns) {
        builder.add(is_first ? "(" : ", ");
        is_first = false;
        const Value value = get(*column, object);
        if (column == &key_column(model) && is_unset(value))
            builder.add(dialect == Dialect::postgres ? "DEFAULT" : "NULL");
        else
            builder.add_value(value);
    }
    builder.add(")");
}

/// Behind the rows: what happens to those that are there.
void add_conflict(StatementBuilder& builder, const ModelInfo& model, const Columns& columns,
                  const Columns& conflict) {
    std::string key;
    for (const ColumnInfo* const column : conflict)
        key += (key.empty() ? "" : ", ") + name_of(*column);
    builder.add(" ON CONFLICT (" + key + ") DO UPDATE SET ", " ON DUPLICATE KEY UPDATE ");
    bool is_first = true;
    const auto set = [&](const ColumnInfo& column) -> StatementBuilder& {
        builder.add(is_first ? "" : ", ").add(name_of(column)).add(" = ");
        is_first = false;
        return builder;
    };
    const auto set_new = [&](const ColumnInfo& column) {
        set(column).add("excluded." + name_of(column), "VALUES(" + name_of(column) + ')');
    };
    for (const ColumnInfo* const column : columns) {
        const bool stays = column == &key_column(model) ||
                           column == column_at(model, model.created_at) ||
                           column == column_at(model, model.version) ||
                           std::find(conflict.begin(), conflict.end(), column) != conflict.end();
        if (!stays) set_new(*column);
    }
    // Something has to be set, or the row wouldn't be returned.
    if (is_first) set_new(*conflict[0]);
    if (const ColumnInfo* const version = column_at(model, model.version))
        set(*version).add(model.texts().table).add(".").add(name_of(*version)).add(" + 1");
}

/// One statement's worth of new objects.
Task<> insert_some(Session& session, const ModelInfo& model, const Columns& columns,
                   const Columns& conflict, std::byte* objects, std::size_t count) {
    StatementBuilder builder;
    builder.add("INSERT INTO ").add(model.texts().table);
    if (columns.empty()) builder.add(" DEFAULT VALUES", " () VALUES ()");
    for (std::size_t i = 0; i < columns.size(); ++i)
        builder.add(i == 0 ? " (" : ", ").add(name_of(*columns[i]));
    if (!columns.empty()) {
        builder.add(") VALUES ");
        for (std::size_t i = 0; i < count; ++i) {
            if (i != 0) builder.add(", ");
            add_values(builder, model, columns, objects + i * model.size, session.dialect());
        }
    }
    if (!conflict.empty()) add_conflict(builder, model, columns, conflict);
    add_returning(builder, model);
    const Rows rows = co_await write(session, model, builder.statement());
    if (rows.size() != count)
        throw DatabaseError{ErrorKind::mapping,
                            {"an INSERT into " + std::string{model.table} + " gave " +
                             std::to_string(rows.size()) + " rows, not " + std::to_string(count)}};
    read_rows(model, rows, objects);
}

Task<> insert_each(Session& session, const ModelInfo& model, const Columns& columns,
                   const Columns& conflict, std::byte* objects, std::size_t count) {
    const std::size_t most =
        columns.empty() ? 1
                        : std::max<std::size_t>(1, most_values(session.dialect()) / columns.size());
    for (std::size_t done = 0; done < count; done += most)
        co_await insert_some(session, model, columns, conflict, objects + done * model.size,
                             std::min(most, count - done));
}

/// `conflict`: empty for a mere INSERT.
Task<> write_objects(Session& session, const ModelInfo& model, void* objects, std::size_t count,
                     Columns conflict) {
    auto* const first = static_cast<std::byte*>(objects);
    const bool makes_keys = prepare(model, first, count);
    Columns columns;
    for (const ColumnInfo& column : model.columns)
        if (!column.is_generated && !(makes_keys && &column == &key_column(model)))
            columns.push_back(&column);
    Validation validation;
    for (std::size_t i = 0; i < count; ++i) {
        const JsonPath item{nullptr, {}, i};
        for (const ColumnInfo* const column : columns)
            validation.check(*column, get(*column, first + i * model.size),
                             count == 1 ? nullptr : &item);
    }
    validation.finish();
    if (count == 0) co_return;
    if (count == 1 ||
        (!columns.empty() && columns.size() * count <= most_values(session.dialect()))) {
        co_await insert_some(session, model, columns, conflict, first, count);
        co_return;
    }
    Transaction transaction = co_await session.begin();
    co_await insert_each(transaction, model, columns, conflict, first, count);
    co_await transaction.commit();
}

} // namespace

Task<> insert_objects(Session& session, const ModelInfo& model, void* objects, std::size_t count) {
    return write_objects(session, model, objects, count, Columns{});
}

Task<> upsert_objects(Session& session, const ModelInfo& model, void* objects, std::size_t count,
                      std::vector<const ColumnInfo*> conflict) {
    if (conflict.empty()) conflict.push_back(&key_column(model));
    return write_objects(session, model, objects, count, std::move(conflict));
}

// --- changing -----------------------------------------------------------------------------------

Task<> update_object(Session& session, const ModelInfo& model, void* object, const void* original) {
    Columns changed;
    Validation validation;
    for (std::size_t i = 0; i < model.columns.size(); ++i) {
        const ColumnInfo& column = model.columns[i];
        if (column.is_generated || i == model.key || i == model.created_at ||
            i == model.updated_at || i == model.deleted_at || i == model.version)
            continue;
        const Value value = get(column, object);
        if (original != nullptr && value == get(column, original)) continue;
        validation.check(column, value);
        changed.push_back(&column);
    }
    validation.finish();
    if (changed.empty()) co_return;
    const void* const known = original != nullptr ? original : object;
    const Value key = key_of(model, known);
    const Value version = version_of(model, known);
    StatementBuilder builder;
    begin_update(builder, model);
    Changes changes{builder};
    for (const ColumnInfo* const column : changed)
        changes.set(*column, get(*column, object));
    touch(changes, model);
    std::optional<Filter> filter = has_key(model, key);
    add_deleted(filter, model, Choice::Deleted::left_out);
    if (!version.is_null())
        filter = *filter && Column{model.columns[model.version].name} == version;
    builder.add(" WHERE ").add(*filter);
    const Rows rows = co_await change(session, model, std::move(builder), key);
    if (rows.empty())
        co_await explain(session, model, key, version);
    else
        read_rows(model, rows, object);
}

Task<std::uint64_t> Choice::update(Choice choice, std::vector<Assignment> assignments) {
    const ModelInfo& model = *choice.model;
    StatementBuilder builder;
    begin_update(builder, model);
    Changes changes{builder};
    Validation validation;
    for (const Assignment& assignment : assignments) {
        if (assignment.is_increment()) {
            changes.increment(assignment.column(), assignment.value());
        } else {
            validation.check(assignment.column(), assignment.value());
            changes.set(assignment.column(), assignment.value());
        }
    }
    validation.finish();
    if (assignments.empty())
        throw std::logic_error("armature: ModelQuery::update sets at least one column");
    touch(changes, model);
    if (const std::optional<Filter> all = choice.condition()) builder.add(" WHERE ").add(*all);
    const Rows rows = co_await write(*choice.session, model, builder.statement());
    co_return rows.changed();
}

// --- deleting -----------------------------------------------------------------------------------

namespace {

/// The beginning of a statement that deletes, or marks as deleted.
void begin_removal(StatementBuilder& builder, const ModelInfo& model, Removal how) {
    const ColumnInfo* const deleted = column_at(model, model.deleted_at);
    if (deleted == nullptr || how == Removal::purge) {
        builder.add("DELETE FROM ").add(model.texts().table);
        return;
    }
    begin_update(builder, model);
    Changes changes{builder};
    changes.set(*deleted, how == Removal::restore ? Value{} : now_for(model, *deleted));
    touch(changes, model);
}

} // namespace

Task<std::uint64_t> Choice::remove() const {
    StatementBuilder builder;
    begin_removal(builder, *model, Removal::remove);
    if (const std::optional<Filter> all = condition()) builder.add(" WHERE ").add(*all);
    return session->execute(builder.statement());
}

Task<Rows> remove_object(Session& session, const ModelInfo& model, Removal how, Value key,
                         Value version) {
    if (how == Removal::restore && model.deleted_at == none)
        throw std::logic_error("armature: the model of " + std::string{model.table} +
                               " has no `soft_delete`: nothing can be restored");
    StatementBuilder builder;
    begin_removal(builder, model, how);
    std::optional<Filter> filter = has_key(model, key);
    add_deleted(filter, model,
                how == Removal::remove    ? Choice::Deleted::left_out
                : how == Removal::restore ? Choice::Deleted::alone
                                          : Choice::Deleted::included);
    if (!version.is_null())
        filter = *filter && Column{model.columns[model.version].name} == version;
    builder.add(" WHERE ").add(*filter);
    Rows rows;
    if (model.deleted_at != none && how != Removal::purge) {
        rows = co_await change(session, model, std::move(builder), key);
    } else {
        add_returning(builder, model);
        rows = co_await write(session, model, builder.statement());
    }
    if (rows.empty()) co_await explain(session, model, key, version);
    co_return rows;
}

} // namespace armature::db::detail
