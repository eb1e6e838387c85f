#include "redis/resp_decoder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace armature::redis {
namespace {

using ::testing::HasSubstr;

// A value as a text of its own, so that nested ones can be compared at a glance.
std::string show(const RedisValue& value) {
    switch (value.kind()) {
    case RedisValue::Kind::null:
        return "null";
    case RedisValue::Kind::text:
        return "'" + value.text() + "'";
    case RedisValue::Kind::error:
        return "error '" + value.text() + "'";
    case RedisValue::Kind::integer:
        return std::to_string(value.integer());
    case RedisValue::Kind::real:
        return "real " + std::to_string(value.real());
    case RedisValue::Kind::boolean:
        return value.integer() != 0 ? "true" : "false";
    case RedisValue::Kind::list:
        break;
    }
    std::string text = "[";
    for (const RedisValue& item : value.items())
        text += (text.size() > 1 ? " " : "") + show(item);
    return text + "]";
}

std::string decode(std::string_view bytes, std::size_t piece, std::size_t max = 1'000'000) {
    RespDecoder decoder{max};
    std::string shown;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        decoder.feed(bytes.substr(at, piece));
        while (const std::optional<RedisValue> value = decoder.next())
            shown += show(*value) + ";";
    }
    return shown;
}

TEST(RespDecoder, ReadsEachTypeHoweverTheBytesArrive) {
    const struct {
        std::string_view bytes;
        std::string_view shown;
    } cases[] = {
        {"+OK\r\n", "'OK';"},
        {"-ERR no\r\n", "error 'ERR no';"},
        {":-42\r\n:+7\r\n", "-42;7;"},
        {"$0\r\n\r\n$-1\r\n*-1\r\n_\r\n", "'';null;null;null;"},
        {"*2\r\n$1\r\na\r\n*1\r\n:1\r\n", "['a' [1]];"},
        {"*0\r\n", "[];"},
        {"%2\r\n+a\r\n:1\r\n+b\r\n*0\r\n", "['a' 1 'b' []];"},
        {"~2\r\n+a\r\n+b\r\n", "['a' 'b'];"},
        {">3\r\n+message\r\n+c\r\n+hi\r\n", "['message' 'c' 'hi'];"},
        {"#t\r\n#f\r\n", "true;false;"},
        {",1.5\r\n", "real 1.500000;"},
        {"(123456789012345678901234567890\r\n", "'123456789012345678901234567890';"},
        {"=8\r\ntxt:text\r\n", "'text';"},
        {"!8\r\nERR long\r\n", "error 'ERR long';"},
        {"|1\r\n+ttl\r\n:5\r\n+value\r\n", "'value';"},
        {"|0\r\n+value\r\n", "'value';"},
        {"*2\r\n|1\r\n+a\r\n+b\r\n:1\r\n:2\r\n", "[1 2];"},
    };
    for (const auto& [bytes, shown] : cases)
        for (const std::size_t piece : {1u, 2u, 3u, 1000u}) {
            EXPECT_EQ(decode(bytes, piece), shown) << bytes << " in pieces of " << piece;
        }
    using namespace std::string_view_literals;
    EXPECT_EQ(decode("$5\r\na\r\nb\0\r\n"sv, 1), "'a\r\nb\0';"sv);
}

TEST(RespDecoder, ReadsNumbersThatAreNone) {
    RespDecoder decoder{1000};
    decoder.feed(",inf\r\n,-inf\r\n,nan\r\n");
    EXPECT_TRUE(std::isinf(decoder.next()->real()));
    EXPECT_LT(decoder.next()->real(), 0);
    EXPECT_TRUE(std::isnan(decoder.next()->real()));
}

TEST(RespDecoder, RefusesWhatIsNotResp) {
    const std::string_view cases[] = {
        "\r\n",
        "HTTP/1.1 200 OK\r\n",
        "?1\r\n",
        ":x\r\n",
        ":1 \r\n",
        ":\r\n",
        "$-2\r\n",
        "$x\r\n",
        "*-2\r\n",
        "$1\r\nabc\r\n",
        "#x\r\n",
        "_x\r\n",
        ",one\r\n",
        "=3\r\ntxt\r\n",
        "=5\r\ntext:\r\n",
        "$?\r\n",
        "*?\r\n",
        "%-1\r\n",
        ":99999999999999999999\r\n",
    };
    for (const std::string_view bytes : cases)
        for (const std::size_t piece : {1u, 1000u})
            EXPECT_THROW((void)decode(bytes, piece), RedisError) << bytes;
}

TEST(RespDecoder, BoundsWhatAServerCanMakeItKeep) {
    // A size alone takes no memory.
    EXPECT_THROW((void)decode("$2000000\r\n", 100), RedisError);
    EXPECT_THROW((void)decode("*100000000\r\n", 100), RedisError);
    EXPECT_THROW((void)decode("%9223372036854775807\r\n", 100), RedisError);
    EXPECT_THROW((void)decode("+" + std::string(70'000, 'x'), 1000), RedisError);
    std::string deep;
    for (int i = 0; i < 40; ++i)
        deep += "*1\r\n";
    EXPECT_THROW((void)decode(deep, 1000), RedisError);
    // Many small ones count together, but each value for itself.
    EXPECT_THROW(
        (void)decode("*2\r\n$600\r\n" + std::string(600, 'x') + "\r\n$600\r\n", 1000, 1000),
        RedisError);
    const std::string one = "$600\r\n" + std::string(600, 'x') + "\r\n";
    EXPECT_EQ(decode(one + one, 1000, 1000).size(), 2 * 603u);
}

TEST(RedisValue, SaysWhatItIsWhenAskedForAnotherKind) {
    try {
        (void)RedisValue::of_integer(1).text();
        FAIL();
    } catch (const RedisError& error) {
        EXPECT_EQ(error.kind(), RedisError::Kind::protocol);
        EXPECT_THAT(error.what(), HasSubstr("an integer where a text was expected"));
    }
    EXPECT_EQ(RedisValue::of_text("12").integer(), 12);
    EXPECT_EQ(RedisValue::of_text("1.5").real(), 1.5);
    EXPECT_THROW((void)RedisValue::of_text("12x").integer(), RedisError);
    EXPECT_THROW((void)RedisValue{}.items(), RedisError);
}

} // namespace
} // namespace armature::redis
