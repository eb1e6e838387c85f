#pragma once

#include <armature/app/extract.hpp>
#include <armature/app/json.hpp>
#include <armature/core/duration.hpp>
#include <armature/webhooks/key.hpp>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string_view>

namespace armature {

struct WebhookVerifierOptions {
    /// How far the sender's clock may be from ours; from 1 s to 1 h.
    Duration tolerance = Duration::seconds(5 * 60);
    /// Refuses a message that came before: an attacker's copy. A sender's new attempt has a new
    /// timestamp, so it passes. Within one process; among several, have a job with the message's id
    /// as its key (`JobOptions::unique`).
    bool refuse_copies = true;
};

/// Verifies webhooks that others send. The keys are those in use: several while one takes the
/// place of another.
///
///     app.data(WebhookVerifier{{"whsec_…"}})
///        .route("/hooks/payments", post([](IncomingWebhook hook) { … }));
///
/// Threads: any. Copies share what they remember.
class WebhookVerifier {
  public:
    /// Throws std::invalid_argument without a key, for one that is none, and for options out of
    /// bounds.
    explicit WebhookVerifier(std::initializer_list<std::string_view> keys,
                             WebhookVerifierOptions options = {});

    /// Throws `Error` 401 unless the request's fields and `body` are a message that one of the keys
    /// signed, of this time, and not a copy.
    void verify(const Headers& headers, std::string_view body) const;

    class Impl; // inside of the library only

  private:
    std::shared_ptr<Impl> impl_;
};

/// A webhook that was verified by the application's `WebhookVerifier`: one that isn't right is
/// answered with 401 before the handler runs. Without a verifier the application can't be built.
/// Lives as long as the request.
class IncomingWebhook {
  public:
    explicit IncomingWebhook(const Request& request) noexcept : request_(&request) {}

    /// The message's, the same in each attempt to deliver it: what makes handling it twice
    /// unnecessary.
    [[nodiscard]] std::string_view id() const noexcept {
        return request_->header("webhook-id").value_or("");
    }
    /// Exactly as it was signed.
    [[nodiscard]] std::string_view body() const noexcept { return request_->body().text(); }
    /// The content as a described type. Throws `Error` 400 or 422.
    template <class T>
    [[nodiscard]] T json() const {
        T value{};
        JsonErrors errors;
        const JsonStatus status = read_json(body(), value, errors);
        if (status != JsonStatus::ok) detail::throw_json_errors(status, errors);
        return value;
    }

  private:
    const Request* request_;
};

template <>
struct Extract<IncomingWebhook> {
    static constexpr bool needs_body = true;
    using state_type = WebhookVerifier;
    static IncomingWebhook from(const ExtractInput& input) {
        static_cast<const WebhookVerifier*>(input.state)
            ->verify(input.request.headers(), input.request.body().text());
        return IncomingWebhook{input.request};
    }
    static void document(OperationInfo& info) { info.error(Status::unauthorized); }
};

} // namespace armature
