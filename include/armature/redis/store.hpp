#pragma once

#include <armature/redis/redis.hpp>
#include <armature/store/key_value_store.hpp>

#include <memory>

namespace armature {

/// A `KeyValueStore` in Redis, shared by all processes that use the server. Make sure that the
/// server evicts nothing that still lives: `maxmemory-policy noeviction`, or `volatile-ttl` for
/// what may be lost.
class RedisStore final : public KeyValueStore {
  public:
    /// Every key gets `prefix`, so that several applications can share a server.
    explicit RedisStore(std::shared_ptr<Redis> redis, std::string prefix = "armature:");

    [[nodiscard]] Task<std::optional<std::string>> get(std::string key) override;
    [[nodiscard]] Task<bool> set(std::string key, std::string value, Duration life = {},
                                 Write when = Write::always) override;
    [[nodiscard]] Task<bool> erase(std::string key) override;
    [[nodiscard]] Task<bool> expire(std::string key, Duration life) override;
    [[nodiscard]] Task<std::int64_t> add(std::string key, std::int64_t amount,
                                         Duration life = {}) override;

  private:
    std::shared_ptr<Redis> redis_;
    std::string prefix_;
};

} // namespace armature
