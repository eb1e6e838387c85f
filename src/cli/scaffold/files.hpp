#pragma once

#include "terminal/terminal.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace armature::cli {

// Throw terminal::CommandError, naming the file and the system's reason.
[[nodiscard]] std::string read_text(const std::filesystem::path& path);
/// Makes the folders above it. A text that begins with "#!" becomes a program.
void write_text(const std::filesystem::path& path, std::string_view text);

/// One step of a plan: a file that is made, changed or removed.
struct Change {
    enum class Kind { create, change, same, keep, remove };
    Kind kind;
    std::string path; ///< below the plan's root
    std::string text; ///< what it becomes
    std::string why;  ///< of `keep`
    /// Lines that are inserted or taken out, for people.
    std::vector<std::string> lines;
};

/// What a generator is going to do, before it does anything: so that it can be shown, and refused
/// as a whole.
class Plan {
  public:
    explicit Plan(std::filesystem::path root) : root_(std::move(root)) {}

    /// A file with that text. One that is there already with another text is a refusal, unless
    /// `force`.
    void create(const std::string& path, std::string text, bool force);
    /// Inserts `line` before the first line of the file that has `mark`, as far in as that is;
    /// nothing if the line is there already. Throws terminal::CommandError, saying what to add
    /// where, if the file has no such mark.
    void insert(const std::string& path, std::string_view mark, const std::string& line);

    // The way back.
    /// Removes a file that has that text, or any with `force`; otherwise it is kept.
    void remove(const std::string& path, std::string_view text, bool force);
    void take_out(const std::string& path, const std::string& line);

    /// Throws terminal::CommandError with all that stands in the way.
    void check() const;
    void apply() const;
    /// A line for each change; those inserted below it.
    void show(terminal::Terminal& terminal, bool as_json) const;
    [[nodiscard]] bool empty() const;

  private:
    [[nodiscard]] std::string current(const std::string& path) const;
    Change& change_of(const std::string& path);

    std::filesystem::path root_;
    std::vector<Change> changes_;
    std::vector<std::string> refusals_;
};

} // namespace armature::cli
