#include "app.hpp"

#include "exports.hpp"
#include "migrations.hpp"
#include "todos.hpp"

#include <armature/middleware/request_id.hpp>
#include <armature/middleware/security_headers.hpp>
#include <armature/observability/health.hpp>
#include <armature/observability/metrics.hpp>

using namespace armature;

namespace rest_api {

OpenApi describe_api() {
    return {.title = "Todos",
            .version = "1.0.0",
            .description = "Things to do, kept in a database.",
            .license = {.name = "MIT", .identifier = "MIT"},
            .servers = {{"http://127.0.0.1:8080", "Your machine"}},
            .tags = {{"todos", "What is to be done."},
                     {"exports", "All todos at once, made in the background."},
                     {"operation", "For whoever watches over the service."}}};
}

App make_app(const Settings& settings) {
    const auto database = std::make_shared<db::Database>(database_url(settings));
    MetricsRegistry metrics;
    metrics.add_process_metrics();
    return App::create()
        .wrap(HttpMetrics{metrics})
        .wrap(RequestId{})
        .wrap(SecurityHeaders{})
        .intercept(
            WriteLimit{settings.writes_per_minute}) // inside of the guards, so it knows users
        .provide_value(settings)
        .provide_value(database)
        .imports(todos_module)
        .imports(exports_module)
        .service(health(Health{}.check("database", [database] { return database->ping(); }))
                     .tag("operation"))
        .route("/metrics", metrics_route(metrics).tag("operation"))
        .service(openapi(describe_api()));
}

} // namespace rest_api
