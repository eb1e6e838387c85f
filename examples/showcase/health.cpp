#include "production.hpp"
#include "routes.hpp"

#include <armature/middleware/load_shedding.hpp>
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

void add_health(App& app, MetricsRegistry metrics, bool operators_only) {
    metrics.add_process_metrics();
    Scope checks = health(Health{}.check("workers", blocking_work_goes_on));
    Scope figures = scope("/metrics").route("/", metrics_route(metrics));
    for (Scope* each : {&checks, &figures}) {
        each->tag("Health");
        if (operators_only) each->guard(is_operator).metadata(NeverShed{}); // what watches goes on
    }
    app.service(std::move(checks)).service(std::move(figures));
}

} // namespace showcase
