#pragma once

#include "jobs/support.hpp"

#include <gmock/gmock.h>

#include <set>

namespace job_tests {

/// What every store has to do. `open` gives a store of its own on the same jobs, as another process
/// would have. Each check uses queues of its own.
template <class Open>
class StoreContract {
  public:
    explicit StoreContract(Open open) : open_(std::move(open)), store_(open_()) {}

    void check_all() {
        gives_each_job_once();
        orders_by_priority_then_age();
        keeps_delayed_jobs_back();
        gives_jobs_of_one_queue_only();
        gives_again_what_was_lost();
        buries_what_was_lost_for_the_last_time();
        ignores_outcomes_of_lost_leases();
        extends_leases();
        tries_again_and_releases();
        buries_and_replays();
        removes();
        keeps_unique_jobs_out();
        keeps_keys_for_a_window();
        limits_what_runs_at_a_time();
        limits_the_rate();
        does_not_add_an_id_twice();
        keeps_any_text();
    }

  private:
    static NewJob job(const std::string& queue, JobOptions options = {}) {
        return Jobs::make(Count{1}, std::move(options).queue(queue));
    }
    static JobRequest request(const std::string& queue, unsigned count,
                              Duration lease = Duration::seconds(60)) {
        JobRequest request;
        request.queue = queue;
        request.count = count;
        request.lease = lease;
        return request;
    }
    std::vector<LeasedJob> lease(const std::string& queue, unsigned count,
                                 Duration lease = Duration::seconds(60)) {
        return store_->lease(request(queue, count, lease));
    }
    /// Asks until there is one: for leases that ran out and delays that are over.
    LeasedJob await_one(const std::string& queue) {
        std::vector<LeasedJob> jobs;
        EXPECT_TRUE(eventually([&] {
            jobs = lease(queue, 1);
            return !jobs.empty();
        })) << queue;
        return jobs.empty() ? LeasedJob{} : jobs[0];
    }
    void finish(const LeasedJob& job, JobOutcome::End end, Duration delay = {},
                std::string error = "") {
        const JobOutcome outcome{{job.id, job.fence}, end, delay, std::move(error)};
        store_->finish({&outcome, 1});
    }
    std::string states(const std::string& queue) {
        const JobCounts counts = store_->counts(queue);
        return std::to_string(counts.waiting) + ' ' + std::to_string(counts.running) + ' ' +
               std::to_string(counts.dead);
    }

    void gives_each_job_once() {
        SCOPED_TRACE("gives each job once");
        const auto other = open_();
        std::set<Uuid> added;
        for (int i = 0; i < 20; ++i) {
            const NewJob one = job("once");
            EXPECT_TRUE(store_->insert(one));
            added.insert(one.id);
        }
        std::set<Uuid> given;
        for (const LeasedJob& one : store_->lease(request("once", 15))) {
            EXPECT_EQ(one.kind, "count");
            EXPECT_EQ(one.payload, R"({"number":1})");
            EXPECT_EQ(one.attempt, 1U);
            EXPECT_EQ(one.attempts, 25U);
            given.insert(one.id);
        }
        EXPECT_EQ(given.size(), 15U);
        EXPECT_EQ(states("once"), "5 15 0");
        for (const LeasedJob& one : other->lease(request("once", 15)))
            given.insert(one.id);
        EXPECT_EQ(given, added);
        EXPECT_TRUE(other->lease(request("once", 15)).empty());
    }
    void orders_by_priority_then_age() {
        SCOPED_TRACE("orders by priority, then age");
        std::vector<Uuid> wanted(5);
        const int priorities[] = {0, 7, -3, 0, 7};
        const int places[] = {2, 0, 4, 3, 1};
        for (int i = 0; i < 5; ++i) {
            const NewJob one = job("order", JobOptions{}.priority(priorities[i]));
            EXPECT_TRUE(store_->insert(one));
            wanted[static_cast<std::size_t>(places[i])] = one.id;
        }
        std::vector<Uuid> given;
        for (const LeasedJob& one : lease("order", 3))
            given.push_back(one.id);
        for (const LeasedJob& one : lease("order", 3))
            given.push_back(one.id);
        EXPECT_EQ(given, wanted);
    }
    void keeps_delayed_jobs_back() {
        SCOPED_TRACE("keeps delayed jobs back");
        const NewJob later = job("delay", JobOptions{}.delay(Duration::seconds(3600)));
        EXPECT_TRUE(store_->insert(later));
        const NewJob at =
            job("delay", JobOptions{}.at(std::chrono::system_clock::now() + std::chrono::hours{1}));
        EXPECT_TRUE(store_->insert(at));
        EXPECT_TRUE(lease("delay", 5).empty());
        const NewJob soon = job("delay", JobOptions{}.delay(Duration::milliseconds(30)));
        EXPECT_TRUE(store_->insert(soon));
        EXPECT_EQ(await_one("delay").id, soon.id);
        const NewJob past =
            job("delay", JobOptions{}.at(std::chrono::system_clock::now() - std::chrono::hours{1}));
        EXPECT_TRUE(store_->insert(past));
        EXPECT_EQ(await_one("delay").id, past.id);
        EXPECT_EQ(states("delay"), "2 2 0");
    }
    void gives_jobs_of_one_queue_only() {
        SCOPED_TRACE("gives jobs of one queue only");
        EXPECT_TRUE(store_->insert(job("queue a")));
        EXPECT_TRUE(lease("queue b", 5).empty());
        EXPECT_EQ(lease("queue a", 5).size(), 1U);
    }
    void gives_again_what_was_lost() {
        SCOPED_TRACE("gives again what was lost");
        const NewJob one = job("lost");
        EXPECT_TRUE(store_->insert(one));
        const auto first = lease("lost", 1, Duration::milliseconds(20));
        ASSERT_EQ(first.size(), 1U);
        const LeasedJob second = await_one("lost");
        EXPECT_EQ(second.id, one.id);
        EXPECT_EQ(second.attempt, 2U) << "a worker that was killed used up an attempt";
        EXPECT_NE(second.fence, first[0].fence);
    }
    void buries_what_was_lost_for_the_last_time() {
        SCOPED_TRACE("buries what was lost for the last time");
        const NewJob one = job("poison", JobOptions{}.attempts(1).unique("poison"));
        EXPECT_TRUE(store_->insert(one));
        EXPECT_EQ(lease("poison", 1, Duration::milliseconds(5)).size(), 1U);
        EXPECT_TRUE(eventually([&] {
            EXPECT_TRUE(lease("poison", 1).empty());
            return states("poison") == "0 0 1";
        }));
        const auto dead = store_->dead("poison", 10);
        ASSERT_EQ(dead.size(), 1U);
        EXPECT_EQ(dead[0].error, "its worker was lost");
        EXPECT_TRUE(store_->insert(job("poison", JobOptions{}.unique("poison"))));
    }
    void ignores_outcomes_of_lost_leases() {
        SCOPED_TRACE("ignores outcomes of lost leases");
        EXPECT_TRUE(store_->insert(job("fence")));
        const auto first = lease("fence", 1, Duration::milliseconds(5));
        ASSERT_EQ(first.size(), 1U);
        const LeasedJob second = await_one("fence");
        finish(first[0], JobOutcome::End::done);
        finish(first[0], JobOutcome::End::retry);
        finish(first[0], JobOutcome::End::dead);
        EXPECT_EQ(states("fence"), "0 1 0");
        finish(second, JobOutcome::End::done);
        EXPECT_EQ(states("fence"), "0 0 0");
        finish(second, JobOutcome::End::retry);
        EXPECT_EQ(states("fence"), "0 0 0");
    }
    void extends_leases() {
        SCOPED_TRACE("extends leases");
        EXPECT_TRUE(store_->insert(job("extend")));
        EXPECT_TRUE(store_->insert(job("extend")));
        const auto held = lease("extend", 2);
        ASSERT_EQ(held.size(), 2U);
        // Made shorter, for a test can't wait: from now on, not from when it was taken.
        const JobHold holds[] = {{held[0].id, held[0].fence}, {held[1].id, held[1].fence + 7}};
        const auto lost = store_->extend(holds, Duration::milliseconds(5));
        ASSERT_EQ(lost.size(), 1U);
        EXPECT_EQ(lost[0].id, held[1].id) << "that wasn't its lease";
        EXPECT_EQ(await_one("extend").id, held[0].id);
        EXPECT_TRUE(lease("extend", 1).empty());
        finish(held[1], JobOutcome::End::done);
        EXPECT_EQ(states("extend"), "0 1 0");
    }
    void tries_again_and_releases() {
        SCOPED_TRACE("tries again, and releases");
        EXPECT_TRUE(store_->insert(job("retry")));
        LeasedJob one = await_one("retry");
        finish(one, JobOutcome::End::retry, Duration::milliseconds(1), "once more");
        one = await_one("retry");
        EXPECT_EQ(one.attempt, 2U);
        finish(one, JobOutcome::End::released);
        one = await_one("retry");
        EXPECT_EQ(one.attempt, 2U) << "the released one didn't count";
        finish(one, JobOutcome::End::retry, Duration::seconds(3600));
        EXPECT_TRUE(lease("retry", 1).empty());
        EXPECT_EQ(states("retry"), "1 0 0");
    }
    void buries_and_replays() {
        SCOPED_TRACE("buries, and replays");
        std::vector<Uuid> ids;
        for (int i = 0; i < 3; ++i) {
            EXPECT_TRUE(store_->insert(job("dead")));
            const LeasedJob one = await_one("dead");
            finish(one, JobOutcome::End::dead, {}, "no " + std::to_string(i));
            ids.push_back(one.id);
        }
        EXPECT_EQ(states("dead"), "0 0 3");
        const auto dead = store_->dead("dead", 10);
        ASSERT_EQ(dead.size(), 3U);
        std::set<std::string> errors;
        for (const DeadJob& one : dead)
            errors.insert(one.error);
        EXPECT_EQ(errors, (std::set<std::string>{"no 0", "no 1", "no 2"}));
        EXPECT_EQ(dead[0].queue, "dead");
        EXPECT_EQ(dead[0].payload, R"({"number":1})");
        EXPECT_EQ(dead[0].attempt, 1U);
        EXPECT_GT(dead[0].died, 1'600'000'000'000);
        EXPECT_EQ(store_->dead("dead", 2).size(), 2U);
        EXPECT_TRUE(store_->replay(ids[1]));
        EXPECT_FALSE(store_->replay(ids[1]));
        EXPECT_EQ(states("dead"), "1 0 2");
        const LeasedJob again = await_one("dead");
        EXPECT_EQ(again.id, ids[1]);
        EXPECT_EQ(again.attempt, 1U);
    }
    void removes() {
        SCOPED_TRACE("removes");
        const NewJob waiting = job("remove", JobOptions{}.unique("remove"));
        EXPECT_TRUE(store_->insert(waiting));
        EXPECT_TRUE(store_->remove(waiting.id));
        EXPECT_FALSE(store_->remove(waiting.id));
        EXPECT_TRUE(store_->insert(job("remove", JobOptions{}.unique("remove"))));
        const LeasedJob running = await_one("remove");
        EXPECT_FALSE(store_->remove(running.id)) << "it runs";
        finish(running, JobOutcome::End::dead);
        EXPECT_TRUE(store_->remove(running.id));
        EXPECT_EQ(states("remove"), "0 0 0");
        EXPECT_TRUE(store_->dead("remove", 5).empty());
    }
    void keeps_unique_jobs_out() {
        SCOPED_TRACE("keeps unique jobs out");
        const auto with_keys = [] { return JobOptions{}.unique("u/1").unique("u/2"); };
        EXPECT_TRUE(store_->insert(job("unique", with_keys())));
        EXPECT_FALSE(store_->insert(job("unique", with_keys())));
        EXPECT_FALSE(store_->insert(job("another", JobOptions{}.unique("u/3").unique("u/2"))));
        EXPECT_TRUE(store_->insert(job("another", JobOptions{}.unique("u/3"))))
            << "what was left out took no key";
        const LeasedJob one = await_one("unique");
        EXPECT_FALSE(store_->insert(job("unique", with_keys()))) << "it runs";
        finish(one, JobOutcome::End::retry);
        EXPECT_FALSE(store_->insert(job("unique", with_keys()))) << "it waits";
        finish(await_one("unique"), JobOutcome::End::done);
        EXPECT_TRUE(store_->insert(job("unique", with_keys())));
        finish(await_one("unique"), JobOutcome::End::dead);
        EXPECT_TRUE(store_->insert(job("unique", with_keys()))) << "the dead have no key";
    }
    void keeps_keys_for_a_window() {
        SCOPED_TRACE("keeps keys for a window");
        const Duration hour = Duration::seconds(3600);
        EXPECT_TRUE(store_->insert(job("window", JobOptions{}.unique("w", hour))));
        finish(await_one("window"), JobOutcome::End::done);
        EXPECT_FALSE(store_->insert(job("window", JobOptions{}.unique("w", hour))));
        const Duration moment = Duration::milliseconds(20);
        EXPECT_TRUE(store_->insert(job("window", JobOptions{}.unique("m", moment))));
        EXPECT_TRUE(eventually(
            [&] { return store_->insert(job("window", JobOptions{}.unique("m", moment))); }));
    }
    void limits_what_runs_at_a_time() {
        SCOPED_TRACE("limits what runs at a time");
        for (int i = 0; i < 5; ++i)
            EXPECT_TRUE(store_->insert(job("total")));
        const auto other = open_();
        JobRequest two = request("total", 5);
        two.total = 2;
        const auto held = store_->lease(two);
        EXPECT_EQ(held.size(), 2U);
        EXPECT_TRUE(other->lease(two).empty());
        finish(held.at(0), JobOutcome::End::done);
        EXPECT_EQ(other->lease(two).size(), 1U);
    }
    void limits_the_rate() {
        SCOPED_TRACE("limits the rate");
        for (int i = 0; i < 9; ++i)
            EXPECT_TRUE(store_->insert(job("rate")));
        const auto other = open_();
        JobRequest limited = request("rate", 3);
        limited.rate = 4;
        limited.period = Duration::seconds(3600);
        EXPECT_EQ(store_->lease(limited).size(), 3U);
        EXPECT_EQ(other->lease(limited).size(), 1U);
        EXPECT_TRUE(store_->lease(limited).empty());
        limited.queue = "fast rate";
        limited.rate = 1;
        limited.period = Duration::milliseconds(20);
        for (int i = 0; i < 2; ++i)
            EXPECT_TRUE(store_->insert(job("fast rate")));
        EXPECT_EQ(store_->lease(limited).size(), 1U);
        EXPECT_TRUE(eventually([&] { return store_->lease(limited).size() == 1; }));
    }
    void does_not_add_an_id_twice() {
        SCOPED_TRACE("doesn't add an id twice");
        const NewJob one = job("id");
        EXPECT_TRUE(store_->insert(one));
        EXPECT_FALSE(store_->insert(one));
        EXPECT_EQ(states("id"), "1 0 0");
    }
    void keeps_any_text() {
        SCOPED_TRACE("keeps any text");
        const std::string text = "'; DROP TABLE armature_jobs; -- \" \\ \n {} $1 %s ü 🎉";
        NewJob one = job(text, JobOptions{}.unique(text));
        one.payload = to_json(Greet{text});
        one.kind = text;
        EXPECT_TRUE(store_->insert(one));
        EXPECT_FALSE(store_->insert(job("plain", JobOptions{}.unique(text))));
        const LeasedJob given = await_one(text);
        EXPECT_EQ(given.kind, text);
        EXPECT_EQ(given.payload, one.payload);
        finish(given, JobOutcome::End::dead, {}, text);
        EXPECT_EQ(store_->dead(text, 1).at(0).error, text);
    }

    Open open_;
    std::unique_ptr<JobStore> store_;
};

} // namespace job_tests
