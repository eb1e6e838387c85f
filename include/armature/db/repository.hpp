#pragma once

#include <armature/db/database.hpp>
#include <armature/db/model.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

/// Models in a database: `Repository<Post> posts{db}`. See docs/models.md.
namespace armature::db {

/// The object to be changed isn't what it was when it was read: its version is another. 409.
class StaleObject : public Error {
  public:
    StaleObject();
};

/// What a column is set to.
class Assignment {
  public:
    Assignment(const ColumnInfo& column, Value value, bool is_increment)
        : column_(&column), value_(std::move(value)), is_increment_(is_increment) {}
    [[nodiscard]] const ColumnInfo& column() const noexcept { return *column_; }
    [[nodiscard]] const Value& value() const noexcept { return value_; }
    [[nodiscard]] bool is_increment() const noexcept { return is_increment_; }

  private:
    const ColumnInfo* column_;
    Value value_;
    bool is_increment_;
};

/// `set(&Post::title, "Hello")`
template <class M, Model T>
[[nodiscard]] Assignment set(M T::* member, const std::type_identity_t<M>& value) {
    return {detail::column_of<T>(member), Value{value}, false};
}
/// `increment(&Post::views)`: the database adds, so that none is lost.
template <class M, Model T>
    requires std::is_arithmetic_v<M>
[[nodiscard]] Assignment increment(M T::* member, std::type_identity_t<M> by = 1) {
    return {detail::column_of<T>(member), Value{by}, true};
}

namespace detail {

/// Relations from one model to the next, by the names of their members.
using RelationPath = std::vector<std::string_view>;

template <class T, class M, class Class, class... More>
void add_path(RelationPath& path, M Class::* member, More... more) {
    static_assert(is_relation<M>, "armature: only relations are loaded: db::Many and db::One");
    path.push_back(member_name<T>(member_index<T>(member)));
    if constexpr (sizeof...(More) != 0) add_path<typename related<M>::type>(path, more...);
}
template <class T, class... Members>
RelationPath path_of(Members... members) {
    RelationPath path;
    add_path<T>(path, members...);
    return path;
}

/// Which objects of a model.
class Choice {
  public:
    enum class Deleted : std::uint8_t { left_out, included, alone };

    Choice(Session& of, const ModelInfo& what) : session(&of), model(&what) {}

    void where(const Filter& more);
    /// Values of the columns of `order` in an object.
    void after(const void* object);
    void add_path(RelationPath path);

    [[nodiscard]] Task<Rows> rows() const;
    [[nodiscard]] Task<std::int64_t> count() const;
    [[nodiscard]] static Task<std::uint64_t> update(Choice choice,
                                                    std::vector<Assignment> assignments);
    [[nodiscard]] Task<std::uint64_t> remove() const;

    Session* session;
    const ModelInfo* model;
    std::optional<Filter> filter;
    std::vector<std::pair<const ColumnInfo*, Order>> order;
    std::vector<Value> behind;
    std::optional<std::size_t> limit;
    std::optional<std::size_t> offset;
    std::vector<RelationPath> paths;
    Deleted deleted = Deleted::left_out;

  private:
    [[nodiscard]] std::optional<Filter> condition() const;
};

// `objects` is an array of the model's struct. Throw what a session throws, and 422 for values that
// break a rule.
[[nodiscard]] Task<Rows> find_rows(Session& session, const ModelInfo& model, Value key);
void read_rows(const ModelInfo& model, const Rows& rows, void* objects);
[[nodiscard]] Task<> load_related(Session& session, const ModelInfo& model, void* objects,
                                  std::size_t count, std::vector<RelationPath> paths);
[[nodiscard]] Task<> insert_objects(Session& session, const ModelInfo& model, void* objects,
                                    std::size_t count);
/// `conflict`: the columns of a unique index; null: the key.
[[nodiscard]] Task<> upsert_objects(Session& session, const ModelInfo& model, void* objects,
                                    std::size_t count, std::vector<const ColumnInfo*> conflict);
/// `original`: what it was; null: every column is written.
[[nodiscard]] Task<> update_object(Session& session, const ModelInfo& model, void* object,
                                   const void* original);
enum class Removal : std::uint8_t { remove, purge, restore };
/// `version` as it has to be; NULL: any. Gives the row that was restored.
[[nodiscard]] Task<Rows> remove_object(Session& session, const ModelInfo& model, Removal how,
                                       Value key, Value version);
enum class Linking : std::uint8_t { attach, detach, sync };
[[nodiscard]] Task<> link_objects(Session& session, const ModelInfo& model,
                                  std::string_view relation, Linking how, Value own,
                                  std::vector<Value> others);

[[nodiscard]] Value key_of(const ModelInfo& model, const void* object);
/// NULL if the model has none.
[[nodiscard]] Value version_of(const ModelInfo& model, const void* object);
[[nodiscard]] std::string etag_of(const ModelInfo& model, const void* object);
[[noreturn]] void throw_not_found();

template <class T>
Task<std::vector<T>> load_all(Choice choice) {
    const Rows rows = co_await choice.rows();
    std::vector<T> objects(rows.size());
    read_rows(*choice.model, rows, objects.data());
    if (!choice.paths.empty())
        co_await load_related(*choice.session, *choice.model, objects.data(), objects.size(),
                              std::move(choice.paths));
    co_return objects;
}
template <class T>
Task<std::optional<T>> load_first(Choice choice) {
    choice.limit = 1;
    std::vector<T> objects = co_await load_all<T>(std::move(choice));
    std::optional<T> first;
    if (!objects.empty()) first.emplace(std::move(objects.front()));
    co_return first;
}
template <class T>
Task<std::optional<T>> find_one(Session& session, Value key) {
    const Rows rows = co_await find_rows(session, model_info<T>(), std::move(key));
    std::optional<T> found;
    if (!rows.empty()) read_rows(model_info<T>(), rows, &found.emplace());
    co_return found;
}
template <class T>
Task<T> required(Task<std::optional<T>> task) {
    std::optional<T> found = co_await std::move(task);
    if (!found) throw_not_found();
    co_return std::move(*found);
}
template <class T>
Task<T> insert_one(Session& session, T object) {
    co_await insert_objects(session, model_info<T>(), &object, 1);
    co_return object;
}
template <class T>
Task<std::vector<T>> insert_many(Session& session, std::vector<T> objects) {
    co_await insert_objects(session, model_info<T>(), objects.data(), objects.size());
    co_return objects;
}
template <class T>
Task<std::vector<T>> upsert_many(Session& session, std::vector<T> objects,
                                 std::vector<const ColumnInfo*> conflict) {
    co_await upsert_objects(session, model_info<T>(), objects.data(), objects.size(),
                            std::move(conflict));
    co_return objects;
}
template <class T>
Task<T> upsert_one(Session& session, T object, std::vector<const ColumnInfo*> conflict) {
    co_await upsert_objects(session, model_info<T>(), &object, 1, std::move(conflict));
    co_return object;
}
template <class T>
Task<T> update_one(Session& session, T object) {
    co_await update_object(session, model_info<T>(), &object, nullptr);
    co_return object;
}
template <class T>
Task<T> update_changed(Session& session, T object, T original) {
    co_await update_object(session, model_info<T>(), &object, &original);
    co_return object;
}
template <class T>
Task<T> restore_one(Session& session, Value key) {
    const Rows rows =
        co_await remove_object(session, model_info<T>(), Removal::restore, std::move(key), Value{});
    T object{};
    read_rows(model_info<T>(), rows, &object);
    co_return object;
}

inline Task<> without_rows(Task<Rows> task) { (void)co_await std::move(task); }
inline Task<bool> is_any(Task<std::int64_t> count) {
    const std::int64_t found = co_await std::move(count);
    co_return found != 0;
}

} // namespace detail

/// Objects of a model that are to be found, changed or deleted together. Made by a `Repository`.
///
///     std::vector<Post> page = co_await posts.where(column(&Post::author_id) == id)
///                                  .order_by(&Post::title).order_by(&Post::id)
///                                  .with(&Post::author).limit(20).all();
template <Model T>
class ModelQuery {
  public:
    explicit ModelQuery(Session& session) : choice_(session, model_info<T>()) {}

    /// Several calls: all have to hold.
    ModelQuery& where(const Filter& filter) {
        choice_.where(filter);
        return *this;
    }
    /// The first call is the first that counts.
    template <class M, class Class>
    ModelQuery& order_by(M Class::* member, Order order = Order::ascending) {
        choice_.order.emplace_back(&detail::column_of<T>(member), order);
        return *this;
    }
    /// The objects behind this one, in the order of `order_by`, which comes before: the next page,
    /// found by an index however far it is. The members of the order together must be unique and
    /// not NULL: let the last be the key.
    ModelQuery& after(const T& last) {
        choice_.after(&last);
        return *this;
    }
    ModelQuery& limit(std::size_t count) {
        choice_.limit = count;
        return *this;
    }
    ModelQuery& offset(std::size_t count) {
        choice_.offset = count;
        return *this;
    }
    /// Loads a relation of all objects that are found, by one more statement however many these
    /// are; with several members, those of what was loaded too, by one more each:
    /// `with(&Post::author, &Author::company)`.
    template <class... Members>
    ModelQuery& with(Members... members) {
        choice_.add_path(detail::path_of<T>(members...));
        return *this;
    }
    /// Finds those that were deleted too, where the model has `soft_delete`.
    ModelQuery& with_deleted() {
        choice_.deleted = detail::Choice::Deleted::included;
        return *this;
    }
    ModelQuery& only_deleted() {
        choice_.deleted = detail::Choice::Deleted::alone;
        return *this;
    }

    [[nodiscard]] Task<std::vector<T>> all() const { return detail::load_all<T>(choice_); }
    [[nodiscard]] Task<std::optional<T>> first() const { return detail::load_first<T>(choice_); }
    /// Throws `Error` 404 when there is none.
    [[nodiscard]] Task<T> one() const { return detail::required(first()); }
    /// How many there are, whatever `limit` says.
    [[nodiscard]] Task<std::int64_t> count() const { return choice_.count(); }
    [[nodiscard]] Task<bool> exists() const { return detail::is_any(choice_.count()); }

    /// Changes all of them by one statement: `update(set(&Post::title, "…"))`. Gives how many.
    /// Order and limit don't count, here and for `remove`.
    template <std::same_as<Assignment>... Assignments>
    [[nodiscard]] Task<std::uint64_t> update(Assignments... assignments) const {
        std::vector<Assignment> all;
        (all.push_back(std::move(assignments)), ...);
        return detail::Choice::update(choice_, std::move(all));
    }
    /// Deletes all of them, softly where the model has that. Gives how many.
    [[nodiscard]] Task<std::uint64_t> remove() const { return choice_.remove(); }

  private:
    detail::Choice choice_;
};

/// The objects of a model in a database or transaction, which must outlive it. A handle, made where
/// it is needed; a service that takes a `Repository<Post>` gets one of the `Database`.
///
/// What is written was validated by the rules of its description, as a request's content is: 422.
/// Errors of the database are `DatabaseError`; a unique value that is taken is 409 and names the
/// member. Values are bound, names come from the description.
///
/// Threads: as the session.
template <Model T>
class Repository {
  public:
    explicit Repository(Database& database) noexcept : session_(&database) {}
    template <std::derived_from<Session> S>
        requires(!std::same_as<S, Database>)
    explicit Repository(S& session) noexcept : session_(&session) {}

    /// The same within a transaction.
    [[nodiscard]] Repository in(Session& session) const noexcept {
        Repository other = *this;
        other.session_ = &session;
        return other;
    }

    /// By key; nullopt, which a handler answers with 404, if there is none.
    [[nodiscard]] Task<std::optional<T>> find(const Value& key) const {
        return detail::find_one<T>(*session_, key);
    }
    /// By key; throws `Error` 404 if there is none.
    [[nodiscard]] Task<T> get(const Value& key) const { return detail::required(find(key)); }
    /// The first with that value: `find_by(&User::email, email)`.
    template <class M, class Class>
    [[nodiscard]] Task<std::optional<T>> find_by(M Class::* member,
                                                 const std::type_identity_t<M>& value) const {
        return where(Column{detail::column_of<T>(member).name} == Value{value}).first();
    }
    /// All of them, to begin with.
    [[nodiscard]] ModelQuery<T> query() const { return ModelQuery<T>{*session_}; }
    [[nodiscard]] ModelQuery<T> where(const Filter& filter) const {
        ModelQuery<T> query{*session_};
        query.where(filter);
        return query;
    }

    /// Inserts it and gives it as the database made it: with its key, timestamps and defaults.
    [[nodiscard]] Task<T> insert(T object) const {
        return detail::insert_one(*session_, std::move(object));
    }
    /// All or none, as few statements as can be.
    [[nodiscard]] Task<std::vector<T>> insert_all(std::vector<T> objects) const {
        return detail::insert_many(*session_, std::move(objects));
    }
    /// Writes all columns but key and creation. Throws `Error` 404 if it isn't there, `StaleObject`
    /// if it was changed since its version.
    [[nodiscard]] Task<T> update(T object) const {
        return detail::update_one(*session_, std::move(object));
    }
    /// Writes the columns that differ from what it was, and if there are none, nothing.
    [[nodiscard]] Task<T> update(T object, T original) const {
        return detail::update_changed(*session_, std::move(object), std::move(original));
    }
    /// Inserts it, or where one with the same values of these members (which have a unique index)
    /// or the same key exists, updates that.
    template <class... Members>
    [[nodiscard]] Task<T> upsert(T object, Members... unique) const {
        return detail::upsert_one(*session_, std::move(object), columns(unique...));
    }
    template <class... Members>
    [[nodiscard]] Task<std::vector<T>> upsert_all(std::vector<T> objects, Members... unique) const {
        return detail::upsert_many(*session_, std::move(objects), columns(unique...));
    }

    /// Deletes, softly where the model has that. Throws `Error` 404 if it isn't there.
    [[nodiscard]] Task<> remove(const Value& key) const {
        return detail::without_rows(removal(detail::Removal::remove, key, Value{}));
    }
    /// The same, if it wasn't changed since: otherwise throws `StaleObject`.
    [[nodiscard]] Task<> remove(const T& object) const {
        return detail::without_rows(removal(detail::Removal::remove,
                                            detail::key_of(model_info<T>(), &object),
                                            detail::version_of(model_info<T>(), &object)));
    }
    /// Deletes for good, also what was deleted softly.
    [[nodiscard]] Task<> purge(const Value& key) const {
        return detail::without_rows(removal(detail::Removal::purge, key, Value{}));
    }
    /// Takes back a soft delete. Throws `Error` 404 if nothing was deleted.
    [[nodiscard]] Task<T> restore(const Value& key) const {
        return detail::restore_one<T>(*session_, key);
    }

    /// Loads a relation of objects that are there; they must outlive the task. See
    /// `ModelQuery::with`.
    template <class... Members>
    [[nodiscard]] Task<> load(T& object, Members... members) const {
        return load_all(&object, 1, members...);
    }
    template <class... Members>
    [[nodiscard]] Task<> load(std::vector<T>& objects, Members... members) const {
        return load_all(objects.data(), objects.size(), members...);
    }

    // Many to many: the rows between an object and others, by the others' keys.
    template <class U, class Key>
    [[nodiscard]] Task<> attach(const T& object, Many<U> T::* relation,
                                const std::vector<Key>& keys) const {
        return link(detail::Linking::attach, object, relation, keys);
    }
    template <class U, class Key>
    [[nodiscard]] Task<> detach(const T& object, Many<U> T::* relation,
                                const std::vector<Key>& keys) const {
        return link(detail::Linking::detach, object, relation, keys);
    }
    /// These, and no others; in a transaction.
    template <class U, class Key>
    [[nodiscard]] Task<> sync(const T& object, Many<U> T::* relation,
                              const std::vector<Key>& keys) const {
        return link(detail::Linking::sync, object, relation, keys);
    }

    /// Its version as an entity tag, for `require_preconditions` and `Tagged`.
    [[nodiscard]] static std::string etag(const T& object) {
        return detail::etag_of(model_info<T>(), &object);
    }

  private:
    [[nodiscard]] Task<Rows> removal(detail::Removal how, Value key, Value version) const {
        return detail::remove_object(*session_, model_info<T>(), how, std::move(key),
                                     std::move(version));
    }
    template <class... Members>
    [[nodiscard]] Task<> load_all(T* objects, std::size_t count, Members... members) const {
        std::vector<detail::RelationPath> paths;
        paths.push_back(detail::path_of<T>(members...));
        return detail::load_related(*session_, model_info<T>(), objects, count, std::move(paths));
    }
    template <class U, class Key>
    [[nodiscard]] Task<> link(detail::Linking how, const T& object, Many<U> T::* relation,
                              const std::vector<Key>& keys) const {
        return detail::link_objects(*session_, model_info<T>(),
                                    detail::member_name<T>(detail::member_index<T>(relation)), how,
                                    detail::key_of(model_info<T>(), &object),
                                    std::vector<Value>(keys.begin(), keys.end()));
    }
    template <class... Members>
    static std::vector<const ColumnInfo*> columns(Members... members) {
        std::vector<const ColumnInfo*> all;
        (all.push_back(&detail::column_of<T>(members)), ...);
        return all;
    }

    Session* session_;
};

} // namespace armature::db
