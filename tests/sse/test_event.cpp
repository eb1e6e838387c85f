#include <armature/sse/event.hpp>
#include <armature/sse/event_history.hpp>

#include <gtest/gtest.h>

#include <stdexcept>

namespace armature {
namespace {

TEST(Event, HasItsFieldsInTheOrderTheyWereGiven) {
    Event event = Event{}.id("7").type("tick").data("x").retry(Duration::seconds(2)).comment("c");
    EXPECT_EQ(event.text(), "id: 7\nevent: tick\ndata: x\nretry: 2000\n: c\n");
}

TEST(Event, SplitsDataAtEveryKindOfLineBreak) {
    EXPECT_EQ(Event{}.data("a\nb\r\nc\rd").text(), "data: a\ndata: b\ndata: c\ndata: d\n");
    EXPECT_EQ(Event{}.data("").text(), "data: \n");
    EXPECT_EQ(Event{}.data("a\n\n").text(), "data: a\ndata: \ndata: \n");
    EXPECT_EQ(Event{}.comment("a\ndata: b").text(), ": a\n: data: b\n");
}

TEST(Event, RefusesIdsAndTypesThatWouldBreakOut) {
    for (const std::string_view bad :
         {std::string_view{"a\nb"}, std::string_view{"a\r"}, std::string_view{"\0", 1},
          std::string_view{"\ndata: injected\n\n"}}) {
        EXPECT_THROW(Event{}.id(bad), std::invalid_argument);
        EXPECT_THROW(Event{}.type(bad), std::invalid_argument);
    }
}

TEST(LastEventId, IsANumberOnlyWhenAllOfItIs) {
    EXPECT_EQ(LastEventId{"42"}.number(), 42U);
    for (const char* text : {"", "x", "42x", "-1", " 4", "99999999999999999999"})
        EXPECT_EQ(LastEventId{text}.number(), std::nullopt) << text;
    EXPECT_EQ(LastEventId{}.value(), std::nullopt);
}

TEST(EventHistory, GivesWhatAClientMissed) {
    EventHistory history{3};
    EXPECT_EQ(history.after(0).newest, 0U);
    EXPECT_TRUE(history.after(0).events.empty());
    for (int i = 1; i <= 5; ++i)
        EXPECT_EQ(history.add(Event{}.data(std::to_string(i))), static_cast<unsigned>(i));
    const auto texts = [&](std::uint64_t after) {
        std::string all;
        for (const Event& event : history.after(after).events)
            all += event.text();
        return all;
    };
    EXPECT_EQ(texts(5), "");
    EXPECT_EQ(history.after(2).newest, 5U);
    EXPECT_EQ(texts(3), "data: 4\nid: 4\ndata: 5\nid: 5\n");
    EXPECT_EQ(texts(0), "data: 3\nid: 3\ndata: 4\nid: 4\ndata: 5\nid: 5\n") << "what is kept";
    EXPECT_EQ(texts(77), texts(0)) << "a number of an earlier run";
}

} // namespace
} // namespace armature
