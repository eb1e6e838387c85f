#pragma once

#include "middleware/rate_limit_parts.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>

namespace armature::detail {

constexpr std::uint64_t claimed = 1; // no key's, while a place changes hands
constexpr std::uint64_t nanoseconds = 1'000'000;

// A multiplication whose halves are folded into one word. With operands that hold secrets nobody
// can tell from outside which keys meet.
inline std::uint64_t fold(std::uint64_t a, std::uint64_t b) noexcept {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

inline std::uint64_t read_word(const char* from, std::size_t size) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, from, size);
    return word;
}

/// One policy's counts: a table of fixed size in which each key has one of four places. Nothing is
/// locked: a state is one word, changed by compare-and-swap.
class RateLimitTable {
  public:
    explicit RateLimitTable(const RateLimitPolicy& policy);

    /// Takes `cost` for a key, or nothing when that is too much. `now` in milliseconds.
    [[nodiscard]] RateLimitVerdict take(const RateLimitParts::Key& key, std::uint32_t cost,
                                        std::int64_t now) const noexcept;
    /// Gives back what `take` took a moment ago.
    void give_back(const RateLimitParts::Key& key, std::uint32_t cost,
                   std::int64_t now) const noexcept;

  private:
    struct Place {
        std::atomic<std::uint64_t> key{0};
        std::atomic<std::uint64_t> state{0};
    };
    struct alignas(64) Row {
        Place places[4];
    };
    [[nodiscard]] std::uint64_t hash(const RateLimitParts::Key& key) const noexcept;
    [[nodiscard]] Place& find(std::uint64_t key, std::uint64_t now) const noexcept;
    [[nodiscard]] Place& claim(Row& row, std::uint64_t key, std::uint64_t now) const noexcept;
    // Until when a state differs from that of a key that was never seen, in `now`'s unit.
    [[nodiscard]] std::uint64_t matters_until(std::uint64_t state,
                                              std::uint64_t now) const noexcept;
    // The state after taking, if `verdict` says that it passes.
    [[nodiscard]] std::uint64_t take_gcra(std::uint64_t state, std::uint64_t cost,
                                          std::uint64_t now,
                                          RateLimitVerdict& verdict) const noexcept;
    [[nodiscard]] std::uint64_t take_window(std::uint64_t state, std::uint64_t cost,
                                            std::uint64_t now,
                                            RateLimitVerdict& verdict) const noexcept;

    std::unique_ptr<Row[]> rows_;
    std::uint64_t mask_; // of the row's number
    std::uint64_t secrets_[3];
    bool is_gcra_;
    std::uint64_t limit_;
    std::uint64_t window_;   // milliseconds
    std::uint64_t interval_; // of GCRA: nanoseconds that one unit takes to come back
    std::uint64_t most_;     // of GCRA: nanoseconds that may be owed
};

inline std::uint64_t RateLimitTable::hash(const RateLimitParts::Key& key) const noexcept {
    std::uint64_t hashed = secrets_[0];
    const auto add = [&](std::uint64_t word) { hashed = fold(hashed ^ word, secrets_[1]); };
    const auto add_text = [&](std::string_view text) {
        add(text.size());
        for (; text.size() > 8; text.remove_prefix(8))
            add(read_word(text.data(), 8));
        add(read_word(text.data(), text.size()));
    };
    add(key.address ^ static_cast<std::uint64_t>(key.kind) << 62);
    if (key.kind == RateLimitParts::Key::Kind::text) add_text(key.text);
    if (!key.route.empty()) add_text(key.route);
    return std::max(fold(hashed ^ secrets_[2], secrets_[1]), claimed + 1);
}

inline RateLimitTable::Place& RateLimitTable::find(std::uint64_t key,
                                                   std::uint64_t now) const noexcept {
    Row& row = rows_[(key >> 20) & mask_];
    for (Place& place : row.places)
        if (place.key.load(std::memory_order_acquire) == key) return place;
    return claim(row, key, now);
}

inline std::uint64_t RateLimitTable::take_gcra(std::uint64_t state, std::uint64_t cost,
                                               std::uint64_t now,
                                               RateLimitVerdict& verdict) const noexcept {
    now *= nanoseconds;
    const std::uint64_t owed_from = std::max(state, now);
    const std::uint64_t owed = owed_from - now + cost * interval_;
    verdict.passes = owed <= most_;
    if (verdict.passes) {
        verdict.remaining = static_cast<std::uint32_t>((most_ - owed) / interval_);
        verdict.wait = Duration::milliseconds(static_cast<std::int64_t>(owed / nanoseconds));
        return now + owed;
    }
    const std::uint64_t before = owed_from - now;
    verdict.remaining =
        static_cast<std::uint32_t>(before >= most_ ? 0 : (most_ - before) / interval_);
    const std::uint64_t wait = std::min(owed - most_, most_ + interval_);
    verdict.wait =
        Duration::milliseconds(static_cast<std::int64_t>((wait + nanoseconds - 1) / nanoseconds));
    return state;
}

inline RateLimitVerdict RateLimitTable::take(const RateLimitParts::Key& key, std::uint32_t cost,
                                             std::int64_t at) const noexcept {
    const auto now = static_cast<std::uint64_t>(at);
    std::atomic<std::uint64_t>& state = find(hash(key), now).state;
    std::uint64_t seen = state.load(std::memory_order_relaxed);
    RateLimitVerdict verdict;
    for (;;) {
        const std::uint64_t next =
            is_gcra_ ? take_gcra(seen, cost, now, verdict) : take_window(seen, cost, now, verdict);
        if (!verdict.passes || state.compare_exchange_weak(seen, next, std::memory_order_relaxed))
            return verdict;
    }
}

} // namespace armature::detail
