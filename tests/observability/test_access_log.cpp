#include "observability/access_ring.hpp"
#include "support/process.hpp"
#include "support/test_server.hpp"

#include <armature/armature.hpp>
#include <armature/json/nlohmann.hpp>
#include <armature/log/capture.hpp>
#include <armature/observability/access_log.hpp>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <mutex>
#include <stdexcept>
#include <thread>

namespace armature {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

/// Where a test's lines end.
struct Lines {
    std::mutex mutex;
    std::string text;

    auto sink() {
        return [this](std::string_view lines) {
            const std::lock_guard lock(mutex);
            text += lines;
        };
    }
    std::string all() {
        const std::lock_guard lock(mutex);
        return text;
    }
};

App pages() {
    return App::create()
        .route("/", get([] { return "Hello"; }))
        .route("/users/{id}", get([](Path<std::string>) { return ""; }))
        .route("/stream", get([] {
                   return Response::stream([](BodyWriter& out) { return out.write("piece"); });
               }))
        .route("/fails", get([]() -> std::string { throw Error::conflict("taken"); }));
}

/// What one request leaves, with a log of that kind.
std::string combined_line(Request request, AccessLogOptions options = {}) {
    Lines lines;
    {
        const Application app = pages().wrap(AccessLog::combined(lines.sink(), options)).build();
        static_cast<void>(app.handle(std::move(request)));
    }
    return lines.all();
}
nlohmann::json json_line(Request request, AccessLogOptions options = {}) {
    Lines lines;
    {
        const Application app = pages().wrap(AccessLog::json(lines.sink(), options)).build();
        static_cast<void>(app.handle(std::move(request)));
    }
    return nlohmann::json::parse(lines.all());
}

TEST(AccessLog, CombinedIsWhatApacheWrites) {
    Request request = Request::get("/");
    request.set_header("referer", "https://example.com/from").set_header("user-agent", "curl/8");
    const unsigned char address[] = {192, 0, 2, 7};
    request.set_peer({PeerAddress::Family::ipv4, address, 4711});
    EXPECT_THAT(combined_line(std::move(request)),
                MatchesRegex("192\\.0\\.2\\.7 - - \\[[0-3][0-9]/[A-Z][a-z][a-z]/20[0-9][0-9]:"
                             "[0-9:]+ \\+0000\\] \"GET / HTTP/1\\.1\" 200 5 "
                             "\"https://example\\.com/from\" \"curl/8\"\n"));
}

TEST(AccessLog, WhatIsMissingIsADash) {
    EXPECT_THAT(combined_line(Request::get("/")), HasSubstr("\" 200 5 \"-\" \"-\"\n"));
    EXPECT_THAT(combined_line(Request::get("/")), ::testing::StartsWith("- - - ["));
    EXPECT_THAT(combined_line(Request::get("/stream")), HasSubstr("\" 200 - \"-\" \"-\"\n"));
    EXPECT_THAT(combined_line(Request{Method::head, "/"}), HasSubstr("HEAD / HTTP/1.1\" 200 0 "));
}

TEST(AccessLog, WhatHasNoRouteOrFailsIsLoggedToo) {
    EXPECT_THAT(combined_line(Request::get("/none")), HasSubstr("\"GET /none HTTP/1.1\" 404 "));
    EXPECT_THAT(combined_line(Request::get("/fails")), HasSubstr("\"GET /fails HTTP/1.1\" 409 "));
}

TEST(AccessLog, JsonHasTheRouteAndTheTime) {
    Request request = Request::get("/users/7");
    request.set_header("user-agent", "curl/8");
    const nlohmann::json line = json_line(std::move(request));
    EXPECT_THAT(line["time"].get<std::string>(),
                MatchesRegex("20[0-9-]+T[0-9:]+\\.[0-9][0-9][0-9]Z"));
    EXPECT_EQ(line["method"], "GET");
    EXPECT_EQ(line["target"], "/users/7");
    EXPECT_EQ(line["route"], "/users/{id}");
    EXPECT_EQ(line["protocol"], "HTTP/1.1");
    EXPECT_EQ(line["status"], 200);
    EXPECT_EQ(line["bytes"], 0);
    EXPECT_EQ(line["user_agent"], "curl/8");
    EXPECT_GE(line["duration_ms"].get<double>(), 0);
    EXPECT_FALSE(line.contains("referer"));
    EXPECT_FALSE(json_line(Request::get("/none")).contains("route"));
}

TEST(AccessLog, QueriesStayOutUnlessAskedFor) {
    const auto request = [] {
        Request made = Request::get("/?token=secret");
        made.set_header("referer", "https://example.com/a?token=secret");
        return made;
    };
    EXPECT_THAT(combined_line(request()), Not(HasSubstr("secret")));
    EXPECT_EQ(json_line(request())["target"], "/");
    EXPECT_EQ(json_line(request())["referer"], "https://example.com/a");
    AccessLogOptions options;
    options.query = true;
    EXPECT_THAT(combined_line(request(), options), HasSubstr("GET /?token=secret HTTP"));
    EXPECT_EQ(json_line(request(), options)["referer"], "https://example.com/a?token=secret");
}

TEST(AccessLog, NoClientCanForgeALineOrSteerATerminal) {
    struct Case {
        std::string_view sent;
        std::string_view written;
    };
    for (const auto& [sent, written] : std::initializer_list<Case>{
             {"a\" 200 0 \"-\" \"forged", "a\\\" 200 0 \\\"-\\\" \\\"forged"},
             {"back\\\"slash", "back\\\\\\\"slash"},
             {"a\nb", "a\\x0ab"},
             {"a\r\nb", "a\\x0d\\x0ab"},
             {"tab\there", "tab\\x09here"},
             {"\x1b[31mred", "\\x1b[31mred"},
             {"\x7f", "\\x7f"},
             {"\xC2\x9b", "\\xc2\\x9b"},          // a C1 control character
             {"\xE2\x80\xA8", "\\xe2\\x80\\xa8"}, // a line separator
             {"\xFF\xFE", "\\xff\\xfe"},
             {std::string_view{"nul\0", 4}, "nul\\x00"},
         }) {
        // As an adapter would never let it through: the log relies on nobody.
        Request request = Request::get("/");
        request.mutable_headers().append_view(Field::user_agent, sent);
        request.head().target = sent;
        request.head().method_text = sent.substr(0, 16);
        const std::string line = combined_line(std::move(request));
        EXPECT_THAT(line, ::testing::EndsWith("\"-\" \"" + std::string{written} + "\"\n"));
        EXPECT_THAT(line, HasSubstr(" " + std::string{written} + " HTTP/1.1\" "));
        EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
        Request again = Request::get("/");
        again.mutable_headers().append_view(Field::user_agent, sent);
        const nlohmann::json json = json_line(std::move(again)); // one object, valid UTF-8
        EXPECT_EQ(json.dump().find('\n'), std::string::npos);
    }
}

TEST(AccessLog, LongTextsAreCut) {
    Request request = Request::get("/users/" + std::string(1000, 'u'));
    request.set_header("user-agent", std::string(1000, 'a'))
        .set_header("referer", std::string(184, 'r'));
    const nlohmann::json line = json_line(std::move(request));
    EXPECT_EQ(line["target"], "/users/" + std::string(390, 'u') + "...");
    EXPECT_EQ(line["user_agent"], std::string(181, 'a') + "...");
    EXPECT_EQ(line["referer"], std::string(184, 'r'));
}

TEST(AccessLog, TheProgramsLogHasItAsARecord) {
    log::Capture log;
    {
        const AccessLog access;
        const Application app = pages().wrap(access).build();
        static_cast<void>(app.handle(Request::get("/users/1?x=y")));
        access.flush();
    }
    ASSERT_EQ(log.records().size(), 1u);
    const log::CapturedRecord record = log.records()[0];
    EXPECT_EQ(record.message, "request");
    EXPECT_EQ(record.field("target"), "/users/1");
    EXPECT_EQ(record.field("route"), "/users/{id}");
    EXPECT_EQ(record.field("status"), "200");
    EXPECT_EQ(record.field("bytes"), "0");
}

TEST(AccessLog, WritesToAFileAndToADescriptorThatStaysOpen) {
    const std::string path = ::testing::TempDir() + "armature-access-" + std::to_string(::getpid());
    const int pair = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_APPEND, 0600);
    ASSERT_GE(pair, 0);
    {
        const Application app =
            pages().wrap(AccessLog::combined(path)).wrap(AccessLog::json(pair)).build();
        static_cast<void>(app.handle(Request::get("/")));
    }
    char text[4096];
    const ssize_t size = ::pread(pair, text, sizeof text, 0);
    ASSERT_GT(size, 0);
    EXPECT_THAT(std::string(text, static_cast<std::size_t>(size)), HasSubstr("\"GET / HTTP/1.1\""));
    EXPECT_THAT(std::string(text, static_cast<std::size_t>(size)), HasSubstr("\"target\":\"/\""));
    ::close(pair);
    ::unlink(path.c_str());
}

TEST(AccessLog, WrongSettingsStopTheStart) {
    EXPECT_THROW(static_cast<void>(AccessLog::combined("/nowhere/at/all")), std::system_error);
    EXPECT_THROW(static_cast<void>(AccessLog::combined(-1)), std::system_error);
    for (const std::size_t capacity : {0, 8, 100, 131'072}) {
        AccessLogOptions options;
        options.capacity = capacity;
        EXPECT_THROW(AccessLog{options}, std::invalid_argument) << capacity;
    }
}

TEST(AccessLog, AFullRingDropsAndCountsAndNobodyWaits) {
    std::mutex gate;
    Lines lines;
    AccessLogOptions options;
    options.capacity = 16;
    const AccessLog access = AccessLog::combined(
        [&](std::string_view text) {
            const std::lock_guard lock(gate);
            lines.sink()(text);
        },
        options);
    {
        const Application app = pages().wrap(access).build();
        const std::lock_guard closed(gate); // the disk is slow
        for (int i = 0; i < 100; ++i)
            static_cast<void>(app.handle(Request::get("/")));
    }
    access.flush();
    const std::string text = lines.all();
    const auto written = static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
    EXPECT_GE(written, 16u);
    EXPECT_GT(access.dropped(), 0u);
    EXPECT_EQ(written + access.dropped(), 100u);
}

TEST(AccessLog, LinesThatCannotBeWrittenAreCounted) {
    const AccessLog access =
        AccessLog::json([](std::string_view) { throw std::runtime_error("no space left"); });
    const Application app = pages().wrap(access).build();
    for (int i = 0; i < 3; ++i)
        static_cast<void>(app.handle(Request::get("/")));
    access.flush();
    EXPECT_EQ(access.dropped(), 3u);
}

TEST(AccessLog, NothingIsLostBetweenThreadsNorAtTheEnd) {
    Lines lines;
    constexpr int threads = 4;
    constexpr int each = 300;
    std::uint64_t dropped = 0;
    {
        AccessLogOptions options;
        options.capacity = 64;
        const AccessLog access = AccessLog::combined(lines.sink(), options);
        const Application app = pages().wrap(access).build();
        std::vector<std::thread> running;
        for (int t = 0; t < threads; ++t)
            running.emplace_back([&] {
                for (int i = 0; i < each; ++i) {
                    static_cast<void>(app.handle(Request::get("/")));
                    if (i % 50 == 0) access.flush();
                }
            });
        for (std::thread& thread : running)
            thread.join();
        dropped = access.dropped();
    }
    const std::string text = lines.all();
    EXPECT_EQ(static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n')) + dropped,
              std::uint64_t{threads} * each);
}

TEST(AccessRing, GivesBackWhatWasPushedInOrderAndRefusesWhenFull) {
    detail::AccessRing ring{16};
    for (int round = 0; round < 5; ++round) {
        for (std::uint16_t i = 0; i < 16; ++i)
            EXPECT_EQ(ring.push([i](detail::AccessRecord& record) { record.status = i; }),
                      round * 16 + i);
        EXPECT_EQ(ring.push([](detail::AccessRecord&) { FAIL(); }), -1);
        for (std::uint16_t i = 0; i < 16; ++i)
            EXPECT_TRUE(
                ring.pop([i](const detail::AccessRecord& record) { EXPECT_EQ(record.status, i); }));
        EXPECT_TRUE(ring.empty());
    }
}

TEST(AccessLog, LogsWhatCurlAsksForOnBothProtocols) {
    Lines lines;
    const AccessLog access = AccessLog::combined(lines.sink());
    testing::TestServer server{pages().wrap(access).build()};
    for (const char* version : {"--http1.1", "--http2-prior-knowledge"})
        EXPECT_EQ(testing::run({"curl", "-sS", version, "-A", "x \"y\" \\z", "-e", "http://from/?a",
                                server.url("/users/a%22b?q=1")})
                      .status,
                  0);
    access.flush();
    const std::string text = lines.all();
    EXPECT_THAT(text, HasSubstr("127.0.0.1 - - ["));
    EXPECT_THAT(text, HasSubstr("\"GET /users/a%22b HTTP/1.1\" 200 0 \"http://from/\" "
                                "\"x \\\"y\\\" \\\\z\"\n"));
    EXPECT_THAT(text, HasSubstr("\"GET /users/a%22b HTTP/2\" 200 0 "));
}

} // namespace
} // namespace armature
