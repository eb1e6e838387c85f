// For test_croniter.py: for each line "START EXPRESSION" of the input, START in seconds since 1970,
// prints the next five times in UTC, or "refused".
#include <armature/jobs/cron.hpp>

#include <iostream>
#include <stdexcept>
#include <string>

int main() {
    using armature::CronSchedule;
    for (std::string line; std::getline(std::cin, line);) {
        const std::size_t blank = line.find(' ');
        try {
            const CronSchedule schedule{std::string_view{line}.substr(blank + 1)};
            const CronSchedule::Time start{std::chrono::seconds{std::stoll(line.substr(0, blank))}};
            for (const auto time : schedule.preview(start, 5))
                std::cout << time.time_since_epoch().count() << ' ';
        } catch (const std::invalid_argument&) {
            std::cout << "refused";
        }
        std::cout << '\n';
    }
}
