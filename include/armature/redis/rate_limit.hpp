#pragma once

#include <armature/middleware/rate_limit.hpp>
#include <armature/redis/redis.hpp>

#include <memory>
#include <string>

namespace armature {

/// Rate limits in Redis, for all processes that use the server: one script for each request, which
/// looks at all policies and counts in all or none. The clock is the server's. Keys that clients
/// sent are stored as digests only.
///
///     .wrap(SharedRateLimit{std::make_shared<RedisRateLimits>(redis), policy})
class RedisRateLimits final : public RateLimitEngine {
  public:
    /// Every key gets `prefix`.
    explicit RedisRateLimits(std::shared_ptr<Redis> redis, std::string prefix = "armature:limit:");

    [[nodiscard]] Task<std::vector<RateLimitVerdict>>
    take(std::vector<RateLimitDemand> demands) override;

  private:
    std::shared_ptr<Redis> redis_;
    std::string prefix_;
};

} // namespace armature
