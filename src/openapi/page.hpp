#pragma once

#include <span>
#include <string_view>

namespace armature::detail {

struct PageFile {
    std::string_view name;
    std::string_view text;
};

/// The files of the interactive page, index.html first. They live as long as the program.
[[nodiscard]] std::span<const PageFile> page_files() noexcept;

} // namespace armature::detail
