#pragma once

#include <armature/middleware/rate_limit.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// What the limit in memory and the shared one have in common.
namespace armature {

/// A way into policies and keys.
struct RateLimitParts {
    /// What a policy counts by, in one or two pieces; views that live as long as the request.
    struct Key {
        enum class Kind : std::uint8_t { everyone, address, text };
        Kind kind = Kind::everyone;
        std::uint64_t address = 0;
        std::string_view text;
        std::string_view route; ///< empty unless it counts per route
    };
    [[nodiscard]] static Key key_of(const RateLimitPolicy& policy, Request& request);
    [[nodiscard]] static std::uint32_t cost_of(const RateLimitPolicy& policy, Request& request) {
        return policy.cost_call_ == nullptr ? policy.cost_
                                            : policy.cost_call_(policy.cost_object_.get(), request);
    }
    [[nodiscard]] static std::size_t max_keys(const RateLimitPolicy& policy) noexcept {
        return policy.max_keys_;
    }
};

namespace detail {

/// The policies and what is said of them in responses.
class RateLimitFields {
  public:
    /// Throws std::invalid_argument.
    explicit RateLimitFields(std::vector<RateLimitPolicy> policies);

    [[nodiscard]] const std::vector<RateLimitPolicy>& policies() const noexcept {
        return policies_;
    }
    /// The value of RateLimit, in the request's arena.
    [[nodiscard]] std::string_view state(std::span<const RateLimitVerdict> verdicts,
                                         Arena& arena) const;
    void add(std::string_view state, Response& response) const {
        response.headers().append_view(Field::ratelimit_policy, policy_field_);
        response.headers().append_view(Field::ratelimit, state);
    }
    /// 429 for the policy of that index.
    [[nodiscard]] Response refusal(std::size_t index, const RateLimitVerdict& verdict) const;

  private:
    std::vector<RateLimitPolicy> policies_;
    std::string policy_field_;
    std::vector<std::string> beginnings_; ///< of each policy's state: `"name";r=`
    std::size_t longest_state_ = 0;
};

} // namespace detail

} // namespace armature
