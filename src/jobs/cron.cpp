#include "jobs/cron_fields.hpp"

#include <armature/jobs/cron.hpp>

#include <date/tz.h>

#include <stdexcept>

namespace armature {

class CronSchedule::Impl {
  public:
    Impl(std::string_view expression, const CronZone& chosen)
        : fields(jobs::CronFields::parse(expression)), gap(chosen.gap), repeat(chosen.repeat) {
        try {
            zone = date::locate_zone(chosen.name);
        } catch (const std::runtime_error&) {
            throw std::invalid_argument("armature: there is no time zone '" + chosen.name +
                                        "'; names are those of the IANA database, such as "
                                        "Europe/Berlin (Debian: tzdata)");
        }
    }

    jobs::CronFields fields;
    CronGap gap;
    CronRepeat repeat;
    const date::time_zone* zone = nullptr;
};

CronSchedule::CronSchedule(std::string_view expression, const CronZone& zone)
    : impl_(std::make_shared<const Impl>(expression, zone)) {}

// Between two changes of a zone's offset local time is as even as UTC, so the search goes from one
// such stretch to the next; what is special is where one begins.
std::optional<CronSchedule::Time> CronSchedule::next(Time after) const {
    using std::chrono::seconds;
    const jobs::CronFields& fields = impl_->fields;
    const auto local_next = [&](seconds from) -> std::optional<seconds> {
        const auto found = fields.next(from.count());
        return found ? std::optional{seconds{*found}} : std::nullopt;
    };
    const bool is_fixed = !fields.any_hour;
    // Calendars, and zones' rules, end somewhere.
    constexpr Time first{seconds{-62'135'596'800}}; // year 1
    constexpr Time last{seconds{253'402'300'800}};  // year 10000
    if (after < first || after >= last) return std::nullopt;
    Time from = after + seconds{1};
    const Time end = from + std::chrono::years{9};
    while (from < end) {
        const date::sys_info stretch = impl_->zone->get_info(from);
        seconds local = from.time_since_epoch() + stretch.offset;
        // The first stretch of all has nothing before it.
        if (is_fixed && stretch.begin > first) {
            const seconds begin = stretch.begin.time_since_epoch();
            const seconds clock_before =
                begin + impl_->zone->get_info(stretch.begin - seconds{1}).offset;
            const seconds clock_after = begin + stretch.offset;
            if (impl_->repeat == CronRepeat::once && local < clock_before) local = clock_before;
            if (impl_->gap == CronGap::run_after && from == stretch.begin &&
                clock_before < clock_after) {
                const auto swallowed = local_next(clock_before);
                if (swallowed && *swallowed < clock_after) return stretch.begin;
            }
        }
        if (const auto found = local_next(local)) {
            const Time time{*found - stretch.offset};
            if (time < stretch.end) return time;
        }
        if (stretch.end <= from) return std::nullopt;
        from = stretch.end;
    }
    return std::nullopt;
}

std::vector<CronSchedule::Time> CronSchedule::preview(Time after, std::size_t count) const {
    std::vector<Time> times;
    while (times.size() < count) {
        const auto time = next(after);
        if (!time) break;
        times.push_back(*time);
        after = *time;
    }
    return times;
}

} // namespace armature
