#include <armature/testing/cookie_jar.hpp>

#include <gtest/gtest.h>

namespace armature::kit {
namespace {

constexpr std::int64_t now = 1'000'000;
constexpr CookieTarget here{"www.example.com", "/a/b", false};

std::string sent_after(std::string_view set_cookie, CookieTarget to = here,
                       std::int64_t later = now) {
    TestCookieJar jar;
    jar.store(set_cookie, here, now);
    return jar.header(to, later);
}

TEST(TestCookieJarTest, SendsACookieBackToItsHost) {
    EXPECT_EQ(sent_after("a=b"), "a=b");
    EXPECT_EQ(sent_after(" a = b ;x"), "a=b");
    EXPECT_EQ(sent_after("a=b", {"WWW.example.com", "/a/c", false}), "a=b");
    EXPECT_EQ(sent_after("a=b", {"example.com", "/a/b", false}), "");
    EXPECT_EQ(sent_after("a=b", {"x.www.example.com", "/a/b", false}), "");
}

TEST(TestCookieJarTest, IgnoresWhatIsNoCookie) {
    EXPECT_EQ(sent_after(""), "");
    EXPECT_EQ(sent_after("novalue"), "");
    EXPECT_EQ(sent_after("=b"), "");
}

TEST(TestCookieJarTest, HeedsTheDomain) {
    EXPECT_EQ(sent_after("a=b; Domain=example.com", {"example.com", "/a", false}), "a=b");
    EXPECT_EQ(sent_after("a=b; Domain=.Example.com", {"shop.example.com", "/a", false}), "a=b");
    EXPECT_EQ(sent_after("a=b; Domain=example.com", {"badexample.com", "/a", false}), "");
    EXPECT_EQ(sent_after("a=b; Domain=other.com"), "");
    EXPECT_EQ(sent_after("a=b; Domain=x.www.example.com"), "");
    TestCookieJar jar;
    jar.store("a=b; Domain=0.0.1", {"127.0.0.1", "/", false}, now);
    EXPECT_TRUE(jar.all().empty());
}

TEST(TestCookieJarTest, HeedsThePath) {
    EXPECT_EQ(sent_after("a=b", {"www.example.com", "/a", false}), "a=b"); // the default is /a
    EXPECT_EQ(sent_after("a=b", {"www.example.com", "/", false}), "");
    EXPECT_EQ(sent_after("a=b; Path=/a", {"www.example.com", "/ab", false}), "");
    EXPECT_EQ(sent_after("a=b; Path=/", {"www.example.com", "/x", false}), "a=b");
    EXPECT_EQ(sent_after("a=b; Path=relative", {"www.example.com", "/a/x", false}), "a=b");
    EXPECT_EQ(sent_after("a=b; Path=/c/", {"www.example.com", "/c/d", false}), "a=b");
    EXPECT_EQ(sent_after("a=b; Path=/c/", {"www.example.com", "/c", false}), "");
}

TEST(TestCookieJarTest, HeedsExpiryAndPrefersMaxAge) {
    EXPECT_EQ(sent_after("a=b; Max-Age=10", here, now + 9), "a=b");
    EXPECT_EQ(sent_after("a=b; Max-Age=10", here, now + 10), "");
    EXPECT_EQ(sent_after("a=b; Max-Age=0"), "");
    EXPECT_EQ(sent_after("a=b; Max-Age=ten", here, now + 99), "a=b");
    EXPECT_EQ(sent_after("a=b; Max-Age=9223372036854775807", here, now + 99), "a=b");
    EXPECT_EQ(sent_after("a=b; Expires=Thu, 01 Jan 1970 00:00:01 GMT"), "");
    EXPECT_EQ(sent_after("a=b; Expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=5"), "a=b");
    EXPECT_EQ(sent_after("a=b; Expires=never"), "a=b");
}

TEST(TestCookieJarTest, KeepsSecureCookiesToSecureWays) {
    EXPECT_EQ(sent_after("a=b; Secure"), "");
    const CookieTarget secure{"www.example.com", "/a/b", true};
    TestCookieJar jar;
    jar.store("a=b; Secure; HttpOnly; SameSite=Lax", secure, now);
    EXPECT_EQ(jar.header(secure, now), "a=b");
    EXPECT_EQ(jar.header(here, now), "");
    EXPECT_TRUE(jar.all().front().http_only);
    EXPECT_EQ(jar.all().front().same_site, "Lax");
}

TEST(TestCookieJarTest, HoldsPrefixesToTheirPromise) {
    const CookieTarget secure{"www.example.com", "/a/b", true};
    TestCookieJar jar;
    for (const char* refused :
         {"__Secure-a=1", "__Host-a=1; Secure", "__host-a=1; Secure; Path=/x",
          "__Host-a=1; Secure; Path=/; Domain=example.com", "__Host-a=1; Path=/"})
        jar.store(refused, secure, now);
    EXPECT_TRUE(jar.all().empty());
    jar.store("__Secure-a=1; Secure", secure, now);
    jar.store("__Host-b=2; Secure; Path=/", secure, now);
    EXPECT_EQ(jar.header(secure, now), "__Secure-a=1; __Host-b=2");
}

TEST(TestCookieJarTest, ReplacesForgetsAndOrders) {
    TestCookieJar jar;
    jar.store("a=1; Path=/", here, now);
    jar.store("b=2; Path=/a/b", here, now);
    jar.store("a=3; Path=/", here, now);
    EXPECT_EQ(jar.header(here, now), "b=2; a=3");
    EXPECT_EQ(jar.get("a"), "3");
    jar.store("a=; Path=/; Max-Age=0", here, now);
    EXPECT_EQ(jar.get("a"), std::nullopt);
    EXPECT_EQ(jar.header(here, now), "b=2");
}

} // namespace
} // namespace armature::kit
