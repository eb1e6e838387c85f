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

/// One policy's counts: a table of fixed size in which each key has one of four places. Nothing is
/// locked: a state is one word, changed by compare-and-swap.
class RateLimitTable {
  public:
    explicit RateLimitTable(const RateLimitPolicy& policy);

    /// What stands for a request's key in the table.
    [[nodiscard]] std::uint64_t key_of(const RateLimitPolicy& policy, Request& request) const {
        if (RateLimitParts::is_by_client(policy)) [[likely]]
            return finish(begin(RateLimitParts::Key::Kind::address,
                                RateLimitParts::address_of(request.peer())));
        return hash(RateLimitParts::key_of(policy, request));
    }
    /// Takes `cost` for a key, or nothing when that is too much. `now` in milliseconds.
    [[nodiscard]] RateLimitVerdict take(std::uint64_t key, std::uint32_t cost,
                                        std::int64_t now) const noexcept;
    /// Gives back what `take` took a moment ago.
    void give_back(std::uint64_t key, std::uint32_t cost, std::int64_t now) const noexcept;

  private:
    struct Place {
        std::atomic<std::uint64_t> key{0};
        std::atomic<std::uint64_t> state{0};
    };
    struct alignas(64) Row {
        Place places[4];
    };
    [[nodiscard]] std::uint64_t begin(RateLimitParts::Key::Kind kind,
                                      std::uint64_t address) const noexcept {
        return fold(secrets_[0] ^ address ^ static_cast<std::uint64_t>(kind) << 62, secrets_[1]);
    }
    [[nodiscard]] std::uint64_t finish(std::uint64_t hashed) const noexcept {
        return std::max(fold(hashed ^ secrets_[2], secrets_[1]), claimed + 1);
    }
    [[nodiscard]] std::uint64_t hash(const RateLimitParts::Key& key) const noexcept;
    [[nodiscard]] Place& find(std::uint64_t key, std::uint64_t now) const noexcept;
    [[nodiscard]] Place& claim(Row& row, std::uint64_t key, std::uint64_t now) const noexcept;
    // Until when a state differs from that of a key that was never seen, in `now`'s unit.
    [[nodiscard]] std::uint64_t matters_until(std::uint64_t state,
                                              std::uint64_t now) const noexcept;
    [[nodiscard]] RateLimitVerdict refuse_gcra(std::uint64_t before,
                                               std::uint64_t owed) const noexcept;
    [[nodiscard]] RateLimitVerdict take_window(std::atomic<std::uint64_t>& state,
                                               std::uint64_t cost,
                                               std::uint64_t now) const noexcept;

    std::unique_ptr<Row[]> rows_;
    std::uint64_t mask_; // of the row's number
    std::uint64_t secrets_[3];
    bool is_gcra_;
    std::uint64_t limit_;
    std::uint64_t window_;   // milliseconds
    std::uint64_t interval_; // of GCRA: nanoseconds that one unit takes to come back
    std::uint64_t most_;     // of GCRA: nanoseconds that may be owed
};

inline RateLimitTable::Place& RateLimitTable::find(std::uint64_t key,
                                                   std::uint64_t now) const noexcept {
    Row& row = rows_[(key >> 20) & mask_];
    for (Place& place : row.places)
        if (place.key.load(std::memory_order_acquire) == key) return place;
    return claim(row, key, now);
}

inline RateLimitVerdict RateLimitTable::take(std::uint64_t key, std::uint32_t cost,
                                             std::int64_t at) const noexcept {
    std::atomic<std::uint64_t>& state = find(key, static_cast<std::uint64_t>(at)).state;
    if (!is_gcra_) return take_window(state, cost, static_cast<std::uint64_t>(at));
    const std::uint64_t now = static_cast<std::uint64_t>(at) * nanoseconds;
    std::uint64_t seen = state.load(std::memory_order_relaxed);
    for (;;) {
        const std::uint64_t before = std::max(seen, now) - now;
        const std::uint64_t owed = before + cost * interval_;
        if (owed > most_) [[unlikely]]
            return refuse_gcra(before, owed);
        if (state.compare_exchange_weak(seen, now + owed, std::memory_order_relaxed)) [[likely]]
            return {true, static_cast<std::uint32_t>((most_ - owed) / interval_),
                    Duration::milliseconds(static_cast<std::int64_t>(owed / nanoseconds))};
    }
}

} // namespace armature::detail
