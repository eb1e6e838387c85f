#pragma once

#include <cstdint>
#include <string_view>

namespace armature::cli::mock {

/// Numbers that depend on the seed alone, the same on every machine (SplitMix64).
class Random {
  public:
    explicit Random(std::uint64_t seed) noexcept : state_(seed) {}
    /// One that goes its own way for each text: what one path gives doesn't depend on the others.
    Random(std::uint64_t seed, std::string_view text) noexcept : state_(seed) {
        for (const char c : text)
            state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001B3;
    }

    [[nodiscard]] std::uint64_t next() noexcept {
        std::uint64_t z = state_ += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
    /// From 0 up to `count`, which is excluded and not 0.
    [[nodiscard]] std::uint64_t below(std::uint64_t count) noexcept { return next() % count; }
    /// From 0 up to 1, which is excluded.
    [[nodiscard]] double fraction() noexcept {
        return static_cast<double>(next() >> 11) * 0x1.0p-53;
    }

  private:
    std::uint64_t state_;
};

} // namespace armature::cli::mock
