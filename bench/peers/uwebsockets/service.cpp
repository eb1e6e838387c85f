// The service of bench/peers/README.md on uWebSockets, one loop. It has neither middleware nor JSON
// nor files: functions around the handlers do the first, and texts put together by hand the second.

#include "App.h"

#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace {

using Response = uWS::HttpResponse<false>;
using Request = uWS::HttpRequest;

std::uint64_t requests = 0; // one loop, so nobody else counts

struct Socket {};

constexpr std::string_view text = "text/plain; charset=utf-8";
constexpr std::string_view json = "application/json";

void answer(Response* response, std::string_view type, std::string_view content) {
    response->writeHeader("Content-Type", type);
    response->end(content);
}

// The three pieces of middleware, around a handler.
template <typename Handler>
auto behind(Handler handler) {
    return [handler](Response* response, Request* request) {
        ++requests;
        if (!request->getHeader("x-refuse").empty()) {
            response->writeStatus("403 Forbidden")->end();
            return;
        }
        response->writeHeader("X-Service", "peers");
        handler(response, request);
    };
}

template <typename Answer>
void with_id(Response* response, Request* request, Answer answer) {
    const std::string_view digits = request->getParameter(0);
    std::uint64_t id = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), id);
    if (error != std::errc{} || end != digits.data() + digits.size())
        response->writeStatus("400 Bad Request")->end();
    else
        answer(std::to_string(id));
}

} // namespace

int main() {
    uWS::App app;
    app.get("/",
            behind([](Response* response, Request*) { answer(response, text, "Hello, World!"); }));
    app.get("/json", behind([](Response* response, Request*) {
                answer(response, json, R"({"message":"Hello, World!"})");
            }));
    app.get("/users/:id", behind([](Response* response, Request* request) {
                with_id(response, request, [response](const std::string& id) {
                    answer(response, json,
                           R"({"id":)" + id + R"(,"name":"User )" + id + R"(","email":"user)" + id +
                               R"(@example.com"})");
                });
            }));
    app.get("/count", behind([](Response* response, Request*) {
                answer(response, text, std::to_string(requests));
            }));
    app.get("/health", behind([](Response* response, Request*) { answer(response, text, "ok"); }));
    for (const std::string name :
         {"products", "orders", "carts", "reviews", "categories", "invoices"}) {
        app.get("/api/" + name,
                behind([name](Response* response, Request*) { answer(response, text, name); }));
        app.get("/api/" + name + "/:id", behind([name](Response* response, Request* request) {
                    with_id(response, request, [&](const std::string& id) {
                        answer(response, text, name + " " + id);
                    });
                }));
    }
    app.any("/*",
            [](Response* response, Request*) { response->writeStatus("404 Not Found")->end(); });

    uWS::App::WebSocketBehavior<Socket> echo;
    echo.compression = uWS::DISABLED;
    echo.message = [](auto* socket, std::string_view message, uWS::OpCode code) {
        socket->send(message, code);
    };
    app.ws<Socket>("/ws/echo", std::move(echo));

    app.listen("127.0.0.1", 0, [](us_listen_socket_t* socket) {
        if (!socket) return;
        std::printf("{\"ready\":true,\"pid\":%d,\"http\":\"127.0.0.1:%d\"}\n", ::getpid(),
                    us_socket_local_port(0, reinterpret_cast<us_socket_t*>(socket)));
        std::fflush(stdout);
    });
    app.run();
}
