#pragma once

#include "middleware/rate_limit_parts.hpp"

#include <atomic>
#include <cstdint>
#include <memory>

namespace armature::detail {

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

} // namespace armature::detail
