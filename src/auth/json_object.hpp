#pragma once

#include <armature/json/nlohmann.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace armature::auth {

/// A JSON object with every member once; nullopt for anything else.
[[nodiscard]] inline std::optional<nlohmann::json> read_object(std::string_view text) {
    nlohmann::json document;
    JsonErrors errors;
    if (read_json(text, document, errors) != JsonStatus::ok || !document.is_object())
        return std::nullopt;
    return document;
}

/// A member that is text; null if it is missing or anything else.
[[nodiscard]] inline const std::string* text_member(const nlohmann::json& object,
                                                    const char* name) {
    const auto found = object.find(name);
    return found == object.end() ? nullptr : found->get_ptr<const std::string*>();
}

} // namespace armature::auth
