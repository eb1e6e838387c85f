#include "routes.hpp"

using namespace armature;

namespace showcase {

namespace {

struct Message {
    std::string_view message;
};
ARMATURE_DESCRIBE(Message, message);

} // namespace

void add_hello(App& app) {
    app.route("/", get([] { return "Hello, World!"; }).summary("A greeting").tag("Greetings"))
        .route("/json", get([] { return Message{"Hello, World!"}; })
                            .summary("The greeting as JSON")
                            .tag("Greetings"));
}

} // namespace showcase
