#pragma once

#include <compare>
#include <cstdint>

namespace armature {

/// A span of time in milliseconds: the unit of every time-out. Converts from any
/// std::chrono::duration (rounding down), so `5s` and `std::chrono::minutes{2}` work where
/// <chrono> is included, while headers that only carry time-outs stay light.
class Duration {
  public:
    constexpr Duration() noexcept = default;
    template <class Chrono>
        requires requires(Chrono chrono) {
            chrono.count();
            Chrono::period::num;
            Chrono::period::den;
        }
    constexpr Duration(Chrono chrono) noexcept // NOLINT: as natural as between chrono durations
        : milliseconds_(from_ratio(chrono.count(), Chrono::period::num, Chrono::period::den)) {}

    [[nodiscard]] static constexpr Duration milliseconds(std::int64_t count) noexcept {
        Duration duration;
        duration.milliseconds_ = count;
        return duration;
    }
    [[nodiscard]] static constexpr Duration seconds(std::int64_t count) noexcept {
        return milliseconds(count * 1000);
    }

    /// The length in milliseconds.
    [[nodiscard]] constexpr std::int64_t count() const noexcept { return milliseconds_; }
    /// Zero means "no limit" wherever a time-out is optional.
    [[nodiscard]] constexpr explicit operator bool() const noexcept { return milliseconds_ != 0; }

    friend constexpr auto operator<=>(const Duration&, const Duration&) noexcept = default;

  private:
    template <class Count>
    static constexpr std::int64_t from_ratio(Count count, std::int64_t num,
                                             std::int64_t den) noexcept {
        // Whole factors or divisors for all usual units, so that no product can overflow.
        num *= 1000;
        if (num % den == 0) return static_cast<std::int64_t>(count * (num / den));
        if (den % num == 0) return static_cast<std::int64_t>(count / (den / num));
        return static_cast<std::int64_t>(count * num / den);
    }

    std::int64_t milliseconds_ = 0;
};

} // namespace armature
