#include <armature/config/secret.hpp>
#include <armature/log/capture.hpp>
#include <armature/log/log.hpp>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <limits>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <type_traits>
#include <vector>

namespace armature::log {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::Pair;
using testing::SizeIs;

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::size_t begin = 0;
    for (std::size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
        lines.push_back(text.substr(begin, end - begin));
    }
    EXPECT_EQ(begin, text.size()) << "the last line has no line break";
    return lines;
}

/// A folder of the test's own, removed with it; no log settings from outside.
class Logging : public testing::Test {
  protected:
    Logging() {
        std::string name = testing::TempDir() + "armature-log-XXXXXX";
        folder_ = ::mkdtemp(name.data());
        file_ = folder_ + "/app.log";
        ::unsetenv("ARMATURE_LOG_LEVEL");
        ::unsetenv("ARMATURE_LOG_FORMAT");
        ::unsetenv("NO_COLOR");
    }
    ~Logging() override {
        shutdown();
        ::unlink(file_.c_str());
        ::rmdir(folder_.c_str());
    }

    void start_file(Format format, Level level = Level::trace) {
        configure({.level = level, .format = format, .file = file_});
    }
    [[nodiscard]] std::vector<std::string> written() const {
        EXPECT_TRUE(flush());
        std::ifstream in(file_);
        return lines_of({std::istreambuf_iterator<char>(in), {}});
    }
    [[nodiscard]] json only_record() const {
        const auto lines = written();
        EXPECT_THAT(lines, SizeIs(1));
        return json::parse(lines.at(0));
    }

    std::string folder_;
    std::string file_;
};

using JsonLog = Logging;
using PrettyLog = Logging;
using LogEnvironment = Logging;
using LogQueue = Logging;
using LogLifetime = Logging;

TEST_F(JsonLog, WritesOneObjectALineWithTimeLevelMessageAndFields) {
    start_file(Format::json);
    info("listening", {{"address", "127.0.0.1"}, {"port", 8080}});
    warn("slow");
    const auto lines = written();
    ASSERT_THAT(lines, SizeIs(2));
    const json first = json::parse(lines[0]);
    EXPECT_THAT(first["time"].get<std::string>(),
                MatchesRegex("20[0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]"
                             "\\.[0-9][0-9][0-9]Z"));
    EXPECT_EQ(first["level"], "info");
    EXPECT_EQ(first["message"], "listening");
    EXPECT_EQ(first["address"], "127.0.0.1");
    EXPECT_EQ(first["port"], 8080);
    EXPECT_EQ(json::parse(lines[1])["level"], "warn");
}

TEST_F(JsonLog, KeepsTheTypeOfEveryValue) {
    start_file(Format::json);
    info("types", {{"text", std::string("x")},
                   {"view", std::string_view("y")},
                   {"least", std::numeric_limits<std::int64_t>::min()},
                   {"most", std::numeric_limits<std::uint64_t>::max()},
                   {"half", 0.5},
                   {"yes", true},
                   {"nothing", static_cast<const char*>(nullptr)}});
    const json record = only_record();
    EXPECT_EQ(record["text"], "x");
    EXPECT_EQ(record["view"], "y");
    EXPECT_EQ(record["least"], std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(record["most"], std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(record["half"], 0.5);
    EXPECT_EQ(record["yes"], true);
    EXPECT_EQ(record["nothing"], "(null)");
}

TEST_F(JsonLog, WritesWhatJsonHasNoNumberForAsText) {
    start_file(Format::json);
    info("odd", {{"infinite", std::numeric_limits<double>::infinity()},
                 {"undefined", std::numeric_limits<double>::quiet_NaN()}});
    const json record = only_record();
    EXPECT_EQ(record["infinite"], "inf");
    EXPECT_EQ(record["undefined"], "nan");
}

TEST_F(JsonLog, CannotBeInjectedInto) {
    start_file(Format::json);
    const std::string attack =
        "x\"}\r\n{\"level\":\"critical\",\"message\":\"forged\"}\t\\\x01\x7f";
    info(attack, {{"agent", attack}, {attack, 1}});
    const json record = only_record();
    EXPECT_EQ(record["message"], attack);
    EXPECT_EQ(record["agent"], attack);
    EXPECT_EQ(record[attack], 1);
    EXPECT_EQ(record["level"], "info");
}

TEST_F(JsonLog, EscapesTerminalControlsBeyondAscii) {
    start_file(Format::json);
    info("c1", {{"csi", "\xC2\x9B"
                        "31m"},
                {"accent", "é"}});
    const auto lines = written();
    ASSERT_THAT(lines, SizeIs(1));
    EXPECT_THAT(lines[0], HasSubstr("\\u009b31m"));
    EXPECT_THAT(lines[0], HasSubstr("é"));
}

TEST_F(JsonLog, ReplacesWhatIsNotUtf8) {
    start_file(Format::json);
    for (const char* bad : {"\x80", "\xC3", "\xC0\xAF", "\xE0\x80\x80", "\xED\xA0\x80",
                            "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF8", "\xE2\x82"}) {
        info("bytes", {{"value", bad}});
    }
    for (const std::string& line : written()) {
        EXPECT_THAT(json::parse(line)["value"].get<std::string>(), HasSubstr("\xEF\xBF\xBD"));
    }
}

TEST_F(JsonLog, KeepsFieldsApartFromTheRecordsOwnNames) {
    start_file(Format::json);
    info("real", {{"level", "critical"}, {"message", "forged"}, {"time", "never"}});
    const json record = only_record();
    EXPECT_EQ(record["level"], "info");
    EXPECT_EQ(record["message"], "real");
    EXPECT_EQ(record["level_"], "critical");
    EXPECT_EQ(record["message_"], "forged");
    EXPECT_EQ(record["time_"], "never");
}

TEST_F(JsonLog, CutsVeryLongTexts) {
    start_file(Format::json);
    info("long", {{"body", std::string(max_text_bytes + 1, 'a')}});
    EXPECT_EQ(only_record()["body"], std::string(max_text_bytes, 'a') + "…");
}

TEST_F(JsonLog, LeavesOutRecordsBelowTheLevel) {
    start_file(Format::json, Level::warn);
    EXPECT_FALSE(enabled(Level::info));
    EXPECT_TRUE(enabled(Level::warn));
    trace("no");
    debug("no");
    info("no");
    warn("yes");
    error("yes");
    critical("yes");
    EXPECT_THAT(written(), SizeIs(3));
}

TEST_F(JsonLog, WritesNothingWhenOff) {
    start_file(Format::json, Level::off);
    critical("no");
    write(Level::off, "no");
    EXPECT_THAT(written(), SizeIs(0));
}

TEST_F(PrettyLog, WritesOneReadableLine) {
    start_file(Format::pretty);
    info("listening", {{"address", "::1"}, {"port", 8080}, {"note", "two words"}, {"empty", ""}});
    const auto lines = written();
    ASSERT_THAT(lines, SizeIs(1));
    EXPECT_EQ(lines[0].substr(24),
              " INFO  listening address=::1 port=8080 note=\"two words\" empty=\"\"");
}

TEST_F(PrettyLog, EscapesLineBreaksAndTerminalControls) {
    start_file(Format::pretty);
    error("a\nb", {{"value", "c\r\nd\x1b[31m"}});
    const auto lines = written();
    ASSERT_THAT(lines, SizeIs(1));
    EXPECT_EQ(lines[0].substr(24), " ERROR a\\nb value=c\\r\\nd\\u001b[31m");
}

TEST_F(PrettyLog, HasNoColourUnlessItsSinkIsATerminal) {
    start_file(Format::pretty);
    error("plain");
    EXPECT_THAT(written(), ElementsAre(Not(HasSubstr("\x1b"))));
}

/// A terminal that the test reads from the other side.
class Terminal {
  public:
    Terminal() : master_(::posix_openpt(O_RDWR | O_NOCTTY)) {
        EXPECT_EQ(::grantpt(master_), 0);
        EXPECT_EQ(::unlockpt(master_), 0);
    }
    ~Terminal() { ::close(master_); }
    [[nodiscard]] std::string path() const { return ::ptsname(master_); }
    [[nodiscard]] std::string read_line() const {
        std::string text;
        for (char c = 0; c != '\n' && ::read(master_, &c, 1) == 1;)
            text += c;
        return text;
    }

  private:
    int master_;
};

TEST_F(PrettyLog, IsColouredOnATerminal) {
    const Terminal terminal;
    configure({.format = Format::pretty, .file = terminal.path()});
    error("red");
    EXPECT_THAT(terminal.read_line(), HasSubstr("\x1b[31mERROR\x1b[0m red"));
}

TEST_F(PrettyLog, IsNotColouredWhenNoColorIsSet) {
    const Terminal terminal;
    ::setenv("NO_COLOR", "1", 1);
    configure({.format = Format::pretty, .file = terminal.path()});
    error("plain");
    EXPECT_THAT(terminal.read_line(), Not(HasSubstr("\x1b")));
}

TEST_F(LogEnvironment, WinsOverTheOptions) {
    ::setenv("ARMATURE_LOG_LEVEL", "error", 1);
    ::setenv("ARMATURE_LOG_FORMAT", "json", 1);
    start_file(Format::pretty, Level::trace);
    warn("no");
    error("yes");
    EXPECT_EQ(only_record()["message"], "yes");
}

TEST_F(LogEnvironment, RefusesABadLevelInOneLineThatNamesWhatIsAllowed) {
    ::setenv("ARMATURE_LOG_LEVEL", "verbose\n", 1);
    try {
        configure();
        FAIL() << "accepted";
    } catch (const std::invalid_argument& error) {
        EXPECT_STREQ(error.what(), "ARMATURE_LOG_LEVEL: \"verbose?\" is not allowed; use trace, "
                                   "debug, info, warn, error, critical or off");
    }
}

TEST_F(LogEnvironment, RefusesABadFormat) {
    ::setenv("ARMATURE_LOG_FORMAT", "xml", 1);
    try {
        configure();
        FAIL() << "accepted";
    } catch (const std::invalid_argument& error) {
        EXPECT_STREQ(error.what(),
                     "ARMATURE_LOG_FORMAT: \"xml\" is not allowed; use json or pretty");
    }
}

TEST_F(LogEnvironment, StopsTheStartEvenIfSomethingWasLoggedEarlier) {
    GTEST_FLAG_SET(death_test_style, "threadsafe"); // A fresh process: nothing configured.
    EXPECT_EXIT(
        {
            ::setenv("ARMATURE_LOG_FORMAT", "xml", 1);
            info("early");
            try {
                start();
            } catch (const std::invalid_argument&) {
                std::exit(2);
            }
        },
        testing::ExitedWithCode(2), "early");
}

TEST_F(LogEnvironment, StartKeepsWhatWasConfigured) {
    start_file(Format::json, Level::error);
    start();
    EXPECT_FALSE(enabled(Level::warn));
}

TEST_F(LogLifetime, RefusesAFileThatCannotBeOpenedAndLogsOn) {
    start_file(Format::json);
    EXPECT_THROW(configure({.file = folder_ + "/absent/app.log"}), std::system_error);
    EXPECT_THROW(configure({.queue_capacity = 0}), std::invalid_argument);
    info("still here");
    EXPECT_EQ(only_record()["message"], "still here");
}

TEST_F(LogLifetime, CreatesItsFileUnreadableToOthersAndAppends) {
    for (int i = 0; i < 2; ++i) {
        start_file(Format::json);
        info("again");
    }
    EXPECT_THAT(written(), SizeIs(2));
    struct stat status{};
    ASSERT_EQ(::stat(file_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0007U, 0U);
}

TEST_F(LogLifetime, ShutdownWritesWhatWaitsAndLaterRecordsStillArrive) {
    start_file(Format::json);
    for (int i = 0; i < 100; ++i)
        info("queued", {{"i", i}});
    shutdown();
    info("after");
    shutdown();
    std::ifstream in(file_);
    EXPECT_THAT(lines_of({std::istreambuf_iterator<char>(in), {}}), SizeIs(101));
}

TEST_F(LogLifetime, ExitWritesWhatWaits) {
    GTEST_FLAG_SET(death_test_style, "threadsafe"); // A fresh process: nothing configured.
    EXPECT_EXIT(
        {
            info("not configured", {{"n", 1}});
            info("last words");
            std::exit(0);
        },
        testing::ExitedWithCode(0), "not configured.*\n.*last words");
}

TEST_F(LogLifetime, AClosedPipeIsCountedAndDoesNotKillTheProcess) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const auto before = dropped();
    configure({.file = "/proc/self/fd/" + std::to_string(ends[1])});
    ::close(ends[0]);
    ::close(ends[1]);
    info("nobody listens");
    EXPECT_TRUE(flush());
    EXPECT_EQ(dropped(), before + 1);
}

TEST_F(LogQueue, DropsTheOldestAndCountsThemWithoutBlockingTheCaller) {
    // The pipe is full and nobody reads it until every record was logged, so the background thread
    // is stuck with its first one.
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    ASSERT_EQ(::fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
    const std::string filler(4096, '\n');
    while (::write(ends[1], filler.data(), filler.size()) > 0) {
    }
    const auto before = dropped();
    configure({.file = "/proc/self/fd/" + std::to_string(ends[1]), .queue_capacity = 64});
    ::close(ends[1]);
    constexpr std::uint64_t total = 2'000;
    for (std::uint64_t i = 0; i < total; ++i)
        info("burst", {{"i", i}});
    EXPECT_FALSE(flush(1)) << "the pipe should be full";

    std::string text;
    std::thread reader([&] {
        char buffer[4096];
        for (ssize_t n; (n = ::read(ends[0], buffer, sizeof buffer)) > 0;) {
            text.append(buffer, static_cast<std::size_t>(n));
        }
    });
    EXPECT_TRUE(flush());
    configure(); // Closes the write end, which ends the reader.
    reader.join();
    ::close(ends[0]);

    std::uint64_t arrived = 0;
    std::uint64_t reported = 0;
    std::uint64_t last = 0;
    for (const std::string& line : lines_of(text.substr(text.find_first_not_of('\n')))) {
        const json record = json::parse(line);
        if (record["message"] == "burst") {
            ++arrived;
            last = record["i"];
        } else {
            EXPECT_EQ(record["message"], "log records dropped");
            EXPECT_EQ(record["level"], "warn");
            reported += record["count"].get<std::uint64_t>();
        }
    }
    EXPECT_GT(reported, 0U);
    EXPECT_EQ(arrived + reported, total);
    EXPECT_EQ(dropped() - before, reported);
    EXPECT_EQ(last, total - 1) << "the newest record must survive";
}

TEST_F(LogQueue, KeepsEveryThreadsOrderAndTearsNoLine) {
    configure({.file = file_, .queue_capacity = 100'000});
    constexpr int threads = 4;
    constexpr int each = 1'000;
    std::vector<std::thread> pool;
    for (int t = 0; t < threads; ++t) {
        pool.emplace_back([t] {
            for (int i = 0; i < each; ++i)
                info("work", {{"thread", t}, {"i", i}});
        });
    }
    for (auto& thread : pool)
        thread.join();
    std::vector<int> next(threads, 0);
    for (const std::string& line : written()) {
        const json record = json::parse(line);
        EXPECT_EQ(record["i"], next[record["thread"].get<std::size_t>()]++);
    }
    EXPECT_THAT(next, testing::Each(each));
}

TEST_F(LogQueue, SurvivesReconfigurationWhileThreadsLog) {
    start_file(Format::json);
    const auto before = dropped();
    std::atomic<bool> done{false};
    std::atomic<std::uint64_t> logged{0};
    std::vector<std::thread> pool;
    for (int t = 0; t < 3; ++t) {
        pool.emplace_back([&] {
            while (!done) {
                info("work");
                ++logged;
            }
        });
    }
    for (int i = 0; i < 20; ++i)
        start_file(Format::json);
    while (logged < 100)
        std::this_thread::yield();
    done = true;
    for (auto& thread : pool)
        thread.join();
    shutdown();
    std::uint64_t arrived = 0;
    for (const std::string& line : written())
        arrived += json::parse(line)["message"] == "work";
    EXPECT_EQ(arrived + (dropped() - before), logged.load());
}

TEST(LogCapture, KeepsRecordsInMemory) {
    Capture capture(Level::debug);
    trace("no");
    debug("yes", {{"n", -1}, {"ok", false}});
    const auto records = capture.records();
    ASSERT_THAT(records, SizeIs(1));
    EXPECT_EQ(records[0].level, Level::debug);
    EXPECT_EQ(records[0].message, "yes");
    EXPECT_THAT(records[0].fields, ElementsAre(Pair("n", "-1"), Pair("ok", "false")));
    EXPECT_EQ(records[0].field("absent"), "");
    EXPECT_THROW(Capture{}, std::logic_error);
}

TEST(LogCapture, SeesEveryThread) {
    Capture capture;
    std::vector<std::thread> pool;
    for (int t = 0; t < 4; ++t) {
        pool.emplace_back([] {
            for (int i = 0; i < 100; ++i)
                info("work");
        });
    }
    for (auto& thread : pool)
        thread.join();
    EXPECT_THAT(capture.records(), SizeIs(400));
}

TEST(LogValue, RefusesSecretsPointersAndCharacters) {
    static_assert(!std::is_constructible_v<Value, SecretString>);
    static_assert(!std::is_constructible_v<Value, const Secret<int>&>);
    static_assert(!std::is_constructible_v<Value, void*>);
    static_assert(!std::is_constructible_v<Value, char>);
    static_assert(std::is_constructible_v<Value, std::string>);
}

TEST(LogNames, AreParsedBack) {
    for (const Level level : {Level::trace, Level::debug, Level::info, Level::warn, Level::error,
                              Level::critical, Level::off}) {
        EXPECT_EQ(parse_level(to_string(level)), level);
    }
    EXPECT_EQ(parse_level("INFO"), std::nullopt);
    EXPECT_EQ(parse_format("json"), Format::json);
    EXPECT_EQ(parse_format("pretty"), Format::pretty);
    EXPECT_EQ(parse_format(""), std::nullopt);
}

} // namespace
} // namespace armature::log
