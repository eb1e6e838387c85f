#include "cli/project/process.hpp"

#include "terminal/command.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <system_error>

namespace armature::cli {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void become(const std::vector<std::string>& words, const fs::path& folder) {
    std::vector<char*> arguments;
    for (const std::string& word : words)
        arguments.push_back(const_cast<char*>(word.c_str())); // execvp changes nothing
    arguments.push_back(nullptr);
    if (folder.empty() || ::chdir(folder.c_str()) == 0) ::execvp(arguments[0], arguments.data());
    ::_exit(127);
}

int wait_for(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return 1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

pid_t forked(const std::string& program) {
    const pid_t child = ::fork();
    if (child < 0)
        throw terminal::CommandError{
            program + ": can't be started: " + std::generic_category().message(errno)};
    return child;
}

void check_there(const std::string& program) {
    if (find_program(program).empty())
        throw terminal::CommandError{program + ": isn't installed; 'armature doctor' says how"};
}

} // namespace

std::string find_program(std::string_view name) {
    if (name.find('/') != std::string_view::npos) {
        const std::string path{name};
        return ::access(path.c_str(), X_OK) == 0 ? path : std::string{};
    }
    const char* const given = std::getenv("PATH");
    std::string_view rest = given == nullptr ? "/usr/bin:/bin" : given;
    for (bool more = true; more;) {
        const std::size_t colon = rest.find(':');
        more = colon != std::string_view::npos;
        std::string path{rest.substr(0, colon)};
        rest.remove_prefix(more ? colon + 1 : rest.size());
        if (path.empty()) path = ".";
        path.append("/").append(name);
        if (::access(path.c_str(), X_OK) == 0) return path;
    }
    return {};
}

namespace {

/// A child whose output comes out of a pipe.
struct Heard {
    pid_t child;
    int pipe;
};

Heard heard(const std::vector<std::string>& words, const fs::path& folder) {
    check_there(words.at(0));
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        throw terminal::CommandError{"no pipe: " + std::generic_category().message(errno)};
    const pid_t child = forked(words[0]);
    if (child == 0) {
        const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
        ::dup2(nothing, STDIN_FILENO);
        ::dup2(ends[1], STDOUT_FILENO);
        ::dup2(ends[1], STDERR_FILENO);
        become(words, folder);
    }
    ::close(ends[1]);
    return {child, ends[0]};
}

// Calls `take` with each piece of what comes, to its end.
template <class Take>
void read_all(int pipe, Take take) {
    char buffer[4096];
    for (;;) {
        const ssize_t count = ::read(pipe, buffer, sizeof buffer);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        take(std::string_view{buffer, static_cast<std::size_t>(count)});
    }
}

} // namespace

Finished run_quietly(const std::vector<std::string>& words, const fs::path& folder) {
    const Heard program = heard(words, folder);
    Finished finished{};
    read_all(program.pipe, [&](std::string_view piece) { finished.output += piece; });
    ::close(program.pipe);
    finished.status = wait_for(program.child);
    return finished;
}

Background::Background(const std::vector<std::string>& words, const fs::path& folder) {
    const Heard program = heard(words, folder);
    child_ = program.child;
    pipe_ = program.pipe;
    reader_ = std::thread{[this] {
        constexpr std::size_t most = std::size_t{16} * 1024;
        read_all(pipe_, [&](std::string_view piece) {
            output_ += piece;
            if (output_.size() > most) output_.erase(0, output_.size() - most);
        });
    }};
}

Background::~Background() {
    if (!has_ended()) ::kill(child_, SIGTERM);
    for (int i = 0; i < 1000 && !has_ended(); ++i)
        ::usleep(10'000);
    if (!has_ended()) {
        ::kill(child_, SIGKILL);
        (void)wait_for(child_);
    }
    (void)output();
    ::close(pipe_);
}

bool Background::has_ended() {
    int status = 0;
    if (!has_ended_ && ::waitpid(child_, &status, WNOHANG) == child_) has_ended_ = true;
    return has_ended_;
}

const std::string& Background::output() {
    if (reader_.joinable()) reader_.join();
    return output_;
}

int run_visibly(const std::vector<std::string>& words, const fs::path& folder, bool to_messages) {
    check_there(words.at(0));
    struct sigaction ignore{};
    struct sigaction interrupt{};
    struct sigaction terminate{};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGINT, &ignore, &interrupt);
    const pid_t child = forked(words[0]);
    if (child == 0) {
        ::sigaction(SIGINT, &interrupt, nullptr);
        if (to_messages) ::dup2(STDERR_FILENO, STDOUT_FILENO);
        become(words, folder);
    }
    // Whoever ends us means the program.
    static volatile pid_t told = 0;
    told = child;
    struct sigaction pass_on{};
    pass_on.sa_handler = [](int signal) { ::kill(told, signal); };
    ::sigaction(SIGTERM, &pass_on, &terminate);
    const int status = wait_for(child);
    ::sigaction(SIGTERM, &terminate, nullptr);
    ::sigaction(SIGINT, &interrupt, nullptr);
    return status;
}

} // namespace armature::cli
