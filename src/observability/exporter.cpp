#include "observability/exporter.hpp"

#include <armature/client/client.hpp>
#include <armature/core/http_date.hpp>
#include <armature/core/url.hpp>
#include <armature/json/nlohmann.hpp>

#include <nlohmann/json.hpp>
#include <signal.h>

#include <algorithm>
#include <charconv>
#include <ctime>
#include <random>
#include <stdexcept>

namespace armature::detail {

namespace {

constexpr Duration longest_wait = Duration::seconds(30);

[[noreturn]] void refuse(std::string_view what) {
    throw std::invalid_argument(std::string{"armature: TracerOptions::"}.append(what));
}

TracerOptions checked(TracerOptions options) {
    if (options.service.empty()) refuse("service is empty: give the program a name");
    if (!(options.ratio >= 0 && options.ratio <= 1)) refuse("ratio is a share from 0 to 1");
    if (options.capacity < 1 || options.capacity > 1'000'000) refuse("capacity is 1 to 1000000");
    if (options.batch < 1 || options.batch > options.capacity) refuse("batch is 1 to capacity");
    if (options.attempts < 1) refuse("attempts is at least 1");
    if (options.delay <= Duration{} || options.timeout <= Duration{} ||
        options.first_wait <= Duration{} || options.shutdown < Duration{})
        refuse("delay, timeout and first_wait are longer than zero, shutdown isn't negative");
    Headers fields;
    for (const auto& [name, value] : options.headers)
        if (!fields.try_append(name, value)) refuse("headers has a malformed name or value");
    if (options.endpoint.empty()) return options;
    const std::optional<Url> url = Url::parse(options.endpoint);
    if (!url || (url->scheme() != "http" && url->scheme() != "https") || url->host().empty() ||
        url->userinfo() || url->fragment())
        refuse("endpoint is an absolute http or https URL, such as http://127.0.0.1:4318");
    if (url->path().empty() || url->path() == "/") {
        while (options.endpoint.ends_with('/'))
            options.endpoint.pop_back();
        if (url->query()) refuse("endpoint has a query but no path");
        options.endpoint += "/v1/traces";
    }
    return options;
}

ClientOptions client_options(const TracerOptions& options) {
    ClientOptions made;
    made.user_agent = "armature/" ARMATURE_VERSION;
    made.authorities = options.authorities;
    made.timeout = options.timeout;
    made.redirects = 0; // the fields with a secret go to nobody else
    made.attempts = 1;
    made.circuit_failures = 0;
    made.connections_per_host = 1;
    return made;
}

// Seconds only: what collectors send.
Duration retry_after(const ClientResponse& response) {
    const auto value = response.header("retry-after");
    std::int64_t seconds = 0;
    if (!value) return {};
    const auto [end, error] =
        std::from_chars(value->data(), value->data() + value->size(), seconds);
    if (error == std::errc{} && end == value->data() + value->size())
        return Duration::seconds(std::clamp<std::int64_t>(seconds, 0, 86'400));
    if (const auto date = parse_http_date(*value))
        return Duration::seconds(std::clamp<std::int64_t>(*date - std::time(nullptr), 0, 86'400));
    return {};
}

// How many spans a collector that took the rest refused (ExportTracePartialSuccess).
std::uint64_t rejected_spans(const std::string& answer) {
    nlohmann::json document;
    JsonErrors errors;
    if (read_json(answer, document, errors) != JsonStatus::ok || !document.is_object()) return 0;
    const auto partial = document.find("partialSuccess");
    if (partial == document.end() || !partial->is_object()) return 0;
    const auto count = partial->find("rejectedSpans");
    if (count == partial->end()) return 0;
    if (count->is_number_unsigned()) return count->get<std::uint64_t>();
    std::uint64_t number = 0;
    if (count->is_string()) {
        const auto& text = count->get_ref<const std::string&>();
        std::from_chars(text.data(), text.data() + text.size(), number);
    }
    return number;
}

} // namespace

Exporter::Exporter(TracerOptions options) : options_(checked(std::move(options))) {
    if (!records()) return;
    // Signals belong to the program's own threads, and a closed pipe must be an error here.
    sigset_t all, before;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { run(); });
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Exporter::~Exporter() {
    if (!thread_.joinable()) return;
    {
        std::unique_lock lock(mutex_);
        stopping_ = true;
        wanted_.notify_all();
        const auto time = std::chrono::milliseconds{options_.shutdown.count()};
        if (!progress_.wait_for(lock, time, [&] { return is_over_; })) {
            is_given_up_ = true;
            wanted_.notify_all();
            loop_.post(give_up_);
        }
    }
    thread_.join();
}

void Exporter::push(SpanRecord* record) noexcept {
    const std::size_t before = waiting_.fetch_add(1, std::memory_order_relaxed);
    if (before >= options_.capacity) {
        waiting_.fetch_sub(1, std::memory_order_relaxed);
        dropped_.fetch_add(1, std::memory_order_relaxed);
        delete record;
        return;
    }
    record->next = newest_.load(std::memory_order_relaxed);
    while (!newest_.compare_exchange_weak(record->next, record, std::memory_order_release,
                                          std::memory_order_relaxed))
        continue;
    accepted_.fetch_add(1, std::memory_order_release);
    if ((before + 1) % options_.batch == 0) [[unlikely]]
        wake();
}

void Exporter::wake() noexcept {
    {
        const std::lock_guard lock(mutex_);
        woken_ = true;
    }
    wanted_.notify_all();
}

bool Exporter::flush(Duration timeout) {
    if (!records()) return true;
    const std::uint64_t target = accepted_.load(std::memory_order_acquire);
    std::unique_lock lock(mutex_);
    woken_ = true;
    wanted_.notify_all();
    return progress_.wait_for(lock, std::chrono::milliseconds{timeout.count()},
                              [&] { return settled_ >= target; });
}

void Exporter::run() {
    {
        const LocalLoop::Enter entered{loop_};
        Client client{client_options(options_)};
        for (bool stopping = false; !stopping;) {
            {
                std::unique_lock lock(mutex_);
                wanted_.wait_for(lock, std::chrono::milliseconds{options_.delay.count()},
                                 [&] { return woken_ || stopping_; });
                woken_ = false;
                stopping = stopping_;
            }
            send_all(client);
        }
    }
    const std::lock_guard lock(mutex_);
    is_over_ = true;
    progress_.notify_all();
}

void Exporter::send_all(Client& client) {
    std::vector<SpanRecord*> spans;
    for (SpanRecord* record = newest_.exchange(nullptr, std::memory_order_acquire);
         record != nullptr; record = record->next)
        spans.push_back(record);
    std::reverse(spans.begin(), spans.end()); // the oldest first
    for (std::size_t from = 0; from < spans.size(); from += options_.batch) {
        const std::size_t count = std::min(options_.batch, spans.size() - from);
        send(client, std::span{spans}.subspan(from, count));
    }
}

void Exporter::send(Client& client, std::span<SpanRecord* const> batch) {
    Answer answer{Outcome::refused};
    try {
        const std::string body = to_otlp(options_, batch);
        Duration wait = options_.first_wait;
        thread_local std::minstd_rand random{std::random_device{}()};
        for (unsigned attempt = 1;; ++attempt) {
            answer = post(client, body);
            if (answer.outcome != Outcome::try_again || attempt >= options_.attempts) break;
            std::uniform_int_distribution<std::int64_t> shorter{0, wait.count() / 2};
            Duration pause = Duration::milliseconds(wait.count() - shorter(random));
            if (answer.wait) pause = answer.wait;
            if (pause > longest_wait || !this->wait(pause)) break;
            wait = std::min(Duration::milliseconds(wait.count() * 2), longest_wait);
        }
    } catch (const std::exception& error) { // no memory
        answer.why = error.what();
    }
    const bool sent = answer.outcome == Outcome::sent;
    const std::uint64_t lost =
        sent ? std::min<std::uint64_t>(answer.rejected, batch.size()) : batch.size();
    settle(batch.size(), lost);
    for (SpanRecord* record : batch)
        delete record;
    if (sent == !failing_) return;
    failing_ = !sent;
    if (failing_)
        log::warn("traces can't be exported",
                  {{"endpoint",
                    std::string_view{options_.endpoint}.substr(0, options_.endpoint.find('?'))},
                   {"error", answer.why}});
    else
        log::info("traces are exported again", {{"dropped", dropped()}});
}

Exporter::Answer Exporter::post(Client& client, const std::string& body) {
    const auto exchange = [](Client& with, const TracerOptions& options,
                             const std::string& content) -> Task<Answer> {
        ClientRequest request{Method::post, options.endpoint};
        for (const auto& [name, value] : options.headers)
            request.header(name, value);
        request.body("application/json", Body::view(content));
        ClientResponse response = co_await with.send(std::move(request));
        Answer answer{Outcome::sent};
        const unsigned code = status_code(response.status());
        if (code >= 200 && code < 300) {
            const std::string text = co_await response.text(64 * 1024);
            answer.rejected = rejected_spans(text);
            co_return answer;
        }
        answer.why = "status " + std::to_string(code);
        const bool may_pass = code == 429 || code == 502 || code == 503 || code == 504;
        answer.outcome = may_pass ? Outcome::try_again : Outcome::refused;
        answer.wait = retry_after(response);
        co_return answer;
    };
    try {
        return loop_.run(exchange(client, options_, body), &cancellation_);
    } catch (const ClientError& error) {
        const bool may_pass = error.kind() != ClientError::Kind::tls;
        Answer answer{may_pass ? Outcome::try_again : Outcome::refused};
        answer.why = error.what();
        return answer;
    } catch (const std::exception& error) {
        Answer answer{Outcome::refused};
        answer.why = error.what();
        return answer;
    }
}

bool Exporter::wait(Duration duration) {
    std::unique_lock lock(mutex_);
    // The end cuts a wait short that began before it; then there are waits again while time is
    // left.
    const bool was_stopping = stopping_;
    wanted_.wait_for(lock, std::chrono::milliseconds{duration.count()},
                     [&] { return is_given_up_ || (stopping_ && !was_stopping); });
    return !is_given_up_;
}

void Exporter::settle(std::size_t count, std::uint64_t lost) {
    waiting_.fetch_sub(count, std::memory_order_relaxed);
    dropped_.fetch_add(lost, std::memory_order_relaxed);
    const std::lock_guard lock(mutex_);
    settled_ += count;
    progress_.notify_all();
}

} // namespace armature::detail
