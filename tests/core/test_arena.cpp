#include <armature/core/arena.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <limits>
#include <new>
#include <utility>
#include <vector>

namespace armature {
namespace {

TEST(Arena, GivesAlignedMemory) {
    Arena arena;
    for (const std::size_t align : {1u, 2u, 8u, 16u, 64u, 256u}) {
        static_cast<void>(arena.allocate(1, 1)); // puts the next one out of step
        const auto at = reinterpret_cast<std::uintptr_t>(arena.allocate(3, align));
        EXPECT_EQ(at % align, 0u) << align;
    }
}

TEST(Arena, NeverGivesTheSameMemoryTwice) {
    Arena arena;
    std::vector<std::pair<char*, std::size_t>> blocks;
    for (std::size_t i = 1; i < 400; ++i) {
        char* at = static_cast<char*>(arena.allocate(i, 1));
        std::memset(at, static_cast<int>(i & 0xff), i);
        blocks.emplace_back(at, i);
    }
    for (const auto& [at, size] : blocks)
        for (std::size_t i = 0; i < size; ++i)
            ASSERT_EQ(static_cast<unsigned char>(at[i]), size & 0xff);
}

TEST(Arena, ServesWhatIsLargerThanABlock) {
    Arena arena;
    char* large = static_cast<char*>(arena.allocate(1'000'000));
    std::memset(large, 7, 1'000'000);
    char* next = static_cast<char*>(arena.allocate(10));
    std::memset(next, 8, 10);
    EXPECT_EQ(large[999'999], 7);
}

TEST(Arena, RefusesASizeThatCannotBe) {
    Arena arena;
    static_cast<void>(arena.allocate(1));
    EXPECT_THROW(static_cast<void>(arena.allocate(std::numeric_limits<std::size_t>::max())),
                 std::bad_alloc);
    EXPECT_THROW(static_cast<void>(arena.allocate(std::numeric_limits<std::size_t>::max() - 64)),
                 std::bad_alloc);
    EXPECT_NE(arena.allocate(1), nullptr);
}

TEST(Arena, CopiesText) {
    Arena arena;
    std::string text = "hello";
    const std::string_view copy = arena.copy(text);
    text = "other";
    EXPECT_EQ(copy, "hello");
    EXPECT_TRUE(arena.copy("").empty());
}

TEST(Arena, ReusesItsFirstBlockAfterAReset) {
    Arena arena;
    void* first = arena.allocate(100, 8);
    static_cast<void>(arena.allocate(100'000)); // a second block, given back by reset
    arena.reset();
    EXPECT_EQ(arena.allocate(100, 8), first);
    static_cast<void>(arena.allocate(100'000));
}

TEST(Arena, CanBeUsedAfterRelease) {
    Arena arena;
    static_cast<void>(arena.allocate(10));
    arena.release();
    arena.reset();
    std::memset(arena.allocate(5000), 1, 5000);
}

TEST(Arena, KeepsItsMemoryWhenMoved) {
    Arena arena;
    const std::string_view text = arena.copy("kept");
    Arena other{std::move(arena)};
    EXPECT_EQ(text, "kept");
    Arena third;
    third = std::move(other);
    EXPECT_EQ(text, "kept");
}

} // namespace
} // namespace armature
