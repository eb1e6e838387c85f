#include <armature/core/address_ranges.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace armature {
namespace {

using ::testing::HasSubstr;

bool contains(const AddressRanges& ranges, std::string_view address) {
    return ranges.contains(*parse_address(address));
}

TEST(Addresses, AreReadAsTheKernelWritesThem) {
    for (const char* text : {"127.0.0.1", "0.0.0.0", "255.255.255.255", "::1", "::", "2001:db8::7",
                             "::ffff:192.0.2.1"})
        EXPECT_EQ(parse_address(text)->address(), text);
    EXPECT_EQ(parse_address("2001:DB8:0:0::7", 80)->to_string(), "[2001:db8::7]:80");
    const std::string_view hidden{"127.0.0.1\0.evil", 15};
    for (const std::string_view text :
         {std::string_view{}, std::string_view{"localhost"}, std::string_view{"127.0.0"},
          std::string_view{"127.0.0.1:80"}, std::string_view{"[::1]"}, std::string_view{"::1%eth0"},
          std::string_view{"0127.0.0.1"}, std::string_view{"1.2.3.4 "},
          std::string_view{"256.1.1.1"}, std::string_view{"0x7f.0.0.1"},
          std::string_view{"2130706433"}, hidden})
        EXPECT_FALSE(parse_address(text)) << text;
}

TEST(AddressRanges, ContainTheirBlocks) {
    const AddressRanges ranges{"10.0.0.0/8", "192.0.2.7", "198.51.100.128/25", "fd00::/8",
                               "2001:db8::/33"};
    for (const char* in :
         {"10.0.0.0", "10.255.255.255", "192.0.2.7", "198.51.100.128", "198.51.100.255", "fd00::1",
          "fdff::1", "2001:db8:7fff::1", "::ffff:10.1.2.3", "::ffff:192.0.2.7"})
        EXPECT_TRUE(contains(ranges, in)) << in;
    for (const char* out :
         {"9.255.255.255", "11.0.0.0", "192.0.2.6", "192.0.2.8", "198.51.100.127", "fc00::1",
          "fe00::1", "2001:db8:8000::1", "::1", "::ffff:11.1.2.3", "::10.1.2.3", "a00::"})
        EXPECT_FALSE(contains(ranges, out)) << out;
}

TEST(AddressRanges, KnowSomeByName) {
    EXPECT_TRUE(contains({"loopback"}, "127.1.2.3"));
    EXPECT_TRUE(contains({"loopback"}, "::1"));
    EXPECT_FALSE(contains({"loopback"}, "10.0.0.1"));
    for (const char* in : {"10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fd12::1"})
        EXPECT_TRUE(contains({"private"}, in)) << in;
    for (const char* out : {"127.0.0.1", "172.32.0.1", "192.169.0.1", "169.254.1.1", "fe80::1"})
        EXPECT_FALSE(contains({"private"}, out)) << out;
    const PeerAddress local{PeerAddress::Family::unix_socket, nullptr, 0};
    EXPECT_TRUE(AddressRanges{"unix"}.contains(local));
    EXPECT_FALSE((AddressRanges{"0.0.0.0/0", "::/0"}.contains(local)));
    EXPECT_FALSE(AddressRanges{"unix"}.contains(PeerAddress{}));
}

TEST(AddressRanges, TakeEverything) {
    EXPECT_TRUE(contains({"0.0.0.0/0"}, "203.0.113.9"));
    EXPECT_FALSE(contains({"0.0.0.0/0"}, "2001:db8::1"));
    EXPECT_TRUE(contains({"::/0"}, "2001:db8::1"));
    EXPECT_TRUE(AddressRanges{}.empty());
    EXPECT_FALSE(AddressRanges{"unix"}.empty());
}

TEST(AddressRanges, SayWhatIsWrongWithATypingError) {
    const struct {
        const char* text;
        const char* says;
    } table[] = {
        {"", "write an address"},
        {"10.0.0.0/", "0 to 32 bits"},
        {"10.0.0.0/33", "0 to 32 bits"},
        {"10.0.0.0/-1", "0 to 32 bits"},
        {"10.0.0.0/8x", "0 to 32 bits"},
        {"fd00::/129", "0 to 128 bits"},
        {"10.1.2.3/8", "bits behind its prefix"},
        {"fd00::1/8", "bits behind its prefix"},
        {"proxy.example", "write an address"},
        {"*", "write an address"},
        {"10.*", "write an address"},
    };
    for (const auto& [text, says] : table) {
        try {
            const AddressRanges ranges{text};
            ADD_FAILURE() << text;
        } catch (const std::invalid_argument& error) {
            EXPECT_THAT(error.what(), HasSubstr(says)) << text;
        }
    }
}

} // namespace
} // namespace armature
