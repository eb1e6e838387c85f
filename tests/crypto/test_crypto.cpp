#include "crypto/crypto.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

namespace armature::crypto {
namespace {

using namespace std::string_view_literals;

TEST(Crypto, DigestsAsFips180Says) {
    EXPECT_EQ(to_hex(sha256("abc")),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(to_hex(digest(EVP_sha1(), "abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
}

TEST(Crypto, AuthenticatesAsRfc4231Says) {
    EXPECT_EQ(to_hex(hmac(EVP_sha256(), "Jefe", "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Crypto, DerivesAKeyForEachPurpose) {
    EXPECT_EQ(derive_key("secret", "one").size(), 32u);
    EXPECT_EQ(derive_key("secret", "one"), derive_key("secret", "one"));
    EXPECT_NE(derive_key("secret", "one"), derive_key("secret", "two"));
    // RFC 5869, its third test: without salt and info.
    EXPECT_EQ(to_hex(derive_key(std::string(22, '\x0b'), "")),
              "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
}

TEST(Crypto, GivesOtherRandomBytesEachTime) {
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i)
        EXPECT_TRUE(seen.insert(random_bytes(16)).second);
}

class Sealed : public testing::Test {
  protected:
    std::string key = std::string(32, 'k');
    std::string sealed = seal(key, "for this", "the text");
    std::string opened;
};

TEST_F(Sealed, OpensWithItsKeyAndContextOnly) {
    EXPECT_TRUE(open(key, "for this", sealed, opened));
    EXPECT_EQ(opened, "the text");
    opened.clear();
    EXPECT_FALSE(open(key, "for that", sealed, opened));
    EXPECT_FALSE(open(std::string(32, 'l'), "for this", sealed, opened));
    EXPECT_EQ(opened, "");
}

TEST_F(Sealed, DoesNotOpenWhenAnyBitWasChangedOrAnyByteCut) {
    for (std::size_t i = 0; i < sealed.size() * 8; ++i) {
        std::string changed = sealed;
        changed[i / 8] = static_cast<char>(changed[i / 8] ^ 1 << i % 8);
        EXPECT_FALSE(open(key, "for this", changed, opened)) << i;
    }
    for (std::size_t i = 0; i < sealed.size(); ++i)
        EXPECT_FALSE(open(key, "for this", sealed.substr(0, i), opened)) << i;
}

TEST_F(Sealed, IsAnotherTextEachTime) { EXPECT_NE(seal(key, "for this", "the text"), sealed); }

TEST_F(Sealed, MayBeEmpty) {
    EXPECT_TRUE(open(key, "", seal(key, "", ""), opened));
    EXPECT_EQ(opened, "");
}

TEST_F(Sealed, WantsAKeyOf256Bits) {
    EXPECT_THROW(static_cast<void>(seal("short", "", "")), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(open("short", "", sealed, opened)), std::invalid_argument);
}

} // namespace
} // namespace armature::crypto
