#include "cli/dev/supervisor.hpp"

#include "terminal/command.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

namespace armature::cli::dev {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// An editor writes a file in several steps, and people save several files.
constexpr milliseconds quiet_time{20};
constexpr milliseconds patience{5000};
constexpr int for_ever = -1;
constexpr std::size_t kept_output = 16 * 1024;
constexpr std::size_t shown_lines = 50;

std::atomic<int> signal_pipe{-1};

void on_signal(int number) {
    const int error = errno;
    const char byte = static_cast<char>(number);
    [[maybe_unused]] const auto ignored = ::write(signal_pipe, &byte, 1);
    errno = error;
}

constexpr std::array<int, 4> watched_signals{SIGINT, SIGTERM, SIGHUP, SIGCHLD};

// What changes when a file was made anew.
std::string identity_of(const std::string& file) {
    struct stat info;
    if (::stat(file.c_str(), &info) != 0) return {};
    return file + ' ' + std::to_string(info.st_ino) + ' ' + std::to_string(info.st_size) + ' ' +
           std::to_string(info.st_mtim.tv_sec) + '.' + std::to_string(info.st_mtim.tv_nsec);
}

bool is_progress(std::string_view line) { // "[3/7] Building …", "[ 50%] Building …"
    if (!line.starts_with('[')) return false;
    const std::size_t end = line.find(']');
    return end != line.npos &&
           line.substr(1, end - 1).find_first_not_of("0123456789/% ") == line.npos;
}

std::string without_progress(std::string_view output) {
    std::string kept;
    while (!output.empty()) {
        const std::size_t end = std::min(output.find('\n'), output.size());
        const std::string_view line = output.substr(0, end);
        output.remove_prefix(std::min(end + 1, output.size()));
        if (!is_progress(line)) kept.append(line) += '\n';
    }
    return kept;
}

std::string last_lines(std::string_view text) {
    while (text.ends_with('\n'))
        text.remove_suffix(1);
    std::size_t from = text.size();
    for (std::size_t lines = 0; from > 0 && lines < shown_lines; ++lines) {
        from = text.rfind('\n', from - 1);
        if (from == text.npos) return std::string{text};
    }
    return std::string{text.substr(from == 0 ? 0 : from + 1)};
}

} // namespace

Supervisor::Supervisor(CMakeBuild& project, std::vector<std::string> program_arguments,
                       int listening, Situation& situation, terminal::Terminal& terminal)
    : project_(project), arguments_(std::move(program_arguments)), listening_(listening),
      situation_(situation), terminal_(terminal),
      watcher_(project.folder(), project.build_folder()) {
    if (::pipe2(signals_, O_CLOEXEC | O_NONBLOCK) != 0)
        throw std::system_error{errno, std::system_category(), "pipe"};
    signal_pipe = signals_[1];
    struct sigaction action{};
    action.sa_handler = &on_signal;
    action.sa_flags = SA_RESTART | SA_NOCLDSTOP;
    for (const int number : watched_signals)
        ::sigaction(number, &action, nullptr);
}

Supervisor::~Supervisor() {
    for (const int number : watched_signals)
        ::signal(number, SIG_DFL);
    signal_pipe = -1;
    ::close(signals_[0]);
    ::close(signals_[1]);
}

void Supervisor::run() {
    rebuild();
    while (!stopping_) {
        wait(for_ever);
        look_after_program();
        if (!changed_.empty()) {
            situation_.changing();
            settle_changes();
            if (changed_.empty())
                situation_.unchanged();
            else
                rebuild();
        }
    }
    tool_.reset();
    end_program();
}

// --- what happens -------------------------------------------------------------------------------

// Waits for anything at all, and notes it.
void Supervisor::wait(int timeout_ms) {
    std::array<pollfd, 4> polled{{{signals_[0], POLLIN, 0},
                                  {watcher_.descriptor(), POLLIN, 0},
                                  {tool_ ? tool_->output() : -1, POLLIN, 0},
                                  {program_ ? program_->output() : -1, POLLIN, 0}}};
    // A child may close its output and live on; then SIGCHLD tells of its end.
    if (::poll(polled.data(), polled.size(), timeout_ms) <= 0) return;
    if (polled[0].revents != 0) read_signals();
    if (polled[1].revents != 0) watcher_.read(changed_);
    if (polled[2].revents != 0 || polled[3].revents != 0) {
        read_output();
        const auto is_closed = [](const pollfd& one) {
            return (one.revents & POLLHUP) != 0 && (one.revents & POLLIN) == 0;
        };
        if (is_closed(polled[2]) || is_closed(polled[3])) ::poll(nullptr, 0, 1);
    }
}

void Supervisor::read_signals() {
    char number = 0;
    while (::read(signals_[0], &number, 1) == 1)
        if (number != SIGCHLD) stopping_ = true;
}

void Supervisor::read_output() {
    if (tool_) tool_output_ += tool_->read();
    if (!program_) return;
    const std::string text = program_->read();
    if (text.empty()) return;
    terminal_.out(text);
    last_output_ += text;
    if (last_output_.size() > 2 * kept_output)
        last_output_.erase(0, last_output_.size() - kept_output);
}

void Supervisor::look_after_program() {
    if (!program_ || !program_->has_ended()) return;
    read_output();
    report_end();
}

// Waits until nothing changes any more.
void Supervisor::settle_changes() {
    auto until = steady_clock::now() + quiet_time;
    for (std::size_t known = changed_.size(); !stopping_;) {
        const auto left = std::chrono::ceil<milliseconds>(until - steady_clock::now());
        if (left.count() <= 0) break;
        wait(static_cast<int>(left.count()));
        if (changed_.size() == known) continue;
        known = changed_.size();
        until = steady_clock::now() + quiet_time;
    }
    remove_ignored_by_git(project_.folder(), changed_);
}

// --- the build ----------------------------------------------------------------------------------

void Supervisor::rebuild() {
    for (;;) {
        for (const std::string& file : std::exchange(changed_, {})) {
            if (is_read_at_run_time(file)) must_restart_ = true;
            terminal_.err(terminal_.paint_message(terminal::Colour::faint, "changed: " + file) +
                          '\n');
        }
        const auto begun = steady_clock::now();
        Outcome outcome = Outcome::failed;
        std::string file;
        try {
            outcome = build();
            if (outcome == Outcome::done) file = project_.program();
        } catch (const terminal::CommandError& error) {
            return report({"The project can't be built", error.what(), {}, {}});
        }
        if (outcome == Outcome::stopped) return;
        if (outcome == Outcome::changed) {
            settle_changes();
            continue;
        }
        const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begun);
        if (outcome == Outcome::failed) {
            const std::string output = without_progress(without_escapes(tool_output_));
            Failure failure{"The build failed", "", {}, output};
            failure.complaints =
                find_complaints(output, project_.folder(), project_.build_folder());
            failure.detail = "The compiler, the linker or CMake stopped.";
            if (!failure.complaints.empty()) {
                const Complaint& first = failure.complaints.front();
                failure.detail = first.file;
                if (first.line > 0) failure.detail += ':' + std::to_string(first.line);
                failure.detail += ": " + first.message;
            }
            return report(std::move(failure));
        }
        const std::string warnings = without_progress(without_escapes(tool_output_));
        if (warnings.find("warning:") != warnings.npos) terminal_.err(warnings);
        terminal_.err(terminal_.paint_message(terminal::Colour::green,
                                              "built in " + std::to_string(took.count()) + " ms") +
                      '\n');
        return restart(file);
    }
}

Supervisor::Outcome Supervisor::build() {
    if (const auto command = project_.configure_command()) {
        const Outcome outcome = run_tool(*command);
        if (outcome != Outcome::done) return outcome;
    }
    Outcome outcome = run_tool(project_.build_command());
    // CMake ran first, and the program has another name now.
    if (outcome == Outcome::failed && project_.has_changed())
        outcome = run_tool(project_.build_command());
    return outcome;
}

Supervisor::Outcome Supervisor::run_tool(const std::vector<std::string>& command) {
    tool_output_.clear();
    Child::Options options;
    options.command = command;
    options.folder = project_.folder();
    tool_ = std::make_unique<Child>(options);
    std::size_t shown = 0;
    while (!tool_->has_ended() && !stopping_ && changed_.empty()) {
        wait(for_ever);
        look_after_program();
        if (!terminal_.is_watched()) continue;
        // The last whole line, in place of the one before.
        const std::size_t end = tool_output_.rfind('\n');
        if (end == std::string::npos || end == shown) continue;
        shown = end;
        const std::size_t start = end == 0 ? 0 : tool_output_.rfind('\n', end - 1) + 1;
        terminal_.err("\r\x1b[K" +
                      tool_output_.substr(start, std::min<std::size_t>(end - start, 79)));
    }
    if (shown > 0) terminal_.err("\r\x1b[K");
    Outcome outcome = Outcome::done;
    if (!tool_->has_ended()) {
        outcome = stopping_ ? Outcome::stopped : Outcome::changed;
        tool_->end(patience);
    } else if (!tool_->succeeded()) {
        outcome = Outcome::failed;
    }
    tool_output_ += tool_->read();
    tool_.reset();
    return outcome;
}

// --- the program --------------------------------------------------------------------------------

void Supervisor::restart(const std::string& file) {
    const std::string identity = identity_of(file);
    if (program_ && !must_restart_ && !build_is_broken_ && identity == built_)
        return situation_.unchanged();
    end_program();
    std::vector<std::string> command{file};
    command.insert(command.end(), arguments_.begin(), arguments_.end());
    Child::Options options;
    options.command = std::move(command);
    options.folder = project_.folder();
    options.listening = listening_;
    options.terminal = ::isatty(STDOUT_FILENO) != 0;
    program_ = std::make_unique<Child>(options);
    last_output_.clear();
    built_ = identity;
    must_restart_ = false;
    build_is_broken_ = false;
    situation_.running();
}

void Supervisor::end_program() {
    if (!program_) return;
    // Those who were let through before the change get their answers. What they wait for may
    // depend on us: its output has to be read.
    const auto until = steady_clock::now() + patience;
    while (!stopping_ && !situation_.wait_until_unused(milliseconds{1}) &&
           steady_clock::now() < until && !program_->has_ended()) {
        wait(0);
        read_output();
    }
    program_->end(patience);
    read_output();
    program_.reset();
}

void Supervisor::say(const Failure& failure) {
    terminal_.err(terminal_.paint_message(terminal::Colour::red, failure.title) + ": " +
                  failure.detail + '\n');
}

void Supervisor::report(Failure failure) {
    say(failure);
    terminal_.err(failure.output);
    build_is_broken_ = true;
    situation_.failed(std::move(failure));
}

void Supervisor::report_end() {
    Failure failure{program_->succeeded() ? "The program ended" : "The program crashed",
                    "It ended by itself: " + program_->how_it_ended() +
                        ". The next change starts it again.",
                    {},
                    last_lines(without_escapes(last_output_))};
    program_.reset();
    must_restart_ = true;
    say(failure);
    // The page of a build that failed says more; and while it is built, the outcome counts.
    if (!tool_ && !build_is_broken_) situation_.failed(std::move(failure));
    refuse_queue();
}

// Connections that the program didn't take any more: who waits there learns that it is gone.
void Supervisor::refuse_queue() noexcept {
    for (;;) {
        const int connection = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
        if (connection >= 0)
            ::close(connection);
        else if (errno != EINTR && errno != ECONNABORTED)
            return;
    }
}

} // namespace armature::cli::dev
