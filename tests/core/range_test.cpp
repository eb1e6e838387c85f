#include <armature/core/range.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace armature {

void PrintTo(const ByteRange& range, std::ostream* out) {
    *out << range.first << '-' << range.last;
}

namespace {

using Kind = RangeRequest::Kind;
using testing::ElementsAre;

std::vector<ByteRange> ranges(std::string_view value, std::uint64_t size) {
    const RangeRequest request = RangeRequest::parse(value, size);
    EXPECT_EQ(request.kind() == Kind::partial, !request.ranges().empty());
    return {request.ranges().begin(), request.ranges().end()};
}

Kind kind(std::string_view value, std::uint64_t size) {
    return RangeRequest::parse(value, size).kind();
}

// RFC 9110 §14.1.2, for a representation of 10,000 bytes.
TEST(Range, ReadsTheExamplesOfTheRfc) {
    EXPECT_THAT(ranges("bytes=0-499", 10000), ElementsAre(ByteRange{0, 499}));
    EXPECT_THAT(ranges("bytes=500-999", 10000), ElementsAre(ByteRange{500, 999}));
    EXPECT_THAT(ranges("bytes=-500", 10000), ElementsAre(ByteRange{9500, 9999}));
    EXPECT_THAT(ranges("bytes=9500-", 10000), ElementsAre(ByteRange{9500, 9999}));
    EXPECT_THAT(ranges("bytes=0-0,-1", 10000), ElementsAre(ByteRange{0, 0}, ByteRange{9999, 9999}));
    EXPECT_THAT(ranges("bytes= 0-999, 4500-5499, -1000", 10000),
                ElementsAre(ByteRange{0, 999}, ByteRange{4500, 5499}, ByteRange{9000, 9999}));
    EXPECT_THAT(ranges("bytes=500-600,601-999", 10000), ElementsAre(ByteRange{500, 999}));
    EXPECT_THAT(ranges("bytes=500-700,601-999", 10000), ElementsAre(ByteRange{500, 999}));
}

TEST(Range, IsCutToTheSize) {
    EXPECT_THAT(ranges("bytes=5-100", 10), ElementsAre(ByteRange{5, 9}));
    EXPECT_THAT(ranges("bytes=-100", 10), ElementsAre(ByteRange{0, 9}));
    EXPECT_THAT(ranges("bytes=0-99999999999999999999999", 10), ElementsAre(ByteRange{0, 9}));
}

TEST(Range, LeavesOutWhatLiesBehindTheEnd) {
    EXPECT_THAT(ranges("bytes=20-30,1-2", 10), ElementsAre(ByteRange{1, 2}));
    EXPECT_EQ(kind("bytes=10-", 10), Kind::unsatisfiable);
    EXPECT_EQ(kind("bytes=10-20,99999999999999999999999-", 10), Kind::unsatisfiable);
    EXPECT_EQ(kind("bytes=-0", 10), Kind::unsatisfiable);
}

TEST(Range, KeepsTheOrderOfTheRequestButMergesWhatOverlaps) {
    EXPECT_THAT(ranges("bytes=8-9,0-1,4-5", 10),
                ElementsAre(ByteRange{8, 9}, ByteRange{0, 1}, ByteRange{4, 5}));
    EXPECT_THAT(ranges("bytes=8-9,0-1,4-5,2-3", 10), ElementsAre(ByteRange{8, 9}, ByteRange{0, 5}));
    EXPECT_THAT(ranges("bytes=4-5,0-1,8-9,1-8", 10), ElementsAre(ByteRange{0, 9}));
    EXPECT_THAT(ranges("bytes=0-,0-,0-,0-", 10), ElementsAre(ByteRange{0, 9}));
}

TEST(Range, IgnoresMalformedFields) {
    for (const char* bad : {"", "bytes", "bytes=", "bytes=,", "bytes=-", "bytes=a-b", "bytes=1",
                            "bytes=5-4", "bytes=1-2,5-4", "bytes=1-2-3", "bytes=--1", "bytes=0x1-2",
                            "bytes=1 - 2", "bytes:0-1", "items=0-1", "bytes=0-1;1-2", "bytes=+1-2"})
        EXPECT_EQ(kind(bad, 10), Kind::full) << bad;
}

TEST(Range, AllowsEmptyElementsAndAnyCaseOfTheUnit) {
    EXPECT_THAT(ranges("Bytes=, 0-1 ,,\t3-4,", 10), ElementsAre(ByteRange{0, 1}, ByteRange{3, 4}));
}

TEST(Range, IgnoresFieldsWithTooManyRanges) {
    std::string value = "bytes=0-0";
    for (std::size_t i = 1; i < RangeRequest::max_ranges; ++i)
        value += "," + std::to_string(i * 2) + "-" + std::to_string(i * 2);
    EXPECT_EQ(ranges(value, 1000).size(), RangeRequest::max_ranges);
    EXPECT_EQ(kind(value + ",900-", 1000), Kind::full);
}

TEST(Range, OfAnEmptyRepresentation) {
    EXPECT_EQ(kind("bytes=0-", 0), Kind::unsatisfiable);
    EXPECT_EQ(kind("bytes=-0", 0), Kind::unsatisfiable);
    EXPECT_EQ(kind("bytes=-5", 0), Kind::full);
}

TEST(Range, WritesContentRange) {
    EXPECT_EQ(content_range({0, 499}, 1234), "bytes 0-499/1234");
    EXPECT_EQ(unsatisfied_content_range(47022), "bytes */47022");
    EXPECT_EQ((ByteRange{5, 5}.size()), 1u);
}

} // namespace
} // namespace armature
