#include "app.hpp"

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

// DATABASE_URL=postgresql://… techempower [create]
int main(int argc, char* argv[]) {
    using namespace armature;
    try {
        const char* const url = std::getenv("DATABASE_URL");
        if (url == nullptr) throw std::invalid_argument("set DATABASE_URL to postgresql://…");
        db::DatabaseOptions options;
        options.url = url;
        options.max_connections = 32;
        const auto database = std::make_shared<db::Database>(options);
        if (argc > 1 && std::string_view{argv[1]} == "create") {
            LocalLoop{}.run(techempower::create_tables(*database));
            return 0;
        }
        const char* const listen = std::getenv("LISTEN");
        return techempower::make_app(database).run(listen != nullptr ? listen : "127.0.0.1:8080");
    } catch (const std::exception& error) {
        std::fprintf(stderr, "techempower: %s\n", error.what());
        return 2;
    }
}
