#include "middleware/rate_limit_table.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <random>
#include <stdexcept>

namespace armature::detail {

namespace {

// Of a sliding window: this window's number, and the counts of the last and of this one.
struct Counts {
    static constexpr unsigned bits = 20;
    static constexpr std::uint64_t most = (std::uint64_t{1} << bits) - 1;
    static constexpr std::uint64_t numbers = (std::uint64_t{1} << (64 - 2 * bits)) - 1;

    std::uint64_t number;
    std::uint64_t last;
    std::uint64_t current;

    // As it is in the window of that number.
    static Counts read(std::uint64_t state, std::uint64_t number) noexcept {
        number &= numbers;
        const std::uint64_t then = state >> (2 * bits);
        const std::uint64_t current = state & most;
        if (then == number) return {number, (state >> bits) & most, current};
        if (((then + 1) & numbers) == number) return {number, current, 0};
        // A clock of another loop may be a moment behind, or it is long ago.
        if (((number + 1) & numbers) == then) return {then, (state >> bits) & most, current};
        return {number, 0, 0};
    }
    [[nodiscard]] std::uint64_t packed() const noexcept {
        return number << (2 * bits) | last << bits | current;
    }
};

std::uint64_t read_word(const char* from, std::size_t size) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, from, size);
    return word;
}

Duration milliseconds(std::uint64_t wait) noexcept {
    return Duration::milliseconds(
        static_cast<std::int64_t>((wait + nanoseconds - 1) / nanoseconds));
}

} // namespace

RateLimitTable::RateLimitTable(const RateLimitPolicy& policy)
    : is_gcra_(policy.algorithm() == RateLimitPolicy::Algorithm::gcra), limit_(policy.limit()),
      window_(static_cast<std::uint64_t>(policy.window().count())) {
    const std::size_t keys = RateLimitParts::max_keys(policy);
    if (keys < 4 || keys > std::size_t{1} << 28)
        throw std::invalid_argument("armature: a rate limit remembers 4 to 268,435,456 keys");
    const std::size_t rows = std::bit_ceil((keys + 3) / 4);
    rows_ = std::make_unique<Row[]>(rows);
    mask_ = rows - 1;
    interval_ = window_ * nanoseconds / limit_;
    most_ = interval_ * policy.burst();
    if (is_gcra_ && RateLimitParts::is_by_client(policy))
        usual_cost_ = nanoseconds_of(RateLimitParts::fixed_cost(policy).value_or(0));
    std::random_device random;
    for (std::uint64_t& secret : secrets_)
        secret = std::uint64_t{random()} << 32 | random();
}

// A place for a new key: a free one, or that of the key whose loss matters least. A client that is
// being refused has used up most, so many new keys don't make it forgotten.
RateLimitTable::Place& RateLimitTable::claim(Row& row, std::uint64_t key,
                                             std::uint64_t now) const noexcept {
    for (;;) {
        Place* best = &row.places[0];
        std::uint64_t best_key = 0;
        std::uint64_t least = ~std::uint64_t{0};
        for (Place& place : row.places) {
            std::uint64_t held = place.key.load(std::memory_order_acquire);
            if (held == key) return place; // another loop was faster
            if (held == claimed) continue;
            const std::uint64_t until =
                held == 0 ? 0 : 1 + matters_until(place.state.load(std::memory_order_relaxed), now);
            if (until >= least) continue;
            least = until;
            best = &place;
            best_key = held;
        }
        if (least == ~std::uint64_t{0}) continue; // all four change hands at this moment
        if (!best->key.compare_exchange_strong(best_key, claimed, std::memory_order_acq_rel))
            continue;
        best->state.store(0, std::memory_order_relaxed);
        best->key.store(key, std::memory_order_release);
        return *best;
    }
}

std::uint64_t RateLimitTable::matters_until(std::uint64_t state, std::uint64_t now) const noexcept {
    if (is_gcra_) return state <= now * nanoseconds ? 0 : state;
    const std::uint64_t number = now / window_;
    const Counts counts = Counts::read(state, number);
    // What is still in sight: the more was used, the more it matters.
    return counts.last + 2 * counts.current;
}

RateLimitVerdict RateLimitTable::take(std::uint64_t key, std::uint32_t cost,
                                      std::int64_t at) const noexcept {
    const auto now = static_cast<std::uint64_t>(at);
    std::atomic<std::uint64_t>& state = find(key, now).state;
    if (!is_gcra_) return take_window(state, cost, now);
    const std::uint64_t more = nanoseconds_of(cost);
    std::uint64_t owed = 0;
    if (!take_gcra(state, more, now * nanoseconds, owed))
        return refuse_gcra(state.load(std::memory_order_relaxed), more, now * nanoseconds);
    return {true, left(owed).remaining, milliseconds(owed)};
}

RateLimitVerdict RateLimitTable::refuse_gcra(std::uint64_t seen, std::uint64_t cost,
                                             std::uint64_t now) const noexcept {
    const std::uint64_t before = std::max(seen, now) - now;
    const std::uint64_t remaining = before >= most_ ? 0 : (most_ - before) / interval_;
    const std::uint64_t above = before + cost - std::min(before + cost, most_);
    return {false, static_cast<std::uint32_t>(remaining),
            milliseconds(std::min(above, most_ + interval_))};
}

RateLimitVerdict RateLimitTable::take_window(std::atomic<std::uint64_t>& state, std::uint64_t cost,
                                             std::uint64_t now) const noexcept {
    const std::uint64_t left = window_ - now % window_; // of this window
    const std::uint64_t all = limit_ * window_;
    std::uint64_t seen_state = state.load(std::memory_order_relaxed);
    for (;;) {
        Counts counts = Counts::read(seen_state, now / window_);
        const std::uint64_t seen = counts.last * left + counts.current * window_;
        if (cost <= limit_ && seen + cost * window_ <= all) {
            counts.current += cost;
            if (!state.compare_exchange_weak(seen_state, counts.packed(),
                                             std::memory_order_relaxed))
                continue;
            return {true, static_cast<std::uint32_t>((all - seen - cost * window_) / window_),
                    Duration::milliseconds(static_cast<std::int64_t>(left))};
        }
        std::uint64_t wait = window_;
        if (cost <= limit_) {
            const std::uint64_t room = (limit_ - cost) * window_; // what may be in sight
            const std::uint64_t current = counts.current * window_;
            if (counts.last > 0 && current <= room)
                wait = left - std::min(left, (room - current) / counts.last); // as the last leaves
            else
                wait = left + window_ -
                       std::min(window_, room / std::max<std::uint64_t>(counts.current, 1));
        }
        return {false, static_cast<std::uint32_t>(seen >= all ? 0 : (all - seen) / window_),
                Duration::milliseconds(static_cast<std::int64_t>(wait))};
    }
}

std::uint64_t RateLimitTable::hash(const RateLimitParts::Key& key) const noexcept {
    std::uint64_t hashed = begin(key.kind, key.address);
    const auto add = [&](std::uint64_t word) { hashed = fold(hashed ^ word, secrets_[1]); };
    const auto add_text = [&](std::string_view text) {
        add(text.size());
        for (; text.size() > 8; text.remove_prefix(8))
            add(read_word(text.data(), 8));
        add(read_word(text.data(), text.size()));
    };
    if (key.kind == RateLimitParts::Key::Kind::text) add_text(key.text);
    if (!key.route.empty()) add_text(key.route);
    return finish(hashed);
}

void RateLimitTable::give_back(std::uint64_t key, std::uint32_t cost,
                               std::int64_t at) const noexcept {
    const auto now = static_cast<std::uint64_t>(at);
    std::atomic<std::uint64_t>& state = find(key, now).state;
    std::uint64_t seen = state.load(std::memory_order_relaxed);
    std::uint64_t next = 0;
    do {
        if (is_gcra_) {
            next = seen - std::min(seen, nanoseconds_of(cost));
        } else {
            Counts counts = Counts::read(seen, now / window_);
            counts.current -= std::min<std::uint64_t>(counts.current, cost);
            next = counts.packed();
        }
    } while (!state.compare_exchange_weak(seen, next, std::memory_order_relaxed));
}

} // namespace armature::detail
