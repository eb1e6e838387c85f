#pragma once

#include "db/mariadb_sql.hpp"

#include <armature/db/error.hpp>

#include <string_view>

namespace armature::db::detail {

/// What MariaDB or its client library said.
struct MariadbFault {
    unsigned code;
    std::string_view sqlstate;
    std::string_view message;
};

/// The same as the other databases would have said it. `sql` or, for one with placeholders,
/// `translated` is what was sent, for the position.
[[nodiscard]] DatabaseError mariadb_error(const MariadbFault& fault, std::string_view sql,
                                          const MariadbSql* translated);

/// The library's own faults (CR_…), behind which nothing more can be asked of a connection; and the
/// server's farewells.
[[nodiscard]] bool ends_connection(unsigned code) noexcept;

} // namespace armature::db::detail
