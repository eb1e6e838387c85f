#include <armature/core/http_date.hpp>

#include <gtest/gtest.h>

#include <ctime>
#include <limits>
#include <string>

namespace armature {
namespace {

std::string written(std::int64_t seconds) {
    char text[http_date_size];
    write_http_date(seconds, text);
    return {text, http_date_size};
}

// RFC 9110 §5.6.7 gives these three spellings of one instant.
constexpr std::int64_t example = 784111777;

TEST(HttpDate, WritesTheExampleOfTheRfc) {
    EXPECT_EQ(written(example), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(HttpDate, ReadsAllThreeForms) {
    EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), example);
    EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT"), example);
    EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994"), example);
    EXPECT_EQ(parse_http_date("Wed Nov 16 08:49:37 1994"), example + 10 * 86400);
}

TEST(HttpDate, WritesCornersOfTheCalendar) {
    EXPECT_EQ(written(0), "Thu, 01 Jan 1970 00:00:00 GMT");
    EXPECT_EQ(written(-1), "Wed, 31 Dec 1969 23:59:59 GMT");
    EXPECT_EQ(written(951782400), "Tue, 29 Feb 2000 00:00:00 GMT");
    EXPECT_EQ(written(4107542400), "Mon, 01 Mar 2100 00:00:00 GMT");
    EXPECT_EQ(written(std::numeric_limits<std::int64_t>::max()), "Fri, 31 Dec 9999 23:59:59 GMT");
    EXPECT_EQ(written(std::numeric_limits<std::int64_t>::min()).substr(5, 11), "01 Jan 0000");
}

TEST(HttpDate, AgreesWithTheSystemsCalendar) {
    for (std::int64_t seconds = -62135596800; seconds < 253402300800;
         seconds += 86400 * 97 + 4711) {
        const auto time = static_cast<std::time_t>(seconds);
        std::tm parts{};
        gmtime_r(&time, &parts);
        char expected[64];
        std::strftime(expected, sizeof expected, "%a, %d %b %Y %H:%M:%S GMT", &parts);
        // strftime may write a year below 1000 with fewer digits.
        if (parts.tm_year + 1900 >= 1000) {
            EXPECT_EQ(written(seconds), expected);
        }
        EXPECT_EQ(parse_http_date(written(seconds)), seconds);
    }
}

TEST(HttpDate, TakesTwoDigitYearsForThePastIfTooFarAhead) {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    const int year = parts.tm_year + 1900;
    const auto year_of = [](int two_digits) {
        std::string text = "Monday, 15-Jun-00 00:00:00 GMT";
        text[15] = static_cast<char>('0' + two_digits / 10);
        text[16] = static_cast<char>('0' + two_digits % 10);
        const auto seconds = parse_http_date(text);
        return seconds ? std::stoi(written(*seconds).substr(12, 4)) : 0;
    };
    EXPECT_EQ(year_of(year % 100), year);
    EXPECT_EQ(year_of((year + 49) % 100), year + 49);
    EXPECT_EQ(year_of((year + 52) % 100), year - 48);
}

TEST(HttpDate, AcceptsALeapSecond) {
    EXPECT_EQ(parse_http_date("Sat, 31 Dec 2016 23:59:60 GMT"),
              parse_http_date("Sun, 01 Jan 2017 00:00:00 GMT"));
}

TEST(HttpDate, RefusesWhatIsNoDate) {
    for (const char* bad : {"",
                            "0",
                            "Sun",
                            "Sun,",
                            "Sun, 06 Nov 1994 08:49:37",
                            "Sun, 06 Nov 1994 08:49:37 UTC",
                            "Sun, 06 Nov 1994 08:49:37 GMT ",
                            "Sun, 6 Nov 1994 08:49:37 GMT",
                            "Sun, 31 Nov 1994 08:49:37 GMT",
                            "Sun, 00 Nov 1994 08:49:37 GMT",
                            "Sun, 29 Feb 1900 08:49:37 GMT",
                            "Sun, 06 Nov 1994 24:00:00 GMT",
                            "Sun, 06 Nov 1994 08:60:00 GMT",
                            "Sun, 06 Nov 1994 08:00:61 GMT",
                            "Xxx, 06 Nov 1994 08:49:37 GMT",
                            "Sun, 06 Xxx 1994 08:49:37 GMT",
                            "sun, 06 nov 1994 08:49:37 gmt",
                            "Sunday, 06-Nov-1994 08:49:37 GMT",
                            "Someday, 06-Nov-94 08:49:37 GMT",
                            "Sun Nov 6 08:49:37 1994",
                            "Sun Nov  6 08:49:37 94",
                            "1994-11-06T08:49:37Z",
                            "Sun, 06 Nov +994 08:49:37 GMT"})
        EXPECT_EQ(parse_http_date(bad), std::nullopt) << bad;
}

} // namespace
} // namespace armature
