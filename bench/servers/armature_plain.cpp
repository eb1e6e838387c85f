// The smallest Armature server with the bench's routes: one event loop, one middleware, no logging.

#include <armature/app/controller.hpp>
#include <armature/armature.hpp>

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <string>

using namespace armature;

namespace {

struct Message {
    std::string message;
};
ARMATURE_DESCRIBE(Message, message);

struct User {
    std::uint64_t id;
    std::string name;
    std::string email;
};
ARMATURE_DESCRIBE(User, id, name, email);

struct Nothing {
    void before(Request&) const {}
    void after(Request&, Response&) const {}
};

std::string greet(std::string_view name) { return std::string{"Hello, "}.append(name).append("!"); }

// One route in three forms: by hand, with an extractor, and as a controller's method.
std::string by_hand(Request& request) { return greet(*request.param("name")); }

class Greeter {
    ARMATURE_CONTROLLER(Greeter, "/method");

  public:
    ARMATURE_GET("/{name}", hello);
    [[nodiscard]] std::string hello(Path<std::string_view> name) const { return greet(*name); }

    ARMATURE_END_CONTROLLER();
};

} // namespace

int main() {
    const Application application =
        App::create()
            .wrap(Nothing{})
            .route("/", get([] { return "Hello, World!"; }))
            .route("/json", get([] { return Json{Message{"Hello, World!"}}; }))
            .route("/users/{id}", get([](Path<std::uint64_t> id) {
                       const std::string text = std::to_string(*id);
                       return Json{User{*id, "User " + text, "user" + text + "@example.com"}};
                   }))
            .route("/greet/{name}", get([](Path<std::string_view> name) { return greet(*name); }))
            .route("/request/{name}", get(by_hand))
            .controller<Greeter>()
            .build();
    Server server(application, {.http = "127.0.0.1:0", .threads = 1});
    std::printf("{\"ready\":true,\"pid\":%d,\"http\":\"%s\"}\n", ::getpid(),
                server.addresses().front().c_str());
    std::fflush(stdout);
    server.run();
}
