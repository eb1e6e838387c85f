#include <armature/json/nlohmann.hpp>
#include <armature/json/read.hpp>
#include <armature/json/write.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <deque>
#include <limits>
#include <map>
#include <span>

namespace armature {
namespace {

struct Sometimes {
    std::optional<int> first;
    std::optional<std::string> second;
    int third{};
    std::optional<int> fourth;
};
ARMATURE_DESCRIBE(Sometimes, first, second, third, fourth);

struct Account {
    std::string password;
    int id{};
    std::string pin;
};
ARMATURE_DESCRIBE(Account, (password, write_only), (id, read_only), (pin, write_only));
struct AllOptional {
    std::optional<int> a;
    std::optional<int> b;
};
ARMATURE_DESCRIBE(AllOptional, a, b);

TEST(JsonWrite, WritesScalars) {
    EXPECT_EQ(to_json(true), "true");
    EXPECT_EQ(to_json(false), "false");
    EXPECT_EQ(to_json(nullptr), "null");
    EXPECT_EQ(to_json(0), "0");
    EXPECT_EQ(to_json(std::int8_t{-128}), "-128");
    EXPECT_EQ(to_json(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
    EXPECT_EQ(to_json(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
    EXPECT_EQ(to_json("literal"), "\"literal\"");
    EXPECT_EQ(to_json(std::string_view("view")), "\"view\"");
}

TEST(JsonWrite, WritesTheShortestNumberThatReadsBack) {
    EXPECT_EQ(to_json(0.1), "0.1");
    EXPECT_EQ(to_json(1.0), "1");
    EXPECT_EQ(to_json(-0.0), "-0");
    EXPECT_EQ(to_json(1e100), "1e+100");
    EXPECT_EQ(to_json(0.1f), "0.1");
    EXPECT_EQ(to_json(5e-324), "5e-324");
    EXPECT_EQ(to_json(1.7976931348623157e308), "1.7976931348623157e+308");
}

TEST(JsonWrite, WritesNullForWhatIsNoNumber) {
    EXPECT_EQ(to_json(std::nan("")), "null");
    EXPECT_EQ(to_json(HUGE_VAL), "null");
    EXPECT_EQ(to_json(-HUGE_VALF), "null");
}

TEST(JsonWrite, EscapesQuotesBackslashesAndControlCharacters) {
    EXPECT_EQ(to_json("\"\\\b\f\n\r\t"), R"("\"\\\b\f\n\r\t")");
    EXPECT_EQ(to_json(std::string("\0\x01\x1f", 3)), R"("\u0000\u0001\u001f")");
    EXPECT_EQ(to_json("/\x7F"), "\"/\x7F\"");
}

TEST(JsonWrite, EscapesAtEveryPlaceOfAString) {
    for (std::size_t size = 1; size != 70; ++size)
        for (std::size_t at = 0; at != size; ++at) {
            std::string text(size, 'a'), expected(size, 'a');
            text[at] = '"';
            expected.replace(at, 1, "\\\"");
            EXPECT_EQ(to_json(text), '"' + expected + '"');
        }
}

TEST(JsonWrite, KeepsUtf8AndReplacesOtherBytes) {
    EXPECT_EQ(to_json("gr\xC3\xBC\xC3\x9F \xF0\x9F\x98\x80"),
              "\"gr\xC3\xBC\xC3\x9F \xF0\x9F\x98\x80\"");
    EXPECT_EQ(to_json("a\xFFz"), "\"a\xEF\xBF\xBDz\"");
    EXPECT_EQ(to_json("\xE2\x82"), "\"\xEF\xBF\xBD\""); // cut off: one character is missing
    EXPECT_EQ(to_json("\xED\xA0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
    EXPECT_EQ(to_json("\xC0\xAF"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST(JsonWrite, WritesListsAndMaps) {
    EXPECT_EQ(to_json(std::vector<int>{}), "[]");
    EXPECT_EQ(to_json(std::vector<int>{1, 2}), "[1,2]");
    EXPECT_EQ(to_json(std::vector<bool>{true, false}), "[true,false]");
    EXPECT_EQ(to_json(std::array<double, 2>{0.5, 2}), "[0.5,2]");
    EXPECT_EQ(to_json(std::deque<std::string>{"a"}), "[\"a\"]");
    const int numbers[] = {7, 8};
    EXPECT_EQ(to_json(std::span<const int>(numbers)), "[7,8]");
    EXPECT_EQ(to_json(std::map<std::string, int>{}), "{}");
    EXPECT_EQ(to_json(std::map<std::string, int>{{"b", 2}, {"a\n", 1}}), R"({"a\n":1,"b":2})");
    EXPECT_EQ(to_json(std::vector<std::optional<int>>{1, std::nullopt}), "[1,null]");
}

TEST(JsonWrite, LeavesOutEmptyOptionalMembers) {
    EXPECT_EQ(to_json(Sometimes{}), R"({"third":0})");
    EXPECT_EQ(to_json(Sometimes{1, {}, 2, 3}), R"({"first":1,"third":2,"fourth":3})");
    EXPECT_EQ(to_json(Sometimes{{}, "x", 2, {}}), R"({"second":"x","third":2})");
    EXPECT_EQ(to_json(AllOptional{}), "{}");
    EXPECT_EQ(to_json(AllOptional{{}, 2}), R"({"b":2})");
    EXPECT_EQ(to_json(AllOptional{1, 2}), R"({"a":1,"b":2})");
}

TEST(JsonWrite, NeverWritesWriteOnlyMembers) {
    EXPECT_EQ(to_json(Account{"secret", 1, "s2"}), R"({"id":1})");
}

TEST(JsonWrite, AppendsToWhatIsThere) {
    std::string out = "data: ";
    write_json(out, 1);
    write_json(out, std::vector<int>{2});
    EXPECT_EQ(out, "data: 1[2]");
}

TEST(JsonWrite, CrossesTheBufferAnywhere) {
    for (std::size_t size = JsonSink::buffer_size - 40; size != JsonSink::buffer_size + 8; ++size) {
        const std::vector<std::string> texts{std::string(size, 'x'), "\n\"\x01\xFF", "tail"};
        const std::string json = to_json(texts);
        EXPECT_EQ(json, "[\"" + texts[0] + "\",\"\\n\\\"\\u0001\xEF\xBF\xBD\",\"tail\"]");
    }
    const std::vector<std::uint64_t> numbers(1000, std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(nlohmann::json::parse(to_json(numbers)), nlohmann::json(numbers));
    const std::string long_text(100'000, '\n');
    EXPECT_EQ(nlohmann::json::parse(to_json(long_text)), nlohmann::json(long_text));
}

TEST(JsonWriterTest, BuildsDocumentsWithoutAStruct) {
    JsonWriter json;
    json.begin_object().member("status", "ok").member("count", 3).key("ids").begin_array();
    for (const int id : {1, 2})
        json.value(id);
    json.begin_object().end_object().begin_array().end_array().value(nullptr).end_array();
    json.member("user", Sometimes{1, {}, 2, {}}).end_object();
    EXPECT_EQ(json.take(), R"({"status":"ok","count":3,"ids":[1,2,{},[],null],)"
                           R"("user":{"first":1,"third":2}})");
}

TEST(JsonWriterTest, CanBeUsedAgain) {
    JsonWriter json;
    json.value("one \"text\"");
    EXPECT_EQ(json.take(), R"("one \"text\"")");
    json.begin_array().end_array();
    EXPECT_EQ(json.take(), "[]");
}

#ifndef NDEBUG
TEST(JsonWriterDeathTest, AssertsItsUse) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(JsonWriter().begin_object().value(1), "an object wants a key");
    EXPECT_DEATH(JsonWriter().begin_array().key("a"), "a key belongs into an object");
    EXPECT_DEATH(JsonWriter().begin_object().key("a").end_object(), "a key without its value");
    EXPECT_DEATH(JsonWriter().begin_object().end_array(), "ended what wasn't begun");
    EXPECT_DEATH(JsonWriter().value(1).value(2), "a document is one value");
    EXPECT_DEATH((void)JsonWriter().begin_array().take(), "isn't complete");
}
#endif

TEST(JsonNlohmann, WritesAndReadsTrees) {
    EXPECT_EQ(to_json(nlohmann::json{{"a", 1}}), R"({"a":1})");
    EXPECT_EQ(to_json(nlohmann::json("\xFF")), "\"\xEF\xBF\xBD\"");
    nlohmann::json document;
    JsonErrors errors;
    const std::string_view text =
        R"({"a":[1,-2,3.5,true,false,null,"x"],"b":{},"c":18446744073709551615})";
    ASSERT_EQ(read_json(text, document, errors), JsonStatus::ok);
    EXPECT_EQ(document, nlohmann::json::parse(text));
    EXPECT_EQ(read_json(R"({"a":[{"b":1,"b":2}]})", document, errors), JsonStatus::invalid);
    EXPECT_EQ(errors.values()[0].pointer, "/a/0/b");
    EXPECT_EQ(read_json("[1e999]", document, errors), JsonStatus::invalid);
    EXPECT_EQ(read_json("[nul]", document, errors), JsonStatus::malformed);
    EXPECT_EQ(errors.syntax()->detail, "expected 'null', found ']'");
}

} // namespace
} // namespace armature
