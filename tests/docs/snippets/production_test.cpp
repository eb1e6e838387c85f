// The C++ of docs/production.md: compiled and run here, repeated there.
#include "jobs/support.hpp"

#include <armature/armature.hpp>
#include <armature/auth/bearer.hpp>
#include <armature/compression/compression.hpp>
#include <armature/config/secret.hpp>
#include <armature/core/address_ranges.hpp>
#include <armature/di/di.hpp>
#include <armature/jobs/sqlite.hpp>
#include <armature/jobs/worker.hpp>
#include <armature/middleware/cors.hpp>
#include <armature/middleware/load_shedding.hpp>
#include <armature/middleware/rate_limit.hpp>
#include <armature/middleware/request_id.hpp>
#include <armature/middleware/security_headers.hpp>
#include <armature/middleware/trusted_proxies.hpp>
#include <armature/observability/access_log.hpp>
#include <armature/observability/health.hpp>
#include <armature/observability/metrics.hpp>
#include <armature/observability/tracing.hpp>
#include <armature/sessions/csrf.hpp>
#include <armature/sessions/session.hpp>
#include <armature/testing/client.hpp>
#include <armature/testing/gmock.hpp>

#include <atomic>

namespace production_page {

using namespace armature;

struct Receipt {
    static constexpr std::string_view kind = "receipt";
    std::uint64_t order;
};
ARMATURE_DESCRIBE(Receipt, order);

std::atomic<int> receipts = 0;
void write_receipt(const Receipt&) { ++receipts; }

Task<Status> place_order(Path<std::uint64_t> id, State<Jobs> jobs) {
    const Receipt receipt{*id};
    co_await jobs->enqueue(receipt);
    co_return Status::accepted;
}
std::string show_account(Session session) { return std::string{session.get("user").value_or("-")}; }
void rename_account(Session session) { session.set("user", "Ada"); }

Task<> ask(const Jobs& jobs) { static_cast<void>(co_await jobs.counts()); }

// [server]
ServerOptions server_options() {
    ServerOptions options;
    options.http = "systemd"; // a socket that only the proxy can open
    options.server_name = "";
    options.limits.connections = 20'000;
    options.limits.header_timeout = Duration::seconds(5);
    options.limits.shutdown_grace = Duration::seconds(20); // below systemd's TimeoutStopSec
    return options;
}
// [/server]

struct Secrets {
    SecretString sessions;
    SecretString tokens;
};

// [app]
bool from_inside(const Request& request) {
    static const AddressRanges inside{"loopback", "192.168.0.0/16"}; // no proxy is in there
    return inside.contains(request.peer());                          // the client's address
}

App make_shop(const Secrets& secrets, const Jobs& jobs) {
    MetricsRegistry metrics;
    metrics.add_process_metrics();
    const auto worker = std::make_shared<JobWorker>(jobs);
    worker->on<Receipt>([](const Receipt& receipt) { write_receipt(receipt); });
    CorsOptions cors;
    cors.origins = {"https://shop.example"};
    JwtRules tokens;
    tokens.issuer = "https://login.example";
    tokens.audience = "shop";

    return App::create()
        .wrap(TrustedProxies{{"10.0.0.0/8", "unix"}}) // all below goes by the client's address
        .wrap(Tracing{Tracer{}, Tracing::Trust::nobody})
        .wrap(HttpMetrics{metrics})
        .wrap(AccessLog{})
        .wrap(RequestId{})
        .wrap(LoadShedding{})
        .wrap(Cors{cors})
        .wrap(SecurityHeaders{})
        .wrap(RateLimit{RateLimitPolicy::gcra(600, Duration::seconds(60), 100)})
        .wrap(Compression{})
        .body_limit(64 * 1024)
        .timeout(Duration::seconds(10))
        .data(jobs)
        .provide_value(worker) // starts and drains with the server
        .service(
            scope("/api") // for programs: tokens, no cookies
                .guard(JwtGuard{Jwk::secret(secrets.tokens.expose(), JwsAlgorithm::hs256), tokens})
                .route("/orders/{id}", post(place_order)))
        .service(scope("/account") // for browsers: cookies, so CSRF, and no compression of secrets
                     .wrap(CookieSessions{SecretKeys{secrets.sessions}})
                     .wrap(Csrf{})
                     .metadata(Uncompressed{})
                     .route("/", get(show_account).post(rename_account)))
        .service(health(Health{}.check("jobs", [jobs] { return ask(jobs); }))
                     .guard(from_inside)
                     .metadata(NeverShed{}))
        .service(scope("/metrics")
                     .guard(from_inside)
                     .metadata(NeverShed{})
                     .route("/", metrics_route(metrics)));
}
// [/app]

struct ProductionPage : ::testing::Test {
    const job_tests::Folder folder;
    const Jobs jobs{sqlite_jobs(folder.file("jobs.db"))};
    const Secrets secrets{SecretString{"a session key of the tests, long enough"},
                          SecretString{"a token key of the tests, long enough for HS256"}};
    TestClient client = TestClient::over_http(make_shop(secrets, jobs));

    [[nodiscard]] std::string token() const {
        const JwtSigner signer{Jwk::secret(secrets.tokens.expose(), JwsAlgorithm::hs256)};
        return signer.sign(
            jwt_claims("https://login.example", "ann", "shop", Duration::seconds(60)));
    }
};

TEST_F(ProductionPage, LetsTokensInAndDoesTheirJobs) {
    receipts = 0;
    EXPECT_THAT(client.post("/api/orders/7").send(), IsProblem(401));
    EXPECT_THAT(client.post("/api/orders/7").bearer(token()).send(), HasStatus(Status::accepted));
    EXPECT_TRUE(armature::testing::eventually([] { return receipts == 1; }));
}

TEST_F(ProductionPage, KeepsOtherSitesOutOfSessions) {
    EXPECT_THAT(client.post("/account").header("sec-fetch-site", "cross-site").send(),
                IsProblem(403));
    const TestResponse own = client.post("/account").header("sec-fetch-site", "same-origin").send();
    EXPECT_THAT(own, HasHeader("set-cookie", ::testing::StartsWith("__Host-session=")));
}

TEST_F(ProductionPage, ShowsOperatorsWhatOthersMayNotSee) {
    EXPECT_THAT(client.get("/health/ready").send(), HasStatus(Status::ok));
    EXPECT_THAT(client.get("/metrics").send().text(),
                ::testing::HasSubstr("route=\"/health/ready\",code=\"200\""));
}

TEST_F(ProductionPage, WearsEveryField) {
    const TestResponse missing =
        client.get("/nowhere").header("origin", "https://shop.example").send();
    EXPECT_THAT(missing, IsProblem(404));
    EXPECT_THAT(missing, HasHeader("x-request-id", ::testing::SizeIs(36)));
    EXPECT_THAT(missing, HasHeader("x-content-type-options", "nosniff"));
    EXPECT_THAT(missing, HasHeader("access-control-allow-origin", "https://shop.example"));
    EXPECT_THAT(missing, HasHeader("ratelimit-policy", "\"default\";q=100;w=60"));
}

TEST(ProductionPageProxy, BelievesItsProxyOnly) {
    const job_tests::Folder folder;
    const Application app = make_shop({SecretString{"a session key of the tests, long enough"},
                                       SecretString{"a token key of the tests, long enough"}},
                                      Jobs{sqlite_jobs(folder.file("jobs.db"))})
                                .build();
    const auto asked_by = [&](std::string_view peer, std::string_view forwarded) {
        Request request = Request::get("/metrics");
        request.set_peer(parse_address(peer).value());
        request.set_header("x-forwarded-for", forwarded);
        return app.handle(std::move(request)).status();
    };
    EXPECT_EQ(asked_by("10.0.0.1", "203.0.113.9"), Status::forbidden);
    EXPECT_EQ(asked_by("203.0.113.9", "127.0.0.1"), Status::forbidden);
    EXPECT_EQ(asked_by("10.0.0.1", "192.168.0.7"), Status::ok);
}

TEST(ProductionPageServer, OptionsAreUsable) {
    ServerOptions options = server_options();
    options.http = "127.0.0.1:0"; // systemd isn't here
    options.handle_signals = false;
    const Application app = App::create().build();
    EXPECT_EQ((Server{app, options}.addresses().size()), 1U);
}

} // namespace production_page
