#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace armature::cli::bench {

/// How often something took how long, in the layout of HdrHistogram with three digits: 2,048 steps
/// of a nanosecond, then 1,024 steps of twice the width, and so on. 264 KiB, however much is
/// counted.
class Histogram {
  public:
    static constexpr std::uint64_t longest = 3'600'000'000'000; ///< ns; what is longer counts as it

    Histogram() : counts_(size) {}

    void record(std::uint64_t nanoseconds) noexcept;
    void add(const Histogram& other) noexcept;

    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    [[nodiscard]] std::uint64_t min() const noexcept { return count_ == 0 ? 0 : min_; }
    [[nodiscard]] std::uint64_t max() const noexcept { return max_; }
    [[nodiscard]] double mean() const noexcept;
    /// No more than that part of all took longer: 0.99. At most 0.1 % above the true value.
    [[nodiscard]] std::uint64_t at(double part) const noexcept;
    [[nodiscard]] std::size_t bytes() const noexcept { return counts_.size() * sizeof(counts_[0]); }

  private:
    static constexpr unsigned bits = 11;
    static constexpr std::size_t half = std::size_t{1} << (bits - 1);
    // Of the last width there is, that of `longest`, which has 42 bits.
    static constexpr std::size_t size = half * (42 - bits + 2);

    [[nodiscard]] static std::size_t index_of(std::uint64_t value) noexcept;
    [[nodiscard]] static std::uint64_t greatest_in(std::size_t index) noexcept;

    std::vector<std::uint64_t> counts_;
    std::uint64_t count_ = 0;
    std::uint64_t min_ = longest;
    std::uint64_t max_ = 0;
    double sum_ = 0;
};

} // namespace armature::cli::bench
