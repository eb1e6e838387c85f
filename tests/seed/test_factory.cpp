#include "seed/shop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace shop;

TEST(SeedFactory, BuildsWithoutADatabase) {
    const User user = users().build();
    EXPECT_EQ(user.id, 1);
    EXPECT_THAT(user.email, ::testing::HasSubstr("@example."));
    EXPECT_EQ(users().build(1).name, user.name);
    EXPECT_NE(users().build(2).email, user.email);
    const auto three = users().count(3).build_all();
    ASSERT_EQ(three.size(), 3U);
    EXPECT_EQ(three[0].email, user.email) << "the first row is the same, however many there are";
    EXPECT_EQ(three[2].id, 3);
}

TEST(SeedFactory, HasStatesAndTraits) {
    EXPECT_EQ(users().with("admin").build().role, Role::admin);
    EXPECT_EQ(users().build().role, Role::reader) << "a factory isn't changed by its calls";
    EXPECT_EQ(users().set(&User::name, "Ada").build().name, "Ada");
    EXPECT_EQ(
        users().set(&User::name, "Ada").state([](User& user) { user.name += '!'; }).build().name,
        "Ada!");
    EXPECT_THROW((void)users().with("admn"), std::invalid_argument);
    EXPECT_EQ(users().after_making([](User& user) { user.city = user.name; }).build().city,
              users().build().name);
}

TEST(SeedFactory, HasSequences) {
    const auto all = users()
                         .count(4)
                         .sequence(&User::role, {Role::reader, Role::writer, Role::admin})
                         .build_all();
    EXPECT_EQ(all[0].role, Role::reader);
    EXPECT_EQ(all[2].role, Role::admin);
    EXPECT_EQ(all[3].role, Role::reader);
    EXPECT_THROW((void)users().sequence(&User::role, {}), std::invalid_argument);
}

TEST(SeedFactory, IsNotChangedByAnother) {
    seed::detail::Plan alone;
    const auto before = seed::detail::add_group(alone, users(), 5);
    seed::detail::Plan beside;
    seed::detail::add_group(beside, tags(), 7);
    const auto after = seed::detail::add_group(beside, users(), 5);
    seed::detail::add_group(beside, users().named("others"), 5);
    for (std::uint64_t row = 0; row < 5; ++row) {
        EXPECT_EQ(before->make(row).email, after->make(row).email);
        EXPECT_EQ(before->make(row).city, after->make(row).city);
    }
    EXPECT_NE(users().named("others").build().name, users().build().name);
}

TEST(SeedFactory, KnowsTheKeysOfWhatItRefersTo) {
    const auto all = posts().count(6).for_(&Post::author_id, users().count(2)).build_all();
    EXPECT_EQ(all[0].author_id, 1);
    EXPECT_EQ(all[1].author_id, 2);
    EXPECT_EQ(all[4].author_id, 1);
    EXPECT_EQ(posts().count(3).belongs_to(&Post::author_id, users()).build_all()[2].author_id, 3);
    // Keys that are no numbers.
    const Tag tag = tags().build();
    EXPECT_EQ(tag.id, tags().build().id);
    EXPECT_NE(tag.id, tags().build(2).id);
    const auto tagging = seed::Factory<Tagging>{"taggings"}.for_(&Tagging::tag_id, tags());
    EXPECT_EQ(tagging.build().tag_id, tag.id);
}

TEST(SeedFactory, RefusesKeysThatDontFit) {
    const auto wrong = seed::Factory<Tagging>{"taggings"}.for_(&Tagging::post_id, tags());
    EXPECT_THROW((void)wrong.build(), std::invalid_argument);
    const auto nobody = posts().for_(&Post::author_id, users().count(0));
    EXPECT_THROW((void)nobody.build(), std::invalid_argument);
    const auto no_key = posts().for_(&Post::author_id, seed::Factory<Tagging>{"taggings"});
    EXPECT_THROW((void)no_key.build(), std::invalid_argument);
    EXPECT_THROW((void)tags().keys_from(1).build(), std::invalid_argument);
}

TEST(SeedFactory, SpeaksItsLocale) {
    const User user = users().locale(seed::Locale::ja).build();
    EXPECT_GT(static_cast<unsigned char>(user.name[0]), 0x80);
}

} // namespace
