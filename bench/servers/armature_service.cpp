// The service of bench/peers/README.md: one event loop, no logging.

#include <armature/armature.hpp>
#include <armature/static_files/static_files.hpp>

#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

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

struct NewUser {
    std::string name;
    std::string email;
    int age;
};
ARMATURE_DESCRIBE(NewUser, (name, min_length(1), max_length(64)), (email, format::email),
                  (age, min(0), max(150)));

struct Signup {
    std::uint64_t id;
    std::string name;
    std::string email;
    int age;
};
ARMATURE_DESCRIBE(Signup, id, name, email, age);

std::atomic<std::uint64_t> requests{0};

struct Count {
    void before(Request&) const { requests.fetch_add(1, std::memory_order_relaxed); }
};

struct Refuse {
    std::optional<Response> before(Request& request) const {
        if (!request.header("x-refuse")) return std::nullopt;
        return Response{Status::forbidden};
    }
};

struct Mark {
    void after(Request&, Response& response) const { response.header("x-service", "peers"); }
};

User user(Path<std::uint64_t> id) {
    const std::string text = std::to_string(*id);
    return {*id, "User " + text, "user" + text + "@example.com"};
}

Task<> echo(WebSocket& socket) {
    while (const auto message = co_await socket.receive())
        co_await socket.send(*message);
}

auto all(std::string_view name) {
    return get([name] { return name; });
}

auto one(std::string_view name) {
    return get([name](Path<std::uint64_t> id) {
        return std::string{name}.append(" ").append(std::to_string(*id));
    });
}

} // namespace

int main(int count, char** arguments) {
    if (count < 2 || count > 3) {
        std::fputs("usage: armature_service FOLDER [IDENTITY]\n", stderr);
        return 2;
    }
    const Application application =
        App::create()
            .wrap(Count{})
            .wrap(Refuse{})
            .wrap(Mark{})
            .route("/", get([] { return "Hello, World!"; }))
            .route("/json", get([] { return Json{Message{"Hello, World!"}}; }))
            .route("/users/{id}", get([](Path<std::uint64_t> id) { return Json{user(id)}; }))
            .route("/api/users", post([](Json<NewUser> user) {
                       return Created{Json{
                           Signup{1, std::move(user->name), std::move(user->email), user->age}}};
                   }))
            .route("/count", get([] { return std::to_string(requests); }))
            .route("/health", get([] { return "ok"; }))
            .route("/api/products", all("products"))
            .route("/api/products/{id}", one("products"))
            .route("/api/orders", all("orders"))
            .route("/api/orders/{id}", one("orders"))
            .route("/api/carts", all("carts"))
            .route("/api/carts/{id}", one("carts"))
            .route("/api/reviews", all("reviews"))
            .route("/api/reviews/{id}", one("reviews"))
            .route("/api/categories", all("categories"))
            .route("/api/categories/{id}", one("categories"))
            .route("/api/invoices", all("invoices"))
            .route("/api/invoices/{id}", one("invoices"))
            .route("/ws/echo", websocket(echo))
            .service(static_files("/files", arguments[1]))
            .build();
    ServerOptions options;
    options.http = "127.0.0.1:0";
    options.threads = 1;
    if (count == 3) {
        options.https = "127.0.0.1:0";
        options.http3 = true;
        options.tls.identities = {tls::Identity::files(arguments[2], arguments[2])};
    }
    Server server(application, options);
    std::printf("{\"ready\":true,\"pid\":%d,\"http\":\"%s\"", ::getpid(),
                server.addresses().front().c_str());
    if (!server.http3_addresses().empty())
        std::printf(",\"http3\":\"%s\"", server.http3_addresses().front().c_str());
    std::puts("}");
    std::fflush(stdout);
    server.run();
}
