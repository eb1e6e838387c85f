#include "config/files.hpp"

#include <armature/config/config.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace armature::config {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

/// Command-line arguments as `main` gets them.
class Arguments {
  public:
    explicit Arguments(std::vector<std::string> texts) : texts_(std::move(texts)) {
        pointers_.push_back("program");
        for (const std::string& text : texts_)
            pointers_.push_back(text.c_str());
    }
    [[nodiscard]] int count() const { return static_cast<int>(pointers_.size()); }
    [[nodiscard]] const char* const* values() const { return pointers_.data(); }

  private:
    std::vector<std::string> texts_;
    std::vector<const char*> pointers_;
};

/// Sets a variable for the time of a test.
class Variable {
  public:
    Variable(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
    ~Variable() { ::unsetenv(name_); }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;

  private:
    const char* name_;
};

template <class Settings, class Bind>
std::vector<std::string> faults_of(Loader& loader, const Bind& bind) {
    try {
        (void)loader.load<Settings>(bind);
    } catch (const ConfigError& error) {
        return error.faults();
    }
    return {};
}

/// Reads one value of type T from the text of a TOML file, a JSON file or a variable.
template <class T, class... Checks>
T from_file(std::string_view name, std::string_view text, const Checks&... checks) {
    Folder folder;
    Loader loader;
    loader.file(folder.write(name, text));
    return loader.load<T>(
        [&](Reader& reader, T& value) { reader.required("key", value, checks...); });
}
template <class T>
T from_toml(const std::string& value) {
    return from_file<T>("a.toml", "key = " + value);
}
template <class T>
T from_json(const std::string& value) {
    return from_file<T>("a.json", "{\"key\": " + value + "}");
}
template <class T, class... Checks>
T from_variable(const char* value, const Checks&... checks) {
    const Variable variable("APP_KEY", value);
    Loader loader;
    loader.environment("APP");
    return loader.load<T>([&](Reader& reader, T& out) { reader.required("key", out, checks...); });
}
template <class Call>
std::string complaint_of(const Call& call) {
    try {
        call();
    } catch (const ConfigError& error) {
        EXPECT_THAT(error.faults(), SizeIs(1));
        return error.faults().at(0);
    }
    return "no fault";
}

TEST(Precedence, LaterSourcesWin) {
    Folder folder;
    const std::string base = folder.write("base.toml", "[database]\nhost = 'base'\n");
    const std::string local = folder.write("local.json", R"({"database": {"host": "local"}})");
    const std::string dotenv = folder.write(".env", "APP_DATABASE_HOST=dotenv\n");
    const Arguments arguments({"--database.host=flag"});
    // Bit n of `mask` switches source n on; the highest one that is on must win.
    const std::vector<std::string> winners{"base", "local", "dotenv", "environment", "flag"};
    for (unsigned mask = 0; mask < 32; ++mask) {
        std::string expected = "code";
        for (std::size_t bit = 0; bit < winners.size(); ++bit) {
            if ((mask >> bit & 1U) != 0) expected = winners[bit];
        }
        Loader loader;
        loader.environment("APP");
        if ((mask & 1U) != 0) loader.file(base);
        if ((mask & 2U) != 0) loader.file(local);
        if ((mask & 4U) != 0) loader.dotenv(dotenv);
        std::optional<Variable> variable;
        if ((mask & 8U) != 0) variable.emplace("APP_DATABASE_HOST", "environment");
        if ((mask & 16U) != 0) loader.arguments(arguments.count(), arguments.values());
        const auto host = loader.load<std::string>([](Reader& reader, std::string& value) {
            value = "code";
            reader.read("database.host", value);
        });
        EXPECT_EQ(host, expected) << mask;
    }
}

TEST(Settings, AreListedWithTheirOrigins) {
    struct Listed {
        std::string host = "localhost";
        int port = 1;
        std::optional<bool> fast;
        Milliseconds patience{1500};
        std::vector<ByteCount> sizes{{1024}, {7}};
        double ratio = 0.5;
        SecretString token{std::string{"hunter2"}};
        SecretString key;
    };
    Folder folder;
    const std::string file = folder.write("a.toml", "# port\nport = 80\n");
    const std::string dotenv = folder.write(".env", "APP_FAST=true\n");
    const Arguments arguments({"--ratio=0.25"});
    Loader loader;
    loader.file(file).dotenv(dotenv).environment("APP").arguments(arguments.count(),
                                                                  arguments.values());
    for (int turn = 0; turn < 2; ++turn) // a second load lists anew
        (void)loader.load<Listed>([](Reader& reader, Listed& settings) {
            reader.read("host", settings.host);
            reader.read("port", settings.port);
            reader.read("fast", settings.fast);
            reader.read("patience", settings.patience);
            reader.read("sizes", settings.sizes);
            reader.read("ratio", settings.ratio);
            reader.read("token", settings.token);
            reader.read("key", settings.key);
        });
    std::vector<std::string> lines;
    for (const Setting& setting : loader.settings())
        lines.push_back(setting.key + '=' + setting.value + ' ' + setting.origin);
    EXPECT_THAT(lines, ElementsAre("host=localhost default", "port=80 " + file + ":2",
                                   "fast=true " + dotenv + ":1", "patience=1500ms default",
                                   "sizes=1KiB,7B default", "ratio=0.25 --ratio",
                                   "token=[redacted] default", "key= default"));
    EXPECT_EQ(loader.settings()[0].variable, "APP_HOST");
}

TEST(Precedence, TheEnvironmentIsReadOnlyWhenAskedFor) {
    const Variable variable("KEY", "set");
    Loader without;
    Loader with;
    with.environment("");
    const auto bind = [](Reader& reader, std::string& value) { reader.read("key", value); };
    EXPECT_EQ(without.load<std::string>(bind), "");
    EXPECT_EQ(with.load<std::string>(bind), "set");
}

TEST(Precedence, AnEmptyVariableIsAValue) {
    EXPECT_EQ(from_variable<std::string>(""), "");
    EXPECT_THROW((void)from_variable<int>(""), ConfigError);
}

TEST(Values, KeepTheirTypeInFiles) {
    EXPECT_EQ(from_toml<std::string>("'text'"), "text");
    EXPECT_EQ(from_toml<int>("-5"), -5);
    EXPECT_EQ(from_toml<std::uint16_t>("0xFF"), 255);
    EXPECT_EQ(from_toml<double>("0.5"), 0.5);
    EXPECT_EQ(from_toml<double>("5"), 5.0);
    EXPECT_EQ(from_toml<bool>("true"), true);
    EXPECT_EQ(from_json<std::string>("\"text\""), "text");
    EXPECT_EQ(from_json<std::uint64_t>("18446744073709551615"),
              std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(from_json<float>("2.5"), 2.5F);
    EXPECT_EQ(from_json<bool>("false"), false);
}

TEST(Values, OfTheWrongTypeAreRefusedWithTheRemedy) {
    EXPECT_THAT(complaint_of([] { (void)from_toml<int>("'5'"); }),
                EndsWith("a.toml:1: key: \"5\" is a string; write the number without quotes"));
    EXPECT_THAT(complaint_of([] { (void)from_toml<std::string>("1.10"); }),
                EndsWith("key: \"1.1\" is not a string; put it in quotes"));
    EXPECT_THAT(complaint_of([] { (void)from_json<int>("1.5"); }),
                EndsWith("\"1.5\" is not a whole number; write digits only, for example 8080"));
    EXPECT_THAT(complaint_of([] { (void)from_json<bool>("1"); }),
                EndsWith("\"1\" is not a truth value; write true or false"));
    EXPECT_THAT(complaint_of([] { (void)from_json<bool>("\"true\""); }),
                EndsWith("is a string; write true or false without quotes"));
    EXPECT_THAT(complaint_of([] { (void)from_json<int>("[1]"); }),
                EndsWith("key: the list is not a whole number; write digits only, for example "
                         "8080"));
}

TEST(Values, AreParsedFromTextInTheEnvironment) {
    EXPECT_EQ(from_variable<int>("-5"), -5);
    EXPECT_EQ(from_variable<double>("1e3"), 1000.0);
    EXPECT_EQ(from_variable<bool>("1"), true);
    EXPECT_EQ(from_variable<bool>("false"), false);
    for (const char* bad : {"", " 5", "5 ", "+5", "0x5", "5.0", "five"}) {
        EXPECT_THROW((void)from_variable<int>(bad), ConfigError) << bad;
    }
    for (const char* bad : {"", "yes", "TRUE", "2"}) {
        EXPECT_THROW((void)from_variable<bool>(bad), ConfigError) << bad;
    }
    for (const char* bad : {"", "nan", "inf", "1e999", "1,5"}) {
        EXPECT_THROW((void)from_variable<double>(bad), ConfigError) << bad;
    }
}

TEST(Values, OutsideTheirTypeAreRefusedWithItsBounds) {
    EXPECT_EQ(from_variable<std::uint8_t>("255"), 255);
    EXPECT_EQ(from_variable<std::int8_t>("-128"), -128);
    EXPECT_THAT(complaint_of([] { (void)from_variable<std::uint8_t>("256"); }),
                "APP_KEY: key: \"256\" is out of range; use 0 to 255");
    EXPECT_THAT(complaint_of([] { (void)from_variable<std::uint16_t>("-1"); }),
                EndsWith("\"-1\" is out of range; use 0 to 65535"));
    EXPECT_THAT(complaint_of([] { (void)from_variable<std::int64_t>("9223372036854775808"); }),
                EndsWith("use -9223372036854775808 to 9223372036854775807"));
}

TEST(Values, MayBeOptional) {
    struct Settings {
        std::optional<int> given;
        std::optional<int> absent;
    };
    const Variable variable("APP_GIVEN", "5");
    Loader loader;
    loader.environment("APP");
    const auto settings = loader.load<Settings>([](Reader& reader, Settings& s) {
        reader.read("given", s.given);
        reader.read("absent", s.absent);
    });
    EXPECT_EQ(settings.given, 5);
    EXPECT_EQ(settings.absent, std::nullopt);
}

TEST(Values, MayBeLists) {
    using Numbers = std::vector<int>;
    using Texts = std::vector<std::string>;
    EXPECT_THAT(from_toml<Numbers>("[1, 2]"), ElementsAre(1, 2));
    EXPECT_THAT(from_json<Texts>(R"(["a,b", "c"])"), ElementsAre("a,b", "c"));
    EXPECT_THAT(from_toml<Texts>("'a,b'"), ElementsAre("a,b"));
    EXPECT_THAT(from_variable<Texts>("a, b ,c"), ElementsAre("a", "b", "c"));
    EXPECT_THAT(from_variable<Texts>(""), ElementsAre());
    EXPECT_THAT(from_variable<Texts>("a,"), ElementsAre("a", ""));
    EXPECT_THAT(complaint_of([] { (void)from_variable<Numbers>("1,x"); }),
                "APP_KEY: key: \"1,x\" has a bad item 2, which is not a whole number; write "
                "digits only, for example 8080");
}

TEST(Durations, AreAWholeNumberAndAUnit) {
    EXPECT_EQ(from_variable<Milliseconds>("250ms").count, 250);
    EXPECT_EQ(from_toml<Milliseconds>("'30s'").count, 30'000);
    EXPECT_EQ(from_json<Milliseconds>("\"5m\"").count, 300'000);
    EXPECT_EQ(from_variable<Milliseconds>("2h").count, 7'200'000);
    EXPECT_EQ(from_variable<Milliseconds>("1d").count, 86'400'000);
    for (const char* bad : {"", "30", "0", "-1s", "1.5s", "s", "30 s", "1y", "1s2ms",
                            "9223372036854775807s", "99999999999999999999ms"}) {
        EXPECT_THAT(complaint_of([&] { (void)from_variable<Milliseconds>(bad); }),
                    EndsWith("is not a duration; write a whole number and its unit: 250ms, 30s, "
                             "5m, 2h or 1d"))
            << bad;
    }
    EXPECT_THROW((void)from_toml<Milliseconds>("30"), ConfigError);
}

TEST(Sizes, AreAWholeNumberWithAnOptionalUnit) {
    EXPECT_EQ(from_variable<ByteCount>("4096").count, 4096U);
    EXPECT_EQ(from_toml<ByteCount>("4096").count, 4096U);
    EXPECT_EQ(from_variable<ByteCount>("512B").count, 512U);
    EXPECT_EQ(from_variable<ByteCount>("10kB").count, 10'000U);
    EXPECT_EQ(from_variable<ByteCount>("10MB").count, 10'000'000U);
    EXPECT_EQ(from_variable<ByteCount>("10mb").count, 10'000'000U);
    EXPECT_EQ(from_variable<ByteCount>("1GB").count, 1'000'000'000U);
    EXPECT_EQ(from_variable<ByteCount>("16KiB").count, 16'384U);
    EXPECT_EQ(from_variable<ByteCount>("2MiB").count, 2'097'152U);
    EXPECT_EQ(from_variable<ByteCount>("1GiB").count, 1'073'741'824U);
    for (const char* bad : {"", "-1", "1.5MB", "MB", "10 MB", "10TB", "18446744073709551615kB"}) {
        EXPECT_THAT(complaint_of([&] { (void)from_variable<ByteCount>(bad); }),
                    HasSubstr("is not a size; write"))
            << bad;
    }
}

TEST(Checks, InRangeIncludesItsBoundsAndNamesThem) {
    EXPECT_EQ(from_variable<int>("1", in_range(1, 65535)), 1);
    EXPECT_EQ(from_variable<std::uint16_t>("65535", in_range(1, 65535)), 65535);
    EXPECT_THAT(complaint_of([] { (void)from_variable<int>("0", in_range(1, 65535)); }),
                "APP_KEY: key: \"0\" is out of range; use 1 to 65535");
    EXPECT_THAT(complaint_of([] { (void)from_variable<unsigned>("0", in_range(-1, -1)); }),
                EndsWith("use -1 to -1"));
    EXPECT_THAT(complaint_of([] { (void)from_variable<double>("2", in_range(0.0, 1.5)); }),
                EndsWith("use 0 to 1.5"));
    const auto duration = in_range(Milliseconds{500}, Milliseconds{120'000});
    EXPECT_EQ(from_variable<Milliseconds>("2m", duration).count, 120'000);
    EXPECT_THAT(complaint_of([&] { (void)from_variable<Milliseconds>("3m", duration); }),
                EndsWith("use 500ms to 2m"));
    const auto size = in_range(ByteCount{0}, ByteCount{2 << 20});
    EXPECT_THAT(complaint_of([&] { (void)from_variable<ByteCount>("1GiB", size); }),
                EndsWith("use 0B to 2MiB"));
}

TEST(Checks, OneOfNamesWhatIsAllowed) {
    EXPECT_EQ(from_variable<std::string>("b", one_of({"a", "b", "c"})), "b");
    EXPECT_THAT(
        complaint_of([] { (void)from_variable<std::string>("B", one_of({"a", "b", "c"})); }),
        EndsWith("\"B\" is not allowed; use a, b or c"));
}

TEST(Checks, NotEmptyAndHttpUrl) {
    EXPECT_THROW((void)from_variable<std::string>("", not_empty()), ConfigError);
    EXPECT_THROW((void)from_variable<std::vector<int>>("", not_empty()), ConfigError);
    EXPECT_THROW((void)from_variable<SecretString>("", not_empty()), ConfigError);
    for (const char* good : {"http://a", "HTTPS://example.com:8443/x?y#z", "http://[::1]/"}) {
        EXPECT_EQ(from_variable<std::string>(good, http_url()), good);
    }
    for (const char* bad : {"", "a", "ftp://a", "http://", "http:///x", "http://a b", "https:/a"}) {
        EXPECT_THROW((void)from_variable<std::string>(bad, http_url()), ConfigError) << bad;
    }
}

TEST(Checks, MayBeTheProgramsOwnAndRunInOrder) {
    const auto even = [](int value) -> std::string {
        return value % 2 == 0 ? "" : "is odd; use an even number";
    };
    EXPECT_EQ(from_variable<int>("4", in_range(0, 9), even), 4);
    EXPECT_THAT(complaint_of([&] { (void)from_variable<int>("5", in_range(0, 9), even); }),
                EndsWith("\"5\" is odd; use an even number"));
    EXPECT_THAT(complaint_of([&] { (void)from_variable<int>("11", in_range(0, 9), even); }),
                EndsWith("use 0 to 9"));
}

struct Server {
    std::string host = "127.0.0.1";
    std::uint16_t port = 8080;
    Milliseconds timeout{30'000};
    SecretString token;
};
void bind_server(Reader& reader, Server& server) {
    reader.read("host", server.host, not_empty());
    reader.read("port", server.port, in_range(1, 65535));
    reader.read("timeout", server.timeout);
    reader.required("token", server.token, not_empty());
}

TEST(Faults, AreReportedAllAtOnceEachWithItsSource) {
    Folder folder;
    const std::string file = folder.write("app.toml", "# server\nhost = 5\nprot = 1\n");
    const std::string dotenv = folder.write(".env", "APP_TIMEOUT=soon\nAPP_TOKN=x\nOTHER=1\n");
    const Variable variable("APP_PORT", "70000");
    const Arguments arguments({"file.txt", "--tokken=x", "--verbose", "--", "--ignored=1"});
    Loader loader;
    loader.file(file).dotenv(dotenv).environment("APP").arguments(arguments.count(),
                                                                  arguments.values());
    EXPECT_THAT(
        faults_of<Server>(loader, bind_server),
        ElementsAre("command line: \"--verbose\" has no value; write --key=value",
                    file + ":2: host: \"5\" is not a string; put it in quotes",
                    "APP_PORT: port: \"70000\" is out of range; use 0 to 65535",
                    dotenv + ":1: timeout: \"soon\" is not a duration; write a whole number and "
                             "its unit: 250ms, 30s, 5m, 2h or 1d",
                    file + ":3: unknown key \"prot\"; did you mean \"port\"?",
                    "--tokken: unknown key \"tokken\"; did you mean \"token\"?",
                    dotenv + ":2: unknown variable \"APP_TOKN\"; did you mean \"APP_TOKEN\"?"));
}

TEST(Faults, NameEveryWayToSetAMissingValue) {
    Folder folder;
    const std::string file = folder.write("app.json", "{}");
    Loader loader;
    loader.file(file).environment("APP").arguments(0, nullptr);
    EXPECT_THAT(faults_of<Server>(loader, bind_server),
                ElementsAre("token: required, but not set; set APP_TOKEN or token in " + file));
    EXPECT_THAT(
        faults_of<int>(loader, [](Reader& reader, int& value) { reader.required("a.b", value); }),
        ElementsAre("a.b: required, but not set; set APP_A_B or a.b in " + file + " or --a.b=…"));
}

TEST(Faults, AreOneLineEachInWhat) {
    const ConfigError error({"first", "second"});
    EXPECT_STREQ(error.what(), "first\nsecond");
}

TEST(Faults, ShowOnlyPrintableTextAndNotTooMuchOfIt) {
    const std::string text = "a\nb\x1b" + std::string(100, 'x');
    EXPECT_THAT(complaint_of([&] { (void)from_variable<int>(text.c_str()); }),
                StartsWith("APP_KEY: key: \"a?b?" + std::string(56, 'x') + "…\" is not"));
}

TEST(Faults, OfAKeyTheProgramMisnamedAreTheProgramsOwn) {
    Loader loader;
    loader.environment("APP");
    const auto read = [&](std::vector<std::string> keys) {
        (void)loader.load<int>([&](Reader& reader, int& value) {
            for (const std::string& key : keys)
                reader.read(key, value);
        });
    };
    for (const char* bad : {"", ".a", "a.", "a..b", "A", "a-b", "a b"}) {
        EXPECT_THROW(read({bad}), std::invalid_argument) << bad;
    }
    EXPECT_THROW(read({"a.b", "a_b"}), std::invalid_argument);
    EXPECT_NO_THROW(read({"a.b", "a.b"}));
}

TEST(Secrets, AreReadFromEverySourceButTheCommandLine) {
    Folder folder;
    EXPECT_EQ(from_toml<SecretString>("'hunter2'").expose(), "hunter2");
    EXPECT_EQ(from_json<SecretString>("\"hunter2\"").expose(), "hunter2");
    EXPECT_EQ(from_variable<SecretString>("hunter2").expose(), "hunter2");
    const Arguments arguments({"--token=hunter2"});
    Loader loader;
    loader.environment("APP").arguments(arguments.count(), arguments.values());
    EXPECT_THAT(faults_of<Server>(loader, bind_server),
                ElementsAre("--token: a secret on the command line can be read by every user of "
                            "the machine; set APP_TOKEN"));
}

TEST(Secrets, NeverAppearInFaults) {
    const auto refuse = [](const SecretString&) -> std::string { return "is too weak"; };
    EXPECT_EQ(complaint_of([&] { (void)from_variable<SecretString>("hunter2", refuse); }),
              "APP_KEY: key: [redacted] is too weak");
    EXPECT_THAT(complaint_of([] { (void)from_toml<SecretString>("12345678"); }),
                EndsWith("key: [redacted] is not a string; put it in quotes"));
    EXPECT_THAT(complaint_of([] { (void)from_json<std::vector<SecretString>>("[1234567]"); }),
                Not(HasSubstr("1234567")));
    // A file that doesn't parse: whatever is quoted there may be a secret.
    for (const char* text :
         {"key = 'hunter2", "key = hunter2", "key = 'a' 'hunter2'", "key = 'hunter2'\nkey = 'b'",
          "key = hunter2hunter2.hunter2", "key = 99999999999999999999999", "'hunter2' 'hunter2'",
          "key = [ 'hunter2'", "key = { a = 'hunter2' hunter2", "key = \"hunter2\\q\"",
          "key = 2020-99-99", "key = 0xhunter2", "key = truehunter2"}) {
        const std::string fault =
            complaint_of([&] { (void)from_file<SecretString>("a.toml", text); });
        EXPECT_THAT(fault, HasSubstr("a.toml:")) << text;
        EXPECT_THAT(fault, Not(HasSubstr("hunter"))) << text;
        EXPECT_THAT(fault, Not(HasSubstr("9999"))) << text;
    }
    for (const char* text :
         {R"({"key": "hunter2)", R"({"key": hunter2})", R"({"key": "hunter2\q"})",
          R"({"key": "hunter2" "hunter2"})", R"(["hunter2"])", R"("hunter2")",
          R"({"key": ["hunter2", ["hunter2"]]})", R"({"key": "hunter2"} x)"}) {
        const std::string fault =
            complaint_of([&] { (void)from_file<SecretString>("a.json", text); });
        EXPECT_THAT(fault, HasSubstr("a.json:1: ")) << text;
        EXPECT_THAT(fault, Not(HasSubstr("hunter"))) << text;
    }
}

TEST(Files, ReportTheLineOfAKeyInJson) {
    Folder folder;
    const std::string path = folder.write("a.json", "{\n  \"a\": 1,\n  \"b\": {\n    \"c\": 2\n"
                                                    "  },\n  \"d\": [\n 1\n]\n}\n");
    Loader loader;
    loader.file(path);
    EXPECT_THAT(faults_of<int>(loader, [](Reader&, int&) {}),
                ElementsAre(path + ":2: unknown key \"a\"; remove it",
                            path + ":4: unknown key \"b.c\"; remove it",
                            path + ":6: unknown key \"d\"; remove it"));
}

TEST(Files, RefuseWhatTheyCannotHold) {
    EXPECT_THAT(complaint_of([] { (void)from_json<int>("null"); }),
                EndsWith("a.json:1: key: null is not supported; leave the key out"));
    EXPECT_THAT(complaint_of([] { (void)from_json<int>("[{}]"); }),
                EndsWith("lists of objects or lists are not supported; use a list of strings or "
                         "numbers"));
    EXPECT_THAT(complaint_of([] { (void)from_toml<int>("[[1]]"); }), HasSubstr("not supported"));
    EXPECT_THAT(complaint_of([] { (void)from_toml<int>("2020-01-01"); }),
                HasSubstr("dates and lists of tables or lists are not supported"));
    EXPECT_THAT(complaint_of([] { (void)from_file<int>("a.json", R"({"key":1,"key":2})"); }),
                HasSubstr("\"key\" is given twice"));
    EXPECT_THAT(complaint_of([] { (void)from_file<int>("a.yaml", "key: 1"); }),
                EndsWith("a.yaml: unknown format; name the file .toml or .json"));
    EXPECT_THAT(complaint_of([] { (void)from_file<int>("a.json", ""); }), HasSubstr("not valid"));
    EXPECT_THAT(complaint_of([] { (void)from_file<int>("a.json", std::string(1100000, ' ')); }),
                EndsWith("is larger than 1 MiB; correct the path"));
}

TEST(Files, MayBeAbsentOnlyIfTheyAreOptional) {
    const Folder folder;
    const auto bind = [](Reader&, int&) {};
    Loader optional;
    optional.file(folder.path("a.toml"), Presence::optional);
    EXPECT_THAT(faults_of<int>(optional, bind), SizeIs(0));
    Loader required;
    required.file(folder.path("a.toml"));
    EXPECT_THAT(faults_of<int>(required, bind),
                ElementsAre(folder.path("a.toml") + ": can't be read: No such file or directory; "
                                                    "correct the path or its permissions"));
}

TEST(CommandLine, GivesEachKeyOnceAndMayHoldEqualsSigns) {
    const Arguments arguments({"--key=a=b"});
    Loader loader;
    loader.arguments(arguments.count(), arguments.values());
    const auto bind = [](Reader& reader, std::string& value) { reader.read("key", value); };
    EXPECT_EQ(loader.load<std::string>(bind), "a=b");
    const Arguments twice({"--key=a", "--key=b"});
    loader.arguments(twice.count(), twice.values());
    EXPECT_THAT(faults_of<std::string>(loader, bind),
                ElementsAre("--key: \"key\" is given twice, first at --key; remove one"));
}

TEST(LoadOrExit, PrintsEveryFaultAndExitsWithTwo) {
    EXPECT_EXIT(
        {
            Loader loader;
            loader.environment("APP");
            (void)loader.load_or_exit<Server>(bind_server);
        },
        testing::ExitedWithCode(2), "token: required, but not set; set APP_TOKEN\n");
}

TEST(LoadOrExit, ReturnsWhatLoadReturns) {
    const Variable variable("APP_TOKEN", "hunter2");
    Loader loader;
    loader.environment("APP");
    EXPECT_EQ(loader.load_or_exit<Server>(bind_server).port, 8080);
}

} // namespace
} // namespace armature::config
