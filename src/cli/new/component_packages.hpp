#pragma once

#include <span>
#include <string_view>

namespace armature::cli {

struct ComponentPackages {
    std::string_view component;
    std::string_view packages; ///< Debian's names, with spaces between
};

[[nodiscard]] std::span<const ComponentPackages> component_packages() noexcept;

} // namespace armature::cli
