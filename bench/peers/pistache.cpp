// The service of README.md on Pistache (Debian: libpistache-dev), one worker thread. It sends no
// Date: the one it formats is not an HTTP date. So the comparison favours it. It has no JSON of its
// own, so there is nothing that it could create. The folder of files may be left out.

#include <pistache/endpoint.h>
#include <pistache/router.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <string>

namespace {

using Pistache::Http::Code;
using Pistache::Http::ResponseWriter;
using Pistache::Rest::Request;
using Pistache::Rest::Route;

class Service : public Pistache::Http::Header::Header {
  public:
    NAME("X-Service")
    void parse(const std::string&) override {}
    void write(std::ostream& out) const override { out << "peers"; }
};

Route::Result reply(ResponseWriter& response, const Pistache::Http::Mime::MediaType& type,
                    const std::string& body) {
    response.headers().add<Pistache::Http::Header::Server>("pistache");
    response.send(Code::Ok, body, type);
    return Route::Result::Ok;
}

std::atomic<std::uint64_t> requests{0};

bool count(Pistache::Http::Request&, ResponseWriter&) {
    requests.fetch_add(1, std::memory_order_relaxed);
    return true;
}

bool refuse(Pistache::Http::Request& request, ResponseWriter& response) {
    if (!request.headers().tryGetRaw("X-Refuse")) return true;
    response.send(Code::Forbidden);
    return false;
}

bool mark(Pistache::Http::Request&, ResponseWriter& response) {
    response.headers().add<Service>();
    return true;
}

void add_routes(Pistache::Rest::Router& router, const char* folder) {
    using namespace Pistache::Http::Mime;
    using Pistache::Rest::Routes::Get;
    const MediaType text(Type::Text, Subtype::Plain);
    const MediaType json(Type::Application, Subtype::Json);
    const MediaType binary(Type::Application, Subtype::OctetStream);
    const auto always = [text](const std::string& content) {
        return [text, content](const Request&, ResponseWriter response) {
            return reply(response, text, content);
        };
    };
    for (const auto middleware : {count, refuse, mark})
        router.addMiddleware(middleware);
    Get(router, "/", always("Hello, World!"));
    Get(router, "/json", [json](const Request&, ResponseWriter response) {
        return reply(response, json, R"({"message":"Hello, World!"})");
    });
    Get(router, "/users/:id", [json](const Request& request, ResponseWriter response) {
        const auto id = std::to_string(request.param(":id").as<std::uint64_t>());
        return reply(response, json,
                     R"({"id":)" + id + R"(,"name":"User )" + id + R"(","email":"user)" + id +
                         R"(@example.com"})");
    });
    Get(router, "/greet/:name", [text](const Request& request, ResponseWriter response) {
        return reply(response, text, "Hello, " + request.param(":name").as<std::string>() + "!");
    });
    Get(router, "/count", [text](const Request&, ResponseWriter response) {
        return reply(response, text, std::to_string(requests));
    });
    Get(router, "/health", always("ok"));
    for (const std::string name :
         {"products", "orders", "carts", "reviews", "categories", "invoices"}) {
        Get(router, "/api/" + name, always(name));
        Get(router, "/api/" + name + "/:id",
            [text, name](const Request& request, ResponseWriter response) {
                const auto id = request.param(":id").as<std::uint64_t>();
                return reply(response, text, name + " " + std::to_string(id));
            });
    }
    if (folder)
        Get(router, "/files/:name",
            [binary, place = std::string{folder}](const Request& request, ResponseWriter response) {
                const auto name = request.param(":name").as<std::string>();
                if (name.find("..") != name.npos)
                    response.send(Code::Not_Found);
                else
                    Pistache::Http::serveFile(response, place + "/" + name, binary);
                return Route::Result::Ok;
            });
}

} // namespace

int main(int count, char** arguments) {
    std::signal(SIGPIPE, SIG_IGN); // sendfile to a client that has gone
    Pistache::Rest::Router router;
    add_routes(router, count > 1 ? arguments[1] : nullptr);
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
