#include <armature/core/base64.hpp>

#include <gtest/gtest.h>

#include <string>

namespace armature {
namespace {

TEST(Base64, IsAsTheRfcHasIt) {
    // RFC 4648 §10.
    const std::pair<const char*, const char*> rows[] = {{"", ""},
                                                        {"f", "Zg=="},
                                                        {"fo", "Zm8="},
                                                        {"foo", "Zm9v"},
                                                        {"foob", "Zm9vYg=="},
                                                        {"fooba", "Zm9vYmE="},
                                                        {"foobar", "Zm9vYmFy"}};
    for (const auto& [bytes, text] : rows) {
        EXPECT_EQ(to_base64(bytes), text);
        EXPECT_EQ(from_base64(text), bytes);
    }
}

TEST(Base64, HoldsEveryByte) {
    std::string bytes;
    for (int i = 0; i < 256; ++i)
        bytes += static_cast<char>(i);
    for (std::size_t size = 0; size <= bytes.size(); ++size)
        EXPECT_EQ(from_base64(to_base64(bytes.substr(0, size))), bytes.substr(0, size));
}

TEST(Base64, RefusesWhatItWouldNotWrite) {
    for (const char* text : {"Z", "Zg", "Zg=", "Zg===", "=", "====", "Z===", "Zm9v=", "Zh==",
                             "Zm9=", "Zm 8=", "Zm8=\n", " Zm8=", "Zm-_", "Zg==Zg==", "Zm8\0"})
        EXPECT_FALSE(from_base64(text)) << text;
}

TEST(Base64Url, IsTheSameWithOtherLastTwoCharactersAndWithoutPadding) {
    EXPECT_EQ(to_base64("\xfb\xff\xfe"), "+//+");
    EXPECT_EQ(to_base64url("\xfb\xff\xfe"), "-__-");
    EXPECT_EQ(from_base64url("-__-"), "\xfb\xff\xfe");
    EXPECT_EQ(to_base64url("f"), "Zg");
    EXPECT_EQ(from_base64url("Zg"), "f");
    for (const char* text : {"Z", "Zg==", "Zh", "Zm9", "+//+", "Zm9v ", "Zm9vY"})
        EXPECT_FALSE(from_base64url(text)) << text;
}

} // namespace
} // namespace armature
