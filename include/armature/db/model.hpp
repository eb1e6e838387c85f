#pragma once

#include <armature/db/model_items.hpp>
#include <armature/db/query.hpp>

#include <array>
#include <cstddef>
#include <utility>
#include <vector>

/// Says where the objects of a described struct are kept. Write it at namespace scope, in the
/// struct's namespace, behind the descriptions of it and of those that it is related to:
///
///     struct Author {
///         std::int64_t id = 0;
///         std::string name;
///         db::Many<Post> posts;
///     };
///     struct Post {
///         std::int64_t id = 0;
///         std::int64_t author_id = 0;
///         std::string title;
///         db::One<Author> author;
///     };
///     ARMATURE_DESCRIBE(Author, (id, read_only), (name, min_length(1)), posts);
///     ARMATURE_DESCRIBE(Post, (id, read_only), author_id, (title, max_length(200)), author);
///     ARMATURE_MODEL(Author, "authors", has_many<&Author::posts, &Post::author_id>);
///     ARMATURE_MODEL(Post, "posts", belongs_to<&Post::author, &Post::author_id>);
///
/// Behind the table's name, which may have a schema ("shop.posts"), stand items of
/// `armature::db::model_items`. Each described member is a column of its name, or a relation
/// (`db::Many`, `db::One`). The key is the member `id` unless an item says another.
/// Without the macro: a constexpr `armature_model(const Post*)` that returns
/// `armature::db::describe_model<Post>("posts", items...)`.
#define ARMATURE_MODEL(Type, table, ...)                                                           \
    [[maybe_unused]] constexpr auto armature_model(const Type*) {                                  \
        using namespace ::armature::db::model_items;                                               \
        return ::armature::db::describe_model<Type>(table __VA_OPT__(, ) __VA_ARGS__);             \
    }                                                                                              \
    static_assert(true)

namespace armature::db {

/// A described struct with ARMATURE_MODEL.
template <class T>
concept Model = requires { armature_model(static_cast<const T*>(nullptr)); };

namespace detail {

/// What `armature_model` returns.
template <class T, std::size_t Relations>
struct ModelDescription {
    std::string_view table;
    ModelParts<T> parts;
    std::array<RelationInfo, Relations> relations;
};

template <class T, class Item, std::size_t Relations>
constexpr void add_to_model(const Item& item, ModelDescription<T, Relations>& model,
                            std::size_t& next) {
    if constexpr (RelationItem<Item>)
        model.relations[next++] = item.template relation<T>();
    else
        item.apply(model.parts);
}

} // namespace detail

/// What ARMATURE_MODEL makes of its items.
template <class T, class... Items>
constexpr auto describe_model(const char* table, const Items&... items) {
    static_assert(Described<T>, "armature: describe the struct of a model first: "
                                "ARMATURE_DESCRIBE(Type, members)");
    detail::ModelDescription<T, (std::size_t{detail::RelationItem<Items>} + ... + 0)> made{
        table, {}, {}};
    [[maybe_unused]] std::size_t next = 0;
    (detail::add_to_model(items, made, next), ...);
    if (made.parts.key == ModelInfo::none) detail::model_has_no_key();
    return made;
}

namespace detail {

template <Model T>
inline constexpr auto model_of = armature_model(static_cast<const T*>(nullptr));

template <class T, std::size_t... I>
constexpr std::size_t count_columns(std::size_t before, std::index_sequence<I...>) {
    return ((I < before && !is_relation<MemberType<T, I>> ? std::size_t{1} : 0) + ... + 0);
}

template <class T, std::size_t I, std::size_t Count>
constexpr void add_column(std::array<ColumnInfo, Count>& columns, std::size_t& next) {
    using M = MemberType<T, I>;
    if constexpr (!is_relation<M>) {
        static_assert(is_bindable<M>(),
                      "armature: a described member of a model is a column (a truth value, a "
                      "number, a std::string, bytes, a described enumeration, a type with a "
                      "TextForm, or a std::optional of one of these) or a relation (db::Many, "
                      "db::One); for those of <chrono> include armature/describe/chrono.hpp");
        constexpr const auto& member = description_of<T>.template get<I>();
        ColumnInfo& column = columns[next++];
        column.member = member.name;
        column.name = model_of<T>.parts.names[I].empty() ? member.name : model_of<T>.parts.names[I];
        column.rules = member.rules;
        if constexpr (is_bindable<M>()) column.access = &value_access<M>;
        column.address = &member_address<T, I>;
        column.is_generated = model_of<T>.parts.generated[I];
    }
}

template <class T>
struct ModelColumns {
    using Indices = typename decltype(description_of<T>)::indices;
    static constexpr std::size_t count = count_columns<T>(Indices::size(), Indices{});
    static constexpr std::array<ColumnInfo, count> make() {
        std::array<ColumnInfo, count> columns{};
        std::size_t next = 0;
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (add_column<T, I>(columns, next), ...);
        }(Indices{});
        return columns;
    }
    static constexpr std::array<ColumnInfo, count> values = make();
    /// Of a column, by that of its member.
    static constexpr std::size_t index(std::size_t member) {
        if (member == ModelInfo::none) return member;
        return count_columns<T>(member, Indices{});
    }
};

/// The texts of a model's statements that are always the same.
[[nodiscard]] ModelTexts* make_texts(const ModelInfo& model);

template <class T>
struct ModelInfoOf {
    static const ModelInfo value;
    static const ModelTexts& texts() {
        static const ModelTexts& made = *make_texts(value); // for as long as the program
        return made;
    }
    static void* make(std::size_t count) { return new T[count]; }
    static void destroy(void* array) { delete[] static_cast<T*>(array); }
};

template <class T>
constexpr ModelInfo make_model_info() {
    using Columns = ModelColumns<T>;
    constexpr const ModelParts<T>& parts = model_of<T>.parts;
    ModelInfo made;
    made.table = model_of<T>.table;
    made.columns = Columns::values;
    made.relations = model_of<T>.relations;
    made.key = Columns::index(parts.key);
    made.created_at = Columns::index(parts.created_at);
    made.updated_at = Columns::index(parts.updated_at);
    made.deleted_at = Columns::index(parts.deleted_at);
    made.version = Columns::index(parts.version);
    made.size = sizeof(T);
    made.make = &ModelInfoOf<T>::make;
    made.destroy = &ModelInfoOf<T>::destroy;
    made.texts = &ModelInfoOf<T>::texts;
    return made;
}

template <class T>
constinit const ModelInfo ModelInfoOf<T>::value = make_model_info<T>();

template <class T>
const ModelInfo& model_info_of() noexcept {
    return ModelInfoOf<T>::value;
}

/// The column of a member, which must be one.
template <class T, class M, class Class>
const ColumnInfo& column_of(M Class::* member) {
    static_assert(!is_relation<M>, "armature: a relation is no column");
    return ModelColumns<T>::values[ModelColumns<T>::index(member_index<T>(member))];
}

} // namespace detail

/// The description of a model, the same object wherever it is asked for.
template <Model T>
[[nodiscard]] const ModelInfo& model_info() noexcept {
    return detail::model_info_of<T>();
}

/// Models by their descriptions, for what works with several: `models<Author, Post>()`.
template <Model... T>
[[nodiscard]] std::vector<const ModelInfo*> models() {
    return {&model_info<T>()...};
}

/// The column of a member: `column(&Post::title) == "Hello"`. The struct that has the member is the
/// model; of an inherited one, name the column by its text.
template <class M, Model T>
[[nodiscard]] Column column(M T::* member) {
    return Column{detail::column_of<T>(member).name};
}

} // namespace armature::db
