#include "db/connection.hpp"

#include <stdexcept>

namespace armature::db::detail {

std::unique_ptr<Driver> make_mariadb_driver(const DatabaseOptions&) {
    throw std::invalid_argument(
        "armature: built without MariaDB; on Debian: apt-get install libmariadb-dev");
}

} // namespace armature::db::detail
