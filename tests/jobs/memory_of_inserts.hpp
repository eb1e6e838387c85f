#pragma once

#include <armature/jobs/store.hpp>

#include <vector>

namespace job_tests {

using namespace armature;

/// What a store was asked to insert.
class MemoryOfInserts : public JobStore {
  public:
    bool insert(const NewJob& job) override {
        if (fails) throw JobStoreError{"away"};
        jobs.push_back(job);
        return true;
    }
    std::vector<LeasedJob> lease(const JobRequest&) override { return {}; }
    std::vector<JobHold> extend(std::span<const JobHold>, Duration) override { return {}; }
    void finish(std::span<const JobOutcome>) override {}
    JobCounts counts(std::string_view) override { return {}; }
    std::vector<DeadJob> dead(std::string_view, unsigned) override { return {}; }
    bool replay(const Uuid&) override { return false; }
    bool remove(const Uuid&) override { return false; }

    std::vector<NewJob> jobs;
    bool fails = false;
};

} // namespace job_tests
