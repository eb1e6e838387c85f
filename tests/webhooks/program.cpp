// Webhooks from and to others: webhooks_program KEY… (those of the receiving side)
// Prints the URL that it receives at. For each line "URL KEY…" of its input it sends a message to
// that URL, signed with those keys.
#include "support/test_server.hpp"

#include <armature/jobs/sqlite.hpp>
#include <armature/jobs/worker.hpp>
#include <armature/webhooks/receive.hpp>
#include <armature/webhooks/send.hpp>

#include <iostream>
#include <mutex>
#include <sstream>
#include <vector>

namespace {

using namespace armature;

struct Invoice {
    int amount = 0;
    std::string text;
};
ARMATURE_DESCRIBE(Invoice, amount, text);

class Endpoint final : public WebhookEndpoints {
  public:
    Task<std::optional<WebhookEndpoint>> find(std::string line) override {
        WebhookEndpoint endpoint;
        std::istringstream words{line};
        words >> endpoint.url;
        for (std::string key; words >> key;)
            endpoint.keys.emplace_back(key);
        co_return endpoint;
    }
    Task<> disable(std::string) override { co_return; }
};

} // namespace

int main(int, char** arguments) {
    std::initializer_list<std::string_view> keys = {arguments[1], arguments[2]};
    testing::TestServer server{
        App::create()
            .data(WebhookVerifier{keys})
            .route("/hook", post([](IncomingWebhook hook) { return std::string{hook.body()}; }))
            .build()};

    const Jobs jobs{sqlite_jobs(":memory:")};
    WebhookOptions options;
    options.allow_http = true;
    options.allow_private_addresses = true;
    const Webhooks webhooks{jobs, std::make_shared<Endpoint>(), options};
    JobWorkerOptions worker_options;
    worker_options.queues = {{"webhooks"}};
    JobWorker worker{jobs, worker_options};
    webhooks.serve(worker);
    worker.start();

    std::cout << server.url("/hook") << std::endl;
    for (std::string line; std::getline(std::cin, line);) {
        const Invoice invoice{7, "größer \"als\" <gedacht> 🎉"};
        LocalLoop loop;
        loop.run(webhooks.send(line, "invoice.paid", invoice));
    }
}
