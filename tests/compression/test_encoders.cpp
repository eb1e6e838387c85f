#include "compression/codec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

// Encoders and decoders without a request.
namespace armature::compression {
namespace {

using ::testing::SizeIs;

std::string in_pieces(Encoder& encoder, std::string_view text, std::size_t piece,
                      std::size_t padding = 0) {
    encoder.begin(std::nullopt, padding);
    std::string out;
    for (std::size_t at = 0; at < text.size(); at += piece)
        encoder.encode(text.substr(at, piece), Encoder::Step::more, out);
    encoder.encode({}, Encoder::Step::finish, out);
    return out;
}

TEST(Encoders, GiveBackWhatTheyWereGiven) {
    for (const Coding coding : all_codings)
        for (const std::size_t size : {1u, 100u, 70'000u, 1'000'000u}) {
            const std::string text = some_text(size);
            const std::string bytes = encoded(coding, text);
            EXPECT_EQ(decoded(coding, bytes), text) << name_of(coding) << ' ' << size;
            EXPECT_LT(bytes.size(), size / 3 + 100) << name_of(coding);
        }
}

TEST(Encoders, ServeOneContentAfterAnother) {
    const std::string text = some_text(50'000);
    for (const Coding coding : all_codings)
        for (const bool small : {false, true}) {
            const EncoderLease encoder = borrow_encoder(usual(coding, small), 1u << 30);
            for (const std::size_t piece : {50'000u, 777u, 1u})
                EXPECT_EQ(decoded(coding, in_pieces(*encoder, text, piece)), text)
                    << name_of(coding) << ' ' << piece;
        }
}

// As after a client that left in the middle.
TEST(Encoders, ForgetAContentThatWasNeverFinished) {
    for (const Coding coding : all_codings) {
        const EncoderLease encoder = borrow_encoder(usual(coding), 1u << 30);
        encoder->begin(std::nullopt, 50);
        std::string lost;
        encoder->encode(some_text(100'000), Encoder::Step::more, lost);
        EXPECT_EQ(decoded(coding, in_pieces(*encoder, "the next", 3)), "the next")
            << name_of(coding);
    }
}

TEST(Encoders, ShowAllOfTheInputAfterAFlush) {
    for (const Coding coding : all_codings)
        for (const bool small : {false, true}) {
            const EncoderLease encoder = borrow_encoder(usual(coding, small), 1u << 30);
            encoder->begin(std::nullopt, 0);
            std::string bytes;
            std::string text;
            for (int i = 0; i < 5; ++i) {
                const std::string event = "data: " + std::to_string(i) + "\n\n";
                text += event;
                encoder->encode(event, Encoder::Step::more, bytes);
                encoder->encode({}, Encoder::Step::flush, bytes);
                EXPECT_EQ(decoded(coding, bytes, 1000, false), text) << name_of(coding);
            }
        }
}

TEST(Encoders, PadWithBytesThatDecodersSkip) {
    for (const Coding coding : {Coding::gzip, Coding::brotli, Coding::zstd}) {
        const EncoderLease encoder = borrow_encoder(usual(coding), 1u << 30);
        const std::string plain = in_pieces(*encoder, "hello", 5);
        for (const std::size_t padding : {1u, 100u, 255u}) {
            const std::string padded = in_pieces(*encoder, "hello", 5, padding);
            EXPECT_GE(padded.size(), plain.size() + padding) << name_of(coding);
            EXPECT_LE(padded.size(), plain.size() + padding + 10) << name_of(coding);
            EXPECT_EQ(decoded(coding, padded), "hello") << name_of(coding);
        }
        EXPECT_EQ(in_pieces(*encoder, "hello", 5), plain) << name_of(coding);
    }
}

TEST(Encoders, AreKeptForTheNext) {
    for (const Coding coding : all_codings) {
        EncoderLease lease = borrow_encoder(usual(coding), 1u << 30);
        const Encoder* const first = lease.get();
        lease.reset();
        EXPECT_EQ(borrow_encoder(usual(coding), 1u << 30).get(), first) << name_of(coding);
    }
}

TEST(Encoders, StayWithinTheMemoryOfTheirThread) {
    const Effort effort = usual(Coding::gzip);
    const std::size_t limit = 10 * Encoder::memory(effort);
    std::vector<EncoderLease> leases;
    while (EncoderLease lease = borrow_encoder(effort, limit))
        leases.push_back(std::move(lease));
    EXPECT_THAT(leases, SizeIs(10));
    leases.pop_back();
    EXPECT_TRUE(borrow_encoder(effort, limit));
    leases.clear();
    EXPECT_FALSE(borrow_encoder(effort, 1000));
}

TEST(Decoders, TellDamagedAndIncompleteContent) {
    for (const Coding coding : all_codings) {
        const std::string whole = encoded(coding, some_text(5000));
        for (std::size_t size = 0; size < whole.size(); size += 7)
            EXPECT_FALSE(decoded(coding, std::string_view{whole}.substr(0, size)))
                << name_of(coding) << ' ' << size;
        std::string damaged = whole;
        damaged[whole.size() / 2] = static_cast<char>(damaged[whole.size() / 2] ^ 0x55);
        damaged[whole.size() / 3] = static_cast<char>(damaged[whole.size() / 3] ^ 0xaa);
        EXPECT_NE(decoded(coding, damaged), some_text(5000)) << name_of(coding);
        EXPECT_FALSE(decoded(coding, whole + "more")) << name_of(coding);
        EXPECT_FALSE(decoded(coding, "{\"this\":\"is plain\"}")) << name_of(coding);
    }
}

TEST(Decoders, TakeMembersAndFramesOneAfterAnother) {
    for (const Coding coding : {Coding::gzip, Coding::zstd})
        EXPECT_EQ(decoded(coding, encoded(coding, "one ") + encoded(coding, "two")), "one two");
    for (const Coding coding : {Coding::deflate, Coding::brotli})
        EXPECT_FALSE(decoded(coding, encoded(coding, "one ") + encoded(coding, "two")));
}

TEST(Decoders, RefuseWindowsBeyondThoseOfTheCoding) {
    // A zstd frame that asks for a window of 16 MiB (RFC 8878 §3.1.1.1.2: exponent 14).
    const std::string frame{"\x28\xb5\x2f\xfd\x00\x70\x01\x00\x00", 9};
    EXPECT_FALSE(decoded(Coding::zstd, frame));
    // The same with 8 MiB is fine: an empty last block.
    const std::string good{"\x28\xb5\x2f\xfd\x00\x68\x01\x00\x00", 9};
    EXPECT_EQ(decoded(Coding::zstd, good), "");
}

} // namespace
} // namespace armature::compression
