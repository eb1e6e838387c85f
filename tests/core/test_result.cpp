#include <armature/core/result.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

namespace armature {
namespace {

Result<std::string> name_of(int id) {
    if (id == 0) return Error::not_found("Nobody has this id");
    return "name " + std::to_string(id);
}

TEST(Result, HoldsAValue) {
    Result<std::string> result = name_of(7);
    ASSERT_TRUE(result);
    EXPECT_TRUE(result.has_value());
    EXPECT_EQ(*result, "name 7");
    EXPECT_EQ(result->size(), 6u);
    EXPECT_EQ(result.value(), "name 7");
    EXPECT_EQ(name_of(8).value(), "name 8");
}

TEST(Result, HoldsAnErrorThatItThrows) {
    Result<std::string> result = name_of(0);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().status(), Status::not_found);
    try {
        static_cast<void>(result.value());
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.detail(), "Nobody has this id");
    }
    EXPECT_THROW(static_cast<void>(name_of(0).value()), Error);
}

TEST(Result, TakesWhatCanOnlyBeMoved) {
    Result<std::unique_ptr<int>> result = std::make_unique<int>(3);
    const std::unique_ptr<int> number = std::move(result).value();
    EXPECT_EQ(*number, 3);
}

} // namespace
} // namespace armature
