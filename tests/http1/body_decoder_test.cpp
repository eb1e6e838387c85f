#include "body_cases.hpp"
#include "harness.hpp"

#include <armature/http1/body_decoder.hpp>

#include <gtest/gtest.h>

namespace {

using namespace armature::http1;
using namespace armature::http1::testing;
using Status = BodyDecoder::Status;

BodyOutcome decode_sized(std::uint64_t length, std::string_view bytes, std::size_t piece = 0) {
    BodyDecoder decoder;
    decoder.start(length);
    return decode_in_pieces(decoder, bytes, piece);
}

TEST(BodyDecoder, GivesExactlyTheBytesOfTheContentLength) {
    for (std::size_t piece = 0; piece < 8; ++piece) {
        const BodyOutcome outcome = decode_sized(5, "helloGET / HTTP/1.1", piece);
        EXPECT_EQ(outcome.status, Status::done);
        EXPECT_EQ(outcome.content, "hello");
        EXPECT_EQ(outcome.size, 5u);
    }
}

TEST(BodyDecoder, IsDoneAtOnceWithoutContent) {
    BodyDecoder decoder;
    decoder.start(0);
    EXPECT_TRUE(decoder.is_done());
    const BodyDecoder::Result result = decoder.decode("GET", 3);
    EXPECT_EQ(result.status, Status::done);
    EXPECT_EQ(result.consumed, 0u);
}

TEST(BodyDecoder, WaitsForTheRestOfTheContent) {
    BodyDecoder decoder;
    decoder.start(5);
    EXPECT_EQ(decoder.decode("hel", 3).status, Status::more);
    EXPECT_FALSE(decoder.is_done());
    const BodyDecoder::Result result = decoder.decode("lo", 2);
    EXPECT_EQ(result.payload, "lo");
    EXPECT_EQ(result.status, Status::done);
}

TEST(BodyDecoder, GivesViewsIntoTheInput) {
    const std::string_view bytes = "5\r\nhello\r\n0\r\n\r\n";
    BodyDecoder decoder;
    decoder.start_chunked();
    const BodyDecoder::Result result = decoder.decode(bytes.data(), bytes.size());
    EXPECT_EQ(result.payload.data(), bytes.data() + 3);
    EXPECT_EQ(result.status, Status::done);
    EXPECT_EQ(result.consumed, bytes.size());
}

TEST(BodyDecoder, DecidesEachCaseAsTheRfcSaysHoweverTheBytesAreCut) {
    for (const BodyCase& c : body_cases) {
        const BodyOutcome whole = decode_chunked(c.bytes);
        EXPECT_EQ(whole.status, c.expected == none ? Status::done : Status::error)
            << c.section << ::testing::PrintToString(c.bytes) << whole;
        EXPECT_EQ(whole.error, c.expected) << c.section << ::testing::PrintToString(c.bytes);
        EXPECT_EQ(whole.content, c.content) << ::testing::PrintToString(c.bytes);
        EXPECT_EQ(whole.trailers, c.trailers) << ::testing::PrintToString(c.bytes);
        for (std::size_t piece = 1; piece < c.bytes.size(); ++piece)
            ASSERT_EQ(decode_chunked(c.bytes, piece), whole)
                << piece << ::testing::PrintToString(c.bytes);
    }
}

TEST(BodyDecoder, DoesNotReadIntoWhatFollowsTheBody) {
    for (const BodyCase& c : body_cases) {
        if (c.expected != none) continue;
        const BodyOutcome alone = decode_chunked(c.bytes);
        for (const std::string_view after : {"GET / HTTP/1.1\r\n"sv, "\r\n"sv, "\n"sv, "0"sv})
            EXPECT_EQ(decode_chunked(std::string(c.bytes).append(after)), alone);
    }
}

TEST(BodyDecoder, WantsMoreAtEveryPrefixOfAnAcceptedBody) {
    for (const BodyCase& c : body_cases) {
        if (c.expected != none) continue;
        for (std::size_t size = 0; size < c.bytes.size(); ++size)
            EXPECT_EQ(decode_chunked(c.bytes.substr(0, size)).status, Status::more);
    }
}

TEST(BodyDecoder, BoundsTheExtensionsOfAllChunksTogether) {
    const ChunkLimits limits{.extension_bytes = 5};
    EXPECT_EQ(decode_chunked("1;a\r\nx\r\n1;b\r\nx\r\n0\r\n\r\n", 0, limits).error,
              chunk_extensions_too_large);
    EXPECT_EQ(decode_chunked("1;a\r\nx\r\n1;\r\n", 1, limits).error, bad_chunk_extension);
    EXPECT_EQ(decode_chunked("1;a\r\nx\r\n1\r\nx\r\n0\r\n\r\n", 0, limits).status, Status::done);
    EXPECT_EQ(decode_chunked("1;" + std::string(10000, 'a'), 0).error, chunk_extensions_too_large);
}

TEST(BodyDecoder, BoundsTheTrailerSection) {
    const ChunkLimits limits{.trailer_bytes = 12, .trailer_count = 2};
    for (std::size_t piece = 0; piece < 4; ++piece) {
        EXPECT_EQ(decode_chunked("0\r\nX: y\r\nZ: w\r\n\r\n", piece, limits).trailers, "X=y;Z=w;");
        EXPECT_EQ(decode_chunked("0\r\nX: y\r\nZ: ww\r\n\r\n", piece, limits).error,
                  trailers_too_large);
        EXPECT_EQ(decode_chunked("0\r\nX:\r\nY:\r\nZ:\r\n\r\n", piece, {.trailer_count = 2}).error,
                  too_many_trailers);
    }
}

TEST(BodyDecoder, ServesOneBodyAfterTheOther) {
    BodyDecoder decoder;
    decoder.start_chunked();
    EXPECT_EQ(decode_in_pieces(decoder, "1\r\na\r\n0\r\nX: y\r\n\r\n", 3).trailers, "X=y;");
    decoder.start(1);
    EXPECT_TRUE(decoder.trailers().empty());
    EXPECT_EQ(decode_in_pieces(decoder, "b", 0).content, "b");
    decoder.start_chunked();
    EXPECT_EQ(decode_in_pieces(decoder, "z", 0).status, Status::error);
    decoder.start_chunked();
    EXPECT_EQ(decode_in_pieces(decoder, "1\r\nc\r\n0\r\nZ: w\r\n\r\n", 1).trailers, "Z=w;");
}

} // namespace
