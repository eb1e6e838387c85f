#include "migrations.hpp"

#include "exports.hpp"

using namespace armature;

namespace rest_api {

std::string database_url(const Settings& settings) { return "sqlite:" + settings.database; }

std::unique_ptr<db::Migrations> make_migrations(const Settings& settings) {
    db::MigrationOptions options;
    options.url = database_url(settings);
    options.models = db::models<Todo, ExportRow>(); // for `rest_api migrate diff`
    auto migrations = std::make_unique<db::Migrations>(options);
    migrations->add("1_todos.sql", R"sql(
-- migrate:up
CREATE TABLE todos (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL UNIQUE,
    done INTEGER NOT NULL
) STRICT;
-- migrate:down
DROP TABLE todos;
)sql");
    migrations->add("2_exports.sql", R"sql(
-- migrate:up
CREATE TABLE exports (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    todos TEXT
) STRICT;
-- migrate:down
DROP TABLE exports;
)sql");
    return migrations;
}

} // namespace rest_api
