#include "core/characters.hpp"

#include <gtest/gtest.h>

#include <string>

namespace armature {
namespace {

// Every byte at every place of texts that are shorter than eight bytes, as long, and longer.
template <class Check>
void at_every_place(Check check) {
    for (const std::size_t size : {1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17}) {
        for (std::size_t place = 0; place < size; ++place) {
            for (unsigned byte = 0; byte < 256; ++byte) {
                std::string text(size, 'm');
                text[place] = static_cast<char>(byte);
                SCOPED_TRACE("byte " + std::to_string(byte) + " at " + std::to_string(place) +
                             " of " + std::to_string(size));
                check(text, place);
                if (testing::Test::HasFailure()) return;
            }
        }
    }
}

TEST(Characters, AFieldValueHasNoControlCharacterButTab) {
    at_every_place([](const std::string& text, std::size_t place) {
        EXPECT_EQ(is_field_value(text), !is_control(text[place]) || text[place] == '\t');
    });
}

TEST(Characters, AControlCharacterAfterATabIsFound) {
    EXPECT_FALSE(is_field_value("\tabcdefgh\tabcdef\x7f"));
    EXPECT_TRUE(is_field_value("\tabcdefgh\tabcdef\xff"));
}

TEST(Characters, ANewTextIsInLowerCaseAndNoLonger) {
    char behind = '#';
    copy_in_lower_case("", &behind);
    EXPECT_EQ(behind, '#');
    at_every_place([](const std::string& text, std::size_t place) {
        std::string expected = text;
        expected[place] = to_lower(expected[place]);
        std::string copy(text.size() + 1, '#');
        copy_in_lower_case(text, copy.data());
        EXPECT_EQ(copy, expected + '#');
    });
}

TEST(Characters, OnlyTheCaseOfAsciiLettersIsIgnored) {
    at_every_place([](const std::string& text, std::size_t place) {
        std::string other = text;
        for (unsigned byte = 0; byte < 256; ++byte) {
            other[place] = static_cast<char>(byte);
            const bool same = to_lower(text[place]) == to_lower(other[place]);
            if (equal_ignoring_case(text, other) != same) FAIL() << "beside byte " << byte;
        }
    });
}

TEST(Characters, TextsOfDifferentLengthDiffer) {
    EXPECT_FALSE(equal_ignoring_case("content-length", "content-lengt"));
    EXPECT_FALSE(equal_ignoring_case("", "a"));
    EXPECT_TRUE(equal_ignoring_case("", ""));
    EXPECT_TRUE(equal_ignoring_case("X-Request-ID", "x-request-id"));
}

static_assert(is_field_value("a value that is known at compile time"));
static_assert(!equal_ignoring_case("also-at-compile-time", "ALSO-AT-COMPILE-TIMES"));

} // namespace
} // namespace armature
