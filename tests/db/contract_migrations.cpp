#include "db/migrations.hpp"

namespace db_tests {
namespace {

TEST_F(MigrationsOf, ApplyEachFileOnceAndInOrder) {
    write_usual();
    EXPECT_EQ(Migrations{migration_options()}.up(1), 1U);
    EXPECT_TRUE(has_table("users"));
    EXPECT_FALSE(has_table("posts"));
    EXPECT_EQ(Migrations{migration_options()}.up(), 2U);
    EXPECT_TRUE(has_table("posts"));
    EXPECT_EQ(await(db().one<std::string>("SELECT name FROM users")), "Ada; and 'others'");
    EXPECT_EQ(Migrations{migration_options()}.up(), 0U);
    Migrations migrations{migration_options()};
    const auto all = migrations.status();
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[2].version, "10");
    EXPECT_EQ(all[2].name, "index");
    EXPECT_THAT(all[2].applied_at, ::testing::MatchesRegex("20..-..-..T..:..:..Z"));

    EXPECT_EQ(migrations.down(), 1U);
    EXPECT_THAT(states(), ElementsAre(MigrationState::applied, MigrationState::applied,
                                      MigrationState::pending));
    migrations.redo();
    EXPECT_EQ(migrations.to("10"), 1U);
    EXPECT_EQ(migrations.to("1"), 2U);
    EXPECT_FALSE(has_table("posts"));
    EXPECT_EQ(migrations.to("0"), 1U);
    EXPECT_FALSE(has_table("users"));
    EXPECT_EQ(migrations.down(), 0U);
    EXPECT_EQ(migrations.to("2"), 2U);
    EXPECT_THROW(migrations.to("3"), MigrationError);
}

TEST_F(MigrationsOf, LeaveNothingOfOneThatFails) {
    if (is_mariadb()) GTEST_SKIP() << "MariaDB can't roll back changes of the schema";
    write_usual();
    const std::string path =
        write("3_bad.sql", "-- migrate:up\nCREATE TABLE one (id INTEGER);\n\n"
                           "/* ü; */ INSERT INTO one VALUES (1);\n"
                           "  SELECT 'grüße', absent\n    FROM nowhere;\n-- migrate:down\n");
    const std::string error = error_of_up(migration_options());
    // PostgreSQL says where in the statement, SQLite that there is no such table.
    EXPECT_THAT(error, HasSubstr(path + (is_sqlite() ? ":5:3: " : ":6:10: ")));
    EXPECT_THAT(error, HasSubstr("nowhere"));
    EXPECT_FALSE(has_table("one"));
    EXPECT_TRUE(has_table("posts")) << "those before it stay";
    EXPECT_THAT(states(), ElementsAre(MigrationState::applied, MigrationState::applied,
                                      MigrationState::pending, MigrationState::pending));
    write("3_bad.sql", "-- migrate:up\nCREATE TABLE one (id INTEGER);\n-- migrate:down\n");
    EXPECT_EQ(Migrations{migration_options()}.up(), 2U) << "nothing was to be repaired";
    EXPECT_TRUE(has_table("one"));
    write("4_typo.sql", "-- migrate:up\nCREATE TABLE two (id INTEGER);\nCREATE TABEL x (y int);\n");
    EXPECT_THAT(error_of_up(migration_options()), HasSubstr("4_typo.sql:3:8: "));
}

TEST_F(MigrationsOf, NoticeFilesThatWereEditedOrAreGone) {
    write_usual();
    Migrations{migration_options()}.up();
    const std::string path = write("002_posts.up.sql", "CREATE TABLE posts (id INTEGER);");
    EXPECT_EQ(states()[1], MigrationState::changed);
    EXPECT_THAT(error_of_up(migration_options()), HasSubstr(path + ": was edited after it"));
    EXPECT_EQ(Migrations{migration_options()}.repair(), 1U);
    EXPECT_EQ(Migrations{migration_options()}.up(), 0U);
    std::filesystem::remove(folder.file("10_index.sql"));
    EXPECT_EQ(states()[2], MigrationState::missing);
    MigrationOptions strict = migration_options();
    strict.strict = true;
    EXPECT_THAT(error_of_up(strict), HasSubstr("10_index: was applied, but its file is gone"));
    EXPECT_EQ(Migrations{migration_options()}.up(), 0U);
    EXPECT_EQ(Migrations{migration_options()}.repair(), 1U);
    EXPECT_EQ(states().size(), 2U);
    // Line endings don't count.
    write("1_users.sql", "-- migrate:up\r\nCREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT "
                         "NOT NULL);\r\nINSERT INTO users VALUES (1, 'Ada; and ''others''');\r\n"
                         "-- migrate:down\r\nDROP TABLE users;\r\n");
    EXPECT_EQ(states()[0], MigrationState::applied);
}

TEST_F(MigrationsOf, ApplyWhatABranchBroughtLater) {
    write_usual();
    Migrations{migration_options()}.up();
    write("5_branch.sql", "-- migrate:up\nCREATE TABLE branch (id INTEGER);\n");
    EXPECT_TRUE(Migrations{migration_options()}.status()[2].is_out_of_order);
    MigrationOptions strict = migration_options();
    strict.strict = true;
    EXPECT_THAT(error_of_up(strict), HasSubstr("5_branch.sql: is older than one that was applied"));
    EXPECT_EQ(Migrations{migration_options()}.up(), 1U);
}

TEST_F(MigrationsOf, RefuseFilesThatAreWrong) {
    const auto refused = [&](const std::string& name, const std::string& text) {
        const std::string path = write(name, text);
        const std::string error = error_of_up(migration_options());
        std::filesystem::remove(path);
        return error;
    };
    EXPECT_THAT(refused("users.sql", "-- migrate:up\n"), HasSubstr("is called VERSION_name.sql"));
    EXPECT_THAT(refused("1_x.sql", "SELECT 1;"), HasSubstr("no line '-- migrate:up'"));
    EXPECT_THAT(refused("1_x.sql", "-- comment\nSELECT 1;\n-- migrate:up\n"),
                HasSubstr("1_x.sql:2:1: statements before"));
    EXPECT_THAT(refused("1_x.down.sql", "SELECT 1;"), HasSubstr("there is no 1_x.up.sql"));
    write("1_users.sql", "-- migrate:up\n");
    EXPECT_THAT(refused("001_other.sql", "-- migrate:up\n"), HasSubstr("is taken by"));
    EXPECT_EQ(Migrations{migration_options()}.up(), 1U);
    EXPECT_THAT([&] { Migrations{migration_options()}.down(); },
                ::testing::ThrowsMessage<MigrationError>(HasSubstr("has nothing that reverts it")));
    MigrationOptions nowhere = migration_options();
    nowhere.folder = folder.file("nowhere");
    EXPECT_THAT(error_of_up(nowhere), HasSubstr("No such file"));
    MigrationOptions no_url;
    EXPECT_THROW(Migrations{no_url}, std::invalid_argument);
}

TEST_F(MigrationsOf, KnowWhereStatementsEnd) {
    if (is_sqlite())
        write("1_bodies.sql",
              "-- migrate:up\nCREATE TABLE t (id INTEGER, x TEXT);\nCREATE TABLE log (x TEXT);\n"
              "CREATE TRIGGER copy AFTER INSERT ON t WHEN new.x <> ';' BEGIN\n"
              "  INSERT INTO log VALUES (CASE WHEN new.id > 1 THEN 'many;' ELSE 'one;' END);\n"
              "  INSERT INTO log VALUES ('second'); -- end; \nEND;\n"
              "INSERT INTO t VALUES (1, 'a');\n-- migrate:down\nDROP TABLE t; DROP TABLE log;\n");
    else if (is_mariadb())
        write(
            "1_bodies.sql",
            "-- migrate:up\nCREATE TABLE t (id INTEGER, x TEXT);\nCREATE TABLE log (x TEXT);\n"
            "CREATE TRIGGER copy AFTER INSERT ON t FOR EACH ROW IF new.x <> ';' THEN\n"
            "  INSERT INTO log VALUES (CASE WHEN new.id > 1 THEN 'many;' ELSE 'one;' END);\n"
            "  INSERT INTO log VALUES (IF(new.id = 1, REPEAT('second', 1), '')); # end; \nEND IF;\n"
            "CREATE OR REPLACE DEFINER = `root`@`localhost` PROCEDURE p(IN n INTEGER)\n"
            "loops: BEGIN\n  DECLARE i INTEGER DEFAULT 0;\n"
            "  DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; END;\n"
            "  WHILE i < n DO SET i = i + 1; IF i = 5 THEN LEAVE loops; END IF; END WHILE;\n"
            "  REPEAT SET i = i - 1; UNTIL i <= 0 END REPEAT;\n"
            "  FOR k IN 1..2 DO SELECT k; END FOR;\n"
            "  CASE n WHEN 1 THEN SELECT 1; ELSE BEGIN END; END CASE;\nEND;\n"
            "CREATE FUNCTION IF NOT EXISTS f(a INTEGER) RETURNS INTEGER DETERMINISTIC RETURN a;\n"
            "/*!50003 CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS '2026-01-01' DO BEGIN SELECT "
            "1; END */;\n"
            "BEGIN NOT ATOMIC SELECT 1; SELECT 2; END;\nSELECT 5--3;\n"
            "INSERT INTO t VALUES (1, 'it\\'s; \\\\'), (1, ';');\n-- migrate:down\n"
            "DROP TABLE t; DROP TABLE log; DROP PROCEDURE p; DROP FUNCTION f; DROP EVENT e;\n");
    else
        write(
            "1_bodies.sql",
            "-- migrate:up\nCREATE TABLE t (id INTEGER, x TEXT);\nCREATE TABLE log (x TEXT);\n"
            "CREATE FUNCTION copy() RETURNS trigger LANGUAGE plpgsql AS $body$\nBEGIN\n"
            "  INSERT INTO log VALUES (CASE WHEN new.id > 1 THEN 'many;' ELSE 'one;' END);\n"
            "  INSERT INTO log VALUES ('second'); RETURN new;\nEND;\n$body$;\n"
            "CREATE FUNCTION sum_of(a integer, b integer) RETURNS integer LANGUAGE sql\n"
            "  BEGIN ATOMIC SELECT 1; SELECT CASE WHEN a > 0 THEN a ELSE 0 END + b; END;\n"
            "CREATE TRIGGER copy AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION copy();\n"
            "INSERT INTO t VALUES (1, E'it\\'s;');\n-- migrate:down\nDROP TABLE t; DROP TABLE log; "
            "DROP FUNCTION copy; DROP FUNCTION sum_of;\n");
    Migrations migrations{migration_options()};
    EXPECT_EQ(migrations.up(), 1U);
    EXPECT_EQ(await(db().all<std::string>("SELECT x FROM log ORDER BY x")),
              (std::vector<std::string>{"one;", "second"}));
    EXPECT_THAT(migrations.verify(), IsEmpty());
}

TEST_F(MigrationsOf, MayRunWithoutATransaction) {
    write_usual();
    write(
        "11_apart.sql",
        in_its_words("-- migrate:up transaction:false\nVACUUM;\nCREATE TABLE a (x INTEGER);\n"
                     "CREATE TABLE a (x INTEGER);\nCREATE TABLE b (x INTEGER);\n"
                     "-- migrate:down transaction:false\nDROP TABLE b;\nDROP TABLE a;\nVACUUM;\n",
                     "-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY names ON users "
                     "(name);\nCREATE TABLE a (x INTEGER);\nCREATE TABLE a (x INTEGER);\nCREATE "
                     "TABLE b (x INTEGER);\n-- migrate:down transaction:false\nDROP TABLE b;\n"
                     "DROP TABLE a;\nDROP INDEX CONCURRENTLY names;\n",
                     "-- migrate:up transaction:false\nCREATE INDEX names ON users (name(9));\n"
                     "CREATE TABLE a (x INTEGER);\nCREATE TABLE a (x INTEGER);\nCREATE TABLE b (x "
                     "INTEGER);\n-- migrate:down transaction:false\nDROP TABLE b;\nDROP TABLE a;\n"
                     "DROP INDEX names ON users;\n"));
    EXPECT_THAT(error_of_up(migration_options()), HasSubstr("11_apart.sql:4:"));
    EXPECT_EQ(states()[3], MigrationState::partial);
    EXPECT_TRUE(has_table("a"));
    run("DROP TABLE a");
    EXPECT_EQ(Migrations{migration_options()}.up(), 1U) << "goes on at that statement";
    EXPECT_TRUE(has_table("b"));
    EXPECT_EQ(states()[3], MigrationState::applied);
    run("CREATE TABLE IF NOT EXISTS a (x INTEGER)");
    EXPECT_EQ(Migrations{migration_options()}.down(), 1U);
    EXPECT_FALSE(has_table("b"));
}

TEST_F(MigrationsOf, AreHalfDoneNeverWhereverTheProcessDies) {
    if (is_mariadb()) GTEST_SKIP() << "MariaDB can't roll back changes of the schema";
    write("1_three.sql",
          "-- migrate:up\nCREATE TABLE a (x INTEGER);\nCREATE TABLE b (x INTEGER);\n"
          "INSERT INTO a VALUES (1);\n-- migrate:down\nDROP TABLE a;\nDROP TABLE b;\n");
    const auto expect = [&](bool applied) {
        EXPECT_EQ(has_table("a"), applied);
        EXPECT_EQ(has_table("b"), applied);
        EXPECT_THAT(states(),
                    ElementsAre(applied ? MigrationState::applied : MigrationState::pending));
    };
    for (int at = 0; at <= 3; ++at) {
        EXPECT_EQ(migrate("up", "KILL_AT=" + std::to_string(at)).status, 128 + SIGKILL);
        expect(false);
    }
    EXPECT_EQ(migrate("up").status, 0);
    expect(true);
    for (int at = 0; at <= 2; ++at) {
        EXPECT_EQ(migrate("down", "KILL_AT=" + std::to_string(at)).status, 128 + SIGKILL);
        expect(true);
    }
    EXPECT_EQ(migrate("down").status, 0);
    expect(false);
}

TEST_F(MigrationsOf, RunOnceHoweverManyProcessesBegin) {
    run("CREATE TABLE ran (what INTEGER)");
    for (int i = 1; i <= 5; ++i)
        write(std::to_string(i) + "_insert.sql",
              std::string{"-- migrate:up"} + (i == 3 ? " transaction:false" : "") +
                  "\nINSERT INTO ran VALUES (" + std::to_string(i) + ");\n");
    std::vector<std::unique_ptr<Process>> processes;
    for (int i = 0; i < 8; ++i)
        processes.push_back(std::make_unique<Process>(program("up")));
    for (const auto& process : processes) {
        EXPECT_EQ(process->wait(), 0) << process->output();
    }
    EXPECT_EQ(await(db().all<int>("SELECT what FROM ran ORDER BY what")),
              (std::vector{1, 2, 3, 4, 5}));
    std::string said;
    for (const auto& process : processes)
        said += process->output();
    for (int i = 1; i <= 5; ++i) {
        const std::string line = "applied " + std::to_string(i) + " insert";
        const std::size_t first = said.find(line);
        EXPECT_NE(first, std::string::npos);
        EXPECT_EQ(said.find(line, first + 1), std::string::npos) << said;
    }
}

TEST_F(MigrationsOf, AreVerifiedInADatabaseOfTheirOwn) {
    write_usual();
    EXPECT_THAT(Migrations{migration_options()}.verify(), IsEmpty());
    EXPECT_FALSE(has_table("users"));
    write("20_forgets.sql", "-- migrate:up\nCREATE TABLE kept (x INTEGER);\nCREATE INDEX kept_x ON "
                            "users (id);\n-- migrate:down\nDROP TABLE kept;\n");
    const std::vector<std::string> faults = Migrations{migration_options()}.verify();
    ASSERT_EQ(faults.size(), 2U);
    EXPECT_THAT(faults[0], HasSubstr("20_forgets.sql: down doesn't lead back: "));
    // MariaDB says a table with its indices; the line before it has a comma more.
    EXPECT_THAT(faults[0], HasSubstr(is_mariadb() ? "PRIMARY KEY (`id`),'" : "kept_x"));
    EXPECT_THAT(faults[1], HasSubstr("up after down fails"));
}

TEST_F(MigrationsOf, HaveACommandLine) {
    EXPECT_EQ(armature::testing::run({MIGRATE_PROGRAM}).output, "the program itself\n");
    const Ran made = migrate("new 'add users!'");
    EXPECT_THAT(made.output, ::testing::MatchesRegex("./[0-9]{14}_add_users_.sql\n"));
    EXPECT_EQ(migrate("check").output, "1 migrations are well-formed\n");
    std::filesystem::remove(folder.file(made.output.substr(2, made.output.size() - 3)));
    write_usual();
    EXPECT_EQ(migrate("status --exit-code").status, 2);
    EXPECT_THAT(migrate("up --dry-run").output, HasSubstr("-- ./1_users.sql\nCREATE TABLE users"));
    EXPECT_FALSE(has_table("users"));
    const Ran up = migrate("up --schema-file schema.txt");
    EXPECT_EQ(up.status, 0);
    EXPECT_THAT(up.output, HasSubstr("applied 1 users ("));
    std::ifstream schema{folder.file("schema.txt")};
    const std::string dumped{std::istreambuf_iterator<char>{schema}, {}};
    EXPECT_THAT(dumped, HasSubstr("posts_author"));
    EXPECT_THAT(dumped, ::testing::Not(HasSubstr("armature_migrations")));
    EXPECT_EQ(migrate("dump").output, dumped);
    EXPECT_EQ(migrate("up").output, "nothing is pending\n");
    const Ran status = migrate("status --exit-code --json");
    EXPECT_EQ(status.status, 0);
    EXPECT_THAT(status.output, ::testing::StartsWith(
                                   "[{\"version\":\"1\",\"name\":\"users\",\"state\":\"applied\""));
    EXPECT_EQ(migrate("down 2").output, "reverted 10 index\nreverted 002 posts\n");
    EXPECT_EQ(migrate("verify").output, "3 migrations lead up, down and up again\n");
    for (const char* wrong : {"upp", "up --colour", "to", "down x", "--dir"}) {
        const Ran ran = migrate(wrong);
        EXPECT_EQ(ran.status, 1) << wrong;
        EXPECT_THAT(ran.output, ::testing::StartsWith("migrate: "));
    }
    EXPECT_EQ(migrate("help").status, 0);
    EXPECT_THAT(
        armature::testing::run({"env", "-u", "DATABASE_URL", MIGRATE_PROGRAM, "migrate"}).output,
        HasSubstr("up [COUNT]"))
        << "without a database too";
}

TEST_F(MigrationsOf, AreLookedAtForWhatHurts) {
    write_usual();
    EXPECT_EQ(migrate("lint").status, is_sqlite() || is_mariadb() ? 0 : 1)
        << "PostgreSQL's index blocks";
    write("10_index.sql", "-- migrate:up\n-- lint:ignore blocking-index: it is small\n"
                          "CREATE INDEX posts_author ON posts (author);\n");
    EXPECT_EQ(migrate("lint").output, "nothing in the migrations would hurt a database in use\n");
    write("11_drop.sql", "-- migrate:up\nSELECT 1;\nALTER TABLE users DROP COLUMN name;\n");
    const Ran ran = migrate("lint");
    EXPECT_EQ(ran.status, 1);
    EXPECT_EQ(ran.output,
              "./11_drop.sql:3:1: drop-column: programs that still run read and write it\n"
              "    instead: release a version that doesn't use it, then drop it in a later "
              "migration\n"
              "1 found; '-- lint:ignore RULE: why' before a statement accepts it\n");
    EXPECT_THAT(migrate("lint --json").output,
                ::testing::StartsWith("[{\"file\":\"./11_drop.sql\",\"line\":3,\"column\":1,"
                                      "\"rule\":\"drop-column\",\"why\":\""));
    EXPECT_EQ(migrate("lint --since 11").status, 0);
}

TEST_F(MigrationsOf, MakeRemoveAndAwaitTheDatabase) {
    const std::string name = "shop_" + std::to_string(::getpid());
    const std::string url =
        is_sqlite()
            ? "sqlite:" + folder.file("shop.db")
            : place->url().replace(place->url().find("/test_") + 1,
                                   place->url().find('?') - place->url().find("/test_") - 1, name);
    const auto ran = [&](const std::string& arguments) {
        return armature::testing::run(
            {"env", "DATABASE_URL=" + url, MIGRATE_PROGRAM, "migrate", arguments});
    };
    EXPECT_EQ(ran("create").output, "created\n");
    EXPECT_EQ(ran("create").output, "it is there already\n");
    EXPECT_EQ(ran("wait").status, 0);
    EXPECT_EQ(ran("drop").output, "dropped\n");
    EXPECT_EQ(ran("drop").output, "it wasn't there\n");
    const Ran waited = armature::testing::run(
        {"env",
         std::string{"DATABASE_URL="} + in_its_words("sqlite:/nowhere/x.db",
                                                     "postgresql:///x?host=/nowhere",
                                                     "mariadb://x@/x?socket=/nowhere"),
         MIGRATE_PROGRAM, "migrate", "wait", "--timeout", "1"});
    EXPECT_EQ(waited.status, 1);
    EXPECT_THAT(waited.output, HasSubstr("the database doesn't answer: "));
    EXPECT_THAT(ran("upp").output, HasSubstr("there is no command upp; did you mean up?"));
}

TEST_F(MigrationsOf, MayBeCompiledIn) {
    MigrationOptions options = migration_options();
    options.folder = folder.file("nowhere");
    Migrations migrations{options};
    migrations.add("1_t.sql", "-- migrate:up\nCREATE TABLE t (x INTEGER);\n");
    EXPECT_EQ(migrations.up(), 1U);
    EXPECT_TRUE(has_table("t"));
}

TEST_F(MigrationsOf, TakeOverWhatOtherToolsApplied) {
    const std::string boolean = is_sqlite() ? "INTEGER" : "boolean";
    const std::string yes = is_sqlite() ? "1" : "true";
    const std::string no = is_sqlite() ? "0" : "false";
    struct Tool {
        std::string name, table, create, insert;
    };
    const std::vector<Tool> tools = {
        {"dbmate", "schema_migrations", "(version varchar(128) primary key)",
         "VALUES ('1'), ('002')"},
        {"golang-migrate", "schema_migrations",
         "(version bigint not null primary key, dirty " + boolean + " not null)",
         "VALUES (2, " + no + ")"},
        {"sqlx", "_sqlx_migrations",
         "(version bigint, description text, success " + boolean + ", checksum text)",
         "VALUES (1, 'users', " + yes + ", ''), (2, 'posts', " + yes + ", ''), (10, 'x', " + no +
             ", '')"},
        {"Flyway", "flyway_schema_history",
         "(installed_rank integer, version varchar(50), type varchar(20), success " + boolean + ")",
         "VALUES (1, '1', 'SQL', " + yes + "), (2, '2', 'SQL', " + yes + "), (3, NULL, 'SQL', " +
             yes + ")"},
        {"goose", "goose_db_version", "(id integer, version_id bigint, is_applied " + boolean + ")",
         "VALUES (1, 0, " + yes + "), (2, 1, " + yes + "), (3, 2, " + yes + ")"},
        {"Knex", "knex_migrations", "(id integer, name text, migration_time text)",
         "VALUES (1, '1_users.js', ''), (2, '002_posts.js', '')"},
        {"Sequelize", "\"SequelizeMeta\"", "(name text)", "VALUES ('1_users.js'), ('2_posts.js')"},
        {"Prisma", "_prisma_migrations",
         "(migration_name text, finished_at text, rolled_back_at text)",
         "VALUES ('1_users', 'x', NULL), ('2_posts', 'x', NULL), ('10_index', NULL, NULL)"},
        {"Django", "django_migrations", "(id integer, app text, name text, applied text)",
         "VALUES (1, 'auth', '0012_x', ''), (2, 'shop', '0001_users', ''), (3, 'shop', "
         "'0002_posts', '')"},
    };
    write_usual();
    for (const Tool& tool : tools) {
        SCOPED_TRACE(tool.name);
        run("CREATE TABLE " + tool.table + ' ' + tool.create);
        run("INSERT INTO " + tool.table + ' ' + tool.insert);
        EXPECT_EQ(Migrations{migration_options()}.adopt(), 2U);
        EXPECT_THAT(states(), ElementsAre(MigrationState::applied, MigrationState::applied,
                                          MigrationState::pending));
        run("DROP TABLE " + tool.table);
        run("DROP TABLE armature_migrations");
    }
    EXPECT_THROW(Migrations{migration_options()}.adopt(), MigrationError);
    run("CREATE TABLE schema_migrations (version bigint, dirty " + boolean + ")");
    run("INSERT INTO schema_migrations VALUES (2, " + yes + ")");
    EXPECT_THROW(Migrations{migration_options()}.adopt(), MigrationError) << "it is dirty";
    EXPECT_EQ(Migrations{migration_options()}.baseline("2"), 2U);
}

} // namespace
} // namespace db_tests
