#include "client/circuit.hpp"
#include "client/engine.hpp"
#include "client/transfer.hpp"

#include <armature/client/client.hpp>
#include <armature/core/http_date.hpp>
#include <armature/core/scheduler.hpp>
#include <armature/core/url.hpp>

#include <algorithm>
#include <charconv>
#include <ctime>
#include <map>
#include <mutex>
#include <random>
#include <utility>

namespace armature {

namespace {

Status status_for(ClientError::Kind kind) noexcept {
    return kind == ClientError::Kind::timeout ? Status::gateway_timeout : Status::bad_gateway;
}

} // namespace

ClientError::ClientError(Kind kind, std::string detail)
    : Error{status_for(kind), std::move(detail)}, kind_(kind) {}

namespace client {

namespace {

// The content of a response; owns what brings it.
class Content final : public BodyStream {
  public:
    explicit Content(std::unique_ptr<Transfer> transfer) : transfer_(std::move(transfer)) {}
    Task<std::optional<std::string_view>> next() override { return transfer_->next(); }
    const Headers* trailers() const noexcept override { return &transfer_->trailers(); }

  private:
    std::unique_ptr<Transfer> transfer_;
};

bool is_redirect(Status status) noexcept {
    const auto code = status_code(status);
    return code == 301 || code == 302 || code == 303 || code == 307 || code == 308;
}

bool may_pass(Status status) noexcept {
    const auto code = status_code(status);
    return code == 429 || code == 502 || code == 503 || code == 504;
}

// Seconds, or a date (RFC 9110 §10.2.3).
std::optional<Duration> retry_after(const Headers& headers) {
    const auto value = headers.get(Field::retry_after);
    if (!value) return std::nullopt;
    std::int64_t seconds = 0;
    const char* end = value->data() + value->size();
    if (const auto [rest, error] = std::from_chars(value->data(), end, seconds);
        error == std::errc{} && rest == end)
        return Duration::seconds(std::clamp<std::int64_t>(seconds, 0, 86'400));
    if (const auto date = parse_http_date(*value))
        return Duration::seconds(std::clamp<std::int64_t>(*date - std::time(nullptr), 0, 86'400));
    return std::nullopt;
}

// Waiting clients must not come back all at the same moment.
Duration with_jitter(Duration wait) {
    thread_local std::minstd_rand random{std::random_device{}()};
    std::uniform_int_distribution<std::int64_t> shorter{0, wait.count() / 2};
    return Duration::milliseconds(wait.count() - shorter(random));
}

std::string origin_of(const Url& url) {
    const bool secure = url.scheme() == "https";
    return url.scheme() + "://" + url.host() + ":" +
           std::to_string(url.port().value_or(secure ? 443 : 80));
}

} // namespace

} // namespace client

class Client::Impl {
  public:
    explicit Impl(ClientOptions given)
        : options(std::move(given)), circuits(options.circuit_failures, options.circuit_pause) {
        static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
        if (started != CURLE_OK)
            throw ClientError{ClientError::Kind::protocol, "libcurl can't start"};
    }

    client::Engine& engine() {
        Scheduler& loop = Scheduler::current();
        const std::lock_guard lock{mutex_};
        auto& engine = engines_[loop.id()];
        if (!engine) engine = std::make_unique<client::Engine>(loop, options);
        return *engine;
    }

    const ClientOptions options;
    client::Circuits circuits;

  private:
    std::mutex mutex_;
    std::map<std::uint64_t, std::unique_ptr<client::Engine>> engines_; ///< by the loop's id
};

std::optional<Duration> ClientResponse::retry_after() const {
    return client::retry_after(headers_);
}

Client::Client(ClientOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Client::~Client() = default;

Task<ClientResponse> Client::send(ClientRequest request) {
    const ClientOptions& options = impl_->options;
    client::Engine& engine = impl_->engine();
    std::optional<Url> url = Url::parse(request.url_);
    if (!url || (url->scheme() != "http" && url->scheme() != "https") || url->userinfo())
        throw ClientError{ClientError::Kind::url,
                          "'" + request.url_ + "' is no absolute http or https URL"};
    const Duration timeout = request.timeout_.value_or(options.timeout);
    Duration wait = options.first_wait;
    unsigned redirects = 0;
    for (unsigned attempt = 1;; ++attempt) {
        const std::string origin = client::origin_of(*url);
        const bool at_hand = request.body_.kind() != Body::Kind::stream;
        const bool may_repeat =
            attempt < options.attempts && at_hand &&
            (is_idempotent(request.method_) || request.headers_.contains("idempotency-key"));
        client::Circuits::Permit permit = impl_->circuits.ask(origin);
        std::unique_ptr<client::Transfer> transfer;
        std::optional<Duration> pause;
        try {
            const client::Transfer::Parameters parameters{request.method_, url->to_string(),
                                                          request.headers_, request.body_, timeout};
            transfer = std::make_unique<client::Transfer>(engine, parameters);
            co_await transfer->head();
            if (client::may_pass(transfer->status())) {
                permit.failed();
                if (may_repeat)
                    pause = client::retry_after(transfer->headers())
                                .value_or(client::with_jitter(wait));
            } else {
                permit.succeeded();
            }
        } catch (const ClientError&) {
            permit.failed();
            if (!may_repeat || (transfer && transfer->has_response())) throw;
            pause = client::with_jitter(wait);
        }
        if (pause && *pause <= options.longest_wait) {
            transfer.reset();
            co_await sleep_for(*pause);
            wait = std::min(Duration::milliseconds(wait.count() * 2), options.longest_wait);
            continue;
        }
        if (!transfer) throw ClientError{ClientError::Kind::broken, "no response"};
        const auto location = transfer->headers().get(Field::location);
        if (options.redirects > 0 && location && client::is_redirect(transfer->status())) {
            if (++redirects > options.redirects)
                throw ClientError{ClientError::Kind::redirects, "too many redirects"};
            follow(request, *url, *location, transfer->status());
            attempt = 0;
            continue;
        }
        ClientResponse response;
        transfer->keep_content(std::move(request.body_));
        response.status_ = transfer->status();
        response.http_version_ = transfer->http_version();
        response.headers_ = std::move(transfer->headers());
        response.url_ = url->to_string();
        response.body_ = Body{
            std::unique_ptr<BodyStream>(std::make_unique<client::Content>(std::move(transfer)))};
        co_return response;
    }
}

// RFC 9110 §15.4, and what browsers do: POST becomes GET after 301, 302 and 303; what is meant for
// one host isn't shown to another.
void Client::follow(ClientRequest& request, Url& url, std::string_view location, Status status) {
    const std::optional<Url> reference = Url::parse(location);
    if (!reference)
        throw ClientError{ClientError::Kind::redirects, "the server redirects to no URL"};
    Url next = url.resolve(*reference);
    if ((next.scheme() != "https" && next.scheme() != "http") ||
        (url.scheme() == "https" && next.scheme() == "http") || next.userinfo())
        throw ClientError{ClientError::Kind::redirects,
                          "the server redirects to where this client doesn't follow"};
    const auto code = status_code(status);
    const bool becomes_get = code == 303
                                 ? request.method_ != Method::head
                                 : (code == 301 || code == 302) && request.method_ == Method::post;
    if (becomes_get) {
        request.method_ = Method::get;
        request.body_ = Body{};
        request.headers_.erase(Field::content_type);
    } else if (request.body_.kind() == Body::Kind::stream) {
        throw ClientError{ClientError::Kind::redirects,
                          "the request's content is a stream and can't be sent again"};
    }
    if (client::origin_of(next) != client::origin_of(url))
        for (const Field field : {Field::authorization, Field::cookie, Field::proxy_authorization})
            request.headers_.erase(field);
    url = std::move(next);
}

} // namespace armature
