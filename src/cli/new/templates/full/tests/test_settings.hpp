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
    settings.jobs = (folder / "jobs.db").string();
    settings.secret = armature::SecretString{std::string{"a secret for tests, 32 bytes or more"}};
    return settings;
}

} // namespace {{name}}
