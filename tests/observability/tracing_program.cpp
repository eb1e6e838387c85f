// A server whose traces test_otlp.py looks at: configured by OpenTelemetry's variables only.

#include <armature/armature.hpp>
#include <armature/client/client.hpp>
#include <armature/observability/tracing.hpp>

#include <cstdio>
#include <exception>
#include <string>

using namespace armature;

namespace {

App pages(const Tracer& tracer, Client& client, const std::string& other) {
    const auto order = [&client, other](Path<int> id, Extension<Span> span) -> Task<std::string> {
        Span charge = span->child("charge");
        charge.set("order.id", *id).set("order.total", 9.5).set("order.paid", true);
        charge.set("order.note", "J\xC3\xBCrgen \"\\\n").event("asked", {{"attempt", 1}});
        co_await sleep_for(Duration::milliseconds(1));
        ClientRequest request{Method::get, other};
        ClientResponse response = co_await charge.send(client, std::move(request));
        co_return std::to_string(status_code(response.status()));
    };
    return App::create()
        .wrap(Tracing{tracer})
        .route("/orders/{id}", get(order))
        .route("/fails", get([]() -> std::string { throw std::runtime_error("no"); }));
}

} // namespace

// tracing_program URL: asks that URL for each order.
int main(int, char** arguments) try {
    const Tracer tracer;
    Client client;
    const Application app = pages(tracer, client, arguments[1]).build();
    Server server(app, {.http = "127.0.0.1:0", .threads = 1});
    std::printf("%s\n", server.addresses().front().c_str());
    std::fflush(stdout);
    server.run();
} catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
