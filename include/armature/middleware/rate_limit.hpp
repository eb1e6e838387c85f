#pragma once

#include <armature/app/middleware.hpp>
#include <armature/core/duration.hpp>
#include <armature/core/request.hpp>
#include <armature/core/response.hpp>

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace armature {

/// Whose requests are counted together.
class RateLimitKey {
  public:
    /// Those of one client, by its address: an IPv4 address, or the first 64 bits of an IPv6 one,
    /// because that is what one household gets. Nothing that a client writes into a request changes
    /// it.
    [[nodiscard]] static RateLimitKey client() { return RateLimitKey{Kind::client}; }
    /// All requests.
    [[nodiscard]] static RateLimitKey everyone() { return RateLimitKey{Kind::everyone}; }
    /// All requests to one route.
    [[nodiscard]] static RateLimitKey route() { return everyone().per_route(); }
    /// Those with the same value of a field, such as an API key; without the field, those of one
    /// client. A value that nobody checked before can be invented: let the middleware that checks
    /// it stand outside, or add a policy by client.
    [[nodiscard]] static RateLimitKey header(std::string_view name);
    /// Those for which `function(Request&) -> std::string_view` gives the same text, for example
    /// the id of the user that a login attached. The text lives as long as the request; for an
    /// empty one the client counts. Called on all event loops at once.
    template <class Function>
        requires requires(const Function& function, Request& request) {
            { function(request) } -> std::same_as<std::string_view>;
        }
    [[nodiscard]] static RateLimitKey by(Function function) {
        RateLimitKey key{Kind::function};
        key.object_ = std::make_shared<const Function>(std::move(function));
        key.call_ = [](const void* object, Request& request) {
            return (*static_cast<const Function*>(object))(request);
        };
        return key;
    }

    /// Counts the requests to each route apart. The route is the pattern, so neither case, encoding
    /// nor query make another one of it.
    RateLimitKey& per_route() & noexcept {
        per_route_ = true;
        return *this;
    }
    RateLimitKey&& per_route() && noexcept { return std::move(per_route()); }

  private:
    friend struct RateLimitParts;
    enum class Kind : std::uint8_t { client, everyone, field, function };
    explicit RateLimitKey(Kind kind) noexcept : kind_(kind) {}

    Kind kind_;
    bool per_route_ = false;
    Field field_ = Field::other;
    std::string name_;
    std::shared_ptr<const void> object_;
    std::string_view (*call_)(const void*, Request&) = nullptr;
};

/// How many requests, of whom, in which time.
///
///     RateLimitPolicy::sliding_window(100, Duration::seconds(60)).name("minute")
class RateLimitPolicy {
  public:
    enum class Algorithm : std::uint8_t { gcra, sliding_window };

    /// The generic cell rate algorithm: `limit` in each `window`, evenly spread, of which `burst`
    /// (0: as many as `limit`) may come at once. What was used comes back little by little.
    [[nodiscard]] static RateLimitPolicy gcra(std::uint32_t limit, Duration window,
                                              std::uint32_t burst = 0);
    /// A bucket of `capacity` tokens into which `refill` come in each `window`. It decides as
    /// `gcra` with a burst: the two are one algorithm, told from two ends.
    [[nodiscard]] static RateLimitPolicy token_bucket(std::uint32_t capacity, std::uint32_t refill,
                                                      Duration window) {
        return gcra(refill, window, capacity);
    }
    /// At most `limit` in each `window`: counts this one and the part of the last one that is still
    /// in sight, as if its requests had come evenly. Where they came all at its end, up to twice
    /// the limit can fall into a window's length around it.
    [[nodiscard]] static RateLimitPolicy sliding_window(std::uint32_t limit, Duration window);

    /// As clients see it, in the fields: letters, digits, `-` and `_`. "default" unless set.
    RateLimitPolicy& name(std::string_view text) &;
    RateLimitPolicy&& name(std::string_view text) && { return std::move(name(text)); }
    /// Whose requests count together: `RateLimitKey::client()` unless set.
    RateLimitPolicy& key(RateLimitKey key) & {
        key_ = std::move(key);
        return *this;
    }
    RateLimitPolicy&& key(RateLimitKey key) && { return std::move(this->key(std::move(key))); }
    /// What a request takes of the limit; 1 unless set. 0 for requests that don't count. More than
    /// the burst or limit is always refused.
    RateLimitPolicy& cost(std::uint32_t units) & noexcept {
        cost_ = units;
        return *this;
    }
    RateLimitPolicy&& cost(std::uint32_t units) && noexcept { return std::move(cost(units)); }
    /// The same by a function `(Request&) -> std::uint32_t`, called on all event loops at once.
    template <class Function>
        requires requires(const Function& function, Request& request) {
            { function(request) } -> std::convertible_to<std::uint32_t>;
        }
    RateLimitPolicy& cost(Function function) & {
        cost_object_ = std::make_shared<const Function>(std::move(function));
        cost_call_ = [](const void* object, Request& request) {
            return static_cast<std::uint32_t>((*static_cast<const Function*>(object))(request));
        };
        return *this;
    }
    template <class Function>
        requires requires(const Function& function, Request& request) {
            { function(request) } -> std::convertible_to<std::uint32_t>;
        }
    RateLimitPolicy&& cost(Function function) && {
        return std::move(cost(std::move(function)));
    }
    /// How many keys `RateLimit` remembers, 16 bytes each; 65,536 unless set. When there are more,
    /// those go that have used the least of their limit.
    RateLimitPolicy& max_keys(std::size_t count) & noexcept {
        max_keys_ = count;
        return *this;
    }
    RateLimitPolicy&& max_keys(std::size_t count) && noexcept { return std::move(max_keys(count)); }

    [[nodiscard]] Algorithm algorithm() const noexcept { return algorithm_; }
    [[nodiscard]] const std::string& name() const& noexcept { return name_; }
    [[nodiscard]] std::uint32_t limit() const noexcept { return limit_; }
    [[nodiscard]] Duration window() const noexcept { return window_; }
    /// How many may come at once.
    [[nodiscard]] std::uint32_t burst() const noexcept { return burst_; }

  private:
    friend struct RateLimitParts;
    RateLimitPolicy(Algorithm algorithm, std::uint32_t limit, Duration window, std::uint32_t burst);

    std::string name_ = "default";
    RateLimitKey key_ = RateLimitKey::client();
    std::shared_ptr<const void> cost_object_;
    std::uint32_t (*cost_call_)(const void*, Request&) = nullptr;
    std::size_t max_keys_ = 65'536;
    Duration window_;
    std::uint32_t limit_;
    std::uint32_t burst_;
    std::uint32_t cost_ = 1;
    Algorithm algorithm_;
};

/// One policy's question to an engine.
struct RateLimitDemand {
    const RateLimitPolicy* policy;
    /// Of any bytes, and perhaps a secret that a client sent: an engine keeps a digest only.
    std::string key;
    std::uint32_t cost;
};

/// The answer.
struct RateLimitVerdict {
    bool passes = true;
    std::uint32_t remaining = 0;
    /// Until there is more: for a refusal until it is worth asking again.
    Duration wait = {};
};

namespace detail {
class RateLimitTables;
class RateLimitFields;
} // namespace detail

/// Middleware that refuses requests above a limit with 429, kept in this process's memory. All
/// event loops share it, without a lock. With several policies a request has to pass all of them,
/// and what one refuses takes nothing of the others.
///
/// Each response says `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers); a
/// refusal also `Retry-After`, and the draft's problem type in its problem details.
///
/// The key is the address of the connection's other end. Behind a proxy that is the proxy's for
/// everybody, unless middleware outside of this one says whom to trust.
class RateLimit {
  public:
    static constexpr std::string_view name = "rate-limit";

    /// Throws std::invalid_argument for two policies of one name.
    template <class... More>
        requires(std::same_as<More, RateLimitPolicy> && ...)
    explicit RateLimit(RateLimitPolicy first, More... more)
        : RateLimit(list(std::move(first), std::move(more)...)) {}
    explicit RateLimit(std::vector<RateLimitPolicy> policies);

    /// Says nothing in responses that pass, which saves more than half of what it costs.
    RateLimit& silent() & noexcept {
        is_silent_ = true;
        return *this;
    }
    RateLimit&& silent() && noexcept { return std::move(silent()); }

    [[nodiscard]] std::optional<Response> before(Request& request) const {
        const Refusal* const refusal = take(request);
        if (refusal == nullptr) [[likely]]
            return std::nullopt;
        return answer(*refusal);
    }
    void after(Request& request, Response& response) const;
    void document(OperationInfo& operation) const { operation.error(Status::too_many_requests); }

  private:
    template <class... Policies>
    static std::vector<RateLimitPolicy> list(Policies... policies) {
        std::vector<RateLimitPolicy> all;
        (all.push_back(std::move(policies)), ...);
        return all;
    }
    struct Refusal {
        std::size_t policy; ///< its number
        RateLimitVerdict verdict;
    };
    /// Null when the request passes.
    [[nodiscard]] const Refusal* take(Request& request) const;
    [[nodiscard]] const Refusal* take_all(Request& request, std::int64_t now) const;
    [[nodiscard]] const Refusal* refuse(Request& request, std::size_t index,
                                        const RateLimitVerdict& verdict, std::int64_t now) const;
    [[nodiscard]] std::optional<Response> answer(const Refusal& refusal) const;

    std::shared_ptr<const detail::RateLimitTables> tables_;
    bool is_silent_ = false;
};

/// Where limits are counted that several processes share; see `RedisRateLimits`. Threads: any event
/// loop.
class RateLimitEngine {
  public:
    virtual ~RateLimitEngine() = default;
    /// Takes all of what is demanded, or nothing, in one atomic step. One verdict for each demand.
    [[nodiscard]] virtual Task<std::vector<RateLimitVerdict>>
    take(std::vector<RateLimitDemand> demands) = 0;
};

/// What happens to requests while the engine can't be asked.
enum class OnLimiterFailure : std::uint8_t {
    refuse, ///< 503: the limit holds whatever happens
    pass,   ///< unlimited meanwhile, with a warning in the log
};

/// `RateLimit` that several processes share, by an engine that has to be waited for.
class SharedRateLimit {
  public:
    static constexpr std::string_view name = "shared-rate-limit";

    /// Throws std::invalid_argument for two policies of one name, or no engine.
    SharedRateLimit(std::shared_ptr<RateLimitEngine> engine, std::vector<RateLimitPolicy> policies,
                    OnLimiterFailure on_failure = OnLimiterFailure::refuse);
    SharedRateLimit(std::shared_ptr<RateLimitEngine> engine, RateLimitPolicy policy,
                    OnLimiterFailure on_failure = OnLimiterFailure::refuse);

    Task<Response> operator()(Request& request, Next next) const;
    void document(OperationInfo& operation) const {
        operation.error(Status::too_many_requests);
        if (on_failure_ == OnLimiterFailure::refuse) operation.error(Status::service_unavailable);
    }

  private:
    std::shared_ptr<RateLimitEngine> engine_;
    std::shared_ptr<const detail::RateLimitFields> fields_;
    OnLimiterFailure on_failure_;
};

} // namespace armature
