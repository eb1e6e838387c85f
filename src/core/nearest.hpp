#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace armature::detail {

/// The candidate that `name` most likely meant, or null if none is close to it.
const std::string* nearest(std::string_view name, const std::vector<std::string>& candidates);

} // namespace armature::detail
