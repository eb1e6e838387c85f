#include <armature/core/url.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace armature {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::optional<std::string> decoded(std::string_view text, bool plus_is_space = false) {
    std::string out = "left over";
    if (!percent_decode(text, out, plus_is_space)) return std::nullopt;
    return out;
}

TEST(PercentDecode, ReplacesEscapesByBytes) {
    EXPECT_EQ(decoded("a%20b%2Fc%c3%A4"), "a b/c\xc3\xa4");
    EXPECT_EQ(decoded("%00"), std::string(1, '\0'));
    EXPECT_EQ(decoded("a+b"), "a+b");
    EXPECT_EQ(decoded("a+b", true), "a b");
    EXPECT_EQ(decoded("%2B%25", true), "+%");
    EXPECT_EQ(decoded(""), "");
    EXPECT_EQ(decoded("%2525"), "%25"); // once only
}

TEST(PercentDecode, RefusesMalformedEscapes) {
    for (const char* bad : {"%", "%2", "a%", "%zz", "%2g", "%%20", "% 20", "%+1", "%0x"})
        EXPECT_EQ(decoded(bad), std::nullopt) << bad;
}

TEST(PercentDecode, CanWorkInPlace) {
    std::string text = "%41%42c";
    EXPECT_EQ(percent_decode(text, text.data()), 3u);
    EXPECT_EQ(text.substr(0, 3), "ABc");
}

TEST(FormDecode, KeepsMalformedEscapes) {
    EXPECT_EQ(form_decode("100%+%41%4"), "100% A%4");
    EXPECT_EQ(form_decode("%%41"), "%A");
    EXPECT_EQ(form_decode("%"), "%");
}

TEST(PercentEncode, LeavesAloneWhatTheSetAllows) {
    EXPECT_EQ(percent_encode("a b/c?d#e%\xc3\xa4~", EncodeSet::path_segment),
              "a%20b%2Fc%3Fd%23e%25%C3%A4~");
    EXPECT_EQ(percent_encode("a&b=c+d@:!$'()*,;", EncodeSet::path_segment), "a&b=c+d@:!$'()*,;");
    EXPECT_EQ(percent_encode("a&b=c+d /?", EncodeSet::query_component), "a%26b%3Dc%2Bd%20%2F%3F");
}

TEST(PercentEncode, IsUndoneByDecoding) {
    std::string all;
    for (int byte = 0; byte < 256; ++byte)
        all += static_cast<char>(byte);
    EXPECT_EQ(decoded(percent_encode(all, EncodeSet::path_segment)), all);
    EXPECT_EQ(decoded(percent_encode(all, EncodeSet::query_component)), all);
    EXPECT_EQ(form_decode(percent_encode(all, EncodeSet::query_component)), all);
}

// The examples of RFC 9112 §3.2.1 to §3.2.4.
TEST(SplitTarget, ReadsTheFourForms) {
    const auto origin = split_target("/where?q=now");
    ASSERT_TRUE(origin);
    EXPECT_EQ(origin->form, TargetForm::origin);
    EXPECT_EQ(origin->path, "/where");
    EXPECT_EQ(origin->query, "q=now");

    const auto absolute = split_target("http://www.example.org/pub/WWW/TheProject.html");
    ASSERT_TRUE(absolute);
    EXPECT_EQ(absolute->form, TargetForm::absolute);
    EXPECT_EQ(absolute->scheme, "http");
    EXPECT_EQ(absolute->authority, "www.example.org");
    EXPECT_EQ(absolute->path, "/pub/WWW/TheProject.html");
    EXPECT_EQ(absolute->query, std::nullopt);

    const auto authority = split_target("www.example.com:80");
    ASSERT_TRUE(authority);
    EXPECT_EQ(authority->form, TargetForm::authority);
    EXPECT_EQ(authority->authority, "www.example.com:80");
    EXPECT_EQ(authority->path, "");

    const auto asterisk = split_target("*");
    ASSERT_TRUE(asterisk);
    EXPECT_EQ(asterisk->form, TargetForm::asterisk);
    EXPECT_EQ(asterisk->path, "*");
}

TEST(SplitTarget, GivesAnEmptyPathASlash) {
    EXPECT_EQ(split_target("http://example.org")->path, "/");
    const auto parts = split_target("http://example.org:8080?x");
    ASSERT_TRUE(parts);
    EXPECT_EQ(parts->authority, "example.org:8080");
    EXPECT_EQ(parts->path, "/");
    EXPECT_EQ(parts->query, "x");
}

TEST(SplitTarget, TellsAnEmptyQueryFromNone) {
    EXPECT_EQ(split_target("/a")->query, std::nullopt);
    EXPECT_EQ(split_target("/a?")->query, "");
    EXPECT_EQ(split_target("/a?b?c")->query, "b?c");
    EXPECT_EQ(split_target("//a//b")->path, "//a//b");
}

TEST(SplitTarget, AcceptsWhatBrowsersLeaveBare) {
    EXPECT_TRUE(split_target("/a[1]|{x}^?q={a}`\\|"));
}

TEST(SplitTarget, RefusesWhatIsNoTarget) {
    for (const char* bad : {"",
                            "a",
                            "a/b",
                            "?a",
                            "#",
                            "/a#b",
                            "/a b",
                            "/a\"b",
                            "/<a>",
                            "/a?<",
                            "/\xc3\xa4",
                            "/\x7f",
                            "/a\tb",
                            "/a\\b",
                            "**",
                            "*/",
                            "http://",
                            "http:///a",
                            "http://user@host/",
                            "http://a b/",
                            "http://host:99999/",
                            "1http://host/",
                            "example.org",
                            "example.org:",
                            "example.org:x",
                            "user@example.org:80",
                            ":80",
                            "http://ho#st/",
                            "/a?b#c"})
        EXPECT_FALSE(split_target(bad)) << bad;
    EXPECT_FALSE(split_target(std::string_view("/a\0b", 4)));
}

TEST(ValidHost, AcceptsNamesAndAddressesWithPorts) {
    for (const char* good :
         {"example.org", "example.org:8080", "example.org:", "localhost", "127.0.0.1:65535",
          "[::1]", "[::1]:443", "[2001:db8::7]", "[::ffff:192.0.2.1]", "[1:2:3:4:5:6:7:8]", "[1::]",
          "[1:2:3:4:5:6:1.2.3.4]", "[v1.fe:x]", "a_b.example", "xn--nxasmq6b", "a%41", "[::]",
          "[1:2:3:4:5:6:7::]"})
        EXPECT_TRUE(valid_host(good)) << good;
}

TEST(ValidHost, RefusesEverythingElse) {
    for (const char* bad : {"",
                            ":80",
                            "user@host",
                            "a b",
                            "a/b",
                            "a:b",
                            "a:1:2",
                            "host:65536",
                            "host:-1",
                            "[::1",
                            "::1",
                            "[]",
                            "[:]",
                            "[:::]",
                            "[1:2]",
                            "[1:2:3:4:5:6:7:8:9]",
                            "[::1::]",
                            "[12345::]",
                            "[::1.2.3]",
                            "[::1.2.3.256]",
                            "[1.2.3.4]",
                            "[::g]",
                            "[::1]x",
                            "[::1]:x",
                            "[v.x]",
                            "[v1.]",
                            "[vg.x]",
                            "a%4",
                            "a%zz",
                            "\xc3\xa4",
                            "a,b\r\n",
                            "[fe80::1%25eth0]",
                            "[1:2:3:4:5:6:7:1.2.3.4]",
                            "[1:]",
                            "[::01.2.3.4]",
                            "a?b",
                            "a#b",
                            "[1:2:3:4::5:6:7:8]"})
        EXPECT_FALSE(valid_host(bad)) << bad;
}

std::vector<std::string> pairs(std::string_view text) {
    std::vector<std::string> result;
    for (const QueryPairs::Pair& pair : QueryPairs::parse(text))
        result.push_back("<" + pair.name + "|" + pair.value + ">");
    return result;
}

// What WHATWG URL, "application/x-www-form-urlencoded parsing", says.
TEST(QueryPairs, FollowsWhatwgRules) {
    EXPECT_THAT(pairs("a=1&b=2&a=3"), ElementsAre("<a|1>", "<b|2>", "<a|3>"));
    EXPECT_THAT(pairs("a&b=&=c"), ElementsAre("<a|>", "<b|>", "<|c>"));
    EXPECT_THAT(pairs("&&a=b&&"), ElementsAre("<a|b>"));
    EXPECT_THAT(pairs("="), ElementsAre("<|>"));
    EXPECT_THAT(pairs("a=b=c"), ElementsAre("<a|b=c>"));
    EXPECT_THAT(pairs("a+b=c+d%2B"), ElementsAre("<a b|c d+>"));
    EXPECT_THAT(pairs("a=%zz%4&b=%"), ElementsAre("<a|%zz%4>", "<b|%>"));
    EXPECT_THAT(pairs("a;b=c"), ElementsAre("<a;b|c>"));
    EXPECT_THAT(pairs("%26=%3D"), ElementsAre("<&|=>"));
    EXPECT_THAT(pairs(""), IsEmpty());
}

TEST(QueryPairs, FindsValuesByName) {
    const QueryPairs query = QueryPairs::parse("a=1&b=2&a=3");
    EXPECT_EQ(query.get("a"), "1");
    EXPECT_EQ(query.get("A"), std::nullopt);
    EXPECT_THAT(query.all("a"), ElementsAre("1", "3"));
    EXPECT_THAT(query.all("c"), IsEmpty());
    EXPECT_EQ(query.size(), 3u);
}

TEST(QueryPairs, IsBounded) {
    EXPECT_FALSE(QueryPairs::parse("a&b&c", 3).truncated());
    const QueryPairs query = QueryPairs::parse("a&b&c", 2);
    EXPECT_TRUE(query.truncated());
    EXPECT_EQ(query.size(), 2u);
    std::string many;
    for (int i = 0; i < 1001; ++i)
        many += "a=1&";
    EXPECT_EQ(QueryPairs::parse(many).size(), 1000u);
}

TEST(QueryPairs, WritesWhatItReads) {
    QueryPairs query;
    query.append("q", "tom & jerry").append("empty", "").append("\xc3\xa4", "1+1=2");
    EXPECT_EQ(query.to_string(), "q=tom%20%26%20jerry&empty=&%C3%A4=1%2B1%3D2");
    const QueryPairs again = QueryPairs::parse(query.to_string());
    EXPECT_EQ(again.get("q"), "tom & jerry");
    EXPECT_EQ(again.get("\xc3\xa4"), "1+1=2");
    EXPECT_EQ(QueryPairs().to_string(), "");
}

TEST(QueryView, GivesRawPairs) {
    std::vector<std::string> raw;
    for (const QueryView::Pair& pair : QueryView("a%20b=c+d&&e"))
        raw.push_back(std::string(pair.name) + "|" + std::string(pair.value));
    EXPECT_THAT(raw, ElementsAre("a%20b|c+d", "e|"));
    EXPECT_EQ(QueryView("").begin(), QueryView("").end());
    EXPECT_EQ(QueryView("&&").begin(), QueryView("&&").end());
}

TEST(RemoveDotSegments, DoesTheExamplesOfTheRfc) {
    EXPECT_EQ(remove_dot_segments("/a/b/c/./../../g"), "/a/g");
    EXPECT_EQ(remove_dot_segments("mid/content=5/../6"), "mid/6");
}

TEST(RemoveDotSegments, NeverLeavesTheRoot) {
    EXPECT_EQ(remove_dot_segments("/../../etc/passwd"), "/etc/passwd");
    EXPECT_EQ(remove_dot_segments("/.."), "/");
    EXPECT_EQ(remove_dot_segments("/a/.."), "/");
    EXPECT_EQ(remove_dot_segments("/a/."), "/a/");
    EXPECT_EQ(remove_dot_segments("/..a/.b/c.."), "/..a/.b/c..");
    EXPECT_EQ(remove_dot_segments(".."), "");
    EXPECT_EQ(remove_dot_segments("../a"), "a");
}

// The examples of RFC 3986 §1.1.2, as far as they have no spaces.
TEST(Url, GivesBackTheExamplesOfTheRfc) {
    for (const char* text :
         {"ftp://ftp.is.co.za/rfc/rfc1808.txt", "http://www.ietf.org/rfc/rfc2396.txt",
          "ldap://[2001:db8::7]/c=GB?objectClass?one", "mailto:John.Doe@example.com",
          "news:comp.infosystems.www.servers.unix", "tel:+1-816-555-1212",
          "telnet://192.0.2.16:80/", "urn:oasis:names:specification:docbook:dtd:xml:4.1.2",
          "foo://example.com:8042/over/there?name=ferret#nose", "file:///etc/hosts", "//host/path",
          "a/b", "?q", "#f", "", "/"}) {
        const auto url = Url::parse(text);
        ASSERT_TRUE(url) << text;
        EXPECT_EQ(url->to_string(), text);
    }
}

TEST(Url, SplitsIntoParts) {
    const auto url = Url::parse("HTTPS://user:p%40ss@Example.ORG:8443/a/b?x=1#top");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->scheme(), "https");
    EXPECT_EQ(url->userinfo(), "user:p%40ss");
    EXPECT_EQ(url->host(), "example.org");
    EXPECT_EQ(url->port(), 8443);
    EXPECT_EQ(url->path(), "/a/b");
    EXPECT_EQ(url->query(), "x=1");
    EXPECT_EQ(url->fragment(), "top");
    EXPECT_TRUE(url->is_absolute() && url->has_authority());
    EXPECT_EQ(url->to_string(), "https://user:p%40ss@example.org:8443/a/b?x=1#top");
}

TEST(Url, RefusesMalformedText) {
    for (const char* bad :
         {"http://a b/", "http://[::1/", "http://host:port/", "http://host:65536", ":a", "1a:b",
          "http://h/%zz", "http://h/\xc3\xa4", "a b", "http://h/?a#b#c", "http://h/?%4",
          "http://h/a[b]", "http://u@v@h/", "http://h\\x/", "java script:x"})
        EXPECT_FALSE(Url::parse(bad)) << bad;
}

// RFC 3986 §5.4.1 and §5.4.2.
TEST(Url, ResolvesReferencesAsTheRfcDoes) {
    const Url base = Url::parse("http://a/b/c/d;p?q").value();
    const std::pair<const char*, const char*> examples[] = {
        {"g:h", "g:h"},
        {"g", "http://a/b/c/g"},
        {"./g", "http://a/b/c/g"},
        {"g/", "http://a/b/c/g/"},
        {"/g", "http://a/g"},
        {"//g", "http://g"},
        {"?y", "http://a/b/c/d;p?y"},
        {"g?y", "http://a/b/c/g?y"},
        {"#s", "http://a/b/c/d;p?q#s"},
        {"g#s", "http://a/b/c/g#s"},
        {"g?y#s", "http://a/b/c/g?y#s"},
        {";x", "http://a/b/c/;x"},
        {"g;x", "http://a/b/c/g;x"},
        {"g;x?y#s", "http://a/b/c/g;x?y#s"},
        {"", "http://a/b/c/d;p?q"},
        {".", "http://a/b/c/"},
        {"./", "http://a/b/c/"},
        {"..", "http://a/b/"},
        {"../", "http://a/b/"},
        {"../g", "http://a/b/g"},
        {"../..", "http://a/"},
        {"../../", "http://a/"},
        {"../../g", "http://a/g"},
        {"../../../g", "http://a/g"},
        {"../../../../g", "http://a/g"},
        {"/./g", "http://a/g"},
        {"/../g", "http://a/g"},
        {"g.", "http://a/b/c/g."},
        {".g", "http://a/b/c/.g"},
        {"g..", "http://a/b/c/g.."},
        {"..g", "http://a/b/c/..g"},
        {"./../g", "http://a/b/g"},
        {"./g/.", "http://a/b/c/g/"},
        {"g/./h", "http://a/b/c/g/h"},
        {"g/../h", "http://a/b/c/h"},
        {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
        {"g;x=1/../y", "http://a/b/c/y"},
        {"g?y/./x", "http://a/b/c/g?y/./x"},
        {"g?y/../x", "http://a/b/c/g?y/../x"},
        {"g#s/./x", "http://a/b/c/g#s/./x"},
        {"g#s/../x", "http://a/b/c/g#s/../x"},
        {"http:g", "http:g"},
    };
    for (const auto& [reference, expected] : examples)
        EXPECT_EQ(base.resolve(Url::parse(reference).value()).to_string(), expected) << reference;
    EXPECT_EQ(Url::parse("http://h")->resolve(*Url::parse("x")).to_string(), "http://h/x");
}

TEST(Url, NeverTurnsAPathIntoAHost) {
    const Url resolved = Url::parse("a:/b").value().resolve(Url::parse("/.//evil/x").value());
    EXPECT_EQ(Url::parse(resolved.to_string())->host(), "");
    EXPECT_EQ(resolved.to_string(), "a:/.//evil/x");
}

} // namespace
} // namespace armature
