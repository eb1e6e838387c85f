#include "cli/project/commands.hpp"

#include "cli/project/project.hpp"

namespace armature::cli {

namespace {

using terminal::Arguments;
using terminal::Command;
using terminal::Option;
using terminal::Terminal;

constexpr Option json{"--json", 'j', "", "for machines"};

constexpr Option routes_options[] = {
    json,
    {"--markdown", '\0', "", "a table for a page"},
    {"--method", 'm', "METHOD", "only these, such as GET"},
    {"--path", 'p', "GLOB", "only these, such as '/users/*'"},
    {"--why", 'w', "REQUEST", "which route answers \"GET /users/1\", and why"},
    {"--lint", 'l', "", "which routes hide others"},
    preset_option,
    program_option,
};
constexpr Option openapi_options[] = {
    {"--yaml", 'y', "", "YAML instead of JSON"},
    preset_option,
    program_option,
};
constexpr Option config_options[] = {json, preset_option, program_option};

// The command's name and the options that are the program's, as they were given.
std::vector<std::string> passed_on(std::string_view name, std::span<const Option> options,
                                   const Arguments& arguments) {
    std::vector<std::string> words{std::string{name}};
    for (const Option& option : options) {
        if (option.name == preset_option.name || option.name == program_option.name) continue;
        for (const std::string_view value : arguments.values(option.name)) {
            words.emplace_back(option.name);
            if (!option.value.empty()) words.emplace_back(value);
        }
    }
    return words;
}

int run_routes(const Arguments& arguments, Terminal& terminal) {
    return ask_program(arguments, passed_on("routes", routes_options, arguments), terminal);
}
int run_openapi(const Arguments& arguments, Terminal& terminal) {
    return ask_program(arguments, passed_on("openapi", openapi_options, arguments), terminal);
}
int run_config(const Arguments& arguments, Terminal& terminal) {
    return ask_program(arguments, passed_on("config", config_options, arguments), terminal);
}
int run_run(const Arguments& arguments, Terminal& terminal) {
    return ask_program({}, arguments.rest(), terminal);
}
int run_seed(const Arguments& arguments, Terminal& terminal) {
    std::vector<std::string> words{"db:seed"};
    words.insert(words.end(), arguments.rest().begin(), arguments.rest().end());
    return ask_program({}, words, terminal);
}

} // namespace

const Command routes{
    .name = "routes",
    .words = {},
    .summary = "Lists the project's routes, with the final order of their middleware",
    .options = routes_options,
    .details = "Builds the program if needed, and asks it. Exit status of --why: 0 if a route "
               "answers, 1 if none does;\nof --lint: 1 if a request is answered with 405 though "
               "a route has its method, which another one's\npath hides.\n"
               "\n"
               "  armature routes --method POST --path '/api/*'\n"
               "  armature routes --why \"GET /users/1\"\n"
               "  armature routes --lint\n"
               "  armature routes --json | jq -r '.[].pattern'\n",
    .run = run_routes,
};
const Command project_openapi{
    .name = "openapi",
    .words = {},
    .summary = "Prints the project's OpenAPI document",
    .options = openapi_options,
    .details = "  armature openapi > openapi.json\n",
    .run = run_openapi,
};
const Command config{
    .name = "config",
    .words = {},
    .summary = "Lists the project's settings, and where each came from; secrets are masked",
    .options = config_options,
    .details = {},
    .run = run_config,
};
const Command run{
    .name = "run",
    .words = "[WORDS]",
    .summary = "Builds the project's program and runs it; without words it serves",
    .options = {},
    .details = "All words are the program's.\n"
               "\n"
               "  armature run\n"
               "  armature run --listen=127.0.0.1:8081\n"
               "  armature run help\n",
    .run = run_run,
    .passes_on = true,
};
const Command db_seed{
    .name = "db:seed",
    .words = "[WORDS]",
    .summary = "Fills the project's database, as its program says",
    .options = {},
    .details = "Builds the program if needed, and passes the words on: it has to have a command "
               "db:seed.\n",
    .run = run_seed,
    .passes_on = true,
};

} // namespace armature::cli
