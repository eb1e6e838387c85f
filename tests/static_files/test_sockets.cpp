#include "static_files/folder.hpp"
#include "support/process.hpp"
#include "support/test_server.hpp"

#include <armature/static_files/static_files.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace armature::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// curl over HTTP/1.1 and over HTTP/2, and the files compared with those on disk.
class StaticFilesByCurl : public ::testing::TestWithParam<const char*> {
  protected:
    StaticFilesByCurl() {
        std::string numbers;
        while (numbers.size() < large)
            numbers += std::to_string(numbers.size()) + '\n';
        numbers.resize(large);
        folder.file("large.bin", numbers).file("small.html", "<p>small").file("empty.css", "");
        folder.file("app.js", std::string(5000, 'a'));
    }
    static constexpr std::size_t large = 5'000'000;

    // What curl printed; the test fails if curl failed.
    std::string curl(const std::string& target, std::vector<std::string> arguments = {}) {
        std::vector<std::string> command{"curl", "-sS",          "--max-time",
                                         "60",   "--path-as-is", GetParam()};
        command.insert(command.end(), arguments.begin(), arguments.end());
        command.push_back(server.url(target));
        const Ran ran = run(std::move(command));
        EXPECT_EQ(ran.status, 0) << ran.output;
        return ran.output;
    }
    // Whether curl's output for a range is those bytes of the file.
    bool gets(const std::string& range, std::size_t first, std::size_t size) {
        const std::string got = folder.path("got");
        curl("/assets/large.bin", {"--range", range, "-o", got});
        const Ran ran =
            shell("tail -c +" + std::to_string(first + 1) + " " + folder.path("large.bin") +
                  " | head -c " + std::to_string(size) + " | cmp - " + got);
        return ran.status == 0;
    }

    Folder folder;
    TestServer server{App::create().service(static_files("/assets", folder.path())).build()};
};

TEST_P(StaticFilesByCurl, AreTheSameByteByByte) {
    EXPECT_TRUE(gets("0-", 0, large));
    const std::string got = folder.path("whole");
    EXPECT_EQ(curl("/assets/large.bin", {"-o", got, "-w", "%{http_code}"}), "200");
    EXPECT_EQ(run({"cmp", folder.path("large.bin"), got}).status, 0);
    EXPECT_EQ(curl("/assets/small.html"), "<p>small");
    EXPECT_EQ(curl("/assets/empty.css", {"-w", "%{http_code} %{size_download}"}), "200 0");
}

TEST_P(StaticFilesByCurl, AreServedInRanges) {
    EXPECT_TRUE(gets("0-0", 0, 1));
    EXPECT_TRUE(gets("1000000-2999999", 1'000'000, 2'000'000));
    EXPECT_TRUE(gets("-17", large - 17, 17));
    EXPECT_TRUE(gets("4999990-", large - 10, 10));
    EXPECT_EQ(curl("/assets/large.bin", {"--range", "5000000-", "-o", folder.path("got"), "-w",
                                         "%{http_code} %header{content-range}"}),
              "416 bytes */5000000");
    const std::string parts = curl("/assets/large.bin", {"-i", "--range", "0-1,3000000-3000003"});
    EXPECT_THAT(parts, HasSubstr(" 206"));
    EXPECT_THAT(parts, HasSubstr("content-type: multipart/byteranges; boundary="));
    EXPECT_THAT(parts, HasSubstr("Content-Range: bytes 0-1/5000000\r\n\r\n0\n\r\n"));
    EXPECT_THAT(parts, HasSubstr("Content-Range: bytes 3000000-3000003/5000000\r\n\r\n"));
}

TEST_P(StaticFilesByCurl, GoOnAfterADownloadThatBroke) {
    const std::string got = folder.path("resumed");
    ASSERT_EQ(shell("head -c 1234567 " + folder.path("large.bin") + " > " + got).status, 0);
    curl("/assets/large.bin", {"-C", "-", "-o", got});
    EXPECT_EQ(run({"cmp", folder.path("large.bin"), got}).status, 0);
}

TEST_P(StaticFilesByCurl, AreAskedForOnlyWhenTheyHaveChanged) {
    const std::string tags = folder.path("tag");
    const std::vector<std::string> arguments{"--etag-save",      tags, "-o",
                                             folder.path("got"), "-w", "%{http_code}"};
    EXPECT_EQ(curl("/assets/small.html", arguments), "200");
    EXPECT_EQ(
        curl("/assets/small.html", {"--etag-compare", tags, "-w", "%{http_code} %{size_download}"}),
        "304 0");
    EXPECT_EQ(curl("/assets/small.html", {"-z", folder.path("small.html"), "-w", "%{http_code}"}),
              "304");
}

TEST_P(StaticFilesByCurl, AreTheNewOnesAsSoonAsTheyAreThere) {
    for (const std::string content : {"first", "second", "third"}) {
        folder.file("new", content);
        std::filesystem::rename(folder.path("new"), folder.path("page.txt"));
        EXPECT_EQ(curl("/assets/page.txt"), content);
    }
    std::filesystem::remove(folder.path("page.txt"));
    EXPECT_EQ(curl("/assets/page.txt", {"-o", "/dev/null", "-w", "%{http_code}"}), "404");
}

TEST_P(StaticFilesByCurl, AreCompressedByWhatCompressesFiles) {
    ASSERT_EQ(shell("gzip -k " + folder.path("app.js")).status, 0);
    const std::string said = curl("/assets/app.js", {"--compressed", "-w", "|%{size_download}"});
    EXPECT_THAT(said, StartsWith(std::string(5000, 'a') + "|"));
    EXPECT_LT(std::stoi(said.substr(5001)), 100);
    EXPECT_EQ(curl("/assets/app.js").size(), 5000u);
}

TEST_P(StaticFilesByCurl, AnswerHead) {
    const std::string said = curl("/assets/large.bin", {"-I"});
    EXPECT_THAT(said, HasSubstr("content-length: 5000000\r\n"));
    EXPECT_THAT(said, HasSubstr("content-type: application/octet-stream\r\n"));
    EXPECT_THAT(said, HasSubstr("accept-ranges: bytes\r\n"));
}

TEST_P(StaticFilesByCurl, AreNotFoundOutside) {
    const std::vector<std::string> code{"-o", folder.path("got"), "-w", "%{http_code}"};
    for (const char* const path : {"/assets/../../../../../etc/passwd", "/assets/%2e%2e/secret.txt",
                                   "/assets/..%2f..%2fetc%2fpasswd", "/assets//etc/passwd"})
        EXPECT_EQ(curl(path, code), "404") << path;
}

TEST_P(StaticFilesByCurl, NeverEnterTheProcessWhole) {
    ASSERT_EQ(::truncate(folder.path("large.bin").c_str(), 300'000'000), 0);
    const long before = memory_kib("VmHWM");
    EXPECT_EQ(curl("/assets/large.bin", {"-o", "/dev/null", "-w", "%{size_download}"}),
              "300000000");
    EXPECT_EQ(curl("/assets/large.bin",
                   {"--range", "0-99999999,150000000-", "-o", "/dev/null", "-w", "%{http_code}"}),
              "206");
    EXPECT_LT(memory_kib("VmHWM") - before, memory_allowance * 16 * 1024);
}

INSTANTIATE_TEST_SUITE_P(Over, StaticFilesByCurl,
                         ::testing::Values("--http1.1", "--http2-prior-knowledge"),
                         [](const auto& flag) {
                             return std::string_view{flag.param} == "--http1.1" ? "Http1" : "Http2";
                         });

} // namespace
} // namespace armature::testing
