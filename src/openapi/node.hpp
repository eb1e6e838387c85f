#pragma once

#include <nlohmann/json.hpp>

namespace armature::detail {

/// A piece of a document; its members keep their order.
using Node = nlohmann::ordered_json;

} // namespace armature::detail
