#include "jobs/store_contract.hpp"
#include "jobs/transaction.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

namespace job_tests {
namespace {

class SqliteJobs : public ::testing::Test {
  protected:
    SqliteJobs() {
        sqlite3_open(path.c_str(), &db);
        sqlite3_busy_timeout(db, 30'000);
        run("PRAGMA journal_mode = WAL");
    }
    ~SqliteJobs() override { sqlite3_close(db); }

    void run(const char* sql) {
        char* error = nullptr;
        EXPECT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, &error), SQLITE_OK) << error;
        sqlite3_free(error);
    }
    std::string ask(const char* sql) {
        sqlite3_stmt* statement = nullptr;
        EXPECT_EQ(sqlite3_prepare_v2(db, sql, -1, &statement, nullptr), SQLITE_OK);
        EXPECT_EQ(sqlite3_step(statement), SQLITE_ROW) << sqlite3_errmsg(db);
        const auto* text = sqlite3_column_text(statement, 0);
        const std::string result = text == nullptr ? "" : reinterpret_cast<const char*>(text);
        sqlite3_finalize(statement);
        return result;
    }

    Folder folder;
    std::string path = folder.file("jobs.db");
    sqlite3* db = nullptr;
};

TEST_F(SqliteJobs, DoWhatEveryStoreDoes) {
    StoreContract{[this] { return sqlite_jobs(path); }}.check_all();
}

TEST_F(SqliteJobs, SurviveTheProcess) {
    Jobs{sqlite_jobs(path)}.enqueue_blocking(Greet{"Ada"});
    EXPECT_EQ(await(Jobs{sqlite_jobs(path)}.counts()).waiting, 1U);
    EXPECT_EQ(ask("PRAGMA integrity_check"), "ok");
}

TEST_F(SqliteJobs, AreInWalMode) {
    const auto store = sqlite_jobs(path);
    EXPECT_EQ(ask("PRAGMA journal_mode"), "wal");
}

TEST_F(SqliteJobs, AreAddedWithinATransactionOfYourOwn) {
    create_job_tables(db);
    run("CREATE TABLE orders (id INTEGER PRIMARY KEY)");
    Jobs jobs{sqlite_jobs(path)};

    run("BEGIN");
    run("INSERT INTO orders VALUES (1)");
    EXPECT_TRUE(enqueue_in(db, Jobs::make(Greet{"Ada"})));
    EXPECT_EQ(await(jobs.counts()).waiting, 0U) << "not before the transaction commits";
    run("ROLLBACK");
    EXPECT_EQ(await(jobs.counts()).waiting, 0U);
    EXPECT_EQ(ask("SELECT count(*) FROM orders"), "0");

    run("BEGIN");
    run("INSERT INTO orders VALUES (1)");
    EXPECT_TRUE(enqueue_in(db, Jobs::make(Greet{"Ada"}, JobOptions{}.unique("greet"))));
    EXPECT_FALSE(enqueue_in(db, Jobs::make(Greet{"Ada"}, JobOptions{}.unique("greet"))));
    run("COMMIT");
    EXPECT_EQ(await(jobs.counts()).waiting, 1U);
    EXPECT_EQ(ask("SELECT count(*) FROM orders"), "1");
}

TEST_F(SqliteJobs, AreAddedWithinATransactionOfADatabase) {
    expect_to_be_added_within_a_transaction("sqlite:" + path, sqlite_jobs(path));
}

TEST_F(SqliteJobs, HaveTheirEffectOnce) {
    run("CREATE TABLE effects (text TEXT)");
    const Uuid job = Uuid::v7();
    const auto effect = [&] { run("INSERT INTO effects VALUES ('x')"); };
    EXPECT_TRUE(exactly_once(db, job, effect));
    EXPECT_FALSE(exactly_once(db, job, effect));
    EXPECT_TRUE(exactly_once(db, job, effect, "another effect of the same job"));
    EXPECT_TRUE(exactly_once(db, Uuid::v7(), effect));
    EXPECT_EQ(ask("SELECT count(*) FROM effects"), "3");
}

TEST_F(SqliteJobs, TryAnEffectAgainThatFailed) {
    run("CREATE TABLE effects (text TEXT)");
    const Uuid job = Uuid::v7();
    EXPECT_THROW(exactly_once(db, job,
                              [&] {
                                  run("INSERT INTO effects VALUES ('half')");
                                  throw std::runtime_error("lost the connection");
                              }),
                 std::runtime_error);
    EXPECT_EQ(ask("SELECT count(*) FROM effects"), "0") << "rolled back";
    EXPECT_TRUE(exactly_once(db, job, [&] { run("INSERT INTO effects VALUES ('whole')"); }));
    EXPECT_EQ(ask("SELECT count(*) FROM effects"), "1");
}

TEST_F(SqliteJobs, ForgetOldEffects) {
    EXPECT_TRUE(exactly_once(db, Uuid::v7(), [] {}));
    EXPECT_EQ(forget_effects(db, Duration::seconds(3600)), 0U);
    run("UPDATE armature_job_effects SET at = at - 7200000");
    EXPECT_TRUE(exactly_once(db, Uuid::v7(), [] {}));
    EXPECT_EQ(forget_effects(db, Duration::seconds(3600)), 1U);
}

TEST_F(SqliteJobs, SayWhichFileCanNotBeOpened) {
    try {
        const auto store = sqlite_jobs("/nonexistent/jobs.db");
        FAIL();
    } catch (const JobStoreError& error) {
        EXPECT_STREQ(error.what(), "/nonexistent/jobs.db: SQLite: unable to open database file");
    }
}

TEST_F(SqliteJobs, TellTheCallerThatTheStoreFailed) {
    Jobs jobs{sqlite_jobs(path)};
    run("DROP TABLE armature_jobs");
    EXPECT_THROW(jobs.enqueue_blocking(Greet{"Ada"}), JobStoreError);
}

} // namespace
} // namespace job_tests
