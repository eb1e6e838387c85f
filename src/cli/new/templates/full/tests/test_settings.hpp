#pragma once

#include "settings.hpp"

#include <filesystem>

namespace {{name}} {

/// How the application is set up for a test that may use a folder.
inline Settings test_settings(const std::filesystem::path& folder) {
    Settings settings;
    settings.database = armature::SecretString{"sqlite:" + (folder / "test.db").string()};
    settings.jobs = (folder / "jobs.db").string();
    settings.secret = armature::SecretString{std::string{"a secret for tests, 32 bytes or more"}};
    return settings;
}

} // namespace {{name}}
