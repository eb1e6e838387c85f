#pragma once

#include "openapi/node.hpp"

#include <string>

namespace armature::detail {

/// The same value as YAML 1.2 in block style, readable by parsers of YAML 1.1 as well.
[[nodiscard]] std::string to_yaml(const Node& node);

} // namespace armature::detail
