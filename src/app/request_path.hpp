#pragma once

#include <armature/core/request.hpp>

#include <string>

namespace armature::detail {

/// The path that was routed, encoded anew: clients read more into a raw one than it says, "/\\host"
/// as "//host" for example.
[[nodiscard]] std::string encoded_path(std::string_view routed);

} // namespace armature::detail
