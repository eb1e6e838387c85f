#include <armature/config/secret.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <iostream>
#include <memory>
#include <new>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace armature {
namespace {

template <class T>
concept Streamable = requires(std::ostream& out, const T& value) { out << value; };

TEST(Secret, ConvertsToNothingAndCannotBeStreamed) {
    static_assert(!std::is_convertible_v<SecretString, std::string>);
    static_assert(!std::is_convertible_v<SecretString, std::string_view>);
    static_assert(!std::is_convertible_v<std::string, SecretString>);
    static_assert(!std::is_constructible_v<std::string, SecretString>);
    static_assert(!Streamable<SecretString>);
    static_assert(Streamable<std::string>);
}

TEST(Secret, GivesItsValueOnlyThroughExpose) {
    const SecretString secret(std::string("hunter2"));
    EXPECT_EQ(secret.expose(), "hunter2");
    EXPECT_EQ(Secret<std::uint64_t>(7).expose() == 7, true);
    EXPECT_EQ(SecretString().expose(), "");
}

TEST(Secret, IsRedactedInTestOutput) {
    EXPECT_EQ(testing::PrintToString(SecretString(std::string("hunter2"))), "[redacted]");
}

TEST(Secret, WipesWhatItWasMadeFrom) {
    std::string source = "a secret text that is longer than any small-string buffer";
    const char* bytes = source.data();
    const SecretString secret(std::move(source));
    EXPECT_EQ(secret.expose().data(), bytes) << "the buffer should have moved";
    std::string small = "hunter2";
    const char* inside = small.data();
    const SecretString moved(std::move(small));
    EXPECT_EQ(std::string(inside, 7), std::string(7, '\0'));
}

TEST(Secret, WipesItsMemoryWhenDestroyed) {
    // A small text lives inside the object, so that its bytes can be looked at afterwards.
    using Box = Secret<std::string>;
    alignas(Box) std::array<unsigned char, sizeof(Box)> storage{};
    Box* box = new (storage.data()) Box(std::string("hunter2"));
    const std::size_t offset = static_cast<std::size_t>(
        reinterpret_cast<const unsigned char*>(box->expose().data()) - storage.data());
    ASSERT_LT(offset, storage.size());
    box->~Box();
    const volatile unsigned char* bytes = storage.data() + offset;
    for (int i = 0; i < 7; ++i)
        EXPECT_EQ(bytes[i], 0) << i;
}

TEST(Secret, WipesItsMemoryWhenMovedFromAndAssigned) {
    SecretString first(std::string("hunter2"));
    const char* bytes = first.expose().data();
    SecretString second(std::move(first));
    EXPECT_EQ(std::string(bytes, 7), std::string(7, '\0'));
    EXPECT_EQ(second.expose(), "hunter2");

    SecretString third(std::string("x"));
    third = second;
    EXPECT_EQ(third.expose(), "hunter2");
    third = std::move(second);
    EXPECT_EQ(third.expose(), "hunter2");
}

TEST(Secret, HoldsVectorsAndPlainValues) {
    const Secret<std::vector<unsigned char>> key(std::vector<unsigned char>{1, 2, 3});
    EXPECT_EQ(key.expose().size(), 3U);
    const Secret<std::array<int, 2>> pair(std::array<int, 2>{1, 2});
    EXPECT_EQ(pair.expose()[1], 2);
}

} // namespace
} // namespace armature
