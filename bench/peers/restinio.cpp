// The service of README.md on restinio (Debian: librestinio-dev), one thread, set up as its
// documentation recommends for speed: no logger, no Nagle delay, pipelining allowed. It has no JSON
// of its own, so there is nothing that it could create. The folder of files may be left out.

#include <restinio/all.hpp>
#include <restinio/websocket/websocket.hpp>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <map>
#include <string>

namespace {

using Router = restinio::router::express_router_t<>;

struct Traits : restinio::default_single_thread_traits_t {
    using logger_t = restinio::null_logger_t;
    using request_handler_t = Router;
};

namespace ws = restinio::websocket::basic;

std::uint64_t requests = 0; // one thread, so nobody else counts
std::map<std::uint64_t, ws::ws_handle_t> sockets;

constexpr const char* text = "text/plain; charset=utf-8";
constexpr const char* json = "application/json";

auto respond(const restinio::request_handle_t& request, restinio::http_status_line_t status,
             const char* type) {
    auto response = request->create_response(std::move(status));
    response.append_header(restinio::http_field::server, "restinio")
        .append_header_date_field()
        .append_header("X-Service", "peers")
        .append_header(restinio::http_field::content_type, type);
    return response;
}

restinio::request_handling_status_t reply(const restinio::request_handle_t& request,
                                          const char* type, std::string body) {
    return respond(request, restinio::status_ok(), type).set_body(std::move(body)).done();
}

// The pieces of middleware in front of a handler; the third is in `respond`.
template <typename Handler>
auto behind(Handler handler) {
    return [handler](const restinio::request_handle_t& request, auto parameters) {
        ++requests;
        if (request->header().has_field("x-refuse"))
            return request->create_response(restinio::status_forbidden()).done();
        return handler(request, parameters);
    };
}

template <typename Text>
auto with_id(const char* type, Text text_of) {
    return behind([type, text_of](const auto& request, const auto& parameters) {
        const auto digits = parameters["id"];
        std::uint64_t id = 0;
        const char* last = digits.data() + digits.size();
        if (const auto read = std::from_chars(digits.data(), last, id);
            read.ec != std::errc{} || read.ptr != last)
            return respond(request, restinio::status_bad_request(), text).done();
        return reply(request, type, text_of(std::to_string(id)));
    });
}

auto always(std::string content) {
    return behind(
        [content](const auto& request, const auto&) { return reply(request, text, content); });
}

restinio::request_handling_status_t echo(const restinio::request_handle_t& request) {
    const auto socket =
        ws::upgrade<Traits>(*request, ws::activation_t::immediate, [](auto own, auto message) {
            if (message->opcode() == ws::opcode_t::connection_close_frame)
                sockets.erase(own->connection_id());
            else if (message->opcode() == ws::opcode_t::ping_frame)
                own->send_message(ws::final_frame, ws::opcode_t::pong_frame, message->payload());
            else
                own->send_message(*message);
        });
    sockets.emplace(socket->connection_id(), socket);
    return restinio::request_accepted();
}

void add_files(Router& router, const std::string& folder) {
    router.http_get("/files/:name", behind([folder](const auto& request, const auto& parameters) {
                        const std::string name{parameters["name"]};
                        if (name.find("..") != name.npos)
                            return respond(request, restinio::status_not_found(), text).done();
                        try {
                            return respond(request, restinio::status_ok(),
                                           "application/octet-stream")
                                .set_body(restinio::sendfile(folder + "/" + name))
                                .done();
                        } catch (const restinio::exception_t&) {
                            return respond(request, restinio::status_not_found(), text).done();
                        }
                    }));
}

std::unique_ptr<Router> routes(const char* folder) {
    auto router = std::make_unique<Router>();
    router->http_get("/", always("Hello, World!"));
    router->http_get("/json", behind([](const auto& request, const auto&) {
                         return reply(request, json, R"({"message":"Hello, World!"})");
                     }));
    router->http_get("/users/:id", with_id(json, [](const std::string& id) {
                         return R"({"id":)" + id + R"(,"name":"User )" + id + R"(","email":"user)" +
                                id + R"(@example.com"})";
                     }));
    router->http_get("/greet/:name", behind([](const auto& request, const auto& parameters) {
                         return reply(request, text,
                                      "Hello, " + std::string{parameters["name"]} + "!");
                     }));
    router->http_get("/count", behind([](const auto& request, const auto&) {
                         return reply(request, text, std::to_string(requests));
                     }));
    router->http_get("/health", always("ok"));
    for (const std::string name :
         {"products", "orders", "carts", "reviews", "categories", "invoices"}) {
        router->http_get("/api/" + name, always(name));
        router->http_get("/api/" + name + "/:id",
                         with_id(text, [name](const std::string& id) { return name + " " + id; }));
    }
    router->http_get("/ws/echo",
                     behind([](const auto& request, const auto&) { return echo(request); }));
    router->non_matched_request_handler([](const auto& request) {
        return request->create_response(restinio::status_not_found()).done();
    });
    if (folder) add_files(*router, folder);
    return router;
}

} // namespace

int main(int count, char** arguments) {
    std::signal(SIGPIPE, SIG_IGN); // sendfile to a client that has gone
    restinio::asio_ns::io_context context;
    restinio::http_server_t<Traits> server{
        restinio::external_io_context(context), [&](auto& settings) {
            settings.port(0)
                .address("127.0.0.1")
                .request_handler(routes(count > 1 ? arguments[1] : nullptr))
                .max_pipelined_requests(64)
                .acceptor_post_bind_hook([](restinio::asio_ns::ip::tcp::acceptor& acceptor) {
                    std::printf("{\"ready\":true,\"pid\":%d,\"http\":\"127.0.0.1:%u\"}\n",
                                ::getpid(), acceptor.local_endpoint().port());
                })
                .socket_options_setter([](auto& options) {
                    options.set_option(restinio::asio_ns::ip::tcp::no_delay{true});
                });
        }};
    restinio::asio_ns::post(context, [&] {
        server.open_sync();
        std::fflush(stdout);
    });
    context.run();
}
