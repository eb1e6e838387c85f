#include "support/process.hpp"
#include "support/temporary_folder.hpp"

#include <armature/core/error.hpp>
#include <armature/core/scheduler.hpp>
#include <armature/sqlite/store.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <memory>

// What every store promises is tested in tests/store.
namespace armature::testing {
namespace {

TEST(SqliteStore, SurvivesItsProcess) {
    const TemporaryFolder folder;
    const std::string path = folder.file("store.db");
    LocalLoop loop;
    {
        SqliteStore store{path};
        EXPECT_TRUE(loop.run(store.set("key", "value", Duration::seconds(600))));
    }
    SqliteStore store{path};
    EXPECT_EQ(loop.run(store.get("key")), "value");
}

TEST(SqliteStore, IsSharedByProcessesOfWhichOneIsKilled) {
    const TemporaryFolder folder;
    const std::string path = folder.file("store.db");
    constexpr int times = 500;
    std::vector<std::unique_ptr<Process>> processes;
    for (int i = 0; i < 4; ++i)
        processes.push_back(std::make_unique<Process>(std::vector<std::string>{
            COUNTING_PROGRAM, path, std::to_string(i == 0 ? 1'000'000 : times)}));
    processes[0]->await(std::string(50, '.')); // in the midst of it
    processes[0]->signal(SIGKILL);
    EXPECT_EQ(processes[0]->wait(), 128 + SIGKILL);
    for (int i = 1; i < 4; ++i)
        EXPECT_EQ(processes[static_cast<std::size_t>(i)]->wait(), 0)
            << processes[static_cast<std::size_t>(i)]->output();
    const std::string& dots = processes[0]->output();
    const auto told = std::count(dots.begin(), dots.end(), '.');
    SqliteStore store{path};
    LocalLoop loop;
    const std::int64_t count = loop.run(store.add("count", 0));
    // What it was killed at may have happened without being told.
    EXPECT_GE(count, 3 * times + told);
    EXPECT_LE(count, 3 * times + told + 1);
}

TEST(SqliteStore, ForgetsWhatLivedLongEnoughAsOthersAreWritten) {
    const TemporaryFolder folder;
    const std::string path = folder.file("store.db");
    LocalLoop loop;
    SqliteStore store{path};
    for (int i = 0; i < 100; ++i)
        EXPECT_TRUE(
            loop.run(store.set("short" + std::to_string(i), "x", Duration::milliseconds(1))));
    while (loop.run(store.get("short99")))
        loop.run(sleep_for(Duration::milliseconds(1)));
    for (int i = 0; i < 128; ++i)
        EXPECT_TRUE(loop.run(store.set("long" + std::to_string(i), "x")));
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
    int rows = 0;
    sqlite3_exec(
        database, "SELECT 1 FROM armature_store",
        [](void* count, int, char**, char**) {
            ++*static_cast<int*>(count);
            return 0;
        },
        &rows, nullptr);
    sqlite3_close(database);
    EXPECT_EQ(rows, 128);
}

TEST(SqliteStore, SaysWhatIsWrongWithItsFile) {
    const TemporaryFolder folder;
    try {
        const SqliteStore store{folder.file("no/such/folder")};
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.status(), Status::service_unavailable);
        EXPECT_THAT(error.what(), ::testing::HasSubstr("no/such/folder: SQLite: unable to open"));
    }
    const std::string path = folder.file("text");
    ASSERT_EQ(shell("yes text | head -c 8192 > " + path).status, 0);
    EXPECT_THROW(SqliteStore{path}, Error);
}

} // namespace
} // namespace armature::testing
