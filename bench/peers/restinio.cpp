// The bench's workloads on restinio (Debian: librestinio-dev), one thread, set up as its
// documentation recommends for speed: no logger, no Nagle delay, pipelining allowed.

#include <restinio/all.hpp>
#include <unistd.h>

#include <cstdio>
#include <string>

namespace {

using Router = restinio::router::express_router_t<>;

struct Traits : restinio::default_single_thread_traits_t {
    using logger_t = restinio::null_logger_t;
    using request_handler_t = Router;
};

restinio::request_handling_status_t reply(const restinio::request_handle_t& request,
                                          const char* type, std::string body) {
    return request->create_response()
        .append_header(restinio::http_field::server, "restinio")
        .append_header_date_field()
        .append_header(restinio::http_field::content_type, type)
        .set_body(std::move(body))
        .done();
}

std::unique_ptr<Router> routes() {
    auto router = std::make_unique<Router>();
    router->http_get("/", [](const auto& request, auto) {
        return reply(request, "text/plain; charset=utf-8", "Hello, World!");
    });
    router->http_get("/json", [](const auto& request, auto) {
        return reply(request, "application/json", R"({"message":"Hello, World!"})");
    });
    router->http_get("/users/:id", [](const auto& request, auto parameters) {
        const auto id = restinio::cast_to<std::string>(parameters["id"]);
        return reply(request, "application/json",
                     R"({"id":)" + id + R"(,"name":"User )" + id + R"(","email":"user)" + id +
                         R"(@example.com"})");
    });
    router->http_get("/greet/:name", [](const auto& request, auto parameters) {
        const auto name = restinio::cast_to<std::string>(parameters["name"]);
        return reply(request, "text/plain; charset=utf-8", "Hello, " + name + "!");
    });
    return router;
}

} // namespace

int main() {
    restinio::asio_ns::io_context context;
    restinio::http_server_t<Traits> server{
        restinio::external_io_context(context), [](auto& settings) {
            settings.port(0)
                .address("127.0.0.1")
                .request_handler(routes())
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
