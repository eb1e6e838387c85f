#include "support/process.hpp"
#include "support/test_server.hpp"

#include <armature/armature.hpp>
#include <armature/observability/metrics.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <limits>
#include <thread>

namespace armature {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string message_of(const auto& function) {
    try {
        function();
    } catch (const std::exception& error) {
        return error.what();
    }
    return "nothing was thrown";
}

TEST(Metrics, CounterGrowsAndAskingAgainGivesTheSameOne) {
    MetricsRegistry metrics;
    const Counter counter = metrics.counter("mails_sent_total", "Mails", {{"kind", "news"}});
    counter.add();
    metrics.counter("mails_sent_total", "Mails", {{"kind", "news"}}).add(2);
    metrics.counter("mails_sent_total", "Mails", {{"kind", "login"}}).add(5);
    EXPECT_EQ(counter.value(), 3u);
    EXPECT_EQ(metrics.text(), "# HELP mails_sent_total Mails\n"
                              "# TYPE mails_sent_total counter\n"
                              "mails_sent_total{kind=\"login\"} 5\n"
                              "mails_sent_total{kind=\"news\"} 3\n");
}

TEST(Metrics, GaugeIsSetAndMoved) {
    MetricsRegistry metrics;
    const Gauge gauge = metrics.gauge("queue_jobs", "Waiting");
    gauge.set(4);
    gauge.add(-5.5);
    EXPECT_EQ(gauge.value(), -1.5);
    EXPECT_THAT(metrics.text(), HasSubstr("\nqueue_jobs -1.5\n"));
    gauge.set(std::numeric_limits<double>::infinity());
    EXPECT_THAT(metrics.text(), HasSubstr("\nqueue_jobs +Inf\n"));
}

TEST(Metrics, HistogramCountsEachValueInItsBucketAndAllBelow) {
    MetricsRegistry metrics;
    const double bounds[] = {1, 2.5};
    const Histogram histogram = metrics.histogram("wait_seconds", "Waits", {{"q", "a"}}, bounds);
    for (const double value : {0.5, 1.0, 2.0, 100.0, std::numeric_limits<double>::quiet_NaN()})
        histogram.observe(value);
    EXPECT_EQ(metrics.text(), "# HELP wait_seconds Waits\n"
                              "# TYPE wait_seconds histogram\n"
                              "wait_seconds_bucket{q=\"a\",le=\"1\"} 2\n"
                              "wait_seconds_bucket{q=\"a\",le=\"2.5\"} 3\n"
                              "wait_seconds_bucket{q=\"a\",le=\"+Inf\"} 4\n"
                              "wait_seconds_sum{q=\"a\"} 103.5\n"
                              "wait_seconds_count{q=\"a\"} 4\n");
}

TEST(Metrics, TextsAreEscapedSoThatNoLineCanBeForged) {
    MetricsRegistry metrics;
    metrics.counter("odd_total", "back\\slash \"and\"\nline", {{"path", "a\"b\\c\nd"}}).add();
    EXPECT_EQ(metrics.text(), "# HELP odd_total back\\\\slash \"and\"\\nline\n"
                              "# TYPE odd_total counter\n"
                              "odd_total{path=\"a\\\"b\\\\c\\nd\"} 1\n");
    EXPECT_EQ(metrics.openmetrics(), "# HELP odd back\\\\slash \\\"and\\\"\\nline\n"
                                     "# TYPE odd counter\n"
                                     "odd_total{path=\"a\\\"b\\\\c\\nd\"} 1\n"
                                     "# EOF\n");
}

TEST(Metrics, OpenMetricsWritesBoundsAsFractions) {
    MetricsRegistry metrics;
    const double bounds[] = {0.5, 1};
    metrics.histogram("wait_seconds", "Waits", {}, bounds).observe(1);
    EXPECT_EQ(metrics.openmetrics(), "# HELP wait_seconds Waits\n"
                                     "# TYPE wait_seconds histogram\n"
                                     "wait_seconds_bucket{le=\"0.5\"} 0\n"
                                     "wait_seconds_bucket{le=\"1.0\"} 1\n"
                                     "wait_seconds_bucket{le=\"+Inf\"} 1\n"
                                     "wait_seconds_sum 1\n"
                                     "wait_seconds_count 1\n"
                                     "# EOF\n");
}

TEST(Metrics, WrongNamesLabelsAndBoundsAreRefusedInOneSentence) {
    MetricsRegistry metrics;
    metrics.counter("taken_total", "Taken", {{"a", "1"}});
    const double falling[] = {2, 1};
    EXPECT_EQ(message_of([&] { metrics.counter("mails", "Mails"); }),
              "metric \"mails\": the name of a counter ends in _total");
    EXPECT_EQ(message_of([&] { metrics.gauge("mails_total", "Mails"); }),
              "metric \"mails_total\": only the name of a counter ends in _total");
    EXPECT_EQ(message_of([&] { metrics.gauge("mails_count", "Mails"); }),
              "metric \"mails_count\": a name can't end in _count");
    for (const char* name : {"", "1a", "a-b", "a b", "a:b", "a\n", "\xC3\xA4"})
        EXPECT_THAT(message_of([&] { metrics.gauge(name, "Help"); }), HasSubstr("a name is"))
            << name;
    for (const char* label : {"", "1a", "a-b", "__name__", "a b"})
        EXPECT_THAT(message_of([&] { metrics.gauge("g", "Help", {{label, "x"}}); }),
                    HasSubstr("a label's name is"))
            << label;
    for (const char* value : {"\xFF", "\xC0\xAF", "\xED\xA0\x80", "\xE2\x82"})
        EXPECT_THAT(message_of([&] { metrics.gauge("g", "Help", {{"l", value}}); }),
                    HasSubstr("a label's value is UTF-8"));
    EXPECT_THAT(message_of([&] { metrics.gauge("g", "Help", {{"a", "1"}, {"a", "2"}}); }),
                HasSubstr("two labels have the same name"));
    EXPECT_THAT(message_of([&] { metrics.gauge("g", ""); }), HasSubstr("the help is a text"));
    EXPECT_THAT(message_of([&] { metrics.histogram("h", "Help", {{"le", "1"}}); }),
                HasSubstr("le belongs to the histogram"));
    EXPECT_THAT(message_of([&] { metrics.histogram("h", "Help", {}, falling); }),
                HasSubstr("each larger than the one before"));
    EXPECT_THAT(message_of([&] { metrics.counter("taken_total", "Taken", {{"b", "1"}}); }),
                HasSubstr("already with another"));
    EXPECT_THAT(message_of([&] { metrics.counter("taken_total", "Other", {{"a", "1"}}); }),
                HasSubstr("already with another"));
    EXPECT_EQ(message_of([] { MetricsRegistry{0}; }),
              "MetricsRegistry: max_series is 1 to 1000000");
}

TEST(Metrics, HistogramKeepsTheBoundsItBeganWith) {
    MetricsRegistry metrics;
    const double some[] = {1, 2};
    const double fewer[] = {1};
    metrics.histogram("h", "Help", {{"a", "1"}}, some);
    EXPECT_THAT(message_of([&] { metrics.histogram("h", "Help", {{"a", "2"}}, fewer); }),
                HasSubstr("already with another"));
}

TEST(Metrics, TheNumberOfSeriesIsBounded) {
    MetricsRegistry metrics{2};
    metrics.counter("a_total", "A", {{"x", "1"}});
    metrics.counter("a_total", "A", {{"x", "2"}});
    EXPECT_EQ(message_of([&] { metrics.counter("a_total", "A", {{"x", "3"}}); }),
              "metric \"a_total\": the registry has all of its 2 series already");
    metrics.counter("a_total", "A", {{"x", "2"}}).add(); // one that is there can be asked for
}

TEST(Metrics, ReadersAreAskedWhenTheMetricsAre) {
    MetricsRegistry metrics;
    double value = 1;
    metrics.read("pool_connections", "Open", {}, [&] { return value; });
    metrics.read("reads_total", "Reads", {}, [&] { return value * 2; });
    value = 7;
    EXPECT_THAT(metrics.text(), HasSubstr("\npool_connections 7\n"));
    EXPECT_THAT(metrics.text(), HasSubstr("# TYPE reads_total counter\nreads_total 14\n"));
}

TEST(Metrics, NothingIsLostBetweenThreads) {
    MetricsRegistry metrics;
    const Counter counter = metrics.counter("a_total", "A");
    const Gauge gauge = metrics.gauge("g", "G");
    const Histogram histogram = metrics.histogram("h_seconds", "H");
    constexpr int each = 2000;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < each; ++i) {
                counter.add();
                gauge.add(1);
                histogram.observe(1);
                if (i % 500 == 0) {
                    const std::string label = std::to_string(i * 4 + t);
                    metrics.counter("b_total", "B", {{"x", label}}).add();
                    EXPECT_THAT(metrics.text(), HasSubstr("h_seconds_count"));
                }
            }
        });
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_EQ(counter.value(), 4u * each);
    EXPECT_EQ(gauge.value(), 4.0 * each);
    EXPECT_THAT(metrics.text(), HasSubstr("h_seconds_sum 8000\nh_seconds_count 8000\n"));
}

TEST(Metrics, ProcessMetricsComeFromTheKernel) {
    MetricsRegistry metrics;
    metrics.add_process_metrics();
    const std::string text = metrics.text();
    const auto value_of = [&](const std::string& name) {
        const std::size_t at = text.find("\n" + name + " ");
        return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size() + 2));
    };
    EXPECT_GT(value_of("process_resident_memory_bytes"), 1e6);
    EXPECT_GT(value_of("process_virtual_memory_bytes"), value_of("process_resident_memory_bytes"));
    EXPECT_GT(value_of("process_cpu_seconds_total"), 0);
    EXPECT_GT(value_of("process_open_fds"), 2);
    EXPECT_GT(value_of("process_max_fds"), value_of("process_open_fds"));
    EXPECT_GE(value_of("process_threads"), 1);
    const double now = static_cast<double>(::time(nullptr));
    EXPECT_NEAR(value_of("process_start_time_seconds"), now, 3600);
}

// --- the middleware -----------------------------------------------------------------------------

Application counted(const MetricsRegistry& metrics) {
    return App::create()
        .wrap(HttpMetrics{metrics})
        .route("/users/{id}", get([](Path<int> id) { return std::to_string(*id); }))
        .route("/fails", post([]() -> std::string { throw std::runtime_error("no"); }))
        .route("/status/{code}",
               get([](Path<int> code) { return Response{static_cast<Status>(*code)}; }))
        .route("/waits", get([]() -> Task<std::string> {
                   co_await yield();
                   co_return "waited";
               }))
        .route("/metrics", metrics_route(metrics))
        .build();
}

TEST(HttpMetrics, CountsByMethodPatternAndCodeNeverByPath) {
    const MetricsRegistry metrics;
    const Application app = counted(metrics);
    for (const char* target : {"/users/1", "/users/2", "/users/x", "/nothing", "/no/thing?a=b"})
        static_cast<void>(app.handle(Request::get(target)));
    static_cast<void>(app.handle(Request::post("/fails", "", "text/plain")));
    static_cast<void>(app.handle(Request::post("/users/1", "", "text/plain")));
    static_cast<void>(app.handle(Request::get("/waits")));
    const std::string text = metrics.text();
    for (const char* line : {
             "http_server_requests_total{method=\"GET\",route=\"/users/{id}\",code=\"200\"} 2\n",
             "http_server_requests_total{method=\"GET\",route=\"/users/{id}\",code=\"400\"} 1\n",
             "http_server_requests_total{method=\"GET\",route=\"unmatched\",code=\"404\"} 2\n",
             "http_server_requests_total{method=\"POST\",route=\"unmatched\",code=\"405\"} 1\n",
             "http_server_requests_total{method=\"POST\",route=\"/fails\",code=\"500\"} 1\n",
             "http_server_requests_total{method=\"GET\",route=\"/waits\",code=\"200\"} 1\n",
             "http_server_request_duration_seconds_count{method=\"GET\",route=\"/users/{id}\"} 3\n",
             "http_server_requests_in_flight 0\n",
         })
        EXPECT_THAT(text, HasSubstr(line));
    for (const char* leak : {"/users/1", "nothing", "thing", "a=b"})
        EXPECT_THAT(text, Not(HasSubstr(leak)));
}

TEST(HttpMetrics, AMethodOfTheClientsMakingIsNoNewSeries) {
    const MetricsRegistry metrics;
    const Application app = counted(metrics);
    for (const char* method : {"BREW", "WHEN"}) {
        Request request{Method::other, "/users/1"};
        request.head().method_text = method;
        static_cast<void>(app.handle(std::move(request)));
    }
    EXPECT_THAT(metrics.text(),
                HasSubstr("{method=\"other\",route=\"unmatched\",code=\"501\"} 2\n"));
    EXPECT_THAT(metrics.text(), Not(HasSubstr("BREW")));
}

TEST(HttpMetrics, ARouteOfManyCodesHasTheLaterOnesTogether) {
    const MetricsRegistry metrics;
    const Application app = counted(metrics);
    for (int code = 200; code < 240; ++code)
        for (int i = 0; i < 2; ++i)
            static_cast<void>(app.handle(Request::get("/status/" + std::to_string(code))));
    const std::string text = metrics.text();
    EXPECT_THAT(text, HasSubstr("route=\"/status/{code}\",code=\"215\"} 2\n"));
    EXPECT_THAT(text, Not(HasSubstr("code=\"216\"")));
    EXPECT_THAT(text, HasSubstr("route=\"/status/{code}\",code=\"other\"} 48\n"));
}

TEST(HttpMetrics, AFullRegistryCountsTheRestTogetherAndAnswersAllTheSame) {
    MetricsRegistry metrics{4}; // three of the middleware itself, and one
    const Application app = counted(metrics);
    EXPECT_EQ(app.handle(Request::get("/users/1")).status(), Status::ok);
    EXPECT_EQ(app.handle(Request::get("/users/1")).status(), Status::ok);
    EXPECT_EQ(app.handle(Request::get("/waits")).status(), Status::ok);
    const std::string text = metrics.text();
    EXPECT_THAT(text, HasSubstr("{method=\"GET\",route=\"/users/{id}\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("{method=\"other\",route=\"other\",code=\"other\"} 3\n"));
    EXPECT_THAT(text, HasSubstr("_count{method=\"other\",route=\"other\"} 1\n"));
}

TEST(HttpMetrics, ARequestIsInFlightUntilItsEnd) {
    const MetricsRegistry metrics;
    std::string seen;
    const Application app = App::create()
                                .wrap(HttpMetrics{metrics})
                                .route("/", get([&] {
                                           seen = metrics.text();
                                           return "";
                                       }))
                                .build();
    static_cast<void>(app.handle(Request::get("/")));
    EXPECT_THAT(seen, HasSubstr("http_server_requests_in_flight 1\n"));
    EXPECT_THAT(metrics.text(), HasSubstr("http_server_requests_in_flight 0\n"));
}

TEST(MetricsRoute, GivesWhatTheClientPrefers) {
    const MetricsRegistry metrics;
    const Application app = counted(metrics);
    const auto type_for = [&](const char* accept) {
        Request request = Request::get("/metrics");
        if (*accept != '\0') request.set_header("accept", accept);
        const Response response = app.handle(std::move(request));
        const std::string_view type = *response.headers().get(Field::content_type);
        EXPECT_EQ(response.body().text().ends_with("# EOF\n"),
                  type.starts_with("application/openmetrics-text"));
        return std::string{type};
    };
    const std::string text = "text/plain; version=0.0.4; charset=utf-8";
    const std::string open = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    EXPECT_EQ(type_for(""), text);
    EXPECT_EQ(type_for("*/*"), text);
    EXPECT_EQ(type_for("text/plain"), text);
    EXPECT_EQ(type_for("image/png"), text);
    EXPECT_EQ(type_for("application/openmetrics-text;version=1.0.0,text/plain;q=0.5"), open);
    EXPECT_EQ(type_for("application/openmetrics-text;version=0.0.1,text/plain;q=0.5"), text);
    // Prometheus 2.42
    EXPECT_EQ(type_for("application/openmetrics-text;version=1.0.0,application/openmetrics-text;"
                       "version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"),
              open);
}

// --- as others see it ---------------------------------------------------------------------------

void fill_with_odd_things(MetricsRegistry& metrics) {
    metrics.add_process_metrics();
    metrics.counter("odd_total", "back\\slash \"and\"\nline", {{"path", "a\"b\\c\nd \xC3\xA4"}})
        .add();
    metrics.gauge("negative_celsius", "Cold").set(-1.25e-9);
    metrics.histogram("wait_seconds", "Waits", {{"q", "a"}}).observe(0.3);
}

TEST(MetricsFormat, PromtoolFindsNothingToComplainOf) {
    if (testing::shell("command -v promtool").status != 0)
        GTEST_SKIP() << "promtool is not installed (Debian: prometheus)";
    MetricsRegistry metrics;
    fill_with_odd_things(metrics);
    testing::TestServer server{counted(metrics)};
    const testing::Ran ran =
        testing::shell("curl -sS -o /dev/null " + server.url("/users/1") + " && curl -sS " +
                       server.url("/metrics") + " | promtool check metrics");
    EXPECT_EQ(ran.output, "");
    EXPECT_EQ(ran.status, 0);
}

TEST(MetricsFormat, ThePythonClientReadsBothFormatsAsTheyAreMeant) {
    if (testing::shell("/usr/bin/python3 -c 'import prometheus_client'").status != 0)
        GTEST_SKIP() << "not installed: Debian's python3-prometheus-client";
    MetricsRegistry metrics;
    fill_with_odd_things(metrics);
    testing::TestServer server{counted(metrics)};
    // The same over HTTP/1.1 and over HTTP/2.
    for (const char* version : {"--http1.1", "--http2-prior-knowledge"})
        ASSERT_EQ(testing::shell(std::string{"curl -sS -f -o /dev/null "} + version + " " +
                                 server.url("/users/1"))
                      .status,
                  0);
    const auto read_by = [&](const std::string& parser, const std::string& accept) {
        return testing::shell(
                   "curl -sS -H 'accept: " + accept + "' " + server.url("/metrics") +
                   " | /usr/bin/python3 -c \"import sys\n"
                   "from " +
                   parser +
                   " import text_string_to_metric_families as parse\n"
                   "for family in parse(sys.stdin.read()):\n"
                   "  for s in family.samples:\n"
                   "    if s.name in ('odd_total', 'negative_celsius', 'wait_seconds_count',\n"
                   "                  'http_server_requests_total'):\n"
                   "      print(family.type, s.name, sorted(s.labels.items()), float(s.value))\"")
            .output;
    };
    const std::string text = read_by("prometheus_client.parser", "text/plain");
    const std::string open =
        read_by("prometheus_client.openmetrics.parser", "application/openmetrics-text");
    for (const char* line :
         {"counter http_server_requests_total [('code', '200'), ('method', 'GET'), ('route', "
          "'/users/{id}')] 2.0\n",
          "gauge negative_celsius [] -1.25e-09\n",
          "counter odd_total [('path', 'a\"b\\\\c\\nd \xC3\xA4')] 1.0\n",
          "histogram wait_seconds_count [('q', 'a')] 1.0\n"}) {
        EXPECT_THAT(text, HasSubstr(line));
        EXPECT_THAT(open, HasSubstr(line));
    }
}

} // namespace
} // namespace armature
