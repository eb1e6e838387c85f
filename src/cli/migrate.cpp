#include "cli/commands.hpp"
#include "cli/project/project.hpp"

#include <armature/db/migrations.hpp>

#include <filesystem>

namespace armature::cli {

namespace {

// In a project its own program migrates, which knows the database. What needs no database, and
// what is done outside of a project, is done here.
int run_migrate(const terminal::Arguments& arguments, terminal::Terminal& terminal) {
    std::vector<std::string> words = arguments.rest();
    const std::string command = words.empty() ? "help" : words[0];
    const std::optional<Project> project = Project::find();
    if (project && project->has_database) {
        if (command != "new" && command != "check" && command != "help") {
            words.insert(words.begin(), "migrate");
            return ask_program({}, words, terminal);
        }
        std::filesystem::current_path(project->root);
    }
    return db::Migrations{db::MigrationOptions{}}.command(arguments.rest());
}

} // namespace

const terminal::Command migrate{
    .name = "migrate",
    .words = "COMMAND",
    .summary = "Brings the database to the schema that db/migrations says",
    .options = {},
    .details = "In a project its own program does it, with the database of its settings; it is "
               "built if needed.\n"
               "Elsewhere the database is what DATABASE_URL in the environment says. "
               "'armature migrate help' lists the commands.\n"
               "\n"
               "  armature migrate new create_users\n"
               "  armature migrate status\n"
               "  DATABASE_URL=sqlite:app.db armature migrate up\n",
    .run = run_migrate,
    .passes_on = true,
};

} // namespace armature::cli
