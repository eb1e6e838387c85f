// The route of armature_plain behind one piece of middleware, whose name is the argument: what it
// costs is the difference to `bare`.

#include <armature/armature.hpp>
#include <armature/middleware/cors.hpp>
#include <armature/middleware/rate_limit.hpp>
#include <armature/middleware/request_id.hpp>
#include <armature/middleware/security_headers.hpp>
#include <armature/observability/access_log.hpp>
#include <armature/observability/metrics.hpp>
#include <armature/observability/tracing.hpp>

#include <unistd.h>

#include <cstdio>
#include <string_view>

using namespace armature;

namespace {

struct Nothing {
    void before(Request&) const {}
    void after(Request&, Response&) const {}
};

CorsOptions one_origin() {
    CorsOptions options;
    options.origins = {"https://shop.example"};
    return options;
}

// All requests are one client's.
RateLimitPolicy more_than_asked() { return RateLimitPolicy::gcra(10'000, Duration::seconds(1)); }

// False for a name that isn't known.
bool wrap(App& app, std::string_view name) {
    if (name == "bare") return true;
    if (name == "nothing")
        app.wrap(Nothing{});
    else if (name == "request_id")
        app.wrap(RequestId{});
    else if (name == "cors")
        app.wrap(Cors{one_origin()});
    else if (name == "security_headers")
        app.wrap(SecurityHeaders{});
    else if (name == "metrics")
        app.wrap(HttpMetrics{MetricsRegistry{}});
    else if (name == "rate_limit")
        app.wrap(RateLimit{more_than_asked()}.silent());
    else if (name == "rate_limit_fields")
        app.wrap(RateLimit{more_than_asked()});
    else if (name == "access_log")
        app.wrap(AccessLog::combined([](std::string_view) {}));
    else if (name == "tracing")
        app.wrap(Tracing{Tracer{TracerOptions{}}});
    else
        return false;
    return true;
}

} // namespace

int main(int count, char** arguments) {
    App app = App::create();
    if (count != 2 || !wrap(app, arguments[1])) return 2;
    const Application application = app.route("/", get([] { return "Hello, World!"; })).build();
    Server server(application, {.http = "127.0.0.1:0", .threads = 1});
    std::printf("{\"ready\":true,\"pid\":%d,\"http\":\"%s\"}\n", ::getpid(),
                server.addresses().front().c_str());
    std::fflush(stdout);
    server.run();
}
