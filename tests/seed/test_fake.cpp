#include <armature/seed/fake.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace {

using namespace armature;
using seed::Fake;
using seed::Locale;
using seed::Permutation;
using seed::Random;

constexpr Locale locales[] = {Locale::en, Locale::de, Locale::fr, Locale::es, Locale::ja};

bool is_ascii(const std::string& text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}
bool ends_with_one_of(const std::string& text, std::initializer_list<std::string_view> ends) {
    return std::any_of(ends.begin(), ends.end(),
                       [&](std::string_view end) { return text.ends_with(end); });
}
std::string digits_of(std::string_view text) {
    std::string digits;
    for (const char c : text)
        if (c >= '0' && c <= '9') digits += c;
    return digits;
}

TEST(SeedRandom, FollowsTheAlgorithmsThatItNames) {
    // SplitMix64 of the seed 1234567, as its author's program gives it.
    EXPECT_EQ(seed::detail::mix(1234567 + 0x9E3779B97F4A7C15), 6457827717110365317U);
    EXPECT_EQ(seed::detail::mix(1234567 + 2 * 0x9E3779B97F4A7C15), 3203168211198807973U);
    Random one{42};
    Random same{42};
    Random other{43};
    EXPECT_EQ(one.next(), same.next());
    EXPECT_NE(one.next(), other.next());
}

TEST(SeedRandom, StaysWithinItsBounds) {
    Random random{1};
    std::vector<int> seen(7);
    for (int i = 0; i < 7000; ++i)
        ++seen[random.below(7)];
    for (const int count : seen)
        EXPECT_NEAR(count, 1000, 200);
    EXPECT_EQ(random.below(0), 0U);
    EXPECT_EQ(random.between(5, 5), 5);
    EXPECT_THROW((void)random.between(2, 1), std::invalid_argument);
    EXPECT_NE(random.between(INT64_MIN, INT64_MAX), random.between(INT64_MIN, INT64_MAX));
    int small = 0;
    for (int i = 0; i < 1000; ++i)
        small += random.skewed(800) < 100 ? 1 : 0;
    EXPECT_NEAR(small, 500, 80);
}

TEST(SeedPermutation, GivesAMillionNumbersOnceEach) {
    constexpr std::uint64_t size = 1'000'000;
    const Permutation permutation{size, 99};
    std::vector<bool> seen(size);
    std::uint64_t in_place = 0;
    for (std::uint64_t i = 0; i < size; ++i) {
        const std::uint64_t value = permutation.at(i);
        ASSERT_LT(value, size);
        ASSERT_FALSE(seen[value]) << i;
        seen[value] = true;
        in_place += value == i ? 1 : 0;
    }
    EXPECT_LT(in_place, 20U) << "it looks random";
}

TEST(SeedPermutation, IsOneOfAnySize) {
    for (std::uint64_t size = 1; size < 70; ++size) {
        std::set<std::uint64_t> seen;
        for (std::uint64_t i = 0; i < size; ++i)
            seen.insert(Permutation{size, 5}.at(i));
        EXPECT_EQ(seen.size(), size);
        EXPECT_EQ(*seen.rbegin(), size - 1);
    }
    EXPECT_THROW((void)Permutation(10, 1).at(10), std::out_of_range);
    EXPECT_THROW(Permutation(0, 1), std::invalid_argument);
}

TEST(SeedFake, GivesAMillionUniqueNumbersAndAddresses) {
    std::vector<std::uint64_t> numbers;
    numbers.reserve(1'000'000);
    for (std::uint64_t i = 0; i < 1'000'000; ++i)
        numbers.push_back(Fake(1, 2, i, 3, i, Locale::en).unique(std::uint64_t{1} << 32));
    std::sort(numbers.begin(), numbers.end());
    EXPECT_EQ(std::adjacent_find(numbers.begin(), numbers.end()), numbers.end());
    std::set<std::string> emails;
    for (std::uint64_t i = 0; i < 20'000; ++i)
        emails.insert(Fake{1, "users", i}.unique_email());
    EXPECT_EQ(emails.size(), 20'000U);
    // All of a small set, too: fifty of fifty.
    std::set<std::uint64_t> fifty;
    for (std::uint64_t i = 0; i < 50; ++i)
        fifty.insert(Fake{1, "users", i}.unique(50, "seat"));
    EXPECT_EQ(fifty.size(), 50U);
    EXPECT_THROW((void)Fake(1, "users", 50).unique(50), std::out_of_range);
}

TEST(SeedFake, KeepsAPersonTogetherWhateverIsAskedFirst) {
    for (const Locale locale : locales)
        for (std::uint64_t i = 0; i < 50; ++i) {
            Fake fake{1, "users", i, locale};
            const std::string email = fake.email();
            (void)fake.sentence();
            const std::string name = fake.name();
            const std::string space = " ";
            EXPECT_EQ(name, locale == Locale::ja ? fake.last_name() + space + fake.first_name()
                                                 : fake.first_name() + space + fake.last_name());
            EXPECT_EQ(email.substr(0, email.find('@')), fake.user_name());
            EXPECT_TRUE(is_ascii(email)) << email;
            EXPECT_EQ(fake.unique_email().substr(0, fake.user_name().size()), fake.user_name());
            EXPECT_EQ(Fake(1, "users", i, locale).name(), name);
            fake.another_person();
            (void)fake.name();
        }
    Fake german{0, "t", 0, Locale::de};
    std::set<std::string> user_names;
    for (std::uint64_t i = 0; i < 400; ++i)
        user_names.insert(Fake{0, "t", i, Locale::de}.user_name());
    EXPECT_THAT(user_names, ::testing::Contains(::testing::HasSubstr("mueller")));
    EXPECT_THAT(user_names, ::testing::Contains(::testing::HasSubstr("weiss")));
}

TEST(SeedFake, BelongsToNobody) {
    for (const Locale locale : locales)
        for (std::uint64_t i = 0; i < 50; ++i) {
            Fake fake{3, "all", i, locale};
            EXPECT_TRUE(
                ends_with_one_of(fake.email(), {"@example.com", "@example.org", "@example.net"}));
            EXPECT_TRUE(ends_with_one_of(
                fake.domain(), {".example.com", ".example.org", ".example.net", ".test"}));
            const std::string address = fake.ipv4();
            EXPECT_TRUE(address.starts_with("192.0.2.") || address.starts_with("198.51.100.") ||
                        address.starts_with("203.0.113."))
                << address;
            EXPECT_THAT(fake.ipv6(), ::testing::StartsWith("2001:db8:"));
            const std::string phone = digits_of(fake.phone());
            switch (locale) {
            case Locale::en:
                EXPECT_EQ(phone.substr(4, 5), "55501") << phone; // 555-0100 to 555-0199
                EXPECT_EQ(phone.size(), 11U);
                break;
            case Locale::de:
                EXPECT_TRUE(phone.starts_with("493023125") || phone.starts_with("496990009") ||
                            phone.starts_with("494066969") || phone.starts_with("492214710") ||
                            phone.starts_with("498999998"))
                    << phone;
                break;
            case Locale::fr:
                EXPECT_TRUE(phone.starts_with("3319900") || phone.starts_with("3326191") ||
                            phone.starts_with("3335301") || phone.starts_with("3346571") ||
                            phone.starts_with("3353649") || phone.starts_with("3363998"))
                    << phone;
                break;
            case Locale::es:
                EXPECT_TRUE(phone.starts_with("34555")) << phone;
                break;
            case Locale::ja:
                EXPECT_TRUE(phone.starts_with("8130") || phone.starts_with("8160")) << phone;
                break;
            }
            const std::string_view card = fake.card_number();
            int sum = 0; // Luhn's check digit
            for (std::size_t at = 0; at < card.size(); ++at) {
                int digit = card[card.size() - 1 - at] - '0';
                if (at % 2 == 1) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
                sum += digit;
            }
            EXPECT_EQ(sum % 10, 0) << card;
        }
}

TEST(SeedFake, HasEverythingInAllLocales) {
    for (const Locale locale : locales) {
        std::set<std::string> names;
        for (std::uint64_t i = 0; i < 20; ++i) {
            Fake fake{3, "all", i, locale};
            names.insert(fake.name());
            for (const std::string& text :
                 {fake.first_name(), fake.street(), fake.postcode(), fake.city(), fake.country(),
                  fake.address(), fake.company(), fake.job_title(), fake.word(), fake.words(3),
                  fake.sentence(), fake.paragraph(), fake.title(), fake.product(), fake.slug(),
                  fake.url(), fake.file_name(), fake.media_type(), fake.colour_name()}) {
                EXPECT_FALSE(text.empty());
                EXPECT_EQ(text.find('{'), std::string::npos) << text;
                EXPECT_EQ(text.find('#'), std::string::npos) << text;
            }
            EXPECT_THAT(fake.colour(), ::testing::MatchesRegex("#[0-9a-f]{6}"));
            EXPECT_EQ(fake.currency().size(), 3U);
            EXPECT_EQ(fake.uuid().version(), 4U);
            EXPECT_EQ(fake.price().places(), locale == Locale::ja ? 0U : 2U);
            EXPECT_LE(fake.price(1, 2), Decimal{2});
            const auto birthday = fake.birthday(18, 18);
            EXPECT_GT(birthday, std::chrono::year{2006} / 1 / 1);
            EXPECT_LE(birthday, std::chrono::year{2007} / 1 / 1) << "18 on 1 January 2025";
            EXPECT_LT(fake.past(10), std::chrono::sys_days{std::chrono::year{2025} / 1 / 1});
            const auto day =
                fake.date(std::chrono::year{2024} / 2 / 29, std::chrono::year{2024} / 3 / 1);
            EXPECT_EQ(day, std::chrono::year{2024} / 2 / 29);
        }
        EXPECT_GT(names.size(), 15U);
    }
}

TEST(SeedFake, IsOfItsRowAlone) {
    Fake row{1, "users", 5};
    Fake same{1, "users", 5};
    EXPECT_EQ(row.sentence(), same.sentence());
    EXPECT_NE(Fake(1, "users", 6).sentence(), Fake(1, "users", 5).sentence());
    EXPECT_NE(Fake(2, "users", 5).sentence(), Fake(1, "users", 5).sentence());
    EXPECT_NE(Fake(1, "posts", 5).sentence(), Fake(1, "users", 5).sentence());
}

} // namespace
