#pragma once

#include <armature/redis/redis.hpp>
#include <armature/store/pub_sub.hpp>

#include <memory>

namespace armature {

/// A `PubSub` between all processes that use a Redis server. Each event loop with subscriptions has
/// one more connection. When that is lost, it is made again until it is there, and the
/// subscriptions stay; what was published meanwhile is lost.
class RedisPubSub final : public PubSub {
  public:
    /// Every channel's name gets `prefix`.
    explicit RedisPubSub(std::shared_ptr<Redis> redis, std::string prefix = "armature:");
    ~RedisPubSub() override;

    [[nodiscard]] Task<> publish(std::string channel, std::string message) override;
    /// Throws `RedisError` when the server can't be reached.
    [[nodiscard]] Task<Subscription> subscribe(std::string channel) override;

  private:
    class Impl;
    Owned<Impl> impl_;
};

} // namespace armature
