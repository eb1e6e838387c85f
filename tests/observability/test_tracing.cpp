#include "observability/collector.hpp"
#include "support/process.hpp"

#include <armature/armature.hpp>
#include <armature/client/client.hpp>
#include <armature/observability/access_log.hpp>
#include <armature/observability/tracing.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace armature {
namespace {

using testing::attribute;
using testing::Collector;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

constexpr const char* parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
constexpr const char* unsampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

/// The only span that a request leaves.
nlohmann::json span_of(App app, Request request, TracerOptions (*change)(TracerOptions) = nullptr,
                       Tracing::Trust trust = Tracing::Trust::everybody) {
    Collector collector;
    const Tracer tracer{change ? change(collector.options()) : collector.options()};
    const Application built = app.wrap(Tracing{tracer, trust}).build();
    static_cast<void>(built.handle(std::move(request)));
    EXPECT_TRUE(tracer.flush());
    const auto spans = collector.spans();
    EXPECT_EQ(spans.size(), 1U);
    return spans.empty() ? nlohmann::json::object() : spans.front();
}

App pages() {
    return App::create()
        .route("/users/{id}", get([](Path<int> id) { return std::to_string(*id); }))
        .route("/fails", get([]() -> std::string { throw std::runtime_error("secret"); }))
        .route("/refuses", get([]() -> std::string { throw Error::conflict("taken"); }));
}

TEST(Tracing, DescribesARequestAsOpenTelemetryDoes) {
    Request request = Request::get("/users/7?token=secret");
    request.set_header("user-agent", "curl/8").set_header("host", "shop.example:8080");
    request.head().authority = "shop.example:8080";
    const unsigned char address[] = {192, 0, 2, 7};
    request.set_peer({PeerAddress::Family::ipv4, address, 4711});
    const nlohmann::json span = span_of(pages(), std::move(request));
    EXPECT_EQ(span["name"], "GET /users/{id}");
    EXPECT_EQ(span["kind"], 2);
    EXPECT_FALSE(span.contains("parentSpanId"));
    EXPECT_FALSE(span.contains("status"));
    EXPECT_THAT(span["traceId"].get<std::string>(), MatchesRegex("[0-9a-f]+"));
    EXPECT_EQ(span["traceId"].get<std::string>().size(), 32U);
    EXPECT_EQ(span["spanId"].get<std::string>().size(), 16U);
    EXPECT_LE(std::stoll(span["startTimeUnixNano"].get<std::string>()),
              std::stoll(span["endTimeUnixNano"].get<std::string>()));
    for (const auto& [name, value] : std::initializer_list<std::pair<const char*, const char*>>{
             {"http.request.method", "GET"},
             {"http.route", "/users/{id}"},
             {"http.response.status_code", "200"},
             {"url.path", "/users/7"},
             {"url.scheme", "http"},
             {"url.query", "none"},
             {"server.address", "shop.example"},
             {"server.port", "8080"},
             {"network.protocol.version", "1.1"},
             {"network.peer.address", "192.0.2.7"},
             {"network.peer.port", "4711"},
             {"client.address", "192.0.2.7"},
             {"user_agent.original", "curl/8"},
             {"error.type", "none"},
         })
        EXPECT_EQ(attribute(span, name), value) << name;
    EXPECT_THAT(span.dump(), Not(HasSubstr("secret"))) << "queries are left out";
}

TEST(Tracing, QueriesAreRecordedOnlyIfAskedFor) {
    const nlohmann::json span =
        span_of(pages(), Request::get("/users/7?page=2"), [](TracerOptions options) {
            options.query = true;
            return options;
        });
    EXPECT_EQ(attribute(span, "url.query"), "page=2");
    EXPECT_EQ(attribute(span, "url.path"), "/users/7");
}

TEST(Tracing, FailuresOfTheServerAreErrorsThoseOfClientsAreNot) {
    const nlohmann::json failed = span_of(pages(), Request::get("/fails"));
    EXPECT_EQ(failed["status"]["code"], 2);
    EXPECT_EQ(attribute(failed, "error.type"), "500");
    EXPECT_THAT(failed.dump(), Not(HasSubstr("secret")));
    const nlohmann::json refused = span_of(pages(), Request::get("/refuses"));
    EXPECT_FALSE(refused.contains("status"));
    EXPECT_EQ(attribute(refused, "http.response.status_code"), "409");
    EXPECT_EQ(attribute(refused, "error.type"), "none");
}

TEST(Tracing, NamesHoldNothingThatAClientChose) {
    EXPECT_EQ(span_of(pages(), Request::get("/no/such/thing"))["name"], "GET");
    Request odd = Request::get("/users/7");
    odd.head().method = Method::other;
    odd.head().method_text = "BREW";
    const nlohmann::json span = span_of(pages(), std::move(odd));
    EXPECT_EQ(span["name"], "HTTP");
    EXPECT_EQ(attribute(span, "http.request.method"), "_OTHER");
    EXPECT_EQ(attribute(span, "http.request.method_original"), "BREW");
}

TEST(Tracing, GoesOnWithTheClientsTrace) {
    Request request = Request::get("/users/7");
    request.set_header("traceparent", parent).set_header("tracestate", "rojo=1,congo=2");
    const nlohmann::json span = span_of(pages(), std::move(request));
    EXPECT_EQ(span["traceId"], "4bf92f3577b34da6a3ce929d0e0e4736");
    EXPECT_EQ(span["parentSpanId"], "00f067aa0ba902b7");
    EXPECT_NE(span["spanId"], "00f067aa0ba902b7");
    EXPECT_EQ(span["traceState"], "rojo=1,congo=2");
}

TEST(Tracing, DistrustBeginsANewTrace) {
    for (const char* sent : {parent, unsampled}) {
        Request request = Request::get("/users/7");
        request.set_header("traceparent", sent).set_header("tracestate", "rojo=1");
        const nlohmann::json span =
            span_of(pages(), std::move(request), nullptr, Tracing::Trust::nobody);
        EXPECT_NE(span["traceId"], "4bf92f3577b34da6a3ce929d0e0e4736");
        EXPECT_FALSE(span.contains("parentSpanId"));
        EXPECT_FALSE(span.contains("traceState"));
    }
}

TEST(Tracing, WhoeverBeganTheTraceDecidesWhetherItIsRecorded) {
    Collector collector;
    for (const double ratio : {0.0, 1.0}) {
        TracerOptions options = collector.options();
        options.ratio = ratio;
        const Tracer tracer{options};
        const Application app =
            App::create()
                .wrap(Tracing{tracer})
                .route("/", get([](Extension<Span> span) { return span->context().to_string(); }))
                .build();
        const std::size_t before = collector.spans().size();
        const Response not_recorded =
            app.handle(Request::get("/").set_header("traceparent", unsampled));
        EXPECT_EQ(not_recorded.body().text(), unsampled) << "passed on as it came";
        const Response recorded = app.handle(Request::get("/").set_header("traceparent", parent));
        EXPECT_THAT(std::string{recorded.body().text()},
                    MatchesRegex("00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]+-01"));
        const Response own = app.handle(Request::get("/"));
        EXPECT_TRUE(own.body().text().ends_with(ratio == 0 ? "-00" : "-01"));
        ASSERT_TRUE(tracer.flush());
        EXPECT_EQ(collector.spans().size() - before, ratio == 0 ? 1U : 2U);
    }
}

TEST(Tracing, WithoutAnEndpointContextsArePassedOn) {
    const Tracer tracer{TracerOptions{}};
    const Application app = App::create()
                                .wrap(Tracing{tracer})
                                .route("/", get([](Extension<Span> span) {
                                           EXPECT_FALSE(span->recorded());
                                           Span child = span->child("work");
                                           child.set("a", 1).event("b").fail("c");
                                           return child.context().to_string();
                                       }))
                                .build();
    EXPECT_EQ(app.handle(Request::get("/").set_header("traceparent", parent)).body().text(),
              parent);
    EXPECT_TRUE(app.handle(Request::get("/")).body().text().ends_with("-00"));
    EXPECT_TRUE(tracer.flush());
}

TEST(Tracing, TwoOfThemMakeOneSpan) {
    const Tracer inner{TracerOptions{}};
    const nlohmann::json span =
        span_of(App::create().service(
                    scope("/a").wrap(Tracing{inner}).route("/b", get([] { return "x"; }))),
                Request::get("/a/b"));
    EXPECT_EQ(span["name"], "GET /a/b");
}

// --- spans of one's own -------------------------------------------------------------------------

TEST(Span, ChildrenHaveAttributesEventsAndFailures) {
    Collector collector;
    const Tracer tracer{collector.options()};
    {
        const Span root = tracer.start("nightly");
        Span child = root.child("mail");
        child.set("order.id", 7).set("order.id", 8).set("big", ~std::uint64_t{0} >> 1);
        child.set("total", 9.5).set("paid", true).set("name", "J\xFC\"\n").set("minus", -3);
        child.event("retry", {{"attempt", 2}});
        child.fail("timeout", "no answer");
    }
    ASSERT_TRUE(tracer.flush());
    const auto spans = collector.spans();
    ASSERT_EQ(spans.size(), 2U);
    const nlohmann::json& child = spans[0];
    const nlohmann::json& root = spans[1];
    EXPECT_EQ(root["name"], "nightly");
    EXPECT_EQ(root["kind"], 1);
    EXPECT_EQ(child["traceId"], root["traceId"]);
    EXPECT_EQ(child["parentSpanId"], root["spanId"]);
    EXPECT_EQ(attribute(child, "order.id"), "8") << "the last one counts, and stands there once";
    EXPECT_EQ(attribute(child, "big"), "9223372036854775807");
    EXPECT_EQ(attribute(child, "total"), "9.5");
    EXPECT_EQ(attribute(child, "paid"), "true");
    EXPECT_EQ(attribute(child, "minus"), "-3");
    EXPECT_EQ(attribute(child, "name"), "J\xEF\xBF\xBD\"\n");
    EXPECT_EQ(attribute(child, "error.type"), "timeout");
    EXPECT_EQ(child["status"]["message"], "no answer");
    EXPECT_EQ(child["events"][0]["name"], "retry");
    EXPECT_EQ(attribute(child["events"][0], "attempt"), "2");
}

TEST(Span, AnExceptionThatLeavesItsScopeMarksIt) {
    Collector collector;
    const Tracer tracer{collector.options()};
    try {
        const Span span = tracer.start("fails");
        throw std::runtime_error("x");
    } catch (const std::runtime_error&) {
        const Span span = tracer.start("cleans up"); // no failure: none leaves it
    }
    ASSERT_TRUE(tracer.flush());
    EXPECT_EQ(collector.spans()[0]["status"]["code"], 2);
    EXPECT_FALSE(collector.spans()[1].contains("status"));
}

TEST(Span, HoldsAtMostSoMuch) {
    Collector collector;
    const Tracer tracer{collector.options()};
    {
        Span span = tracer.start(std::string(1000, 'n'));
        for (int i = 0; i < 130; ++i)
            span.set("key" + std::to_string(i), std::string(5000, 'v')).event("e");
    }
    ASSERT_TRUE(tracer.flush());
    const nlohmann::json span = collector.spans().at(0);
    EXPECT_EQ(span["name"].get<std::string>().size(), 256U);
    EXPECT_EQ(span["attributes"].size(), 128U);
    EXPECT_EQ(span["droppedAttributesCount"], 2);
    EXPECT_EQ(span["events"].size(), 128U);
    EXPECT_EQ(span["droppedEventsCount"], 2);
    EXPECT_EQ(attribute(span, "key0").size(), 4096U);
}

TEST(Span, GoesAlongWithRequestsToOthersAcrossCoAwait) {
    Collector collector;
    const Tracer tracer{collector.options()};
    const testing::TestServer other{
        App::create()
            .route("/echo", get([](Request& request) {
                       return std::string{request.header("traceparent").value_or("none")} + " " +
                              std::string{request.header("tracestate").value_or("none")};
                   }))
            .route("/missing", get([] { return Response{Status::not_found}; }))
            .build()};
    Client client;
    const auto ask = [&](Extension<Span> span) -> Task<std::string> {
        Span work = span->child("work");
        co_await sleep_for(Duration::milliseconds(1));
        ClientRequest request{Method::get, other.url("/echo?token=secret")};
        ClientResponse response = co_await work.send(client, std::move(request));
        std::string text = co_await response.text();
        ClientRequest second{Method::get, other.url("/missing")};
        co_await work.send(client, std::move(second));
        ClientRequest third{Method::get, "http://127.0.0.1:1/"};
        try {
            co_await span->send(client, std::move(third));
        } catch (const ClientError&) { // nobody listens
        }
        co_return text;
    };
    {
        testing::TestServer server{
            App::create().wrap(Tracing{tracer}).route("/ask", get(ask)).build()};
        for (const char* version : {"--http1.1", "--http2-prior-knowledge"}) {
            const testing::Ran ran =
                testing::shell(std::string{"curl -sS "} + version + " -H 'traceparent: " + parent +
                               "' -H 'tracestate: rojo=1' " + server.url("/ask"));
            ASSERT_EQ(ran.status, 0);
            EXPECT_THAT(ran.output, MatchesRegex("00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]+-01 "
                                                 "rojo=1"));
        }
    }
    ASSERT_TRUE(tracer.flush());
    const auto spans = collector.spans();
    ASSERT_EQ(spans.size(), 10U);
    for (std::size_t i : {std::size_t{0}, std::size_t{5}}) {
        // In the order of their ends.
        const auto &echo = spans[i], &missing = spans[i + 1], &nobody = spans[i + 2],
                   &work = spans[i + 3], &request = spans[i + 4];
        EXPECT_EQ(request["name"], "GET /ask");
        EXPECT_EQ(attribute(request, "network.protocol.version"), i == 0 ? "1.1" : "2");
        EXPECT_EQ(attribute(request, "server.address"), "127.0.0.1");
        EXPECT_EQ(work["name"], "work");
        EXPECT_EQ(work["parentSpanId"], request["spanId"]);
        EXPECT_EQ(echo["parentSpanId"], work["spanId"]);
        EXPECT_EQ(echo["kind"], 3);
        EXPECT_EQ(echo["name"], "GET");
        EXPECT_EQ(attribute(echo, "url.full"), other.url("/echo"));
        EXPECT_EQ(attribute(echo, "http.response.status_code"), "200");
        EXPECT_EQ(attribute(echo, "server.address"), "127.0.0.1");
        EXPECT_EQ(attribute(missing, "error.type"), "404");
        EXPECT_EQ(missing["status"]["code"], 2);
        EXPECT_EQ(attribute(nobody, "error.type"), "connect");
        EXPECT_EQ(nobody["parentSpanId"], request["spanId"]);
        for (const auto& span : {echo, missing, nobody, work, request})
            EXPECT_EQ(span["traceId"], "4bf92f3577b34da6a3ce929d0e0e4736");
    }
}

TEST(Tracing, AStreamsSpanEndsWithItsLastByte) {
    Collector collector;
    const Tracer tracer{collector.options()};
    testing::TestServer server{
        App::create()
            .wrap(Tracing{tracer})
            .route("/", get([](Extension<Span> span) {
                       return Response::stream([span = &*span](BodyWriter& out) -> Task<> {
                           co_await out.write("piece");
                           span->event("half");
                           co_await sleep_for(Duration::milliseconds(20));
                           co_await out.write("piece");
                       });
                   }))
            .build()};
    ASSERT_EQ(testing::shell("curl -sS " + server.url("/")).output, "piecepiece");
    EXPECT_TRUE(testing::eventually([&] { return !collector.spans().empty(); }));
    const nlohmann::json span = collector.spans().at(0);
    EXPECT_GE(std::stoll(span["endTimeUnixNano"].get<std::string>()) -
                  std::stoll(span["startTimeUnixNano"].get<std::string>()),
              20'000'000);
    EXPECT_EQ(span["events"][0]["name"], "half");
}

TEST(Tracing, IsInTheAccessLog) {
    const Tracer tracer{TracerOptions{}};
    std::string lines;
    {
        const AccessLog log = AccessLog::json([&](std::string_view text) { lines += text; });
        const Application app = pages().wrap(log).wrap(Tracing{tracer}).build();
        static_cast<void>(app.handle(Request::get("/users/7").set_header("traceparent", parent)));
        log.flush();
    }
    const nlohmann::json line = nlohmann::json::parse(lines);
    EXPECT_EQ(line["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736");
    EXPECT_EQ(line["span_id"].get<std::string>().size(), 16U);
}

} // namespace
} // namespace armature
