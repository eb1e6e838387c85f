// Cron expressions: what is accepted has times, each after the one before and in its fields.
#include "jobs/cron_fields.hpp"

#include <armature/jobs/cron.hpp>

#include <cstdlib>
#include <stdexcept>
#include <string_view>

using armature::CronSchedule;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    constexpr std::int64_t starts[] = {0, -1, 951'782'399, 1'774'747'800, 4'102'444'800};
    try {
        const auto fields = armature::jobs::CronFields::parse(text);
        for (const std::int64_t start : starts) {
            const auto next = fields.next(start);
            if (!next || *next < start) std::abort();
            const std::int64_t second = (*next % 3600 + 3600) % 3600;
            if ((fields.minutes >> second / 60 & fields.seconds >> second % 60 & 1) == 0)
                std::abort();
            if (fields.next(*next) != next) std::abort(); // it fits itself
        }
        const CronSchedule schedule{text, {.name = "Europe/Berlin"}};
        for (const std::int64_t start : starts) {
            CronSchedule::Time after{std::chrono::seconds{start}};
            for (const CronSchedule::Time time : schedule.preview(after, 3)) {
                if (time <= after) std::abort();
                after = time;
            }
        }
    } catch (const std::invalid_argument&) {
    }
    return 0;
}
