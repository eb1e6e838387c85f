#pragma once

#include "cli/openapi/document.hpp"

namespace armature::spec {

/// Whether 3.0's rules hold, not 3.1's.
struct Version {
    unsigned minor = 1;
    [[nodiscard]] bool is_3_0() const noexcept { return minor == 0; }
};

/// Adds what is wrong with the members of `node`, an object of OpenAPI of that name ("operation",
/// "media type"…): unknown ones, missing ones, values of the wrong type.
void check_structure(const Node& node, std::string_view object, Version version,
                     std::vector<Finding>& findings);

void add_finding(std::vector<Finding>& findings, Finding::Severity severity, const Node& at,
                 std::string rule, std::string what, std::string remedy);

} // namespace armature::spec
