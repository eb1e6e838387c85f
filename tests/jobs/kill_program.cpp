// A worker for test_kill: kill_program STORE EFFECTS RUNS
// STORE is where the jobs are, EFFECTS a database where each is to have its effect once, and RUNS a
// file that gets a line whenever a handler begins.
#include "jobs/kill_store.hpp"

#include <armature/jobs/worker.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <stdexcept>

int main(int, char** arguments) {
    using namespace armature;
    const Jobs jobs{job_tests::open_store(arguments[1])};
    const auto effects = job_tests::open_effects(arguments[2]);
    const int runs = ::open(arguments[3], O_WRONLY | O_APPEND | O_CREAT, 0600);

    JobWorkerOptions options;
    options.queues = {{"default", 50}};
    options.lease = Duration::seconds(1);
    options.poll = Duration::milliseconds(50);
    JobWorker worker{jobs, options};
    worker.on<job_tests::Mark>([&](const job_tests::Mark& mark, const JobContext& job) -> Task<> {
        const std::string line = std::to_string(mark.number) + '\n';
        if (::write(runs, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
            throw std::runtime_error("can't write");
        effects->mark_once(job.id, mark.number);
        co_return;
    });
    return worker.run();
}
