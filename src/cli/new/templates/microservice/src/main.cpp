#include "app.hpp"

#include <armature/program/program.hpp>

using namespace armature;

int main(int argc, char* argv[]) {
    Program program{argc, argv};
    config::Loader loader;
    loader.dotenv().environment("{{NAME}}").arguments(program.option_count(), argv);
    const auto settings = loader.load_or_exit<{{name}}::Settings>({{name}}::read_settings);
    return program.version("0.1.0")
        .config(loader)
        .openapi({{name}}::describe_api())
        .run([&] { return {{name}}::make_app(settings); }, settings.listen);
}
