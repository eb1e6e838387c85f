#pragma once

#include "jobs/kill.hpp"

#include <armature/jobs/outbox.hpp>

namespace job_tests {

/// Relays of a program of their own carry `count` jobs, which `outbox` has already, to `store`,
/// where a worker does them; again and again a relay is killed with SIGKILL, and another takes its
/// place. No job may be lost, and each has its effect once.
inline void check_relay_kills(const std::string& outbox, const std::string& store,
                              const Folder& folder, int count, int kills) {
    using armature::testing::Process;
    const std::string effects_at = "sqlite:" + folder.file("effects.db");
    const auto effects = open_effects(effects_at);
    Jobs jobs{open_store(store)};
    const auto start = [&] {
        return std::make_unique<Process>(std::vector<std::string>{RELAY_PROGRAM, outbox, store});
    };
    auto relay = start();
    Process worker{{KILL_PROGRAM, store, effects_at, folder.file("runs")}};
    const auto await_carried = [&](int least) {
        return eventually(
            [&] {
                std::this_thread::sleep_for(std::chrono::milliseconds{5}); // they need the CPU
                const JobCounts counts = await(jobs.counts());
                return effects->count() + static_cast<int>(counts.waiting) >= least;
            },
            std::chrono::minutes{5});
    };
    for (int kill = 0; kill < kills; ++kill) {
        ASSERT_TRUE(await_carried((kill + 1) * count / (kills + 1)));
        relay->signal(SIGKILL);
        EXPECT_EQ(relay->wait(), 128 + SIGKILL) << "it lived until then";
        relay = start();
    }
    ASSERT_TRUE(eventually(
        [&] {
            std::this_thread::sleep_for(std::chrono::milliseconds{20});
            return effects->count() >= count;
        },
        std::chrono::minutes{5}));
    ASSERT_TRUE(eventually(
        [&] {
            std::this_thread::sleep_for(std::chrono::milliseconds{50});
            const JobCounts counts = await(jobs.counts());
            return counts.waiting + counts.running == 0;
        },
        std::chrono::minutes{5}));
    relay->signal(SIGTERM);
    EXPECT_EQ(relay->wait(), 0) << relay->output();
    worker.signal(SIGTERM);
    EXPECT_EQ(worker.wait(), 0) << worker.output();
    EXPECT_EQ(effects->count(), count) << "exactly once";
    EXPECT_EQ(effects->distinct(), count);
    std::ifstream runs{folder.file("runs")};
    int calls = 0;
    for (int number = 0; runs >> number;)
        ++calls;
    std::cout << kills << " relays killed, handlers were called " << calls << " times for " << count
              << " jobs\n";
}

} // namespace job_tests
