#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace armature::cli {

/// The file that a program's name stands for in PATH; empty if there is none.
[[nodiscard]] std::string find_program(std::string_view name);

struct Finished {
    int status;         ///< 128 and the signal's number if one ended it
    std::string output; ///< standard output and error
};
/// Runs a program to its end in `folder` (empty: here) and gives what it wrote. Throws
/// terminal::CommandError if it can't be started.
[[nodiscard]] Finished run_quietly(const std::vector<std::string>& words,
                                   const std::filesystem::path& folder = {});
/// Runs a program with our own standard streams; with `to_messages` what it writes goes to standard
/// error, because ours is for data. Gives its exit status. An interrupt reaches both, and is
/// the program's to answer.
[[nodiscard]] int run_visibly(const std::vector<std::string>& words,
                              const std::filesystem::path& folder = {}, bool to_messages = false);

} // namespace armature::cli
