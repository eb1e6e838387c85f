#pragma once

#include <armature/db/database.hpp>
#include <armature/db/model.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace armature::db::detail {

struct CatalogColumn {
    std::string name;
    std::string type; ///< as the database says it, without a length or precision
    bool is_enumeration = false;
    bool is_required = false; ///< NOT NULL
    bool is_key = false;      ///< of the primary key
    bool has_default = false;
};

struct CatalogTable {
    std::string schema; ///< PostgreSQL's; empty: the one that needs no name
    std::string name;
    bool is_view = false;
    std::vector<CatalogColumn> columns;

    [[nodiscard]] std::string full_name() const {
        return schema.empty() ? name : schema + '.' + name;
    }
    [[nodiscard]] const CatalogColumn* find(std::string_view column) const noexcept;
};

/// Tables and views of users, by name; columns in their order.
[[nodiscard]] Task<std::vector<CatalogTable>> read_catalog(Session& session);

/// A column's type as a new table gets it.
[[nodiscard]] std::string_view type_name(ColumnType type, Dialect dialect) noexcept;
/// Whether a column of the catalog can hold all values of a member and nothing else.
[[nodiscard]] bool can_hold(const CatalogColumn& column, ColumnType type, Dialect dialect) noexcept;
/// Whether PostgreSQL and MariaDB turn a column into the type of `type_name` without a doubt.
[[nodiscard]] bool can_widen(const CatalogColumn& column, ColumnType type) noexcept;

} // namespace armature::db::detail
