#include <armature/json/read.hpp>

#include <gtest/gtest.h>

#include <map>
#include <stdexcept>
#include <thread>

namespace armature {
namespace {

// One struct for each rule.
#define ONE_RULE(Name, T, ...)                                                                     \
    struct Name {                                                                                  \
        T value{};                                                                                 \
    };                                                                                             \
    ARMATURE_DESCRIBE(Name, (value, __VA_ARGS__))

ONE_RULE(AtLeastFive, int, min(5));
ONE_RULE(AtMostFive, int, max(5));
ONE_RULE(AboveFive, int, exclusive_min(5));
ONE_RULE(BelowFive, int, exclusive_max(5));
ONE_RULE(HalfOrMore, int, min(0.5));
ONE_RULE(UnsignedAboveMinusOne, std::uint64_t, min(-1), max(INT64_MAX));
ONE_RULE(RealRange, double, exclusive_min(0), max(0.5));
ONE_RULE(BigBound, std::int64_t, max(9007199254740993));
ONE_RULE(TwoOrThree, std::string, min_length(2), max_length(3));
ONE_RULE(Lower, std::string, pattern("^[a-z]+$"));
ONE_RULE(Contains, std::string, pattern("b+"));
ONE_RULE(BadPattern, std::string, pattern("(["));
ONE_RULE(Email, std::string, format::email);
ONE_RULE(Uuid, std::string, format::uuid);
ONE_RULE(Uri, std::string, format::uri);
ONE_RULE(Date, std::string, format::date);
ONE_RULE(DateTime, std::string, format::date_time);
ONE_RULE(Time, std::string, format::time);
ONE_RULE(Span, std::string, format::duration);
ONE_RULE(Ipv4, std::string, format::ipv4);
ONE_RULE(Ipv6, std::string, format::ipv6);
ONE_RULE(Host, std::string, format::hostname);
ONE_RULE(OneOrTwo, std::vector<int>, min_items(1), max_items(2));
using TextMap = std::map<std::string, int>;
ONE_RULE(SmallMap, TextMap, max_items(1));
ONE_RULE(Maybe, std::optional<int>, min(5));
ONE_RULE(Fives, int, multiple_of(5));
ONE_RULE(Set, std::vector<std::string>, unique_items, max_items(3));

// What the rules say of a value: "" when it is valid. Asked of `validate`.
template <class Described, class Value>
std::string verdict(const Value& value) {
    Described described{};
    described.value = value;
    JsonErrors errors;
    const bool valid = validate(described, errors);
    EXPECT_EQ(valid, errors.empty());
    if (valid) return "";
    EXPECT_EQ(errors.values()[0].pointer, "/value");
    return errors.values()[0].detail;
}

TEST(JsonRules, BoundNumbers) {
    EXPECT_EQ(verdict<AtLeastFive>(5), "");
    EXPECT_EQ(verdict<AtLeastFive>(4), "must be at least 5");
    EXPECT_EQ(verdict<AtMostFive>(5), "");
    EXPECT_EQ(verdict<AtMostFive>(6), "must be at most 5");
    EXPECT_EQ(verdict<AboveFive>(6), "");
    EXPECT_EQ(verdict<AboveFive>(5), "must be greater than 5");
    EXPECT_EQ(verdict<BelowFive>(4), "");
    EXPECT_EQ(verdict<BelowFive>(5), "must be less than 5");
    EXPECT_EQ(verdict<HalfOrMore>(1), "");
    EXPECT_EQ(verdict<HalfOrMore>(0), "must be at least 0.5");
    EXPECT_EQ(verdict<RealRange>(0.5), "");
    EXPECT_EQ(verdict<RealRange>(0.0), "must be greater than 0");
    EXPECT_EQ(verdict<RealRange>(0.51), "must be at most 0.5");
}

TEST(JsonRules, WantTimesAndDurations) {
    for (const char* text : {"12:00:00Z", "23:59:60Z", "00:00:00.5+01:00", "00:59:60+01:00"})
        EXPECT_EQ(verdict<Time>(text), "") << text;
    for (const char* text : {"", "12:00:00", "24:00:00Z", "12:60:00Z", "12:00:60Z", "12:00Z",
                             "12:00:00.Z", "12:00:00+1", "12:00:00Z "})
        EXPECT_EQ(verdict<Time>(text), "must be a time such as 12:00:00Z") << text;
    for (const char* text : {"P1Y", "P1Y2M3D", "P1DT1H", "PT1H2M3S", "PT36H", "P2W", "P0D"})
        EXPECT_EQ(verdict<Span>(text), "") << text;
    for (const char* text : {"", "P", "PT", "P1", "1D", "P1DT", "P1D1Y", "PT1S1H", "P1W1D", "P1H",
                             "PT1D", "P1.5D", "-P1D", "P1YT"})
        EXPECT_EQ(verdict<Span>(text), "must be a duration such as PT1H30M") << text;
}

TEST(JsonRules, WantAddressesAndHosts) {
    for (const char* text : {"127.0.0.1", "0.0.0.0", "255.255.255.255"})
        EXPECT_EQ(verdict<Ipv4>(text), "") << text;
    for (const char* text : {"", "1.2.3", "1.2.3.4.5", "256.0.0.1", "01.2.3.4", "1.2.3.", "1..3.4",
                             "a.b.c.d", "1.2.3.4 ", "0x1.2.3.4"})
        EXPECT_EQ(verdict<Ipv4>(text), "must be an IPv4 address") << text;
    for (const char* text : {"::", "::1", "1::", "2001:db8::ff00:42:8329", "1:2:3:4:5:6:7:8",
                             "::ffff:127.0.0.1", "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:7::"})
        EXPECT_EQ(verdict<Ipv6>(text), "") << text;
    for (const char* text : {"", ":", ":::", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3",
                             "12345::", "g::", "::1%eth0", "1:2:3:4:5:6:7:8::", ":1::", "1::2:",
                             "1.2.3.4::", "::1.2.3", "1:2:3:4:5:6:7:1.2.3.4"})
        EXPECT_EQ(verdict<Ipv6>(text), "must be an IPv6 address") << text;
    for (const char* text : {"a", "localhost", "www.example.com", "xn--bcher-kva.example", "1.2"})
        EXPECT_EQ(verdict<Host>(text), "") << text;
    for (const char* text : {"", ".", "a.", ".a", "a..b", "-a", "a-", "a_b", "a b"})
        EXPECT_EQ(verdict<Host>(text), "must be a host's name") << text;
    EXPECT_EQ(verdict<Host>(std::string(63, 'a')), "");
    EXPECT_NE(verdict<Host>(std::string(64, 'a')), "");
}

TEST(JsonRules, CompareIntegersExactly) {
    EXPECT_EQ(verdict<UnsignedAboveMinusOne>(0u), "");
    EXPECT_EQ(verdict<UnsignedAboveMinusOne>(UINT64_MAX), "must be at most 9223372036854775807");
    EXPECT_EQ(verdict<BigBound>(9007199254740993), "");
    EXPECT_EQ(verdict<BigBound>(9007199254740994), "must be at most 9007199254740993");
}

TEST(JsonRules, WantMultiples) {
    EXPECT_EQ(verdict<Fives>(0), "");
    EXPECT_EQ(verdict<Fives>(-10), "");
    EXPECT_EQ(verdict<Fives>(12), "must be a multiple of 5");
}

TEST(JsonRules, WantItemsThatDiffer) {
    using Texts = std::vector<std::string>;
    EXPECT_EQ(verdict<Set>(Texts{}), "");
    EXPECT_EQ(verdict<Set>(Texts{"b", "a", "c"}), "");
    EXPECT_EQ(verdict<Set>(Texts{"b", "a", "b"}), "must not hold an item twice");
    EXPECT_EQ(verdict<Set>(Texts{"a", "b", "c", "d"}), "must have at most 3 items");
}

TEST(JsonRules, CountCharactersNotBytes) {
    EXPECT_EQ(verdict<TwoOrThree>("ab"), "");
    EXPECT_EQ(verdict<TwoOrThree>("\xC3\xA9\xF0\x9F\x98\x80z"), "");
    EXPECT_EQ(verdict<TwoOrThree>("\xF0\x9F\x98\x80"), "must have at least 2 characters");
    EXPECT_EQ(verdict<TwoOrThree>("abcd"), "must have at most 3 characters");
}

TEST(JsonRules, MatchPatternsAnywhereUnlessAnchored) {
    EXPECT_EQ(verdict<Lower>("abc"), "");
    EXPECT_EQ(verdict<Lower>("abC"), "must match the pattern ^[a-z]+$");
    EXPECT_EQ(verdict<Contains>("abc"), "");
    EXPECT_EQ(verdict<Contains>("ac"), "must match the pattern b+");
}

TEST(JsonRules, RefuseAPatternThatIsNoExpression) {
    EXPECT_THROW((void)verdict<BadPattern>("x"), std::invalid_argument);
}

TEST(JsonRules, MatchPatternsFromManyThreads) {
    std::vector<std::thread> threads;
    for (int i = 0; i != 4; ++i)
        threads.emplace_back([] {
            for (int n = 0; n != 200; ++n) {
                EXPECT_EQ(verdict<Lower>("abc"), "");
                EXPECT_NE(verdict<Contains>("ac"), "");
            }
        });
    for (std::thread& thread : threads)
        thread.join();
}

template <class Described>
void expect_format(std::initializer_list<const char*> good,
                   std::initializer_list<const char*> bad) {
    for (const char* text : good)
        EXPECT_EQ(verdict<Described>(text), "") << text;
    for (const char* text : bad)
        EXPECT_NE(verdict<Described>(text), "") << text;
}

TEST(JsonRules, KnowEmailAddresses) {
    expect_format<Email>({"ada@example.com", "a.b+c@sub.example.org", "x_y@a-b.de",
                          "!#$%&'*/=?^`{|}~@a.b", "a@xn--bcher-kva.example", "1@2.3"},
                         {"",         "ada",       "@example.com",  "ada@",     "ada@localhost",
                          "a@b@c.de", ".a@b.c",    "a.@b.c",        "a..b@c.d", "a@-b.c",
                          "a@b-.c",   "a@b..c",    "a@.b.c",        "a@b.c.",   "a b@c.d",
                          "a@b c.d",  "\"a\"@b.c", "a@[127.0.0.1]", "a@b.c\n",  "\xC3\xA9@b.c"});
    const std::string label(63, 'a');
    EXPECT_EQ(verdict<Email>(std::string(64, 'a') + "@b.c"), "");
    EXPECT_EQ(verdict<Email>(std::string(65, 'a') + "@b.c"), "must be an e-mail address");
    EXPECT_EQ(verdict<Email>("a@" + label + ".c"), "");
    EXPECT_NE(verdict<Email>("a@" + label + "a.c"), "");
    EXPECT_NE(verdict<Email>("a@" + label + '.' + label + '.' + label + '.' + label), "");
}

TEST(JsonRules, KnowUuids) {
    expect_format<Uuid>(
        {"123e4567-e89b-12d3-a456-426614174000", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"},
        {"", "123e4567e89b12d3a456426614174000", "{123e4567-e89b-12d3-a456-426614174000}",
         "123e4567-e89b-12d3-a456-42661417400", "123e4567-e89b-12d3-a456-42661417400g",
         "123e4567-e89b-12d3-a4564-26614174000", "123e4567-e89b-12d3-a456-4266141740000"});
}

TEST(JsonRules, KnowUris) {
    expect_format<Uri>({"https://example.com", "https://example.com:8080/a/b?c=d&e#f",
                        "http://u:p@h/", "mailto:a@b", "urn:isbn:123", "http://[::1]:80/",
                        "http://[2001:db8::1]", "file:///etc/hosts", "x:", "http://a/%7Euser",
                        "a+b-c.d:e", "http://h?q", "http://h#f", "http://h:"},
                       {"", "example.com", "/path", "//host/path", ":a", "1http://a", "http://a b",
                        "http://a/%zz", "http://a/%4", "http://[::1", "http://[]", "http://[::1]x",
                        "http://h:8o/", "http://a/\"", "http://a/<b>", "http://a#b#c", "ht_tp://a",
                        "http://\xC3\xA9/"});
}

TEST(JsonRules, KnowDates) {
    expect_format<Date>({"2024-02-29", "2000-02-29", "0000-01-01", "9999-12-31"},
                        {"", "2023-02-29", "1900-02-29", "2024-13-01", "2024-00-01", "2024-01-00",
                         "2024-04-31", "2024-1-1", "24-01-01", "2024/01/01", "2024-01-01T",
                         "20240101", "x024-01-01", "2024-01-0x"});
}

TEST(JsonRules, KnowDatesWithTimes) {
    expect_format<DateTime>(
        {"2024-02-29T12:00:00Z", "2024-02-29t12:00:00z", "2024-01-15T10:30:00.123456789+05:30",
         "2024-01-15T23:59:59-23:59", "1998-12-31T23:59:60Z", "1998-12-31T15:59:60.5-08:00",
         "1999-01-01T00:59:60+01:00"},
        {"", "2024-02-29", "2024-02-29T12:00:00", "2024-02-29 12:00:00Z", "2024-02-30T12:00:00Z",
         "2024-02-29T24:00:00Z", "2024-02-29T12:60:00Z", "2024-02-29T12:00:61Z",
         "2024-02-29T12:00:00.Z", "2024-02-29T12:00Z", "2024-02-29T12:00:00+1:00",
         "2024-02-29T12:00:00+0100", "2024-02-29T12:00:00+24:00", "2024-02-29T12:00:00+01:60",
         "1998-12-31T22:59:60Z", "2024-02-29T12:00:00ZZ", "2024-02-29T12-00:00Z"});
}

TEST(JsonRules, CountItems) {
    EXPECT_EQ(verdict<OneOrTwo>(std::vector<int>{1}), "");
    EXPECT_EQ(verdict<OneOrTwo>(std::vector<int>{}), "must have at least 1 item");
    EXPECT_EQ(verdict<OneOrTwo>(std::vector<int>{1, 2, 3}), "must have at most 2 items");
    EXPECT_EQ(verdict<SmallMap>(TextMap{{"a", 1}, {"b", 2}}), "must have at most 1 item");
}

TEST(JsonRules, LeaveEmptyOptionalsAlone) {
    EXPECT_EQ(verdict<Maybe>(std::nullopt), "");
    EXPECT_EQ(verdict<Maybe>(5), "");
    EXPECT_EQ(verdict<Maybe>(4), "must be at least 5");
}

struct Nested {
    std::vector<AtLeastFive> list;
    std::map<std::string, AtLeastFive> map;
    std::optional<AtLeastFive> maybe;
    AtLeastFive one;
};
ARMATURE_DESCRIBE(Nested, list, map, maybe, one);

TEST(JsonRules, AreCheckedInNestedValues) {
    JsonErrors errors;
    EXPECT_FALSE(validate(Nested{{{5}, {1}}, {{"a/b", {1}}}, AtLeastFive{1}, {1}}, errors));
    std::string pointers;
    for (const JsonError& error : errors.values())
        (pointers += error.pointer) += ' ';
    EXPECT_EQ(pointers, "/list/1/value /map/a~1b/value /maybe/value /one/value ");
}

TEST(JsonRules, GiveTheSameVerdictWhileReading) {
    OneOrTwo list;
    JsonErrors errors;
    EXPECT_EQ(read_json(R"({"value":[]})", list, errors), JsonStatus::invalid);
    EXPECT_EQ(errors.values()[0].pointer, "/value");
    EXPECT_EQ(errors.values()[0].detail, "must have at least 1 item");
    EXPECT_EQ(read_json(R"({"value":[1,2]})", list, errors), JsonStatus::ok);
}

} // namespace
} // namespace armature
