#include <armature/core/media_type.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace armature {
namespace {

using Offers = std::vector<std::string_view>;

std::string_view chosen(std::optional<std::size_t> index, const Offers& offers) {
    return index ? offers.at(*index) : "none";
}
std::string_view media_type(std::string_view accept, const Offers& offers) {
    return chosen(negotiate_media_type(accept, offers), offers);
}
std::string_view encoding(std::string_view accept, const Offers& offers) {
    return chosen(negotiate_encoding(accept, offers), offers);
}
std::string_view language(std::string_view accept, const Offers& offers) {
    return chosen(negotiate_language(accept, offers), offers);
}

// RFC 9110 §8.3.1: these are equivalent.
TEST(MediaType, ReadsTheExamplesOfTheRfc) {
    for (const char* text : {"text/html;charset=utf-8", "Text/HTML;Charset=\"utf-8\"",
                             "text/html; charset=\"utf-8\"", "text/html;charset=UTF-8"}) {
        const auto type = MediaType::parse(text);
        ASSERT_TRUE(type) << text;
        EXPECT_TRUE(type->is("text/html")) << text;
        EXPECT_TRUE(type->parameter("CHARSET")) << text;
        EXPECT_TRUE(type->matches(*MediaType::parse("text/html; charset=utf-8"))) << text;
    }
}

TEST(MediaType, UnquotesParameters) {
    const auto type = MediaType::parse(R"(a/b; x="one; \"two\" \\"; y=; z="")");
    EXPECT_FALSE(type); // y has no value
    const auto good = MediaType::parse(R"(a/b ;; x="one; \"two\" \\";z="" ; x=second;)");
    ASSERT_TRUE(good);
    EXPECT_EQ(good->parameter("x"), R"(one; "two" \)");
    EXPECT_EQ(good->parameter("z"), "");
    EXPECT_EQ(good->parameter("y"), std::nullopt);
}

TEST(MediaType, ReadsBoundaries) {
    const auto type = MediaType::parse("multipart/form-data; boundary=----WebKitFormBoundary7MA4");
    ASSERT_TRUE(type);
    EXPECT_EQ(type->parameter("boundary"), "----WebKitFormBoundary7MA4");
}

TEST(MediaType, RefusesMalformedText) {
    for (const char* bad : {"",
                            "text",
                            "/",
                            "text/",
                            "/html",
                            "text /html",
                            "text/ html",
                            "text/html charset=x",
                            "text/html; charset",
                            "text/html; =x",
                            "text/html; a b=c",
                            "text/html; a = b",
                            "text/html; a=\"b",
                            "text/html; a=b\"",
                            "text/html, text/plain",
                            "text/html; a=\"b\"c",
                            "text/html; a=\"\\\"",
                            "t\xc3\xa4/x",
                            "a/b/c",
                            "text/html; a=\"\n\""})
        EXPECT_FALSE(MediaType::parse(bad)) << bad;
}

TEST(MediaType, KnowsJsonAndItsKin) {
    EXPECT_TRUE(MediaType::parse("application/JSON; charset=utf-8")->is_json());
    EXPECT_TRUE(MediaType::parse("application/problem+json")->is_json());
    EXPECT_EQ(MediaType::parse("image/svg+xml")->suffix(), "xml");
    EXPECT_FALSE(MediaType::parse("application/json5")->is_json());
    EXPECT_FALSE(MediaType::parse("text/json+xml")->is_json());
    EXPECT_EQ(MediaType::parse("text/plain")->suffix(), "");
}

TEST(MediaType, MatchesRanges) {
    const auto type = *MediaType::parse("text/html;level=1;charset=utf-8");
    const auto matches = [&](std::string_view range) {
        return type.matches(*MediaType::parse(range));
    };
    EXPECT_TRUE(matches("*/*"));
    EXPECT_TRUE(matches("TEXT/*;q=0.1"));
    EXPECT_TRUE(matches("text/html;charset=\"UTF-8\""));
    EXPECT_TRUE(matches("text/html;level=1;q=1"));
    EXPECT_FALSE(matches("text/html;level=2"));
    EXPECT_FALSE(matches("text/plain"));
    EXPECT_FALSE(matches("image/*"));
}

// RFC 9110 §12.5.1: the qualities are 1 for format=flowed, 0.7 for plain, 0.5 for image/jpeg,
// 0.4 for format=fixed, 0.3 for text/html. (As in the text "text/html;level=3" is 0.3.)
TEST(Accept, RanksAsTheTableOfTheRfc) {
    constexpr std::string_view accept = "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, "
                                        "text/plain;format=fixed;q=0.4, */*;q=0.5";
    Offers offers = {"text/html;level=3", "text/plain;format=fixed", "image/jpeg",
                     "text/plain;format=other", "text/plain;format=flowed"};
    while (offers.size() > 1) {
        EXPECT_EQ(media_type(accept, offers), offers.back());
        offers.pop_back();
    }
}

TEST(Accept, ReadsTheOtherExamplesOfTheRfc) {
    EXPECT_EQ(media_type("audio/*; q=0.2, audio/basic", {"audio/mpeg", "audio/basic"}),
              "audio/basic");
    EXPECT_EQ(media_type("audio/*; q=0.2, audio/basic", {"audio/mpeg"}), "audio/mpeg");
    constexpr std::string_view accept = "text/plain; q=0.5, text/html, text/x-dvi; q=0.8, text/x-c";
    EXPECT_EQ(media_type(accept, {"text/plain", "text/x-dvi"}), "text/x-dvi");
    EXPECT_EQ(media_type(accept, {"text/plain", "text/x-c", "text/html"}), "text/x-c");
}

TEST(Accept, AcceptsEverythingIfAbsentOrEmpty) {
    EXPECT_EQ(negotiate_media_type(Headers{}, Offers{"a/b", "c/d"}), 0u);
    EXPECT_EQ(media_type("", {"a/b", "c/d"}), "a/b");
    EXPECT_EQ(media_type(" , ", {"a/b", "c/d"}), "a/b");
    EXPECT_EQ(media_type("", {}), "none");
}

TEST(Accept, ExcludesByZeroQuality) {
    EXPECT_EQ(media_type("*/*, text/html;q=0", {"text/html", "text/plain"}), "text/plain");
    EXPECT_EQ(media_type("text/html;q=0.000", {"text/html"}), "none");
    EXPECT_EQ(media_type("application/json", {"text/html"}), "none");
}

TEST(Accept, PrefersTheServersOrderAmongEquals) {
    EXPECT_EQ(media_type("text/html, application/json", {"application/json", "text/html"}),
              "application/json");
    EXPECT_EQ(media_type("*/*", {"application/json", "text/html"}), "application/json");
}

TEST(Accept, UnderstandsWhatBrowsersAndOldClientsSend) {
    EXPECT_EQ(media_type("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,"
                         "image/webp,*/*;q=0.8",
                         {"application/json", "text/html; charset=utf-8"}),
              "text/html; charset=utf-8");
    EXPECT_EQ(media_type("text/html, image/gif, *; q=.2, */*; q=.2", {"application/json"}),
              "application/json");
    EXPECT_EQ(media_type("a/b;q=0.33333, c/d;q=0.3", {"c/d", "a/b"}), "a/b");
}

TEST(Accept, SkipsMalformedElements) {
    EXPECT_EQ(media_type("nonsense, a/b;q=2, c/d;q=x, e/f;q=0.1", {"a/b", "c/d", "e/f"}), "e/f");
    EXPECT_EQ(media_type("a/b;x=\"1,2\", c/d", {"a/b", "c/d"}), "c/d");
    EXPECT_EQ(media_type("a/b;q=., a/b;q=1.1", {"a/b"}), "none");
}

TEST(Accept, ReadsSeveralLinesAsOneList) {
    Headers request;
    request.append(Field::accept, "text/html;q=0.5");
    request.append(Field::accept, "application/json");
    EXPECT_EQ(negotiate_media_type(request, Offers{"text/html", "application/json"}), 1u);
}

// RFC 9110 §12.5.3.
TEST(AcceptEncoding, ReadsTheExamplesOfTheRfc) {
    EXPECT_EQ(encoding("compress, gzip", {"gzip", "identity"}), "gzip");
    EXPECT_EQ(encoding("", {"gzip", "identity"}), "identity");
    EXPECT_EQ(encoding("*", {"br", "gzip", "identity"}), "br");
    EXPECT_EQ(encoding("compress;q=0.5, gzip;q=1.0", {"compress", "gzip"}), "gzip");
    EXPECT_EQ(encoding("gzip;q=1.0, identity; q=0.5, *;q=0", {"br", "gzip", "identity"}), "gzip");
    EXPECT_EQ(encoding("gzip;q=1.0, identity; q=0.5, *;q=0", {"br", "identity"}), "identity");
}

TEST(AcceptEncoding, HasIdentityAsTheLastResort) {
    EXPECT_EQ(encoding("gzip;q=0.001", {"identity", "gzip"}), "gzip");
    EXPECT_EQ(encoding("deflate", {"gzip", "identity"}), "identity");
    EXPECT_EQ(encoding("gzip;q=0.5, identity", {"gzip", "identity"}), "identity");
    EXPECT_EQ(negotiate_encoding(Headers{}, Offers{"gzip", "identity"}), 1u);
}

TEST(AcceptEncoding, CanForbidIdentity) {
    EXPECT_EQ(encoding("identity;q=0", {"gzip", "identity"}), "none");
    EXPECT_EQ(encoding("*;q=0", {"gzip", "identity"}), "none");
    EXPECT_EQ(encoding("*;q=0, identity;q=0.1", {"gzip", "identity"}), "identity");
    EXPECT_EQ(encoding("gzip;q=0, *", {"gzip", "br"}), "br");
}

TEST(AcceptEncoding, TakesOldNamesForTheSame) {
    EXPECT_EQ(encoding("x-gzip", {"gzip", "identity"}), "gzip");
    EXPECT_EQ(encoding("GZIP", {"gzip", "identity"}), "gzip");
}

// RFC 4647 §3.4: zh-Hant-CN-x-private1-private2, zh-Hant-CN-x-private1, zh-Hant-CN, zh-Hant, zh.
TEST(AcceptLanguage, CutsSubtagsAsTheRfcDoes) {
    constexpr std::string_view accept = "zh-Hant-CN-x-private1-private2";
    Offers offers = {"de", "zh", "zh-hant", "zh-Hant-CN", "zh-Hant-CN-x-private1", accept};
    while (offers.size() > 1) {
        EXPECT_EQ(language(accept, offers), offers.back());
        offers.pop_back();
    }
    EXPECT_EQ(language(accept, {"zh-Hant-CN-x", "de"}), "none");
}

TEST(AcceptLanguage, FollowsTheClientsQualities) {
    // RFC 9110 §12.5.4: Danish, but British English and other English will do.
    constexpr std::string_view accept = "da, en-gb;q=0.8, en;q=0.7";
    EXPECT_EQ(language(accept, {"en", "en-GB", "da"}), "da");
    EXPECT_EQ(language(accept, {"en", "en-GB"}), "en-GB");
    EXPECT_EQ(language(accept, {"fr", "en"}), "en");
    EXPECT_EQ(language(accept, {"fr"}), "none");
    EXPECT_EQ(language("de, fr", {"fr", "de"}), "de"); // the client's order, not the server's
}

TEST(AcceptLanguage, KnowsWildcardsAndExclusions) {
    EXPECT_EQ(language("fr, *;q=0.5", {"en", "de"}), "en");
    EXPECT_EQ(language("en;q=0, *", {"en", "de"}), "de");
    EXPECT_EQ(language("en-US, en;q=0", {"en"}), "none");
    EXPECT_EQ(language("", {"en"}), "none");
    EXPECT_EQ(negotiate_language(Headers{}, Offers{"en"}), std::nullopt);
}

TEST(MediaTypeForExtension, KnowsCommonFiles) {
    EXPECT_EQ(media_type_for_extension("html"), "text/html; charset=utf-8");
    EXPECT_EQ(media_type_for_extension("PNG"), "image/png");
    EXPECT_EQ(media_type_for_extension("woff2"), "font/woff2");
    EXPECT_EQ(media_type_for_extension("7Z"), "application/x-7z-compressed");
    EXPECT_EQ(media_type_for_extension("WebManifest"), "application/manifest+json");
    EXPECT_EQ(media_type_for_extension("zst"), "application/zstd");
    EXPECT_EQ(media_type_for_extension("zz"), "application/octet-stream");
    EXPECT_EQ(media_type_for_extension("unheard-of"), "application/octet-stream");
    EXPECT_EQ(media_type_for_extension(""), "application/octet-stream");
}

} // namespace
} // namespace armature
