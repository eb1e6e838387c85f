#include "captured.hpp"
#include "terminal/command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace armature::terminal {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Words = std::vector<std::string>;

constexpr Option options[] = {
    {"--port", 'p', "PORT", "where to listen"},
    {"--header", '\0', "NAME", "one more"},
    {"--json", '\0', "", "for machines"},
};

Arguments read(const Words& words) { return read_arguments(options, words); }

std::string refusal(const Words& words) {
    try {
        read(words);
    } catch (const UsageError& error) {
        return error.what();
    }
    return "";
}

TEST(Arguments, TakeAValueInEachUsualForm) {
    for (const Words& words : {Words{"--port", "80"}, Words{"--port=80"}, Words{"-p", "80"},
                               Words{"-p80"}, Words{"-p", "1", "--port=80"}})
        EXPECT_EQ(read(words).value("--port"), "80");
    EXPECT_EQ(read({"--port="}).value("--port"), "");
    EXPECT_EQ(read({}).value("--port"), std::nullopt);
}

TEST(Arguments, KeepEachValueOfAnOptionThatIsGivenAgain) {
    EXPECT_THAT(read({"--header", "a", "--header=b"}).values("--header"), ElementsAre("a", "b"));
}

TEST(Arguments, AreFlagsAndWordsInAnyOrder) {
    const Arguments arguments = read({"a", "--json", "-", "b"});
    EXPECT_TRUE(arguments.has("--json"));
    EXPECT_FALSE(arguments.has("--port"));
    EXPECT_THAT(arguments.words(), ElementsAre("a", "-", "b"));
}

TEST(Arguments, AreNotReadBehindTwoDashes) {
    const Arguments arguments = read({"a", "--", "--json", "-x"});
    EXPECT_FALSE(arguments.has("--json"));
    EXPECT_THAT(arguments.words(), ElementsAre("a"));
    EXPECT_THAT(arguments.rest(), ElementsAre("--json", "-x"));
}

TEST(Arguments, AreRefusedWithWhatIsWrong) {
    EXPECT_EQ(refusal({"--prot", "1"}), "there is no option --prot; did you mean --port?");
    EXPECT_EQ(refusal({"--entirely-different"}), "there is no option --entirely-different");
    EXPECT_EQ(refusal({"-x"}), "there is no option -x");
    EXPECT_EQ(refusal({"--port"}), "--port needs a value: --port PORT");
    EXPECT_EQ(refusal({"--json=yes"}), "--json takes no value");
}

TEST(Arguments, ReadWholeNumbersWithinTheirBounds) {
    EXPECT_EQ(read({"-p", "65535"}).number("--port", 1, 65535, 8080), 65535u);
    EXPECT_EQ(read({}).number("--port", 1, 65535, 8080), 8080u);
    for (const char* wrong : {"0", "65536", "", "-1", "8o", "1.5", " 1", "99999999999999999999"})
        EXPECT_THROW((void)read({std::string{"--port="} + wrong}).number("--port", 1, 65535, 8080),
                     UsageError)
            << wrong;
}

int greet(const Arguments& arguments, Terminal& terminal) {
    if (arguments.has("--json")) throw CommandError{"people.txt:3: has no name; write one"};
    terminal.out("Hello " + arguments.words().at(0) + '\n');
    return 7;
}
int repeat(const Arguments& arguments, Terminal& terminal) {
    for (const std::string& word : arguments.rest())
        terminal.out('<' + word + '>');
    return 0;
}
constexpr Command greet_command{.name = "greet",
                                .words = "NAME",
                                .summary = "Greets somebody",
                                .options = options,
                                .details = "  people greet Ada\n",
                                .run = greet};
constexpr Command repeat_command{.name = "db:repeat",
                                 .words = "WORDS",
                                 .summary = "Says it again",
                                 .options = {},
                                 .details = {},
                                 .run = repeat,
                                 .passes_on = true};
constexpr const Command* commands[] = {&greet_command, &repeat_command};
constexpr CommandGroup groups[] = {{"Talk", commands}};
constexpr Program program{
    .name = "people", .version = "1.2.3", .summary = "talks", .groups = groups, .details = {}};

struct Result {
    int status;
    std::string out;
    std::string err;
};
Result run_with(const Words& words) {
    Captured captured;
    const int status = run(program, words, captured.terminal);
    return {status, captured.out(), captured.err()};
}

TEST(Program, RunsACommandAndGivesItsStatus) {
    const Result result = run_with({"greet", "Ada"});
    EXPECT_EQ(result.status, 7);
    EXPECT_EQ(result.out, "Hello Ada\n");
    EXPECT_EQ(result.err, "");
}

TEST(Program, HandsEverythingOnWhereACommandAsksForIt) {
    EXPECT_EQ(run_with({"db:repeat", "up", "--json", "--help", "--", "-h"}).out,
              "<up><--json><--help><--><-h>");
}

TEST(Program, ListsItsCommandsWhenNothingIsAsked) {
    for (const Words& words : {Words{}, Words{"help"}, Words{"--help"}, Words{"-h"}}) {
        const Result result = run_with(words);
        EXPECT_EQ(result.status, 0);
        EXPECT_THAT(result.out, HasSubstr("\nTalk\n  greet      Greets somebody\n"));
    }
}

TEST(Program, ExplainsACommand) {
    for (const Words& words :
         {Words{"help", "greet"}, Words{"greet", "--help"}, Words{"greet", "Ada", "-h"}}) {
        const Result result = run_with(words);
        EXPECT_EQ(result.status, 0);
        EXPECT_EQ(result.out, "Usage: people greet [OPTIONS] NAME\n"
                              "\n"
                              "Greets somebody\n"
                              "\n"
                              "  -p, --port PORT    where to listen\n"
                              "      --header NAME  one more\n"
                              "      --json         for machines\n"
                              "  -h, --help         this text\n"
                              "\n"
                              "  people greet Ada\n");
    }
}

TEST(Program, SaysItsVersion) { EXPECT_EQ(run_with({"--version"}).out, "people 1.2.3\n"); }

TEST(Program, NamesTheNearestCommandForOneThatIsNot) {
    const Result result = run_with({"gret"});
    EXPECT_EQ(result.status, 2);
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(result.err, "people: there is no command 'gret'; did you mean people greet?\n"
                          "See 'people help'.\n");
}

TEST(Program, PointsToTheHelpOfACommandThatWasUsedWrongly) {
    const Result result = run_with({"greet", "--jsno"});
    EXPECT_EQ(result.status, 2);
    EXPECT_EQ(result.err, "people: there is no option --jsno; did you mean --json?\n"
                          "See 'people help greet'.\n");
}

TEST(Program, TellsAFailureInOneLine) {
    const Result result = run_with({"greet", "--json"});
    EXPECT_EQ(result.status, 1);
    EXPECT_EQ(result.err, "people: people.txt:3: has no name; write one\n");
}

} // namespace
} // namespace armature::terminal
