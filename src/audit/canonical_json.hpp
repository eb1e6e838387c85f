#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace armature::audit {

/// Appends a value in canonical form (RFC 8785): no blanks, members in the order of their names'
/// UTF-16 code units, numbers as ECMAScript writes them. Whole numbers that a double can't hold
/// exactly become text, as I-JSON asks (RFC 7493 §2.2).
void append_canonical(std::string& out, const nlohmann::json& value);
/// The same of a text, in quotes. Bytes that aren't UTF-8 become U+FFFD.
void append_canonical(std::string& out, std::string_view text);

} // namespace armature::audit
