#include <armature/client/client.hpp>
#include <armature/jobs/worker.hpp>
#include <armature/log/log.hpp>
#include <armature/webhooks/send.hpp>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <random>
#include <stdexcept>

namespace armature {

using detail::WebhookDelivery;

WebhookEndpoints::~WebhookEndpoints() = default;
Task<> WebhookEndpoints::failed(std::string, std::string) { co_return; }

namespace {

ClientOptions client_options(const WebhookOptions& options) {
    ClientOptions client;
    client.user_agent = options.user_agent;
    client.authorities = options.authorities;
    client.timeout = options.timeout;
    client.redirects = 0;
    client.attempts = 1; // the queue has more of them
    client.circuit_failures = 0;
    client.connections_per_host = 8;
    client.public_addresses_only = !options.allow_private_addresses;
    return client;
}

std::string iso_time() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    char text[32];
    return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

// "msg_" and the digits of a UUID.
std::string message_id() {
    std::string id = Uuid::v7().to_string();
    std::erase(id, '-');
    return "msg_" + id;
}

} // namespace

class Webhooks::Impl {
  public:
    Impl(const Jobs& to, std::shared_ptr<WebhookEndpoints> from, WebhookOptions given)
        : jobs(to), endpoints(std::move(from)), options(std::move(given)),
          client_(client_options(options)) {}

    Task<> deliver(const WebhookDelivery& delivery, const JobContext& job) {
        const std::optional<WebhookEndpoint> endpoint = co_await endpoints->find(delivery.endpoint);
        if (!endpoint) co_return;
        std::string why;
        Duration wait = wait_after(job.attempt);
        try {
            ClientRequest request = make_request(*endpoint, delivery);
            const ClientResponse response = co_await client_.send(std::move(request));
            const auto code = status_code(response.status());
            if (code >= 200 && code < 300) co_return;
            why = "the endpoint answered " + std::to_string(code);
            if (response.status() == Status::gone) {
                co_await endpoints->disable(delivery.endpoint);
                throw JobFailed(why);
            }
            if (const auto asked = response.retry_after()) wait = std::max(wait, *asked);
        } catch (const ClientError& error) {
            if (error.kind() == ClientError::Kind::address ||
                error.kind() == ClientError::Kind::url)
                throw JobFailed(error.what());
            why = error.what();
        }
        if (job.is_last()) co_await endpoints->failed(delivery.endpoint, why);
        throw JobRetry(wait, why);
    }

    const Jobs jobs;
    const std::shared_ptr<WebhookEndpoints> endpoints;
    const WebhookOptions options;

  private:
    ClientRequest make_request(const WebhookEndpoint& endpoint,
                               const WebhookDelivery& delivery) const {
        if (endpoint.keys.empty()) throw JobFailed("the endpoint has no key to sign with");
        if (!options.allow_http && !endpoint.url.starts_with("https://"))
            throw JobFailed("the endpoint's URL isn't https");
        const std::int64_t now = std::time(nullptr);
        std::string signatures;
        for (const WebhookKey& key : endpoint.keys) {
            if (!signatures.empty()) signatures += ' ';
            signatures += key.sign(delivery.id, now, delivery.body);
        }
        return ClientRequest{Method::post, endpoint.url}
            .header("webhook-id", delivery.id)
            .header("webhook-timestamp", std::to_string(now))
            .header("webhook-signature", signatures)
            .body("application/json", Body{delivery.body});
    }
    // Of the attempts that are left without a wait, if the options changed, each has the last.
    [[nodiscard]] Duration wait_after(unsigned attempt) const {
        const std::size_t last = options.waits.size() - 1;
        const Duration wait = options.waits[std::min<std::size_t>(attempt - 1, last)];
        thread_local std::minstd_rand random{std::random_device{}()};
        std::uniform_int_distribution<std::int64_t> longer{0, wait.count() / 10};
        return Duration::milliseconds(wait.count() + longer(random));
    }

    Client client_;
};

Webhooks::Webhooks(const Jobs& jobs, std::shared_ptr<WebhookEndpoints> endpoints,
                   WebhookOptions options) {
    if (!endpoints) throw std::invalid_argument("armature: Webhooks needs its endpoints");
    if (options.waits.empty() || options.waits.size() > 100)
        throw std::invalid_argument("armature: webhooks have 1 to 100 waits between attempts");
    if (options.timeout < Duration::seconds(1) || options.timeout > Duration::seconds(60))
        throw std::invalid_argument("armature: the time-out of webhooks is from 1 s to 60 s");
    impl_ = std::make_shared<Impl>(jobs, std::move(endpoints), std::move(options));
}

void Webhooks::serve(JobWorker& worker) const {
    worker.on<WebhookDelivery>(
        [impl = impl_](const WebhookDelivery& delivery, const JobContext& job) {
            return impl->deliver(delivery, job);
        });
}

WebhookDelivery Webhooks::message(std::string_view endpoint, std::string_view type,
                                  std::string_view data) const {
    WebhookDelivery delivery;
    delivery.endpoint = endpoint;
    delivery.id = message_id();
    delivery.body = "{\"type\":" + to_json(type) + ",\"timestamp\":\"" + iso_time() +
                    "\",\"data\":" + std::string{data} + '}';
    if (delivery.body.size() > impl_->options.max_bytes)
        throw std::invalid_argument("armature: the webhook has " +
                                    std::to_string(delivery.body.size()) +
                                    " bytes; send an address where the data can be had instead");
    return delivery;
}

NewJob Webhooks::job(const WebhookDelivery& delivery) const {
    const auto attempts = static_cast<unsigned>(impl_->options.waits.size() + 1);
    return Jobs::make(delivery, JobOptions{}.queue(impl_->options.queue).attempts(attempts));
}

Task<Enqueued> Webhooks::enqueue(WebhookDelivery delivery) const {
    const auto attempts = static_cast<unsigned>(impl_->options.waits.size() + 1);
    return impl_->jobs.enqueue(delivery,
                               JobOptions{}.queue(impl_->options.queue).attempts(attempts));
}

} // namespace armature
