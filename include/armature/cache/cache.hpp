#pragma once

#include <armature/core/duration.hpp>
#include <armature/core/request.hpp>
#include <armature/core/scheduler.hpp>
#include <armature/core/task.hpp>
#include <armature/json/write.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace armature {

/// How long a value is kept, and what else holds for it. A class, not an aggregate, so that it may
/// be made within a `co_await` expression.
class Keep {
  public:
    Keep() = default;
    explicit Keep(Duration life) : life_(life) {}

    /// How long the value is fresh. More than zero.
    Keep&& life(Duration duration) && { return std::move(set(life_, duration)); }
    /// How long it is kept that there is nothing: a loader that gave `std::nullopt`. Zero: not at
    /// all.
    Keep&& nothing_for(Duration duration) && { return std::move(set(nothing_, duration)); }
    /// For so long after its life it is still given, while a new one is loaded in the background:
    /// the loader may then outlive its request, so it must own what it uses.
    Keep&& stale_while_revalidate(Duration duration) && {
        return std::move(set(while_revalidate_, duration));
    }
    /// For so long after its life it is given if the loader throws.
    Keep&& stale_if_error(Duration duration) && { return std::move(set(if_error_, duration)); }
    /// `Cache::invalidate(name)` ends it.
    Keep&& tag(std::string name) && {
        tags_.push_back(std::move(name));
        return std::move(*this);
    }

  private:
    friend class Cache;
    friend class SharedCache;
    Keep& set(std::optional<Duration>& what, Duration duration) {
        what = duration;
        return *this;
    }
    std::optional<Duration> life_, nothing_, while_revalidate_, if_error_; // unset: the cache's own
    std::vector<std::string> tags_;
};

/// A value and how long it is kept, for loaders that know it only once they have the value: a token
/// that says when it expires. Instead of what `get_or_load` was given, but for the tags.
template <class T>
class Kept {
  public:
    /// Nullopt: there is nothing.
    Kept(std::optional<T> value, Keep keep) : value_(std::move(value)), keep_(std::move(keep)) {}

  private:
    friend class Cache;
    std::optional<T> value_;
    Keep keep_;
};

struct CacheOptions {
    /// For keys and values with what is needed around them. When it is used up, what wasn't asked
    /// for lately goes (SIEVE).
    std::size_t max_bytes = 64 * 1024 * 1024;
    /// Parts with a lock each, so that event loops seldom meet; 1 to 1024. A value that is larger
    /// than half a part isn't kept.
    unsigned shards = 16;
    /// What holds for values that are kept without saying it; see `Keep`.
    Duration life = Duration::seconds(60);
    Duration nothing_for = {};
    Duration stale_while_revalidate = {};
    Duration stale_if_error = {};
    /// Each life is up to this share shorter, by chance, so that what was loaded together isn't
    /// loaded together again. 0 to 0.5.
    double jitter = 0.1;
    /// Milliseconds of a clock that never goes back; for tests.
    std::int64_t (*clock)() noexcept = &steady_now;
};

struct CacheStatistics {
    std::uint64_t hits = 0;  ///< fresh ones
    std::uint64_t stale = 0; ///< given after their life
    std::uint64_t misses = 0;
    std::uint64_t loads = 0;     ///< how often a loader ran
    std::uint64_t evictions = 0; ///< for want of room
    std::size_t entries = 0;
    std::size_t bytes = 0;
};

/// Values by key, in this process's memory, bounded in bytes.
///
///     const auto load = [db, id] { return db->find(id); };   // a Task<User>
///     const std::shared_ptr<const User> user = co_await users.get_or_load<User>("7", load);
///
/// Of many that ask for one key at the same time, on whatever event loop, one loads and the others
/// wait for it (single flight). A value is a `std::string` or what has a JSON form, such as a
/// described struct; it is kept as the object that it is, and takes as much room as its JSON text.
/// A value that was kept as another type isn't found.
///
/// Copies are the same cache. Threads: any; `get_or_load` needs an event loop.
class Cache {
  public:
    /// Throws std::invalid_argument for options that can't be right.
    explicit Cache(const CacheOptions& options = {});

    /// The same memory with keys of its own, which its `clear` ends at once. `name` isn't empty and
    /// holds no control characters.
    [[nodiscard]] Cache within(std::string_view name) const;

    /// A fresh value, or null.
    template <class T>
    [[nodiscard]] std::shared_ptr<const T> get(std::string_view key) const {
        return std::static_pointer_cast<const T>(find(key, &detail::type_tag<T>, true).object);
    }
    template <class T>
    void set(std::string_view key, T value, const Keep& keep = {}) const {
        store(key, value_of(std::optional<T>{std::move(value)}), keep);
    }
    /// False when there was nothing. What is being loaded at that moment isn't kept.
    bool erase(std::string_view key) const;
    /// Ends all values with that tag, also those that are being loaded. Costs the same for any
    /// number.
    void invalidate(std::string_view tag) const;
    /// Ends all values; of a cache made by `within`, its own.
    void clear() const;

    /// The value, or what `load()` gives: a `Task<T>`, a `Task<std::optional<T>>` where nullopt
    /// means that there is nothing, which is null here, or a `Task<Kept<T>>`. Throws what the
    /// loader throws, to all that wait for it; that isn't kept. When the one that loads is
    /// cancelled, another that waits loads instead.
    ///
    /// With g++ 12 name a capturing lambda before passing it, as with `blocking`.
    template <class T, class Load>
    [[nodiscard]] Task<std::shared_ptr<const T>> get_or_load(std::string key, Load load,
                                                             Keep keep = {}) const {
        struct Of final : Loader {
            explicit Of(Load&& moved) : load(std::move(moved)) {}
            Task<Value> run() override {
                if constexpr (std::is_same_v<decltype(load()), Task<Kept<T>>>) {
                    Kept<T> made = co_await load();
                    this->keep = std::move(made.keep_);
                    co_return value_of(std::move(made.value_));
                } else {
                    std::optional<T> made = co_await load();
                    co_return value_of(std::move(made));
                }
            }
            Load load;
        };
        Value value = find(key, &detail::type_tag<T>, false);
        if (value.tag == nullptr) {
            auto loader = std::make_shared<Of>(std::move(load));
            value = co_await fetch(std::move(key), &detail::type_tag<T>, std::move(loader),
                                   std::move(keep));
        }
        co_return std::static_pointer_cast<const T>(std::move(value.object));
    }

    [[nodiscard]] CacheStatistics statistics() const;

    class Impl; // inside of the library only

  private:
    struct Value {
        std::shared_ptr<const void> object{}; ///< null: there is nothing
        const void* tag = nullptr;            ///< of the type; null: not found
        std::size_t bytes = 0;
    };
    struct Loader {
        virtual ~Loader() = default;
        virtual Task<Value> run() = 0;
        std::optional<Keep> keep{}; ///< what the loaded value said itself
    };

    Cache(std::shared_ptr<Impl> impl, std::string prefix)
        : impl_(std::move(impl)), prefix_(std::move(prefix)) {}
    [[nodiscard]] std::string whole(std::string_view key) const;
    [[nodiscard]] Value find(std::string_view key, const void* tag, bool counts_misses) const;
    void store(std::string_view key, Value value, const Keep& keep) const;
    [[nodiscard]] Task<Value> fetch(std::string key, const void* tag,
                                    std::shared_ptr<Loader> loader, Keep keep) const;

    template <class T>
    static Value value_of(std::optional<T> made) {
        Value value;
        value.tag = &detail::type_tag<T>;
        if (!made) return value;
        if constexpr (std::is_same_v<T, std::string>)
            value.bytes = made->size();
        else if constexpr (requires { made->cache_bytes(); })
            value.bytes = sizeof(T) + made->cache_bytes();
        else
            value.bytes = sizeof(T) + to_json(*made).size();
        value.object = std::make_shared<const T>(*std::move(made));
        return value;
    }

    std::shared_ptr<Impl> impl_;
    std::string prefix_; ///< of keys: names, each with a NUL byte
};

} // namespace armature
