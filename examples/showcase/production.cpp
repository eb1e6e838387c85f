#include "production.hpp"

#include <armature/armature.hpp>
#include <armature/auth/bearer.hpp>
#include <armature/compression/compression.hpp>
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
#include <armature/observability/tracing.hpp>
#include <armature/sessions/csrf.hpp>
#include <armature/sessions/session.hpp>

#include <memory>
#include <mutex>
#include <set>

using namespace armature;

namespace showcase {

void put_on(App& app, const Production& production, const MetricsRegistry& metrics) {
    CorsOptions cors;
    cors.origins = {"https://shop.example"};
    if (!production.proxies.empty()) app.wrap(TrustedProxies{production.proxies});
    app.wrap(Tracing{Tracer{}, Tracing::Trust::nobody})
        .wrap(HttpMetrics{metrics})
        .wrap(AccessLog{})
        .wrap(RequestId{})
        .wrap(LoadShedding{})
        .wrap(Cors{cors})
        .wrap(SecurityHeaders{})
        .wrap(RateLimit{RateLimitPolicy::gcra(600, Duration::seconds(60), 100)})
        .wrap(Compression{});
}

bool is_operator(const Request& request) {
    // Not what comes by a Unix socket: that is a proxy, and so everybody.
    static const AddressRanges inside{"loopback"};
    return inside.contains(request.peer());
}

namespace {

// What a real shop has in its database.
class Orders {
  public:
    void pack(std::uint64_t id) {
        const std::lock_guard lock{mutex_};
        packed_.insert(id);
    }
    bool is_packed(std::uint64_t id) {
        const std::lock_guard lock{mutex_};
        return packed_.contains(id);
    }

  private:
    std::mutex mutex_;
    std::set<std::uint64_t> packed_;
};

struct PackOrder {
    static constexpr std::string_view kind = "pack_order"; // the job's name in the database
    std::uint64_t order;
};
ARMATURE_DESCRIBE(PackOrder, order);

struct Order {
    std::uint64_t id;
    bool packed;
};
ARMATURE_DESCRIBE(Order, id, packed);

Task<Status> place_order(Path<std::uint64_t> id, State<Jobs> jobs) {
    const PackOrder job{*id};
    co_await jobs->enqueue(job);
    co_return Status::accepted;
}

Json<Order> show_order(Path<std::uint64_t> id, State<Orders> orders) {
    return Json{Order{*id, orders->is_packed(*id)}};
}

struct Account {
    std::string name;
};
ARMATURE_DESCRIBE(Account, name);

Json<Account> show_account(Session session) {
    return Json{Account{std::string{session.get("name").value_or("")}}};
}

void rename_account(Json<Account> account, Session session) {
    session.renew(); // another cookie whenever a session is worth more than before
    session.set("name", account->name);
}

} // namespace

void add_shop(App& app, const Production& production) {
    const Jobs jobs{sqlite_jobs(production.directory + "/jobs.db")};
    const auto orders = std::make_shared<Orders>();
    const auto worker = std::make_shared<JobWorker>(jobs);
    worker->on<PackOrder>([orders](const PackOrder& job) { orders->pack(job.order); });
    JwtRules tokens;
    tokens.issuer = tokens.audience = "showcase";
    app.provide_value(worker)     // starts and drains with the server
        .service(scope("/orders") // for programs: tokens, no cookies
                     .tag("Shop")
                     .guard(JwtGuard{Jwk::secret(production.secret.expose(), JwsAlgorithm::hs256),
                                     tokens})
                     .data(jobs)
                     .data(orders)
                     .route("/{id}", get(show_order)
                                         .summary("Whether it is packed")
                                         .post(place_order)
                                         .summary("Has it packed in the background")))
        .service(scope("/account") // for browsers: cookies, so CSRF, and no compressed secrets
                     .tag("Shop")
                     .wrap(CookieSessions{SecretKeys{production.secret}})
                     .wrap(Csrf{})
                     .metadata(Uncompressed{})
                     .route("/", get(show_account)
                                     .summary("The name that the session keeps")
                                     .put(rename_account)
                                     .summary("Changes it")));
}

} // namespace showcase
