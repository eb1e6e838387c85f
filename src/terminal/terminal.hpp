#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace armature::terminal {

enum class Colour : std::uint8_t { red, green, yellow, blue, faint, bold };

/// Where a command writes: data to standard output, messages to standard error.
///
/// Colours, and bars of progress, are for people: they are left out where the stream is no
/// terminal, and colours as well where the environment has NO_COLOR (no-color.org) or TERM=dumb.
class Terminal {
  public:
    /// The process's own streams.
    Terminal();
    /// For tests: other streams, which count as a terminal or not.
    Terminal(std::FILE* output, std::FILE* messages, bool is_terminal);

    void out(std::string_view text);
    void err(std::string_view text);

    /// `text` in a colour where standard output, or standard error, shows colours.
    [[nodiscard]] std::string paint(Colour colour, std::string_view text) const;
    [[nodiscard]] std::string paint_message(Colour colour, std::string_view text) const;

    /// As the option --no-color asks for.
    void no_colours() noexcept { out_colours_ = err_colours_ = false; }
    /// Whether somebody watches the messages.
    [[nodiscard]] bool is_watched() const noexcept { return err_is_terminal_; }

  private:
    std::FILE* output_;
    std::FILE* messages_;
    bool err_is_terminal_;
    bool out_colours_;
    bool err_colours_;
};

/// A line of progress on standard error, drawn anew at most ten times a second, and only on a
/// terminal. It is removed at the end.
class Progress {
  public:
    /// `total` 0: unknown, so that only the count is shown.
    Progress(Terminal& terminal, std::string title, std::uint64_t total);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void add(std::uint64_t count = 1);

  private:
    void draw(std::chrono::steady_clock::time_point now);

    Terminal& terminal_;
    std::string title_;
    std::uint64_t total_;
    std::uint64_t done_ = 0;
    std::chrono::steady_clock::time_point begun_;
    std::chrono::steady_clock::time_point drawn_;
};

} // namespace armature::terminal
