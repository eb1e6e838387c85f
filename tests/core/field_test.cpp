#include <armature/core/field.hpp>
#include <armature/core/method.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <string>

namespace armature {
namespace {

std::string upper(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return result;
}

TEST(Field, FindsEveryNameInAnyCase) {
    for (std::size_t i = 1; i < field_count; ++i) {
        const auto field = static_cast<Field>(i);
        const std::string name(field_name(field));
        EXPECT_EQ(field_from_name(name), field) << name;
        EXPECT_EQ(field_from_name(upper(name)), field) << name;
        std::string capitalised = name;
        capitalised[0] = static_cast<char>(std::toupper(capitalised[0]));
        EXPECT_EQ(field_from_name(capitalised), field) << name;
    }
}

TEST(Field, HasDistinctNamesInLowerCase) {
    std::set<std::string_view> names;
    for (std::size_t i = 1; i < field_count; ++i) {
        const std::string_view name = field_name(static_cast<Field>(i));
        EXPECT_TRUE(names.insert(name).second) << name;
        EXPECT_TRUE(std::none_of(name.begin(), name.end(), [](char c) { return std::isupper(c); }));
    }
}

TEST(Field, TakesOtherNamesForOther) {
    EXPECT_EQ(field_from_name(""), Field::other);
    EXPECT_EQ(field_from_name("x"), Field::other);
    EXPECT_EQ(field_from_name("x-custom"), Field::other);
    EXPECT_EQ(field_from_name(std::string(70000, 'a')), Field::other);
    EXPECT_EQ(field_name(Field::other), "");
}

TEST(Field, DistinguishesNamesThatDifferInOneByte) {
    for (std::size_t i = 1; i < field_count; ++i) {
        const std::string name(field_name(static_cast<Field>(i)));
        for (std::size_t at = 0; at < name.size(); ++at) {
            for (int byte = 0; byte < 256; ++byte) {
                std::string changed = name;
                changed[at] = static_cast<char>(byte);
                if (std::tolower(byte) == name[at]) continue;
                EXPECT_NE(field_from_name(changed), static_cast<Field>(i)) << changed;
            }
        }
    }
}

TEST(Field, NamesAreWhatRfcsCallThem) {
    EXPECT_EQ(field_name(Field::content_type), "content-type");
    EXPECT_EQ(field_name(Field::te), "te");
    EXPECT_EQ(field_from_name("Sec-WebSocket-Key"), Field::sec_websocket_key);
    EXPECT_EQ(field_from_name("ETag"), Field::etag);
    EXPECT_EQ(field_from_name("WWW-Authenticate"), Field::www_authenticate);
}

TEST(Method, TokensAreCaseSensitive) {
    EXPECT_EQ(method_from_token("GET"), Method::get);
    EXPECT_EQ(method_from_token("DELETE"), Method::delete_);
    EXPECT_EQ(method_from_token("get"), Method::other);
    EXPECT_EQ(method_from_token("PROPFIND"), Method::other);
    EXPECT_EQ(method_from_token(""), Method::other);
}

TEST(Method, TextIsItsToken) {
    for (std::size_t i = 0; i + 1 < method_count; ++i) {
        const auto method = static_cast<Method>(i);
        EXPECT_EQ(method_from_token(to_string(method)), method);
    }
    EXPECT_EQ(to_string(Method::other), "");
}

TEST(Method, KnowsWhatIsSafeAndIdempotent) {
    EXPECT_TRUE(is_safe(Method::get) && is_safe(Method::head) && is_safe(Method::options));
    EXPECT_FALSE(is_safe(Method::post) || is_safe(Method::put) || is_safe(Method::connect));
    EXPECT_TRUE(is_idempotent(Method::put) && is_idempotent(Method::delete_));
    EXPECT_FALSE(is_idempotent(Method::post) || is_idempotent(Method::patch));
}

TEST(FieldName, OfALiteralIsKnownWhenItIsCompiled) {
    constexpr FieldName known = "Content-Length";
    static_assert(known.field() == Field::content_length);
    static_assert(known.text() == "Content-Length");
    static_assert(!known.is_kept());
    constexpr FieldName custom = "x-service_2!";
    static_assert(custom.field() == Field::other);
    static_assert(custom.is_kept());
    // A letter's other case differs in one bit, and so do characters that aren't letters.
    static_assert(FieldName{"eTAG"}.field() == Field::etag);
    static_assert(FieldName{"x-real^ip"}.field() == Field::other);
}

TEST(FieldName, OfAnIdIsItsName) {
    for (std::size_t i = 1; i < field_count; ++i) {
        const FieldName name = static_cast<Field>(i);
        EXPECT_EQ(name.text(), field_name(static_cast<Field>(i)));
        EXPECT_TRUE(name.is_kept());
    }
    EXPECT_FALSE(FieldName{Field::other}.is_kept());
}

TEST(FieldName, OfATextIsLookedUpAndNeverKept) {
    char buffer[] = "accept";
    const char* const pointer = buffer;
    const std::string upper_case = "ACCEPT";
    for (const FieldName name : {FieldName{std::string_view{"Accept"}}, FieldName{upper_case},
                                 FieldName{buffer}, FieldName{pointer}}) {
        EXPECT_EQ(name.field(), Field::accept);
        EXPECT_FALSE(name.is_kept());
    }
    EXPECT_EQ(FieldName{std::string_view{"x-custom"}}.field(), Field::other);
    EXPECT_EQ(FieldName{std::string_view{"not a token"}}.text(), "not a token");
}

} // namespace
} // namespace armature
