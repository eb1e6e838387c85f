// The C++ of docs/webhooks.md: compiled and run here, repeated there.
#include <armature/armature.hpp>
#include <armature/jobs/sqlite.hpp>
#include <armature/jobs/worker.hpp>
#include <armature/log/log.hpp>
#include <armature/webhooks/receive.hpp>
#include <armature/webhooks/send.hpp>

#include <gtest/gtest.h>

#include <ctime>

namespace webhooks_page {

using namespace armature;

struct Payment {
    static constexpr std::string_view kind = "payment";
    int amount = 0;
};
ARMATURE_DESCRIBE(Payment, amount);

struct Customer {
    std::string url;
    std::string key;
    bool wants_webhooks = true;
};

// [receive]
App shop(std::string_view key, const Jobs& jobs) {
    return App::create()
        .data(jobs)
        .data(WebhookVerifier{{key}})
        .route("/hooks/payments", post([](IncomingWebhook hook, State<Jobs> queue) -> Task<Status> {
                   const Payment payment = hook.json<Payment>();
                   co_await queue->enqueue(payment,
                                           JobOptions{}.unique("hook/" + std::string{hook.id()},
                                                               Duration::seconds(24 * 3600)));
                   co_return Status::no_content;
               }));
}
// [/receive]

// [endpoints]
class Customers final : public WebhookEndpoints {
  public:
    Task<std::optional<WebhookEndpoint>> find(std::string id) override {
        const Customer* customer = look_up(id); // in your database
        if (customer == nullptr || !customer->wants_webhooks) co_return std::nullopt;
        co_return WebhookEndpoint{customer->url, {WebhookKey{customer->key}}};
    }
    Task<> disable(std::string id) override { // it answered 410
        if (Customer* customer = look_up(id)) customer->wants_webhooks = false;
        co_return;
    }
    Task<> failed(std::string id, std::string why) override { // tell them
        log::warn("a webhook wasn't delivered", {{"customer", id}, {"why", why}});
        co_return;
    }
    // [/endpoints]
    Customer* look_up(const std::string& id) { return id == "7" ? &ada : nullptr; }
    Customer ada{"https://ada.example/hook", WebhookKey::generate().expose()};
};

// [send]
Webhooks make_webhooks(const Jobs& jobs, JobWorker& worker) {
    Webhooks webhooks{jobs, std::make_shared<Customers>()};
    webhooks.serve(worker); // which serves the queue "webhooks"
    return webhooks;
}

Task<> paid(const Webhooks& webhooks) {
    const Payment payment{700};
    co_await webhooks.send("7", "invoice.paid", payment);
}
// [/send]

TEST(WebhooksPage, ReceivesOnce) {
    const std::string key = WebhookKey::generate().expose();
    const Jobs jobs{sqlite_jobs(":memory:")};
    const Application app = shop(key, jobs).build();
    const std::int64_t now = std::time(nullptr);
    const auto request = [&](const std::string& body, std::int64_t time) {
        return Request::post("/hooks/payments", body, "application/json")
            .set_header("webhook-id", "msg_1")
            .set_header("webhook-timestamp", std::to_string(time))
            .set_header("webhook-signature",
                        WebhookKey{key}.sign("msg_1", time, R"({"amount":7})"));
    };
    EXPECT_EQ(app.handle(request(R"({"amount":7})", now)).status(), Status::no_content);
    EXPECT_EQ(app.handle(request(R"({"amount":9})", now + 1)).status(), Status::unauthorized);
    EXPECT_EQ(app.handle(request(R"({"amount":7})", now + 2)).status(), Status::no_content);
    LocalLoop loop;
    EXPECT_EQ(loop.run(jobs.counts()).waiting, 1U) << "the second attempt was left out";
}

TEST(WebhooksPage, SendsThroughTheQueue) {
    const Jobs jobs{sqlite_jobs(":memory:")};
    JobWorkerOptions options;
    options.queues = {{"webhooks"}};
    JobWorker worker{jobs, options};
    const Webhooks webhooks = make_webhooks(jobs, worker);
    LocalLoop loop;
    loop.run(paid(webhooks));
    EXPECT_EQ(loop.run(jobs.counts("webhooks")).waiting, 1U);
}

} // namespace webhooks_page
