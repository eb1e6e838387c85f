#include "app.hpp"

#include "nested.hpp"
#include "routes.hpp"

namespace showcase {

armature::OpenApi describe_api(bool in_production) {
    using Tag = decltype(armature::OpenApi::tags)::value_type;
    const Tag guarded = in_production
                            ? Tag{"Shop", "Orders with a token, an account with a session"}
                            : Tag{"Private", "Behind a guard: the token is `showcase-token`"};
    return {.title = "Armature showcase",
            .version = "1.0.0",
            .description = "A bit of everything that Armature serves.",
            .license = {.name = "MIT", .identifier = "MIT"},
            .tags = {{"Greetings", "The shortest handlers"},
                     {"Users", "JSON with rules, kept in memory"},
                     {"Content", "Content of any size, streamed"},
                     {"Answers", "Statuses, redirects, failures"},
                     {"Inspection", "What the server saw of the request"},
                     guarded,
                     {"Events", "Server-sent events"},
                     {"WebSockets", "One handler on every protocol"},
                     {"Health", "For whoever watches over it"}}};
}

armature::App make_app(const AppSettings& settings) {
    armature::App app = armature::App::create();
    const armature::MetricsRegistry metrics;
    const Production& production = settings.production;
    if (production) put_on(app, production, metrics);
    app.body_limit(settings.max_body).wrap(RecordVisits{});
    add_hello(app);
    add_health(app, metrics, static_cast<bool>(production));
    add_upload(app);
    add_users(app, production ? nullptr : &metrics);
    add_streams(app);
    add_large_json(app);
    add_bytes(app);
    add_inspection(app);
    add_responses(app);
    if (production)
        add_shop(app, production);
    else
        add_private(app); // its token is in its source
    add_limited(app);
    add_nested(app);
    add_websockets(app);
    add_events(app);
    if (!settings.static_files.empty()) add_static_files(app, settings.static_files);
    app.service(armature::openapi(describe_api(static_cast<bool>(production))));
    return app;
}

} // namespace showcase
