#include <armature/core/uuid.hpp>

#include <gtest/gtest.h>

#include <ctime>
#include <set>

namespace armature {
namespace {

TEST(Uuid, ReadsAndWritesItsText) {
    EXPECT_EQ(Uuid{}.to_string(), "00000000-0000-0000-0000-000000000000");
    const auto uuid = Uuid::parse("f81D4fae-7dec-11d0-a765-00a0c91e6BF6");
    ASSERT_TRUE(uuid);
    EXPECT_EQ(uuid->bytes()[0], 0xF8);
    EXPECT_EQ(uuid->bytes()[15], 0xF6);
    EXPECT_EQ(uuid->version(), 1u);
    EXPECT_EQ(uuid->to_string(), "f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
}

TEST(Uuid, RefusesEveryOtherText) {
    for (const char* text :
         {"", "f81d4fae", "f81d4fae-7dec-11d0-a765-00a0c91e6bf", "f81d4fae7dec11d0a76500a0c91e6bf6",
          "f81d4fae-7dec-11d0-a765-00a0c91e6bf66", "g81d4fae-7dec-11d0-a765-00a0c91e6bf6",
          "f81d4fae-7dec-11d0-a765000a0c91e6bf6", "{81d4fae-7dec-11d0-a765-00a0c91e6bf}",
          " 81d4fae-7dec-11d0-a765-00a0c91e6bf6"})
        EXPECT_FALSE(Uuid::parse(text)) << text;
}

TEST(Uuid, MakesRandomOnes) {
    std::set<Uuid> seen;
    for (int i = 0; i != 1000; ++i) {
        const Uuid uuid = Uuid::v4();
        EXPECT_EQ(uuid.version(), 4u);
        EXPECT_EQ(uuid.bytes()[8] & 0xC0, 0x80);
        EXPECT_TRUE(seen.insert(uuid).second);
    }
}

TEST(Uuid, MakesAscendingOnesThatSayWhenTheyWereMade) {
    const auto before = static_cast<std::uint64_t>(std::time(nullptr));
    Uuid last;
    for (int i = 0; i != 10'000; ++i) { // more than the count within a millisecond starts with
        const Uuid uuid = Uuid::v7();
        EXPECT_EQ(uuid.version(), 7u);
        EXPECT_EQ(uuid.bytes()[8] & 0xC0, 0x80);
        EXPECT_LT(last, uuid);
        last = uuid;
    }
    std::uint64_t milliseconds = 0;
    for (int i = 0; i != 6; ++i)
        milliseconds = milliseconds << 8 | last.bytes()[static_cast<std::size_t>(i)];
    EXPECT_GE(milliseconds / 1000, before);
    EXPECT_LE(milliseconds / 1000, before + 600);
}

} // namespace
} // namespace armature
