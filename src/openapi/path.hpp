#pragma once

#include "openapi/node.hpp"

#include <armature/routing/pattern.hpp>

#include <string>
#include <string_view>

namespace armature::detail {

/// A route's pattern as OpenAPI writes it: "/users/{id:uint}/*rest" is "/users/{id}/{rest}".
[[nodiscard]] std::string template_of(std::string_view pattern);

/// The same without the parameters' names: two patterns of one shape are one path in a document.
[[nodiscard]] std::string shape_of(std::string_view pattern);

/// Narrows a parameter's schema to what its place in the pattern takes.
void apply_constraint(Node& schema, const PatternParam& param);

/// "getUsersById" for GET and "/users/{id}".
[[nodiscard]] std::string derived_id(std::string_view method, std::string_view pattern);

} // namespace armature::detail
