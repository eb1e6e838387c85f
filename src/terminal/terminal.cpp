#include "terminal/terminal.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace armature::terminal {

namespace {

bool wants_colours() {
    const char* refused = std::getenv("NO_COLOR");
    if (refused != nullptr && *refused != '\0') return false;
    const char* kind = std::getenv("TERM");
    return kind == nullptr || std::string_view{kind} != "dumb";
}

std::string painted(Colour colour, std::string_view text) {
    const char* code = "0";
    switch (colour) {
    case Colour::red:
        code = "31";
        break;
    case Colour::green:
        code = "32";
        break;
    case Colour::yellow:
        code = "33";
        break;
    case Colour::blue:
        code = "34";
        break;
    case Colour::faint:
        code = "2";
        break;
    case Colour::bold:
        code = "1";
        break;
    }
    return std::string{"\x1b["} + code + 'm' + std::string{text} + "\x1b[0m";
}

// 1234567 as 1,234,567.
std::string grouped(std::uint64_t number) {
    std::string text = std::to_string(number);
    for (std::size_t at = text.size(); at > 3; at -= 3)
        text.insert(at - 3, 1, ',');
    return text;
}

} // namespace

Terminal::Terminal()
    : output_(stdout), messages_(stderr), err_is_terminal_(::isatty(STDERR_FILENO) == 1),
      out_colours_(wants_colours() && ::isatty(STDOUT_FILENO) == 1),
      err_colours_(wants_colours() && err_is_terminal_) {}

Terminal::Terminal(std::FILE* output, std::FILE* messages, bool is_terminal)
    : output_(output), messages_(messages), err_is_terminal_(is_terminal),
      out_colours_(is_terminal && wants_colours()), err_colours_(out_colours_) {}

void Terminal::out(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), output_);
    std::fflush(output_);
}

void Terminal::err(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), messages_);
    std::fflush(messages_);
}

std::string Terminal::paint(Colour colour, std::string_view text) const {
    return out_colours_ ? painted(colour, text) : std::string{text};
}

std::string Terminal::paint_message(Colour colour, std::string_view text) const {
    return err_colours_ ? painted(colour, text) : std::string{text};
}

Progress::Progress(Terminal& terminal, std::string title, std::uint64_t total)
    : terminal_(terminal), title_(std::move(title)), total_(total),
      begun_(std::chrono::steady_clock::now()) {
    if (terminal_.is_watched()) draw(begun_);
}

Progress::~Progress() {
    if (terminal_.is_watched()) terminal_.err("\r\x1b[K");
}

void Progress::add(std::uint64_t count) {
    done_ += count;
    if (!terminal_.is_watched()) return;
    const auto now = std::chrono::steady_clock::now();
    if (now - drawn_ >= std::chrono::milliseconds(100)) draw(now);
}

void Progress::draw(std::chrono::steady_clock::time_point now) {
    drawn_ = now;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - begun_).count();
    std::string line = "\r\x1b[K" + title_ + "  ";
    if (total_ == 0) {
        line += grouped(done_);
    } else {
        constexpr std::uint64_t width = 24;
        const std::uint64_t part = std::min(done_, total_);
        const auto filled = static_cast<std::size_t>(static_cast<double>(part) /
                                                     static_cast<double>(total_) * width);
        line += '[' + std::string(filled, '#') + std::string(width - filled, '.') + "] " +
                grouped(done_) + " of " + grouped(total_);
    }
    terminal_.err(line + "  " + std::to_string(seconds) + " s");
}

} // namespace armature::terminal
