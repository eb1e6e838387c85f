#include "app.hpp"

// armature:includes

#include <armature/app/controller.hpp>
#include <armature/client/client.hpp>
#include <armature/di/di.hpp>
#include <armature/middleware/load_shedding.hpp>
#include <armature/middleware/rate_limit.hpp>
#include <armature/middleware/request_id.hpp>
#include <armature/middleware/security_headers.hpp>
#include <armature/observability/access_log.hpp>
#include <armature/observability/health.hpp>
#include <armature/observability/metrics.hpp>
#include <armature/observability/tracing.hpp>

using namespace armature;

namespace {{name}} {

namespace {

struct Greeting {
    std::string text;
};
ARMATURE_DESCRIBE(Greeting, text);

Json<Greeting> greet(Path<std::string> whom) { return Json<Greeting>{{"Hello, " + *whom + "!"}}; }

// Asks the next service; what it answers is passed on while it comes.
Task<Response> relay(Extension<Span> span, State<Client> client, State<Settings> settings) {
    ClientRequest request{Method::get, settings->upstream + "/"};
    request.timeout(Duration::seconds(2));
    ClientResponse answer = co_await span->send(*client, std::move(request));
    Response response;
    response.status(answer.status());
    response.set_content(answer.header("content-type").value_or("application/octet-stream"),
                         std::move(answer.body()));
    co_return response;
}

} // namespace

OpenApi describe_api() { return {.title = "{{Title}}", .version = "0.1.0"}; }

App make_app(const Settings& settings) {
    MetricsRegistry metrics;
    metrics.add_process_metrics();
    return App::create()
        .wrap(Tracing{Tracer{}}) // where to: OTEL_EXPORTER_OTLP_ENDPOINT
        .wrap(HttpMetrics{metrics})
        .wrap(AccessLog{})
        .wrap(RequestId{})
        .wrap(LoadShedding{})
        .wrap(SecurityHeaders{})
        .wrap(RateLimit{RateLimitPolicy::gcra(settings.requests_per_minute, Duration::seconds(60))})
        // armature:middleware
        .body_limit(64 * 1024)
        .timeout(Duration::seconds(10))
        .data(settings)
        .data(std::make_shared<Client>())
        // armature:services
        .route("/greetings/{whom}", get(greet).summary("Greets somebody"))
        .route("/relay", get(relay).summary("What the next service says"))
        // armature:routes
        .service(health(Health{}).metadata(NeverShed{}).tag("operation"))
        .route("/metrics", metrics_route(metrics).metadata(NeverShed{}).tag("operation"))
        .service(openapi(describe_api()));
}

} // namespace {{name}}
