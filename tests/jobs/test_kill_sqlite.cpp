#include "jobs/kill.hpp"

namespace job_tests {
namespace {

TEST(JobsInSqlite, SurviveThatTheirWorkersAreKilled) {
    const Folder folder;
    const std::string path = folder.file("jobs.db");
    {
        sqlite3* db = nullptr;
        ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
        create_job_tables(db);
        sqlite3_exec(db, "BEGIN", nullptr, nullptr, nullptr);
        for (int i = 0; i < kill_jobs; ++i)
            ASSERT_TRUE(enqueue_in(db, Jobs::make(Mark{i})));
        sqlite3_exec(db, "COMMIT", nullptr, nullptr, nullptr);
        sqlite3_close(db);
    }
    check_kills("sqlite:" + path, "sqlite:" + folder.file("effects.db"), folder);
}

} // namespace
} // namespace job_tests
