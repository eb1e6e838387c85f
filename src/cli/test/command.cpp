#include "cli/dev/watcher.hpp"
#include "cli/project/cmake_build.hpp"
#include "cli/project/process.hpp"
#include "cli/project/project.hpp"
#include "cli/test/commands.hpp"

#include <poll.h>

#include <set>
#include <string>
#include <vector>

namespace armature::cli {

namespace {

using terminal::Arguments;
using terminal::Colour;
using terminal::Terminal;
using terminal::UsageError;

constexpr terminal::Option options[] = {
    {"--watch", 'w', "", "again after each change, until Ctrl-C"},
    {"--failed", 'f', "", "only those that failed the last time"},
    {"--preset", '\0', "NAME", "which of CMakePresets.json to build by (dev)"},
};

constexpr int interrupted = 128 + 2; // by Ctrl-C

/// Builds everything and runs the tests. Gives 0, 1, or `interrupted`.
int run_once(CMakeBuild& build, const Arguments& arguments, Terminal& terminal) {
    const auto step = [&](const std::vector<std::string>& command) {
        if (terminal.is_watched()) return run_visibly(command, build.folder(), true);
        const Finished finished = run_quietly(command, build.folder());
        if (finished.status != 0) terminal.err(finished.output);
        return finished.status;
    };
    if (const auto configure = build.configure_command()) {
        const int status = step(*configure);
        if (status != 0) return status == interrupted ? status : 1;
    }
    if (const int status = step(build.build_all_command()); status != 0) {
        terminal.err(terminal.paint_message(Colour::red, "the build failed") +
                     ", as shown above\n");
        return status == interrupted ? status : 1;
    }
    std::vector<std::string> command = build.test_command();
    if (!arguments.words().empty())
        command.insert(command.end(), {"--tests-regex", arguments.words()[0]});
    if (arguments.has("--failed")) command.emplace_back("--rerun-failed");
    command.insert(command.end(), arguments.rest().begin(), arguments.rest().end());
    const int status = run_visibly(command, build.folder());
    return status == 0 || status == interrupted ? status : 1;
}

// Waits for a change, and then until nothing changes for a tenth of a second: a branch that is
// switched is one change.
std::set<std::string> wait_for_change(dev::Watcher& watcher, const std::string& folder) {
    std::set<std::string> changed;
    while (changed.empty()) {
        pollfd descriptor{watcher.descriptor(), POLLIN, 0};
        for (int patience = -1; ::poll(&descriptor, 1, patience) > 0; patience = 100)
            watcher.read(changed);
        dev::remove_ignored_by_git(folder, changed);
    }
    return changed;
}

int run_test(const Arguments& arguments, Terminal& terminal) {
    if (arguments.words().size() > 1)
        throw UsageError{"test takes one regular expression; what is for ctest stands behind --"};
    const Project project = Project::here();
    CMakeBuild::Choices choices;
    choices.folder = project.root.string();
    choices.preset = arguments.value("--preset").value_or("");
    CMakeBuild build{choices};
    if (!arguments.has("--watch")) return run_once(build, arguments, terminal);

    dev::Watcher watcher{build.folder(), build.build_folder()};
    while (run_once(build, arguments, terminal) != interrupted) {
        terminal.err(terminal.paint_message(Colour::faint, "waiting for a change; Ctrl-C ends it") +
                     '\n');
        for (const std::string& file : wait_for_change(watcher, build.folder()))
            terminal.err(terminal.paint_message(Colour::faint, "changed: " + file) + '\n');
    }
    return interrupted;
}

} // namespace

const terminal::Command test_command{
    .name = "test",
    .words = "[REGEX] [-- WORDS]",
    .summary = "Builds the project and runs its tests; --watch after each change",
    .options = options,
    .details = "Those whose names match, as CTest has it. What stands behind -- is for ctest. What "
               "the build writes\nis shown if it fails or somebody watches. Exit status: 0 if all "
               "passed, 1 if not.\n"
               "\n"
               "  armature test\n"
               "  armature test Products --watch\n"
               "  armature test -- --repeat until-fail:100\n",
    .run = run_test,
};

} // namespace armature::cli
