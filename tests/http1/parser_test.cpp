#include "harness.hpp"
#include "head_cases.hpp"

#include <armature/http1/parser.hpp>

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <random>

namespace {

using namespace armature;
using namespace armature::http1;
using namespace armature::http1::testing;

struct Parsed {
    explicit Parsed(std::string_view text) : bytes(text) {
        status = parser.parse(bytes.data(), text.size(), {}, head, head.headers);
    }
    Buffer bytes;
    HeadParser parser;
    FullHead head;
    ParseStatus status;
};

std::string printable(std::string_view bytes) { return ::testing::PrintToString(bytes); }

TEST(HeadParser, TellsWhatTheRequestIs) {
    const Parsed parsed(
        "GET /users/7?full=1 HTTP/1.1\r\nHost: a.example:8080\r\nAccept: */*\r\n\r\n");
    ASSERT_EQ(parsed.status, ParseStatus::complete);
    const FullHead& head = parsed.head;
    EXPECT_EQ(head.method, Method::get);
    EXPECT_EQ(head.method_text, "GET");
    EXPECT_EQ(head.form, TargetForm::origin);
    EXPECT_EQ(head.target, "/users/7?full=1");
    EXPECT_EQ(head.path, "/users/7");
    EXPECT_FALSE(head.path_has_percent);
    EXPECT_TRUE(head.has_query);
    EXPECT_EQ(head.query, "full=1");
    EXPECT_EQ(head.authority, "a.example:8080");
    EXPECT_EQ(head.minor_version, 1);
    EXPECT_EQ(head.size, 67u);
    ASSERT_EQ(head.headers.size(), 2u);
    EXPECT_EQ(head.headers.get(Field::accept), "*/*");
    EXPECT_EQ(head.headers.begin()->name(), "Host");
}

TEST(HeadParser, TellsEachMethod) {
    const std::pair<std::string_view, Method> methods[] = {
        {"GET", Method::get},         {"HEAD", Method::head},     {"POST", Method::post},
        {"PUT", Method::put},         {"PATCH", Method::patch},   {"DELETE", Method::delete_},
        {"OPTIONS", Method::options}, {"TRACE", Method::trace},   {"get", Method::other},
        {"GETS", Method::other},      {"PROPFIND", Method::other}};
    for (const auto& [text, method] : methods) {
        const Parsed parsed(std::string(text) + " / HTTP/1.1\r\nHost: a\r\n\r\n");
        ASSERT_EQ(parsed.status, ParseStatus::complete) << text;
        EXPECT_EQ(parsed.head.method, method) << text;
        EXPECT_EQ(parsed.head.method_text, text);
    }
}

TEST(HeadParser, KnowsPercentSignsOfThePathFromThoseOfTheQuery) {
    const auto has_percent = [](std::string_view target) {
        const Parsed parsed("GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n");
        EXPECT_EQ(parsed.status, ParseStatus::complete);
        return parsed.head.path_has_percent;
    };
    const std::string long_path = "/" + std::string(50, 'a');
    EXPECT_TRUE(has_percent("/%41"));
    EXPECT_FALSE(has_percent("/a?%41"));
    EXPECT_TRUE(has_percent(long_path + "%41?b"));
    EXPECT_FALSE(has_percent(long_path + "?%41"));
    EXPECT_FALSE(has_percent("/a"));
}

TEST(HeadParser, TakesHostAndPathFromAnAbsoluteTarget) {
    const Parsed parsed("GET http://b:81/c?d HTTP/1.1\r\nHost: a\r\n\r\n");
    ASSERT_EQ(parsed.status, ParseStatus::complete);
    EXPECT_EQ(parsed.head.form, TargetForm::absolute);
    EXPECT_EQ(parsed.head.authority, "b:81");
    EXPECT_EQ(parsed.head.path, "/c");
    EXPECT_EQ(parsed.head.query, "d");

    const Parsed without_path("GET http://b?d HTTP/1.1\r\nHost: a\r\n\r\n");
    ASSERT_EQ(without_path.status, ParseStatus::complete);
    EXPECT_EQ(without_path.head.path, "/");
    EXPECT_EQ(without_path.head.query, "d");
}

TEST(HeadParser, TakesOptionsOfAnAuthorityAloneForTheWholeServer) {
    for (const char* target : {"*", "http://b"}) {
        const Parsed parsed("OPTIONS " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n");
        ASSERT_EQ(parsed.status, ParseStatus::complete);
        EXPECT_EQ(parsed.head.form, TargetForm::asterisk);
        EXPECT_EQ(parsed.head.path, "");
    }
}

TEST(HeadParser, TakesTheAuthorityOfConnect) {
    const Parsed parsed("CONNECT b:443 HTTP/1.1\r\nHost: a\r\n\r\n");
    ASSERT_EQ(parsed.status, ParseStatus::complete);
    EXPECT_EQ(parsed.head.form, TargetForm::authority);
    EXPECT_EQ(parsed.head.authority, "b:443");
    EXPECT_EQ(parsed.head.path, "");
}

TEST(HeadParser, TellsHowTheContentIsFramed) {
    const Parsed sized(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551615\r\n\r\n");
    EXPECT_TRUE(sized.head.has_content_length);
    EXPECT_EQ(sized.head.content_length, UINT64_MAX);
    EXPECT_FALSE(sized.head.chunked);

    const Parsed chunked("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    EXPECT_TRUE(chunked.head.chunked);
    EXPECT_FALSE(chunked.head.has_content_length);
}

TEST(HeadParser, TellsWhetherTheConnectionPersists) {
    const auto persists = [](std::string_view version, std::string_view fields) {
        const Parsed parsed("GET / HTTP/" + std::string(version) + "\r\nHost: a\r\n" +
                            std::string(fields) + "\r\n");
        EXPECT_EQ(parsed.status, ParseStatus::complete);
        return parsed.head.keep_alive;
    };
    EXPECT_TRUE(persists("1.1", ""));
    EXPECT_FALSE(persists("1.1", "Connection: close\r\n"));
    EXPECT_FALSE(persists("1.1", "Connection: Foo , CLOSE\r\n"));
    EXPECT_FALSE(persists("1.1", "Connection: foo\r\nConnection: close\r\n"));
    EXPECT_FALSE(persists("1.1", "Connection: keep-alive\r\nConnection: close\r\n"));
    EXPECT_TRUE(persists("1.1", "Connection: closed, not-close\r\n"));
    EXPECT_FALSE(persists("1.0", ""));
    EXPECT_TRUE(persists("1.0", "Connection: Keep-Alive\r\n"));
    EXPECT_FALSE(persists("1.0", "Connection: keep-alive, close\r\n"));
}

TEST(HeadParser, HeedsUpgradeAndExpectOnlyInHttp11) {
    const std::string fields =
        "Host: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
        "Expect: 100-continue\r\n\r\n";
    const Parsed newer("GET / HTTP/1.1\r\n" + fields);
    EXPECT_TRUE(newer.head.upgrade);
    EXPECT_TRUE(newer.head.expect_continue);
    const Parsed older("GET / HTTP/1.0\r\n" + fields);
    EXPECT_EQ(older.status, ParseStatus::complete);
    EXPECT_FALSE(older.head.upgrade);
    EXPECT_FALSE(older.head.expect_continue);
}

TEST(HeadParser, ResolvesEveryKnownFieldInAnyCase) {
    for (const Isa isa : isas()) {
        for (std::size_t i = 1; i < armature::field_count; ++i) {
            const auto field = static_cast<Field>(i);
            std::string name(field_name(field));
            if (field == Field::content_length || field == Field::transfer_encoding ||
                field == Field::host || field == Field::expect)
                continue;
            for (const bool upper : {false, true}) {
                if (upper)
                    for (char& c : name)
                        c = static_cast<char>(std::toupper(c));
                const std::string text = "GET / HTTP/1.1\r\nHost: a\r\n" + name + ": b\r\n" + name +
                                         "x: c\r\nx" + name + ": d\r\n\r\n";
                const Buffer bytes(text);
                http1::detail::HeadState state;
                FullHead head;
                ASSERT_EQ(parse_head(isa, state, bytes.data(), text.size(), {}, head, head.headers),
                          ParseStatus::complete);
                EXPECT_EQ((head.headers.begin() + 1)->field(), field) << name;
                EXPECT_EQ((head.headers.begin() + 2)->field(), field_from_name(name + "x"));
                EXPECT_EQ((head.headers.begin() + 3)->field(), field_from_name("x" + name));
            }
        }
    }
}

TEST(HeadParser, DecidesEachCaseAsTheRfcSays) {
    for (const Isa isa : isas()) {
        for (const HeadCase& c : head_cases) {
            const HeadOutcome outcome = parse_whole(isa, c.bytes);
            EXPECT_EQ(outcome.status,
                      c.expected == none ? ParseStatus::complete : ParseStatus::error)
                << c.section << " " << printable(c.bytes) << outcome;
            EXPECT_EQ(outcome.error, c.expected) << c.section << " " << printable(c.bytes);
            if (c.expected == none) {
                EXPECT_EQ(outcome.size, c.bytes.size());
            }
        }
    }
}

TEST(HeadParser, DecidesTheSameHoweverTheBytesAreCut) {
    for (const HeadCase& c : head_cases) {
        const HeadOutcome whole = parse_whole(Isa::scalar, c.bytes);
        for (const Isa isa : isas()) {
            ASSERT_EQ(parse_byte_by_byte(isa, c.bytes), whole) << printable(c.bytes);
            for (std::size_t cut = 0; cut <= c.bytes.size(); ++cut)
                ASSERT_EQ(parse_cut(isa, c.bytes, {cut}), whole) << cut << printable(c.bytes);
        }
    }
}

TEST(HeadParser, IsIncompleteAtEveryPrefixOfAnAcceptedHead) {
    for (const HeadCase& c : head_cases) {
        if (c.expected != none) continue;
        for (const Isa isa : isas()) {
            for (std::size_t size = 0; size < c.bytes.size(); ++size)
                ASSERT_EQ(parse_whole(isa, c.bytes.substr(0, size)).status, ParseStatus::incomplete)
                    << size << printable(c.bytes);
        }
    }
}

TEST(HeadParser, DoesNotReadIntoWhatFollowsTheHead) {
    for (const HeadCase& c : head_cases) {
        const HeadOutcome alone = parse_whole(Isa::scalar, c.bytes);
        if (c.expected == none || alone.status == ParseStatus::error) {
            for (const std::string_view after :
                 {"GET /2 HTTP/1.1\r\nHost: b\r\n\r\n"sv, "\r\n\r\n"sv, "\n"sv, " x"sv, "\0\0"sv}) {
                const std::string bytes = std::string(c.bytes).append(after);
                for (const Isa isa : isas())
                    ASSERT_EQ(parse_whole(isa, bytes), alone) << printable(bytes);
            }
        }
    }
}

TEST(HeadParser, ReadsNothingBeyondTheSlack) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    void* const mapped =
        mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(mapped, MAP_FAILED);
    char* const guard = static_cast<char*>(mapped) + page;
    ASSERT_EQ(mprotect(guard, page, PROT_NONE), 0);
    for (const HeadCase& c : head_cases) {
        for (std::size_t size = 0; size <= c.bytes.size(); ++size) {
            char* const data = guard - HeadParser::slack - size;
            std::memcpy(data, c.bytes.data(), size);
            std::memset(data + size, 'x', HeadParser::slack);
            for (const Isa isa : isas()) {
                http1::detail::HeadState state;
                FullHead head;
                const ParseStatus status =
                    parse_head(isa, state, data, size, {}, head, head.headers);
                ASSERT_EQ(outcome_of(status, state.error, head),
                          parse_whole(Isa::scalar, c.bytes.substr(0, size)));
            }
        }
    }
    munmap(mapped, 2 * page);
}

TEST(HeadParser, AgreesAcrossInstructionSetsOnRandomBytes) {
    std::mt19937 random(20260112);
    const auto below = [&](std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
    };
    constexpr std::string_view telling = "\r\n\t :/?%#[]@,;\0\x7f\x80\xff"sv;
    for (int round = 0; round < 20000; ++round) {
        std::string bytes(head_cases[below(head_cases.size())].bytes);
        for (std::size_t changes = below(4); changes-- > 0;) {
            const std::size_t at = below(bytes.size());
            switch (below(4)) {
            case 0:
                bytes[at] = static_cast<char>(below(256));
                break;
            case 1:
                bytes[at] = telling[below(telling.size())];
                break;
            case 2:
                bytes.insert(at, bytes.substr(at, below(80)));
                break;
            default:
                bytes.erase(at, below(3));
                break;
            }
            if (bytes.empty()) bytes = "G";
        }
        const HeadOutcome scalar = parse_whole(Isa::scalar, bytes);
        const std::vector<std::size_t> cuts{below(bytes.size() + 1)};
        for (const Isa isa : isas()) {
            ASSERT_EQ(parse_whole(isa, bytes), scalar) << printable(bytes);
            ASSERT_EQ(parse_cut(isa, bytes, cuts), scalar) << cuts[0] << printable(bytes);
        }
    }
}

TEST(HeadParser, EnforcesItsLimitsToTheByteHoweverTheBytesAreCut) {
    const std::string text = "GET /abc HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n";
    const auto size = static_cast<std::uint32_t>(text.size());
    const std::pair<HeadLimits, ParseError> limits[] = {
        {{.target_bytes = 4, .head_bytes = size, .field_count = 2}, none},
        {{.target_bytes = 3, .head_bytes = size, .field_count = 2}, target_too_long},
        {{.target_bytes = 4, .head_bytes = size - 1, .field_count = 2}, head_too_large},
        {{.target_bytes = 4, .head_bytes = 12, .field_count = 2}, head_too_large},
        {{.target_bytes = 4, .head_bytes = size, .field_count = 1}, too_many_fields},
        {{.target_bytes = 4, .head_bytes = size, .field_count = 0}, too_many_fields},
    };
    for (const auto& [limit, expected] : limits) {
        for (const Isa isa : isas()) {
            const HeadOutcome whole = parse_whole(isa, text, limit);
            EXPECT_EQ(whole.error, expected);
            EXPECT_EQ(parse_byte_by_byte(isa, text, limit), whole);
            for (std::size_t cut = 0; cut <= text.size(); ++cut)
                EXPECT_EQ(parse_cut(isa, text, {cut}, limit), whole);
        }
    }
}

TEST(HeadParser, RefusesEndlessElementsAtTheLimitWithoutABlankLine) {
    const std::pair<std::string, ParseError> endless[] = {
        {std::string(20000, 'A'), head_too_large},
        {"GET /" + std::string(20000, 'a'), target_too_long},
        {"GET / HTTP/1.1\r\n" + std::string(20000, 'a'), head_too_large},
        {"GET / HTTP/1.1\r\nX:" + std::string(20000, ' '), head_too_large},
    };
    for (const auto& [text, expected] : endless) {
        EXPECT_EQ(parse_whole(Isa::scalar, text).error, expected);
        for (const Isa isa : isas())
            EXPECT_EQ(parse_cut(isa, text, {1, 33, 8190, 8193, 8197, 8198, 16383}).error, expected);
    }
}

TEST(HeadParser, LooksAtEachByteOnceWhenBytesComeOneByOne) {
    // 64 KiB in a quadratic parser would be 2^31 steps.
    const HeadLimits limits{.target_bytes = 1u << 17, .head_bytes = 1u << 18, .field_count = 2000};
    std::string text = "GET /" + std::string(20000, 'a') + " HTTP/1.1\r\nHost: a\r\n";
    for (int i = 0; i < 1000; ++i)
        text += "X-Field: value\r\n";
    text += "Y: " + std::string(30000, 'b') + "\r\n\r\n";
    text.append(HeadParser::slack, '\0');
    const std::size_t size = text.size() - HeadParser::slack;
    HeadParser parser;
    FullHead head;
    for (std::size_t arrived = 0; arrived < size; ++arrived)
        ASSERT_EQ(parser.parse(text.data(), arrived, limits, head, head.headers),
                  ParseStatus::incomplete);
    ASSERT_EQ(parser.parse(text.data(), size, limits, head, head.headers), ParseStatus::complete);
    EXPECT_EQ(head.headers.size(), 1002u);
}

TEST(HeadParser, ParsesPipelinedHeadsOneAfterTheOther) {
    const std::string text = "POST /1 HTTP/1.0\r\nHost: a\r\nContent-Length: 0\r\n"
                             "Connection: keep-alive\r\n\r\n"
                             "\r\nGET /2 HTTP/1.1\r\nHost: b\r\n\r\nGET /3 HTTP/1.1\r\n";
    const Buffer bytes(text);
    HeadParser parser;
    FullHead head;
    ASSERT_EQ(parser.parse(bytes.data(), text.size(), {}, head, head.headers),
              ParseStatus::complete);
    EXPECT_EQ(head.target, "/1");
    std::size_t at = head.size;
    ASSERT_EQ(parser.parse(bytes.data() + at, text.size() - at, {}, head, head.headers),
              ParseStatus::complete);
    EXPECT_EQ(head.target, "/2");
    EXPECT_EQ(head.method, Method::get);
    EXPECT_EQ(head.authority, "b");
    EXPECT_FALSE(head.has_content_length);
    EXPECT_EQ(head.headers.size(), 1u);
    at += head.size;
    EXPECT_EQ(parser.parse(bytes.data() + at, text.size() - at, {}, head, head.headers),
              ParseStatus::incomplete);
}

TEST(HeadParser, StaysInErrorUntilReset) {
    const std::string good = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    const Buffer bad_bytes("GET / HTTP/1.1\r\n x");
    const Buffer good_bytes(good);
    HeadParser parser;
    FullHead head;
    EXPECT_EQ(parser.parse(bad_bytes.data(), 18, {}, head, head.headers), ParseStatus::error);
    EXPECT_EQ(parser.error(), folded_field);
    EXPECT_EQ(parser.parse(good_bytes.data(), good.size(), {}, head, head.headers),
              ParseStatus::error);
    parser.reset();
    EXPECT_EQ(parser.parse(good_bytes.data(), good.size(), {}, head, head.headers),
              ParseStatus::complete);
    EXPECT_EQ(parser.error(), none);
}

TEST(ParseError, HasAStatusAndASentenceForTheClient) {
    EXPECT_EQ(status_of(bad_target), Status::bad_request);
    EXPECT_EQ(status_of(unsupported_version), Status::http_version_not_supported);
    EXPECT_EQ(status_of(unsupported_transfer_encoding), Status::not_implemented);
    EXPECT_EQ(status_of(unsupported_expectation), Status::expectation_failed);
    EXPECT_EQ(status_of(target_too_long), Status::uri_too_long);
    EXPECT_EQ(status_of(head_too_large), Status::request_header_fields_too_large);
    EXPECT_EQ(status_of(too_many_fields), Status::request_header_fields_too_large);
    for (int error = 0; error <= static_cast<int>(forbidden_trailer); ++error)
        EXPECT_TRUE(describe(static_cast<ParseError>(error)).ends_with('.')) << error;
}

} // namespace
