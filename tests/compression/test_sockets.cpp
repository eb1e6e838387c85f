#include "compression/codec.hpp"
#include "static_files/folder.hpp"
#include "support/process.hpp"
#include "support/test_server.hpp"

#include <armature/app/app.hpp>
#include <armature/compression/compression.hpp>
#include <armature/compression/decompression.hpp>
#include <armature/core/scheduler.hpp>
#include <armature/sse/event_stream.hpp>
#include <armature/static_files/static_files.hpp>
#include <armature/testing/client.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

// Over sockets, with the command-line tools of the codings' authors.
namespace armature::testing {
namespace {

using namespace compression;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::string large = some_text(300'000);

App everything() {
    return App::create()
        .wrap(Compression{})
        .wrap(Decompression{})
        .route("/small", get([] { return Response::json(some_text(5000)); }))
        .route("/large", get([] { return Response::json(large); }))
        .route("/stream", get([] {
                   return Response::stream([](BodyWriter& out) -> Task<> {
                              for (int i = 0; i < 100; ++i)
                                  co_await out.write(std::string_view{large}.substr(0, 3000));
                          })
                       .header("content-type", "text/plain");
               }))
        .route("/events", get([] {
                   return EventStream{[](EventWriter& out) -> Task<> {
                       Event event = Event{}.data("first");
                       co_await out.send(event);
                       co_await sleep_for(Duration::seconds(600));
                   }};
               }))
        .route("/firehose", get([] {
                   return EventStream{[](EventWriter& out) -> Task<> {
                       for (;;) {
                           Event event = Event{}.data("again and again and again");
                           co_await out.send(event);
                       }
                   }};
               }))
        .route("/size", post([](Request& request) -> Task<std::string> {
                            std::size_t size = 0;
                            while (const auto piece = co_await request.body().stream().next())
                                size += piece->size();
                            co_return std::to_string(size);
                        }).body_limit(1u << 30));
}

std::string output_of(const std::string& line) {
    const Ran ran = shell("set -o pipefail; " + line);
    EXPECT_EQ(ran.status, 0) << line << '\n' << ran.output;
    return ran.output;
}
std::string curl(const TestClient& client, const std::string& arguments,
                 const std::string& target) {
    return "curl -sS -k --max-time 100 " + arguments + " '" + client.origin() + target + "'";
}

struct Tool {
    const char* coding;
    const char* command;
};
constexpr Tool tools[] = {{"gzip", "gzip -dc"}, {"br", "brotli -dc"}, {"zstd", "zstd -dc"}};

bool has(const char* command) {
    return shell("command -v " + std::string{command}.substr(0, std::string{command}.find(' ')))
               .status == 0;
}

void expect_tools_agree(const TestClient& client, const std::string& flag) {
    const std::string stream_text = [] {
        std::string all;
        for (int i = 0; i < 100; ++i)
            all += large.substr(0, 3000);
        return all;
    }();
    for (const auto& [coding, command] : tools) {
        if (!has(command)) continue;
        // With a cookie, so that there is padding too.
        const std::string ask =
            flag + " -H 'cookie: a=b' -H 'accept-encoding: " + std::string{coding} + "'";
        EXPECT_EQ(output_of(curl(client, ask, "/small") + " | " + command), some_text(5000));
        EXPECT_EQ(output_of(curl(client, ask, "/large") + " | " + command), large) << coding;
        EXPECT_EQ(output_of(curl(client, ask, "/stream") + " | " + command), stream_text) << coding;
    }
    EXPECT_EQ(output_of(curl(client, flag + " --compressed", "/large")), large);
    const std::string head = output_of(curl(client, flag + " --compressed -I", "/large"));
    EXPECT_THAT(head, HasSubstr("content-encoding: "));
    EXPECT_THAT(head, Not(HasSubstr("content-length")));
}

TEST(CompressionOverSockets, IsReadByTheToolsOverHttp1) {
    const TestClient client = TestClient::over_http(everything());
    expect_tools_agree(client, "--http1.1");
    expect_tools_agree(client, "--http1.0");
}
TEST(CompressionOverSockets, IsReadByTheToolsOverHttp2) {
    expect_tools_agree(TestClient::over_https(everything()), "--http2");
}

// zlib's own format, as RFC 9110 §8.4.1.2 wants "deflate" to be.
TEST(CompressionOverSockets, IsReadByPython) {
    const TestClient client = TestClient::over_http(everything());
    EXPECT_EQ(output_of(curl(client, "-H 'accept-encoding: deflate'", "/large") +
                        " | python3 -c 'import sys, zlib; "
                        "sys.stdout.buffer.write(zlib.decompress(sys.stdin.buffer.read()))'"),
              large);
}

// The stream goes on for ten minutes: the event is there because it was flushed.
TEST(CompressionOverSockets, SendsEventsAtOnce) {
    for (const bool secure : {false, true}) {
        const TestClient client =
            secure ? TestClient::over_https(everything()) : TestClient::over_http(everything());
        Process reader{{"curl", "-sS", "-k", "-N", "-i", "--compressed", "--max-time", "100",
                        client.origin() + "/events"}};
        const std::string& seen = reader.await("data: first\n\n");
        EXPECT_THAT(seen, HasSubstr("content-encoding: "));
    }
}

// However fast the source: the client's pace is the stream's.
TEST(CompressionOverSockets, ProducesNoFasterThanTheClientReads) {
    const TestClient client = TestClient::over_http(everything());
    EXPECT_EQ(output_of("set +o pipefail; " +
                        curl(client, "--compressed --limit-rate 2M", "/firehose") +
                        " 2>/dev/null | head -c 3000000 | wc -c"),
              "3000000\n");
    EXPECT_EQ(output_of(curl(client, "", "/small")), some_text(5000)); // others are served
}

TEST(CompressionOverSockets, LeavesPrecompressedFilesAlone) {
    Folder folder;
    folder.file("page.html", std::string(5000, 'a'))
        .file("page.html.br", "made before")
        .file("other.css", std::string(100'000, 'b'));
    const TestClient client = TestClient::over_http(
        App::create().wrap(Compression{}).service(static_files("/static", folder.path())));
    const std::string made =
        output_of(curl(client, "-i -H 'accept-encoding: br'", "/static/page.html"));
    EXPECT_THAT(made, HasSubstr("content-encoding: br\r\n"));
    EXPECT_THAT(made, HasSubstr("\r\n\r\nmade before"));
    EXPECT_THAT(made, HasSubstr("etag: \"")); // strong: it is a file of its own
    // Without a sibling it is compressed on the way, and a range is of the file as it is.
    EXPECT_EQ(output_of(curl(client, "--compressed", "/static/other.css")),
              std::string(100'000, 'b'));
    EXPECT_THAT(output_of(curl(client, "-i --compressed", "/static/other.css")),
                HasSubstr("etag: W/\""));
    const std::string part =
        output_of(curl(client, "-i --compressed -r 10-19", "/static/other.css"));
    EXPECT_THAT(part, StartsWith("HTTP/1.1 206"));
    EXPECT_THAT(part, HasSubstr("content-length: 10\r\n"));
    EXPECT_THAT(part, Not(HasSubstr("content-encoding")));
    // Conditional requests work with the tag that the client has.
    const std::string unchanged = output_of(
        "tag=$(" +
        curl(client, "-o /dev/null --compressed -w '%header{etag}'", "/static/other.css") + "); " +
        curl(client, "-i --compressed -H \"if-none-match: $tag\"", "/static/other.css"));
    EXPECT_THAT(unchanged, StartsWith("HTTP/1.1 304"));
    EXPECT_THAT(unchanged, HasSubstr("etag: W/\""));
}

// A response that is the request's own content: its limit and `Expect: 100-continue` work as
// without the middleware.
TEST(CompressionOverSockets, LeavesTheRequestsOwnContentAlone) {
    const TestClient client = TestClient::over_http(
        App::create().wrap(Compression{}).route("/", post([](Request& request) {
                                                    return Response{std::move(request.body())}
                                                        .header("content-type", "text/plain");
                                                })));
    const std::string post = " | " + curl(client,
                                          "-D - -o /dev/null --compressed "
                                          "-H 'expect: 100-continue' "
                                          "--expect100-timeout 90 --data-binary @-",
                                          "/");
    const std::string answer = output_of("head -c 500000 /dev/zero" + post);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 100"));
    EXPECT_THAT(answer, Not(HasSubstr("content-encoding")));
    EXPECT_THAT(output_of("head -c 2000000 /dev/zero" + post), StartsWith("HTTP/1.1 413"));
}

// A browser reads each coding, padding included: its requests have a cookie.
TEST(CompressionOverSockets, IsReadByChromium) {
    if (!has("chromium")) GTEST_SKIP() << "chromium isn't installed";
    App app = App::create().route("/", get([] {
                                      return Response::html(R"(<p id=p></p><script>
            (async () => {
                let all = '';
                for (const coding of ['gzip', 'br', 'zstd', 'deflate']) {
                    const answer = await fetch('/' + coding);
                    const content = await answer.text();
                    all += answer.headers.get('content-encoding') + ' ' + content.length + ' ' +
                           content.slice(-5) + ' ' + document.cookie + '; ';
                }
                p.textContent = all + 'done';
            })();
        </script>)")
                                          .header("set-cookie", "a=b");
                                  }));
    for (const std::string_view coding : coding_names)
        app.route_at_runtime("/" + std::string{coding},
                             get([] {
                                 return Response::text(large + "<end>");
                             }).wrap(Compression{{.codings = {std::string{coding}}}}));
    const TestClient client = TestClient::over_https(app);
    const Folder profile;
    const std::string page =
        output_of("chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
                  "--disable-background-networking --disable-component-update --disable-sync "
                  "--disable-dev-shm-usage --ignore-certificate-errors --virtual-time-budget=60000 "
                  "--user-data-dir=" +
                  profile.path() + " --dump-dom '" + client.origin() + "/' 2>/dev/null");
    for (const char* coding : {"gzip", "br", "zstd", "deflate"})
        EXPECT_THAT(page, HasSubstr(std::string{coding} + " 300005 &lt;end&gt; a=b; "));
    EXPECT_THAT(page, HasSubstr("done"));
}

// --- requests -----------------------------------------------------------------------------------

constexpr Tool makers[] = {{"gzip", "gzip -c -9"}, {"br", "brotli -c -q 5"}, {"zstd", "zstd -c"}};

TEST(DecompressionOverSockets, TakesWhatTheToolsMake) {
    const TestClient http1 = TestClient::over_http(everything());
    const TestClient http2 = TestClient::over_https(everything());
    for (const TestClient* client : {&http1, &http2})
        for (const auto& [coding, command] : makers) {
            if (!has(command)) continue;
            const std::string post =
                curl(*client, "-H 'content-encoding: " + std::string{coding} + "' --data-binary @-",
                     "/size");
            EXPECT_EQ(output_of("seq 1 10 | " + std::string{command} + " | " + post), "21");
            EXPECT_EQ(output_of("seq 1 300000 | " + std::string{command} + " | " + post),
                      "1988895");
            // While it is uploaded.
            EXPECT_EQ(output_of("seq 1 300000 | " + std::string{command} + " | " + post +
                                " -H 'transfer-encoding: chunked'"),
                      "1988895");
        }
}

// 40 MB of zeros in 40 KB or less, over HTTP/1.1 and HTTP/2.
TEST(DecompressionOverSockets, StopsBombsBeforeTheyGrow) {
    const TestClient http1 = TestClient::over_http(everything());
    const TestClient http2 = TestClient::over_https(everything());
    const auto largest = [] {
        rusage usage{};
        ::getrusage(RUSAGE_SELF, &usage);
        return usage.ru_maxrss; // KiB
    };
    const long before = largest();
    for (const TestClient* client : {&http1, &http2})
        for (const auto& [coding, command] : makers) {
            if (!has(command)) continue;
            const std::string answer = output_of(
                "head -c 40000000 /dev/zero | " + std::string{command} + " | " +
                curl(*client, "-H 'content-encoding: " + std::string{coding} + "' --data-binary @-",
                     "/size"));
            EXPECT_THAT(answer, HasSubstr("more than 200 times")) << coding;
        }
    EXPECT_LT(largest() - before, memory_allowance * 64 * 1024);
}

// The same without a limit of the ratio: it flows through, and isn't gathered.
TEST(DecompressionOverSockets, HoldsNoMoreThanAPieceOfWhatItDecompresses) {
    const TestClient client = TestClient::over_http(
        App::create()
            .wrap(Decompression{{.max_ratio = 4'000'000'000}})
            .route("/size", post([](Request& request) -> Task<std::string> {
                                std::size_t size = 0;
                                while (const auto piece = co_await request.body().stream().next())
                                    size += piece->size();
                                co_return std::to_string(size);
                            }).body_limit(1u << 30)));
    rusage before{};
    ::getrusage(RUSAGE_SELF, &before);
    for (const auto& [coding, command] : makers) {
        if (!has(command)) continue;
        EXPECT_EQ(output_of("head -c 100000000 /dev/zero | " + std::string{command} + " | " +
                            curl(client,
                                 "-H 'transfer-encoding: chunked' -H 'content-encoding: " +
                                     std::string{coding} + "' --data-binary @-",
                                 "/size")),
                  "100000000")
            << coding;
    }
    rusage after{};
    ::getrusage(RUSAGE_SELF, &after);
    EXPECT_LT(after.ru_maxrss - before.ru_maxrss, memory_allowance * 64 * 1024);
}

} // namespace
} // namespace armature::testing
