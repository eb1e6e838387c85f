#pragma once

#include <armature/core/method.hpp>
#include <armature/core/peer_address.hpp>
#include <armature/core/request.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace armature::detail {

/// What is logged of one request. Its texts are cut where they would be too long.
struct AccessRecord {
    static constexpr std::size_t target_bytes = 400;
    static constexpr std::size_t route_bytes = 112;
    static constexpr std::size_t field_bytes = 184;

    std::int64_t start = 0;    ///< nanoseconds of the monotonic clock
    std::int64_t duration = 0; ///< nanoseconds
    std::uint64_t bytes = 0;
    PeerAddress peer;
    std::uint16_t status = 0;
    std::uint16_t target_size = 0;
    std::uint16_t referer_size = 0;
    std::uint16_t agent_size = 0;
    std::uint16_t method_size = 0;
    std::uint16_t route_size = 0;
    Protocol protocol = Protocol::http_1_1;
    bool has_bytes = false;
    bool has_trace = false;
    std::array<char, 32> trace_id;
    std::array<char, 16> span_id;
    std::array<char, 16> method;
    std::array<char, route_bytes> route;
    std::array<char, target_bytes> target;
    std::array<char, field_bytes> referer;
    std::array<char, field_bytes> agent;

    /// Copies at most what has room; a longer text ends in "...".
    template <std::size_t N>
    static std::uint16_t copy(std::array<char, N>& to, std::string_view text) noexcept {
        if (text.size() <= N) [[likely]] {
            if (!text.empty()) std::memcpy(to.data(), text.data(), text.size());
            return static_cast<std::uint16_t>(text.size());
        }
        std::memcpy(to.data(), text.data(), N - 3);
        std::memcpy(to.data() + N - 3, "...", 3);
        return N;
    }
};

/// A queue of fixed size from many threads to one, without locks: each slot's turn says whose it
/// is. (After D. Vyukov's bounded queue.)
class AccessRing {
  public:
    /// `capacity` is a power of two.
    explicit AccessRing(std::size_t capacity) : slots_(new Slot[capacity]), mask_(capacity - 1) {
        for (std::size_t i = 0; i < capacity; ++i)
            slots_[i].turn.store(i, std::memory_order_relaxed);
    }

    /// Has `fill(record)` write into a free slot, and gives its position; -1 when there is none.
    template <class Fill>
    std::int64_t push(Fill fill) noexcept {
        std::uint64_t position = head_.load(std::memory_order_relaxed);
        while (true) {
            Slot& slot = slots_[position & mask_];
            const std::uint64_t turn = slot.turn.load(std::memory_order_acquire);
            if (turn == position) {
                if (head_.compare_exchange_weak(position, position + 1,
                                                std::memory_order_relaxed)) {
                    fill(slot.record);
                    slot.turn.store(position + 1); // in one order with what `empty` reads
                    return static_cast<std::int64_t>(position);
                }
            } else if (turn < position) {
                return -1;
            } else {
                position = head_.load(std::memory_order_relaxed);
            }
        }
    }

    /// Hands the oldest record to `take`; false when there is none. One thread only.
    template <class Take>
    bool pop(Take take) {
        Slot& slot = slots_[tail_ & mask_];
        if (slot.turn.load(std::memory_order_acquire) != tail_ + 1) return false;
        take(slot.record);
        slot.turn.store(tail_ + mask_ + 1, std::memory_order_release);
        ++tail_;
        return true;
    }
    /// The same thread's: whether `pop` would find nothing. In the one order of all sequentially
    /// consistent operations, as `push` is: who sleeps when it is empty misses nothing.
    [[nodiscard]] bool empty() const noexcept {
        return slots_[tail_ & mask_].turn.load() != tail_ + 1;
    }
    /// How many were ever pushed.
    [[nodiscard]] std::uint64_t pushed() const noexcept {
        return head_.load(std::memory_order_relaxed);
    }
    /// How many were ever popped; the popping thread's.
    [[nodiscard]] std::uint64_t popped() const noexcept { return tail_; }

  private:
    struct alignas(64) Slot {
        std::atomic<std::uint64_t> turn;
        AccessRecord record;
    };
    static_assert(sizeof(Slot) == 1024);
    std::unique_ptr<Slot[]> slots_;
    const std::uint64_t mask_;
    alignas(64) std::atomic<std::uint64_t> head_{0};
    alignas(64) std::uint64_t tail_ = 0;
};

} // namespace armature::detail
