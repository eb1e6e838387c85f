#include "core/compressible.hpp"
#include "static_files/names.hpp"

#include <gtest/gtest.h>

namespace armature::detail {
namespace {

using namespace std::string_view_literals;

TEST(StaticFileNames, AreRelativePathsWithoutDotsOrHoles) {
    for (const std::string_view path :
         {""sv, "a"sv, "a.txt"sv, "a/b/c"sv, "a..b"sv, "a."sv, "..."sv})
        EXPECT_EQ(is_servable(path, true), true) << path;
    for (const std::string_view path : {"."sv, ".."sv, "a/.."sv, "../a"sv, "a/./b"sv, "/a"sv,
                                        "a/"sv, "a//b"sv, "/"sv, "a\0b"sv, "\0"sv})
        EXPECT_EQ(is_servable(path, true), false) << path;
}

TEST(StaticFileNames, ThatStartWithADotAreHiddenUnlessAsked) {
    for (const std::string_view path : {".env"sv, ".git/config"sv, "a/.b/c"sv, "..."sv}) {
        EXPECT_FALSE(is_servable(path, false)) << path;
        EXPECT_TRUE(is_servable(path, true)) << path;
    }
}

TEST(StaticFileNames, HaveAFingerprintOfLettersAndDigitsBeforeTheExtension) {
    for (const std::string_view name : {"app.3f9a1c0b.js", "a/b.c/app.3F9A1C0B.css",
                                        "app.min.dQw4w9-_XcQ.js", "app.0123456a.woff2"})
        EXPECT_TRUE(has_fingerprint(name)) << name;
    for (const std::string_view name :
         {"app.js", "jquery.validate.js", "photo.20240101.jpg", "app.3f9a1c0.js", "3f9a1c0b.js",
          "app.3f9a1c0b", "app.3f9a 1c0b.js", "3f9a1c0b.d/app.js", ".3f9a1c0b", ""})
        EXPECT_FALSE(has_fingerprint(name)) << name;
}

TEST(StaticFileNames, TellTheMediaType) {
    EXPECT_EQ(media_type_of("a/index.html"), "text/html; charset=utf-8");
    EXPECT_EQ(media_type_of("a.css/b.JS"), "text/javascript; charset=utf-8");
    EXPECT_EQ(media_type_of("a.svg"), "image/svg+xml");
    EXPECT_EQ(media_type_of("a.html/readme"), "application/octet-stream");
    EXPECT_EQ(media_type_of("a.unheard-of"), "application/octet-stream");
}

TEST(StaticFileNames, TellWhatIsWorthCompressing) {
    for (const std::string_view name :
         {"a.html", "a.js", "a.json", "a.svg", "a.wasm", "a.txt", "a.ttf"})
        EXPECT_TRUE(is_compressible(media_type_of(name))) << name;
    for (const std::string_view name : {"a.png", "a.woff2", "a.zip", "a.mp4", "a.docx", "a"})
        EXPECT_FALSE(is_compressible(media_type_of(name))) << name;
}

} // namespace
} // namespace armature::detail
