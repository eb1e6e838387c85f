// The worker, whatever the store: handlers, failures, queues, shutdown.
#include "jobs/support.hpp"
#include "support/process.hpp"

#include <armature/di/di.hpp>

#include <gmock/gmock.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

namespace job_tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

class JobWorkerTest : public ::testing::Test {
  protected:
    Folder folder;
    Jobs jobs{sqlite_jobs(folder.file("jobs.db"))};
    Notes<std::string> notes;

    JobCounts counts(const std::string& queue = "default") { return await(jobs.counts(queue)); }
    bool is_empty() {
        return eventually([this] {
            const JobCounts now = counts();
            return now.waiting + now.running == 0;
        });
    }
};

TEST_F(JobWorkerTest, RunsCoroutinesAndFunctions) {
    JobWorker worker{jobs, quick()};
    worker.on<Greet>([this](const Greet& greet) -> Task<> {
        co_await sleep_for(Duration::milliseconds(1));
        notes.add("hello " + greet.name);
    });
    worker.on<Count>([this](const Count& count, const JobContext& job) {
        notes.add(std::to_string(count.number) + " in attempt " + std::to_string(job.attempt));
    });
    worker.start();
    jobs.enqueue_blocking(Greet{"Ada"});
    jobs.enqueue_blocking(Count{7});
    EXPECT_TRUE(notes.reach(2));
    EXPECT_THAT(notes.all(), UnorderedElementsAre("hello Ada", "7 in attempt 1"));
    EXPECT_TRUE(is_empty());
}

TEST_F(JobWorkerTest, TriesAgainUntilTheHandlerReturns) {
    JobWorker worker{jobs, quick()};
    worker.on<Greet>([this](const Greet&, const JobContext& job) {
        notes.add(job.id.to_string());
        if (job.attempt < 3) throw std::runtime_error("not yet");
    });
    worker.start();
    const Enqueued job = jobs.enqueue_blocking(Greet{"Ada"});
    EXPECT_TRUE(notes.reach(3));
    EXPECT_TRUE(is_empty());
    EXPECT_THAT(notes.all(), ::testing::Each(job.id.to_string())) << "the id stays the same";
    EXPECT_EQ(notes.all().size(), 3U);
    EXPECT_EQ(counts().dead, 0U);
}

TEST_F(JobWorkerTest, BuriesWhatUsedUpItsAttemptsAndReplaysIt) {
    std::atomic<bool> works = false;
    JobWorker worker{jobs, quick()};
    worker.on<Greet>([&](const Greet& greet, const JobContext& job) {
        notes.add(job.is_last() ? "last" : "try");
        if (!works) throw std::runtime_error("no way to " + greet.name);
    });
    worker.start();
    const Enqueued job = jobs.enqueue_blocking(Greet{"Ada"}, JobOptions{}.attempts(2));
    ASSERT_TRUE(eventually([this] { return counts().dead == 1; }));
    EXPECT_THAT(notes.all(), ElementsAre("try", "last"));

    const std::vector<DeadJob> dead = await(jobs.dead());
    ASSERT_EQ(dead.size(), 1U);
    EXPECT_EQ(dead[0].id, job.id);
    EXPECT_EQ(dead[0].kind, "greet");
    EXPECT_EQ(dead[0].payload, R"({"name":"Ada"})");
    EXPECT_EQ(dead[0].error, "no way to Ada");
    EXPECT_EQ(dead[0].attempt, 2U);

    works = true;
    EXPECT_TRUE(await(jobs.replay(job.id)));
    EXPECT_TRUE(is_empty());
    EXPECT_THAT(notes.all(), ElementsAre("try", "last", "try"));
    EXPECT_FALSE(await(jobs.replay(job.id))) << "it isn't dead any more";
}

TEST_F(JobWorkerTest, BuriesAtOnceWhatCanNotSucceed) {
    JobWorker worker{jobs, quick()};
    worker.on<Greet>([](const Greet&) -> Task<> {
        throw JobFailed("there is no such person");
        co_return;
    });
    worker.on<Count>([this](const Count&) { notes.add("never"); });
    worker.start();
    jobs.enqueue_blocking(Greet{"Nobody"});
    const NewJob malformed = [] {
        NewJob job = Jobs::make(Count{1});
        job.payload = R"({"number":"many"})";
        return job;
    }();
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(folder.file("jobs.db").c_str(), &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 30'000);
    EXPECT_TRUE(enqueue_in(db, malformed));
    sqlite3_close(db);
    jobs.wake();
    ASSERT_TRUE(eventually([this] { return counts().dead == 2; }));
    std::vector<std::string> errors;
    for (const DeadJob& job : await(jobs.dead()))
        errors.push_back(job.error + ", " + std::to_string(job.attempt));
    EXPECT_THAT(errors, UnorderedElementsAre(
                            "there is no such person, 1",
                            HasSubstr("the payload doesn't fit: /number must be an integer")));
    EXPECT_TRUE(notes.all().empty());
}

TEST_F(JobWorkerTest, WaitsAsLongAsTheHandlerSays) {
    JobWorkerOptions options = quick();
    options.backoff.first = options.backoff.longest = Duration::seconds(3600);
    JobWorker worker{jobs, options};
    worker.on<Greet>([this](const Greet&, const JobContext& job) {
        notes.add("try");
        if (job.attempt == 1) throw JobRetry(Duration::milliseconds(5), "come back soon");
    });
    worker.start();
    jobs.enqueue_blocking(Greet{"Ada"});
    EXPECT_TRUE(notes.reach(2)) << "long before the usual wait is over";
}

TEST_F(JobWorkerTest, KeepsAJobThatNobodyCanDo) {
    JobWorkerOptions options = quick();
    options.backoff.first = options.backoff.longest = Duration::seconds(3600);
    JobWorker worker{jobs, options};
    worker.on<Count>([this](const Count&) { notes.add("count"); });
    worker.start();
    jobs.enqueue_blocking(Greet{"Ada"});
    jobs.enqueue_blocking(Count{1});
    EXPECT_TRUE(notes.reach(1));
    EXPECT_TRUE(eventually([this] { return counts().running == 0; }));
    EXPECT_EQ(counts().waiting, 1U);
}

TEST_F(JobWorkerTest, EndsACoroutineThatTakesTooLong) {
    JobWorker worker{jobs, quick()};
    JobHandlerOptions options;
    options.timeout = Duration::milliseconds(5);
    worker.on<Greet>([](const Greet&) -> Task<> { co_await sleep_for(Duration::seconds(3600)); },
                     options);
    worker.start();
    jobs.enqueue_blocking(Greet{"Ada"}, JobOptions{}.attempts(1));
    ASSERT_TRUE(eventually([this] { return counts().dead == 1; }));
    EXPECT_EQ(await(jobs.dead())[0].error, "it took too long");
}

TEST_F(JobWorkerTest, ExtendsTheLeaseOfWhatIsUnderWay) {
    // The lease of 3 s is extended while the job runs; the second worker would get it otherwise.
    JobWorkerOptions options = quick();
    options.lease = Duration::seconds(3);
    std::atomic<int> started = 0;
    const auto handler = [&](const Greet&) -> Task<> {
        ++started;
        co_await sleep_for(Duration::milliseconds(4000));
        notes.add("done");
    };
    JobWorker first{jobs, options};
    JobWorker second{jobs, options};
    first.on<Greet>(handler);
    second.on<Greet>(handler);
    first.start();
    second.start();
    jobs.enqueue_blocking(Greet{"Ada"});
    EXPECT_TRUE(notes.reach(1));
    EXPECT_TRUE(is_empty());
    EXPECT_EQ(started, 1);
}

TEST_F(JobWorkerTest, KeepsTheOrderOfPriorityAndAge) {
    jobs.enqueue_blocking(Count{1});
    jobs.enqueue_blocking(Count{2}, JobOptions{}.priority(5));
    jobs.enqueue_blocking(Count{3}, JobOptions{}.priority(-5));
    jobs.enqueue_blocking(Count{4});
    jobs.enqueue_blocking(Count{5}, JobOptions{}.delay(Duration::seconds(3600)).priority(9));
    JobWorkerOptions options = quick();
    options.queues = {{"default", 1}};
    JobWorker worker{jobs, options};
    worker.on<Count>([this](const Count& count) { notes.add(std::to_string(count.number)); });
    worker.start();
    EXPECT_TRUE(notes.reach(4));
    EXPECT_THAT(notes.all(), ElementsAre("2", "1", "4", "3"));
    EXPECT_EQ(counts().waiting, 1U) << "the one that is for later";
}

TEST_F(JobWorkerTest, DoesNoMoreAtATimeThanItsQueueAllows) {
    std::atomic<int> now = 0;
    std::atomic<int> most = 0;
    const auto handler = [&](const Count&) -> Task<> {
        most = std::max(most.load(), ++now);
        co_await sleep_for(Duration::milliseconds(2));
        --now;
        notes.add("done");
    };
    JobWorkerOptions options = quick();
    options.queues = {{"default", 3}};
    JobWorker worker{jobs, options};
    worker.on<Count>(handler);
    for (int i = 0; i < 20; ++i)
        jobs.enqueue_blocking(Count{i});
    worker.start();
    EXPECT_TRUE(notes.reach(20));
    EXPECT_EQ(most, 3);
}

TEST_F(JobWorkerTest, FinishesWhatIsUnderWayWhenItStops) {
    std::atomic<bool> started = false;
    {
        JobWorkerOptions options = quick();
        options.queues = {{"default", 1}};
        JobWorker worker{jobs, options};
        worker.on<Greet>([&](const Greet& greet) -> Task<> {
            started = true;
            co_await sleep_for(Duration::milliseconds(50));
            notes.add(greet.name);
        });
        worker.start();
        jobs.enqueue_blocking(Greet{"first"});
        jobs.enqueue_blocking(Greet{"second"});
        ASSERT_TRUE(eventually([&] { return started.load(); }));
        worker.stop();
        worker.join();
    }
    EXPECT_THAT(notes.all(), ElementsAre("first"));
    EXPECT_EQ(counts().waiting, 1U);
    EXPECT_EQ(counts().running, 0U);
}

TEST_F(JobWorkerTest, GivesBackWhatDoesNotEndInTime) {
    std::atomic<bool> started = false;
    JobWorkerOptions options = quick();
    options.drain = Duration::milliseconds(1);
    {
        JobWorker worker{jobs, options};
        worker.on<Greet>([&](const Greet&) -> Task<> {
            started = true;
            co_await sleep_for(Duration::seconds(3600));
        });
        worker.start();
        jobs.enqueue_blocking(Greet{"Ada"}, JobOptions{}.attempts(1));
        ASSERT_TRUE(eventually([&] { return started.load(); }));
    }
    EXPECT_EQ(counts().waiting, 1U) << "its only attempt didn't count";
    JobWorker another{jobs, options};
    another.on<Greet>([this](const Greet& greet, const JobContext& job) {
        notes.add(greet.name + std::to_string(job.attempt));
    });
    another.start();
    EXPECT_TRUE(notes.reach(1));
    EXPECT_THAT(notes.all(), ElementsAre("Ada1"));
}

TEST_F(JobWorkerTest, IsAServiceOfAnApp) {
    const auto worker = std::make_shared<JobWorker>(jobs, quick());
    worker->on<Greet>([this](const Greet& greet) -> Task<> {
        notes.add(greet.name);
        co_return;
    });
    {
        armature::testing::TestServer server{
            App::create()
                .data(jobs)
                .provide_value(worker)
                .route("/greet/{name}",
                       post([](Path<std::string> name, State<Jobs> to) -> Task<std::string> {
                           const Greet greet{*name};
                           const Enqueued job = co_await to->enqueue(greet);
                           co_return job.id.to_string();
                       }))
                .build()};
        const armature::testing::Ran answer =
            armature::testing::run({"curl", "-sS", "-X", "POST", server.url("/greet/Ada")});
        EXPECT_EQ(answer.output.size(), 36U) << answer.output;
        EXPECT_TRUE(notes.reach(1));
        EXPECT_THAT(notes.all(), ElementsAre("Ada"));
    }
    jobs.enqueue_blocking(Greet{"too late"});
    EXPECT_EQ(counts().waiting, 1U) << "the worker ended with the server";
}

TEST_F(JobWorkerTest, SurvivesAConnectionThatItsPeerClosed) {
    const auto write_to_nobody = [this](const char* who) {
        int ends[2];
        if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
        ::close(ends[0]);
        if (::write(ends[1], "x", 1) == -1 && errno == EPIPE) notes.add(who);
        ::close(ends[1]);
    };
    JobWorker worker{jobs, quick()};
    worker.on<Greet>([&](const Greet&) -> Task<> {
        write_to_nobody("coroutine");
        co_return;
    });
    worker.on<Count>([&](const Count&) { write_to_nobody("function"); });
    worker.start();
    jobs.enqueue_blocking(Greet{"Ada"});
    jobs.enqueue_blocking(Count{1});
    EXPECT_TRUE(notes.reach(2)) << "and SIGPIPE didn't end the process";
}

TEST(JobBackoff, DoublesUpToItsLongest) {
    JobBackoff backoff;
    backoff.first = Duration::seconds(1);
    backoff.longest = Duration::seconds(60);
    EXPECT_EQ(backoff.after(1, 0).count(), 1000);
    EXPECT_EQ(backoff.after(2, 0).count(), 2000);
    EXPECT_EQ(backoff.after(5, 0).count(), 16'000);
    EXPECT_EQ(backoff.after(7, 0).count(), 60'000);
    EXPECT_EQ(backoff.after(1000, 0).count(), 60'000);
    EXPECT_EQ(backoff.after(2, 1).count(), 1000) << "shorter by half, at most";
}

TEST_F(JobWorkerTest, RefusesOptionsThatCanNotBeRight) {
    const auto with = [this](auto change) {
        JobWorkerOptions options;
        change(options);
        EXPECT_THROW(JobWorker(jobs, options), std::invalid_argument);
    };
    with([](auto& options) { options.queues.clear(); });
    with([](auto& options) { options.queues[0].concurrency = 0; });
    with([](auto& options) { options.queues = {{"a"}, {"a"}}; });
    with([](auto& options) { options.lease = Duration::milliseconds(999); });
    with([](auto& options) { options.poll = Duration{}; });
    with([](auto& options) { options.backoff.jitter = 1.5; });
    with([](auto& options) { options.queues[0].rate = 1, options.queues[0].period = {}; });
    JobWorker worker{jobs};
    worker.on<Greet>([](const Greet&) {});
    EXPECT_THROW(worker.on<Greet>([](const Greet&) {}), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(Jobs::make(Greet{}, JobOptions{}.priority(5000))),
                 std::invalid_argument);
    EXPECT_THROW(static_cast<void>(Jobs::make(Greet{}, JobOptions{}.attempts(0))),
                 std::invalid_argument);
    EXPECT_THROW(static_cast<void>(Jobs::make(Greet{}, JobOptions{}.queue(""))),
                 std::invalid_argument);
    EXPECT_THROW(static_cast<void>(Jobs::make(Greet{}, JobOptions{}.unique(""))),
                 std::invalid_argument);
    EXPECT_THROW(Jobs{nullptr}, std::invalid_argument);
}

} // namespace
} // namespace job_tests
