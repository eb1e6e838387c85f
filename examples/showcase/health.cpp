#include "routes.hpp"

#include <armature/observability/health.hpp>
#include <armature/observability/metrics.hpp>

using namespace armature;

namespace showcase {

namespace {

// Stands for what a real program asks its database.
Task<bool> blocking_work_goes_on() {
    const auto work = [] { return true; };
    co_return co_await blocking(work);
}

} // namespace

void add_health(App& app, MetricsRegistry metrics) {
    metrics.add_process_metrics();
    app.service(health(Health{}.check("workers", blocking_work_goes_on)).tag("Health"))
        .route("/metrics", metrics_route(metrics).tag("Health"));
}

} // namespace showcase
