#include "cache/flight.hpp"
#include "cache/sieve.hpp"

#include <armature/cache/cache.hpp>

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>
#include <random>
#include <stdexcept>
#include <unordered_map>

namespace armature {

namespace {

[[noreturn]] void refuse(const char* what) {
    throw std::invalid_argument(std::string{"armature: "} + what);
}

CacheOptions checked(const CacheOptions& options) {
    if (options.shards < 1 || options.shards > 1024) refuse("CacheOptions::shards is 1 to 1024");
    if (options.max_bytes / options.shards < 4096)
        refuse("CacheOptions::max_bytes is at least 4 KiB for each shard");
    if (options.life <= Duration{}) refuse("CacheOptions::life is longer than zero");
    if (options.nothing_for < Duration{} || options.stale_while_revalidate < Duration{} ||
        options.stale_if_error < Duration{})
        refuse("the durations of CacheOptions can't be negative");
    if (!(options.jitter >= 0 && options.jitter <= 0.5)) refuse("CacheOptions::jitter is 0 to 0.5");
    if (options.clock == nullptr) refuse("CacheOptions::clock is null");
    return options;
}

struct HashOfText {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
        return std::hash<std::string_view>{}(text);
    }
};

/// What was valid when a load began: it isn't kept if that changed meanwhile.
using Version = std::atomic<std::uint64_t>;
struct Mark {
    std::shared_ptr<Version> version;
    std::uint64_t seen;
    [[nodiscard]] bool holds() const noexcept {
        return version->load(std::memory_order_acquire) == seen;
    }
};

/// The versions of tags. Those that nothing refers to any more are swept when they are many.
class Tags {
  public:
    Mark mark(const std::string& name) {
        const std::lock_guard lock(mutex_);
        std::weak_ptr<Version>& known = versions_[name];
        std::shared_ptr<Version> version = known.lock();
        if (!version) {
            version = std::make_shared<Version>(0);
            known = version;
            if (versions_.size() > sweep_at_) sweep();
        }
        const std::uint64_t seen = version->load(std::memory_order_acquire);
        return {std::move(version), seen};
    }
    void invalidate(std::string_view name) {
        const std::lock_guard lock(mutex_);
        const auto found = versions_.find(name);
        if (found == versions_.end()) return;
        if (const auto version = found->second.lock())
            version->fetch_add(1, std::memory_order_release);
    }

  private:
    void sweep() {
        std::erase_if(versions_, [](const auto& entry) { return entry.second.expired(); });
        sweep_at_ = std::max<std::size_t>(1024, versions_.size() * 2);
    }

    std::mutex mutex_;
    std::unordered_map<std::string, std::weak_ptr<Version>, HashOfText, std::equal_to<>> versions_;
    std::size_t sweep_at_ = 1024;
};

} // namespace

class Cache::Impl : public std::enable_shared_from_this<Cache::Impl> {
  public:
    explicit Impl(const CacheOptions& given) : options(checked(given)) {
        for (unsigned i = 0; i < options.shards; ++i)
            shards_.push_back(std::make_unique<Shard>(options.max_bytes / options.shards));
    }

    enum class State : std::uint8_t { none, fresh, stale, only_for_errors };
    struct Seen {
        State state = State::none;
        Value value{};
    };

    Seen look(std::string_view key, const void* tag) {
        Shard& shard = shard_of(key);
        const std::lock_guard lock(shard.mutex);
        Entry* const entry = shard.entries.find(key);
        if (entry == nullptr || entry->value.tag != tag) return {};
        const auto holds = [](const Mark& mark) { return mark.holds(); };
        const std::int64_t now = options.clock();
        if (!std::all_of(entry->marks.begin(), entry->marks.end(), holds) ||
            now >= std::max({entry->fresh_until, entry->stale_until, entry->error_until})) {
            shard.entries.erase(key);
            return {};
        }
        const State state = now < entry->fresh_until   ? State::fresh
                            : now < entry->stale_until ? State::stale
                                                       : State::only_for_errors;
        return {state, entry->value};
    }

    /// What has to hold for a value of that key to be kept.
    std::vector<Mark> marks(std::string_view prefix, const Keep& keep) {
        std::vector<Mark> made;
        made.reserve(keep.tags_.size() + 2);
        for (const std::string& name : keep.tags_)
            made.push_back(tags.mark("t" + name));
        made.push_back(tags.mark("c")); // the whole cache, then each that it is within
        for (std::size_t end = prefix.find('\0'); end != std::string_view::npos;
             end = prefix.find('\0', end + 1))
            made.push_back(tags.mark("c" + std::string{prefix.substr(0, end + 1)}));
        return made;
    }

    void put(std::string_view key, const Value& value, const Keep& keep, std::vector<Mark> marks) {
        const Duration life = value.object ? keep.life_.value_or(options.life)
                                           : keep.nothing_.value_or(options.nothing_for);
        if (life <= Duration{}) return;
        Entry entry;
        entry.value = value;
        entry.fresh_until = options.clock() + shortened(life.count());
        entry.stale_until = entry.fresh_until +
                            keep.while_revalidate_.value_or(options.stale_while_revalidate).count();
        entry.error_until =
            entry.fresh_until + keep.if_error_.value_or(options.stale_if_error).count();
        entry.marks = std::move(marks);
        const std::size_t bytes = value.bytes + entry.marks.size() * sizeof(Mark);
        Shard& shard = shard_of(key);
        const std::lock_guard lock(shard.mutex);
        evictions.fetch_add(shard.entries.put(key, std::move(entry), bytes),
                            std::memory_order_relaxed);
    }

    bool erase(std::string_view key) {
        Shard& shard = shard_of(key);
        const std::lock_guard lock(shard.mutex);
        if (const auto flight = shard.flights.find(key); flight != shard.flights.end())
            flight->second->is_erased = true;
        return shard.entries.erase(key);
    }

    void clear() {
        for (const auto& shard : shards_) {
            const std::lock_guard lock(shard->mutex);
            shard->entries.clear();
        }
    }

    /// A load under way.
    struct Load {
        cache::Flight flight{};
        bool is_erased = false;       ///< what comes isn't kept; guarded by the shard's mutex
        std::optional<Value> value{}; ///< before `flight` lands; empty: load it yourself
        std::exception_ptr error = nullptr;
    };
    struct Boarding {
        std::shared_ptr<Load> load;
        bool leads;
    };
    Boarding board(const std::string& key) {
        Shard& shard = shard_of(key);
        const std::lock_guard lock(shard.mutex);
        std::shared_ptr<Load>& load = shard.flights[key];
        const bool leads = !load;
        if (leads) load = std::make_shared<Load>();
        return {load, leads};
    }
    /// Whether what was loaded may be kept.
    bool land(const std::string& key, Load& load) {
        Shard& shard = shard_of(key);
        const std::lock_guard lock(shard.mutex);
        shard.flights.erase(key);
        return !load.is_erased;
    }

    Task<Value> fetch(std::string key, std::string prefix, const void* tag,
                      std::shared_ptr<Loader> loader, Keep keep);
    Task<Value> lead(std::string key, std::string prefix, std::shared_ptr<Loader> loader, Keep keep,
                     std::shared_ptr<Load> load);
    void refresh(std::string key, std::string prefix, std::shared_ptr<Loader> loader, Keep keep);

    const CacheOptions options;
    Tags tags;
    std::atomic<std::uint64_t> hits{0}, stale{0}, misses{0}, loads{0}, evictions{0};

    void count(CacheStatistics& to) {
        for (const auto& shard : shards_) {
            const std::lock_guard lock(shard->mutex);
            to.entries += shard->entries.size();
            to.bytes += shard->entries.bytes();
        }
    }

  private:
    struct Entry {
        Value value{};
        std::int64_t fresh_until = 0;
        std::int64_t stale_until = 0;
        std::int64_t error_until = 0;
        std::vector<Mark> marks{};
    };
    struct Shard {
        explicit Shard(std::size_t max_bytes) : entries(max_bytes) {}
        std::mutex mutex;
        cache::Sieve<Entry> entries;
        std::unordered_map<std::string, std::shared_ptr<Load>, HashOfText, std::equal_to<>> flights;
    };

    Shard& shard_of(std::string_view key) noexcept {
        // The map uses the lower bits of the same hash.
        return *shards_[(HashOfText{}(key) >> 32) % shards_.size()];
    }
    std::int64_t shortened(std::int64_t life) const {
        const auto most = static_cast<std::int64_t>(static_cast<double>(life) * options.jitter);
        if (most == 0) return life;
        thread_local std::minstd_rand random{std::random_device{}()};
        return life - std::uniform_int_distribution<std::int64_t>{0, most}(random);
    }

    std::vector<std::unique_ptr<Shard>> shards_;
};

namespace {

// Ends a flight however its leader ends, also when its task is destroyed half way.
template <class Impl, class Load>
struct Landing {
    Landing(Impl& of, const std::string& with, Load& flown) : impl(of), key(with), load(flown) {}
    Landing(const Landing&) = delete;
    Landing& operator=(const Landing&) = delete;
    ~Landing() {
        if (!has_left) impl.land(key, load);
        load.flight.land();
    }
    Impl& impl;
    const std::string& key;
    Load& load;
    bool has_left = false;
};

} // namespace

Task<Cache::Value> Cache::Impl::lead(std::string key, std::string prefix,
                                     std::shared_ptr<Loader> loader, Keep keep,
                                     std::shared_ptr<Load> load) {
    Landing<Impl, Load> landing{*this, key, *load};
    std::vector<Mark> valid = marks(prefix, keep);
    loads.fetch_add(1, std::memory_order_relaxed);
    try {
        Value value = co_await loader->run();
        load->value = value;
        landing.has_left = true;
        const bool keeps = land(key, *load);
        if (keeps) put(key, value, loader->keep ? *loader->keep : keep, std::move(valid));
        co_return value;
    } catch (const Cancelled&) { // whoever waits loads it instead
        throw;
    } catch (...) {
        load->error = std::current_exception();
        throw;
    }
}

// Loads in the background, for a value that is given though it is stale. Ends with its loop.
void Cache::Impl::refresh(std::string key, std::string prefix, std::shared_ptr<Loader> loader,
                          Keep keep) {
    struct Refresh final : DrainHook {
        void draining() override { cancellation.request(CancelReason::shutdown); }
        static void ended(void* self) { delete static_cast<Refresh*>(self); }
        std::shared_ptr<Impl> cache;
        Cancellation cancellation;
        Task<Value> task;
    };
    Scheduler& loop = Scheduler::current();
    if (loop.draining()) return;
    auto made = std::make_unique<Refresh>();
    const Boarding boarding = board(key);
    if (!boarding.leads) return; // somebody does it already
    made->cache = shared_from_this();
    made->task =
        lead(std::move(key), std::move(prefix), std::move(loader), std::move(keep), boarding.load);
    loop.add(*made);
    Refresh* const refresh = made.release();
    if (refresh->task.start(&Refresh::ended, refresh, &refresh->cancellation)) delete refresh;
}

Task<Cache::Value> Cache::Impl::fetch(std::string key, std::string prefix, const void* tag,
                                      std::shared_ptr<Loader> loader, Keep keep) {
    const std::shared_ptr<Impl> self = shared_from_this();
    for (;;) {
        const Seen seen = look(key, tag);
        if (seen.state == State::fresh) {
            hits.fetch_add(1, std::memory_order_relaxed);
            co_return seen.value;
        }
        if (seen.state == State::stale) {
            stale.fetch_add(1, std::memory_order_relaxed);
            refresh(std::move(key), std::move(prefix), std::move(loader), std::move(keep));
            co_return seen.value;
        }
        const Boarding boarding = board(key);
        std::exception_ptr error;
        if (boarding.leads) {
            misses.fetch_add(1, std::memory_order_relaxed);
            try {
                Task<Value> task = lead(key, prefix, loader, keep, boarding.load);
                co_return co_await std::move(task);
            } catch (const Cancelled&) {
                throw;
            } catch (...) {
                error = std::current_exception();
            }
        } else {
            Task<> landed = cache::Flight::wait(
                std::shared_ptr<cache::Flight>{boarding.load, &boarding.load->flight});
            co_await std::move(landed);
            if (boarding.load->value && boarding.load->value->tag == tag) {
                hits.fetch_add(1, std::memory_order_relaxed);
                co_return *boarding.load->value;
            }
            error = boarding.load->error;
        }
        if (!error) continue; // who loaded it was cancelled
        if (seen.state == State::only_for_errors) {
            stale.fetch_add(1, std::memory_order_relaxed);
            co_return seen.value;
        }
        std::rethrow_exception(error);
    }
}

Cache::Cache(const CacheOptions& options) : impl_(std::make_shared<Impl>(options)) {}

Cache Cache::within(std::string_view name) const {
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20; };
    if (name.empty() || std::any_of(name.begin(), name.end(), is_control))
        refuse("Cache::within needs a name without control characters");
    return Cache{impl_, prefix_ + std::string{name} + '\0'};
}

// No key of one cache is a key of another: names hold no control characters.
std::string Cache::whole(std::string_view key) const {
    std::string text;
    text.reserve(prefix_.size() + 1 + key.size());
    return text.append(prefix_).append("\1").append(key);
}

Cache::Value Cache::find(std::string_view key, const void* tag, bool counts_misses) const {
    Impl::Seen seen = impl_->look(whole(key), tag);
    if (seen.state == Impl::State::fresh) {
        impl_->hits.fetch_add(1, std::memory_order_relaxed);
        return std::move(seen.value);
    }
    if (counts_misses) impl_->misses.fetch_add(1, std::memory_order_relaxed);
    return {};
}

void Cache::store(std::string_view key, Value value, const Keep& keep) const {
    impl_->put(whole(key), value, keep, impl_->marks(prefix_, keep));
}

Task<Cache::Value> Cache::fetch(std::string key, const void* tag, std::shared_ptr<Loader> loader,
                                Keep keep) const {
    return impl_->fetch(whole(key), prefix_, tag, std::move(loader), std::move(keep));
}

bool Cache::erase(std::string_view key) const { return impl_->erase(whole(key)); }

void Cache::invalidate(std::string_view tag) const {
    impl_->tags.invalidate(std::string{"t"}.append(tag));
}

void Cache::clear() const {
    impl_->tags.invalidate("c" + prefix_);
    if (prefix_.empty()) impl_->clear(); // what else there is goes as it is found
}

CacheStatistics Cache::statistics() const {
    CacheStatistics made;
    const auto read = [](const std::atomic<std::uint64_t>& from) {
        return from.load(std::memory_order_relaxed);
    };
    made.hits = read(impl_->hits);
    made.stale = read(impl_->stale);
    made.misses = read(impl_->misses);
    made.loads = read(impl_->loads);
    made.evictions = read(impl_->evictions);
    impl_->count(made);
    return made;
}

} // namespace armature
