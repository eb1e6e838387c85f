#pragma once

#include "core/characters.hpp"

#include <armature/core/headers.hpp>

#include <algorithm>
#include <string_view>

namespace armature {

/// Whether the lists of a field, in all its lines, name `token` in any case (RFC 9110 §5.6.1).
[[nodiscard]] inline bool has_token(const Headers& headers, Field field, std::string_view token) {
    bool found = false;
    headers.all(field, [&](std::string_view list) {
        while (!list.empty()) {
            const std::size_t comma = std::min(list.find(','), list.size());
            found = found || Headers::equal_names(trim(list.substr(0, comma)), token);
            list.remove_prefix(std::min(comma + 1, list.size()));
        }
    });
    return found;
}

} // namespace armature
