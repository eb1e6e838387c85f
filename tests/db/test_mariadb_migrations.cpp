#include "db/migrations.hpp"

// What can't be one transaction: MariaDB commits each change of the schema by itself.

namespace db_tests {
namespace {

class SteppedMigrations : public MigrationsOf {
  protected:
    void SetUp() override {
        MigrationsOf::SetUp();
        if (!database) return;
        write("1_three.sql", "-- migrate:up\nCREATE TABLE a (x INTEGER);\nCREATE TABLE b (x "
                             "INTEGER);\nINSERT INTO a VALUES (1);\n-- migrate:down\nDROP TABLE "
                             "a;\nDROP TABLE b;\n");
    }
    std::string status() const { return migrate("status").output; }
    std::int64_t rows_of_a() { return await(db().one<std::int64_t>("SELECT count(*) FROM a")); }
    /// The first number that a query gives, once it gives one.
    std::int64_t await_one(const std::string& sql) {
        for (;;) {
            const auto found = await(db().first<std::int64_t>(Statement{Sql::trusted(sql), {}}));
            if (found) return *found;
        }
    }
    /// The server's session that runs a statement like it.
    std::int64_t await_session(const std::string& like) {
        return await_one("SELECT id FROM information_schema.processlist WHERE db = database() AND "
                         "info LIKE '" +
                         like + "'");
    }
    /// A process that is in the middle of changing a table, because another one reads it.
    std::int64_t begin_altering() {
        write("2_alter.sql", "-- migrate:up\nCREATE TABLE c (x INTEGER);\nALTER TABLE a ADD COLUMN "
                             "y INTEGER;\nCREATE TABLE d (x INTEGER);\n-- migrate:down\nDROP TABLE "
                             "d;\nALTER TABLE a DROP COLUMN y;\nDROP TABLE c;\n");
        EXPECT_EQ(Migrations{migration_options()}.up(1), 1U);
        reader.emplace(await(db().begin()));
        (void)await(reader->query("SELECT * FROM a"));
        process.emplace(program("up --lock-timeout 600"));
        return await_session("ALTER TABLE a%");
    }
    void kill_process() {
        process->signal(SIGKILL);
        EXPECT_EQ(process->wait(), 128 + SIGKILL);
    }
    void await_end_of(std::int64_t session) {
        await_one("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM information_schema.processlist WHERE "
                  "id = " +
                  std::to_string(session) + ")");
    }

    std::optional<Transaction> reader;
    std::optional<Process> process;
};

TEST_F(SteppedMigrations, GoOnWhereTheProcessDiedBetweenTwoStatements) {
    EXPECT_EQ(migrate("up", "KILL_AT=0").status, 128 + SIGKILL);
    EXPECT_THAT(status(), HasSubstr("partial  1 three"));
    EXPECT_EQ(migrate("up", "KILL_AT=1").status, 128 + SIGKILL);
    EXPECT_TRUE(has_table("a"));
    EXPECT_FALSE(has_table("b"));
    EXPECT_THAT(status(), HasSubstr("  at ./1_three.sql:3:1, statement 2 of 3"));
    EXPECT_THAT(migrate("status --json").output,
                HasSubstr("\"state\":\"partial\",\"applied_at\":\"2"));
    EXPECT_EQ(migrate("status --exit-code").status, 2);
    EXPECT_EQ(migrate("repair").output, "nothing is to be repaired\n")
        << "there is nothing to be found out";
    EXPECT_EQ(migrate("up", "KILL_AT=1").status, 128 + SIGKILL);
    EXPECT_THAT(status(), HasSubstr("statement 3 of 3"));
    EXPECT_EQ(migrate("up", "KILL_AT=1").status, 128 + SIGKILL) << "behind the last one";
    EXPECT_EQ(rows_of_a(), 1);
    EXPECT_EQ(migrate("up").status, 0);
    EXPECT_EQ(rows_of_a(), 1) << "not twice";
    EXPECT_THAT(states(), ElementsAre(MigrationState::applied));

    EXPECT_EQ(migrate("down", "KILL_AT=1").status, 128 + SIGKILL);
    EXPECT_FALSE(has_table("a"));
    EXPECT_THAT(status(), HasSubstr("  at ./1_three.sql:7:1, statement 2 of 2"));
    EXPECT_THAT(migrate("up").output, HasSubstr("is where 'migrate down' stopped"));
    EXPECT_EQ(migrate("down").status, 0);
    EXPECT_FALSE(has_table("b"));
    EXPECT_THAT(states(), ElementsAre(MigrationState::pending));
}

TEST_F(SteppedMigrations, GoOnAtTheStatementThatFailedOnceItIsMended) {
    const std::string bad = "-- migrate:up\nCREATE TABLE one (id INTEGER);\n\n"
                            "/* ü; */ INSERT INTO one VALUES (1);\n";
    const std::string path = write("3_bad.sql", bad + "  SELECT 'grüße', 1 FRMO x y;\n");
    EXPECT_THAT(error_of_up(migration_options()), HasSubstr(path + ":5:26: MariaDB: "));
    EXPECT_THAT(states(), ElementsAre(MigrationState::applied, MigrationState::partial));
    write("3_bad.sql", "-- migrate:up\nCREATE TABLE two (id INTEGER);\nINSERT INTO one VALUES "
                       "(1);\nSELECT 1;\n");
    EXPECT_THAT(error_of_up(migration_options()),
                HasSubstr("of its statements the first 2 were done, and then edited"));
    write("3_bad.sql", bad + "INSERT INTO one VALUES (2);\nINSERT INTO one VALUES (3);\n");
    EXPECT_EQ(Migrations{migration_options()}.up(), 1U);
    EXPECT_EQ(await(db().all<int>("SELECT id FROM one ORDER BY id")), (std::vector{1, 2, 3}));
    EXPECT_THAT(states(), ElementsAre(MigrationState::applied, MigrationState::applied));

    // Nothing is left of one whose first statement failed.
    write("4_typo.sql", "-- migrate:up\nCREATE TABEL x (y int);\n");
    EXPECT_THAT(error_of_up(migration_options()), HasSubstr("4_typo.sql:2:8: "));
    EXPECT_EQ(states()[2], MigrationState::pending);
    // Nor of a failed `down`, if it was its first.
    write("3_bad.sql", bad + "INSERT INTO one VALUES (2);\nINSERT INTO one VALUES (3);\n-- "
                             "migrate:down\nDROP TABLE absent;\n");
    EXPECT_THROW(Migrations{migration_options()}.down(), MigrationError);
    EXPECT_EQ(states()[1], MigrationState::applied);
}

TEST_F(SteppedMigrations, AreBrokenWhereTheProcessDiedAndMendedIfTheStatementWasDone) {
    const std::int64_t session = begin_altering();
    EXPECT_THAT(status(), HasSubstr("partial  2 alter")) << "it is under way, and not broken";
    kill_process();
    await(reader->rollback()); // and the server does what it was told
    await_end_of(session);
    const std::string at = "./2_alter.sql:3:1, statement 2 of 3";
    EXPECT_THAT(status(), HasSubstr("broken  2 alter"));
    EXPECT_THAT(status(), HasSubstr("  at " + at));
    const Ran refused = migrate("up");
    EXPECT_EQ(refused.status, 1);
    EXPECT_THAT(refused.output, HasSubstr(at + ": its process died in the middle of it"));
    EXPECT_EQ(migrate("repair").output, at + ": was done\nrepaired 2 alter\n");
    EXPECT_EQ(migrate("up").status, 0);
    EXPECT_TRUE(has_table("d"));
    EXPECT_THAT(states(), ElementsAre(MigrationState::applied, MigrationState::applied));
}

TEST_F(SteppedMigrations, AreMendedIfTheStatementWasNotDone) {
    const std::int64_t session = begin_altering();
    kill_process();
    run("KILL " + std::to_string(session));
    await_end_of(session);
    await(reader->rollback());
    EXPECT_THAT(status(), HasSubstr("broken  2 alter"));
    EXPECT_THAT(migrate("repair").output, HasSubstr("statement 2 of 3: wasn't done\n"));
    EXPECT_EQ(migrate("up").status, 0);
    EXPECT_EQ(await(db().query("SELECT * FROM a")).columns().size(), 2U);
    EXPECT_TRUE(has_table("d"));
}

TEST_F(SteppedMigrations, ReadFilesAsMariadbsOwnClientDoes) {
    write("2_default.sql",
          "-- migrate:up\nCREATE TABLE `q` (`order` TEXT);\nINSERT INTO `q` VALUES "
          "(\"it's\"), ('a\\'b');\n-- migrate:down\nDROP TABLE `q`;\n");
    EXPECT_EQ(Migrations{migration_options()}.up(), 2U);
    EXPECT_EQ(await(db().all<std::string>("SELECT \"order\" FROM q ORDER BY 1 DESC")),
              (std::vector<std::string>{"it's", "a'b"}));
    EXPECT_THAT(migrate("dump").output, HasSubstr("CREATE TABLE `q`"));
}

} // namespace
} // namespace db_tests
