#pragma once

#include "db/support.hpp"
#include "support/process.hpp"

#include <armature/db/migrations.hpp>

#include <fstream>

namespace db_tests {

using armature::testing::Process;
using armature::testing::Ran;
using db::MigrationError;
using db::MigrationOptions;
using db::Migrations;
using db::MigrationState;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A database, and a folder of migrations.
class MigrationsOf : public OnEachDatabase {
  protected:
    std::string write(const std::string& name, const std::string& text) {
        const std::string path = folder.file(name);
        std::ofstream{path} << text;
        return path;
    }
    /// users, then posts, then an index.
    void write_usual() {
        write("1_users.sql", "-- migrate:up\nCREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT "
                             "NOT NULL);\nINSERT INTO users VALUES (1, 'Ada; and ''others''');\n"
                             "-- migrate:down\nDROP TABLE users;\n");
        write("002_posts.up.sql", "CREATE TABLE posts (id INTEGER PRIMARY KEY, author INTEGER NOT "
                                  "NULL REFERENCES users (id));");
        write("002_posts.down.sql", "DROP TABLE posts;");
        // MariaDB's foreign key would keep an index of its column alone.
        write("10_index.sql",
              is_mariadb() ? "-- migrate:up\nCREATE INDEX posts_author ON posts (id, author);\n"
                             "-- migrate:down\nDROP INDEX posts_author ON posts;\n"
                           : "-- migrate:up\nCREATE INDEX posts_author ON posts (author);\n"
                             "-- migrate:down\nDROP INDEX posts_author;\n");
    }
    [[nodiscard]] MigrationOptions migration_options() const {
        MigrationOptions made;
        made.url = place->url();
        made.folder = folder.path();
        return made;
    }
    std::string error_of_up(const MigrationOptions& options) {
        try {
            Migrations{options}.up();
        } catch (const MigrationError& error) {
            return error.what();
        }
        return "nothing was thrown";
    }
    bool has_table(const std::string& name) {
        const std::string sql = in_its_words(
            "SELECT count(*) FROM sqlite_schema WHERE name = $1",
            "SELECT count(*) FROM pg_class WHERE relname = $1",
            "SELECT count(*) FROM information_schema.tables WHERE table_schema = database() AND "
            "table_name = $1");
        std::vector<db::Value> values;
        values.emplace_back(name);
        return await(db().one<int>(Statement{Sql::trusted(sql), std::move(values)})) == 1;
    }
    std::vector<MigrationState> states() {
        std::vector<MigrationState> all;
        for (const auto& item : Migrations{migration_options()}.status())
            all.push_back(item.state);
        return all;
    }
    /// The program, with its arguments behind "migrate".
    std::vector<std::string> program(const std::string& arguments,
                                     const std::string& environment = "") const {
        return {"bash", "-c",
                "cd " + folder.path() + " && DATABASE_URL='" + place->url() + "' " + environment +
                    " exec " MIGRATE_PROGRAM " migrate --dir . " + arguments};
    }
    Ran migrate(const std::string& arguments, const std::string& environment = "") const {
        return armature::testing::run(program(arguments, environment));
    }

    Folder folder;
};

} // namespace db_tests
