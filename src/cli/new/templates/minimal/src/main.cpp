#include "app.hpp"
#include "settings.hpp"

#include <armature/program/program.hpp>

int main(int argc, char* argv[]) {
    armature::Program program{argc, argv};
    armature::config::Loader loader;
    loader.dotenv().environment("{{NAME}}").arguments(program.option_count(), argv);
    const auto settings = loader.load_or_exit<{{name}}::Settings>({{name}}::read_settings);
    return program.version("0.1.0").config(loader).run({{name}}::make_app, settings.listen);
}
