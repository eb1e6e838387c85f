#include "cli/client/commands.hpp"
#include "cli/commands.hpp"
#include "cli/dev/commands.hpp"
#include "cli/mock/commands.hpp"
#include "cli/openapi/commands.hpp"

#include <string>
#include <vector>

namespace {

using armature::terminal::Command;
using armature::terminal::CommandGroup;

constexpr const Command* development[] = {&armature::cli::dev_command};
#ifdef ARMATURE_CLI_HAS_DB
constexpr const Command* database[] = {&armature::cli::migrate};
#endif

#ifdef ARMATURE_CLI_HAS_OPENAPI
constexpr const Command* apis[] = {&armature::cli::openapi, &armature::cli::client,
                                   &armature::cli::mock_command};
#endif

constexpr CommandGroup groups[] = {
    {"Development", development},
#ifdef ARMATURE_CLI_HAS_DB
    {"Database", database},
#endif
#ifdef ARMATURE_CLI_HAS_OPENAPI
    {"APIs", apis},
#endif
};

constexpr armature::terminal::Program program{
    .name = "armature",
    .version = ARMATURE_VERSION,
    .summary = "the web framework's command line",
    .groups = groups,
    .details = "Exit status: 0, 1 after a failure, 2 for a wrong command line.\n",
};

} // namespace

int main(int argc, char** argv) {
    armature::terminal::Terminal terminal;
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    return armature::terminal::run(program, arguments, terminal);
}
