#include "jobs/memory_of_inserts.hpp"
#include "jobs/support.hpp"

#include <armature/jobs/outbox.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <stdexcept>

namespace job_tests {
namespace {

using ::testing::ElementsAre;

class SqliteOutbox : public ::testing::Test {
  protected:
    void SetUp() override {
        ASSERT_EQ(sqlite3_open(app_.c_str(), &db_), SQLITE_OK);
        sqlite3_busy_timeout(db_, 30'000);
        create_outbox_table(db_);
        run("CREATE TABLE orders (id INTEGER)");
    }
    void TearDown() override { sqlite3_close(db_); }
    void run(const char* sql) {
        ASSERT_EQ(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr), SQLITE_OK)
            << sqlite3_errmsg(db_);
    }

    const Folder folder_;
    const std::string app_ = folder_.file("app.db");
    const std::string jobs_ = folder_.file("jobs.db");
    sqlite3* db_ = nullptr;
};

TEST_F(SqliteOutbox, CarriesWhatWasCommitted) {
    run("BEGIN");
    run("INSERT INTO orders VALUES (1)");
    add_to_outbox(db_, Jobs::make(Greet{"rolled back"}));
    run("ROLLBACK");
    run("BEGIN");
    run("INSERT INTO orders VALUES (2)");
    for (const char* const name : {"first", "second", "third"})
        add_to_outbox(db_, Jobs::make(Greet{name}));
    run("COMMIT");
    const auto outbox = sqlite_outbox(app_);
    const auto store = sqlite_jobs(jobs_);
    EXPECT_EQ(outbox->carry(2, *store), 2U);
    EXPECT_EQ(store->counts("default").waiting, 2U);
    EXPECT_EQ(outbox->carry(2, *store), 1U);
    EXPECT_EQ(outbox->carry(2, *store), 0U);
    JobRequest request;
    request.queue = "default";
    request.count = 10;
    request.lease = Duration::seconds(60);
    std::vector<std::string> payloads;
    for (const LeasedJob& job : store->lease(request))
        payloads.push_back(job.payload);
    EXPECT_THAT(payloads,
                ElementsAre(R"({"name":"first"})", R"({"name":"second"})", R"({"name":"third"})"));
}

TEST_F(SqliteOutbox, KeepsAllThatAJobSays) {
    const NewJob job = Jobs::make(Greet{"\"\u00e4\"\n"}, JobOptions{}
                                                             .queue("mail")
                                                             .priority(-7)
                                                             .attempts(3)
                                                             .unique("a\"b", Duration::seconds(5))
                                                             .unique("c"));
    add_to_outbox(db_, job);
    const NewJob late = Jobs::make(Greet{"late"}, JobOptions{}.delay(Duration::seconds(3600)));
    add_to_outbox(db_, late);
    MemoryOfInserts store;
    EXPECT_EQ(sqlite_outbox(app_)->carry(10, store), 2U);
    ASSERT_EQ(store.jobs.size(), 2U);
    const NewJob& came = store.jobs[0];
    EXPECT_EQ(came.id, job.id);
    EXPECT_EQ(came.queue, "mail");
    EXPECT_EQ(came.kind, job.kind);
    EXPECT_EQ(came.payload, job.payload);
    EXPECT_EQ(came.priority, -7);
    EXPECT_EQ(came.attempts, 3U);
    EXPECT_EQ(came.at, 0);
    ASSERT_EQ(came.keys.size(), 2U);
    EXPECT_EQ(came.keys[0].text, "a\"b");
    EXPECT_EQ(came.keys[0].window, Duration::seconds(5));
    EXPECT_EQ(came.keys[1].window, Duration{});
    EXPECT_GT(store.jobs[1].at, 0) << "its delay counts from when it was added";
    EXPECT_EQ(store.jobs[1].delay, Duration{});
}

TEST_F(SqliteOutbox, KeepsItsJobsWhileTheStoreIsAway) {
    add_to_outbox(db_, Jobs::make(Greet{"Ada"}));
    const auto outbox = sqlite_outbox(app_);
    MemoryOfInserts store;
    store.fails = true;
    EXPECT_THROW(outbox->carry(10, store), JobStoreError);
    store.fails = false;
    EXPECT_EQ(outbox->carry(10, store), 1U);
    EXPECT_EQ(outbox->carry(10, store), 0U);
}

TEST_F(SqliteOutbox, CarriesOneThatComesAgainOnce) {
    const NewJob job = Jobs::make(Greet{"Ada"});
    add_to_outbox(db_, job);
    add_to_outbox(db_, job); // as after a relay that ended before it deleted it
    const auto store = sqlite_jobs(jobs_);
    EXPECT_EQ(sqlite_outbox(app_)->carry(10, *store), 2U);
    EXPECT_EQ(store->counts("default").waiting, 1U);
}

TEST_F(SqliteOutbox, IsRelayedToAWorker) {
    Notes<std::string> notes;
    Jobs jobs{sqlite_jobs(jobs_)};
    JobWorker worker{jobs, quick()};
    worker.on<Greet>([&](const Greet& greet) { notes.add(greet.name); });
    worker.start();
    const OutboxRelay relay{sqlite_outbox(app_), sqlite_jobs(jobs_)};
    add_to_outbox(db_, Jobs::make(Greet{"Ada"}));
    relay.wake();
    EXPECT_TRUE(notes.reach(1));
    EXPECT_TRUE(eventually([&] { return relay.carried() == 1; }));
}

TEST_F(SqliteOutbox, RefusesWhatCantBeRight) {
    const auto make = [&](auto change) {
        OutboxRelayOptions options;
        change(options);
        const OutboxRelay relay{sqlite_outbox(app_), std::make_unique<MemoryOfInserts>(), options};
    };
    EXPECT_THROW(make([](auto& o) { o.poll = {}; }), std::invalid_argument);
    EXPECT_THROW(make([](auto& o) { o.batch = 0; }), std::invalid_argument);
    EXPECT_THROW(make([](auto& o) { o.first_wait = {}; }), std::invalid_argument);
    EXPECT_THROW((OutboxRelay{nullptr, std::make_unique<MemoryOfInserts>()}),
                 std::invalid_argument);
    EXPECT_THROW((OutboxRelay{sqlite_outbox(app_), nullptr}), std::invalid_argument);
    EXPECT_THROW((void)sqlite_outbox(folder_.file("no/such/folder")), JobStoreError);
    run("INSERT INTO armature_outbox (job) VALUES ('{}')");
    MemoryOfInserts store;
    EXPECT_THROW(sqlite_outbox(app_)->carry(1, store), JobStoreError);
}

} // namespace
} // namespace job_tests
