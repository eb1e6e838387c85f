#pragma once

#include "openapi/node.hpp"

#include <armature/openapi/openapi.hpp>

#include <vector>

namespace armature::detail {

/// The OpenAPI document of these operations. Throws BuildError.
[[nodiscard]] Node make_document(const std::vector<OperationInfo>& operations, const OpenApi& api);

} // namespace armature::detail
