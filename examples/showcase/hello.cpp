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
    app.route("/", get([] { return "Hello, World!"; }).summary("A greeting").tag("Greetings"))
        .route("/json", get([] { return Message{"Hello, World!"}; })
                            .summary("The greeting as JSON")
                            .tag("Greetings"))
        .service(scope("/health")
                     .tag("Health")
                     .route("/live", get([] { return Health{"alive"}; }).summary("Is it running?"))
                     .route("/ready",
                            get([] { return Health{"ready"}; }).summary("May requests come?")));
}

} // namespace showcase
