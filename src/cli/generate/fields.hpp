#pragma once

#include "cli/scaffold/names.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace armature::cli {

/// The model that a field refers to, as the project has it.
struct Reference {
    std::string table;
    std::string member;  ///< "author" of the column author_id
    std::string type;    ///< "Author"
    std::string factory; ///< "author_factory"
    std::string header;  ///< "author.hpp"; empty: the model itself
};

/// What `name:type` says: "price:decimal", "note:text?" for one that may be absent,
/// "email:email:unique", "author:belongs_to".
struct Field {
    /// Those that the repository looks after are told by their name and type.
    enum class Role : std::uint8_t { value, version, created_at, updated_at, deleted_at };

    std::string name;    ///< of the column
    std::string member;  ///< "armature::Decimal price;"
    std::string include; ///< what declares its type; may be empty
    std::string describe;
    std::string type;         ///< "TEXT"
    std::string when_missing; ///< SQL of what the column has then; empty: nothing
    std::string sample;       ///< JSON
    std::string other;        ///< another one
    std::string fake;         ///< C++ that makes one up, of `fake`
    std::optional<Reference> reference;
    Role role;
    bool is_optional;
    bool is_unique;
};

/// What fields are read for.
struct FieldsFor {
    std::filesystem::path root; ///< of the project
    Names thing;
    std::string table;
    bool postgres;
    bool is_model; ///< those that it refers to have to be there, as structs
};

/// Throws terminal::UsageError with the types that there are, and CommandError for a model that
/// there isn't.
[[nodiscard]] std::vector<Field> fields_of(const std::vector<std::string>& words,
                                           const FieldsFor& of);

/// What the templates of a model and a resource say about fields: `fields.members`, `sql.create`,
/// `find.body` …
void add_field_values(Values& values, const std::vector<Field>& fields, bool postgres);

/// The SQL of a migration that is called "create_products", "add_stock_to_products" or
/// "remove_stock_from_products", as `sql.up` and `sql.down`; for other names a place for it.
void add_migration_values(Values& values, const std::string& name, const std::vector<Field>& fields,
                          bool postgres);

/// CREATE TABLE, and the indices of what refers to other tables.
[[nodiscard]] std::string create_table(const std::string& table, const std::vector<Field>& fields,
                                       bool postgres);

} // namespace armature::cli
