#pragma once

#include "cli/scaffold/names.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace armature::cli {

/// What `name:type` says: "price:decimal", "note:text?" for one that may be absent,
/// "email:email:unique".
struct Field {
    std::string name;
    std::string member;  ///< "armature::Decimal price;"
    std::string include; ///< what declares its type; may be empty
    std::string describe;
    std::string type;   ///< "TEXT"
    std::string sample; ///< JSON
    std::string other;  ///< another one
    std::string fake;   ///< C++ that makes one up, of `fake`
    bool is_optional;
    bool is_unique;
};

/// Throws terminal::UsageError with the types that there are.
[[nodiscard]] std::vector<Field> fields_of(const std::vector<std::string>& words, bool postgres);

/// What templates say about fields: `fields.members`, `describe`, `columns`, `sql.create` …
/// `thing` is the struct's name, `table` the table's.
void add_field_values(Values& values, const std::vector<Field>& fields, bool postgres);

/// The SQL of a migration that is called "create_products", "add_stock_to_products" or
/// "remove_stock_from_products", as `sql.up` and `sql.down`; for other names a place for it.
void add_migration_values(Values& values, const std::string& name, const std::vector<Field>& fields,
                          bool postgres);

} // namespace armature::cli
