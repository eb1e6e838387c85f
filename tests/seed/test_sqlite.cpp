#include "seed/support.hpp"
#include "support/process.hpp"

namespace db_tests {

std::unique_ptr<Place> make_place() { return std::make_unique<SqlitePlace>(); }

namespace {

TEST_F(SeedingOf, WritesWhatSqlitesShellReads) {
    seeded([](Seeding& seeding) -> Task<> {
        seeding.create(users().count(1000).has(posts().count(2), &Post::author_id));
        co_return;
    });
    const auto read = [&](const std::string& sql) {
        return armature::testing::run({"sqlite3", place->url().substr(7), sql});
    };
    const auto first = read("SELECT count(*), count(DISTINCT email), max(id) FROM users");
    if (first.status != 0) GTEST_SKIP() << "sqlite3 isn't installed (Debian: sqlite3)";
    EXPECT_EQ(first.output, "1000|1000|1000\n");
    EXPECT_EQ(read("SELECT count(*) FROM posts p JOIN users u ON u.id = p.author_id").output,
              "2000\n");
    EXPECT_EQ(read("PRAGMA foreign_key_check").output, "");
    EXPECT_EQ(
        read("SELECT DISTINCT typeof(id), typeof(is_public), typeof(price) FROM posts").output,
        "integer|integer|text\n");
}

TEST(SeedersWithoutADatabase, SayHowToNameOne) {
    ::unsetenv("DATABASE_URL");
    seed::Seeders seeders;
    try {
        seeders.run();
        ADD_FAILURE();
    } catch (const SeedError& error) {
        EXPECT_THAT(error.what(), ::testing::HasSubstr("DATABASE_URL"));
    }
}

} // namespace
} // namespace db_tests
