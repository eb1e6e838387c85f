#include "db/support.hpp"
#include "support/process.hpp"

#include <fstream>

namespace db_tests {

std::unique_ptr<Place> make_place() { return std::make_unique<SqlitePlace>(); }

namespace {

using armature::testing::Ran;

TEST(Sqlite, WritesFilesThatItsOwnShellReads) {
    const Folder folder;
    LocalLoop loop;
    {
        Database db{"sqlite:" + folder.file("shop.db")};
        loop.run(db.execute("CREATE TABLE products (name TEXT, price TEXT)"));
        loop.run(db.execute("INSERT INTO products VALUES ($1, $2)", "it's a \"lamp\"",
                            Decimal::scaled(1250, 2)));
    }
    const Ran read = armature::testing::run(
        {"sqlite3", folder.file("shop.db"), "SELECT name, price FROM products"});
    if (read.status != 0) GTEST_SKIP() << "sqlite3 isn't installed (Debian: sqlite3)";
    EXPECT_EQ(read.output, "it's a \"lamp\"|12.50\n");
    EXPECT_EQ(
        armature::testing::run({"sqlite3", folder.file("shop.db"), "PRAGMA journal_mode"}).output,
        "wal\n");
}

TEST(Sqlite, MayBeInMemory) {
    LocalLoop loop;
    Database db{"sqlite::memory:"};
    loop.run(db.execute("CREATE TABLE t (x)"));
    loop.run(db.execute("INSERT INTO t VALUES (1)"));
    // A task that is destroyed in the middle doesn't take the database with it.
    Running<Rows> running{loop, db.query(ARMATURE_ENDLESS)};
    running.destroy();
    EXPECT_EQ(loop.run(db.one<int>("SELECT count(*) FROM t")), 1);
    EXPECT_EQ(db.open_connections(), 1U);
}

TEST(Sqlite, TakesDoubleQuotesForNamesOnly) {
    LocalLoop loop;
    Database db{"sqlite::memory:"};
    EXPECT_EQ(error_of(loop, db.query("SELECT \"no such column\""))->sqlstate(), "42703");
}

TEST(Sqlite, HasNoCopyAndNoChannels) {
    LocalLoop loop;
    Database db{"sqlite::memory:"};
    EXPECT_THROW((void)loop.run(db.copy_in("COPY t FROM STDIN")), DatabaseError);
    EXPECT_THROW((void)loop.run(db.listen("news")), DatabaseError);
    EXPECT_THROW((void)loop.run(db.notify("news", "x")), DatabaseError);
}

TEST(DatabaseUrl, IsChecked) {
    for (const char* url : {"", "oracle://localhost/x", "sqlite:", "postgresql://user:pa ss@[::1/x",
                            "postgresql://h:1/x?nosuchoption=secret"}) {
        try {
            Database db{url};
            ADD_FAILURE() << url;
        } catch (const std::invalid_argument& error) {
            EXPECT_THAT(error.what(), ::testing::StartsWith("armature: "));
            EXPECT_THAT(error.what(), ::testing::Not(::testing::HasSubstr("secret")));
            EXPECT_THAT(error.what(), ::testing::Not(::testing::HasSubstr("pa ss")));
        }
    }
    DatabaseOptions options;
    options.url = "sqlite::memory:";
    options.max_connections = 0;
    EXPECT_THROW(Database{options}, std::invalid_argument);
}

TEST(DatabaseUrl, OfADatabaseThatIsntThereIsToldInOneSentence) {
    LocalLoop loop;
    Database file{"sqlite:/nonexistent/folder/shop.db"};
    try {
        loop.run(file.on_module_init());
        ADD_FAILURE();
    } catch (const std::runtime_error& error) {
        EXPECT_STREQ(error.what(), "armature: no connection to SQLite database "
                                   "/nonexistent/folder/shop.db: SQLite: can't open "
                                   "/nonexistent/folder/shop.db: unable to open database file");
    }
}

} // namespace
} // namespace db_tests
