#include "cli/commands.hpp"

#include <armature/db/migrations.hpp>

namespace armature::cli {

namespace {

int run_migrate(const terminal::Arguments& arguments, terminal::Terminal&) {
    return db::Migrations{db::MigrationOptions{}}.command(arguments.rest());
}

} // namespace

const terminal::Command migrate{
    .name = "migrate",
    .words = "COMMAND",
    .summary = "Brings the database to the schema that db/migrations says",
    .options = {},
    .details = "The database is what DATABASE_URL in the environment says. "
               "'armature migrate help' lists the commands.\n"
               "\n"
               "  armature migrate new create_users\n"
               "  DATABASE_URL=sqlite:app.db armature migrate up\n",
    .run = run_migrate,
    .passes_on = true,
};

} // namespace armature::cli
