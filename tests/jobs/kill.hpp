#pragma once

#include "jobs/kill_store.hpp"
#include "jobs/support.hpp"
#include "support/process.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace job_tests {

inline constexpr int kill_jobs = 10'000;

/// Four workers of a program of their own do 10,000 jobs that `store` has already; again and again
/// one of them is killed with SIGKILL, and another takes its place. No job may be lost, and each
/// has its effect once.
inline void check_kills(const std::string& store, const std::string& effects_at,
                        const Folder& folder) {
    constexpr int kills = 16;
    const std::string runs = folder.file("runs");
    const auto effects = open_effects(effects_at);
    const auto start = [&] {
        return std::make_unique<armature::testing::Process>(
            std::vector<std::string>{KILL_PROGRAM, store, effects_at, runs});
    };
    const auto await_done = [&](int count) {
        return eventually(
            [&] {
                std::this_thread::sleep_for(
                    std::chrono::milliseconds{5}); // the workers need the CPU
                return effects->count() >= count;
            },
            std::chrono::minutes{5});
    };
    std::vector<std::unique_ptr<armature::testing::Process>> workers(4);
    for (auto& worker : workers)
        worker = start();
    for (int kill = 0; kill < kills; ++kill) {
        ASSERT_TRUE(await_done((kill + 1) * kill_jobs / (kills + 1)));
        auto& victim = workers[static_cast<std::size_t>(kill) % workers.size()];
        victim->signal(SIGKILL);
        EXPECT_EQ(victim->wait(), 128 + SIGKILL) << "it lived until then";
        victim = start();
    }
    ASSERT_TRUE(await_done(kill_jobs));
    Jobs jobs{open_store(store)};
    ASSERT_TRUE(eventually(
        [&] {
            std::this_thread::sleep_for(std::chrono::milliseconds{50});
            const JobCounts counts = await(jobs.counts());
            return counts.waiting + counts.running == 0;
        },
        std::chrono::minutes{5}));
    for (auto& worker : workers) {
        worker->signal(SIGTERM);
        EXPECT_EQ(worker->wait(), 0) << worker->output();
    }
    EXPECT_EQ(await(jobs.counts()).dead, 0U);

    EXPECT_EQ(effects->count(), kill_jobs) << "exactly once";
    EXPECT_EQ(effects->distinct(), kill_jobs);
    std::set<int> begun;
    int calls = 0;
    std::ifstream lines{runs};
    for (int number = 0; lines >> number; ++calls)
        begun.insert(number);
    EXPECT_EQ(begun.size(), static_cast<std::size_t>(kill_jobs)) << "at least once";
    std::cout << kills << " workers killed, handlers were called " << calls << " times for "
              << kill_jobs << " jobs\n";
}

} // namespace job_tests
