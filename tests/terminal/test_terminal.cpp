#include "captured.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace armature::terminal {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

TEST(Terminal, KeepsDataAndMessagesApart) {
    Captured captured;
    captured.terminal.out("data\n");
    captured.terminal.err("message\n");
    EXPECT_EQ(captured.out(), "data\n");
    EXPECT_EQ(captured.err(), "message\n");
}

TEST(Terminal, PaintsNothingIntoAPipe) {
    Captured captured;
    EXPECT_EQ(captured.terminal.paint(Colour::red, "no"), "no");
    EXPECT_EQ(captured.terminal.paint_message(Colour::red, "no"), "no");
}

TEST(Terminal, PaintsForPeopleUnlessTheyRefuse) {
    ::setenv("TERM", "xterm", 1);
    ::unsetenv("NO_COLOR");
    Captured captured{true};
    EXPECT_EQ(captured.terminal.paint(Colour::red, "no"), "\x1b[31mno\x1b[0m");
    captured.terminal.no_colours();
    EXPECT_EQ(captured.terminal.paint(Colour::red, "no"), "no");
    ::setenv("NO_COLOR", "1", 1);
    EXPECT_EQ(Captured{true}.terminal.paint(Colour::red, "no"), "no");
    ::unsetenv("NO_COLOR");
    ::setenv("TERM", "dumb", 1);
    EXPECT_EQ(Captured{true}.terminal.paint(Colour::red, "no"), "no");
}

TEST(Progress, IsDrawnOnATerminalAndRemovedAtTheEnd) {
    Captured captured{true};
    {
        const Progress progress{captured.terminal, "products", 1'000'000};
    }
    EXPECT_THAT(captured.err(), HasSubstr("products  [........................] 0 of 1,000,000"));
    EXPECT_THAT(captured.err(), EndsWith("\r\x1b[K"));
    EXPECT_EQ(captured.out(), "");
}

TEST(Progress, IsSilentWhereNobodyWatches) {
    Captured captured;
    {
        Progress progress{captured.terminal, "products", 10};
        progress.add(10);
    }
    EXPECT_EQ(captured.err(), "");
}

} // namespace
} // namespace armature::terminal
