#pragma once

#include <armature/jobs/jobs.hpp>
#include <armature/json/write.hpp>
#include <armature/webhooks/key.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace armature {

class JobWorker;

/// Where a customer wants webhooks, and how they are signed.
struct WebhookEndpoint {
    std::string url;
    /// Each signs: while a customer changes from one key to another there are two.
    std::vector<WebhookKey> keys;
};

/// Your customers' endpoints, wherever you keep them. Asked at each attempt, so that a new URL or
/// key counts at once, and no key is in the queue. Called on the worker's event loop.
class WebhookEndpoints {
  public:
    WebhookEndpoints() noexcept = default;
    WebhookEndpoints(const WebhookEndpoints&) = delete;
    WebhookEndpoints& operator=(const WebhookEndpoints&) = delete;
    virtual ~WebhookEndpoints();

    /// The endpoint of that id; nullopt when it was removed or disabled: then its messages go.
    [[nodiscard]] virtual Task<std::optional<WebhookEndpoint>> find(std::string id) = 0;
    /// It answered 410, so it wants no more: `find` is to give nullopt from now on.
    [[nodiscard]] virtual Task<> disable(std::string id) = 0;
    /// The last attempt to deliver a message failed. You may tell somebody, or disable it.
    [[nodiscard]] virtual Task<> failed(std::string id, std::string why);
};

struct WebhookOptions {
    /// The queue of deliveries.
    std::string queue = "webhooks";
    /// Waits between attempts, each up to a tenth longer by chance; then the message is dead.
    std::vector<Duration> waits = {
        Duration::seconds(5),         Duration::seconds(5 * 60),    Duration::seconds(30 * 60),
        Duration::seconds(2 * 3600),  Duration::seconds(5 * 3600),  Duration::seconds(10 * 3600),
        Duration::seconds(14 * 3600), Duration::seconds(20 * 3600), Duration::seconds(24 * 3600)};
    /// Of one attempt; from 1 s to 60 s.
    Duration timeout = Duration::seconds(20);
    /// Largest message, in bytes.
    std::size_t max_bytes = 20'000;
    std::string user_agent = "armature-webhooks";
    /// PEM certificates of the only authorities to trust; empty: the system's.
    std::string authorities{};
    /// Endpoints may have http URLs. Anybody on the way can read what is sent there.
    bool allow_http = false;
    /// Endpoints may be on private networks and this machine. For a URL that strangers choose that
    /// opens your network to them.
    bool allow_private_addresses = false;
};

namespace detail {

// What a job of a delivery holds.
struct WebhookDelivery {
    static constexpr std::string_view kind = "armature.webhook";
    std::string endpoint;
    std::string id;
    std::string body;
};
ARMATURE_DESCRIBE(WebhookDelivery, endpoint, id, body);

} // namespace detail

/// Sends webhooks by Standard Webhooks 1.0.0: signed, through the queue, again and again until the
/// endpoint took them with a 2xx.
///
///     Webhooks webhooks{jobs, endpoints};
///     webhooks.serve(worker);                                   // the worker delivers
///     co_await webhooks.send("customer 7", "invoice.paid", invoice);
///
/// A 410 disables the endpoint; Retry-After is obeyed where it is longer than the usual wait, up to
/// a day; redirects are failures. Each attempt has the same `webhook-id` and a timestamp and
/// signatures of its own.
///
/// Threads: any. A handle: copies are the same.
class Webhooks {
  public:
    /// Throws std::invalid_argument for options out of bounds.
    Webhooks(const Jobs& jobs, std::shared_ptr<WebhookEndpoints> endpoints,
             WebhookOptions options = {});

    /// Has a worker deliver; it must serve `WebhookOptions::queue`.
    void serve(JobWorker& worker) const;

    /// Sends `{"type": …, "timestamp": …, "data": …}` to an endpoint. `data` is a described type,
    /// or anything that `to_json` takes. Throws std::invalid_argument when it is too large.
    template <class T>
    [[nodiscard]] Task<Enqueued> send(std::string_view endpoint, std::string_view type,
                                      const T& data) const {
        return enqueue(message(endpoint, type, to_json(data)));
    }
    /// The same as a job for a transaction of your own: `enqueue_in(db, webhooks.make(…))`.
    template <class T>
    [[nodiscard]] NewJob make(std::string_view endpoint, std::string_view type,
                              const T& data) const {
        return job(message(endpoint, type, to_json(data)));
    }

    class Impl; // inside of the library only

  private:
    [[nodiscard]] detail::WebhookDelivery message(std::string_view endpoint, std::string_view type,
                                                  std::string_view data) const;
    [[nodiscard]] Task<Enqueued> enqueue(detail::WebhookDelivery delivery) const;
    [[nodiscard]] NewJob job(const detail::WebhookDelivery& delivery) const;

    std::shared_ptr<Impl> impl_;
};

} // namespace armature
