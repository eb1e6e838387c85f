#include "app.hpp"

#include "nested.hpp"
#include "routes.hpp"

namespace showcase {

armature::App make_app(std::uint64_t max_body) {
    armature::App app = armature::App::create();
    app.body_limit(max_body).wrap(RecordVisits{});
    add_hello(app);
    add_upload(app);
    add_users(app);
    add_streams(app);
    add_bytes(app);
    add_inspection(app);
    add_responses(app);
    add_private(app);
    add_nested(app);
    add_websockets(app);
    add_events(app);
    return app;
}

} // namespace showcase
