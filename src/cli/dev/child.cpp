#include "cli/dev/child.hpp"

#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>
#include <thread>

extern char** environ;

namespace armature::cli::dev {

namespace {

constexpr std::chrono::milliseconds look_again{2};

[[noreturn]] void fail(const char* what) {
    throw std::system_error{errno, std::system_category(), what};
}

// Both ends of what the child writes to: {ours, its}.
struct Ends {
    int ours = -1;
    int its = -1;
};

Ends open_output(bool terminal) {
    Ends ends;
    if (terminal && ::openpty(&ends.ours, &ends.its, nullptr, nullptr, nullptr) == 0) {
        termios settings;
        if (::tcgetattr(ends.its, &settings) == 0) {
            settings.c_oflag &= ~static_cast<tcflag_t>(OPOST); // no CR before LF
            ::tcsetattr(ends.its, TCSANOW, &settings);
        }
        ::fcntl(ends.ours, F_SETFD, FD_CLOEXEC);
        ::fcntl(ends.its, F_SETFD, FD_CLOEXEC);
    } else {
        int pipe[2];
        if (::pipe2(pipe, O_CLOEXEC) != 0) fail("pipe");
        ends = {pipe[0], pipe[1]};
    }
    ::fcntl(ends.ours, F_SETFL, O_NONBLOCK);
    return ends;
}

// The environment, with what sd_listen_fds(3) looks at; the process id is written by the child.
std::vector<std::string> environment(bool listening) {
    std::vector<std::string> all;
    for (char** one = environ; *one != nullptr; ++one)
        if (!std::string_view{*one}.starts_with("LISTEN_")) all.emplace_back(*one);
    if (listening) {
        all.emplace_back("LISTEN_FDS=1");
        all.emplace_back("LISTEN_FDNAMES=armature-dev");
        all.emplace_back("LISTEN_PID=00000000000");
    }
    return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (std::string& text : texts)
        all.push_back(text.data());
    all.push_back(nullptr);
    return all;
}

// Only what may be called between fork and exec.
void write_number(char* digits, int size, pid_t number) {
    for (int i = size - 1; i >= 0; --i, number /= 10)
        digits[i] = static_cast<char>('0' + number % 10);
}

} // namespace

Child::Child(const Options& options) {
    std::vector<std::string> words = options.command;
    const std::vector<char*> arguments = pointers(words);
    std::vector<std::string> variables = environment(options.listening >= 0);
    const std::vector<char*> environment = pointers(variables);
    char* const listen_pid =
        options.listening >= 0 ? variables.back().data() + sizeof "LISTEN_PID=" - 1 : nullptr;
    const Ends ends = open_output(options.terminal);
    const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    const pid_t parent = ::getpid();
    id_ = ::fork();
    if (id_ == 0) {
        ::setpgid(0, 0);
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (::getppid() != parent) ::_exit(127);
        ::dup2(nothing, 0);
        ::dup2(ends.its, 1);
        ::dup2(ends.its, 2);
        if (listen_pid != nullptr) {
            if (options.listening == 3)
                ::fcntl(3, F_SETFD, 0);
            else
                ::dup2(options.listening, 3);
            write_number(listen_pid, 11, ::getpid());
        }
        if (::chdir(options.folder.c_str()) == 0)
            ::execvpe(arguments[0], arguments.data(), environment.data());
        const char* const why = ::strerror(errno);
        for (const char* text :
             {"can't run ", static_cast<const char*>(arguments[0]), ": ", why, "\n"})
            if (::write(2, text, ::strlen(text)) < 0) break;
        ::_exit(127);
    }
    const int error = errno;
    ::close(ends.its);
    ::close(nothing);
    output_ = ends.ours;
    if (id_ < 0) {
        ::close(output_);
        errno = error;
        fail("fork");
    }
    ::setpgid(id_, id_); // here too: whoever comes first
}

Child::~Child() {
    end(std::chrono::seconds{0});
    ::close(output_);
}

std::string Child::read() {
    std::string all;
    char piece[16 * 1024];
    for (;;) {
        const ssize_t got = ::read(output_, piece, sizeof piece);
        if (got > 0)
            all.append(piece, static_cast<std::size_t>(got));
        else if (got == 0 || errno != EINTR)
            return all;
    }
}

bool Child::has_ended() {
    if (status_) return true;
    int status = 0;
    if (::waitpid(id_, &status, WNOHANG) != id_) return false;
    status_ = status;
    return true;
}

std::string Child::how_it_ended() const {
    const int status = status_.value_or(0);
    if (!WIFSIGNALED(status)) return "exit status " + std::to_string(WEXITSTATUS(status));
    const int number = WTERMSIG(status);
    const char* const name = ::sigabbrev_np(number);
    return "signal " + (name != nullptr ? "SIG" + std::string{name} : std::to_string(number)) +
           " (" + ::strsignal(number) + ')';
}

void Child::signal(int number) const noexcept { ::kill(-id_, number); }

void Child::end(std::chrono::milliseconds patience) noexcept {
    if (has_ended()) return;
    const auto until = std::chrono::steady_clock::now() + patience;
    signal(patience.count() > 0 ? SIGTERM : SIGKILL);
    bool is_killed = patience.count() == 0;
    while (!has_ended()) {
        std::this_thread::sleep_for(look_again);
        if (is_killed || std::chrono::steady_clock::now() < until) continue;
        signal(SIGKILL);
        is_killed = true;
    }
}

} // namespace armature::cli::dev
