#pragma once

#include <armature/cache/cache.hpp>
#include <armature/core/type_name.hpp>
#include <armature/json/read.hpp>
#include <armature/store/key_value_store.hpp>
#include <armature/store/pub_sub.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace armature {

namespace detail {

// Whether what is written to JSON is read from it again: members that only one of the two knows
// would be lost. Types within themselves are looked at so deep.
template <class T, int depth = 8>
constexpr bool survives_json() {
    constexpr ValueKind kind = value_kind<T>;
    if constexpr (depth == 0) {
        return true;
    } else if constexpr (kind == ValueKind::optional || kind == ValueKind::list) {
        return survives_json<std::remove_cv_t<typename T::value_type>, depth - 1>();
    } else if constexpr (kind == ValueKind::map) {
        return survives_json<typename T::mapped_type, depth - 1>();
    } else if constexpr (kind == ValueKind::object) {
        return []<std::size_t... I>(std::index_sequence<I...>) {
            return ([] {
                constexpr const auto& member = description_of<T>.template get<I>();
                using Member = std::remove_cvref_t<decltype(std::declval<T&>().*member.pointer)>;
                return !member.notes.read_only && !member.notes.write_only &&
                       survives_json<Member, depth - 1>();
            }() && ...);
        }(typename decltype(description_of<T>)::indices{});
    } else if constexpr (kind == ValueKind::variant) {
        return []<std::size_t... I>(std::index_sequence<I...>) {
            return (survives_json<std::variant_alternative_t<I, T>, depth - 1>() && ...);
        }(typename decltype(description_of<T>)::indices{});
    } else {
        return kind != ValueKind::unsupported;
    }
}

} // namespace detail

struct SharedCacheOptions {
    /// What stands in front, in this process's memory.
    CacheOptions memory{};
    /// How long this process goes on with a value without looking whether the store has another:
    /// for so long it may give an old one, if the message that ended it was lost.
    Duration longest_in_memory = Duration::seconds(60);
    /// No value is kept in the store for longer.
    Duration longest_life = Duration::seconds(24 * 60 * 60);
    /// How long others wait for the process that loads a value, before they load it themselves.
    /// Zero: they don't wait.
    Duration wait_for_others = Duration::seconds(2);
    /// When the store failed, it is left alone for so long.
    Duration pause = Duration::seconds(2);
    /// Before all keys in the store, and the name of the channel. Caches of one name are the same.
    std::string name = "cache";
};

struct SharedCacheStatistics {
    CacheStatistics memory{};
    std::uint64_t shared_hits = 0;    ///< that the store had
    std::uint64_t loads = 0;          ///< that nobody had: how often a loader ran
    std::uint64_t store_failures = 0; ///< each of them was followed by a pause
};

/// A cache in two tiers: memory in front of a store that several processes share, such as
/// `RedisStore`. What one process changes, the others hear by a `PubSub`.
///
///     const auto redis = std::make_shared<Redis>(options);
///     const SharedCache cache{std::make_shared<RedisStore>(redis),
///                             std::make_shared<RedisPubSub>(redis)};
///     const auto user = co_await cache.get_or_load<User>(id, load, Keep{}.tag("users"));
///
/// Of many that ask for one key at the same time, in whatever process, one loads and the others
/// wait for it. When the store is away, each process goes on with its memory and its loaders:
/// nothing fails. A value is a `std::string` or what is written to JSON and read from it, such as a
/// described struct. That there is nothing, and values after their life, are kept in memory only.
///
/// A handle: copies are the same cache. Threads: any event loop; it has a thread of its own that
/// listens.
class SharedCache {
  public:
    /// Without `messages`, what others change is seen after `longest_in_memory`. Throws
    /// std::invalid_argument without a store, and for options that can't be right.
    explicit SharedCache(std::shared_ptr<KeyValueStore> store,
                         std::shared_ptr<PubSub> messages = nullptr,
                         SharedCacheOptions options = {});

    /// As `Cache::get_or_load`.
    template <class T, class Load>
    [[nodiscard]] Task<std::shared_ptr<const T>> get_or_load(std::string key, Load load,
                                                             Keep keep = {}) const {
        struct Of final : Source {
            Of(Load&& moved) : load(std::move(moved)) { type = detail::type_name<T>(); }
            bool read(std::string_view text) override { return SharedCache::read(text, value); }
            Task<bool> run() override {
                value = co_await load();
                co_return value.has_value();
            }
            std::string text() override { return SharedCache::write(*value); }
            Load load;
            std::optional<T> value;
        };
        // The loader may outlive this call, for a value that is given while it is renewed.
        auto source = std::make_shared<Of>(std::move(load));
        auto through = [cache = *this, source, key, keep]() -> Task<Kept<T>> {
            return from_source<T>(cache, source, key, keep);
        };
        return memory().get_or_load<T>(key, std::move(through), keep);
    }
    /// Replaces a value in all processes. False: the store or the others weren't reached, and may
    /// give the old one until its life is over. So it is with the three below.
    template <class T>
    [[nodiscard]] Task<bool> set(std::string key, T value, Keep keep = {}) const {
        const bool all_know = co_await put(key, detail::type_name<T>(), write(value), keep);
        memory().set(key, std::move(value), shortened(keep));
        co_return all_know;
    }
    [[nodiscard]] Task<bool> erase(std::string key) const;
    /// Ends all values with that tag, also those that are being loaded.
    [[nodiscard]] Task<bool> invalidate(std::string tag) const;
    [[nodiscard]] Task<bool> clear() const;

    [[nodiscard]] SharedCacheStatistics statistics() const;

    class Impl; // inside of the library only

  private:
    // What is asked for: how its text is read, how it is loaded.
    struct Source {
        virtual ~Source() = default;
        virtual bool read(std::string_view text) = 0;
        virtual Task<bool> run() = 0;
        virtual std::string text() = 0;
        std::string_view type;
    };

    template <class T, class Of>
    static Task<Kept<T>> from_source(SharedCache cache, std::shared_ptr<Of> source, std::string key,
                                     Keep keep) {
        Keep kept = co_await cache.fetch(std::move(key), source, std::move(keep));
        co_return Kept<T>{std::move(source->value), std::move(kept)};
    }
    template <class T>
    static bool read(std::string_view text, std::optional<T>& value) {
        T made{};
        if constexpr (std::is_same_v<T, std::string>) {
            made = text;
        } else {
            JsonErrors errors;
            if (read_json(text, made, errors) != JsonStatus::ok) return false;
        }
        value = std::move(made);
        return true;
    }
    template <class T>
    static std::string write(const T& value) {
        static_assert(
            detail::survives_json<T>(),
            "armature: a value of SharedCache is written to JSON and read again: it has "
            "no read_only or write_only members, which would be lost. Cache a type of its "
            "own");
        if constexpr (std::is_same_v<T, std::string>)
            return value;
        else
            return to_json(value);
    }

    [[nodiscard]] const Cache& memory() const noexcept;
    [[nodiscard]] Keep shortened(const Keep& keep) const;
    [[nodiscard]] Task<Keep> fetch(std::string key, std::shared_ptr<Source> source,
                                   Keep keep) const;
    [[nodiscard]] Task<bool> put(std::string key, std::string_view type, std::string text,
                                 Keep keep) const;

    std::shared_ptr<Impl> impl_;
};

} // namespace armature
