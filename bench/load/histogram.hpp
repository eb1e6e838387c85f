#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

using Nanoseconds = std::uint64_t;

// Latencies in buckets of 1/32 of a power of two: a percentile within 3 % without keeping samples.
class Histogram {
  public:
    void add(Nanoseconds value, std::uint64_t count) {
        counts_[bucket_of(value)] += count;
        total_ += count;
    }
    void clear() {
        counts_.fill(0);
        total_ = 0;
    }
    double microseconds_at(double share) const {
        std::uint64_t left = static_cast<std::uint64_t>(share * static_cast<double>(total_));
        for (std::size_t i = 0; i < counts_.size(); ++i) {
            if (counts_[i] > left) return static_cast<double>(value_of(i)) / 1000.0;
            left -= counts_[i];
        }
        return 0;
    }

  private:
    static constexpr int fine_bits = 5;
    static std::size_t bucket_of(Nanoseconds value) {
        const int shift = std::max(0, static_cast<int>(std::bit_width(value)) - fine_bits - 1);
        return (static_cast<std::size_t>(shift) << fine_bits) + (value >> shift);
    }
    static Nanoseconds value_of(std::size_t bucket) {
        const std::size_t shift = std::max<std::size_t>(bucket >> fine_bits, 1) - 1;
        return (bucket - (shift << fine_bits)) << shift;
    }
    std::array<std::uint64_t, 64 << fine_bits> counts_{};
    std::uint64_t total_ = 0;
};
