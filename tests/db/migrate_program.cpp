// A user's program: `migrate_program migrate up …`. With KILL_AT=N it dies before its Nth
// statement, as by a power cut.
#include <armature/db/migrations.hpp>

#include <signal.h>
#include <stdlib.h>

#include <cstdio>
#include <string>
#include <vector>

int main(int argc, char** argv) {
    using namespace armature;
    const char* const kill_at = ::getenv("KILL_AT");
    if (kill_at == nullptr) {
        if (const auto status = db::migrate_command(argc, argv, {})) return *status;
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
