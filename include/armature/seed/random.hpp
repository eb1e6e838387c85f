#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string_view>

/// Data for development and tests: factories, fixtures, seeders. See docs/seeding.md.
namespace armature::seed {

namespace detail {

/// The finaliser of SplitMix64: each bit of `x` changes half of the result's.
constexpr std::uint64_t mix(std::uint64_t x) noexcept {
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
    return x ^ (x >> 31);
}
constexpr std::uint64_t hash(std::string_view text) noexcept {
    std::uint64_t value = 0xCBF29CE484222325; // FNV-1a
    for (const char c : text)
        value = (value ^ static_cast<unsigned char>(c)) * 0x100000001B3;
    return mix(value);
}
/// The high half of a product of 128 bits.
constexpr std::uint64_t high_product(std::uint64_t a, std::uint64_t b) noexcept {
    __extension__ typedef unsigned __int128 Wide;
    return static_cast<std::uint64_t>((Wide{a} * b) >> 64);
}

} // namespace detail

/// Random numbers that depend on a seed alone, the same on every machine and in every version:
/// xoshiro256** by Blackman and Vigna. Not for secrets.
class Random {
  public:
    constexpr explicit Random(std::uint64_t seed) noexcept {
        for (std::uint64_t& word : state_)
            word = detail::mix(seed += 0x9E3779B97F4A7C15);
    }
    /// What one row of one factory draws from: no other row, and no other name, changes it.
    constexpr Random(std::uint64_t seed, std::string_view name, std::uint64_t index) noexcept
        : Random(row_seed(seed, detail::hash(name), index)) {}

    constexpr std::uint64_t next() noexcept {
        const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
        const std::uint64_t shifted = state_[1] << 17;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= shifted;
        state_[3] = std::rotl(state_[3], 45);
        return result;
    }
    /// From 0 to `bound` - 1; 0 for a bound of 0.
    constexpr std::uint64_t below(std::uint64_t bound) noexcept {
        return detail::high_product(next(), bound);
    }
    /// From `least` to `most`, both included. Throws std::invalid_argument if they are reversed.
    constexpr std::int64_t between(std::int64_t least, std::int64_t most) {
        if (most < least) throw std::invalid_argument("armature: between needs least <= most");
        const std::uint64_t span =
            static_cast<std::uint64_t>(most) - static_cast<std::uint64_t>(least) + 1;
        const std::uint64_t offset = span == 0 ? next() : below(span);
        return static_cast<std::int64_t>(static_cast<std::uint64_t>(least) + offset);
    }
    /// At least 0, less than 1.
    constexpr double real() noexcept { return static_cast<double>(next() >> 11) * 0x1p-53; }
    constexpr bool chance(double probability) noexcept { return real() < probability; }
    /// As `below`, the small ones by far the likeliest: an eighth of them gets half of all draws.
    constexpr std::uint64_t skewed(std::uint64_t bound) noexcept {
        const double x = real();
        return static_cast<std::uint64_t>(x * x * x * static_cast<double>(bound));
    }

    static constexpr std::uint64_t row_seed(std::uint64_t seed, std::uint64_t name,
                                            std::uint64_t index) noexcept {
        return detail::mix(detail::mix(seed ^ name) + index * 0x9E3779B97F4A7C15);
    }

  private:
    std::uint64_t state_[4]{};
};

/// The numbers from 0 to `size` - 1 in an order that looks random: `at` gives each of them once, in
/// constant time and without memory. It is a Feistel network, so a bijection: values made from it
/// are unique without being remembered or tried again.
class Permutation {
  public:
    /// Throws std::invalid_argument for a size of 0 or above 2^62.
    constexpr Permutation(std::uint64_t size, std::uint64_t key)
        : size_(size), key_(key), half_((static_cast<unsigned>(std::bit_width(size - 1)) + 1) / 2) {
        if (size == 0 || size > std::uint64_t{1} << 62)
            throw std::invalid_argument("armature: a permutation has from 1 to 2^62 numbers");
        if (half_ == 0) half_ = 1;
    }
    [[nodiscard]] constexpr std::uint64_t size() const noexcept { return size_; }
    /// Throws std::out_of_range for an index that isn't below `size`.
    [[nodiscard]] constexpr std::uint64_t at(std::uint64_t index) const {
        if (index >= size_)
            throw std::out_of_range("armature: there are fewer unique values than rows");
        // The network permutes a power of four; what lands behind the end is permuted on, which
        // stays a bijection.
        do
            index = permuted(index);
        while (index >= size_);
        return index;
    }

  private:
    [[nodiscard]] constexpr std::uint64_t permuted(std::uint64_t value) const noexcept {
        const std::uint64_t mask = (std::uint64_t{1} << half_) - 1;
        std::uint64_t left = value >> half_;
        std::uint64_t right = value & mask;
        for (std::uint64_t round = 1; round <= 4; ++round) {
            const std::uint64_t mixed = detail::mix(right ^ (key_ + round * 0x9E3779B97F4A7C15));
            const std::uint64_t next = left ^ (mixed & mask);
            left = right;
            right = next;
        }
        return left << half_ | right;
    }

    std::uint64_t size_;
    std::uint64_t key_;
    unsigned half_;
};

} // namespace armature::seed
