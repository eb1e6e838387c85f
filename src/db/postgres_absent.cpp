#include "db/connection.hpp"

#include <stdexcept>

namespace armature::db::detail {

std::unique_ptr<Driver> make_postgres_driver(const DatabaseOptions&) {
    throw std::invalid_argument(
        "armature: built without PostgreSQL; on Debian: apt-get install libpq-dev");
}

} // namespace armature::db::detail
