#pragma once

#include <armature/core/duration.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace armature {

/// What becomes of a run whose local time doesn't exist, because clocks are put forward over it.
enum class CronGap : std::uint8_t {
    run_after, ///< at the moment they are; one run, whatever number the gap swallowed
    skip,
};

/// What becomes of a run whose local time comes twice, because clocks are put back over it.
enum class CronRepeat : std::uint8_t {
    once, ///< the first time
    twice,
};

struct CronZone {
    /// A name of the IANA database, such as "Europe/Berlin".
    std::string name = "UTC";
    CronGap gap = CronGap::run_after;
    CronRepeat repeat = CronRepeat::once;
};

/// A time-table in the notation of cron(5):
///
///     minute hour day-of-month month day-of-week         30 4 1,15 * 5
///     second minute hour day-of-month month day-of-week  */10 * * * * *
///
/// A field is `*`, a number, a name (`jan`, `mon`; in any case), a range `a-b`, a step `*/n` or
/// `a-b/n`, or a list of these. Sunday is 0 or 7. `@yearly`, `@annually`, `@monthly`, `@weekly`,
/// `@daily`, `@midnight` and `@hourly` stand for what they say.
///
/// When neither day-of-month nor day-of-week begins with `*`, a day that fits **either** is meant,
/// as Vixie's cron does it; otherwise it has to fit both.
///
/// Times are local times of the zone. Where the hour begins with `*`, runs are as far apart as the
/// expression says whatever clocks do: none is added in a gap, and those of a repeated hour come in
/// both. Otherwise `CronZone` says what happens.
class CronSchedule {
  public:
    using Time = std::chrono::sys_seconds;

    /// Throws std::invalid_argument, saying which field is wrong and why; also for a date that
    /// never comes, such as 30 February, and for a zone that isn't there.
    explicit CronSchedule(std::string_view expression, const CronZone& zone = {});

    /// The first run after `after`; nullopt beyond the range of the calendar.
    [[nodiscard]] std::optional<Time> next(Time after) const;
    /// The next runs, for people to look at.
    [[nodiscard]] std::vector<Time> preview(Time after, std::size_t count) const;

    class Impl; // inside of the library only

  private:
    std::shared_ptr<const Impl> impl_;
};

} // namespace armature
