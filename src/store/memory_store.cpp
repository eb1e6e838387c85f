#include "store/counter.hpp"

#include <armature/core/scheduler.hpp>
#include <armature/store/key_value_store.hpp>

#include <list>
#include <mutex>
#include <stdexcept>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace armature {

namespace {

// What an entry takes besides its texts: the list's and the map's node, the heap's own words.
constexpr std::size_t entry_overhead = 160;

struct Entry {
    std::string key;
    std::string value;
    std::int64_t ends_at; // of the loop's clock; 0: never

    [[nodiscard]] std::size_t bytes() const noexcept {
        return key.size() + value.size() + entry_overhead;
    }
};

std::int64_t end_of(Duration life, std::int64_t now) noexcept {
    return life ? now + life.count() : 0;
}

// One lock's part: a list in the order of use, and where each key is in it.
class Shard {
  public:
    // The entry, now the one used last; null without, or when its life is over.
    Entry* find(std::string_view key, std::int64_t now) {
        const auto found = index_.find(key);
        if (found == index_.end()) return nullptr;
        Entry& entry = *found->second;
        if (entry.ends_at != 0 && entry.ends_at <= now) {
            remove(found->second);
            return nullptr;
        }
        used_.splice(used_.begin(), used_, found->second);
        return &entry;
    }
    void put(std::string key, std::string value, std::int64_t ends_at, std::size_t max_bytes) {
        if (const auto found = index_.find(key); found != index_.end()) remove(found->second);
        used_.push_front({std::move(key), std::move(value), ends_at});
        index_.emplace(used_.front().key, used_.begin());
        bytes_ += used_.front().bytes();
        while (bytes_ > max_bytes)
            remove(std::prev(used_.end()));
    }
    bool erase(std::string_view key, std::int64_t now) {
        if (find(key, now) == nullptr) return false;
        remove(used_.begin());
        return true;
    }

    std::mutex mutex;
    [[nodiscard]] std::size_t size() const noexcept { return index_.size(); }
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

  private:
    void remove(std::list<Entry>::iterator entry) {
        bytes_ -= entry->bytes();
        index_.erase(entry->key);
        used_.erase(entry);
    }

    std::list<Entry> used_; // the one used last first
    std::unordered_map<std::string_view, std::list<Entry>::iterator> index_;
    std::size_t bytes_ = 0;
};

} // namespace

class MemoryStore::Shards {
  public:
    explicit Shards(const MemoryStoreOptions& options)
        : max_bytes_(options.max_bytes / options.shards), shards_(options.shards) {}

    // Calls `use(shard, now, max_bytes)` with the key's shard locked.
    template <class Use>
    auto with(std::string_view key, Use use) {
        const std::int64_t now = Scheduler::current().now();
        Shard& shard = shards_[std::hash<std::string_view>{}(key) % shards_.size()];
        const std::lock_guard lock{shard.mutex};
        return use(shard, now, max_bytes_);
    }
    template <class Count>
    std::size_t sum(Count count) {
        std::size_t all = 0;
        for (Shard& shard : shards_) {
            const std::lock_guard lock{shard.mutex};
            all += count(shard);
        }
        return all;
    }

  private:
    std::size_t max_bytes_;
    std::vector<Shard> shards_;
};

MemoryStore::MemoryStore(const MemoryStoreOptions& options) {
    if (options.shards < 1 || options.shards > 1024)
        throw std::invalid_argument("armature: a MemoryStore has 1 to 1024 shards");
    if (options.max_bytes / options.shards < 1024)
        throw std::invalid_argument(
            "armature: MemoryStoreOptions::max_bytes has to give each shard 1024 bytes at least");
    shards_.reset(new Shards{options});
}
MemoryStore::~MemoryStore() = default;

Task<std::optional<std::string>> MemoryStore::get(std::string key) {
    co_return shards_->with(
        key, [&](Shard& shard, std::int64_t now, std::size_t) -> std::optional<std::string> {
            const Entry* const entry = shard.find(key, now);
            if (entry == nullptr) return std::nullopt;
            return entry->value;
        });
}

Task<bool> MemoryStore::set(std::string key, std::string value, Duration life, Write when) {
    co_return shards_->with(key, [&](Shard& shard, std::int64_t now, std::size_t max_bytes) {
        if (when != Write::always) {
            const bool is_there = shard.find(key, now) != nullptr;
            if (is_there != (when == Write::if_present)) return false;
        }
        shard.put(key, std::move(value), end_of(life, now), max_bytes);
        return true;
    });
}

Task<bool> MemoryStore::erase(std::string key) {
    co_return shards_->with(
        key, [&](Shard& shard, std::int64_t now, std::size_t) { return shard.erase(key, now); });
}

Task<bool> MemoryStore::expire(std::string key, Duration life) {
    co_return shards_->with(key, [&](Shard& shard, std::int64_t now, std::size_t) {
        Entry* const entry = shard.find(key, now);
        if (entry == nullptr) return false;
        entry->ends_at = end_of(life, now);
        return true;
    });
}

Task<std::int64_t> MemoryStore::add(std::string key, std::int64_t amount, Duration life) {
    co_return shards_->with(key, [&](Shard& shard, std::int64_t now, std::size_t max_bytes) {
        std::int64_t value = amount;
        std::int64_t ends_at = end_of(life, now);
        if (const Entry* const entry = shard.find(key, now)) {
            value = store::add_to(key, entry->value, amount);
            ends_at = entry->ends_at;
        }
        shard.put(key, std::to_string(value), ends_at, max_bytes);
        return value;
    });
}

std::size_t MemoryStore::size() const noexcept {
    return shards_->sum([](Shard& shard) { return shard.size(); });
}
std::size_t MemoryStore::bytes() const noexcept {
    return shards_->sum([](Shard& shard) { return shard.bytes(); });
}

} // namespace armature
