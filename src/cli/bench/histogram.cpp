#include "cli/bench/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace armature::cli::bench {

std::size_t Histogram::index_of(std::uint64_t value) noexcept {
    const auto width = static_cast<unsigned>(std::bit_width(value));
    if (width <= bits) return static_cast<std::size_t>(value);
    const unsigned shift = width - bits;
    return half * shift + static_cast<std::size_t>(value >> shift);
}

std::uint64_t Histogram::greatest_in(std::size_t index) noexcept {
    if (index < 2 * half) return index;
    const std::size_t shift = index / half - 1;
    return ((std::uint64_t{index - half * shift} + 1) << shift) - 1;
}

void Histogram::record(std::uint64_t nanoseconds) noexcept {
    const std::uint64_t value = std::min(nanoseconds, longest);
    ++counts_[index_of(value)];
    ++count_;
    min_ = std::min(min_, value);
    max_ = std::max(max_, value);
    sum_ += static_cast<double>(value);
}

void Histogram::add(const Histogram& other) noexcept {
    for (std::size_t i = 0; i < counts_.size(); ++i)
        counts_[i] += other.counts_[i];
    count_ += other.count_;
    min_ = std::min(min_, other.min_);
    max_ = std::max(max_, other.max_);
    sum_ += other.sum_;
}

double Histogram::mean() const noexcept {
    return count_ == 0 ? 0 : sum_ / static_cast<double>(count_);
}

std::uint64_t Histogram::at(double part) const noexcept {
    if (count_ == 0) return 0;
    const auto wanted = std::max<std::uint64_t>(
        1, static_cast<std::uint64_t>(std::ceil(part * static_cast<double>(count_) - 1e-9)));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        seen += counts_[i];
        if (seen >= wanted) return std::min(greatest_in(i), max_);
    }
    return max_;
}

} // namespace armature::cli::bench
