#pragma once

#include <armature/json/errors.hpp>

#include <nlohmann/json.hpp>

// Opt-in: nlohmann::json is the document tree for JSON whose shape is not known at compile time.
// Including it costs some seconds of compile time; described structs do without.

namespace armature {

/// `document` as compact text; bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string to_json(const nlohmann::json& document);
void write_json(std::string& out, const nlohmann::json& document);

/// Parses any JSON text with the strictness and the limits of the typed reader.
/// `errors.syntax()` says where a malformed text is wrong. A number that no double can hold is
/// invalid, and so is a member given twice: the last would win silently.
[[nodiscard]] JsonStatus read_json(std::string_view text, nlohmann::json& document,
                                   JsonErrors& errors);

} // namespace armature
