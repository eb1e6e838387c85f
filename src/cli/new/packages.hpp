#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace armature::cli {

/// The Debian packages that programs with these components of Armature, "db" for example, are
/// compiled and linked with.
[[nodiscard]] std::vector<std::string> packages_of(const std::vector<std::string>& components);
/// All that there are.
[[nodiscard]] std::vector<std::string> all_components();

/// Those of `packages` that aren't installed; none where there is no dpkg to ask.
[[nodiscard]] std::vector<std::string> missing_packages(const std::vector<std::string>& packages);

/// "sudo apt-get install -y a b"
[[nodiscard]] std::string apt_line(const std::vector<std::string>& packages);

} // namespace armature::cli
