#pragma once

#include "cli/client/names.hpp"

#include <set>
#include <string>
#include <string_view>
#include <vector>

/// What a C++ client is written with.
namespace armature::client_gen::cpp_text {

[[nodiscard]] const std::set<std::string>& keywords();
[[nodiscard]] std::string literal(std::string_view text);
[[nodiscard]] std::string comment(const std::vector<std::string>& lines, std::string_view margin);
[[nodiscard]] std::string single_line(std::string_view text);

} // namespace armature::client_gen::cpp_text
