#include "jobs/support.hpp"

#include <armature/jobs/cron.hpp>

#include <date/date.h>
#include <gmock/gmock.h>

#include <sstream>

namespace job_tests {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

CronSchedule::Time utc(const std::string& text) {
    std::istringstream in{text};
    CronSchedule::Time time;
    in >> date::parse(text.size() > 16 ? "%F %T" : "%F %H:%M", time);
    EXPECT_FALSE(in.fail()) << text;
    return time;
}

struct Row {
    const char* expression;
    const char* after;              ///< UTC
    std::vector<std::string> times; ///< those that follow, UTC
    CronZone zone{};
};

void check(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
        SCOPED_TRACE(std::string{row.expression} + " after " + row.after + " in " + row.zone.name);
        const CronSchedule schedule{row.expression, row.zone};
        const bool has_seconds = row.times[0].size() > 16;
        std::vector<std::string> times;
        for (const auto time : schedule.preview(utc(row.after), row.times.size()))
            times.push_back(date::format(has_seconds ? "%F %T" : "%F %H:%M", time));
        EXPECT_THAT(times, ElementsAreArray(row.times));
    }
}

TEST(CronSchedule, KnowsTheNextTimes) {
    check({
        {"* * * * *", "2026-03-01 12:34:56", {"2026-03-01 12:35:00", "2026-03-01 12:36:00"}},
        {"*/15 * * * *", "2026-03-01 12:45", {"2026-03-01 13:00", "2026-03-01 13:15"}},
        {"0 0 * * *", "2026-12-31 00:00", {"2027-01-01 00:00", "2027-01-02 00:00"}},
        {"30 4 * * *", "2026-03-01 04:29:59", {"2026-03-01 04:30:00", "2026-03-02 04:30:00"}},
        {"30 4 * * *", "2026-03-01 04:30:00", {"2026-03-02 04:30:00"}},
        {"5,10-12,40-59/10 7 * * *",
         "2026-03-01 00:00",
         {"2026-03-01 07:05", "2026-03-01 07:10", "2026-03-01 07:11", "2026-03-01 07:12",
          "2026-03-01 07:40", "2026-03-01 07:50", "2026-03-02 07:05"}},
        {"0 9-17/4 * * *", "2026-03-01 10:00", {"2026-03-01 13:00", "2026-03-01 17:00"}},
        {"0 0 1 jan,JUL *", "2026-03-01 00:00", {"2026-07-01 00:00", "2027-01-01 00:00"}},
        {"0 0 31 * *", "2026-03-31 00:00", {"2026-05-31 00:00", "2026-07-31 00:00"}},
        {"0 0 29 2 *", "2026-03-01 00:00", {"2028-02-29 00:00", "2032-02-29 00:00"}},
        {"0 0 29 2 *", "2096-03-01 00:00", {"2104-02-29 00:00"}},
        {"  0\t0  1 1 *  ", "2026-03-01 00:00", {"2027-01-01 00:00"}},
    });
}

TEST(CronSchedule, HasSecondsWithSixFields) {
    check({
        {"*/20 * * * * *",
         "2026-03-01 00:00:30",
         {"2026-03-01 00:00:40", "2026-03-01 00:01:00", "2026-03-01 00:01:20"}},
        {"59 59 23 31 12 *", "2026-03-01 00:00:00", {"2026-12-31 23:59:59"}},
        {"30 0 12 * * *", "2026-03-01 12:00:30", {"2026-03-02 12:00:30"}},
    });
}

TEST(CronSchedule, KnowsDaysOfTheWeek) {
    // 2026-03-01 is a Sunday.
    check({
        {"0 9 * * mon-fri", "2026-03-06 10:00", {"2026-03-09 09:00", "2026-03-10 09:00"}},
        {"0 0 * * 0", "2026-03-01 00:00", {"2026-03-08 00:00"}},
        {"0 0 * * 7", "2026-03-01 00:00", {"2026-03-08 00:00"}},
        {"0 0 * * SUN", "2026-03-01 00:00", {"2026-03-08 00:00"}},
        {"0 0 * * 5-7",
         "2026-03-05 00:00",
         {"2026-03-06 00:00", "2026-03-07 00:00", "2026-03-08 00:00", "2026-03-13 00:00"}},
    });
}

TEST(CronSchedule, TakesEitherDayWhenBothAreRestrictedAsVixieDoes) {
    check({
        {"0 0 13 * 5",
         "2026-04-05 00:00",
         {"2026-04-10 00:00", "2026-04-13 00:00", "2026-04-17 00:00"}},
        // One that begins with '*' is no restriction: then it has to fit both.
        {"0 0 */2 * 1", "2026-03-01 00:00", {"2026-03-09 00:00", "2026-03-23 00:00"}},
        {"0 0 13 * */5", "2026-02-28 00:00", {"2026-03-13 00:00", "2026-09-13 00:00"}},
    });
}

TEST(CronSchedule, KnowsShorthands) {
    check({
        {"@yearly", "2026-03-04 05:06", {"2027-01-01 00:00"}},
        {"@annually", "2026-03-04 05:06", {"2027-01-01 00:00"}},
        {"@monthly", "2026-03-04 05:06", {"2026-04-01 00:00"}},
        {"@weekly", "2026-03-04 05:06", {"2026-03-08 00:00"}},
        {"@daily", "2026-03-04 05:06", {"2026-03-05 00:00"}},
        {"@midnight", "2026-03-04 05:06", {"2026-03-05 00:00"}},
        {" @Hourly ", "2026-03-04 05:06", {"2026-03-04 06:00"}},
    });
}

CronZone in(const char* name, CronGap gap = CronGap::run_after,
            CronRepeat repeat = CronRepeat::once) {
    return {name, gap, repeat};
}

TEST(CronSchedule, RunsAfterAGapOrSkipsIt) {
    // Berlin: on 29 March 2026 at 01:00 UTC clocks go from 02:00 to 03:00.
    const char* before = "2026-03-28 00:30";
    check({
        {"30 2 * * *",
         before,
         {"2026-03-28 01:30", "2026-03-29 01:00", "2026-03-30 00:30"},
         in("Europe/Berlin")},
        {"30 2 * * *",
         before,
         {"2026-03-28 01:30", "2026-03-30 00:30"},
         in("Europe/Berlin", CronGap::skip)},
        {"0,15,30,45 2 29,30 3 *",
         before,
         {"2026-03-29 01:00", "2026-03-30 00:00", "2026-03-30 00:15"},
         in("Europe/Berlin")},
        {"0 2,3 29 3 *", before, {"2026-03-29 01:00", "2027-03-29 00:00"}, in("Europe/Berlin")},
        {"30 2 * * *", "2026-03-29 01:00:00", {"2026-03-30 00:30:00"}, in("Europe/Berlin")},
        {"30 2 * * *", "2026-03-29 00:59:59", {"2026-03-29 01:00:00"}, in("Europe/Berlin")},
        // Half an hour, on the other side of the world.
        {"15 2 * * *",
         "2026-10-03 00:00",
         {"2026-10-03 15:30", "2026-10-04 15:15"},
         in("Australia/Lord_Howe")},
        // Samoa left a whole day out.
        {"0 12 30 12 *",
         "2011-06-01 00:00",
         {"2011-12-30 10:00", "2012-12-29 22:00"},
         in("Pacific/Apia")},
    });
}

TEST(CronSchedule, RunsOnceOrTwiceInARepeatedHour) {
    // Berlin: on 25 October 2026 at 01:00 UTC clocks go from 03:00 back to 02:00.
    const auto twice = CronRepeat::twice;
    const auto after = CronGap::run_after;
    check({
        {"30 2 * * *",
         "2026-10-24 12:00",
         {"2026-10-25 00:30", "2026-10-26 01:30"},
         in("Europe/Berlin")},
        {"30 2 * * *",
         "2026-10-24 12:00",
         {"2026-10-25 00:30", "2026-10-25 01:30", "2026-10-26 01:30"},
         in("Europe/Berlin", after, twice)},
        {"0 2 * * *",
         "2026-10-24 12:00",
         {"2026-10-25 00:00", "2026-10-26 01:00"},
         in("Europe/Berlin")},
        {"0 3 * * *",
         "2026-10-24 12:00",
         {"2026-10-25 02:00", "2026-10-26 02:00"},
         in("Europe/Berlin")},
        {"30 1 * * *",
         "2026-10-31 12:00",
         {"2026-11-01 05:30", "2026-11-02 06:30"},
         in("America/New_York")},
        {"30 1 * * *", "2026-11-01 05:30", {"2026-11-02 06:30"}, in("America/New_York")},
        {"30 1 * * *", "2026-11-01 06:10", {"2026-11-02 06:30"}, in("America/New_York")},
        {"45 1 * * *",
         "2026-04-04 12:00",
         {"2026-04-04 14:45", "2026-04-05 15:15"},
         in("Australia/Lord_Howe")},
    });
}

TEST(CronSchedule, KeepsItsPaceWhereTheHourIsFree) {
    check({
        {"*/30 * * * *",
         "2026-03-29 00:15",
         {"2026-03-29 00:30", "2026-03-29 01:00", "2026-03-29 01:30"},
         in("Europe/Berlin")},
        {"*/30 * * * *",
         "2026-10-24 23:45",
         {"2026-10-25 00:00", "2026-10-25 00:30", "2026-10-25 01:00", "2026-10-25 01:30",
          "2026-10-25 02:00"},
         in("Europe/Berlin")},
        {"@hourly",
         "2026-10-31 04:30",
         {"2026-10-31 05:00", "2026-10-31 06:00", "2026-10-31 07:00"},
         in("America/New_York")},
    });
}

TEST(CronSchedule, RefusesWhatIsNoExpression) {
    const auto message = [](std::string_view expression, const CronZone& zone = {}) {
        try {
            const CronSchedule schedule{expression, zone};
            return std::string{"nothing"};
        } catch (const std::invalid_argument& error) {
            return std::string{error.what()};
        }
    };
    const std::pair<const char*, const char*> rows[] = {
        {"", "needs 5 fields"},
        {"* * * *", "needs 5 fields"},
        {"* * * * * * *", "more than 6 fields"},
        {"60 * * * *",
         "the minute '60' of a cron expression has to be made of numbers from 0 to 59"},
        {"* 24 * * *", "the hour '24'"},
        {"* * 0 * *", "the day of month '0'"},
        {"* * 32 * *", "the day of month '32'"},
        {"* * * 13 *", "from 1 to 12 or names"},
        {"* * * * 8", "the day of week '8'"},
        {"* * * * funday", "the day of week 'funday'"},
        {"60 * * * * *", "the second '60'"},
        {"-1 * * * *", "the minute '-1'"},
        {"1- * * * *", "the minute '1-'"},
        {"5-1 * * * *", "ends before it begins"},
        {"1,,2 * * * *", "the minute '1,,2'"},
        {"1, * * * *", "the minute '1,'"},
        {"*/0 * * * *", "a step that is no number above 0"},
        {"*/ * * * *", "a step that is no number above 0"},
        {"*/-2 * * * *", "a step that is no number above 0"},
        {"*/1/2 * * * *", "a step that is no number above 0"},
        {"5/10 * * * *", "write '5-59/"},
        {"** * * * *", "the minute '**'"},
        {"0x5 * * * *", "the minute '0x5'"},
        {"+5 * * * *", "the minute '+5'"},
        {"0000005 * * * *", "the minute"},
        {"* * L * *", "the day of month 'L'"},
        {"@reboot", "isn't one of those that begin with '@'"},
        {"@daily 5", "isn't one of those that begin with '@'"},
        {"0 0 30 2 *", "a date that never comes"},
        {"0 0 31 4,6,9,11 *", "a date that never comes"},
    };
    for (const auto& [expression, why] : rows)
        EXPECT_THAT(message(expression), HasSubstr(why)) << expression;
    EXPECT_THAT(message("@daily", in("Mars/Olympus_Mons")), HasSubstr("no time zone"));
    EXPECT_THAT(message("@daily", in("../../etc/passwd")), HasSubstr("no time zone"));
}

TEST(CronSchedule, EndsWithTheCalendar) {
    const CronSchedule schedule{"@daily"};
    EXPECT_FALSE(schedule.next(CronSchedule::Time{std::chrono::seconds::max()}));
    EXPECT_FALSE(schedule.next(CronSchedule::Time{std::chrono::seconds::min()}));
    EXPECT_TRUE(schedule.preview(utc("9999-12-31 00:00"), 5).size() <= 1);
}

// --- in workers -------------------------------------------------------------------------------

class CronJobs : public ::testing::Test {
  protected:
    Folder folder;
    Jobs jobs{sqlite_jobs(folder.file("jobs.db"))};
    Notes<std::string> notes;
};

TEST_F(CronJobs, RunOnceWhateverTheNumberOfWorkers) {
    const CronSchedule each_second{"* * * * * *"};
    JobCronOptions options;
    options.overlap = true;
    std::vector<std::unique_ptr<JobWorker>> workers(3);
    for (auto& worker : workers) {
        worker = std::make_unique<JobWorker>(Jobs{sqlite_jobs(folder.file("jobs.db"))}, quick());
        worker->on<Greet>(
            [this](const Greet&, const JobContext& job) { notes.add(job.id.to_string()); });
        worker->cron("greet", each_second, Greet{"cron"}, options);
    }
    const auto before = std::chrono::system_clock::now();
    for (auto& worker : workers)
        worker->start();
    EXPECT_TRUE(notes.reach(2));
    for (auto& worker : workers)
        worker->stop();
    workers.clear();
    // As many as seconds that began meanwhile, not three times as many.
    const auto passed = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) -
                        std::chrono::floor<std::chrono::seconds>(before);
    EXPECT_LE(notes.all().size(), static_cast<std::size_t>(passed.count()));
}

TEST_F(CronJobs, WaitForTheirLastRunUnlessTheyMayOverlap) {
    JobWorker worker{jobs, quick()};
    std::atomic<bool> may_end = false;
    worker.on<Greet>([&](const Greet& greet) -> Task<> {
        notes.add(greet.name);
        while (!may_end)
            co_await sleep_for(Duration::milliseconds(5));
    });
    worker.on<Count>([this](const Count&) { notes.add("overlaps"); });
    const CronSchedule each_second{"* * * * * *"};
    worker.cron("alone", each_second, Greet{"alone"});
    JobCronOptions options;
    options.overlap = true;
    worker.cron("overlaps", each_second, Count{1}, options);
    worker.start();
    EXPECT_TRUE(notes.reach(3)); // "alone" once, and "overlaps" each second
    const auto seen = notes.all();
    EXPECT_EQ(std::count(seen.begin(), seen.end(), "alone"), 1);
    may_end = true;
    EXPECT_TRUE(eventually([this] {
        const auto now = notes.all();
        return std::count(now.begin(), now.end(), "alone") == 2;
    }));
}

TEST_F(CronJobs, ComeLaterByChance) {
    JobWorker worker{jobs, quick()};
    JobCronOptions options;
    options.jitter = Duration::seconds(100'000);
    worker.cron("late", CronSchedule{"* * * * * *"}, Count{1}, options);
    worker.start();
    EXPECT_TRUE(eventually([this] { return await(jobs.counts()).waiting == 1; }));
}

TEST_F(CronJobs, RefuseTheSameNameTwice) {
    JobWorker worker{jobs};
    worker.cron("a", CronSchedule{"@daily"}, Count{1});
    EXPECT_THROW(worker.cron("a", CronSchedule{"@daily"}, Count{1}), std::invalid_argument);
    EXPECT_THROW(worker.cron("", CronSchedule{"@daily"}, Count{1}), std::invalid_argument);
}

} // namespace
} // namespace job_tests
