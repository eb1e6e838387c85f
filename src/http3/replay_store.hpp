#pragma once

#include "http3/clock.hpp"

#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>

namespace armature::http3 {

/// The ClientHellos that came with early data (RFC 8446 §8.2), so that a copy of one is refused.
/// Of one process: a client could replay to another one behind the same address, which is why early
/// data carries safe methods only. Threads: any.
class ReplayStore {
  public:
    /// True when the key is new and was kept until `expiry` (wall clock). False also when the store
    /// is full: that client's handshake goes on without early data.
    [[nodiscard]] bool add(std::string_view key, Nanoseconds expiry, Nanoseconds now);

    /// 64 bytes or so each.
    static constexpr std::size_t capacity = 100'000;

  private:
    std::mutex mutex_;
    std::unordered_set<std::string> keys_;
    struct Kept {
        Nanoseconds expiry;
        const std::string* key;
    };
    std::deque<Kept> by_age_;
};

} // namespace armature::http3
