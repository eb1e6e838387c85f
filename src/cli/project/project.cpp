#include "cli/project/project.hpp"

#include "cli/project/cmake_build.hpp"
#include "cli/project/process.hpp"
#include "cli/scaffold/files.hpp"

namespace armature::cli {

namespace fs = std::filesystem;
using terminal::CommandError;

namespace {

// The first argument of a command's call in a CMakeLists.txt; empty if there is none.
std::string first_argument(const std::string& text, const std::string& call) {
    std::size_t at = text.find(call);
    if (at == std::string::npos) return {};
    at = text.find_first_not_of(" \t\n", at + call.size());
    const std::size_t end = text.find_first_of(" \t\n)", at);
    return at == std::string::npos ? std::string{} : text.substr(at, end - at);
}

} // namespace

std::optional<Project> Project::find() {
    for (fs::path folder = fs::current_path();; folder = folder.parent_path()) {
        const fs::path file = folder / "CMakeLists.txt";
        if (fs::exists(file)) {
            const std::string text = read_text(file);
            const std::string name = first_argument(text, "project(");
            if (text.find("find_package(armature") != std::string::npos && !name.empty())
                return Project{folder, name, text.find("armature::db") != std::string::npos};
        }
        if (folder == folder.parent_path()) return std::nullopt;
    }
}

Project Project::here() {
    if (auto found = find()) return *std::move(found);
    throw CommandError{"this folder is in no project: no CMakeLists.txt here or above asks for the "
                       "package armature; 'armature new NAME' makes one"};
}

fs::path Project::build(const std::string& preset, terminal::Terminal& terminal) const {
    const auto step = [&](const std::vector<std::string>& words) {
        if (terminal.is_watched()) {
            if (run_visibly(words, root, true) == 0) return;
        } else {
            const Finished finished = run_quietly(words, root);
            if (finished.status == 0) return;
            terminal.err(finished.output);
        }
        throw CommandError{name + ": the build failed, as shown above"};
    };
    CMakeBuild::Choices choices;
    choices.folder = root.string();
    choices.preset = preset;
    CMakeBuild build{choices};
    if (const auto configure = build.configure_command()) step(*configure);
    step(build.build_command());
    if (build.has_changed()) step(build.build_command()); // CMake ran: another may be the program
    return build.program();
}

int ask_program(const terminal::Arguments& arguments, const std::vector<std::string>& words,
                terminal::Terminal& terminal) {
    const Project project = Project::here();
    const auto given = arguments.value("--program");
    const fs::path program =
        given ? fs::absolute(fs::path{*given})
              : project.build(std::string{arguments.value("--preset").value_or("")}, terminal);
    if (given && !fs::is_regular_file(program))
        throw CommandError{program.string() + ": there is no such program"};
    std::vector<std::string> all{program.string()};
    all.insert(all.end(), words.begin(), words.end());
    return run_visibly(all, project.root);
}

} // namespace armature::cli
