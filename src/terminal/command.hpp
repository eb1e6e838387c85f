#pragma once

#include "terminal/terminal.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace armature::terminal {

/// An option of a command.
struct Option {
    std::string_view name;  ///< "--port"
    char letter = '\0';     ///< 'p' for "-p"
    std::string_view value; ///< what its value is called, "PORT"; empty for a flag
    std::string_view help;  ///< what it does, without a full stop
};

/// The command line was wrong: exit status 2, and a pointer to the help.
struct UsageError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The command failed: one line that names the place and the remedy, exit status 1.
struct CommandError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// What was given to a command: its options and the words besides.
class Arguments {
  public:
    [[nodiscard]] bool has(std::string_view option) const;
    /// The last value that was given.
    [[nodiscard]] std::optional<std::string_view> value(std::string_view option) const;
    /// All values that were given, in their order.
    [[nodiscard]] std::vector<std::string_view> values(std::string_view option) const;
    /// A whole number from `least` to `most`; `otherwise` if the option is absent. Throws
    /// UsageError.
    [[nodiscard]] std::uint64_t number(std::string_view option, std::uint64_t least,
                                       std::uint64_t most, std::uint64_t otherwise) const;
    /// What is no option, up to "--".
    [[nodiscard]] const std::vector<std::string>& words() const noexcept { return words_; }
    /// What stands behind "--".
    [[nodiscard]] const std::vector<std::string>& rest() const noexcept { return rest_; }

  private:
    friend Arguments read_arguments(std::span<const Option>, std::span<const std::string>);

    std::vector<std::pair<std::string_view, std::string>> options_;
    std::vector<std::string> words_;
    std::vector<std::string> rest_;
};

/// Reads what stands behind a command: `--name value`, `--name=value`, `-n value`, `-nvalue`,
/// words, and `--`, behind which nothing is read. `options` has to outlive the result. Throws
/// UsageError for what isn't in `options`, with the nearest that is.
Arguments read_arguments(std::span<const Option> options, std::span<const std::string> given);

/// One command of a program, as a table has it.
struct Command {
    std::string_view name;    ///< "mock", "db:seed"
    std::string_view words;   ///< what stands behind it, "[FILE]"; empty: no words are taken
    std::string_view summary; ///< one line
    std::span<const Option> options;
    std::string_view details; ///< paragraphs and examples behind the options, in whole lines
    /// Gives the exit status.
    int (*run)(const Arguments& arguments, Terminal& terminal) = nullptr;
    /// All that is given are words, options too: for what is handed to another program.
    bool passes_on = false;
    /// Instead of `run`, for a command that is an object.
    int (*run_with)(const void* self, const Arguments& arguments, Terminal& terminal) = nullptr;
    const void* self = nullptr;
};

struct CommandGroup {
    std::string_view title; ///< "Start", "Database"
    std::span<const Command* const> commands;
};

/// A program that consists of commands.
struct Program {
    std::string_view name;
    std::string_view version;
    std::string_view summary;
    std::span<const CommandGroup> groups;
    std::string_view details; ///< behind the list of commands, in whole lines
};

/// What `PROGRAM help COMMAND` prints.
std::string help_of(std::string_view program, const Command& command);

/// Runs the command that `arguments` (without the program's own name) ask for, and gives the exit
/// status: the command's, 1 after a failure, 2 for a wrong command line. Serves `--help`, `help`,
/// `--version` and `--no-color`.
int run(const Program& program, std::span<const std::string> arguments, Terminal& terminal);

} // namespace armature::terminal
