#pragma once

#include "jobs/support.hpp"

#include <armature/db/database.hpp>
#include <armature/jobs/transaction.hpp>

#include <gtest/gtest.h>

#include <memory>

namespace job_tests {

/// Jobs that are added within a transaction of a `db::Database`, which is where the store has them.
inline void expect_to_be_added_within_a_transaction(const std::string& url,
                                                    std::unique_ptr<JobStore> store) {
    const Jobs jobs{std::move(store)};
    LocalLoop loop;
    db::Database database{url};
    (void)loop.run(database.execute("CREATE TABLE placed_orders (id INTEGER)"));
    const auto place = [&](bool commits, const JobOptions& options) -> Task<bool> {
        db::Transaction transaction = co_await database.begin();
        (void)co_await transaction.execute("INSERT INTO placed_orders VALUES (1)");
        NewJob job = Jobs::make(Greet{"Ada"}, options);
        const bool is_added = co_await enqueue_in(transaction, std::move(job));
        if (commits) co_await transaction.commit();
        co_return is_added;
    };
    EXPECT_TRUE(loop.run(place(false, JobOptions{})));
    EXPECT_EQ(await(jobs.counts()).waiting, 0U) << "rolled back, as the order is";
    EXPECT_TRUE(loop.run(place(true, JobOptions{})));
    EXPECT_EQ(await(jobs.counts()).waiting, 1U);
    EXPECT_TRUE(loop.run(place(true, JobOptions{}.unique("greet"))));
    EXPECT_FALSE(loop.run(place(true, JobOptions{}.unique("greet"))));
    EXPECT_EQ(await(jobs.counts()).waiting, 2U);
    EXPECT_EQ(loop.run(database.one<int>("SELECT count(*) FROM placed_orders")), 3);

    // A worker takes them for what they are.
    Notes<std::string> greeted;
    JobWorker worker{jobs};
    worker.on<Greet>([&](const Greet& greet) { greeted.add(greet.name); });
    worker.start();
    EXPECT_TRUE(greeted.reach(2));
}

} // namespace job_tests
