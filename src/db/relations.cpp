#include "db/model.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <unordered_map>

namespace armature::db::detail {

namespace {

/// Several keys as one value, so that the statement's text doesn't depend on their number: an array
/// of PostgreSQL, or JSON for SQLite.
std::string list_of(const std::vector<Value>& keys, Dialect dialect) {
    const bool is_postgres = dialect == Dialect::postgres;
    std::string list{is_postgres ? "{" : "["};
    for (const Value& key : keys) {
        if (list.size() != 1) list += ',';
        const std::string text = key.to_text();
        if (key.kind() == Value::Kind::integer) {
            list += text;
            continue;
        }
        list += '"';
        for (const char c : text) {
            if (c == '"' || c == '\\') list += '\\';
            if (is_postgres || static_cast<unsigned char>(c) >= 0x20) {
                list += c;
                continue;
            }
            constexpr char digits[] = "0123456789abcdef";
            list += "\\u00";
            list += digits[c >> 4];
            list += digits[c & 15];
        }
        list += '"';
    }
    list += is_postgres ? '}' : ']';
    return list;
}

/// How many keys a statement takes: MariaDB has neither arrays nor lists that an index is used for,
/// and gets a placeholder for each.
std::size_t most_keys(Dialect dialect) noexcept {
    return dialect == Dialect::mariadb ? 8192 : SIZE_MAX;
}

/// As many as there are keys or some more, so that there are few such texts; the last one again.
void add_list(StatementBuilder& builder, const std::vector<Value>& keys) {
    const std::size_t count = std::bit_ceil(keys.size());
    for (std::size_t i = 0; i < count; ++i)
        builder.add(i == 0 ? " IN (" : ", ").add_value(keys[std::min(i, keys.size() - 1)]);
    builder.add(")");
}

/// `column`, quoted, is one of the keys, which are at most `most_keys`.
void add_is_one_of(StatementBuilder& builder, std::string_view column,
                   const std::vector<Value>& keys, Dialect dialect) {
    if (dialect == Dialect::mariadb) {
        builder.add(column);
        add_list(builder, keys);
        return;
    }
    const Value list{list_of(keys, dialect)};
    if (dialect == Dialect::postgres)
        builder.add(column).add(" = ANY (").add_value(list).add(")");
    else
        builder.add(column).add(" IN (SELECT value FROM json_each(").add_value(list).add("))");
}

std::vector<std::vector<Value>> parts_of(const std::vector<Value>& keys, Dialect dialect) {
    std::vector<std::vector<Value>> parts;
    const std::size_t most = std::min(most_keys(dialect), keys.size());
    for (std::size_t done = 0; done < keys.size(); done += most)
        parts.emplace_back(keys.begin() + static_cast<std::ptrdiff_t>(done),
                           keys.begin() +
                               static_cast<std::ptrdiff_t>(std::min(keys.size(), done + most)));
    return parts;
}

/// The objects that have a key, by its text.
using Owners = std::unordered_map<std::string, std::vector<void*>>;

Statement related_statement(const RelationInfo& relation, const ModelInfo& target,
                            const std::vector<Value>& keys, Dialect dialect) {
    const ModelTexts& texts = target.texts();
    const std::string key = quoted_name(key_column(target).name);
    StatementBuilder builder;
    if (relation.kind == RelationKind::many_to_many) {
        const std::string own = "link." + quoted_name(relation.join_own);
        builder.add("SELECT ").add(own);
        for (const ColumnInfo& column : target.columns)
            builder.add(", item.").add(quoted_name(column.name));
        builder.add(" FROM ").add(quoted_name(relation.join_table, true)).add(" AS link JOIN ");
        builder.add(texts.table).add(" AS item ON item.").add(key).add(" = link.");
        builder.add(quoted_name(relation.join_other)).add(" WHERE ");
        add_is_one_of(builder, own, keys, dialect);
        if (const ColumnInfo* const deleted = column_at(target, target.deleted_at))
            builder.add(" AND item.").add(quoted_name(deleted->name)).add(" IS NULL");
        builder.add(" ORDER BY item.").add(key);
    } else {
        const std::string column =
            relation.kind == RelationKind::belongs_to
                ? key
                : quoted_name(column_of_member(target, relation.foreign_key).name);
        builder.add("SELECT ").add(texts.columns).add(" FROM ").add(texts.table).add(" WHERE ");
        add_is_one_of(builder, column, keys, dialect);
        builder.add(texts.not_deleted).add(" ORDER BY ").add(key);
    }
    return builder.statement();
}

/// Gives each object what belongs to it, without needless copies.
class Distribution {
  public:
    Distribution(const RelationInfo& relation, const Owners& owners)
        : relation_(relation), owners_(owners) {}

    void give(const std::string& key, void* item) {
        const auto found = owners_.find(key);
        if (found == owners_.end()) return;
        // A foreign key that isn't unique after all: the first one counts.
        if (relation_.kind == RelationKind::has_one && !is_given_.emplace(key, true).second) return;
        for (void* const owner : found->second) {
            void* const member = const_cast<void*>(relation_.address(owner));
            if (owner == found->second.back())
                relation_.access->add(member, item);
            else
                relation_.access->copy(member, item);
        }
    }

  private:
    const RelationInfo& relation_;
    const Owners& owners_;
    std::unordered_map<std::string, bool> is_given_;
};

/// The objects of some keys, and what belongs to these.
Task<> load_some(Session& session, const RelationInfo& relation, const std::vector<Value>& keys,
                 const std::vector<RelationPath>& further, Distribution& distribution) {
    const ModelInfo& target = relation.target();
    const bool belongs = relation.kind == RelationKind::belongs_to;
    const bool is_linked = relation.kind == RelationKind::many_to_many;
    const Rows rows =
        co_await session.query(related_statement(relation, target, keys, session.dialect()));
    const ObjectArray items{target, rows.size()};
    for (std::size_t row = 0; row < rows.size(); ++row)
        read_object(target, rows, row, is_linked ? 1 : 0, items.at(row));
    if (!further.empty()) co_await load_related(session, target, items.at(0), rows.size(), further);
    for (std::size_t row = 0; row < rows.size(); ++row) {
        void* const item = items.at(row);
        if (is_linked)
            distribution.give(std::string{rows.cell(row, 0).text}, item);
        else if (belongs)
            distribution.give(key_of(target, item).to_text(), item);
        else
            distribution.give(get(column_of_member(target, relation.foreign_key), item).to_text(),
                              item);
    }
}

Task<> load_relation(Session& session, const ModelInfo& model, const RelationInfo& relation,
                     std::byte* objects, std::size_t count, std::vector<RelationPath> further) {
    const bool belongs = relation.kind == RelationKind::belongs_to;
    const ColumnInfo& own =
        belongs ? column_of_member(model, relation.foreign_key) : key_column(model);
    Owners owners;
    std::vector<Value> keys;
    for (std::size_t i = 0; i < count; ++i) {
        void* const object = objects + i * model.size;
        relation.access->clear(const_cast<void*>(relation.address(object)));
        const Value key = get(own, object);
        if (key.is_null()) continue;
        std::vector<void*>& same = owners[key.to_text()];
        if (same.empty()) keys.push_back(key);
        same.push_back(object);
    }
    if (keys.empty()) co_return;
    Distribution distribution{relation, owners};
    for (const std::vector<Value>& some : parts_of(keys, session.dialect()))
        co_await load_some(session, relation, some, further, distribution);
}

const RelationInfo& relation_of(const ModelInfo& model, std::string_view member) {
    for (const RelationInfo& relation : model.relations)
        if (relation.member == member) return relation;
    throw std::logic_error("armature: the model of " + std::string{model.table} +
                           " has no relation " + std::string{member});
}

} // namespace

void check_path(const ModelInfo& model, const RelationPath& path) {
    const ModelInfo* from = &model;
    for (const std::string_view step : path)
        from = &relation_of(*from, step).target();
}

Task<> load_related(Session& session, const ModelInfo& model, void* objects, std::size_t count,
                    std::vector<RelationPath> paths) {
    // Each relation once, with all that is asked for behind it.
    while (!paths.empty()) {
        const std::string_view member = paths.front().front();
        std::vector<RelationPath> further;
        std::erase_if(paths, [&](const RelationPath& path) {
            if (path.front() != member) return false;
            if (path.size() > 1) further.emplace_back(path.begin() + 1, path.end());
            return true;
        });
        co_await load_relation(session, model, relation_of(model, member),
                               static_cast<std::byte*>(objects), count, std::move(further));
    }
}

// --- rows between -------------------------------------------------------------------------------

namespace {

struct Link {
    Link(const RelationInfo& relation, Value of)
        : table(quoted_name(relation.join_table, true)), own(quoted_name(relation.join_own)),
          other(quoted_name(relation.join_other)), key(std::move(of)) {}
    std::string table;
    std::string own;
    std::string other;
    Value key; ///< of the object whose links they are
};

void add_condition(StatementBuilder& builder, const Link& link) {
    builder.add(" WHERE ").add(link.own).add(" = ").add_value(link.key);
}

Task<> remove_links(Session& session, const Link& link, const std::vector<Value>& others) {
    for (const std::vector<Value>& some : parts_of(others, session.dialect())) {
        StatementBuilder builder;
        builder.add("DELETE FROM ").add(link.table);
        add_condition(builder, link);
        builder.add(" AND ");
        add_is_one_of(builder, link.other, some, session.dialect());
        (void)co_await session.execute(builder.statement());
    }
}

Task<> add_links(Session& session, const Link& link, const std::vector<Value>& others) {
    constexpr std::size_t most = 10'000; // each is two values
    for (std::size_t done = 0; done < others.size(); done += most) {
        StatementBuilder builder;
        builder.add("INSERT INTO ").add(link.table).add(" (").add(link.own).add(", ");
        builder.add(link.other).add(") VALUES ");
        for (std::size_t i = done; i < std::min(others.size(), done + most); ++i) {
            builder.add(i == done ? "(" : ", (").add_value(link.key).add(", ");
            builder.add_value(others[i]).add(")");
        }
        // Somebody else may link them at this moment.
        builder.add(" ON CONFLICT DO NOTHING",
                    " ON DUPLICATE KEY UPDATE " + link.own + " = VALUES(" + link.own + ')');
        (void)co_await session.execute(builder.statement());
    }
}

/// Those of `some` that aren't among `others`, each once.
std::vector<Value> without(const std::vector<Value>& some, const std::vector<Value>& others) {
    std::unordered_map<std::string, bool> seen;
    for (const Value& value : others)
        seen.emplace(value.to_text(), true);
    std::vector<Value> left;
    for (const Value& value : some)
        if (seen.emplace(value.to_text(), true).second) left.push_back(value);
    return left;
}

Task<> change_links(Session& session, const Link& link, Linking how,
                    const std::vector<Value>& others, bool is_integer) {
    StatementBuilder builder;
    builder.add("SELECT ").add(link.other).add(" FROM ").add(link.table);
    add_condition(builder, link);
    const Rows rows = co_await session.query(builder.statement());
    std::vector<Value> there;
    for (std::size_t row = 0; row < rows.size(); ++row)
        there.push_back(is_integer ? Value{rows.get<std::int64_t>(row, 0)}
                                   : Value{rows.get<std::string>(row, 0)});
    const std::vector<Value> gone = without(there, others);
    const std::vector<Value> added = without(others, there);
    if (how == Linking::sync) co_await remove_links(session, link, gone);
    co_await add_links(session, link, added);
}

} // namespace

Task<> link_objects(Session& session, const ModelInfo& model, std::string_view relation,
                    Linking how, Value own, std::vector<Value> others) {
    const RelationInfo& between = relation_of(model, relation);
    if (between.kind != RelationKind::many_to_many)
        throw std::logic_error("armature: attach, detach and sync are for relations of many to "
                               "many; set the foreign key of the others");
    const Link link{between, std::move(own)};
    if (how == Linking::detach) {
        co_await remove_links(session, link, others);
        co_return;
    }
    const bool is_integer =
        get(key_column(between.target()), ObjectArray{between.target(), 1}.at(0)).kind() ==
        Value::Kind::integer;
    Transaction transaction = co_await session.begin();
    co_await change_links(transaction, link, how, others, is_integer);
    co_await transaction.commit();
}

} // namespace armature::db::detail
