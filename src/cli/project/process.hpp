#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <thread>
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

/// A program that runs beside this one, and ends with this object.
class Background {
  public:
    /// Throws terminal::CommandError if it can't be started.
    explicit Background(const std::vector<std::string>& words,
                        const std::filesystem::path& folder = {});
    Background(const Background&) = delete;
    Background& operator=(const Background&) = delete;
    /// SIGTERM, and after ten seconds SIGKILL.
    ~Background();

    [[nodiscard]] bool has_ended();
    /// The last of what it wrote, to standard output and error: 16 KB at most. Waits for its end.
    [[nodiscard]] const std::string& output();

  private:
    int child_ = -1;
    int pipe_ = -1;
    bool has_ended_ = false;
    std::string output_; ///< the reader's until that is joined
    std::thread reader_; ///< so that the program never waits for a reader
};

} // namespace armature::cli
