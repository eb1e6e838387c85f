#include "cli/bench/commands.hpp"
#include "cli/client/commands.hpp"
#include "cli/commands.hpp"
#include "cli/completions/completions.hpp"
#include "cli/dev/commands.hpp"
#include "cli/doctor/commands.hpp"
#include "cli/generate/commands.hpp"
#include "cli/mock/commands.hpp"
#include "cli/new/commands.hpp"
#include "cli/openapi/commands.hpp"
#include "cli/project/commands.hpp"
#include "cli/test/commands.hpp"

#include <string>
#include <vector>

namespace {

namespace cli = armature::cli;
using armature::terminal::Command;
using armature::terminal::CommandGroup;

extern const armature::terminal::Program program;

const Command completions = cli::completions_of(program);

constexpr const Command* start[] = {&cli::new_project, &cli::doctor, &completions};
constexpr const Command* develop[] = {&cli::generate_code, &cli::generate_short, &cli::destroy_code,
                                      &cli::run,           &cli::dev_command,    &cli::test_command,
                                      &cli::bench_command};
constexpr const Command* about[] = {&cli::routes, &cli::config};
constexpr const Command* apis[] = {
#ifdef ARMATURE_CLI_HAS_OPENAPI
    &cli::openapi,
    &cli::client,
#else
    &cli::project_openapi,
#endif
#ifdef ARMATURE_CLI_HAS_MOCK
    &cli::mock_command,
#endif
};
constexpr const Command* database[] = {
#ifdef ARMATURE_CLI_HAS_DB
    &cli::migrate,
#endif
    &cli::db_seed};

constexpr CommandGroup groups[] = {{"Start", start},
                                   {"Develop", develop},
                                   {"Ask the project's program", about},
                                   {"APIs", apis},
                                   {"Database", database}};

constexpr armature::terminal::Program program{
    .name = "armature",
    .version = ARMATURE_VERSION,
    .summary = "the web framework's command line",
    .groups = groups,
    .details = "From nothing to a running API:\n"
               "\n"
               "  armature new shop --template api && cd shop && ./scripts/run\n"
               "  armature generate resource product name:string price:decimal\n"
               "  armature migrate up\n"
               "\n"
               "Data goes to standard output, messages to standard error; --json is for machines.\n"
               "Exit status: 0, 1 after a failure, 2 for a wrong command line; those that run the\n"
               "project's program give its own.\n",
};

} // namespace

int main(int argc, char** argv) {
    armature::terminal::Terminal terminal;
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    return armature::terminal::run(program, arguments, terminal);
}
