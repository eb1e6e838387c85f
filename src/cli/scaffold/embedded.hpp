#pragma once

#include <span>
#include <string_view>

namespace armature::cli {

/// A file of the templates, as it was when `armature` was built.
struct EmbeddedFile {
    std::string_view path; ///< "new/api/src/app.cpp"
    std::string_view text;
};

[[nodiscard]] std::span<const EmbeddedFile> embedded_files() noexcept;

} // namespace armature::cli
