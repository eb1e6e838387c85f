// The C++ of docs/tracing.md: compiled and run here, repeated there.
#include <armature/armature.hpp>
// [headers]
#include <armature/client/client.hpp>
#include <armature/observability/server_timing.hpp>
#include <armature/observability/tracing.hpp>
// [/headers]

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tracing {

using namespace armature;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

constexpr const char* parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

// [handler]
Task<std::string> place_order(Path<int> id, Extension<Span> span, State<Client> client) {
    Span charge = span->child("charge card");
    charge.set("order.id", *id);
    ClientRequest request{Method::post, "http://127.0.0.1:1/charges"};
    ClientResponse response = co_await charge.send(*client, std::move(request));
    log::info("charged", {{"order", *id}, {"trace_id", span->trace_id()}});
    co_return co_await response.text();
}
// [/handler]

TEST(TracingPage, TracesRequests) {
    App app = App::create();
    app.data(std::make_shared<Client>());
    // [tracer]
    TracerOptions options;
    options.service = "shop";
    options.endpoint = "http://127.0.0.1:4318";
    options.ratio = 0.1;
    app.wrap(Tracing{Tracer{options}}).route("/orders/{id}", post(place_order));
    // [/tracer]
    EXPECT_THAT(app.build().describe(), HasSubstr("tracing"));
    options.endpoint = "";
    const Application other =
        App::create()
            .wrap(Tracing{Tracer{options}})
            .route("/", get([](Extension<Span> span) { return span->context().to_string(); }))
            .build();
    EXPECT_EQ(other.handle(Request::get("/").set_header("traceparent", parent)).body().text(),
              parent);
}

TEST(TracingPage, StartsTracesOfItsOwn) {
    TracerOptions options;
    options.endpoint = "http://127.0.0.1:1";
    options.attempts = 1;
    const Tracer tracer{options};
    const auto import_file = [](const Span&) {};
    // [own]
    {
        Span span = tracer.start("import");
        import_file(span);
        span.event("file read", {{"lines", 1200}});
    } // it ends here
    // [/own]
    EXPECT_TRUE(tracer.flush());
    EXPECT_EQ(tracer.dropped(), 1U);
}

// [strangers]
Tracing for_strangers(const Tracer& tracer) { return Tracing{tracer, Tracing::Trust::nobody}; }
// [/strangers]

TEST(TracingPage, DoesNotBelieveStrangers) {
    const Application app =
        App::create()
            .wrap(for_strangers(Tracer{TracerOptions{}}))
            .route("/", get([](Extension<Span> span) { return span->context().to_string(); }))
            .build();
    EXPECT_NE(app.handle(Request::get("/").set_header("traceparent", parent)).body().text(),
              parent);
}

// [timing]
std::string page(Extension<Timings> timings) {
    const auto timing = timings->measure("db");
    return "a slow page";
}

App with_timings() { return App::create().wrap(ServerTiming{}).route("/", get(page)); }
// [/timing]

TEST(TracingPage, TellsItsTimes) {
    const Application app = with_timings().build();
    const Response response = app.handle(Request::get("/"));
    EXPECT_THAT(std::string{*response.headers().get("server-timing")},
                MatchesRegex("db;dur=[0-9.]+, total;dur=[0-9.]+"));
}

} // namespace tracing
