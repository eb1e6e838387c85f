#include <armature/core/decimal.hpp>

#include <gtest/gtest.h>

#include <stdexcept>

namespace armature {
namespace {

Decimal decimal(std::string_view text) {
    const auto value = Decimal::parse(text);
    EXPECT_TRUE(value) << text;
    return value.value_or(Decimal{});
}

TEST(Decimal, KeepsThePlacesItWasWrittenWith) {
    for (const char* text : {"0", "1", "-1", "12.50", "0.00", "-0.05", "1000000", "0.1",
                             "99999999999999999999.999999999999999999",
                             "-99999999999999999999.999999999999999999", "0.000000000000000001"})
        EXPECT_EQ(decimal(text).to_string(), text);
    EXPECT_EQ(decimal("-0").to_string(), "0");
    EXPECT_EQ(decimal("12.50").places(), 2u);
    EXPECT_EQ(Decimal::scaled(1250, 2).to_string(), "12.50");
    EXPECT_EQ(Decimal::scaled(-5, 2).to_string(), "-0.05");
    EXPECT_EQ(Decimal{-42}.to_string(), "-42");
}

TEST(Decimal, RefusesEveryOtherText) {
    for (const char* text :
         {"", "-", ".", "1.", ".5", "+1", "01", "00", "1e3", "1,5", " 1", "1 ", "--1", "1.2.3",
          "NaN", "100000000000000000000", "0.0000000000000000001", "0x1"})
        EXPECT_FALSE(Decimal::parse(text)) << text;
}

TEST(Decimal, ComparesByValue) {
    EXPECT_EQ(decimal("12.5"), decimal("12.50"));
    EXPECT_LT(decimal("-1"), decimal("-0.99"));
    EXPECT_GT(decimal("0.1"), decimal("0.09999"));
}

TEST(Decimal, CalculatesExactly) {
    EXPECT_EQ((decimal("0.1") + decimal("0.2")).to_string(), "0.3");
    EXPECT_EQ((decimal("0.10") - decimal("1")).to_string(), "-0.90");
    EXPECT_EQ((decimal("19.99") * 3).to_string(), "59.97");
    EXPECT_EQ((-decimal("1.5")).to_string(), "-1.5");
    EXPECT_DOUBLE_EQ(decimal("-12.25").to_double(), -12.25);
}

TEST(Decimal, RoundsHalvesToEven) {
    EXPECT_EQ(decimal("0.125").rounded(2).to_string(), "0.12");
    EXPECT_EQ(decimal("0.135").rounded(2).to_string(), "0.14");
    EXPECT_EQ(decimal("-0.125").rounded(2).to_string(), "-0.12");
    EXPECT_EQ(decimal("-0.1251").rounded(2).to_string(), "-0.13");
    EXPECT_EQ(decimal("2.5").rounded(0).to_string(), "2");
    EXPECT_EQ(decimal("3.5").rounded(0).to_string(), "4");
    EXPECT_EQ(decimal("1").rounded(2).to_string(), "1.00");
}

TEST(Decimal, SaysWhenItOverflows) {
    const Decimal greatest = decimal("99999999999999999999.999999999999999999");
    EXPECT_THROW((void)(greatest + Decimal{1}), std::overflow_error);
    EXPECT_THROW((void)(-greatest - Decimal{1}), std::overflow_error);
    EXPECT_THROW((void)(greatest * 2), std::overflow_error);
    EXPECT_THROW((void)(greatest * INT64_MAX), std::overflow_error);
    EXPECT_THROW((void)greatest.rounded(0), std::overflow_error);
    EXPECT_THROW((void)Decimal::scaled(1, 19), std::invalid_argument);
}

} // namespace
} // namespace armature
