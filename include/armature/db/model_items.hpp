#pragma once

#include <armature/db/model_info.hpp>

#include <array>
#include <cstddef>
#include <limits>
#include <string_view>
#include <type_traits>
#include <utility>

namespace armature::db {

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

} // namespace armature::db
