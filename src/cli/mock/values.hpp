#pragma once

#include "cli/openapi/document.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace armature::cli::mock {

using nlohmann::json;

[[nodiscard]] json json_of(const spec::Node& node);

/// One way in which a value isn't what the document says.
struct Fault {
    std::string pointer; ///< JSON pointer into the value; empty: the value itself
    std::string keyword; ///< "required", "type", "minimum"…
    std::string message; ///< "must be integer"
};

/// Which way a value goes: members that are `readOnly` have no place in requests, and those that
/// are `writeOnly` none in responses, so neither are asked for there.
enum class Direction : unsigned char { request, response };

/// Adds a fault for each rule of `schema` that `value` breaks, at most `most_faults` of them.
void check(const spec::Schema& schema, const json& value, Direction direction,
           std::vector<Fault>& faults);
[[nodiscard]] bool fits(const spec::Schema& schema, const json& value, Direction direction);
inline constexpr std::size_t most_faults = 20;

/// The value that a text in a path, a query or a field means: a number, a truth value or a list if
/// that fits the schema and the text as it is doesn't.
[[nodiscard]] json value_of_text(const spec::Schema& schema, std::string_view text);

/// Whether a text has the form of a regular expression of JSON Schema; true for expressions that
/// RE2 doesn't know, such as look-ahead.
[[nodiscard]] bool matches(const std::string& pattern, std::string_view text);

} // namespace armature::cli::mock
