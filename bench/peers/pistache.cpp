// The bench's workloads on Pistache (Debian: libpistache-dev), one worker thread. It sends no
// Date: the one it formats is not an HTTP date. So the comparison favours it.

#include <pistache/endpoint.h>
#include <pistache/router.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <string>

namespace {

using Pistache::Http::Code;
using Pistache::Http::ResponseWriter;
using Pistache::Rest::Request;
using Pistache::Rest::Route;

Route::Result reply(ResponseWriter& response, const Pistache::Http::Mime::MediaType& type,
                    const std::string& body) {
    response.headers().add<Pistache::Http::Header::Server>("pistache");
    response.send(Code::Ok, body, type);
    return Route::Result::Ok;
}

void add_routes(Pistache::Rest::Router& router) {
    using namespace Pistache::Http::Mime;
    const MediaType text(Type::Text, Subtype::Plain);
    const MediaType json(Type::Application, Subtype::Json);
    Pistache::Rest::Routes::Get(router, "/", [text](const Request&, ResponseWriter response) {
        return reply(response, text, "Hello, World!");
    });
    Pistache::Rest::Routes::Get(router, "/json", [json](const Request&, ResponseWriter response) {
        return reply(response, json, R"({"message":"Hello, World!"})");
    });
    Pistache::Rest::Routes::Get(
        router, "/users/:id", [json](const Request& request, ResponseWriter response) {
            const auto id = request.param(":id").as<std::string>();
            return reply(response, json,
                         R"({"id":)" + id + R"(,"name":"User )" + id + R"(","email":"user)" + id +
                             R"(@example.com"})");
        });
    Pistache::Rest::Routes::Get(
        router, "/greet/:name", [text](const Request& request, ResponseWriter response) {
            return reply(response, text,
                         "Hello, " + request.param(":name").as<std::string>() + "!");
        });
}

} // namespace

int main() {
    Pistache::Rest::Router router;
    add_routes(router);
    Pistache::Http::Endpoint endpoint(
        Pistache::Address(Pistache::Ipv4::loopback(), Pistache::Port(0)));
    endpoint.init(Pistache::Http::Endpoint::options().threads(1).flags(
        Pistache::Tcp::Options::ReuseAddr | Pistache::Tcp::Options::NoDelay));
    endpoint.setHandler(router.handler());

    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGINT);
    pthread_sigmask(SIG_BLOCK, &stop, nullptr);

    endpoint.serveThreaded();
    std::printf("{\"ready\":true,\"pid\":%d,\"http\":\"127.0.0.1:%u\"}\n", ::getpid(),
                static_cast<unsigned>(static_cast<std::uint16_t>(endpoint.getPort())));
    std::fflush(stdout);
    int signal = 0;
    sigwait(&stop, &signal);
    endpoint.shutdown();
}
