#include "static_files/folder.hpp"

#include <armature/static_files/static_files.hpp>
#include <armature/testing/client.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <ctime>

namespace armature::testing {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view date = "Sun, 06 Nov 1994 08:49:37 GMT";

class StaticFiles : public ::testing::Test {
  protected:
    StaticFiles() {
        folder.file("page.html", "<p>page").file("numbers.txt", "0123456789").file("empty.txt", "");
        folder.file("docs/index.html", "docs").file("bare/a.txt", "a").file("index.html", "start");
    }
    [[nodiscard]] TestClient client(StaticFileOptions options = {}) const {
        return TestClient{
            App::create().service(static_files("/assets", folder.path(), std::move(options)))};
    }
    static std::string field(const TestResponse& response, std::string_view name) {
        return std::string{response.header(name).value_or("none")};
    }

    Folder folder;
};

TEST_F(StaticFiles, AreServedWithTypeLengthAndValidators) {
    TestClient client = this->client();
    const TestResponse response = client.get("/assets/page.html").send();
    EXPECT_EQ(response.status(), Status::ok);
    EXPECT_EQ(response.text(), "<p>page");
    EXPECT_EQ(field(response, "content-type"), "text/html; charset=utf-8");
    EXPECT_EQ(field(response, "x-content-type-options"), "nosniff");
    EXPECT_EQ(field(response, "cache-control"), "no-cache");
    EXPECT_EQ(field(response, "accept-ranges"), "bytes");
    EXPECT_EQ(field(response, "last-modified"), date);
    EXPECT_THAT(field(response, "etag"),
                ::testing::MatchesRegex("\"[0-9a-f]+-[0-9a-f]+-[0-9a-f]+\""));
    EXPECT_EQ(client.get("/assets/empty.txt").send().status(), Status::ok);
    EXPECT_EQ(client.get("/assets/none.txt").send().status(), Status::not_found);
    EXPECT_EQ(client.get("/assets/page.html/").send().status(), Status::not_found);
}

TEST_F(StaticFiles, AnswerHeadAndNoOtherMethod) {
    TestClient client = this->client();
    const TestResponse head = client.head("/assets/numbers.txt").send();
    EXPECT_EQ(head.status(), Status::ok);
    EXPECT_EQ(head.text(), "");
    EXPECT_EQ(field(head, "etag"), field(client.get("/assets/numbers.txt").send(), "etag"));
    const TestResponse post = client.post("/assets/numbers.txt").send();
    EXPECT_EQ(post.status(), Status::method_not_allowed);
    EXPECT_EQ(field(post, "allow"), "GET, HEAD, OPTIONS");
}

TEST_F(StaticFiles, OfAFolderAreItsIndex) {
    TestClient client = this->client();
    EXPECT_EQ(client.get("/assets/").send().text(), "start");
    EXPECT_EQ(client.get("/assets/docs/").send().text(), "docs");
    EXPECT_EQ(client.get("/assets/bare/").send().status(), Status::not_found);
    const TestResponse redirect = client.get("/assets/docs?a=b").send();
    EXPECT_EQ(redirect.status(), Status::permanent_redirect);
    EXPECT_EQ(field(redirect, "location"), "/assets/docs/?a=b");
    EXPECT_EQ(field(client.get("/assets").send(), "location"), "/assets/");
    EXPECT_EQ(this->client({.index = ""}).get("/assets/docs/").send().status(), Status::not_found);
    EXPECT_EQ(this->client({.index = "a.txt"}).get("/assets/bare/").send().text(), "a");
}

TEST_F(StaticFiles, CanBeAllThatNoRouteTakes) {
    folder.file("a b/ü.txt", "here");
    for (const TrailingSlash policy :
         {TrailingSlash::strict, TrailingSlash::ignore, TrailingSlash::redirect}) {
        TestClient client{App::create()
                              .trailing_slash(policy)
                              .route("/api", get([] { return "api"; }))
                              .service(static_files("/", folder.path()))
                              .service(static_files("/{tenant}/files", folder.path()))};
        EXPECT_EQ(client.get("/api").send().text(), "api");
        EXPECT_EQ(client.get("/").send().text(), "start");
        EXPECT_EQ(client.get("/docs/").send().text(), "docs");
        EXPECT_EQ(field(client.get("/docs").send(), "location"), "/docs/");
        EXPECT_EQ(field(client.get("/a%20b").send(), "location"), "/a%20b/");
        EXPECT_EQ(client.get("/a%20b/%C3%BC.txt").send().text(), "here");
        EXPECT_EQ(client.get("/one/files/page.html").send().text(), "<p>page");
        EXPECT_EQ(client.get("/one/files/").send().text(), "start");
        EXPECT_EQ(field(client.get("/one/files/docs").send(), "location"), "/one/files/docs/");
        // A reference that starts with two slashes would name another site.
        EXPECT_EQ(client.get("//docs").send().status(), Status::not_found);
    }
}

TEST_F(StaticFiles, ThatTheClientHasAreNotSentAgain) {
    TestClient client = this->client();
    const std::string tag = field(client.get("/assets/numbers.txt").send(), "etag");
    const struct {
        const char* name;
        std::string value;
        Status expected;
    } cases[] = {
        {"if-none-match", tag, Status::not_modified},
        {"if-none-match", "\"x\", W/" + tag, Status::not_modified},
        {"if-none-match", "*", Status::not_modified},
        {"if-none-match", "\"x\"", Status::ok},
        {"if-modified-since", std::string{date}, Status::not_modified},
        {"if-modified-since", "Sun, 06 Nov 1994 08:49:38 GMT", Status::not_modified},
        {"if-modified-since", "Sun, 06 Nov 1994 08:49:36 GMT", Status::ok},
        {"if-modified-since", "yesterday", Status::ok},
        {"if-match", tag, Status::ok},
        {"if-match", "*", Status::ok},
        {"if-match", "\"x\"", Status::precondition_failed},
        {"if-match", "W/" + tag, Status::precondition_failed},
        {"if-unmodified-since", std::string{date}, Status::ok},
        {"if-unmodified-since", "Sun, 06 Nov 1994 08:49:36 GMT", Status::precondition_failed},
    };
    for (const auto& [name, value, expected] : cases) {
        const TestResponse response = client.get("/assets/numbers.txt").header(name, value).send();
        EXPECT_EQ(response.status(), expected) << name << ": " << value;
        if (expected != Status::not_modified) continue;
        EXPECT_EQ(response.text(), "");
        EXPECT_EQ(field(response, "etag"), tag);
        EXPECT_EQ(field(response, "cache-control"), "no-cache");
        EXPECT_EQ(field(response, "vary"), "Accept-Encoding");
        EXPECT_EQ(field(response, "content-type"), "none");
    }
}

TEST_F(StaticFiles, GetAnotherTagWithEachChange) {
    TestClient client = this->client();
    const auto tag = [&] { return field(client.get("/assets/a.txt").send(), "etag"); };
    folder.file("a.txt", "one");
    const std::string first = tag();
    EXPECT_EQ(tag(), first);
    folder.file("a.txt", "four");
    const std::string longer = tag();
    EXPECT_NE(longer, first);
    folder.file("a.txt", "two", Folder::long_ago + 1);
    EXPECT_NE(tag(), first);
    // The same size and time, as build tools leave them, but another file.
    folder.file("a.new", "2nd");
    folder.file("a.txt", "one");
    EXPECT_EQ(tag(), first);
    std::filesystem::rename(folder.path("a.new"), folder.path("a.txt"));
    EXPECT_NE(tag(), first);
}

TEST_F(StaticFiles, OfTheLastMomentHaveAWeakTag) {
    TestClient client = this->client();
    const std::int64_t tomorrow = std::time(nullptr) + 24 * 3600;
    folder.file("new.txt", "0123456789", tomorrow);
    const TestResponse response = client.get("/assets/new.txt").send();
    const std::string tag = field(response, "etag");
    EXPECT_TRUE(tag.starts_with("W/\"")) << tag;
    const auto asked = [&](std::string_view name, std::string_view value) {
        return client.get("/assets/new.txt").header(name, value).header("range", "bytes=0-1");
    };
    EXPECT_EQ(asked("if-none-match", tag).send().status(), Status::not_modified);
    EXPECT_EQ(asked("if-range", tag).send().status(), Status::ok);
    EXPECT_EQ(asked("if-range", field(response, "last-modified")).send().status(), Status::ok);
}

TEST_F(StaticFiles, AreServedInParts) {
    TestClient client = this->client();
    const struct {
        const char* range;
        Status status;
        const char* content_range;
        const char* content;
    } cases[] = {
        {"bytes=0-0", Status::partial_content, "bytes 0-0/10", "0"},
        {"bytes=7-", Status::partial_content, "bytes 7-9/10", "789"},
        {"bytes=-3", Status::partial_content, "bytes 7-9/10", "789"},
        {"bytes=-99", Status::partial_content, "bytes 0-9/10", "0123456789"},
        {"bytes=8-99", Status::partial_content, "bytes 8-9/10", "89"},
        {"bytes=0-3,4-5", Status::partial_content, "bytes 0-5/10", "012345"},
        {"bytes=0-5,2-8", Status::partial_content, "bytes 0-8/10", "012345678"},
        {"bytes=0-1,99-", Status::partial_content, "bytes 0-1/10", "01"},
        {"bytes=5-2", Status::ok, "none", "0123456789"},
        {"bytes=a-b", Status::ok, "none", "0123456789"},
        {"lines=1-2", Status::ok, "none", "0123456789"},
    };
    for (const auto& [range, status, content_range, content] : cases) {
        const TestResponse response =
            client.get("/assets/numbers.txt").header("range", range).send();
        EXPECT_EQ(response.status(), status) << range;
        EXPECT_EQ(field(response, "content-range"), content_range) << range;
        EXPECT_EQ(response.text(), content) << range;
    }
    const TestResponse beyond =
        client.get("/assets/numbers.txt").header("range", "bytes=10-").send();
    EXPECT_EQ(beyond.status(), Status::range_not_satisfiable);
    EXPECT_EQ(field(beyond, "content-range"), "bytes */10");
    EXPECT_EQ(client.head("/assets/numbers.txt").header("range", "bytes=0-1").send().status(),
              Status::ok);
}

TEST_F(StaticFiles, AreServedInSeveralParts) {
    TestClient client = this->client();
    const TestResponse response =
        client.get("/assets/numbers.txt").header("range", "bytes=0-1, -2, 4-5").send();
    EXPECT_EQ(response.status(), Status::partial_content);
    const std::string type = field(response, "content-type");
    constexpr std::string_view prefix = "multipart/byteranges; boundary=";
    ASSERT_TRUE(type.starts_with(prefix)) << type;
    const std::string boundary = type.substr(prefix.size());
    const auto part = [&](std::string_view range, std::string_view content) {
        return "--" + boundary + "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: " +
               std::string{range} + "\r\n\r\n" + std::string{content} + "\r\n";
    };
    EXPECT_EQ(response.text(), part("bytes 0-1/10", "01") + part("bytes 8-9/10", "89") +
                                   part("bytes 4-5/10", "45") + "--" + boundary + "--\r\n");
    EXPECT_EQ(field(response, "content-range"), "none");
    EXPECT_NE(field(client.get("/assets/numbers.txt").header("range", "bytes=0-1,4-5").send(),
                    "content-type"),
              type);
}

TEST_F(StaticFiles, AreServedWholeWhenTooManyPartsAreAskedFor) {
    folder.file("long.txt", std::string(1000, 'x'));
    TestClient client = this->client();
    std::string many = "bytes=0-0";
    for (int i = 2; i < 34; i += 2)
        many += "," + std::to_string(i) + "-" + std::to_string(i);
    const TestResponse response = client.get("/assets/long.txt").header("range", many).send();
    EXPECT_EQ(response.status(), Status::ok);
    EXPECT_EQ(response.text().size(), 1000u);
    // The whole file a thousand times over is one range.
    const TestResponse same =
        client.get("/assets/long.txt").header("range", "bytes=0-,0-,0-,0-,0-").send();
    EXPECT_EQ(same.status(), Status::partial_content);
    EXPECT_EQ(same.text().size(), 1000u);
}

TEST_F(StaticFiles, GoOnOnlyWhereTheyHaveNotChanged) {
    TestClient client = this->client();
    const std::string tag = field(client.get("/assets/numbers.txt").send(), "etag");
    const auto status = [&](std::string_view if_range) {
        return client.get("/assets/numbers.txt")
            .header("range", "bytes=5-")
            .header("if-range", if_range)
            .send()
            .status();
    };
    EXPECT_EQ(status(tag), Status::partial_content);
    EXPECT_EQ(status("\"other\""), Status::ok);
    EXPECT_EQ(status("W/" + tag), Status::ok);
    EXPECT_EQ(status(date), Status::partial_content);
    EXPECT_EQ(status("Sun, 06 Nov 1994 08:49:38 GMT"), Status::ok);
}

TEST_F(StaticFiles, AreSentCompressedToThoseWhoAcceptIt) {
    folder.file("app.js", "plain").file("app.js.br", "br").file("app.js.zst", "zst");
    folder.file("app.js.gz", "gz").file("photo.png", "png").file("photo.png.gz", "no");
    TestClient client = this->client();
    const struct {
        const char* accept;
        const char* content;
        const char* coding;
    } cases[] = {
        {"gzip, deflate, br, zstd", "br", "br"},
        {"gzip, zstd", "zst", "zstd"},
        {"gzip", "gz", "gzip"},
        {"x-gzip", "gz", "gzip"},
        {"br;q=0.5, gzip", "gz", "gzip"},
        {"br;q=0, *", "zst", "zstd"},
        {"br;q=0.1, identity;q=0.5", "plain", "none"},
        {"deflate", "plain", "none"},
        {"identity", "plain", "none"},
        {"", "plain", "none"},
        {"identity;q=0", "plain", "none"},
        {"*;q=0", "plain", "none"},
    };
    for (const auto& [accept, content, coding] : cases) {
        const TestResponse response =
            client.get("/assets/app.js").header("accept-encoding", accept).send();
        EXPECT_EQ(response.status(), Status::ok) << accept;
        EXPECT_EQ(response.text(), content) << accept;
        EXPECT_EQ(field(response, "content-encoding"), coding) << accept;
        EXPECT_EQ(field(response, "vary"), "Accept-Encoding") << accept;
        EXPECT_EQ(field(response, "content-type"), "text/javascript; charset=utf-8") << accept;
    }
    const TestResponse photo =
        client.get("/assets/photo.png").header("accept-encoding", "gzip").send();
    EXPECT_EQ(photo.text(), "png");
    EXPECT_EQ(field(photo, "vary"), "none");
    const TestResponse off = this->client({.precompressed = false})
                                 .get("/assets/app.js")
                                 .header("accept-encoding", "gzip")
                                 .send();
    EXPECT_EQ(off.text(), "plain");
    EXPECT_EQ(field(off, "vary"), "none");
}

TEST_F(StaticFiles, HaveATagForEachCoding) {
    folder.file("app.js", "same").file("app.js.gz", "same");
    TestClient client = this->client();
    const auto get = [&](std::string_view accept) {
        return client.get("/assets/app.js").header("accept-encoding", accept);
    };
    const std::string plain = field(get("identity").send(), "etag");
    const std::string gzip = field(get("gzip").send(), "etag");
    EXPECT_NE(plain, gzip);
    EXPECT_EQ(get("gzip").header("if-none-match", gzip).send().status(), Status::not_modified);
    EXPECT_EQ(get("gzip").header("if-none-match", plain).send().status(), Status::ok);
}

TEST_F(StaticFiles, AreSentPlainWhenTheCompressedFileIsOldOrMissing) {
    folder.file("app.js", "plain").file("app.js.br", "old", Folder::long_ago - 1);
    folder.file("app.js.gz/index.html", "a folder");
    TestClient client = this->client();
    const TestResponse response =
        client.get("/assets/app.js").header("accept-encoding", "gzip, br").send();
    EXPECT_EQ(response.text(), "plain");
    EXPECT_EQ(field(response, "content-encoding"), "none");
    EXPECT_EQ(field(response, "vary"), "Accept-Encoding");
}

TEST_F(StaticFiles, WithAFingerprintAreKeptForAYearWhereThatIsSaid) {
    folder.file("app.3f9a1c0b.js", "js");
    const auto policy = [&](StaticFileOptions options, std::string_view name) {
        TestClient asked = client(std::move(options));
        return field(asked.get("/assets/" + std::string{name}).send(), "cache-control");
    };
    EXPECT_EQ(policy({}, "app.3f9a1c0b.js"), "no-cache");
    EXPECT_EQ(policy({.immutable_fingerprints = true}, "app.3f9a1c0b.js"),
              "public, max-age=31536000, immutable");
    EXPECT_EQ(policy({.immutable_fingerprints = true}, "page.html"), "no-cache");
    EXPECT_EQ(policy({.cache_control = "public, max-age=60"}, "page.html"), "public, max-age=60");
}

TEST_F(StaticFiles, OfASinglePageApplicationFallBackToThePageForBrowsers) {
    folder.file(".env", "SECRET").file("app.js", "js");
    TestClient client = this->client({.fallback = "index.html"});
    const auto get = [&](std::string_view path, std::string_view accept) {
        return client.get(path).header("accept", accept).send();
    };
    constexpr std::string_view browser =
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";
    const TestResponse page = get("/assets/users/7", browser);
    EXPECT_EQ(page.status(), Status::ok);
    EXPECT_EQ(page.text(), "start");
    EXPECT_EQ(field(page, "content-type"), "text/html; charset=utf-8");
    EXPECT_EQ(field(page, "vary"), "Accept-Encoding, Accept");
    EXPECT_EQ(get("/assets/bare/", browser).text(), "start");
    EXPECT_EQ(get("/assets/app.js", browser).text(), "js");
    EXPECT_EQ(client.head("/assets/users/7").header("accept", browser).send().status(), Status::ok);
    // A script that isn't there is not a page.
    const TestResponse script = get("/assets/gone.js", "*/*");
    EXPECT_EQ(script.status(), Status::not_found);
    EXPECT_EQ(field(script, "vary"), "Accept");
    EXPECT_EQ(get("/assets/gone.json", "application/json").status(), Status::not_found);
    EXPECT_EQ(client.get("/assets/gone").send().status(), Status::not_found);
    EXPECT_EQ(get("/assets/.env", browser).status(), Status::not_found);
}

TEST_F(StaticFiles, ThatStartWithADotAreHidden) {
    folder.file(".env", "SECRET").file(".git/config", "SECRET").file("a/.b/c.txt", "SECRET");
    for (const char* const path : {"/assets/.env", "/assets/.git/config", "/assets/a/.b/c.txt",
                                   "/assets/%2eenv", "/assets/.git", "/assets/.git/"}) {
        EXPECT_EQ(client().get(path).send().status(), Status::not_found) << path;
    }
    EXPECT_EQ(client({.dotfiles = true}).get("/assets/.env").send().text(), "SECRET");
    EXPECT_EQ(client({.dotfiles = true}).get("/assets/a/.b/c.txt").send().text(), "SECRET");
}

TEST_F(StaticFiles, ThatAreLinksAreServedWhereThatIsSaid) {
    folder.link("inside.txt", "numbers.txt").link("outside.txt", "/etc/passwd");
    EXPECT_EQ(client().get("/assets/inside.txt").send().status(), Status::not_found);
    EXPECT_EQ(client({.symlinks = true}).get("/assets/inside.txt").send().text(), "0123456789");
    EXPECT_EQ(client({.symlinks = true}).get("/assets/outside.txt").send().status(),
              Status::not_found);
}

TEST_F(StaticFiles, ThatAreNoRegularFilesAreNotThere) {
    ASSERT_EQ(::mkfifo(folder.path("fifo").c_str(), 0600), 0);
    EXPECT_EQ(client().get("/assets/fifo").send().status(), Status::not_found);
}

TEST_F(StaticFiles, AreInNoDocument) {
    const Application app = App::create().service(static_files("/assets", folder.path())).build();
    for (const OperationInfo& operation : app.operations())
        EXPECT_TRUE(operation.hidden) << operation.pattern;
}

TEST_F(StaticFiles, SayWhatIsWrongWithTheirOptions) {
    const auto fault = [&](std::string prefix, const std::string& path,
                           StaticFileOptions options = {}) -> std::string {
        try {
            (void)static_files(std::move(prefix), path, std::move(options));
        } catch (const BuildError& error) {
            return error.what();
        }
        return "no fault";
    };
    EXPECT_EQ(fault("/a", "/does/not/exist"),
              "static_files(\"/a\"): can't open the folder \"/does/not/exist\": No such file or "
              "directory");
    EXPECT_THAT(fault("/a", folder.path("page.html")), HasSubstr("Not a directory"));
    EXPECT_THAT(fault("a", folder.path()), HasSubstr("must start with a slash"));
    EXPECT_THAT(fault("/a", folder.path(), {.index = "../x"}), HasSubstr("the index"));
    EXPECT_THAT(fault("/a", folder.path(), {.index = ".x"}), HasSubstr("the index"));
    EXPECT_THAT(fault("/a", folder.path(), {.fallback = "../x"}), HasSubstr("the fallback"));
    EXPECT_THAT(fault("/a", folder.path(), {.fallback = "none"}), HasSubstr("the fallback isn't"));
    EXPECT_THAT(fault("/a", folder.path(), {.fallback = "docs"}), HasSubstr("the fallback isn't"));
    EXPECT_THAT(fault("/a", folder.path(), {.cache_control = "a\r\nb: c"}),
                HasSubstr("cache_control"));
    EXPECT_EQ(fault("/a", folder.path(), {.fallback = "docs/index.html"}), "no fault");
}

} // namespace
} // namespace armature::testing
