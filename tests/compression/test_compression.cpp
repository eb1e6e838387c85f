#include "compression/codec.hpp"

#include <armature/app/app.hpp>
#include <armature/compression/compression.hpp>
#include <armature/testing/client.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

// Which responses are compressed, and what becomes of their fields.
namespace armature {
namespace {

using namespace compression;
using ::testing::HasSubstr;
using ::testing::SizeIs;

const std::string text = some_text(20'000);
const std::string large = some_text(500'000);

// Compressed unless `change` does something about it.
template <class Change>
App with(Change change, CompressionOptions options = {}) {
    return App::create().wrap(Compression{std::move(options)}).route("/", get([change] {
                                                                         Response response =
                                                                             Response::text(text);
                                                                         change(response);
                                                                         return response;
                                                                     }));
}
App plain(CompressionOptions options = {}) {
    return with([](Response&) {}, std::move(options));
}

TestResponse ask(TestedApp app, std::string_view accept = "gzip, deflate, br, zstd") {
    TestClient client{std::move(app)};
    return client.get("/").header("accept-encoding", accept).send();
}

std::string coding_of(const TestResponse& response) {
    return std::string{response.header("content-encoding").value_or("")};
}

void expect_left_alone(const TestResponse& response) {
    EXPECT_EQ(response.text(), text);
    EXPECT_EQ(coding_of(response), "");
}

TEST(Compression, ChoosesTheCodingThatTheClientLikesBest) {
    const struct {
        std::string_view accept;
        std::string_view coding;
    } table[] = {
        {"gzip, deflate, br, zstd", "zstd"},
        {"gzip, deflate, br", "br"},
        {"gzip, deflate", "gzip"},
        {"deflate", "deflate"},
        {"GZip", "gzip"},
        {"x-gzip", "gzip"}, // RFC 9110 §8.4.1.3
        {"gzip;q=1.0, br;q=0.9, zstd;q=0.1", "gzip"},
        {"gzip;q=0.5, zstd;q=0", "gzip"},
        {"*", "zstd"},
        {"*;q=0.5, br;q=0.1", "zstd"},
        {"zstd;q=0, *", "br"},
        {"identity", ""},
        {"identity;q=0.5, gzip;q=0.1", ""},
        {"gzip;q=0.1, identity;q=0.05", "gzip"},
        {"", ""},
        {"compress, exi", ""},
        {"identity;q=0, exi", ""}, // RFC 9110 §12.5.3: better than nothing
        {"gzip;q=0", ""},
        {"gzip;q=banana, br", "br"},
    };
    for (const auto& [accept, coding] : table) {
        const TestResponse response = ask(plain(), accept);
        EXPECT_EQ(coding_of(response), coding) << accept;
        EXPECT_EQ(response.header("vary"), "Accept-Encoding") << accept;
        if (coding.empty())
            EXPECT_EQ(response.text(), text);
        else
            EXPECT_EQ(decoded(*coding_named(coding), response.text()), text) << accept;
    }
}

TEST(Compression, LetsTheServerPreferAndLeaveOut) {
    EXPECT_EQ(coding_of(ask(plain({.codings = {"br", "gzip"}}))), "br");
    EXPECT_EQ(coding_of(ask(plain({.codings = {"gzip"}}))), "gzip");
    EXPECT_EQ(coding_of(ask(plain({.codings = {"gzip"}}), "br")), "");
}

TEST(Compression, GoesByTheMediaType) {
    const auto typed = [](const char* type) {
        return with([type](Response& response) { response.header("content-type", type); },
                    {.types = {"application/x-shop"}});
    };
    for (const char* type :
         {"text/html", "text/css; charset=utf-8", "application/json", "application/problem+json",
          "image/svg+xml", "text/javascript", "application/xml", "application/wasm",
          "application/x-ndjson", "application/x-shop", "application/x-shop;v=1"})
        EXPECT_EQ(coding_of(ask(typed(type))), "zstd") << type;
    for (const char* type : {"image/png", "image/jpeg", "video/mp4", "application/zip",
                             "application/octet-stream", "font/woff2", "application/grpc"}) {
        const TestResponse response = ask(typed(type));
        expect_left_alone(response);
        EXPECT_FALSE(response.header("vary")) << type;
    }
    expect_left_alone(
        ask(with([](Response& response) { response.headers().erase(Field::content_type); })));
}

TEST(Compression, LeavesShortContentAlone) {
    for (const std::size_t size : {0u, 1u, 1023u})
        EXPECT_EQ(coding_of(ask(
                      with([size](Response& response) { response.body(Body{some_text(size)}); }))),
                  "")
            << size;
    EXPECT_EQ(
        coding_of(ask(with([](Response& response) { response.body(Body{some_text(1024)}); }))),
        "zstd");
    EXPECT_EQ(coding_of(ask(plain({.min_size = 20'001}))), "");
    EXPECT_EQ(coding_of(ask(plain({.min_size = 20'000}))), "zstd");
}

// What doesn't get smaller stays as it is, with its strong ETag and its ranges.
TEST(Compression, LeavesAloneWhatDoesNotGetSmaller) {
    std::string noise(2000, '\0');
    std::uint32_t state = 1;
    for (char& c : noise)
        c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
    const TestResponse response = ask(with([&](Response& changed) {
        changed.body(Body{noise});
        changed.header("etag", "\"1\"").header("accept-ranges", "bytes");
    }));
    EXPECT_EQ(response.text(), noise);
    EXPECT_EQ(response.header("etag"), "\"1\"");
    EXPECT_EQ(response.header("accept-ranges"), "bytes");
    EXPECT_EQ(response.header("vary"), "Accept-Encoding");
}

TEST(Compression, RespectsWhatTheResponseSays) {
    const struct {
        const char* field;
        const char* value;
    } table[] = {
        {"content-encoding", "br"},
        {"content-encoding", "identity"},
        {"cache-control", "public, no-transform"},
        {"cache-control", "No-Transform"},
        {"content-range", "bytes 0-19999/20000"},
        {"content-digest", "sha-256=:AAAA:"},
        {"repr-digest", "sha-256=:AAAA:"},
    };
    for (const auto& [field, value] : table) {
        const TestResponse response =
            ask(with([f = field, v = value](Response& changed) { changed.header(f, v); }));
        EXPECT_EQ(response.text(), text) << field;
        EXPECT_FALSE(response.header("vary")) << field;
    }
    for (const Status status : {Status::partial_content, Status::ok}) {
        const TestResponse response =
            ask(with([status](Response& changed) { changed.status(status); }));
        EXPECT_EQ(coding_of(response), status == Status::ok ? "zstd" : "");
    }
}

TEST(Compression, KeepsOutOfResponsesWithoutContent) {
    for (const Status status : {Status::no_content, Status::not_modified}) {
        const TestResponse response =
            ask(with([status](Response& changed) { changed.status(status); }));
        EXPECT_EQ(response.text(), "");
        EXPECT_EQ(coding_of(response), "");
    }
}

TEST(Compression, IsOffForRoutesThatSayIt) {
    App app =
        App::create()
            .wrap(Compression{})
            .route("/", get([] { return text; }).metadata(Uncompressed{}))
            .service(scope("/secret").metadata(Uncompressed{}).route("/", get([] { return text; })))
            .route("/other", get([] { return text; }));
    TestClient client{app};
    client.header("accept-encoding", "gzip");
    expect_left_alone(client.get("/").send());
    expect_left_alone(client.get("/secret").send());
    EXPECT_EQ(coding_of(client.get("/other").send()), "gzip");
}

TEST(Compression, WeakensTheEntityTagAndTakesRangesBack) {
    const auto tagged = [](const char* tag) {
        return with([tag](Response& response) {
            response.header("etag", tag).header("accept-ranges", "bytes");
        });
    };
    const TestResponse response = ask(tagged("\"abc\""));
    EXPECT_EQ(response.header("etag"), "W/\"abc\"");
    EXPECT_FALSE(response.header("accept-ranges"));
    EXPECT_EQ(ask(tagged("W/\"abc\"")).header("etag"), "W/\"abc\"");
    const TestResponse identity = ask(tagged("\"abc\""), "identity");
    EXPECT_EQ(identity.header("etag"), "\"abc\"");
    EXPECT_EQ(identity.header("accept-ranges"), "bytes");
}

// RFC 9111 §4.3.4: a strong tag would select nothing of what a cache stored with the weak one.
TEST(Compression, AnswersNotModifiedWithTheTagThatTheClientHas) {
    const auto unchanged = [](std::string_view asked) {
        TestClient client{with([](Response& response) {
            response.status(Status::not_modified).header("etag", "\"abc\"");
        })};
        return client.get("/")
            .header("accept-encoding", "gzip")
            .header("if-none-match", asked)
            .send();
    };
    EXPECT_EQ(unchanged("W/\"abc\"").header("etag"), "W/\"abc\"");
    EXPECT_EQ(unchanged("W/\"abc\"").header("vary"), "Accept-Encoding");
    EXPECT_EQ(unchanged("\"x\", W/\"abc\"").header("etag"), "W/\"abc\"");
    EXPECT_EQ(unchanged("\"abc\"").header("etag"), "\"abc\"");
    EXPECT_EQ(unchanged("W/\"other\"").header("etag"), "\"abc\"");
}

TEST(Compression, AddsItselfToVary) {
    const auto varied = [](const char* fields) {
        return with([fields](Response& response) { response.header("vary", fields); });
    };
    EXPECT_EQ(ask(varied("Origin")).header("vary"), "Origin, Accept-Encoding");
    EXPECT_EQ(ask(varied("accept-encoding")).header("vary"), "accept-encoding");
    EXPECT_EQ(ask(varied("*")).header("vary"), "*");
}

TEST(Compression, CompressesLargeContentWhileItIsTaken) {
    for (const std::string_view coding : coding_names) {
        TestClient client{App::create().wrap(Compression{}).route("/", get([] {
                                                                      return Response::json(large);
                                                                  }))};
        const TestResponse response = client.get("/").header("accept-encoding", coding).send();
        EXPECT_EQ(coding_of(response), coding);
        EXPECT_FALSE(response.header("content-length"));
        EXPECT_EQ(decoded(*coding_named(coding), response.text()), large) << coding;
    }
}

TEST(Compression, GivesTheLengthOfWhatItCompressedAtOnce) {
    const TestResponse response = ask(plain(), "gzip");
    EXPECT_EQ(response.header("content-length"), std::to_string(response.text().size()));
}

TEST(Compression, TellsHeadWhatGetWouldHave) {
    TestClient client{with([](Response& response) { response.header("etag", "\"1\""); })};
    const TestResponse response = client.head("/").header("accept-encoding", "br").send();
    EXPECT_EQ(coding_of(response), "br");
    EXPECT_EQ(response.header("etag"), "W/\"1\"");
    EXPECT_EQ(response.header("vary"), "Accept-Encoding");
    EXPECT_FALSE(response.header("content-length")); // it isn't known
    EXPECT_EQ(response.text(), "");
    EXPECT_EQ(client.head("/").send().header("content-length"), "20000");
}

TEST(Compression, KeepsTrailers) {
    TestClient client{
        App::create().wrap(Compression{}).route("/", get([] {
                                                    return Response::stream(
                                                               [](BodyWriter& out) -> Task<> {
                                                                   co_await out.write(text);
                                                                   out.trailer("x-checked", "yes");
                                                               })
                                                        .header("content-type", "text/plain");
                                                }))};
    const TestResponse response = client.get("/").header("accept-encoding", "gzip").send();
    EXPECT_EQ(decoded(Coding::gzip, response.text()), text);
    EXPECT_EQ(response.trailers().get("x-checked"), "yes");
}

TEST(Compression, PassesOnWhatAStreamThrows) {
    TestClient client{
        App::create().wrap(Compression{}).route("/", get([] {
                                                    return Response::stream(
                                                               [](BodyWriter& out) -> Task<> {
                                                                   co_await out.write(text);
                                                                   throw std::runtime_error(
                                                                       "disk full");
                                                               })
                                                        .header("content-type", "text/plain");
                                                }))};
    EXPECT_ANY_THROW(static_cast<void>(client.get("/").header("accept-encoding", "br").send()));
    EXPECT_ANY_THROW(static_cast<void>(client.get("/").send()));
}

TEST(Compression, PadsWhatCredentialsCouldGiveAway) {
    const auto sizes = [](std::string_view credentials, CompressionOptions options,
                          const char* coding) {
        TestClient client{plain(std::move(options))};
        std::set<std::size_t> seen;
        for (int i = 0; i < 30; ++i) {
            TestRequest request = client.get("/");
            request.header("accept-encoding", coding);
            if (!credentials.empty()) request.header(credentials, "session=1");
            const TestResponse response = request.send();
            EXPECT_EQ(decoded(*coding_named(coding), response.text()), text);
            seen.insert(response.text().size());
        }
        return seen;
    };
    for (const char* coding : {"gzip", "br", "zstd"}) {
        EXPECT_GT(sizes("cookie", {}, coding).size(), 5u) << coding;
        EXPECT_GT(sizes("authorization", {}, coding).size(), 5u) << coding;
        EXPECT_THAT(sizes("", {}, coding), SizeIs(1)) << coding;
        EXPECT_THAT(sizes("cookie", {.padding = 0}, coding), SizeIs(1)) << coding;
    }
}

TEST(Compression, GoesWithoutWhenItsMemoryIsUsedUp) {
    const TestResponse response = ask(plain({.memory_per_loop = 1000}));
    expect_left_alone(response);
    EXPECT_EQ(response.header("vary"), "Accept-Encoding");
}

TEST(Compression, WorksWithoutASocket) {
    const Application app = App::create()
                                .wrap(Compression{})
                                .route("/", get([] { return Response::json(large); }))
                                .build();
    const Response response = app.handle(Request::get("/").set_header("accept-encoding", "zstd"));
    EXPECT_EQ(decoded(Coding::zstd, response.body().text()), large);
}

TEST(Compression, RefusesOptionsThatCannotBeRight) {
    const struct {
        CompressionOptions options;
        const char* says;
    } table[] = {
        {{.codings = {}}, "at least one coding"},
        {{.codings = {"gzip", "lzma"}}, "no coding \"lzma\""},
        {{.codings = {"x-gzip"}}, "no coding \"x-gzip\""},
        {{.codings = {"gzip", "gzip"}}, "named twice"},
        {{.gzip_level = 10}, "gzip_level is from 1 to 9"},
        {{.brotli_quality = -1}, "brotli_quality is from 0 to 11"},
        {{.zstd_level = 20}, "zstd_level is from 1 to 19"},
        {{.types = {"text"}}, "\"text\" is no media type"},
        {{.padding = 256}, "at most 255"},
    };
    for (const auto& [options, says] : table) {
        try {
            Compression{options};
            ADD_FAILURE() << says;
        } catch (const std::invalid_argument& error) {
            EXPECT_THAT(error.what(), HasSubstr(says));
        }
    }
}

} // namespace
} // namespace armature
