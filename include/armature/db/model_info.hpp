#pragma once

#include <armature/db/relation.hpp>
#include <armature/db/rows.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace armature::db {

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

} // namespace armature::db
