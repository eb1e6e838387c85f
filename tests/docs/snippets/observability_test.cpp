// The C++ of docs/observability.md: compiled and run here, repeated there.
#include <armature/armature.hpp>
// [headers]
#include <armature/observability/access_log.hpp>
#include <armature/observability/health.hpp>
#include <armature/observability/metrics.hpp>
// [/headers]

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace observability {

using namespace armature;
using ::testing::HasSubstr;

struct User {
    std::uint64_t id;
};
ARMATURE_DESCRIBE(User, id);

User find(Path<std::uint64_t> id) { return {*id}; }

TEST(ObservabilityPage, CountsRequests) {
    App app = App::create();
    // [metrics]
    MetricsRegistry metrics;
    metrics.add_process_metrics();
    app.wrap(HttpMetrics{metrics})
        .route("/users/{id}", get(find))
        .route("/metrics", metrics_route(metrics));
    // [/metrics]
    const Application built = app.build();
    EXPECT_EQ(built.handle(Request::get("/users/7")).status(), Status::ok);
    const Response page = built.handle(Request::get("/metrics"));
    EXPECT_THAT(
        std::string{page.body().text()},
        HasSubstr(R"(http_server_requests_total{method="GET",route="/users/{id}",code="200"} 1)"));
}

// [own]
class Mailer {
  public:
    explicit Mailer(MetricsRegistry metrics)
        : sent_(metrics.counter("mails_sent_total", "Mails sent", {{"kind", "welcome"}})),
          time_(metrics.histogram("mail_duration_seconds", "Time to send a mail")) {
        metrics.read("mails_waiting", "Mails that wait", {}, [this] { return waiting_.load(); });
    }

    void send() {
        sent_.add();
        time_.observe(0.012);
    }

  private:
    std::atomic<int> waiting_{3};
    Counter sent_;
    Histogram time_;
};
// [/own]

TEST(ObservabilityPage, HasMetricsOfTheProgram) {
    const MetricsRegistry metrics;
    Mailer mailer{metrics};
    mailer.send();
    EXPECT_THAT(metrics.text(), HasSubstr("mails_sent_total{kind=\"welcome\"} 1\n"));
    EXPECT_THAT(metrics.text(), HasSubstr("mails_waiting 3\n"));
    EXPECT_THAT(metrics.text(), HasSubstr("mail_duration_seconds_bucket{le=\"0.025\"} 1\n"));
}

struct Database {
    Task<bool> ping() const {
        co_await yield();
        co_return true;
    }
};

TEST(ObservabilityPage, AnswersForItsHealth) {
    const auto database = std::make_shared<Database>();
    const auto open_queue = [] {};
    App app = App::create();
    // [health]
    app.service(health(Health{}
                           .check("database", [database] { return database->ping(); })
                           .check("queue", open_queue, Duration::milliseconds(500))));
    // [/health]
    const Application built = app.build();
    EXPECT_EQ(built.handle(Request::get("/health/live")).body().text(), R"({"status":"pass"})");
    EXPECT_EQ(
        built.handle(Request::get("/health/ready")).body().text(),
        R"({"status":"pass","checks":{"database":{"status":"pass"},"queue":{"status":"pass"}}})");
}

TEST(ObservabilityPage, LogsRequests) {
    const std::string path = ::testing::TempDir() + "observability-page-access";
    std::filesystem::remove(path);
    {
        App app = App::create();
        // [access]
        app.wrap(AccessLog::combined(path)) // or AccessLog{}, or AccessLog::json(1)
            .route("/users/{id}", get(find));
        // [/access]
        const Application built = app.build();
        Request request = Request::get("/users/7?token=secret");
        request.set_header("user-agent", "curl/8\"");
        static_cast<void>(built.handle(std::move(request)));
    }
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    EXPECT_THAT(text.str(), HasSubstr(R"("GET /users/7 HTTP/1.1" 200 8 "-" "curl/8\"")"));
    std::filesystem::remove(path);
}

} // namespace observability
