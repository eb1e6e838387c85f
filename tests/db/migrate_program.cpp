// A user's program: `migrate_program migrate up …`. With KILL_AT=N it dies before its Nth
// statement, as by a power cut.
#include <armature/db/migrations.hpp>
#include <armature/db/model.hpp>

#include <signal.h>
#include <stdlib.h>

#include <cstdio>
#include <string>
#include <vector>

struct Note {
    std::int64_t id = 0;
    std::string text;
};
ARMATURE_DESCRIBE(Note, id, text);
ARMATURE_MODEL(Note, "notes");

int main(int argc, char** argv) {
    using namespace armature;
    const char* const kill_at = ::getenv("KILL_AT");
    if (kill_at == nullptr) {
        db::MigrationOptions options;
        options.models = db::models<Note>();
        if (const auto status = db::migrate_command(argc, argv, options)) return *status;
        std::puts("the program itself");
        return 0;
    }
    db::Migrations migrations{db::MigrationOptions{}};
    static int left = std::atoi(kill_at);
    migrations.on_statement(
        [](void*, std::string_view, std::size_t) {
            if (left-- == 0) ::raise(SIGKILL);
        },
        nullptr);
    return migrations.command(std::vector<std::string>(argv + 2, argv + argc));
}
