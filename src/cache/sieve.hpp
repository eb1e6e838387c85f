#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace armature::cache {

/// A map bounded in bytes, which evicts by SIEVE (Zhang et al., NSDI 2024): new entries come to the
/// head of a queue; a hit only marks its entry; a hand goes from the tail to the head, clears marks
/// and evicts the first entry that has none. What is asked for once goes soon, and a hit moves
/// nothing.
///
/// Not thread-safe: its owner locks.
template <class Entry>
class Sieve {
  public:
    /// What an entry takes besides its key and its own bytes, about.
    static constexpr std::size_t overhead = sizeof(Entry) + 160;

    explicit Sieve(std::size_t max_bytes) noexcept : max_bytes_(max_bytes) {}

    /// The entry, marked as asked for, or null. Valid until the next call.
    [[nodiscard]] Entry* find(std::string_view key) noexcept {
        const auto found = places_.find(key);
        if (found == places_.end()) return nullptr;
        found->second->visited = true;
        return &found->second->entry;
    }
    /// Puts an entry of so many bytes, replacing one of that key; returns how many were evicted for
    /// it.
    std::size_t put(std::string_view key, Entry entry, std::size_t bytes) {
        bytes += key.size() + overhead;
        erase(key);
        if (bytes > max_bytes_ / 2) return 0;
        std::size_t evicted = 0;
        for (; bytes_ + bytes > max_bytes_; ++evicted)
            evict();
        queue_.push_front({std::string{key}, std::move(entry), bytes, false});
        try {
            places_.emplace(queue_.front().key, queue_.begin());
        } catch (...) {
            queue_.pop_front();
            throw;
        }
        bytes_ += bytes;
        return evicted;
    }
    bool erase(std::string_view key) noexcept {
        const auto found = places_.find(key);
        if (found == places_.end()) return false;
        remove(found->second);
        return true;
    }
    void clear() noexcept {
        places_.clear();
        queue_.clear();
        hand_ = queue_.end();
        bytes_ = 0;
    }
    [[nodiscard]] std::size_t size() const noexcept { return queue_.size(); }
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

  private:
    struct Node {
        std::string key;
        Entry entry;
        std::size_t bytes;
        bool visited;
    };
    using Place = typename std::list<Node>::iterator;

    void evict() {
        Place victim = hand_ == queue_.end() ? std::prev(queue_.end()) : hand_;
        while (victim->visited) {
            victim->visited = false;
            victim = victim == queue_.begin() ? std::prev(queue_.end()) : std::prev(victim);
        }
        hand_ = victim;
        remove(victim);
    }
    void remove(Place place) noexcept {
        // The hand goes on where it stood, towards the head; past the head it begins at the tail.
        if (hand_ == place) hand_ = place == queue_.begin() ? queue_.end() : std::prev(place);
        bytes_ -= place->bytes;
        places_.erase(place->key);
        queue_.erase(place);
    }

    std::list<Node> queue_; ///< the newest first
    std::unordered_map<std::string_view, Place> places_;
    Place hand_ = queue_.end();
    std::size_t max_bytes_;
    std::size_t bytes_ = 0;
};

} // namespace armature::cache
