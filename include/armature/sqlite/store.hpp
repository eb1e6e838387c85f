#pragma once

#include <armature/core/owned.hpp>
#include <armature/store/key_value_store.hpp>

#include <string>

namespace armature {

/// A `KeyValueStore` in a SQLite file, in WAL mode: for the processes of one machine. It survives
/// them; a crash of the machine may lose the last seconds, but never damages it. On a network's
/// file system it may be damaged.
///
/// A thread of its own does all of it, so no event loop waits for the disk. Life is counted by the
/// machine's clock, in milliseconds; what is over is deleted little by little, as others are
/// written. Nothing else bounds its size.
///
/// Errors: `Error` 503 when the file can't be read or written, or 4,096 calls wait.
class SqliteStore final : public KeyValueStore {
  public:
    /// Makes the file and its table `armature_store` if absent. Throws `Error`. Who can read the
    /// file reads what is in it: put it into a folder of the service's own.
    explicit SqliteStore(const std::string& path);
    ~SqliteStore() override;

    [[nodiscard]] Task<std::optional<std::string>> get(std::string key) override;
    [[nodiscard]] Task<bool> set(std::string key, std::string value, Duration life = {},
                                 Write when = Write::always) override;
    [[nodiscard]] Task<bool> erase(std::string key) override;
    [[nodiscard]] Task<bool> expire(std::string key, Duration life) override;
    [[nodiscard]] Task<std::int64_t> add(std::string key, std::int64_t amount,
                                         Duration life = {}) override;

  private:
    class Impl;
    Owned<Impl> impl_;
};

} // namespace armature
