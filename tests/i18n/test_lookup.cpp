#include "i18n/lookup.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace armature::testing {
namespace {

using detail::look_up;
using detail::look_up_accepted;

const std::vector<std::string> tags{"en", "de", "de-ch", "pt-br", "zh-hant", "zh-hant-tw", "ar"};

std::string chosen(std::string_view accept_language) {
    const auto found = look_up_accepted(accept_language, tags);
    return found ? tags[*found] : "none";
}

struct Row {
    std::string accept_language;
    std::string chosen;
};

TEST(LanguageLookup, FollowsRfc4647) {
    const Row table[] = {
        {"de", "de"},
        {"DE-ch", "de-ch"},
        {"de-CH-1996", "de-ch"},
        {"de-AT", "de"},
        {"zh-Hant-CN-x-private1-private2", "zh-hant"}, // the example of §3.4
        {"zh-Hant-TW-x-a-b", "zh-hant-tw"},
        {"zh-x-a", "none"},
        {"pt", "none"}, // a range is never made longer
        {"pt-BR", "pt-br"},
        {"fr, de;q=0.5, en;q=0.8", "en"},
        {"fr;q=1.0, de;q=0.500, ar;q=0.5", "de"}, // equals: the first
        {"fr", "none"},
        {"*", "none"}, // the default
        {"*, de", "de"},
        {"fr-FR, *;q=0.1", "none"},
        {"de;q=0, en;q=0.1", "en"},
        {"de;q=0", "none"},
        {" de ; q=0.1 ,\ten", "en"},
        {",,de,", "de"},
    };
    for (const Row& row : table)
        EXPECT_EQ(chosen(row.accept_language), row.chosen) << row.accept_language;
}

TEST(LanguageLookup, TakesNoHarmFromWhatIsNoList) {
    const Row table[] = {
        {"", "none"},
        {";", "none"},
        {";q=1", "none"},
        {"de;", "de"},
        {"de;q", "none"},
        {"de;q=", "none"},
        {"de;q=2", "none"},
        {"de;q=1.001", "none"},
        {"de;q=0.1234", "none"},
        {"de;q=-1", "none"},
        {"de;q=1e9", "none"},
        {"de;q=nan", "none"},
        {"de;level=1", "none"},
        {"../../etc/passwd", "none"},
        {"de-", "none"},
        {"-de", "none"},
        {"de--ch", "none"},
        {"de_CH", "none"},
        {"de\0ch", "de"}, // ends there
        {std::string("de\0-ch", 6), "none"},
        {"\xC3\xA9", "none"},
        {"<script>", "none"},
        {"abcdefghi", "none"},
        {"de-abcdefghi", "none"},
        {std::string(100'000, 'a'), "none"},
        {std::string(100'000, ','), "none"},
        {std::string(100'000, '-'), "none"},
        {"de-" + std::string(60, 'a'), "none"},
        {"x-y-z", "none"},
        {"a-de", "none"},
        {"de-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a", "de"},
    };
    for (const Row& row : table)
        EXPECT_EQ(chosen(row.accept_language), row.chosen) << row.accept_language.substr(0, 80);
}

TEST(LanguageLookup, LooksAtTheFirst32RangesOnly) {
    std::string many;
    for (int i = 0; i < 31; ++i)
        many += "xx,";
    EXPECT_EQ(chosen(many + "de"), "de");
    EXPECT_EQ(chosen(many + "xx,de"), "none");
}

TEST(LanguageLookup, TakesOneRangeAlone) {
    EXPECT_EQ(look_up("de-LI", tags), 1u);
    EXPECT_EQ(look_up("*", tags), std::nullopt);
    EXPECT_EQ(look_up("de,en", tags), std::nullopt);
    EXPECT_EQ(look_up("de", {}), std::nullopt);
}

} // namespace
} // namespace armature::testing
