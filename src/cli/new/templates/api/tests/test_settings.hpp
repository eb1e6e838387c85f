#pragma once

#include "settings.hpp"

{{database.test_include}}
#include <filesystem>
#include <string>

namespace {{name}} {

/// How the application is set up for a test that may use a folder.
inline Settings test_settings(const std::filesystem::path& folder) {
    Settings settings;
    {{database.test}}
    return settings;
}

} // namespace {{name}}
