#pragma once

#include <armature/core/duration.hpp>
#include <armature/core/owned.hpp>
#include <armature/core/task.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace armature {

/// Texts by key, with an end of their life: the state that sessions, caches and the like keep, in
/// this process (`MemoryStore`) or shared by several (`RedisStore`). Keys and values are
/// binary-safe.
///
/// Every operation is atomic for its key. Threads: any event loop. A store must outlive the tasks
/// that wait for it. Errors: those of the engine, as `Error`.
class KeyValueStore {
  public:
    /// When `set` writes.
    enum class Write : std::uint8_t { always, if_absent, if_present };

    virtual ~KeyValueStore() = default;

    /// The value, or nullopt when there is none or its life is over.
    [[nodiscard]] virtual Task<std::optional<std::string>> get(std::string key) = 0;
    /// Writes a value that lives for `life` from now; zero: without end. False when `when` said no.
    [[nodiscard]] virtual Task<bool> set(std::string key, std::string value, Duration life = {},
                                         Write when = Write::always) = 0;
    /// False when there was nothing.
    [[nodiscard]] virtual Task<bool> erase(std::string key) = 0;
    /// Lets a value live for `life` from now. False when there is none.
    [[nodiscard]] virtual Task<bool> expire(std::string key, Duration life) = 0;
    /// Adds to a counter and gives its new value. One that isn't there begins at 0 and lives for
    /// `life` from then on (zero: without end); later calls don't lengthen it. Throws `Error` for a
    /// value that is no whole number.
    [[nodiscard]] virtual Task<std::int64_t> add(std::string key, std::int64_t amount,
                                                 Duration life = {}) = 0;
};

struct MemoryStoreOptions {
    /// For keys and values with what the store needs around them. When it is used up, what was used
    /// longest ago goes, whether or not its life is over.
    std::size_t max_bytes = 64 * 1024 * 1024;
    /// Parts with a lock each, so that event loops seldom meet. 1 to 1024.
    unsigned shards = 16;
};

/// A `KeyValueStore` in this process's memory: right for one process, and gone with it. Life is
/// counted by the event loop's clock, in milliseconds.
class MemoryStore final : public KeyValueStore {
  public:
    /// Throws std::invalid_argument for bounds out of range.
    explicit MemoryStore(const MemoryStoreOptions& options = {});
    ~MemoryStore() override;

    [[nodiscard]] Task<std::optional<std::string>> get(std::string key) override;
    [[nodiscard]] Task<bool> set(std::string key, std::string value, Duration life = {},
                                 Write when = Write::always) override;
    [[nodiscard]] Task<bool> erase(std::string key) override;
    [[nodiscard]] Task<bool> expire(std::string key, Duration life) override;
    [[nodiscard]] Task<std::int64_t> add(std::string key, std::int64_t amount,
                                         Duration life = {}) override;

    /// What is there now, also what nobody asked for since its life was over.
    [[nodiscard]] std::size_t size() const noexcept;
    [[nodiscard]] std::size_t bytes() const noexcept;

  private:
    class Shards;
    Owned<Shards> shards_;
};

} // namespace armature
