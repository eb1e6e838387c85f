#include <armature/core/cookie.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace armature {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> pairs(std::string_view text) {
    std::vector<std::string> result;
    for (const CookieView::Pair& pair : CookieView(text))
        result.push_back(std::string(pair.name) + "=" + std::string(pair.value));
    return result;
}

// RFC 6265bis §3.1.
TEST(SetCookie, WritesTheExamplesOfTheRfc) {
    EXPECT_EQ(SetCookie("SID", "31d4d96e407aad42").to_string(), "SID=31d4d96e407aad42");
    EXPECT_EQ(SetCookie("SID", "31d4d96e407aad42").path("/").domain("site.example").to_string(),
              "SID=31d4d96e407aad42; Domain=site.example; Path=/");
    EXPECT_EQ(SetCookie("SID", "31d4d96e407aad42").path("/").secure().http_only().to_string(),
              "SID=31d4d96e407aad42; Path=/; Secure; HttpOnly");
    EXPECT_EQ(SetCookie("lang", "en-US").expires(784111777).to_string(),
              "lang=en-US; Expires=Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(SetCookie, WritesEveryAttribute) {
    EXPECT_EQ(SetCookie("a", "b")
                  .domain("example.org")
                  .path("/x")
                  .max_age(3600)
                  .expires(0)
                  .secure()
                  .http_only()
                  .same_site(SameSite::none)
                  .partitioned()
                  .to_string(),
              "a=b; Domain=example.org; Path=/x; Max-Age=3600; "
              "Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; HttpOnly; SameSite=None; "
              "Partitioned");
    EXPECT_EQ(SetCookie("a", "").same_site(SameSite::strict).to_string(), "a=; SameSite=Strict");
    EXPECT_EQ(SetCookie("a", "\"b\"").same_site(SameSite::lax).to_string(),
              "a=\"b\"; SameSite=Lax");
    EXPECT_EQ(SetCookie("a", "b").secure().secure(false).max_age(-1).to_string(),
              "a=b; Max-Age=-1");
}

TEST(SetCookie, RefusesBadCharacters) {
    for (const char* bad : {"", "a b", "a=b", "a;b", "a\r\n", "\xc3\xa4", "a,b", "\"a\""})
        EXPECT_THROW(SetCookie(bad, "v"), std::invalid_argument) << bad;
    for (const char* bad : {"a b", "a;b", "a,b", "a\\b", "a\"b", "\"", "a\r\nX: y", "\xc3\xa4",
                            "\t", "\x7f", "\"a\"\""})
        EXPECT_THROW(SetCookie("n", bad), std::invalid_argument) << bad;
    EXPECT_THROW(SetCookie("n", std::string_view("a\0", 2)), std::invalid_argument);
    SetCookie cookie("n", "v");
    for (const char* bad : {"", "a;b", "a b", "a\r\n", "a/b", "a:80"})
        EXPECT_THROW(cookie.domain(bad), std::invalid_argument) << bad;
    for (const char* bad : {"", "a", "/a;b", "/\r\n", "/\xc3\xa4"})
        EXPECT_THROW(cookie.path(bad), std::invalid_argument) << bad;
    EXPECT_EQ(cookie.to_string(), "n=v");
}

TEST(SetCookie, RefusesWhatClientsWouldDropForItsSize) {
    EXPECT_NO_THROW(SetCookie("n", std::string(4095, 'v')));
    EXPECT_THROW(SetCookie("n", std::string(4096, 'v')), std::invalid_argument);
    EXPECT_THROW(SetCookie("n", "v").path("/" + std::string(1024, 'p')), std::invalid_argument);
}

TEST(SetCookie, KeepsThePromisesOfNamePrefixes) {
    EXPECT_THROW((void)SetCookie("__Secure-a", "b").to_string(), std::invalid_argument);
    EXPECT_NO_THROW((void)SetCookie("__Secure-a", "b").secure().to_string());
    EXPECT_THROW((void)SetCookie("__Host-a", "b").secure().to_string(), std::invalid_argument);
    EXPECT_THROW((void)SetCookie("__Host-a", "b").path("/").to_string(), std::invalid_argument);
    EXPECT_THROW((void)SetCookie("__Host-a", "b").secure().path("/x").to_string(),
                 std::invalid_argument);
    EXPECT_THROW((void)SetCookie("__Host-a", "b").secure().path("/").domain("a.b").to_string(),
                 std::invalid_argument);
    EXPECT_THROW((void)SetCookie("__hOST-a", "b").secure().to_string(), std::invalid_argument);
    EXPECT_EQ(SetCookie("__Host-SID", "12345").secure().path("/").to_string(),
              "__Host-SID=12345; Path=/; Secure");
}

TEST(SetCookie, MustBeSecureToBeSentAcrossSites) {
    EXPECT_THROW((void)SetCookie("a", "b").same_site(SameSite::none).to_string(),
                 std::invalid_argument);
    EXPECT_THROW((void)SetCookie("a", "b").partitioned().to_string(), std::invalid_argument);
}

TEST(SetCookie, RemovalExpiresAtOnce) {
    EXPECT_EQ(SetCookie::removal("SID").to_string(),
              "SID=; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
    EXPECT_EQ(SetCookie::removal("SID", "/x", "a.b").secure().to_string(),
              "SID=; Domain=a.b; Path=/x; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; "
              "Secure");
}

TEST(CookieView, GivesPairsInOrder) {
    EXPECT_THAT(pairs("SID=31d4d96e407aad42; lang=en-US"),
                ElementsAre("SID=31d4d96e407aad42", "lang=en-US"));
    EXPECT_THAT(pairs("a=1;b=2;a=3"), ElementsAre("a=1", "b=2", "a=3"));
    EXPECT_THAT(pairs("a=b=c"), ElementsAre("a=b=c"));
}

TEST(CookieView, MindsNoRoughEdges) {
    EXPECT_THAT(pairs(""), IsEmpty());
    EXPECT_THAT(pairs(" ; ;; "), IsEmpty());
    EXPECT_THAT(pairs("; a = 1 ;\tb="), ElementsAre("a=1", "b="));
    EXPECT_THAT(pairs("nameless; =x"), ElementsAre("=nameless", "=x"));
    EXPECT_THAT(pairs("q=\"a b\"; r=,"), ElementsAre("q=\"a b\"", "r=,"));
    EXPECT_THAT(pairs("="), ElementsAre("="));
}

TEST(CookieView, FindsACookieInAnyLine) {
    Headers request;
    request.append(Field::cookie, "a=1; b=2");
    request.append(Field::cookie, "c=3; a=4");
    EXPECT_EQ(find_cookie(request, "a"), "1");
    EXPECT_EQ(find_cookie(request, "c"), "3");
    EXPECT_EQ(find_cookie(request, "A"), std::nullopt);
    EXPECT_EQ(find_cookie(Headers{}, "a"), std::nullopt);
}

} // namespace
} // namespace armature
