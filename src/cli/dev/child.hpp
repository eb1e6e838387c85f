#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace armature::cli::dev {

/// A process that this one started, in a process group of its own, whose output (both kinds
/// together) is read here. It ends with this object, and with this process.
class Child {
  public:
    struct Options {
        std::vector<std::string> command;
        std::string folder;    ///< it works there
        int listening = -1;    ///< a socket that it is handed as systemd would, as "armature-dev"
        bool terminal = false; ///< its output is a terminal, so that it writes lines at once
    };
    /// Throws std::system_error. A program that can't be run exits with 127 and says why.
    explicit Child(const Options& options);
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child();

    /// Can be read, or at its end, when there is output.
    [[nodiscard]] int output() const noexcept { return output_; }
    /// What output there is now; empty when there is none.
    [[nodiscard]] std::string read();

    /// Whether it has ended. Doesn't wait.
    [[nodiscard]] bool has_ended();
    /// Once it has: "exit status 3", "signal SIGSEGV (Segmentation fault)".
    [[nodiscard]] std::string how_it_ended() const;
    [[nodiscard]] bool succeeded() const noexcept { return status_ == 0; }

    /// Asks it and its own children to end (SIGTERM), and after `patience` makes them (SIGKILL).
    void end(std::chrono::milliseconds patience) noexcept;

  private:
    void signal(int number) const noexcept;

    pid_t id_ = -1;
    int output_ = -1;
    std::optional<int> status_;
};

} // namespace armature::cli::dev
