#include "db/lint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace armature;
using db::Dialect;
using db::detail::LintFinding;
using db::detail::Migration;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Migration migration(const std::string& up, const std::string& marker = "") {
    std::vector<Migration> all;
    db::detail::add_migration(all, "1_x.sql", "-- migrate:up" + marker + "\n" + up);
    return all.front();
}

std::vector<std::string> found(const Migration& file, Dialect dialect) {
    std::vector<std::string> names;
    for (const LintFinding& finding : db::detail::lint(file, dialect))
        names.push_back(finding.rule == nullptr ? "no rule " + finding.text
                                                : std::string{finding.rule->name});
    return names;
}
std::vector<std::string> in_postgres(const std::string& up, const std::string& marker = "") {
    return found(migration(up, marker), Dialect::postgres);
}
std::vector<std::string> in_sqlite(const std::string& up, const std::string& marker = "") {
    return found(migration(up, marker), Dialect::sqlite);
}

struct Example {
    const char* rule;
    const char* bad;
    const char* good;
};

// For both databases.
constexpr Example everywhere[] = {
    {"drop-table", "DROP TABLE IF EXISTS users, posts", "DROP VIEW users"},
    {"drop-column", "ALTER TABLE users DROP COLUMN name", "ALTER TABLE users ADD COLUMN n text"},
    {"drop-column", "alter table only users drop name", "ALTER TABLE users ADD \"drop\" text"},
    {"rename-table", "ALTER TABLE users RENAME TO people",
     "CREATE VIEW people AS SELECT * FROM users"},
    {"rename-column", "ALTER TABLE users RENAME COLUMN name TO title",
     "ALTER TABLE users RENAME CONSTRAINT a TO b"},
    {"rename-column", "ALTER TABLE users RENAME name TO title",
     "SELECT 'ALTER TABLE x RENAME TO y'"},
    {"required-column", "ALTER TABLE users ADD COLUMN age integer NOT NULL",
     "ALTER TABLE users ADD COLUMN age integer NOT NULL DEFAULT 0"},
    {"every-row", "UPDATE users SET name = (SELECT 'x' WHERE true)",
     "UPDATE users SET name = 'x' WHERE id < 1000"},
    {"every-row", "DELETE FROM users", "DELETE FROM users WHERE id = 1"},
    {"transaction-control", "COMMIT", "SAVEPOINT a"},
    {"not-in-transaction", "VACUUM", "ANALYZE"},
};

// For PostgreSQL alone.
constexpr Example postgres[] = {
    {"change-type", "ALTER TABLE users ALTER COLUMN age TYPE bigint",
     "ALTER TABLE users ALTER COLUMN age SET DEFAULT 1"},
    {"change-type", "ALTER TABLE users ALTER age SET DATA TYPE bigint",
     "ALTER TABLE users ALTER age DROP DEFAULT"},
    {"set-not-null", "ALTER TABLE users ALTER COLUMN age SET NOT NULL",
     "ALTER TABLE users ADD CONSTRAINT c CHECK (age IS NOT NULL) NOT VALID"},
    {"volatile-default", "ALTER TABLE users ADD COLUMN key uuid DEFAULT gen_random_uuid()",
     "ALTER TABLE users ADD COLUMN at timestamptz DEFAULT now()"},
    {"serial-column", "ALTER TABLE users ADD COLUMN n bigserial", "CREATE TABLE t (n bigserial)"},
    {"serial-column", "ALTER TABLE users ADD n int GENERATED ALWAYS AS IDENTITY",
     "ALTER TABLE users ADD n int"},
    {"stored-column", "ALTER TABLE users ADD n int GENERATED ALWAYS AS (a + 1) STORED",
     "CREATE TABLE t (a int, n int GENERATED ALWAYS AS (a + 1) STORED)"},
    {"foreign-key", "ALTER TABLE posts ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES users (id)",
     "ALTER TABLE posts ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES users (id) NOT VALID"},
    {"check-constraint", "ALTER TABLE users ADD CHECK (age > 0)",
     "ALTER TABLE users ADD CHECK (age > 0) NOT VALID"},
    {"unique-constraint", "ALTER TABLE users ADD CONSTRAINT u UNIQUE (email)",
     "ALTER TABLE users ADD CONSTRAINT u UNIQUE USING INDEX users_email"},
    {"unique-constraint", "ALTER TABLE users ADD PRIMARY KEY (id)",
     "ALTER TABLE users ADD PRIMARY KEY USING INDEX users_id"},
    {"exclusion-constraint", "ALTER TABLE rooms ADD EXCLUDE USING gist (during WITH &&)",
     "CREATE TABLE rooms (during tstzrange, EXCLUDE USING gist (during WITH &&))"},
    {"blocking-index", "CREATE UNIQUE INDEX IF NOT EXISTS i ON users (email)",
     "CREATE TABLE t (x int); CREATE INDEX i ON T (x)"},
    {"blocking-index-drop", "DROP INDEX i", "DROP VIEW i"},
    {"blocking-reindex", "REINDEX TABLE users", "ANALYZE users"},
    {"not-in-transaction", "CREATE INDEX CONCURRENTLY i ON users (email)", "SELECT 1"},
    {"not-in-transaction", "DROP INDEX CONCURRENTLY i", "SELECT 1"},
    {"not-in-transaction", "CREATE DATABASE x", "CREATE SCHEMA x"},
    {"truncate", "TRUNCATE TABLE users CASCADE", "CREATE TABLE t (x int); TRUNCATE t"},
    {"rename-enum-value", "ALTER TYPE colour RENAME VALUE 'red' TO 'rouge'",
     "ALTER TYPE colour ADD VALUE 'blue'"},
    {"rename-schema", "ALTER SCHEMA shop RENAME TO store", "ALTER SCHEMA shop OWNER TO me"},
    {"json-type", "ALTER TABLE users ADD COLUMN data json",
     "ALTER TABLE users ADD COLUMN data jsonb"},
    {"json-type", "CREATE TABLE t (a int, json json)", "CREATE TABLE t (json jsonb)"},
    {"char-type", "CREATE TABLE t (code char(2))", "CREATE TABLE t (code character varying(2))"},
    {"timestamp-type", "CREATE TABLE t (at timestamp(3) NOT NULL)",
     "CREATE TABLE t (at timestamp(3) with time zone, \"timestamp\" date)"},
};

TEST(Lint, FindsWhatHurts) {
    for (const Example& example : everywhere) {
        SCOPED_TRACE(example.bad);
        EXPECT_THAT(in_postgres(example.bad), ElementsAre(example.rule));
        EXPECT_THAT(in_sqlite(example.bad), ElementsAre(example.rule));
        EXPECT_THAT(in_postgres(example.good), IsEmpty()) << example.good;
        EXPECT_THAT(in_sqlite(example.good), IsEmpty()) << example.good;
    }
    for (const Example& example : postgres) {
        SCOPED_TRACE(example.bad);
        EXPECT_THAT(in_postgres(example.bad), ElementsAre(example.rule));
        EXPECT_THAT(in_postgres(example.good), IsEmpty()) << example.good;
    }
    EXPECT_THAT(in_postgres("VACUUM FULL users", " transaction:false"), ElementsAre("vacuum-full"));
    EXPECT_THAT(in_postgres("VACUUM (ANALYZE) users", " transaction:false"), IsEmpty());
    EXPECT_THAT(in_sqlite("PRAGMA foreign_keys = OFF"), ElementsAre("lost-pragma"));
    EXPECT_THAT(in_sqlite("PRAGMA foreign_keys = OFF", " transaction:false"), IsEmpty());
}

TEST(Lint, HasAnExampleOfEachRule) {
    std::vector<std::string_view> shown = {"vacuum-full", "lost-pragma"};
    for (const Example& example : everywhere)
        shown.emplace_back(example.rule);
    for (const Example& example : postgres)
        shown.emplace_back(example.rule);
    for (const auto& rule : db::detail::lint_rules()) {
        EXPECT_THAT(shown, ::testing::Contains(rule.name));
        EXPECT_FALSE(rule.why.empty());
        EXPECT_FALSE(rule.instead.empty());
    }
}

TEST(Lint, LeavesAloneWhatIsGentle) {
    EXPECT_THAT(in_postgres("CREATE INDEX CONCURRENTLY i ON users (email);"
                            "DROP INDEX CONCURRENTLY j; REINDEX INDEX CONCURRENTLY i;"
                            "UPDATE users SET name = ''; COMMIT",
                            " transaction:false"),
                IsEmpty());
    EXPECT_THAT(
        in_postgres("ALTER TABLE a VALIDATE CONSTRAINT f;"
                    "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ DELETE FROM a; $$"),
        IsEmpty());
    // A table of the migration itself is nobody's yet.
    EXPECT_THAT(
        in_postgres("CREATE TABLE IF NOT EXISTS Shop.\"t\" (x int, y int) WITH (fillfactor = "
                    "70); ALTER TABLE shop.t DROP COLUMN x, ALTER y TYPE bigint; CREATE INDEX "
                    "ON shop.t (y); UPDATE shop.t SET y = 1; DROP TABLE shop.t"),
        IsEmpty());
}

TEST(Lint, FindsEachThingInAStatement) {
    EXPECT_THAT(in_postgres("ALTER TABLE t DROP a, DROP b, ALTER c SET NOT NULL, "
                            "ADD COLUMN d numeric(10, 2) NOT NULL"),
                ElementsAre("drop-column", "set-not-null", "required-column"));
}

TEST(Lint, SaysWhere) {
    const auto all = db::detail::lint(migration("SELECT 1;\n\n  -- comment\n  DROP TABLE users;\n"),
                                      Dialect::postgres);
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].file, "1_x.sql");
    EXPECT_EQ(all[0].line, 5U);
    EXPECT_EQ(all[0].column, 3U);
}

TEST(Lint, AcceptsWhatAPersonHasLookedAt) {
    EXPECT_THAT(in_postgres("-- lint:ignore drop-table: nobody used it\nDROP TABLE a;\n"
                            "DROP TABLE b; -- lint:ignore drop-table\n"
                            "DROP TABLE c;\n"),
                ElementsAre("drop-table"))
        << "the third";
    EXPECT_THAT(in_postgres("-- lint:ignore drop-column, set-not-null: why: this\n"
                            "ALTER TABLE a DROP b, ALTER c SET NOT NULL;"),
                IsEmpty());
    EXPECT_THAT(in_postgres("ALTER TABLE a\n  DROP b -- lint:ignore drop-column\n;"), IsEmpty());
    EXPECT_THAT(in_postgres("-- lint:ignore drop-tabel\nDROP TABLE a;"),
                ElementsAre("no rule drop-tabel", "drop-table"));
    EXPECT_THAT(in_postgres("SELECT '-- lint:ignore drop-table'; DROP TABLE a;"),
                ElementsAre("drop-table"));
}

TEST(Lint, BearsAnyText) {
    for (const char* text :
         {"", ";", "(", ")", "ALTER TABLE", "ALTER TABLE t (", "ALTER TABLE t )",
          "CREATE TABLE t (a int,", "CREATE TABLE t ((((", "DROP TABLE )", "\"", "CREATE INDEX",
          "VACUUM (", "ALTER TABLE t ADD", "-- lint:ignore", "$$", "CREATE TABLE t (a timestamp(",
          "DROP TABLE a,,b", "ALTER TABLE t DROP )"}) {
        (void)in_sqlite(text);
        EXPECT_THAT(in_postgres(std::string{text} + ";\nDROP SCHEMA x;"),
                    ::testing::SizeIs(::testing::Le(2)))
            << text;
    }
}

} // namespace
