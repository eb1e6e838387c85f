// RFC 8259, text by text. y: must be accepted; n: must be refused; i: the RFC leaves it open, and
// what matters is that the answer is an answer.
#include <armature/json/nlohmann.hpp>
#include <armature/json/read.hpp>

#include <gtest/gtest.h>

#include <map>
#include <utility>

namespace armature {
namespace {

using namespace std::string_view_literals;

struct Letters {
    std::optional<int> a;
    std::optional<std::vector<std::string>> b;
};
ARMATURE_DESCRIBE(Letters, a, b);

JsonStatus check(std::string_view text) {
    // An exact copy on the heap, so that a sanitizer sees a read past the end.
    const std::vector<char> exact(text.begin(), text.end());
    JsonErrors errors;
    const JsonStatus status = check_json({exact.data(), exact.size()}, errors);
    EXPECT_EQ(status == JsonStatus::malformed, errors.syntax() != nullptr) << text;
    nlohmann::json document;
    JsonErrors tree_errors;
    const JsonStatus tree = read_json({exact.data(), exact.size()}, document, tree_errors);
    EXPECT_EQ(tree == JsonStatus::malformed, status == JsonStatus::malformed) << text;
    // What fits no type of the reader is JSON all the same.
    const auto is_malformed = [&]<class T>(T value) {
        JsonErrors typed_errors;
        return read_json({exact.data(), exact.size()}, value, typed_errors) ==
               JsonStatus::malformed;
    };
    EXPECT_EQ(is_malformed(std::vector<double>()), status == JsonStatus::malformed) << text;
    EXPECT_EQ(is_malformed(std::vector<std::string>()), status == JsonStatus::malformed) << text;
    EXPECT_EQ(is_malformed(std::map<std::string, std::int64_t>()), status == JsonStatus::malformed)
        << text;
    EXPECT_EQ(is_malformed(Letters()), status == JsonStatus::malformed) << text;
    EXPECT_EQ(is_malformed(std::optional<bool>()), status == JsonStatus::malformed) << text;
    return status;
}

constexpr std::string_view accepted[] = {
    // structure
    "{}",
    "[]",
    "[[]]",
    "[{}]",
    "{\"a\":{}}",
    "{\"a\":[]}",
    " [] ",
    "\t[\n]\r\n",
    "[1,2]",
    "[ 1 , 2 ]",
    "{\"a\":1,\"b\":2}",
    "{ \"a\" : 1 , \"b\" : 2 }",
    "{\"\":0}",
    "[null]",
    "[1,null,null,2]",
    "[\"a\",{\"b\":[true,false]}]",
    "{\"a\":\n1\n}",
    "[[[[[[[[]]]]]]]]",
    "{\"a\":\"b\",\"a\":\"c\"}",
    "{\"foo\\u0000bar\":42}",
    "{\"min\":-1.0e+28,\"max\":1.0e+28}",
    // scalars at the top
    "null",
    "true",
    "false",
    "0",
    "-1",
    "1.5",
    "\"\"",
    "\"text\"",
    " \"x\" ",
    "\n0\n",
    // numbers
    "[0]",
    "[-0]",
    "[-0.0]",
    "[0.0]",
    "[0e1]",
    "[0e+1]",
    "[0E-1]",
    "[1E22]",
    "[1e-2]",
    "[1E+2]",
    "[20e1]",
    "[123]",
    "[123.456789]",
    "[123.456e78]",
    "[-123]",
    "[1.7976931348623157e308]",
    "[4.9406564584124654e-324]",
    "[0.000000000000000000000000000000000000000000000000001]",
    "[100000000000000000000]",
    "[-9223372036854775808]",
    "[18446744073709551615]",
    "[9223372036854775808]",
    "[0.1e0]",
    "[1.0]",
    "[-1]",
    "[1e1]",
    "[10]",
    "[1e00]",
    "[1E-00]",
    // strings
    "[\"\"]",
    "[\" \"]",
    "[\"a\"]",
    "[\"/\"]",
    "[\"\\/\"]",
    "[\"\\\"\"]",
    "[\"\\\\\"]",
    "[\"\\b\\f\\n\\r\\t\"]",
    "[\"\\u0000\"]",
    "[\"\\u0022\"]",
    "[\"\\u005C\"]",
    "[\"\\u00e9\"]",
    "[\"\\uABCD\\uabcd\\u0123\"]",
    "[\"\\uD801\\uDC37\"]",
    "[\"\\ud83d\\ude39\\ud83d\\udc8d\"]",
    "[\"\\uDBFF\\uDFFF\"]",
    "[\"\\uFFFF\"]",
    "[\"\\uFDD0\"]",
    "[\"\\\\u0000\"]",
    "[\"a\\u0062c\"]",
    "[\"\x7F\"]",
    "[\"\xC2\x80\"]",
    "[\"\xC3\xA9\"]",
    "[\"\xE2\x82\xAC\"]",
    "[\"\xEF\xBF\xBF\"]",
    "[\"\xF0\x9F\x98\x80\"]",
    "[\"\xF4\x8F\xBF\xBF\"]",
    "[\"\xED\x9F\xBF\"]",
    "[\"\xEE\x80\x80\"]",
    "[\"\xE0\xA0\x80\"]",
    "[\"\xF0\x90\x80\x80\"]",
    "[\"\xE2\x80\xA8\"]",
    "[\"\xE2\x80\xA9\"]",
    "[\"asd \"]",
    "[\"new\\u000Aline\"]",
    "[\"/* no comment */\"]",
    "[\"a string of 24 letters.\"]",
    "[\"exactly sixteen!\"]",
    "[\"fifteen letters\"]",
    "[\"seventeen letters\"]",
    "[\"thirty-one letters and then one\\n\"]",
};

constexpr std::string_view refused[] = {
    // structure
    "",
    " ",
    "[",
    "]",
    "{",
    "}",
    "[1",
    "[1,",
    "[1,]",
    "[,1]",
    "[,]",
    "[1,,2]",
    "[1 2]",
    "[1:2]",
    "[\"a\"",
    "[\"a\",",
    "[[]",
    "[]]",
    "{}}",
    "{]",
    "[}",
    "[1}",
    "{\"a\":1]",
    "{\"a\"",
    "{\"a\":",
    "{\"a\"}",
    "{\"a\" 1}",
    "{\"a\",1}",
    "{\"a\"::1}",
    "{:1}",
    "{,}",
    "{\"a\":1,}",
    "{\"a\":1,,\"b\":2}",
    "{\"a\":1 \"b\":2}",
    "{a:1}",
    "{'a':1}",
    "{1:1}",
    "{null:1}",
    "{true:1}",
    "{[]:1}",
    "{\"a\":a}",
    "{\"a\":1}x",
    "[]x",
    "[] []",
    "1 2",
    "true false",
    "{}{}",
    "{\"a\":1}#",
    "[1]//",
    "[1/**/]",
    "//\n[]",
    "[\f]",
    "[\v]",
    "[\xC2\xA0]",
    "\xEF\xBB\xBF{}",
    "\xEF\xBB\xBF",
    "[\0]"sv,
    "\0"sv,
    "[1]\0"sv,
    "*",
    "<a>",
    "[<null>]",
    "\xE9",
    "[\xFF]",
    "a",
    "'a'",
    // words
    "nul",
    "nulll",
    "tru",
    "truee",
    "fals",
    "falsee",
    "True",
    "NULL",
    "[nan]",
    "[NaN]",
    "[Infinity]",
    "[-Infinity]",
    "[inf]",
    "undefined",
    "n",
    "t",
    "f",
    "[tru",
    "[truE]",
    // numbers
    "-",
    "+",
    "[+1]",
    "[-]",
    "[--1]",
    "[- 1]",
    "[01]",
    "[-01]",
    "[00]",
    "[-00]",
    "[012]",
    "[1.]",
    "[-1.]",
    "[.5]",
    "[-.5]",
    "[.]",
    "[1.e1]",
    "[1e]",
    "[1e+]",
    "[1E-]",
    "[1e1.5]",
    "[1ee1]",
    "[1e+-1]",
    "[0e]",
    "[0.e1]",
    "[1.2.3]",
    "[0x1]",
    "[0x]",
    "[1a]",
    "[1_000]",
    "[1,000",
    "[1 000.0]",
    "[2.e+3]",
    "[0.1.2]",
    "[\xEF\xBC\x91]",
    "[1e",
    "[1.",
    "-a",
    "[-foo]",
    "[1+2]",
    "[++1]",
    "[-2.]",
    "[0.3e]",
    // strings
    "\"",
    "[\"]",
    "[\"a]",
    "[\"\\",
    "[\"\\\"",
    "[\"\\\"]",
    "[\"\\a\"]",
    "[\"\\x00\"]",
    "[\"\\'\"]",
    "[\"\\0\"]",
    "[\"\\U0041\"]",
    "[\"\\u\"]",
    "[\"\\u1\"]",
    "[\"\\u12\"]",
    "[\"\\u123\"]",
    "[\"\\u123g\"]",
    "[\"\\u 123\"]",
    "[\"\\u",
    "[\"\\u00",
    "[\"\\u00A\"]",
    "[\"\\ \"]",
    "[\"\\\xF0\x9F\x8C\x80\"]",
    "[\"a\nb\"]",
    "[\"a\tb\"]",
    "[\"a\0b\"]"sv,
    "[\"\x1F\"]",
    "[\"a\rb\"]",
    "[abc]",
    "['a']",
    "[\\n]",
    "[\"\" \"\"]",
    // halves of surrogate pairs
    "[\"\\uD800\"]",
    "[\"\\uDC00\"]",
    "[\"\\uD800\\uD800\"]",
    "[\"\\uD800\\n\"]",
    "[\"\\uD800abc\"]",
    "[\"\\uDC00\\uD800\"]",
    "[\"\\uD800\\u0041\"]",
    "[\"\\uD800\\u\"]",
    "[\"\\uD800\\uDC0\"]",
    // not UTF-8
    "[\"\x80\"]",
    "[\"\xBF\"]",
    "[\"\xC0\xAF\"]",
    "[\"\xC1\xBF\"]",
    "[\"\xC3\"]",
    "[\"\xC3\x28\"]",
    "[\"\xE0\x80\x80\"]",
    "[\"\xE0\x9F\xBF\"]",
    "[\"\xE2\x82\"]",
    "[\"\xE2\x28\xA1\"]",
    "[\"\xED\xA0\x80\"]",
    "[\"\xED\xBF\xBF\"]",
    "[\"\xF0\x80\x80\x80\"]",
    "[\"\xF0\x8F\xBF\xBF\"]",
    "[\"\xF0\x9F\x98\"]",
    "[\"\xF4\x90\x80\x80\"]",
    "[\"\xF5\x80\x80\x80\"]",
    "[\"\xFE\"]",
    "[\"\xFF\"]",
    "[\"\xC3",
    "[\"\xF0\x9F\x98",
    "{\"\xFF\":1}",
};

constexpr std::string_view left_open[] = {
    "[1e400]",
    "[-1e400]",
    "[1e-400]",
    "[123123e100000]",
    "[123e-10000000]",
    "[1e99999999999999999999]",
    "[0e99999999999999999999]",
    "[-123123123123123123123123123123]",
    "[0.4e00669999999999999999]",
    "[100000000000000000000000000000000000000000000000000000000000000000000000000000000.5]",
};

TEST(JsonGrammar, AcceptsWhatRfc8259Allows) {
    for (const std::string_view text : accepted)
        EXPECT_EQ(check(text), JsonStatus::ok) << text;
}

TEST(JsonGrammar, RefusesWhatRfc8259DoesNotAllow) {
    for (const std::string_view text : refused)
        EXPECT_EQ(check(text), JsonStatus::malformed) << text;
}

TEST(JsonGrammar, AnswersWhereTheRfcLeavesItOpen) {
    for (const std::string_view text : left_open)
        EXPECT_EQ(check(text), JsonStatus::ok) << text;
}

TEST(JsonGrammar, RefusesEveryUnfinishedDocument) {
    const std::string_view text = R"({"a":[1.5e+3,true,"x\u00e9\n"],"b":{"c":null}})";
    for (std::size_t size = 0; size != text.size(); ++size)
        EXPECT_EQ(check(text.substr(0, size)), JsonStatus::malformed) << text.substr(0, size);
    EXPECT_EQ(check(text), JsonStatus::ok);
}

TEST(JsonGrammar, AllowsNestingUpToTheLimit) {
    const auto nested = [](std::size_t levels) {
        return std::string(levels, '[') + std::string(levels, ']');
    };
    EXPECT_EQ(check(nested(JsonReader::max_depth)), JsonStatus::ok);
    EXPECT_EQ(check(nested(JsonReader::max_depth + 1)), JsonStatus::malformed);
    EXPECT_EQ(check(std::string(100'000, '[')), JsonStatus::malformed);
    std::string objects;
    for (int i = 0; i != 100'000; ++i)
        objects += "{\"a\":";
    EXPECT_EQ(check(objects), JsonStatus::malformed);
}

TEST(JsonGrammar, FindsASpecialByteAtEveryPlaceOfAString) {
    for (std::size_t size = 1; size != 70; ++size)
        for (std::size_t at = 0; at != size; ++at)
            for (const char special : {'\n', '\x80', '\0'}) {
                std::string text = '"' + std::string(size, 'a') + '"';
                text[1 + at] = special;
                EXPECT_EQ(check(text), JsonStatus::malformed) << size << ' ' << at;
            }
}

} // namespace
} // namespace armature
