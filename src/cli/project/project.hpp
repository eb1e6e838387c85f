#pragma once

#include "terminal/command.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace armature::cli {

/// A project of a user's: a folder whose CMakeLists.txt asks for the package armature.
struct Project {
    std::filesystem::path root;
    std::string name;  ///< of `project(…)`, of the program too
    bool has_database; ///< it links armature::db

    /// The one that the current folder is in.
    [[nodiscard]] static std::optional<Project> find();
    /// The same; throws terminal::CommandError, saying how to make one, if there is none.
    [[nodiscard]] static Project here();

    /// Builds the program by one of the project's presets, and gives its path. What the build
    /// writes goes to standard error, if it fails or somebody watches. Throws
    /// terminal::CommandError if it fails.
    [[nodiscard]] std::filesystem::path build(const std::string& preset,
                                              terminal::Terminal& terminal) const;
};

/// Options of all commands that ask the project's program.
inline constexpr terminal::Option preset_option{"--preset", '\0', "NAME",
                                                "which of CMakePresets.json to build by (dev)"};
inline constexpr terminal::Option program_option{"--program", '\0', "FILE",
                                                 "ask that program, which is built already"};

/// Builds the program unless `--program` names it, and runs it with `words` in the project's
/// folder. Gives its exit status.
int ask_program(const terminal::Arguments& arguments, const std::vector<std::string>& words,
                terminal::Terminal& terminal);

} // namespace armature::cli
