#include "jobs/kill.hpp"
#include "jobs/outbox.hpp"
#include "jobs/store_contract.hpp"
#include "support/redis_server.hpp"

#include <armature/jobs/redis.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>

namespace job_tests {
namespace {

using armature::testing::RedisServer;

class RedisJobs : public ::testing::Test {
  protected:
    void SetUp() override {
        ARMATURE_NEEDS_REDIS();
        server.emplace();
    }
    std::unique_ptr<JobStore> open() { return redis_jobs(server->url()); }

    std::optional<RedisServer> server;
};

TEST_F(RedisJobs, DoWhatEveryStoreDoes) {
    StoreContract{[this] { return open(); }}.check_all();
}

TEST_F(RedisJobs, LeaveNothingBehind) {
    const auto store = open();
    EXPECT_TRUE(store->insert(Jobs::make(Count{1}, JobOptions{}.unique("key"))));
    JobRequest request;
    request.queue = "default";
    request.lease = Duration::seconds(60);
    const auto jobs = store->lease(request);
    ASSERT_EQ(jobs.size(), 1U);
    const JobOutcome done{{jobs[0].id, jobs[0].fence}, JobOutcome::End::done, {}, {}};
    store->finish({&done, 1});
    EXPECT_EQ(server->cli("DBSIZE"), "0\n");
}

TEST_F(RedisJobs, SurviveThatTheirWorkersAreKilled) {
    {
        const auto store = open();
        for (int i = 0; i < kill_jobs; ++i)
            ASSERT_TRUE(store->insert(Jobs::make(Mark{i})));
    }
    const Folder folder;
    check_kills("redis:" + server->url(), "sqlite:" + folder.file("effects.db"), folder);
}

TEST_F(RedisJobs, SurviveThatRelaysToThemAreKilled) {
    const Folder folder;
    const std::string path = folder.file("app.db");
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
    create_outbox_table(db);
    sqlite3_exec(db, "BEGIN", nullptr, nullptr, nullptr);
    for (int i = 0; i < kill_jobs; ++i)
        add_to_outbox(db, Jobs::make(Mark{i}));
    sqlite3_exec(db, "COMMIT", nullptr, nullptr, nullptr);
    sqlite3_close(db);
    check_relay_kills("sqlite:" + path, "redis:" + server->url(), folder, kill_jobs, 16);
}

TEST_F(RedisJobs, RunThroughAWorker) {
    Notes<std::string> notes;
    Jobs jobs{open()};
    JobWorker worker{jobs, quick()};
    worker.on<Greet>([&](const Greet& greet, const JobContext& job) {
        notes.add(greet.name + std::to_string(job.attempt));
        if (job.attempt == 1) throw std::runtime_error("once more");
    });
    worker.start();
    jobs.enqueue_blocking(Greet{"Ada"});
    EXPECT_TRUE(notes.reach(2));
    EXPECT_THAT(notes.all(), ::testing::ElementsAre("Ada1", "Ada2"));
}

TEST(RedisJobsElsewhere, SayWhyThereIsNoConnection) {
    EXPECT_THROW((void)redis_jobs("http://localhost"), std::invalid_argument);
    try {
        (void)redis_jobs("unix:///nonexistent.sock");
        FAIL();
    } catch (const JobStoreError& error) {
        EXPECT_THAT(error.what(), ::testing::HasSubstr("Redis: "));
    }
}

} // namespace
} // namespace job_tests
