#pragma once

#include "cli/scaffold/files.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace armature::cli {

struct GenerateOptions {
    std::filesystem::path root; ///< of the project
    std::string ns;             ///< its namespace
    std::string templates;      ///< a folder of the user's own; may be empty
    bool has_database = true;
    bool force = false;
};

/// What makes what the words ask for: "resource product name:string price:decimal". Throws
/// terminal::UsageError and terminal::CommandError; nothing is written before `Plan::apply`.
[[nodiscard]] Plan generate(const std::vector<std::string>& words, const GenerateOptions& options);
/// What undoes that.
[[nodiscard]] Plan destroy(const std::vector<std::string>& words, const GenerateOptions& options);

} // namespace armature::cli
