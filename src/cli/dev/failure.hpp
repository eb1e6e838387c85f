#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace armature::cli::dev {

/// One fault that a compiler, the linker or CMake found.
struct Complaint {
    struct Line {
        unsigned number;
        std::string text;
    };
    std::string file; ///< from the project's folder on, or absolute outside of it
    std::string path; ///< absolute
    unsigned line = 0;
    unsigned column = 0; ///< 0: unknown
    std::string message;
    std::vector<Line> source; ///< the line and those around it, if the file can be read
};

/// Why nothing answers.
struct Failure {
    std::string title;  ///< "The build failed"
    std::string detail; ///< one sentence
    std::vector<Complaint> complaints;
    std::string output; ///< what the tool, or the program at its end, said
};

/// What is wrong according to the output of a build: the errors of GCC, Clang, the linker and
/// CMake. `project` and `build` are the folders that relative names are looked for in.
[[nodiscard]] std::vector<Complaint>
find_complaints(std::string_view output, const std::string& project, const std::string& build);

/// The text without the escape sequences of terminals.
[[nodiscard]] std::string without_escapes(std::string_view text);

/// How the page is made.
struct PageOptions {
    /// Where a click on a place leads, with {file}, {line} and {column}; empty: nowhere.
    std::string editor;
    /// What stands at the end: the script that loads the page anew.
    std::string script;
};

/// A page of HTML for people.
[[nodiscard]] std::string failure_page(const Failure& failure, const PageOptions& options);
/// Problem details (RFC 9457) for programs, with the member `errors`.
[[nodiscard]] std::string failure_problem(const Failure& failure);

} // namespace armature::cli::dev
