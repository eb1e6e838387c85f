#include <armature/observability/trace_context.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

// W3C Trace Context, level 1.
namespace armature {
namespace {

constexpr const char* trace = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr const char* span = "00f067aa0ba902b7";

TEST(TraceContext, ReadsTraceparent) {
    const auto found =
        TraceContext::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->trace_id(), trace);
    EXPECT_EQ(found->span_id(), span);
    EXPECT_TRUE(found->sampled());
    EXPECT_EQ(found->to_string(), "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
}

TEST(TraceContext, RefusesWhatTheGrammarDoesNotHave) {
    struct Case {
        std::string text;
        bool valid;
        bool sampled = false;
    };
    const std::string ids = "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7";
    for (const Case& c : std::initializer_list<Case>{
             {"00-" + ids + "-01", true, true},
             {"00-" + ids + "-00", true, false},
             {"00-" + ids + "-ff", true, true},  // unknown flags are ignored
             {"00-" + ids + "-fe", true, false}, //
             {"00-" + ids + "-02", true, false},
             {"01-" + ids + "-01", true, true}, // later versions are read as 00
             {"cc-" + ids + "-01-what-the-future-will-be-like", true, true},
             {"cc-" + ids + "-01.what-the-future-will-not-be-like", false},
             {"cc-" + ids + "-01what", false},
             {"ff-" + ids + "-01", false}, // no version
             {"00-" + ids + "-01-", false},
             {"00-" + ids + "-01-more", false},
             {"00-" + ids + "-01 ", false},
             {" 00-" + ids + "-01", false},
             {"00-" + ids + "-1", false},
             {"00-" + ids + "-", false},
             {"00-" + ids, false},
             {"0-" + ids + "-01", false},
             {"0x-" + ids + "-01", false},
             {"0G-" + ids + "-01", false},
             {"00_" + ids + "-01", false},
             {"00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", false}, // upper case
             {"00-4bf92f3577b34da6a3ce929d0e0e4736-00F067AA0BA902B7-01", false},
             {"00-" + ids + "-0A", false},
             {"00-00000000000000000000000000000000-00f067aa0ba902b7-01", false}, // no trace
             {"00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", false}, // no span
             {"00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01", false},
             {"00-4bf92f3577b34da6a3ce929d0e0e47360-00f067aa0ba902b7-01", false},
             {"00-4bf92f3577b34da6a3ce929d0e0e473.-00f067aa0ba902b7-01", false},
             {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b-01", false},
             {"00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01", false},
             {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7_01", false},
             {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7--1", false},
             {std::string("00-") + ids + std::string("-0\0", 3), false},
             {"", false},
             {"00", false},
             {std::string(55, '-'), false},
             {std::string(10'000, '0'), false},
         }) {
        const auto found = TraceContext::parse(c.text);
        EXPECT_EQ(found.has_value(), c.valid) << c.text;
        EXPECT_EQ(found && found->sampled(), c.sampled) << c.text;
    }
}

TEST(TraceContext, TakesOneTraceparentOfAMessage) {
    const std::string parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    Headers fields;
    EXPECT_FALSE(TraceContext::from(fields));
    fields.append("TraceParent", parent);
    EXPECT_TRUE(TraceContext::from(fields));
    fields.append("traceparent", parent);
    EXPECT_FALSE(TraceContext::from(fields)) << "two of them";
}

TEST(TraceContext, JoinsTheLinesOfTracestate) {
    Headers fields;
    fields.append("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    fields.append("tracestate", "rojo=00f067aa0ba902b7");
    fields.append("tracestate", "congo=t61rcWkgMzE");
    EXPECT_EQ(TraceContext::from(fields)->state(), "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE");
    EXPECT_EQ(TraceContext::from(fields)->child().state(),
              "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE");
}

TEST(TraceContext, GoesOnWithoutATracestateThatIsWrongOrTooLong) {
    for (const std::string& state : {std::string{"no value"}, "a=" + std::string(510, 'x') + ",b=2",
                                     "a=" + std::string(250, 'x') + ",b=" + std::string(250, 'x') +
                                         ",c=" + std::string(250, 'x')}) {
        Headers fields;
        fields.append("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        fields.append("tracestate", state);
        const auto found = TraceContext::from(fields);
        ASSERT_TRUE(found);
        EXPECT_EQ(found->state(), "");
    }
    Headers alone;
    alone.append("tracestate", "a=1");
    EXPECT_FALSE(TraceContext::from(alone)) << "means nothing by itself";
}

TEST(TraceContext, ReadsTracestateStrictly) {
    struct Case {
        std::string text;
        std::optional<std::string> normal;
    };
    std::string most, too_many;
    for (int i = 0; i < 33; ++i) {
        if (i < 32) most += (i > 0 ? ",k" : "k") + std::to_string(i) + "=1";
        too_many += (i > 0 ? ",k" : "k") + std::to_string(i) + "=1";
    }
    for (const Case& c : std::initializer_list<Case>{
             {"foo=1", "foo=1"},
             {"foo=1,bar=2", "foo=1,bar=2"},
             {"foo=1 \t , \t bar=2", "foo=1,bar=2"},
             {"foo=1,,bar=2,", "foo=1,bar=2"}, // empty members are allowed
             {"", ""},
             {"foo_-*/9=1", "foo_-*/9=1"},
             {"tenant@vendor=1", "tenant@vendor=1"},
             {"0tenant@vendor=1", "0tenant@vendor=1"},
             {"foo= bar", "foo= bar"}, // a space may begin a value
             {"foo=~!\"#$%&'()*+-./:;<>?@[\\]^_`{|}", "foo=~!\"#$%&'()*+-./:;<>?@[\\]^_`{|}"},
             {std::string(256, 'z') + "=1", std::string(256, 'z') + "=1"},
             {"foo=" + std::string(256, 'v'), "foo=" + std::string(256, 'v')},
             {most, most},
             {std::string(241, 't') + "@" + std::string(14, 'v') + "=1",
              std::string(241, 't') + "@" + std::string(14, 'v') + "=1"},
             {"foo", std::nullopt},
             {"foo=", std::nullopt},
             {"=1", std::nullopt},
             {"foo =1", std::nullopt},
             {"Foo=1", std::nullopt},
             {"FOO=1", std::nullopt},
             {"9foo=1", std::nullopt},
             {"foo.bar=1", std::nullopt},
             {"foo@=1", std::nullopt},
             {"@foo=1", std::nullopt},
             {"foo@@bar=1", std::nullopt},
             {"foo@bar@baz=1", std::nullopt},
             {"tenant@9vendor=1", std::nullopt},
             {"foo=1=2", std::nullopt},
             {"foo=bar\tbaz", std::nullopt},
             {"foo=\x7f", std::nullopt},
             {"foo=\xC3\xA4", std::nullopt},
             {"foo=1,foo=1", std::nullopt},
             {"foo=1,bar=2,foo=3", std::nullopt},
             {std::string(257, 'z') + "=1", std::nullopt},
             {std::string(242, 't') + "@v=1", std::nullopt},
             {"t@" + std::string(15, 'v') + "=1", std::nullopt},
             {"foo=" + std::string(257, 'v'), std::nullopt},
             {too_many, std::nullopt},
         })
        EXPECT_EQ(parse_tracestate(c.text), c.normal) << c.text;
}

TEST(TraceContext, NewOnesAreAllDifferent) {
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) {
        const TraceContext made = TraceContext::start(true);
        EXPECT_TRUE(TraceContext::parse(made.to_string()));
        seen.emplace(made.trace_id());
        seen.emplace(made.span_id());
        const TraceContext child = made.child();
        EXPECT_EQ(child.trace_id(), made.trace_id());
        seen.emplace(child.span_id());
    }
    EXPECT_EQ(seen.size(), 3000U);
}

TEST(TraceContext, TheShareOfTracesIsDecidedByTheirIdentifier) {
    const auto with_end = [](const std::string& end) {
        return *TraceContext::parse("00-" + std::string(16, 'f') + end + "-00f067aa0ba902b7-00");
    };
    const TraceContext first = with_end("0000000000000001"), last = with_end("ffffffffffffffff"),
                       middle = with_end("7ffffffffffff000");
    EXPECT_FALSE(first.falls_into(0));
    EXPECT_TRUE(last.falls_into(1));
    EXPECT_TRUE(first.falls_into(0.001));
    EXPECT_FALSE(last.falls_into(0.999));
    EXPECT_TRUE(middle.falls_into(0.5));
    EXPECT_FALSE(with_end("8000000000000000").falls_into(0.5));

    int taken = 0;
    for (int i = 0; i < 10'000; ++i)
        taken += TraceContext::start(true).falls_into(0.25) ? 1 : 0;
    EXPECT_NEAR(taken, 2500, 300); // more than six standard deviations
}

} // namespace
} // namespace armature
