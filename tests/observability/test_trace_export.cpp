#include "observability/collector.hpp"

#include <armature/log/capture.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <thread>

namespace armature {
namespace {

using testing::attribute;
using testing::Collector;
using ::testing::ElementsAre;

TEST(TraceExport, NamesTheProgramAndSendsItsFields) {
    Collector collector;
    TracerOptions options = collector.options();
    options.resource = {{"deployment.environment.name", "test"}};
    options.headers = {{"x-api-key", "hidden"}};
    const Tracer tracer{options};
    tracer.start("a").end();
    ASSERT_TRUE(tracer.flush());
    const nlohmann::json resource = collector.requests().at(0)["resourceSpans"][0]["resource"];
    EXPECT_EQ(attribute(resource, "service.name"), "test");
    EXPECT_EQ(attribute(resource, "telemetry.sdk.language"), "cpp");
    EXPECT_EQ(attribute(resource, "deployment.environment.name"), "test");
    EXPECT_EQ(collector.api_key(), "hidden");
}

TEST(TraceExport, TriesAgainWhenTheCollectorIsBusy) {
    Collector collector{{Status::service_unavailable, Status::too_many_requests,
                         Status::bad_gateway, Status::gateway_timeout}};
    const Tracer tracer{collector.options()};
    tracer.start("kept").end();
    ASSERT_TRUE(tracer.flush(Duration::seconds(60)));
    EXPECT_EQ(collector.posts(), 5U);
    EXPECT_EQ(collector.spans().size(), 1U);
    EXPECT_EQ(tracer.dropped(), 0U);
}

TEST(TraceExport, GivesUpAfterSoManyTriesAndSaysItOnce) {
    const log::Capture capture;
    Collector collector{std::vector<Status>(4, Status::service_unavailable)};
    TracerOptions options = collector.options();
    options.attempts = 2;
    options.headers = {{"x-api-key", "hidden"}};
    const Tracer tracer{options};
    for (int i = 0; i < 3; ++i) {
        tracer.start("span").end();
        ASSERT_TRUE(tracer.flush(Duration::seconds(60)));
    }
    EXPECT_EQ(tracer.dropped(), 2U);
    EXPECT_EQ(collector.spans().size(), 1U);
    // Written by the tracer's thread once it has told those who wait.
    EXPECT_TRUE(testing::eventually([&] { return capture.records().size() == 2; }));
    const auto records = capture.records();
    EXPECT_EQ(records[0].message, "traces can't be exported");
    EXPECT_EQ(records[0].field("error"), "status 503");
    EXPECT_EQ(records[1].message, "traces are exported again");
    EXPECT_EQ(records[1].field("dropped"), "2");
}

TEST(TraceExport, WhatIsRefusedIsNotSentAgain) {
    for (const Status status : {Status::bad_request, Status::unauthorized, Status::not_found,
                                Status::internal_server_error, Status::found}) {
        Collector collector{{status}};
        const Tracer tracer{collector.options()};
        tracer.start("lost").end();
        ASSERT_TRUE(tracer.flush());
        EXPECT_EQ(collector.posts(), 1U);
        EXPECT_EQ(tracer.dropped(), 1U);
    }
}

TEST(TraceExport, CountsWhatACollectorTookOnlyInPart) {
    Collector collector;
    collector.answer(R"({"partialSuccess":{"rejectedSpans":"1","errorMessage":"too old"}})");
    const Tracer tracer{collector.options()};
    tracer.start("a").end();
    ASSERT_TRUE(tracer.flush());
    EXPECT_EQ(tracer.dropped(), 1U);
}

TEST(TraceExport, DropsWhatHasNoRoom) {
    // Nobody listens on that port, so the first span keeps the queue busy.
    TracerOptions options;
    options.endpoint = "http://127.0.0.1:1";
    options.capacity = options.batch = 4;
    options.first_wait = Duration::seconds(30);
    options.delay = Duration::milliseconds(1);
    options.shutdown = Duration{};
    std::uint64_t dropped = 0;
    {
        const Tracer tracer{options};
        for (int i = 0; i < 10; ++i)
            tracer.start("span").end();
        dropped = tracer.dropped();
    }
    EXPECT_EQ(dropped, 6U);
}

TEST(TraceExport, SendsInBatches) {
    Collector collector;
    TracerOptions options = collector.options();
    options.batch = 10;
    options.delay = Duration::seconds(3600); // a full batch doesn't wait for it
    const Tracer tracer{options};
    for (int i = 0; i < 10; ++i)
        tracer.start("span " + std::to_string(i)).end();
    EXPECT_TRUE(testing::eventually([&] { return collector.spans().size() == 10; }));
    for (int i = 0; i < 25; ++i)
        tracer.start("span " + std::to_string(i)).end();
    ASSERT_TRUE(tracer.flush());
    EXPECT_EQ(collector.spans().size(), 35U);
    for (const nlohmann::json& request : collector.requests())
        EXPECT_LE(request["resourceSpans"][0]["scopeSpans"][0]["spans"].size(), 10U);
}

TEST(TraceExport, TheEndSendsWhatWaits) {
    Collector collector;
    {
        TracerOptions options = collector.options();
        options.delay = Duration::seconds(3600);
        const Application app = App::create().wrap(Tracing{Tracer{options}}).build();
        static_cast<void>(app.handle(Request::get("/nothing")));
    }
    EXPECT_EQ(collector.spans().size(), 1U);
}

TEST(TraceExport, TheEndDoesNotWaitForACollectorThatHangs) {
    testing::TestServer silent{App::create()
                                   .route("/v1/traces", post([]() -> Task<std::string> {
                                              co_await sleep_for(Duration::seconds(3600));
                                              co_return "";
                                          }))
                                   .build()};
    TracerOptions options;
    options.endpoint = silent.url("");
    options.timeout = Duration::seconds(3600);
    options.shutdown = Duration::milliseconds(20);
    const Tracer tracer{options};
    tracer.start("lost").end();
    EXPECT_FALSE(tracer.flush(Duration::milliseconds(20)));
    // Its end, here, would be the test's time-out otherwise.
}

TEST(TraceExport, ManyThreadsAtOnceLoseNothing) {
    Collector collector;
    TracerOptions options = collector.options();
    options.capacity = 100'000;
    const Tracer tracer{options};
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < 4; ++thread)
            threads.emplace_back([&] {
                for (int i = 0; i < 500; ++i)
                    tracer.start("span").end();
            });
    }
    ASSERT_TRUE(tracer.flush(Duration::seconds(60)));
    EXPECT_EQ(collector.spans().size(), 2000U);
    EXPECT_EQ(tracer.dropped(), 0U);
}

TEST(TracerOptions, ThatCannotBeRightAreRefused) {
    const std::vector<void (*)(TracerOptions&)> wrong{
        [](TracerOptions& o) { o.service = ""; },
        [](TracerOptions& o) { o.ratio = 1.5; },
        [](TracerOptions& o) { o.ratio = -0.1; },
        [](TracerOptions& o) { o.ratio = std::numeric_limits<double>::quiet_NaN(); },
        [](TracerOptions& o) { o.capacity = 0; },
        [](TracerOptions& o) { o.batch = 0; },
        [](TracerOptions& o) { o.batch = o.capacity + 1; },
        [](TracerOptions& o) { o.attempts = 0; },
        [](TracerOptions& o) { o.delay = {}; },
        [](TracerOptions& o) { o.timeout = {}; },
        [](TracerOptions& o) { o.endpoint = "localhost:4318"; },
        [](TracerOptions& o) { o.endpoint = "/v1/traces"; },
        [](TracerOptions& o) { o.endpoint = "ftp://localhost"; },
        [](TracerOptions& o) { o.endpoint = "http://user:pass@localhost"; },
        [](TracerOptions& o) { o.headers = {{"a b", "c"}}; },
        [](TracerOptions& o) { o.headers = {{"a", "c\r\nd: e"}}; },
    };
    for (std::size_t i = 0; i < wrong.size(); ++i) {
        TracerOptions options;
        wrong[i](options);
        EXPECT_THROW(Tracer{options}, std::invalid_argument) << i;
    }
}

/// An environment variable until the end of the scope.
class Variable {
  public:
    Variable(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;
    ~Variable() { ::unsetenv(name_); }

  private:
    const char* name_;
};

TEST(TracerOptions, ComeFromOpenTelemetrysVariables) {
    EXPECT_EQ(TracerOptions::from_environment().endpoint, "");
    const Variable a{"OTEL_RESOURCE_ATTRIBUTES", "service.name=old, team=a%2Cb"};
    EXPECT_EQ(TracerOptions::from_environment().service, "old");
    const Variable b{"OTEL_SERVICE_NAME", "shop"};
    const Variable c{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318/base/"};
    const Variable d{"OTEL_EXPORTER_OTLP_HEADERS", "api-key=s%20t"};
    const Variable e{"OTEL_TRACES_SAMPLER", "parentbased_traceidratio"};
    const Variable f{"OTEL_TRACES_SAMPLER_ARG", "0.25"};
    const Variable g{"OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"};
    const TracerOptions options = TracerOptions::from_environment();
    EXPECT_EQ(options.service, "shop");
    EXPECT_EQ(options.endpoint, "http://collector:4318/base/v1/traces");
    EXPECT_THAT(options.headers,
                ElementsAre(std::pair<std::string, std::string>{"api-key", "s t"}));
    EXPECT_THAT(options.resource, ElementsAre(std::pair<std::string, std::string>{"team", "a,b"}));
    EXPECT_EQ(options.ratio, 0.25);
    const Variable h{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://other/traces"};
    EXPECT_EQ(TracerOptions::from_environment().endpoint, "http://other/traces");
}

TEST(TracerOptions, OfTheEnvironmentThatCannotBeObeyedAreRefused) {
    for (const auto& [name, value] : std::initializer_list<std::pair<const char*, const char*>>{
             {"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"},
             {"OTEL_TRACES_SAMPLER", "jaeger_remote"},
             {"OTEL_EXPORTER_OTLP_HEADERS", "secret"},
             {"OTEL_RESOURCE_ATTRIBUTES", "a=%2"},
         }) {
        const Variable variable{name, value};
        EXPECT_THROW(static_cast<void>(TracerOptions::from_environment()), std::invalid_argument)
            << name;
    }
    const Variable sampler{"OTEL_TRACES_SAMPLER", "traceidratio"};
    const Variable share{"OTEL_TRACES_SAMPLER_ARG", "half"};
    EXPECT_THROW(static_cast<void>(TracerOptions::from_environment()), std::invalid_argument);
}

} // namespace
} // namespace armature
