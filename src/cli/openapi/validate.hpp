#pragma once

#include "cli/openapi/document.hpp"

namespace armature::spec {

/// All that is wrong with a document: what reading it found, and what a reader need not mind, such
/// as two operations of one name. In the order of files and lines.
[[nodiscard]] std::vector<Finding> validate(const Document& document);

} // namespace armature::spec
