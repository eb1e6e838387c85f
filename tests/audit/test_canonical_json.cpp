#include "audit/canonical_json.hpp"

#include <armature/json/nlohmann.hpp>

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>

namespace armature {
namespace {

std::string canonical(std::string_view text) {
    std::string out;
    audit::append_canonical(out, nlohmann::json::parse(text));
    return out;
}

// RFC 8785 §3.2.2 and §3.2.4.
TEST(CanonicalJson, WritesTheDocumentOfTheRfc) {
    EXPECT_EQ(
        canonical(R"({
        "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
        "literals": [null, true, false]
      })"),
        "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27]"
        ",\"string\":\"\u20ac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
}

// RFC 8785 §3.2.3.
TEST(CanonicalJson, SortsNamesByTheirUtf16) {
    EXPECT_EQ(canonical(R"({
        "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One", "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis"
      })"),
              "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\","
              "\"\u00f6\":\"Latin Small Letter O With Diaeresis\",\"\u20ac\":\"Euro Sign\","
              "\"\U0001F600\":\"Emoji: Grinning Face\","
              "\"\ufb33\":\"Hebrew Letter Dalet With Dagesh\"}");
}

// RFC 8785, Appendix B.
TEST(CanonicalJson, WritesNumbersAsTheRfcDoes) {
    const struct {
        std::uint64_t bits;
        const char* text;
    } table[] = {
        {0x0000000000000000, "0"},
        {0x8000000000000000, "0"},
        {0x0000000000000001, "5e-324"},
        {0x8000000000000001, "-5e-324"},
        {0x7fefffffffffffff, "1.7976931348623157e+308"},
        {0xffefffffffffffff, "-1.7976931348623157e+308"},
        {0x4340000000000000, "9007199254740992"},
        {0xc340000000000000, "-9007199254740992"},
        {0x4430000000000000, "295147905179352830000"},
        {0x44b52d02c7e14af5, "9.999999999999997e+22"},
        {0x44b52d02c7e14af6, "1e+23"},
        {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
        {0x444b1ae4d6e2ef4e, "999999999999999700000"},
        {0x444b1ae4d6e2ef4f, "999999999999999900000"},
        {0x444b1ae4d6e2ef50, "1e+21"},
        {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
        {0x3eb0c6f7a0b5ed8d, "0.000001"},
        {0x41b3de4355555553, "333333333.3333332"},
        {0x41b3de4355555554, "333333333.33333325"},
        {0x41b3de4355555555, "333333333.3333333"},
        {0x41b3de4355555556, "333333333.3333334"},
        {0x41b3de4355555557, "333333333.33333343"},
        {0xbecbf647612f3696, "-0.0000033333333333333333"},
        {0x43143ff3c1cb0959, "1424953923781206.2"},
    };
    for (const auto& row : table) {
        std::string out;
        audit::append_canonical(out, nlohmann::json(std::bit_cast<double>(row.bits)));
        EXPECT_EQ(out, row.text);
    }
}

// RFC 7493 §2.2.
TEST(CanonicalJson, WritesWholeNumbersThatNoDoubleHoldsAsText) {
    EXPECT_EQ(canonical("[9007199254740991,-9007199254740991]"),
              "[9007199254740991,-9007199254740991]");
    EXPECT_EQ(canonical("[9007199254740993,-9007199254740993,18446744073709551615]"),
              R"(["9007199254740993","-9007199254740993","18446744073709551615"])");
}

TEST(CanonicalJson, IsValidUtf8WhateverItIsGiven) {
    std::string out;
    audit::append_canonical(out, std::string_view{"a\xff\"\n\x7f"});
    EXPECT_EQ(out, "\"a\uFFFD\\\"\\n\x7f\"");
}

} // namespace
} // namespace armature
