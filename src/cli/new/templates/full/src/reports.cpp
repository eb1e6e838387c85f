#include "reports.hpp"

#include <armature/jobs/sqlite.hpp>
#include <armature/jobs/worker.hpp>
#include <armature/log/log.hpp>

#include <memory>
#include <string>
#include <string_view>

using namespace armature;

namespace {{name}} {

namespace {

struct MakeReport {
    static constexpr std::string_view kind = "make_report"; // the job's name in the store
    std::string topic;
};
ARMATURE_DESCRIBE(MakeReport, topic);

void make_report(const MakeReport& job) { // may block: it runs on a thread for such work
    log::info("report made", {{"topic", job.topic}});
}

Task<Status> queue_report(Path<std::string> topic, Inject<Jobs> jobs) {
    const MakeReport job{*topic}; // named before it is awaited, for g++ 12
    co_await jobs->enqueue(job);
    co_return Status::accepted;
}

} // namespace

Module reports_module(const Settings& settings) {
    const auto jobs = std::make_shared<Jobs>(sqlite_jobs(settings.jobs));
    const auto worker = std::make_shared<JobWorker>(*jobs);
    worker->on<MakeReport>(make_report);
    return Module{"reports"}.provide_value(jobs).provide_value(worker).service(
        scope("/reports")
            .tag("reports")
            .route("/{topic}", post(queue_report).summary("Has a report made, later")));
}

} // namespace {{name}}
