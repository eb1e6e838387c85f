#pragma once

#include <armature/db/error.hpp>

#include <string_view>

namespace armature::db::detail {

/// The kind of a fault that a database told by its SQLSTATE.
[[nodiscard]] ErrorKind kind_of(std::string_view sqlstate) noexcept;

} // namespace armature::db::detail
