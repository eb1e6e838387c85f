#include "config/files.hpp"

#include <armature/config/config.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace armature::config {
namespace {

using testing::ElementsAre;

/// Reads the key `value`, which is the variable VALUE.
std::string value_of(std::string_view text) {
    Folder folder;
    Loader loader;
    loader.dotenv(folder.write(".env", text), Presence::required);
    return loader.load<std::string>(
        [](Reader& reader, std::string& value) { reader.required("value", value); });
}

std::vector<std::string> faults_of(std::string_view text) {
    Folder folder;
    const std::string path = folder.write(".env", text);
    Loader loader;
    loader.dotenv(path, Presence::required);
    try {
        (void)loader.load<std::string>(
            [](Reader& reader, std::string& value) { reader.read("value", value); });
    } catch (const ConfigError& error) {
        std::vector<std::string> faults;
        for (const std::string& fault : error.faults()) {
            EXPECT_TRUE(fault.starts_with(path + ":")) << fault;
            faults.push_back(fault.substr(path.size() + 1));
        }
        return faults;
    }
    return {};
}

struct Example {
    std::string_view text;
    std::string_view value;
};

TEST(Dotenv, ReadsEveryFormOfAValue) {
    for (const auto& [text, value] : std::vector<Example>{
             {"VALUE=plain", "plain"},
             {"VALUE=", ""},
             {"VALUE= # only a comment", ""},
             {"VALUE=a#b", "a#b"},
             {"VALUE=a # comment", "a"},
             {"VALUE=a\t# comment", "a"},
             {"VALUE=a   ", "a"},
             {"VALUE=a=b", "a=b"},
             {"VALUE=a\r\n", "a"},
             {"\xEF\xBB\xBFVALUE=a", "a"},
             {"  VALUE=a", "a"},
             {"export VALUE=a", "a"},
             {"export \t VALUE=a", "a"},
             {"exported=1\nVALUE=a", "a"},
             {"VALUE='two words'", "two words"},
             {"VALUE='no $HOME, no `date`, no \\n' # comment", "no $HOME, no `date`, no \\n"},
             {"VALUE=\"two words\"", "two words"},
             {"VALUE=\"a # b\"", "a # b"},
             {R"(VALUE="\n\r\t\\\"\$\`'")", "\n\r\t\\\"$`'"},
             {"VALUE=\"\"", ""},
             {"\n\n# comment\n  # another\nVALUE=last", "last"},
             {"VALUE=é", "é"},
         }) {
        EXPECT_EQ(value_of(text), value) << text;
    }
}

TEST(Dotenv, RefusesEveryMalformedLineWithItsNumberAndWithoutItsValue) {
    const std::string name = "no variable name; write NAME=value with letters, digits and \"_\"";
    const std::string equals = "no \"=\" right after the name; write NAME=value";
    const std::string after = "text after the value; quote a value that has spaces, put a space "
                              "before a comment";
    const std::string expand =
        "\"$\" and \"`\" are not expanded here; put the value in single quotes";
    const std::string inside = "quote or backslash inside an unquoted value; quote the whole value";
    const std::string escape = "unknown escape; use \\n, \\r, \\t, \\\\, \\\", \\$ or \\`";
    const std::string control = "control character; remove it";
    for (const auto& [line, complaint] : std::map<std::string, std::string>{
             {"=hunter2", name},
             {"1A=hunter2", name},
             {"-=hunter2", name},
             {"A", equals},
             {"A hunter2", equals},
             {"A =hunter2", equals},
             {"A-B=hunter2", equals},
             {"export", equals},
             {"export A", equals},
             {"A: hunter2", equals},
             {"A=hunter2 hunter2", after},
             {"A= hunter2", after},
             {"A='hunter2'x", after},
             {"A=\"hunter2\"x", after},
             {"A='hunter2'# comment", after},
             {"A='hunter2", "the single quote is not closed; close it on the same line"},
             {"A=\"hunter2", "the double quote is not closed; close it on the same line, write a "
                             "line break as \\n"},
             {"A=$hunter2", expand},
             {"A=$(hunter2)", expand},
             {"A=`hunter2`", expand},
             {"A=\"${hunter2}\"", expand},
             {"A=\"`hunter2`\"", expand},
             {"A=hunter2'", inside},
             {"A=hunter2\"\"", inside},
             {"A=hunter\\2", inside},
             {"A=\"hunter2\\x\"", escape},
             {"A=\"hunter2\\", escape},
             {std::string("A=hunter\0", 9), control},
             {"A=hunter\x1b", control},
             {"A=hunter\rx", control},
         }) {
        EXPECT_THAT(faults_of("# first\nB=1\n" + line + "\nC=2\n"), ElementsAre("3: " + complaint))
            << line;
    }
}

TEST(Dotenv, ReportsEveryBadLine) { EXPECT_EQ(faults_of("a b\nVALUE=1\nc d\n").size(), 2U); }

TEST(Dotenv, RefusesANameThatIsGivenTwice) {
    Folder folder;
    const std::string path = folder.write(".env", "A=1\n\nA=2\n");
    Loader loader;
    loader.dotenv(path);
    try {
        (void)loader.load<int>([](Reader&, int&) {});
        FAIL() << "accepted";
    } catch (const ConfigError& error) {
        EXPECT_THAT(error.faults(), ElementsAre(path + ":3: \"A\" is given twice, first at " +
                                                path + ":1; remove one"));
    }
}

TEST(Dotenv, RunsNothingAndLeavesTheEnvironmentAndThePermissionsAlone) {
    Folder folder;
    const std::string path = folder.write(".env", "VALUE='$(touch x)'\n");
    ASSERT_EQ(::chmod(path.c_str(), 0644), 0);
    Loader loader;
    loader.dotenv(path);
    const auto value = loader.load<std::string>(
        [](Reader& reader, std::string& text) { reader.read("value", text); });
    EXPECT_EQ(value, "$(touch x)");
    EXPECT_EQ(std::getenv("VALUE"), nullptr);
    struct stat status{};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0644U);
}

TEST(Dotenv, MayBeAbsentUnlessItIsRequired) {
    const Folder folder;
    Loader optional;
    optional.dotenv(folder.path(".env"));
    EXPECT_EQ(optional.load<int>([](Reader&, int& value) { value = 7; }), 7);
    Loader required;
    required.dotenv(folder.path(".env"), Presence::required);
    EXPECT_THROW((void)required.load<int>([](Reader&, int&) {}), ConfigError);
}

} // namespace
} // namespace armature::config
