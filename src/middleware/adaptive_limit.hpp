#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace armature::detail {

/// Finds how many requests at a time are good, from how long they take. Not thread-safe.
///
/// It compares how long requests take now with how long they take when few are under way: as long
/// as that is alike, the limit grows by about its square root, which is a queue that does no harm;
/// when they take longer, it shrinks in proportion (the gradient of Netflix's concurrency-limits).
/// What "few" means is measured, not remembered: now and then the limit is a quarter of itself for
/// a moment. Otherwise a queue that stands would come to count as normal.
class AdaptiveLimit {
  public:
    AdaptiveLimit(double begin, double least, double most) noexcept
        : limit_(begin), least_(least), most_(most) {}

    [[nodiscard]] std::uint32_t limit() const noexcept {
        return static_cast<std::uint32_t>(is_probing_ ? probing_limit() : limit_);
    }

    /// One request that took `latency` (any unit), while `running` were under way, itself included.
    void sample(double latency, std::uint32_t running) noexcept {
        if (is_probing_) return probe(latency, running);
        if (running * 2.0 <
            limit_) { // few by themselves; and the limit made them neither slow nor fast
            follow(base_, latency, 100);
            return;
        }
        follow(now_, latency, 10);
        if (base_ == 0 || now_ < base_) base_ = now_;
        const double gradient = std::clamp(tolerance * base_ / now_, 0.5, 1.0);
        const double wanted = limit_ * gradient + std::sqrt(limit_);
        limit_ = std::clamp(limit_ + smoothing * (wanted - limit_), least_, most_);
        if (++since_probe_ < probe_after_) return;
        is_probing_ = true;
        since_probe_ = 0;
        probe_after_ = usual_probe_after;
        skipped_ = probed_ = 0;
    }

  private:
    static constexpr double tolerance = 1.5;
    static constexpr double smoothing = 0.2;
    static constexpr int first_probe_after = 50;
    static constexpr int usual_probe_after = 1000;
    static constexpr double probe_samples = 10;

    static void follow(double& average, double value, double samples) noexcept {
        average = average == 0 ? value : average + (value - average) / samples;
    }
    [[nodiscard]] double probing_limit() const noexcept { return std::max(least_, limit_ / 4); }

    void probe(double latency, std::uint32_t running) noexcept {
        // Those that began among many don't count.
        if (running > probing_limit() || ++skipped_ <= probing_limit()) return;
        sum_ = probed_ == 0 ? latency : sum_ + latency;
        if (++probed_ < probe_samples) return;
        base_ = sum_ / probed_;
        is_probing_ = false;
    }

    double limit_;
    double least_;
    double most_;
    double base_ = 0; ///< how long requests take when few are under way; 0: not known
    double now_ = 0;
    double sum_ = 0;
    double skipped_ = 0;
    double probed_ = 0;
    int since_probe_ = 0;
    int probe_after_ = first_probe_after;
    bool is_probing_ = false;
};

} // namespace armature::detail
