#pragma once

#include "core/characters.hpp"

#include <string_view>

namespace armature {

/// Whether content of that type, as Content-Type gives it, is usually worth compressing: text in
/// the wider sense, and not what is compressed already.
[[nodiscard]] inline bool is_compressible(std::string_view type) noexcept {
    type = trim(type.substr(0, type.find(';')));
    return type.starts_with("text/") || type.ends_with("json") || type.ends_with("xml") ||
           type.ends_with("javascript") || type.ends_with("yaml") || type == "application/wasm" ||
           type == "application/json-seq" || type == "font/ttf" || type == "font/otf" ||
           type == "image/bmp";
}

} // namespace armature
