#pragma once

#include <armature/db/query.hpp>
#include <armature/db/relation.hpp>
#include <armature/db/rows.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
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

/// What a column has to hold.
enum class ColumnType : std::uint8_t {
    boolean,
    int16,
    int32,
    int64,
    real32,
    real64,
    text, ///< and every type with a TextForm that isn't named below
    enumeration,
    uuid,
    decimal,
    date_time,
    date,
    bytes,
};

enum class RelationKind : std::uint8_t { belongs_to, has_one, has_many, many_to_many };

struct ModelInfo;

namespace detail {

struct ModelTexts;

/// How values of one type go from members to statements, and from rows to members.
struct ValueAccess {
    ColumnType type;
    bool is_nullable;
    Value (*get)(const void* member);
    void (*set)(std::string_view column, const Cell& cell, void* member);
};

/// How related objects get to a member.
struct RelationAccess {
    void (*clear)(void* member);           ///< loaded, and with nothing in it
    void (*add)(void* member, void* item); ///< moves it there
    void (*copy)(void* member, const void* item);
};

template <class T>
inline constexpr bool is_relation = false;
template <class T>
inline constexpr bool is_relation<Many<T>> = true;
template <class T>
inline constexpr bool is_relation<One<T>> = true;

template <class T>
struct related;
template <class T>
struct related<Many<T>> {
    using type = T;
};
template <class T>
struct related<One<T>> {
    using type = T;
};

} // namespace detail

/// A column of a model.
struct ColumnInfo {
    std::string_view member; ///< of the struct
    std::string_view name;   ///< in the table
    std::span<const Rule> rules;
    const detail::ValueAccess* access = nullptr;
    const void* (*address)(const void* object) = nullptr; ///< of the member
    bool is_generated = false;                            ///< the database alone sets it
};

/// A relation of a model.
struct RelationInfo {
    std::string_view member;
    RelationKind kind;
    const ModelInfo& (*target)() noexcept;
    /// `belongs_to`: the member of this struct that has the other's key; `has_…`: the member of the
    /// other struct that has this one's.
    std::string_view foreign_key;
    // `many_to_many`: the table between both, and its columns with the keys of either.
    std::string_view join_table;
    std::string_view join_own;
    std::string_view join_other;
    const void* (*address)(const void* object);
    const detail::RelationAccess* access;
};

/// A model at run time, a constant of the program: what statements, migrations and tools are made
/// from.
struct ModelInfo {
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    std::string_view table;
    std::span<const ColumnInfo> columns;
    std::span<const RelationInfo> relations;
    // Indices of columns, or `none`.
    std::size_t key = none;
    std::size_t created_at = none;
    std::size_t updated_at = none;
    std::size_t deleted_at = none;
    std::size_t version = none;

    // For the library.
    std::size_t size = 0;                       ///< of an object, in bytes
    void* (*make)(std::size_t count) = nullptr; ///< an array of new objects
    void (*destroy)(void* array) = nullptr;
    const detail::ModelTexts& (*texts)() = nullptr;
};

namespace detail {

// Not constexpr, so that calling them in a constant ends the compilation. Otherwise they throw
// std::logic_error.
[[noreturn]] void model_names_a_member_that_is_not_described();
[[noreturn]] void model_has_no_key();

template <class T>
constexpr ColumnType column_type() {
    if constexpr (armature::detail::is_optional<T>) {
        return column_type<typename T::value_type>();
    } else if constexpr (std::is_same_v<T, Bytes>) {
        return ColumnType::bytes;
    } else if constexpr (value_kind<T> == ValueKind::boolean) {
        return ColumnType::boolean;
    } else if constexpr (value_kind<T> == ValueKind::integer) {
        constexpr int digits = std::numeric_limits<T>::digits;
        return digits <= 15   ? ColumnType::int16
               : digits <= 31 ? ColumnType::int32
                              : ColumnType::int64;
    } else if constexpr (value_kind<T> == ValueKind::real) {
        return sizeof(T) > 4 ? ColumnType::real64 : ColumnType::real32;
    } else if constexpr (value_kind<T> == ValueKind::enumeration) {
        return ColumnType::enumeration;
    } else if constexpr (value_kind<T> == ValueKind::formatted) {
        constexpr std::string_view format = TextForm<T>::format;
        return format == "uuid"        ? ColumnType::uuid
               : format == "decimal"   ? ColumnType::decimal
               : format == "date-time" ? ColumnType::date_time
               : format == "date"      ? ColumnType::date
                                       : ColumnType::text;
    } else {
        return ColumnType::text;
    }
}

template <class M>
Value get_value(const void* member) {
    return Value{*static_cast<const M*>(member)};
}
template <class M>
void set_value(std::string_view column, const Cell& cell, void* member) {
    read_cell(column, cell, *static_cast<M*>(member));
}
template <class M>
inline constexpr ValueAccess value_access{column_type<M>(), armature::detail::is_optional<M>,
                                          &get_value<M>, &set_value<M>};

template <class M>
struct RelationAccessOf;
template <class T>
struct RelationAccessOf<Many<T>> {
    static Many<T>& at(void* member) { return *static_cast<Many<T>*>(member); }
    static void clear(void* member) { at(member).emplace(); }
    static void add(void* member, void* item) {
        at(member)->push_back(std::move(*static_cast<T*>(item)));
    }
    static void copy(void* member, const void* item) {
        at(member)->push_back(*static_cast<const T*>(item));
    }
};
template <class T>
struct RelationAccessOf<One<T>> {
    static One<T>& at(void* member) { return *static_cast<One<T>*>(member); }
    static void clear(void* member) { at(member).set_none(); }
    static void add(void* member, void* item) {
        at(member).emplace(std::move(*static_cast<T*>(item)));
    }
    static void copy(void* member, const void* item) {
        at(member).emplace(*static_cast<const T*>(item));
    }
};
template <class M>
inline constexpr RelationAccess relation_access{
    &RelationAccessOf<M>::clear, &RelationAccessOf<M>::add, &RelationAccessOf<M>::copy};

template <class T, std::size_t I>
using MemberType =
    typename std::remove_cvref_t<decltype(description_of<T>.template get<I>())>::value_type;

template <class T, std::size_t I>
const void* member_address(const void* object) {
    return &(static_cast<const T*>(object)->*description_of<T>.template get<I>().pointer);
}

/// The index of a described member.
template <class T, class M, class Class>
constexpr std::size_t member_index(M Class::* pointer) {
    std::size_t found = ModelInfo::none;
    std::size_t index = 0;
    for_each_member<T>([&](const auto& member) {
        if constexpr (std::is_same_v<std::remove_cvref_t<decltype(member.pointer)>, M Class::*>)
            if (member.pointer == pointer) found = index;
        ++index;
    });
    if (found == ModelInfo::none) model_names_a_member_that_is_not_described();
    return found;
}
template <class T>
constexpr std::size_t member_index(std::string_view name) {
    std::size_t found = ModelInfo::none;
    std::size_t index = 0;
    for_each_member<T>([&](const auto& member) {
        if (member.name == name) found = index;
        ++index;
    });
    return found;
}

/// What the items say, by index of the described members.
template <class T>
struct ModelParts {
    std::array<std::string_view, decltype(description_of<T>)::size> names{};
    std::array<bool, decltype(description_of<T>)::size> generated{};
    std::size_t key = member_index<T>("id");
    std::size_t created_at = ModelInfo::none;
    std::size_t updated_at = ModelInfo::none;
    std::size_t deleted_at = ModelInfo::none;
    std::size_t version = ModelInfo::none;
};

template <auto Member>
struct PointedTo;
template <class M, class Class, M Class::* Member>
struct PointedTo<Member> {
    using type = M;
};

template <class T>
const ModelInfo& model_info_of() noexcept;

template <class T, auto Member>
constexpr RelationInfo make_relation(RelationKind kind) {
    using M = typename PointedTo<Member>::type;
    constexpr std::size_t index = member_index<T>(Member);
    RelationInfo made{};
    made.member = description_of<T>.template get<index>().name;
    made.kind = kind;
    made.target = &model_info_of<typename related<M>::type>;
    made.address = &member_address<T, index>;
    made.access = &relation_access<M>;
    return made;
}
template <class T>
constexpr std::string_view member_name(std::size_t wanted) {
    std::string_view name;
    std::size_t index = 0;
    for_each_member<T>([&](const auto& member) {
        if (index++ == wanted) name = member.name;
    });
    return name;
}

template <class Item>
concept RelationItem = requires { typename Item::relation_tag; };

} // namespace detail

/// What ARMATURE_MODEL takes behind the table.
namespace model_items {

template <auto Member>
struct Key {
    template <class T>
    constexpr void apply(detail::ModelParts<T>& parts) const {
        parts.key = detail::member_index<T>(Member);
    }
};
/// The primary key, which the database gives to those inserted with 0; `Uuid` keys that are nil are
/// made by the program, in the order of time. One column.
template <auto Member>
inline constexpr Key<Member> key{};

template <auto Member>
struct ColumnName {
    std::string_view name;
    template <class T>
    constexpr void apply(detail::ModelParts<T>& parts) const {
        parts.names[detail::member_index<T>(Member)] = name;
    }
};
/// The column of a member that has another name.
template <auto Member>
constexpr ColumnName<Member> column_name(const char* name) {
    return {name};
}

template <auto Member>
struct Generated {
    template <class T>
    constexpr void apply(detail::ModelParts<T>& parts) const {
        parts.generated[detail::member_index<T>(Member)] = true;
    }
};
/// A column that the database alone sets: read, and never written.
template <auto Member>
inline constexpr Generated<Member> generated{};

template <auto Created, auto Updated>
struct Timestamps {
    template <class T>
    constexpr void apply(detail::ModelParts<T>& parts) const {
        static_assert(detail::column_type<typename detail::PointedTo<Created>::type>() ==
                              ColumnType::date_time &&
                          detail::column_type<typename detail::PointedTo<Updated>::type>() ==
                              ColumnType::date_time,
                      "armature: timestamps are time points, such as std::chrono::sys_seconds");
        parts.created_at = detail::member_index<T>(Created);
        parts.updated_at = detail::member_index<T>(Updated);
    }
};
/// Points in time that inserting and changing set.
template <auto Created, auto Updated>
inline constexpr Timestamps<Created, Updated> timestamps{};

template <auto Member>
struct SoftDelete {
    template <class T>
    constexpr void apply(detail::ModelParts<T>& parts) const {
        using M = typename detail::PointedTo<Member>::type;
        static_assert(armature::detail::is_optional<M> &&
                          detail::column_type<M>() == ColumnType::date_time,
                      "armature: soft_delete names a std::optional time point");
        parts.deleted_at = detail::member_index<T>(Member);
    }
};
/// Deleting sets this optional point in time; what has one isn't found unless asked for.
template <auto Member>
inline constexpr SoftDelete<Member> soft_delete{};

template <auto Member>
struct Version {
    template <class T>
    constexpr void apply(detail::ModelParts<T>& parts) const {
        static_assert(value_kind<typename detail::PointedTo<Member>::type> == ValueKind::integer,
                      "armature: a version is an integer");
        parts.version = detail::member_index<T>(Member);
    }
};
/// Optimistic locking: a number that every change raises. An object that was changed meanwhile
/// isn't overwritten: `StaleObject`.
template <auto Member>
inline constexpr Version<Member> version{};

template <RelationKind Kind, auto Member, auto ForeignKey>
struct ByForeignKey {
    using relation_tag = void;
    template <class T>
    constexpr RelationInfo relation() const {
        using M = typename detail::PointedTo<Member>::type;
        using Holder = std::conditional_t<Kind == RelationKind::belongs_to, T,
                                          typename detail::related<M>::type>;
        RelationInfo made = detail::make_relation<T, Member>(Kind);
        made.foreign_key = detail::member_name<Holder>(detail::member_index<Holder>(ForeignKey));
        return made;
    }
};
/// `belongs_to<&Post::author, &Post::author_id>`: a `db::One` of this struct, and the member of
/// this struct with its key. A std::optional key may be nobody's.
template <auto Member, auto ForeignKey>
inline constexpr ByForeignKey<RelationKind::belongs_to, Member, ForeignKey> belongs_to{};
/// `has_many<&Author::posts, &Post::author_id>`: a `db::Many` of this struct, and the member of the
/// others with this one's key. They come in the order of their keys.
template <auto Member, auto ForeignKey>
inline constexpr ByForeignKey<RelationKind::has_many, Member, ForeignKey> has_many{};
/// The same with a `db::One`.
template <auto Member, auto ForeignKey>
inline constexpr ByForeignKey<RelationKind::has_one, Member, ForeignKey> has_one{};

template <auto Member>
struct ManyToMany {
    using relation_tag = void;
    std::string_view table;
    std::string_view own;
    std::string_view other;
    template <class T>
    constexpr RelationInfo relation() const {
        RelationInfo made = detail::make_relation<T, Member>(RelationKind::many_to_many);
        made.join_table = table;
        made.join_own = own;
        made.join_other = other;
        return made;
    }
};
/// `many_to_many<&Post::tags>("post_tags", "post_id", "tag_id")`: a `db::Many`, the table between
/// both, its column with this one's key and its column with the other's.
template <auto Member>
constexpr ManyToMany<Member> many_to_many(const char* table, const char* own, const char* other) {
    return {table, own, other};
}

} // namespace model_items

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
