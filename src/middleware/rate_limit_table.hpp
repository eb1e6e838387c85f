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
        if (RateLimitParts::is_by_client(policy)) return key_of(request.peer());
        return hash(RateLimitParts::key_of(policy, request));
    }
    /// Takes `cost` for a key, or nothing when that is too much. `now` in milliseconds.
    [[nodiscard]] RateLimitVerdict take(std::uint64_t key, std::uint32_t cost,
                                        std::int64_t now) const noexcept;

    /// What most limits are: a fixed cost by the client's address, under GCRA. Decided here,
    /// without a call.
    [[nodiscard]] bool is_usual() const noexcept { return usual_cost_ != 0; }
    /// What `take_usual` leaves: how many units more, and the seconds until all have come back.
    struct Left {
        std::uint32_t remaining;
        std::uint64_t seconds;
    };
    /// False for a refusal, which `take` can explain. `owed`: nanoseconds that the client owes
    /// then.
    [[nodiscard]] bool take_usual(const PeerAddress& client, std::int64_t now,
                                  std::uint64_t& owed) const noexcept;
    [[nodiscard]] Left left(std::uint64_t owed) const noexcept {
        return {static_cast<std::uint32_t>((most_ - owed) / interval_),
                (owed + 999'999'999) / 1'000'000'000};
    }
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
        return fold(hashed ^ secrets_[2], secrets_[1]) | 2; // neither free nor claimed
    }
    [[nodiscard]] std::uint64_t key_of(const PeerAddress& client) const noexcept {
        return finish(
            begin(RateLimitParts::Key::Kind::address, RateLimitParts::address_of(client)));
    }
    [[nodiscard]] std::uint64_t hash(const RateLimitParts::Key& key) const noexcept;
    [[nodiscard]] Place& find(std::uint64_t key, std::uint64_t now) const noexcept;
    [[nodiscard]] Place& claim(Row& row, std::uint64_t key, std::uint64_t now) const noexcept;
    // Until when a state differs from that of a key that was never seen, in `now`'s unit.
    [[nodiscard]] std::uint64_t matters_until(std::uint64_t state,
                                              std::uint64_t now) const noexcept;
    // Nanoseconds that a request takes. More than all is too much, however much it is.
    [[nodiscard]] std::uint64_t nanoseconds_of(std::uint32_t cost) const noexcept {
        return std::min<std::uint64_t>(cost, most_ / interval_ + 1) * interval_;
    }
    // False if more would be owed with `cost` than `most_`; else `owed` is what it is now.
    [[nodiscard]] bool take_gcra(std::atomic<std::uint64_t>& state, std::uint64_t cost,
                                 std::uint64_t now, std::uint64_t& owed) const noexcept;
    [[nodiscard]] RateLimitVerdict refuse_gcra(std::uint64_t seen, std::uint64_t cost,
                                               std::uint64_t now) const noexcept;
    [[nodiscard]] RateLimitVerdict take_window(std::atomic<std::uint64_t>& state,
                                               std::uint64_t cost,
                                               std::uint64_t now) const noexcept;

    std::unique_ptr<Row[]> rows_;
    std::uint64_t mask_; // of the row's number
    std::uint64_t secrets_[3];
    bool is_gcra_;
    std::uint64_t limit_;
    std::uint64_t window_;         // milliseconds
    std::uint64_t interval_;       // of GCRA: nanoseconds that one unit takes to come back
    std::uint64_t most_;           // of GCRA: nanoseconds that may be owed
    std::uint64_t usual_cost_ = 0; // nanoseconds; 0 when that isn't all that decides
};

inline RateLimitTable::Place& RateLimitTable::find(std::uint64_t key,
                                                   std::uint64_t now) const noexcept {
    Row& row = rows_[(key >> 20) & mask_];
    for (Place& place : row.places)
        if (place.key.load(std::memory_order_acquire) == key) return place;
    return claim(row, key, now);
}

inline bool RateLimitTable::take_gcra(std::atomic<std::uint64_t>& state, std::uint64_t cost,
                                      std::uint64_t now, std::uint64_t& owed) const noexcept {
    std::uint64_t seen = state.load(std::memory_order_relaxed);
    for (;;) {
        owed = std::max(seen, now) - now + cost;
        if (owed > most_) [[unlikely]]
            return false;
        if (state.compare_exchange_weak(seen, now + owed, std::memory_order_relaxed)) [[likely]]
            return true;
    }
}

inline bool RateLimitTable::take_usual(const PeerAddress& client, std::int64_t at,
                                       std::uint64_t& owed) const noexcept {
    const auto now = static_cast<std::uint64_t>(at);
    return take_gcra(find(key_of(client), now).state, usual_cost_, now * nanoseconds, owed);
}

} // namespace armature::detail
