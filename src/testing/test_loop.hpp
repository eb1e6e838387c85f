#pragma once

#include <armature/core/scheduler.hpp>

#include <cstdint>
#include <set>

namespace armature::testkit {

/// A loop whose time stands still until nothing else can run. Work on other threads is waited for
/// while it stands; while somebody waits for a descriptor it goes as real time does, since nothing
/// tells when what is out there comes.
class TestLoop final : public LocalLoop {
  public:
    explicit TestLoop(Duration patience) noexcept : patience_(patience.count()) {}

    void watch(int descriptor, std::uint32_t events, IoWatcher& watcher) override;
    void unwatch(int descriptor) noexcept override;
    [[nodiscard]] std::int64_t read_clock() const noexcept override;

    enum class Outcome : std::uint8_t {
        done,
        out_of_time, ///< `within` is over
        stuck,       ///< nothing is left that could run; `within` is taken as over too
        endless,     ///< the test's patience is
    };
    /// What a run is for.
    class Goal {
      public:
        [[nodiscard]] virtual bool reached() = 0;
        /// Called after everything that ran.
        virtual void look() {}

      protected:
        ~Goal() = default;
    };
    /// Runs until the goal is reached, letting up to `within` of the loop's time pass.
    [[nodiscard]] Outcome run(Goal& goal, Duration within);
    /// Runs what can run now.
    void settle(Goal& goal);

    using Scheduler::begin_drain;

  private:
    bool turn(std::int64_t wait);

    std::int64_t patience_; ///< real milliseconds
    std::set<int> watched_;
    mutable unsigned reads_ = 0;
};

} // namespace armature::testkit
