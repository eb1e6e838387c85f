// Deliveries: to endpoints that our own server plays, through a queue in SQLite.
#include "jobs/support.hpp"

#include <armature/webhooks/receive.hpp>
#include <armature/webhooks/send.hpp>

#include <gmock/gmock.h>

#include <atomic>

namespace job_tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Invoice {
    int amount = 0;
    std::string text;
};
ARMATURE_DESCRIBE(Invoice, amount, text);

/// Endpoints in memory.
class Customers final : public WebhookEndpoints {
  public:
    void set(std::string url, std::vector<std::string> keys) {
        WebhookEndpoint endpoint;
        endpoint.url = std::move(url);
        for (const std::string& key : keys)
            endpoint.keys.emplace_back(key);
        const std::lock_guard lock{mutex_};
        endpoint_ = std::move(endpoint);
    }
    Task<std::optional<WebhookEndpoint>> find(std::string id) override {
        const std::lock_guard lock{mutex_};
        if (id != "customer 7") co_return std::nullopt;
        co_return endpoint_;
    }
    Task<> disable(std::string id) override {
        notes.add("disabled " + id);
        const std::lock_guard lock{mutex_};
        endpoint_.reset();
        co_return;
    }
    Task<> failed(std::string id, std::string why) override {
        notes.add(id + ": " + why);
        co_return;
    }
    Notes<std::string> notes;

  private:
    std::mutex mutex_;
    std::optional<WebhookEndpoint> endpoint_;
};

class Sending : public ::testing::Test {
  protected:
    // Answers with the statuses in turn, the last one from then on.
    App receiver() {
        return App::create()
            .data(verifier())
            .route("/hook", post([this](IncomingWebhook hook, Request& request) {
                       received.add(std::string{hook.id()} + ' ' + std::string{hook.body()});
                       timestamps.add(std::string{*request.header("webhook-timestamp")});
                       const std::size_t turn = std::min(turns++, statuses.size() - 1);
                       Response response{static_cast<Status>(statuses[turn])};
                       if (!retry_after.empty()) response.header("retry-after", retry_after);
                       response.header("location", "/elsewhere");
                       return response;
                   }))
            .route("/elsewhere", any([this] { elsewhere = true; }));
    }
    // Attempts here come within a second, and look like copies.
    WebhookVerifier verifier() const {
        WebhookVerifierOptions options;
        options.refuse_copies = false;
        return WebhookVerifier{{key}, options};
    }
    static WebhookOptions here(std::size_t attempts = 4) {
        WebhookOptions options;
        options.allow_http = true;
        options.allow_private_addresses = true;
        options.waits.assign(attempts - 1, Duration::milliseconds(1));
        return options;
    }
    JobWorkerOptions worker_options() {
        JobWorkerOptions options = quick();
        options.queues = {{"webhooks", 4}};
        return options;
    }
    void send(const WebhookOptions& options) {
        webhooks.emplace(jobs, customers, options);
        webhooks->serve(worker);
        worker.start();
        const Invoice invoice{7, "a \"quoted\" one"};
        await(webhooks->send("customer 7", "invoice.paid", invoice));
    }
    bool is_empty() {
        return eventually([this] {
            const JobCounts now = await(jobs.counts("webhooks"));
            return now.waiting + now.running == 0;
        });
    }
    std::string error_of_the_dead() {
        EXPECT_TRUE(is_empty());
        const auto dead = await(jobs.dead("webhooks"));
        return dead.empty() ? "nobody died" : dead[0].error;
    }

    std::string key = WebhookKey::generate().expose();
    std::vector<int> statuses = {200};
    std::string retry_after;
    std::size_t turns = 0;
    std::atomic<bool> elsewhere = false;
    Notes<std::string> received;
    Notes<std::string> timestamps;
    armature::testing::TestServer server{receiver().build()};

    Folder folder;
    Jobs jobs{sqlite_jobs(folder.file("jobs.db"))};
    std::shared_ptr<Customers> customers = std::make_shared<Customers>();
    std::optional<Webhooks> webhooks;
    JobWorker worker{jobs, worker_options()};

    void SetUp() override { customers->set(server.url("/hook"), {key}); }
};

TEST_F(Sending, DeliversASignedMessage) {
    send(here());
    ASSERT_TRUE(received.reach(1));
    EXPECT_THAT(received.all()[0],
                ::testing::MatchesRegex(
                    R"re(msg_[0-9a-f]+ \{"type":"invoice\.paid","timestamp":"[-0-9]+T[0-9:]+Z",)re"
                    R"re("data":\{"amount":7,"text":"a \\"quoted\\" one"\}\})re"));
    EXPECT_TRUE(is_empty());
    EXPECT_EQ(await(jobs.counts("webhooks")).dead, 0U);
}

TEST_F(Sending, TriesAgainWithTheSameId) {
    statuses = {500, 429, 302, 204};
    send(here());
    ASSERT_TRUE(received.reach(4));
    EXPECT_TRUE(is_empty());
    const auto all = received.all();
    EXPECT_EQ(all.size(), 4U);
    EXPECT_THAT(all, ::testing::Each(all[0]));
    EXPECT_FALSE(elsewhere) << "a redirect isn't followed";
}

TEST_F(Sending, GivesUpAfterTheLastWaitAndSaysSo) {
    statuses = {503};
    send(here(2));
    EXPECT_EQ(error_of_the_dead(), "the endpoint answered 503");
    EXPECT_THAT(customers->notes.all(), ElementsAre("customer 7: the endpoint answered 503"));
    EXPECT_EQ(received.all().size(), 2U);
}

TEST_F(Sending, DisablesAnEndpointThatIsGone) {
    statuses = {410};
    send(here());
    EXPECT_EQ(error_of_the_dead(), "the endpoint answered 410");
    EXPECT_THAT(customers->notes.all(), ElementsAre("disabled customer 7"));
    const Invoice another{8, ""};
    await(webhooks->send("customer 7", "invoice.paid", another));
    EXPECT_TRUE(is_empty());
    EXPECT_EQ(received.all().size(), 1U) << "nothing more is sent";
}

TEST_F(Sending, WaitsAsLongAsTheEndpointAsks) {
    statuses = {503, 200};
    retry_after = "3600";
    send(here());
    ASSERT_TRUE(received.reach(1));
    EXPECT_TRUE(eventually([this] { return await(jobs.counts("webhooks")).running == 0; }));
    EXPECT_EQ(await(jobs.counts("webhooks")).waiting, 1U) << "the usual wait would be 1 ms";
    EXPECT_EQ(received.all().size(), 1U);
}

TEST_F(Sending, SignsWithOldAndNewKey) {
    customers->set(server.url("/hook"), {WebhookKey::generate().expose(), key});
    send(here());
    EXPECT_TRUE(received.reach(1));
}

TEST_F(Sending, LooksTheKeyUpAtEachAttempt) {
    customers->set(server.url("/hook"), {WebhookKey::generate().expose()});
    WebhookOptions options = here();
    options.waits.assign(100, Duration::milliseconds(50));
    send(options); // each attempt is refused with 401
    EXPECT_TRUE(eventually([this] { return await(jobs.counts("webhooks")).waiting == 1; }));
    customers->set(server.url("/hook"), {key});
    EXPECT_TRUE(received.reach(1));
}

TEST_F(Sending, KeepsNoKeyInTheQueue) {
    const auto webhook = Webhooks{jobs, customers, here()}.make("customer 7", "t", Invoice{1, ""});
    EXPECT_EQ(webhook.payload.find(key.substr(6)), std::string::npos);
    EXPECT_EQ(webhook.queue, "webhooks");
    EXPECT_EQ(webhook.attempts, 4U);
}

TEST_F(Sending, ReachesNoPrivateAddress) {
    WebhookOptions options = here();
    options.allow_private_addresses = false;
    for (const std::string host : {"127.0.0.1", "localhost", "[::ffff:127.0.0.1]"}) {
        const std::string address = server.address();
        customers->set("http://" + host + address.substr(address.rfind(':')) + "/hook", {key});
        if (!webhooks)
            send(options);
        else
            await(webhooks->send("customer 7", "invoice.paid", Invoice{}));
        EXPECT_EQ(error_of_the_dead(), "the host isn't on the public Internet") << host;
        EXPECT_TRUE(await(jobs.remove(await(jobs.dead("webhooks")).at(0).id)));
    }
    EXPECT_TRUE(received.all().empty());
}

TEST_F(Sending, NeedsHttps) {
    WebhookOptions options = here();
    options.allow_http = false;
    send(options);
    EXPECT_EQ(error_of_the_dead(), "the endpoint's URL isn't https");
}

TEST_F(Sending, ForgetsMessagesToEndpointsThatWereRemoved) {
    send(here());
    await(webhooks->send("customer 8", "invoice.paid", Invoice{}));
    EXPECT_TRUE(is_empty());
    EXPECT_EQ(await(jobs.counts("webhooks")).dead, 0U);
}

TEST_F(Sending, RefusesWhatIsTooLarge) {
    const Webhooks sender{jobs, customers, here()};
    const Invoice large{1, std::string(20'000, 'x')};
    EXPECT_THROW((void)sender.make("customer 7", "t", large), std::invalid_argument);
}

TEST_F(Sending, RefusesOptionsThatCanNotBeRight) {
    EXPECT_THROW((Webhooks{jobs, nullptr}), std::invalid_argument);
    WebhookOptions options;
    options.waits.clear();
    EXPECT_THROW((Webhooks{jobs, customers, options}), std::invalid_argument);
    options = {};
    options.timeout = Duration::seconds(90);
    EXPECT_THROW((Webhooks{jobs, customers, options}), std::invalid_argument);
}

} // namespace
} // namespace job_tests
