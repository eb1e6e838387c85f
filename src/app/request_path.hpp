#pragma once

#include <armature/core/request.hpp>

#include <string>

namespace armature::detail {

/// Decodes the path segment by segment and resolves its dot segments (RFC 3986 §5.2.4). A slash
/// inside of a segment becomes the byte 0, which no other input can give: an encoded NUL is
/// refused. False when the path is malformed.
[[nodiscard]] bool normalise_path(Request& request);

/// The path that was routed, encoded anew: clients read more into a raw one than it says, "/\\host"
/// as "//host" for example.
[[nodiscard]] std::string encoded_path(std::string_view routed);

} // namespace armature::detail
