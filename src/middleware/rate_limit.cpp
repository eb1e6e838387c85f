#include "middleware/rate_limit_table.hpp"

#include <armature/core/error.hpp>
#include <armature/core/scheduler.hpp>
#include <armature/log/log.hpp>

#include <stdexcept>

namespace armature {

namespace {

// What one limit has to say in the response to a request.
struct RateLimitState {
    const void* of;
    std::string_view text;
    RateLimitState* outer;
};

} // namespace

namespace detail {

class RateLimitTables {
  public:
    explicit RateLimitTables(std::vector<RateLimitPolicy> policies) : fields(std::move(policies)) {
        for (const RateLimitPolicy& policy : fields.policies())
            tables.emplace_back(policy);
    }
    RateLimitFields fields;
    std::vector<RateLimitTable> tables;
};

} // namespace detail

RateLimit::RateLimit(std::vector<RateLimitPolicy> policies)
    : tables_(std::make_shared<const detail::RateLimitTables>(std::move(policies))) {}

std::optional<Response> RateLimit::before(Request& request) const {
    const auto& [fields, tables] = *tables_;
    const std::vector<RateLimitPolicy>& policies = fields.policies();
    const std::int64_t now = Scheduler::current().now();
    constexpr std::size_t usual = 4;
    RateLimitVerdict few[usual];
    RateLimitVerdict* const verdicts =
        tables.size() <= usual
            ? few
            : static_cast<RateLimitVerdict*>(request.arena().allocate(
                  tables.size() * sizeof(RateLimitVerdict), alignof(RateLimitVerdict)));
    for (std::size_t i = 0; i < tables.size(); ++i) {
        verdicts[i] = tables[i].take(RateLimitParts::key_of(policies[i], request),
                                     RateLimitParts::cost_of(policies[i], request), now);
        if (!verdicts[i].passes) [[unlikely]]
            return refuse(request, i, verdicts[i], now);
    }
    if (is_silent_) return std::nullopt;
    RateLimitState* const outer = request.find<RateLimitState>();
    request.attach(RateLimitState{tables_.get(),
                                  fields.state({verdicts, tables.size()}, request.arena()), outer});
    return std::nullopt;
}

// What the policies before took is theirs again.
Response RateLimit::refuse(Request& request, std::size_t index, const RateLimitVerdict& verdict,
                           std::int64_t now) const {
    const auto& [fields, tables] = *tables_;
    for (std::size_t taken = 0; taken < index; ++taken) {
        const RateLimitPolicy& other = fields.policies()[taken];
        tables[taken].give_back(RateLimitParts::key_of(other, request),
                                RateLimitParts::cost_of(other, request), now);
    }
    return fields.refusal(index, verdict);
}

void RateLimit::after(Request& request, Response& response) const {
    if (is_silent_) return;
    const RateLimitState* state = request.find<RateLimitState>();
    while (state != nullptr && state->of != tables_.get())
        state = state->outer;
    if (state != nullptr) tables_->fields.add(state->text, response);
}

SharedRateLimit::SharedRateLimit(std::shared_ptr<RateLimitEngine> engine,
                                 std::vector<RateLimitPolicy> policies, OnLimiterFailure on_failure)
    : engine_(std::move(engine)),
      fields_(std::make_shared<const detail::RateLimitFields>(std::move(policies))),
      on_failure_(on_failure) {
    if (engine_ == nullptr)
        throw std::invalid_argument(
            "armature: a SharedRateLimit needs an engine, such as RedisRateLimits");
}

SharedRateLimit::SharedRateLimit(std::shared_ptr<RateLimitEngine> engine, RateLimitPolicy policy,
                                 OnLimiterFailure on_failure)
    : SharedRateLimit(std::move(engine), std::vector<RateLimitPolicy>(1, std::move(policy)),
                      on_failure) {}

namespace {

// A key for an engine: what kind it is, and the address, or the text as it is.
std::string engine_key(const RateLimitParts::Key& key) {
    std::string text;
    text += "ect"[static_cast<unsigned>(key.kind)];
    if (key.kind == RateLimitParts::Key::Kind::address)
        text.append(reinterpret_cast<const char*>(&key.address), sizeof key.address);
    text += std::to_string(key.route.size());
    text += ':';
    text += key.route;
    text += key.text;
    return text;
}

} // namespace

Task<Response> SharedRateLimit::operator()(Request& request, Next next) const {
    std::vector<RateLimitVerdict> verdicts;
    try {
        std::vector<RateLimitDemand> demands;
        for (const RateLimitPolicy& policy : fields_->policies())
            demands.push_back({&policy, engine_key(RateLimitParts::key_of(policy, request)),
                               RateLimitParts::cost_of(policy, request)});
        verdicts = co_await engine_->take(std::move(demands));
    } catch (const Error& error) {
        log::warn("rate limit: the engine can't be asked",
                  {{"reason", error.detail()}, {"passes", on_failure_ == OnLimiterFailure::pass}});
        if (on_failure_ == OnLimiterFailure::refuse)
            throw Error::unavailable("The rate limit can't be checked")
                .type("https://iana.org/assignments/"
                      "http-problem-types#temporary-reduced-capacity")
                .header("retry-after", "1");
    }
    for (std::size_t i = 0; i < verdicts.size(); ++i)
        if (!verdicts[i].passes) co_return fields_->refusal(i, verdicts[i]);
    Response response = co_await next(request);
    if (!verdicts.empty()) fields_->add(fields_->state(verdicts, request.arena()), response);
    co_return response;
}

} // namespace armature
