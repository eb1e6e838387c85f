#include "routes.hpp"

using namespace armature;

namespace showcase {

namespace {

struct Message {
    std::string_view message;
};
ARMATURE_DESCRIBE(Message, message);

struct Health {
    std::string_view status;
};
ARMATURE_DESCRIBE(Health, status);

} // namespace

void add_hello(App& app) {
    app.route("/", get([] { return "Hello, World!"; }))
        .route("/json", get([] { return Message{"Hello, World!"}; }))
        .service(scope("/health")
                     .route("/live", get([] { return Health{"alive"}; }))
                     .route("/ready", get([] { return Health{"ready"}; })));
}

} // namespace showcase
