#pragma once

#include "terminal/command.hpp"

namespace armature::cli {

/// `completions`, for a program that consists of those commands.
[[nodiscard]] terminal::Command completions_of(const terminal::Program& program);

/// The script that makes a shell ("bash", "zsh", "fish") complete the program's command lines.
/// Throws terminal::UsageError for another shell.
[[nodiscard]] std::string completion_script(const terminal::Program& program,
                                            std::string_view shell);

} // namespace armature::cli
