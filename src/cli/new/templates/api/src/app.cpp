#include "app.hpp"

// armature:includes

#include <armature/app/controller.hpp>
#include <armature/db/database.hpp>
#include <armature/di/di.hpp>
#include <armature/middleware/rate_limit.hpp>
#include <armature/middleware/request_id.hpp>
#include <armature/middleware/security_headers.hpp>
#include <armature/observability/health.hpp>
#include <armature/observability/metrics.hpp>

using namespace armature;

namespace {{name}} {

OpenApi describe_api() { return {.title = "{{Title}}", .version = "0.1.0"}; }

App make_app(const Settings& settings) {
    const auto database = std::make_shared<db::Database>(settings.database.expose());
    MetricsRegistry metrics;
    metrics.add_process_metrics();
    return App::create()
        .wrap(HttpMetrics{metrics})
        .wrap(RequestId{})
        .wrap(SecurityHeaders{})
        .wrap(RateLimit{RateLimitPolicy::gcra(settings.requests_per_minute, Duration::seconds(60))})
        // armature:middleware
        .provide_value(database) // connects when the server starts, or stops the start
        // armature:services
        // armature:routes
        .service(health(Health{}.check("database", [database] { return database->ping(); }))
                     .tag("operation"))
        .route("/metrics", metrics_route(metrics).tag("operation"))
        .service(openapi(describe_api()));
}

} // namespace {{name}}
