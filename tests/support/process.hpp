#pragma once

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

extern char** environ;

namespace armature::testing {

/// A child process whose output (both kinds together) is read here. Ended with SIGKILL at the end
/// of the scope, if it still runs.
class Process {
  public:
    explicit Process(std::vector<std::string> command) {
        int pipe[2];
        if (::pipe2(pipe, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_adddup2(&actions, pipe[1], 1);
        ::posix_spawn_file_actions_adddup2(&actions, pipe[1], 2);
        std::vector<char*> arguments;
        for (std::string& argument : command)
            arguments.push_back(argument.data());
        arguments.push_back(nullptr);
        const int error =
            ::posix_spawnp(&id_, arguments[0], &actions, nullptr, arguments.data(), environ);
        ::posix_spawn_file_actions_destroy(&actions);
        ::close(pipe[1]);
        output_ = pipe[0];
        if (error != 0) {
            ::close(output_);
            throw std::runtime_error("can't run " + command[0]);
        }
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    ~Process() {
        if (id_ > 0) {
            ::kill(id_, SIGKILL);
            ::waitpid(id_, nullptr, 0);
        }
        ::close(output_);
    }

    [[nodiscard]] pid_t id() const noexcept { return id_; }
    void signal(int number) const { ::kill(id_, number); }

    /// Reads output until `text` is in it; gives all output so far.
    const std::string& await(std::string_view text) {
        while (seen_.find(text) == std::string::npos)
            if (!read()) throw std::runtime_error("the process never said it: " + seen_);
        return seen_;
    }
    /// Waits for the end; gives the exit status, or 128 + the signal that ended it.
    int wait() {
        while (read())
            continue;
        int status = 0;
        ::waitpid(std::exchange(id_, -1), &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    [[nodiscard]] const std::string& output() const noexcept { return seen_; }

  private:
    // False at the end of the output.
    bool read() {
        pollfd poll{output_, POLLIN, 0};
        if (::poll(&poll, 1, 60'000) == 0)
            throw std::runtime_error("the process is silent; so far: " + seen_);
        char piece[16 * 1024];
        const ssize_t got = ::read(output_, piece, sizeof piece);
        if (got <= 0) return false;
        seen_.append(piece, static_cast<std::size_t>(got));
        return true;
    }

    pid_t id_ = -1;
    int output_ = -1;
    std::string seen_;
};

struct Ran {
    int status;
    std::string output;
};

/// Runs a command to its end.
[[nodiscard]] inline Ran run(std::vector<std::string> command) {
    Process process{std::move(command)};
    const int status = process.wait();
    return {status, process.output()};
}
/// Runs a line of shell.
[[nodiscard]] inline Ran shell(const std::string& line) { return run({"bash", "-c", line}); }

} // namespace armature::testing
