#include "app.hpp"
#include "migrations.hpp"
#include "writers.hpp"

#include <armature/config/config.hpp>

#include <cstdio>
#include <stdexcept>
#include <string>
#include <string_view>

using namespace armature;
using rest_api::Settings;

// From rest_api.toml, .env, the environment (TODO_LISTEN) and the command line (--listen=…).
Settings read_settings(int argc, char* argv[], std::string& issue) {
    return config::Loader{}
        .file("rest_api.toml", config::Presence::optional)
        .dotenv()
        .environment("TODO")
        .arguments(argc, argv)
        .load_or_exit<Settings>([&](config::Reader& reader, Settings& settings) {
            reader.read("listen", settings.listen, config::not_empty());
            reader.read("database", settings.database, config::not_empty());
            reader.read("secret", settings.secret);
            reader.read("writes_per_minute", settings.writes_per_minute,
                        config::in_range(1, 100'000));
            reader.read("issue", issue); // whom to print a token for
        });
}

// `rest_api migrate status` and so on: the words behind are no settings.
int migrate(int argc, char* argv[]) {
    std::string issue;
    const Settings settings = read_settings(1, argv, issue);
    return rest_api::make_migrations(settings)->command({argv + 2, argv + argc});
}

int main(int argc, char* argv[]) {
    try {
        if (argc > 1 && std::string_view{argv[1]} == "migrate") return migrate(argc, argv);
        if (argc > 1 && std::string_view{argv[1]}.starts_with("--openapi")) {
            const Settings any{.database = ":memory:"};
            return print_openapi(argc, argv, rest_api::make_app(any).build(),
                                 rest_api::describe_api())
                       ? 0
                       : 2;
        }
        std::string issue;
        const Settings settings = read_settings(argc, argv, issue);
        if (!issue.empty()) {
            std::printf("%s\n", rest_api::issue_token(settings, issue).c_str());
            return 0;
        }
        rest_api::make_migrations(settings)->up(); // several processes may start at a time
        return rest_api::make_app(settings).run(settings.listen);
    } catch (const db::MigrationError& error) {
        std::fprintf(stderr, "rest_api: %s\n", error.what());
        return 2;
    } catch (const std::invalid_argument& error) { // a secret that is too short
        std::fprintf(stderr, "rest_api: %s\n", error.what());
        return 2;
    }
}
