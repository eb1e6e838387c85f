#include "middleware/rate_limit_table.hpp"

#include <armature/core/error.hpp>
#include <armature/core/scheduler.hpp>
#include <armature/log/log.hpp>

#include <stdexcept>

namespace armature {

namespace {

// What one limit has to say in the response to a request.
struct RateLimitState {
    RateLimitState(const void* limit, RateLimitState* before) noexcept : of(limit), outer(before) {}
    const void* of;
    RateLimitState* outer;
    detail::RateLimitFields::Lines lines;
    char text[detail::RateLimitFields::usual_text]; // of the usual limit's lines
};

RateLimitState& attach(Request& request, const void* limit) {
    return request.emplace<RateLimitState>(limit, request.find<RateLimitState>());
}

} // namespace

namespace detail {

class RateLimitTables {
  public:
    explicit RateLimitTables(std::vector<RateLimitPolicy> policies) : fields(std::move(policies)) {
        for (const RateLimitPolicy& policy : fields.policies())
            limits.push_back({&policy, RateLimitTable{policy}});
        if (limits.size() == 1 && limits.front().table.is_usual() && fields.is_usual())
            usual = &limits.front().table;
    }
    struct Limit {
        const RateLimitPolicy* policy;
        RateLimitTable table;
    };
    RateLimitFields fields;
    std::vector<Limit> limits;
    const RateLimitTable* usual = nullptr; ///< the only one, if it is such
};

} // namespace detail

RateLimit::RateLimit(std::vector<RateLimitPolicy> policies)
    : tables_(std::make_shared<const detail::RateLimitTables>(std::move(policies))) {}

const RateLimit::Refusal* RateLimit::take(Request& request) const {
    const detail::RateLimitTables& tables = *tables_;
    const std::int64_t now = Scheduler::current().now();
    const detail::RateLimitTable* const usual = tables.usual;
    if (usual == nullptr) return take_all(request, now);
    std::uint64_t owed = 0;
    if (!usual->take_usual(request.peer(), now, owed)) [[unlikely]]
        return take_all(request, now);
    if (is_silent_) return nullptr;
    const auto [remaining, seconds] = usual->left(owed);
    RateLimitState& state = attach(request, &tables);
    state.lines =
        tables.fields.lines(state.text, tables.fields.write_usual(state.text, remaining, seconds));
    return nullptr;
}

const RateLimit::Refusal* RateLimit::take_all(Request& request, std::int64_t now) const {
    const detail::RateLimitTables& tables = *tables_;
    char* const text = is_silent_ ? nullptr : tables.fields.begin(request.arena());
    char* end = text;
    std::size_t index = 0;
    for (const auto& [policy, table] : tables.limits) {
        const RateLimitVerdict verdict = table.take(table.key_of(*policy, request),
                                                    RateLimitParts::cost_of(*policy, request), now);
        if (!verdict.passes) return refuse(request, index, verdict, now);
        if (end != nullptr)
            end = tables.fields.write(end, index, verdict.remaining,
                                      detail::whole_seconds(verdict.wait));
        ++index;
    }
    if (end != nullptr) attach(request, &tables).lines = tables.fields.lines(text, end);
    return nullptr;
}

// What the policies before took is theirs again.
const RateLimit::Refusal* RateLimit::refuse(Request& request, std::size_t index,
                                            const RateLimitVerdict& verdict,
                                            std::int64_t now) const {
    for (std::size_t taken = 0; taken < index; ++taken) {
        const auto& [policy, table] = tables_->limits[taken];
        table.give_back(table.key_of(*policy, request), RateLimitParts::cost_of(*policy, request),
                        now);
    }
    return request.arena().create<Refusal>(index, verdict);
}

std::optional<Response> RateLimit::answer(const Refusal& refusal) const {
    return tables_->fields.refusal(refusal.policy, refusal.verdict);
}

void RateLimit::after(Request& request, Response& response) const {
    if (is_silent_) return;
    const RateLimitState* state = request.find<RateLimitState>();
    while (state != nullptr && state->of != tables_.get())
        state = state->outer;
    if (state != nullptr) detail::RateLimitFields::add(state->lines, response);
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
    if (verdicts.empty()) co_return response;
    char* const text = fields_->begin(request.arena());
    char* end = text;
    for (std::size_t i = 0; i < verdicts.size(); ++i)
        end =
            fields_->write(end, i, verdicts[i].remaining, detail::whole_seconds(verdicts[i].wait));
    detail::RateLimitFields::add(fields_->lines(text, end), response);
    co_return response;
}

} // namespace armature
