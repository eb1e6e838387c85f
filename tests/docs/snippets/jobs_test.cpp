// The C++ of docs/jobs.md: compiled and run here, repeated there.
#include "support/test_server.hpp"

#include <armature/armature.hpp>
#include <armature/client/client.hpp>
#include <armature/db/database.hpp>
#include <armature/di/di.hpp>
#include <armature/jobs/cron.hpp>
#include <armature/jobs/jobs.hpp>
#include <armature/jobs/outbox.hpp>
#include <armature/jobs/postgres.hpp>
#include <armature/jobs/redis.hpp>
#include <armature/jobs/sqlite.hpp>
#include <armature/jobs/transaction.hpp>
#include <armature/jobs/worker.hpp>
#include <armature/log/log.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>

namespace jobs_page {

using namespace armature;
using namespace std::chrono_literals;

std::atomic<int> mails = 0;

// [job]
struct Welcome {
    static constexpr std::string_view kind = "welcome"; // its name in the store
    std::string email;
};
ARMATURE_DESCRIBE(Welcome, email);
// [/job]

struct Report {
    static constexpr std::string_view kind = "report";
    std::string month;
};
ARMATURE_DESCRIBE(Report, month);

struct Charge {
    static constexpr std::string_view kind = "charge";
    int cents = 0;
};
ARMATURE_DESCRIBE(Charge, cents);

Task<> send_mail(std::string) {
    ++mails;
    co_return;
}
void render(const Report&) {}

// [first]
App shop(const Jobs& jobs) {
    const auto worker = std::make_shared<JobWorker>(jobs);
    worker->on<Welcome>([](const Welcome& welcome) -> Task<> { // on the worker's event loop
        co_await send_mail(welcome.email);
    });
    worker->on<Report>([](const Report& report) { render(report); }); // may block
    return App::create()
        .data(jobs)
        .provide_value(worker) // starts and ends with the server
        .route("/users/{email}",
               post([](Path<std::string> email, State<Jobs> queue) -> Task<Status> {
                   const Welcome welcome{*email};
                   co_await queue->enqueue(welcome);
                   co_return Status::accepted;
               }));
}
// [/first]

// [program]
int worker_program() {
    const Jobs jobs{postgres_jobs("postgresql://localhost/shop")};
    JobWorker worker{jobs};
    worker.on<Report>([](const Report& report) { render(report); });
    return worker.run(); // until SIGTERM or SIGINT
}
// [/program]

// [options]
Task<> plan(const Jobs& jobs) {
    const Report report{"2026-11"};
    co_await jobs.enqueue(report, JobOptions{}
                                      .queue("slow")
                                      .delay(10min)
                                      .priority(5)                // before those with 0
                                      .attempts(3)                // then it is dead
                                      .unique("report/2026-11")); // while there is none
    co_await jobs.enqueue(report, JobOptions{}.unique("report/2026-11", 24h)); // one a day
}
// [/options]

// [context]
void charge(const Charge& charge, const JobContext& job) {
    if (charge.cents < 0) throw JobFailed("nobody can be charged that"); // dead at once
    if (job.attempt == 1) throw JobRetry(30s, "the bank is closed"); // instead of the usual wait
}
// [/context]

// [queues]
JobWorkerOptions two_queues() {
    JobWorkerOptions options;
    options.queues = {
        {"default", 20},                                           // 20 at a time in this process
        {"slow", 2, /* total */ 4, /* rate */ 60, /* per */ 1min}, // 4 in all, 60 a minute
    };
    return options;
}
// [/queues]

// [dead]
Task<std::size_t> replay_all(const Jobs& jobs) {
    std::size_t count = 0;
    const std::vector<DeadJob> dead = co_await jobs.dead("default", 1000);
    for (const DeadJob& job : dead)
        count += co_await jobs.replay(job.id) ? 1 : 0;
    co_return count;
}
// [/dead]

void insert_order(sqlite3*) {}
void book(sqlite3*, int) {}

// [outbox]
void place_order(sqlite3* db, const Jobs& jobs) {
    // BEGIN
    insert_order(db);
    enqueue_in(db, Jobs::make(Welcome{"ada@example.com"}));
    // COMMIT: now there are both, or after a ROLLBACK none
    jobs.wake(); // optional: the worker needn't wait for its next look
}
// [/outbox]

// [transaction]
Task<> place_order_in(db::Database& db, const Jobs& jobs) {
    const auto both = [](db::Transaction& transaction) -> Task<> {
        co_await transaction.execute("INSERT INTO orders (total) VALUES (5)");
        NewJob job = Jobs::make(Welcome{"ada@example.com"});
        (void)co_await enqueue_in(transaction, std::move(job));
    };
    co_await db.transaction(both);
    jobs.wake();
}
// [/transaction]

// [relay]
void place_order_elsewhere(sqlite3* db, const OutboxRelay& relay) {
    // BEGIN
    insert_order(db);
    add_to_outbox(db, Jobs::make(Welcome{"ada@example.com"}));
    // COMMIT
    relay.wake(); // optional: it looks every half second
}

std::unique_ptr<OutboxRelay> make_relay() {
    return std::make_unique<OutboxRelay>(postgres_outbox("postgresql://localhost/shop"),
                                         redis_jobs("redis://127.0.0.1"));
}
// [/relay]

// [once]
void book_charges(JobWorker& worker, sqlite3* db) {
    worker.on<Charge>([db](const Charge& charge, const JobContext& job) {
        exactly_once(db, job.id, [&] { book(db, charge.cents); });
    });
}
// [/once]

// [cron]
void plan_reports(JobWorker& worker) {
    const CronSchedule nightly{"30 2 * * *", {.name = "Europe/Berlin"}};
    worker.cron("nightly report", nightly, Report{"2026-11"});
    for (const auto time : nightly.preview(CronSchedule::Time{}, 5))
        log::info("it will run", {{"at", time.time_since_epoch().count()}});
}
// [/cron]

TEST(JobsPage, EndsWhatItsRequestsBegan) {
    const Jobs jobs{sqlite_jobs(":memory:")};
    armature::testing::TestServer server{shop(jobs).build()};
    LocalLoop loop;
    Client client;
    const auto post = [&] {
        return client.send(ClientRequest{Method::post, server.url("/users/ada@example.com")});
    };
    EXPECT_EQ(loop.run(post()).status(), Status::accepted);
    EXPECT_TRUE(armature::testing::eventually([] { return mails == 1; }));
}

TEST(JobsPage, KeepsUniqueJobsApart) {
    const Jobs jobs{sqlite_jobs(":memory:")};
    LocalLoop loop;
    loop.run(plan(jobs));
    EXPECT_EQ(loop.run(jobs.counts("slow")).waiting, 1U);
    EXPECT_EQ(loop.run(jobs.counts()).waiting, 0U);
    EXPECT_EQ(loop.run(replay_all(jobs)), 0U);
}

TEST(JobsPage, HasOptionsThatAreRight) {
    const Jobs jobs{sqlite_jobs(":memory:")};
    JobWorker worker{jobs, two_queues()};
    plan_reports(worker);
    book_charges(worker, nullptr);
    EXPECT_THROW(charge(Charge{-1}, JobContext{}), JobFailed);
    EXPECT_THROW(charge(Charge{1}, JobContext{}), JobRetry);
    (void)&worker_program;
    (void)&place_order;
    (void)&place_order_in;
    (void)&place_order_elsewhere;
    (void)&make_relay;
}

} // namespace jobs_page
