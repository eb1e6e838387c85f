#include "app.hpp"

#include "nested.hpp"
#include "routes.hpp"

namespace showcase {

armature::OpenApi describe_api() {
    return {.title = "Armature showcase",
            .version = "1.0.0",
            .description = "A bit of everything that Armature serves.",
            .license = {.name = "MIT", .identifier = "MIT"},
            .tags = {{"Greetings", "The shortest handlers"},
                     {"Users", "JSON with rules, kept in memory"},
                     {"Content", "Content of any size, streamed"},
                     {"Answers", "Statuses, redirects, failures"},
                     {"Inspection", "What the server saw of the request"},
                     {"Private", "Behind a guard: the token is `showcase-token`"},
                     {"Events", "Server-sent events"},
                     {"WebSockets", "One handler on every protocol"},
                     {"Health", "For whoever watches over it"}}};
}

armature::App make_app(std::uint64_t max_body, const std::string& static_files) {
    armature::App app = armature::App::create();
    app.body_limit(max_body).wrap(RecordVisits{});
    const armature::MetricsRegistry metrics;
    add_hello(app);
    add_health(app, metrics);
    add_upload(app);
    add_users(app, metrics);
    add_streams(app);
    add_large_json(app);
    add_bytes(app);
    add_inspection(app);
    add_responses(app);
    add_private(app);
    add_limited(app);
    add_nested(app);
    add_websockets(app);
    add_events(app);
    if (!static_files.empty()) add_static_files(app, static_files);
    app.service(armature::openapi(describe_api()));
    return app;
}

} // namespace showcase
