#include "app.hpp"
#include "seeds.hpp"

#include <armature/db/migrations.hpp>
#include <armature/program/program.hpp>

#include <string>
#include <vector>

using namespace armature;

int main(int argc, char* argv[]) {
    Program program{argc, argv};
    config::Loader loader;
    loader.dotenv().environment("{{NAME}}").arguments(program.option_count(), argv);
    const auto settings = loader.load_or_exit<{{name}}::Settings>({{name}}::read_settings);
    return program.version("0.1.0")
        .config(loader)
        .openapi({{name}}::describe_api())
        .command("migrate", "Brings the database to the schema that db/migrations says",
                 [&](const std::vector<std::string>& words) {
                     return db::Migrations{{{name}}::migrations_of(settings)}.command(words);
                 })
        .command("db:seed", "Fills the database with made-up data, for development",
                 [&](const std::vector<std::string>& words) {
                     return {{name}}::run_seeds(settings, words);
                 })
        .run([&] { return {{name}}::make_app(settings); }, settings.listen);
}
