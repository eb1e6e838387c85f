#pragma once

#include "support/temporary_folder.hpp"
#include "support/test_server.hpp"

#include <armature/jobs/jobs.hpp>
#include <armature/jobs/sqlite.hpp>
#include <armature/jobs/worker.hpp>

#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace job_tests {

using namespace armature;
using armature::testing::eventually;

using Folder = armature::testing::TemporaryFolder;

struct Count {
    static constexpr std::string_view kind = "count";
    int number = 0;
};
ARMATURE_DESCRIBE(Count, number);

struct Greet {
    static constexpr std::string_view kind = "greet";
    std::string name;
};
ARMATURE_DESCRIBE(Greet, name);

/// What handlers did, from any thread.
template <class T>
class Notes {
  public:
    void add(T note) {
        const std::lock_guard lock{mutex_};
        notes_.push_back(std::move(note));
    }
    [[nodiscard]] std::vector<T> all() const {
        const std::lock_guard lock{mutex_};
        return notes_;
    }
    [[nodiscard]] bool reach(std::size_t count) const {
        return eventually([&] { return all().size() >= count; });
    }

  private:
    mutable std::mutex mutex_;
    std::vector<T> notes_;
};

template <class T>
T await(Task<T> task) {
    LocalLoop loop;
    return loop.run(std::move(task));
}

/// Looks for jobs often, and tries them again at once.
inline JobWorkerOptions quick() {
    JobWorkerOptions options;
    options.poll = Duration::milliseconds(10);
    options.backoff.first = options.backoff.longest = Duration::milliseconds(1);
    return options;
}

} // namespace job_tests
