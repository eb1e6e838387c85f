#include "server/server_app.hpp"
#include "support/process.hpp"
#include "support/raw_client.hpp"
#include "support/test_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace armature::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Curl : ::testing::Test {
    Counters counters;
    TestServer server{make_server_app(counters)};

    // What curl printed; the test fails if curl failed.
    std::string curl(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"curl", "-sS", "--max-time", "60"});
        const Ran ran = run(std::move(arguments));
        EXPECT_EQ(ran.status, 0) << ran.output;
        return ran.output;
    }
};

TEST_F(Curl, GetsPostsAndPuts) {
    EXPECT_EQ(curl({server.url("/")}), "Hello");
    EXPECT_EQ(curl({"-d", "a=b", server.url("/echo")}), "a=b");
    EXPECT_EQ(curl({"-X", "PUT", "-d", "put", server.url("/echo")}), "put");
    EXPECT_EQ(curl({"-d", "", server.url("/echo")}), "");
}

TEST_F(Curl, KeepsItsConnection) {
    const std::string said = curl({"-v", server.url("/"), server.url("/"), server.url("/")});
    EXPECT_THAT(said, HasSubstr("Re-using existing connection"));
}

TEST_F(Curl, UploadsChunks) {
    EXPECT_EQ(curl({"-H", "Transfer-Encoding: chunked", "-d", "chunks", server.url("/echo")}),
              "chunks");
    const Ran ran = shell("head -c 700000 /dev/zero | curl -sS -T - " + server.url("/count"));
    EXPECT_EQ(ran.output, "700000");
}

TEST_F(Curl, SpeaksHttp10) {
    const std::string said = curl({"-i", "--http1.0", server.url("/")});
    EXPECT_THAT(said, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(said, HasSubstr("connection: close"));
    EXPECT_EQ(curl({"--http1.0", server.url("/generate/100000")}).size(), 100'000u);
}

TEST_F(Curl, WaitsFor100Continue) {
    const std::string said =
        curl({"-v", "-H", "Expect: 100-continue", "-d", "content", server.url("/echo")});
    EXPECT_THAT(said, HasSubstr("< HTTP/1.1 100 Continue"));
    EXPECT_THAT(said, HasSubstr("content"));
}

TEST_F(Curl, AsksForHeads) {
    const std::string said = curl({"-I", server.url("/")});
    EXPECT_THAT(said, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(said, HasSubstr("content-length: 5"));
    EXPECT_THAT(said, HasSubstr("server: armature"));
    EXPECT_THAT(said, HasSubstr("date: "));
}

TEST_F(Curl, IsToldThatContentIsTooLarge) {
    const Ran ran = shell("head -c 50000000 /dev/zero | curl -sS -w '%{http_code}' -o /dev/null "
                          "--data-binary @- " +
                          server.url("/echo"));
    EXPECT_EQ(ran.output, "413");
    const Ran chunked =
        shell("head -c 50000000 /dev/zero | curl -sS -w '%{http_code}' -o /dev/null "
              "-T - " +
              server.url("/echo"));
    EXPECT_THAT(chunked.output, HasSubstr("413"));
}

TEST_F(Curl, UploadsMuchInLittleMemory) {
    const long before = memory_kib("VmHWM");
    const Ran ran = shell("head -c 268435456 /dev/zero | curl -sS -T - " + server.url("/count"));
    EXPECT_EQ(ran.output, "268435456");
    EXPECT_LT(memory_kib("VmHWM") - before, memory_allowance * 32 * 1024);
}

TEST_F(Curl, DownloadsALargeFileThatNeverEntersTheProcess) {
    const long before = memory_kib("VmHWM");
    EXPECT_EQ(curl({"-o", "/dev/null", "-w", "%{http_code} %{size_download}",
                    server.url("/sparse/209715200")}),
              "200 209715200");
    EXPECT_LT(memory_kib("VmHWM") - before, memory_allowance * 16 * 1024);
}

TEST_F(Curl, DownloadsALargeStreamWithoutAFault) {
    constexpr std::uint64_t size = 100 * 1024 * 1024;
    const long before = memory_kib("VmHWM");
    RawClient client{server.address()};
    client.get("/generate/" + std::to_string(size));
    // Decodes the chunks as they come: keeping them all would say nothing of the server's memory.
    std::string pending;
    std::string expected;
    std::uint64_t at = 0;
    bool equal = true;
    bool head = true;
    for (bool done = false; !done;) {
        const std::string more = client.bytes();
        ASSERT_FALSE(more.empty());
        pending += more;
        std::size_t used = 0;
        if (head) {
            const std::size_t end = pending.find("\r\n\r\n");
            if (end == std::string::npos) continue;
            used = end + 4;
            head = false;
        }
        for (;;) {
            const std::size_t line = pending.find("\r\n", used);
            if (line == std::string::npos) break;
            const std::size_t chunk = std::stoull(pending.substr(used, line - used), nullptr, 16);
            if (pending.size() < line + 2 + chunk + 2) break;
            number_piece(expected, at / generated_piece);
            equal &= pending.compare(line + 2, chunk, expected, 0, chunk) == 0;
            at += chunk;
            used = line + 2 + chunk + 2;
            done = chunk == 0;
        }
        pending.erase(0, used);
    }
    EXPECT_TRUE(equal);
    EXPECT_EQ(at, size);
    EXPECT_LT(memory_kib("VmHWM") - before, memory_allowance * 32 * 1024);
}

} // namespace
} // namespace armature::testing
