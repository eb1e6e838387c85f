#include "jobs/kill.hpp"
#include "jobs/memory_of_inserts.hpp"
#include "jobs/outbox.hpp"
#include "jobs/store_contract.hpp"
#include "jobs/transaction.hpp"
#include "support/postgres_server.hpp"

#include <armature/jobs/postgres.hpp>

#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <memory>
#include <optional>

namespace job_tests {
namespace {

using armature::testing::PostgresServer;

class PostgresJobs : public ::testing::Test {
  protected:
    // One server for all tests, which takes a second or two to make; a database for each.
    static void SetUpTestSuite() {
        if (!PostgresServer::programs().empty()) server.emplace();
    }
    static void TearDownTestSuite() { server.reset(); }

    void SetUp() override {
        if (!server) GTEST_SKIP() << "PostgreSQL's server isn't installed (Debian: postgresql)";
        connect("postgres");
        const std::string name = ::testing::UnitTest::GetInstance()->current_test_info()->name();
        ask(("CREATE DATABASE \"" + name + '"').c_str());
        connect(name);
    }
    void connect(const std::string& database) {
        connection = server->connection() + " dbname=" + database;
        db.reset(PQconnectdb(connection.c_str()));
        ASSERT_EQ(PQstatus(db.get()), CONNECTION_OK) << PQerrorMessage(db.get());
        PQsetNoticeProcessor(db.get(), [](void*, const char*) {}, nullptr);
    }

    std::string ask(const char* sql) {
        PGresult* result = PQexec(db.get(), sql);
        EXPECT_TRUE(PQresultStatus(result) == PGRES_COMMAND_OK ||
                    PQresultStatus(result) == PGRES_TUPLES_OK)
            << PQerrorMessage(db.get());
        const std::string text = PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "";
        PQclear(result);
        return text;
    }
    std::unique_ptr<JobStore> open() { return postgres_jobs(connection); }

    struct Finish {
        void operator()(PGconn* owned) const { PQfinish(owned); }
    };
    static inline std::optional<PostgresServer> server;
    std::string connection;
    std::unique_ptr<PGconn, Finish> db;
};

TEST_F(PostgresJobs, DoWhatEveryStoreDoes) {
    StoreContract{[this] { return open(); }}.check_all();
}

TEST_F(PostgresJobs, SurviveThatTheirWorkersAreKilled) {
    create_job_tables(db.get());
    ask("BEGIN");
    for (int i = 0; i < kill_jobs; ++i)
        ASSERT_TRUE(enqueue_in(db.get(), Jobs::make(Mark{i})));
    ask("COMMIT");
    const Folder folder;
    PostgresEffects{connection}.create();
    check_kills("postgres:" + connection, "postgres:" + connection, folder);
}

TEST_F(PostgresJobs, SurviveThatRelaysFromThereAreKilled) {
    constexpr int count = 2'000; // Redis is where 10,000 go to
    create_outbox_table(db.get());
    ask("BEGIN");
    for (int i = 0; i < count; ++i)
        add_to_outbox(db.get(), Jobs::make(Mark{i}));
    ask("COMMIT");
    const Folder folder;
    create_job_tables(db.get());
    check_relay_kills("postgres:" + connection, "postgres:" + connection, folder, count, 8);
    EXPECT_EQ(ask("SELECT count(*) FROM armature_outbox"), "0");
}

TEST_F(PostgresJobs, HaveAnOutboxThatRelaysShare) {
    create_outbox_table(db.get());
    for (int i = 0; i < 10; ++i)
        add_to_outbox(db.get(), Jobs::make(Mark{i}));
    const auto first = postgres_outbox(connection);
    const auto second = postgres_outbox(connection);
    // While one carries, the other takes what is left.
    class Meanwhile final : public MemoryOfInserts {
      public:
        Meanwhile(Outbox& of, JobStore& to) : other(of), elsewhere(to) {}
        bool insert(const NewJob& job) override {
            if (jobs.empty()) {
                EXPECT_EQ(other.carry(100, elsewhere), 6U);
            }
            return MemoryOfInserts::insert(job);
        }
        Outbox& other;
        JobStore& elsewhere;
    };
    MemoryOfInserts rest;
    Meanwhile store{*second, rest};
    EXPECT_EQ(first->carry(4, store), 4U);
    EXPECT_EQ(store.jobs.size(), 4U);
    EXPECT_EQ(rest.jobs.size(), 6U);
    EXPECT_EQ(first->carry(100, store), 0U);
}

TEST_F(PostgresJobs, AreAddedWithinATransactionOfYourOwn) {
    Jobs jobs{open()};
    ask("CREATE TABLE orders (id integer)");
    ask("BEGIN");
    ask("INSERT INTO orders VALUES (1)");
    EXPECT_TRUE(enqueue_in(db.get(), Jobs::make(Greet{"Ada"})));
    EXPECT_EQ(await(jobs.counts()).waiting, 0U) << "not before the transaction commits";
    ask("ROLLBACK");
    EXPECT_EQ(await(jobs.counts()).waiting, 0U);
    EXPECT_EQ(ask("SELECT count(*) FROM orders"), "0");

    ask("BEGIN");
    ask("INSERT INTO orders VALUES (1)");
    EXPECT_TRUE(enqueue_in(db.get(), Jobs::make(Greet{"Ada"}, JobOptions{}.unique("greet"))));
    EXPECT_FALSE(enqueue_in(db.get(), Jobs::make(Greet{"Ada"}, JobOptions{}.unique("greet"))));
    ask("COMMIT");
    EXPECT_EQ(await(jobs.counts()).waiting, 1U);
    EXPECT_EQ(ask("SELECT count(*) FROM orders"), "1");
}

TEST_F(PostgresJobs, AreAddedWithinATransactionOfADatabase) {
    const std::string name = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    expect_to_be_added_within_a_transaction(server->url(name), open());
}

TEST_F(PostgresJobs, WakeWorkersWhenATransactionOfOthersCommits) {
    JobWorkerOptions options = quick();
    options.poll = Duration::seconds(3600);
    Notes<std::string> notes;
    Jobs jobs{open()};
    JobWorker worker{jobs, options};
    worker.on<Greet>([&](const Greet& greet) { notes.add(greet.name); });
    worker.start();
    // It listens before it looks for jobs the first time.
    jobs.enqueue_blocking(Greet{"by the same process"});
    ASSERT_TRUE(notes.reach(1));
    EXPECT_TRUE(enqueue_in(db.get(), Jobs::make(Greet{"by another"})));
    EXPECT_TRUE(notes.reach(2));
    EXPECT_TRUE(enqueue_in(db.get(), Jobs::make(Greet{"and another"})));
    EXPECT_TRUE(notes.reach(3));
}

TEST_F(PostgresJobs, GoOnWhenTheServerIsBack) {
    Notes<std::string> notes;
    Jobs jobs{open()};
    JobWorker worker{jobs, quick()};
    worker.on<Greet>([&](const Greet& greet) { notes.add(greet.name); });
    worker.start();
    jobs.enqueue_blocking(Greet{"before"});
    ASSERT_TRUE(notes.reach(1));
    server->stop();
    EXPECT_THROW(jobs.enqueue_blocking(Greet{"during"}), JobStoreError);
    server->start();
    EXPECT_TRUE(eventually([&] {
        try {
            jobs.enqueue_blocking(Greet{"after"});
            return true;
        } catch (const JobStoreError&) {
            return false; // it was told once that the connection broke
        }
    }));
    EXPECT_TRUE(notes.reach(2));
    EXPECT_EQ(notes.all().back(), "after");
}

TEST_F(PostgresJobs, HaveTheirEffectOnce) {
    create_job_tables(db.get());
    ask("CREATE TABLE effects (text text)");
    const Uuid job = Uuid::v7();
    const auto effect = [&] { ask("INSERT INTO effects VALUES ('x')"); };
    EXPECT_TRUE(exactly_once(db.get(), job, effect));
    EXPECT_FALSE(exactly_once(db.get(), job, effect));
    EXPECT_TRUE(exactly_once(db.get(), job, effect, "another effect of the same job"));
    const Uuid other = Uuid::v7();
    EXPECT_THROW(exactly_once(db.get(), other,
                              [&] {
                                  effect();
                                  throw std::runtime_error("lost the connection");
                              }),
                 std::runtime_error);
    EXPECT_EQ(ask("SELECT count(*) FROM effects"), "2");
    EXPECT_TRUE(exactly_once(db.get(), other, effect)) << "it was rolled back, so it's done now";
    EXPECT_EQ(forget_effects(db.get(), Duration::seconds(3600)), 0U);
    ask("UPDATE armature_job_effects SET at = at - 7200000");
    EXPECT_EQ(forget_effects(db.get(), Duration::seconds(3600)), 3U);
}

TEST(PostgresJobsElsewhere, SayWhyThereIsNoConnection) {
    try {
        const auto store = postgres_jobs("host=/nonexistent user=nobody");
        FAIL();
    } catch (const JobStoreError& error) {
        EXPECT_THAT(error.what(), ::testing::HasSubstr("PostgreSQL: "));
        EXPECT_THAT(error.what(), ::testing::HasSubstr("/nonexistent"));
    }
}

} // namespace
} // namespace job_tests
