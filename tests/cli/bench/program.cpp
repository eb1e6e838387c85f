#include <armature/armature.hpp>
#include <armature/core/scheduler.hpp>
#include <armature/observability/metrics.hpp>
#include <armature/server/server.hpp>

#include <atomic>
#include <cstdio>
#include <string>
#include <string_view>

// What `armature bench` is tested against: `program --listen=ADDRESS [CERTIFICATE KEY]`. It counts
// its requests itself.
using namespace armature;

namespace {

std::atomic<bool> has_stalled{false};

// The first of all takes a second, as a server that stops for a moment. One connection feels it.
Task<std::string> stall_once() {
    if (!has_stalled.exchange(true)) co_await sleep_for(Duration::seconds(1));
    co_return "content";
}

std::string size_of(Bytes content) { return std::to_string(content.view().size()); }

std::string token(Request& request) {
    return std::string{request.header("x-token").value_or("none")};
}

} // namespace

int main(int argc, char** argv) {
    std::string listen = "127.0.0.1:0";
    if (argc > 1 && std::string_view{argv[1]}.starts_with("--listen=")) listen = argv[1] + 9;
    MetricsRegistry metrics;
    App app = App::create();
    app.wrap(HttpMetrics{metrics})
        .route("/", get([] { return "content"; }))
        .route("/items/{id}", get([](Path<int> id) { return std::to_string(*id); }))
        .route("/size", post(size_of).put(size_of))
        .route("/token", get(token))
        .route("/stall", get(stall_once))
        .route("/broken", get([]() -> std::string { throw Error::not_found(); }))
        .route("/metrics", metrics_route(metrics));
    if (argc < 4) return app.run(listen);
    ServerOptions options;
    options.https = listen;
    options.tls.identities = {tls::Identity::files(argv[2], argv[3])};
    return app.run(options);
}
