#include <armature/core/scheduler.hpp>
#include <armature/server/server.hpp>
#include <armature/sse/event_stream.hpp>
#include <armature/websocket/route.hpp>

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

// What `armature dev` runs in its tests: `program VERSION [ARGUMENTS…]`. It names an address of its
// own, which the development command replaces.
using namespace armature;

namespace {

std::string version;
std::string arguments;

Task<> echo(WebSocket& socket) {
    while (const auto message = co_await socket.receive())
        co_await socket.send(*message);
}

// One event at once, and no other before the client is gone.
EventStream one_event() {
    return EventStream{[](EventWriter& out) -> Task<> {
        Event event;
        event.data(version);
        co_await out.send(event);
        co_await sleep_for(Duration::seconds(3600));
    }};
}

Task<std::string> slow() {
    co_await sleep_for(Duration::milliseconds(300));
    co_return version;
}

Response page(std::string_view policy) {
    Response response =
        Response::html("<!doctype html><title>shop</title><h1>" + version + "</h1>");
    response.header(Field::etag, "\"same\"");
    if (!policy.empty()) response.header(Field::content_security_policy, policy);
    return response;
}

Task<Response> size_of(Request& request) {
    std::uint64_t bytes = 0;
    while (const auto piece = co_await request.body().stream().next())
        bytes += piece->size();
    co_return Response::text(std::to_string(bytes));
}

Response repeat(Request& request) { return Response{std::move(request.body())}; }

} // namespace

int main(int argc, char** argv) {
    version = argc > 1 ? argv[1] : "?";
    for (int i = 2; i < argc; ++i)
        arguments.append(argv[i]) += ' ';
    std::printf("program %s begins\n", version.c_str());
    std::fflush(stdout);
    if (version == "ends") {
        std::fprintf(stderr, "no <database> at all\n");
        return 3;
    }
    App app = App::create();
    app.body_limit(64 * 1024 * 1024);
    app.route("/", get([] { return version; }))
        .route("/arguments", get([] { return arguments; }))
        .route("/process", get([] { return std::to_string(::getpid()); }))
        .route("/peer", get([](Request& request) { return request.peer().to_string(); }))
        .route("/authority", get([](Request& request) { return std::string{request.authority()}; }))
        .route("/slow", get(slow))
        .route("/page", get([] { return page({}); }))
        .route("/strict", get([] {
                   return page("default-src 'self'; script-src 'nonce-c2VjcmV0' 'strict-dynamic'");
               }))
        .route("/size", post(size_of))
        .route("/repeat", post(repeat))
        .route("/events", get(one_event))
        .route("/socket", websocket(echo))
        .route("/crash", get([]() -> std::string {
                   std::fprintf(stderr, "about to crash in %s\n", version.c_str());
                   std::abort();
               }));
    return app.run("192.0.2.1:1"); // which no machine has
}
