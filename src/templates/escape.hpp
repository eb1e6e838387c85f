#pragma once

#include "templates/context.hpp"

#include <armature/templates/value.hpp>

#include <string>

namespace armature::detail {

void escape_html(std::string& out, std::string_view text);
/// Appends text or a value, made harmless for its place.
void write_escaped(std::string& out, std::string_view text, Escape escape);
/// Throws std::logic_error for a list or a struct where only text has a place.
void write_escaped(std::string& out, TemplateRef value, Escape escape);

} // namespace armature::detail
