#include "testing/test_app.hpp"

#include <armature/testing/gmock.hpp>

#include <gtest/gtest-spi.h>

namespace armature::kit {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// Why a matcher refuses a value.
template <class M, class T>
std::string refusal(const M& matcher, const T& value) {
    ::testing::StringMatchResultListener listener;
    const ::testing::Matcher<const T&> cast = ::testing::SafeMatcherCast<const T&>(matcher);
    EXPECT_FALSE(cast.MatchAndExplain(value, &listener));
    return listener.str();
}

TEST(JsonDifference, IsEmptyForTheSameJsonHoweverItIsSpelled) {
    EXPECT_EQ(json_difference(R"({"a":1,"b":[true,null]})", R"( {"b":[true , null], "a":1.0} )"),
              "");
}

TEST(JsonDifference, NamesEachPlaceWithBothValues) {
    EXPECT_EQ(json_difference(R"({"user":{"name":"Ada","age":36},"tags":[1,2]})",
                              R"({"user":{"name":"Bob","x/y":0},"tags":[1,2,3]})"),
              "/tags/2: expected nothing, got 3\n"
              "/user/age: expected 36, got nothing\n"
              "/user/name: expected \"Ada\", got \"Bob\"\n"
              "/user/x~1y: expected nothing, got 0\n");
    EXPECT_EQ(json_difference("[]", "{}"), "the document: expected [], got {}\n");
}

TEST(JsonDifference, SaysWhichTextIsNoJson) {
    EXPECT_THAT(json_difference("{", "{}"), StartsWith("what is expected is not JSON: line 1"));
    EXPECT_THAT(json_difference("{}", "no"), StartsWith("what was got is not JSON: line 1"));
}

TEST(JsonDifference, IgnoresFurtherMembersWhenPartial) {
    EXPECT_EQ(
        json_difference(R"({"a":{"b":1}})", R"({"a":{"b":1,"c":2},"d":3})", JsonMatch::partial),
        "");
    EXPECT_EQ(json_difference(R"([{"b":1}])", R"([{"b":2,"c":2}])", JsonMatch::partial),
              "/0/b: expected 1, got 2\n");
    EXPECT_EQ(json_difference("[1]", "[1,2]", JsonMatch::partial), "/1: expected nothing, got 2\n");
}

TEST(JsonDifference, IsShortForDocumentsThatHaveNothingInCommon) {
    std::string one = "[0";
    std::string other = "[1";
    for (int i = 0; i < 30; ++i) {
        one += ",0";
        other += ",1";
    }
    EXPECT_THAT(json_difference(one + ']', other + ']'), HasSubstr("and 21 more"));
}

TEST(JsonAt, FindsWhatAPointerPointsAt) {
    EXPECT_EQ(json_at(R"({"a":[{"b~/":"x"}]})", "/a/0/b~0~1"), "\"x\"");
    EXPECT_EQ(json_at("[1]", ""), "[1]");
    EXPECT_EQ(json_at("[1]", "/1"), std::nullopt);
    EXPECT_EQ(json_at("[1]", "/x"), std::nullopt);
    EXPECT_EQ(json_at("no", ""), std::nullopt);
    EXPECT_THROW(static_cast<void>(json_at("[1]", "a")), std::invalid_argument);
}

struct Matchers : ::testing::Test {
    TestClient client{make_app()};
    TestResponse user = client.get("/users/7").send();
};

TEST_F(Matchers, LookAtStatusFieldsAndContent) {
    EXPECT_THAT(user, HasStatus(Status::ok));
    EXPECT_THAT(user, HasHeader("Content-Type", "application/json"));
    EXPECT_THAT(user, HasHeader("content-type", StartsWith("application/")));
    EXPECT_THAT(user, HasHeader("content-type"));
    EXPECT_THAT(user, Not(HasHeader("etag")));
    EXPECT_THAT(user, HasBody(R"({"id":7,"name":"Ada"})"));
    EXPECT_THAT(user, HasBody(HasSubstr("Ada")));
}

TEST_F(Matchers, LookIntoJson) {
    EXPECT_THAT(user, IsJson(R"({"name":"Ada","id":7})"));
    EXPECT_THAT(user, IsJson(User{7, "Ada"}));
    EXPECT_THAT(user.text(), IsJson(User{7, "Ada"}));
    EXPECT_THAT(user, ContainsJson(R"({"id":7})"));
    EXPECT_THAT(user, HasJson("/name", "Ada"));
    EXPECT_THAT(user, HasJson("/id", 7));
    EXPECT_THAT(user, HasJson("/id"));
    EXPECT_THAT(user, Not(HasJson("/age")));
    EXPECT_JSON_EQ(R"({"id":7,"name":"Ada"})", user);
    EXPECT_JSON_EQ((User{7, "Ada"}), user.text());
}

TEST_F(Matchers, KnowProblems) {
    const TestResponse refused = client.post("/users").json(User{1, ""}).send();
    EXPECT_THAT(refused, IsProblem(422));
    EXPECT_THAT(refused, IsProblem(Status::unprocessable_content, "/name"));
    EXPECT_THAT(refused, Not(IsProblem(422, "/id")));
    EXPECT_THAT(refused, Not(IsProblem(400)));
    EXPECT_THAT(user, Not(IsProblem(200)));
    EXPECT_THAT(client.get("/nowhere").send(), IsProblem(404));
}

TEST_F(Matchers, SayInFewLinesWhyTheyDoNotMatch) {
    EXPECT_EQ(refusal(HasStatus(Status::created), user), R"(it is 200 OK: {"id":7,"name":"Ada"})");
    EXPECT_EQ(refusal(HasHeader("etag"), user), "it has no field 'etag'");
    EXPECT_EQ(refusal(HasJson("/name", "Bob"), user), R"(at /name is "Ada")");
    EXPECT_EQ(refusal(IsJson(User{8, "Ada"}), user), "which differs:\n/id: expected 8, got 7\n");
    EXPECT_THAT(refusal(IsProblem(422, "/name"), user),
                StartsWith("its status is another: 200 OK"));
}

TEST_F(Matchers, ShowTheDifferenceInAssertions) {
    EXPECT_NONFATAL_FAILURE(EXPECT_JSON_EQ(R"({"id":8,"name":"Ada"})", user),
                            "/id: expected 8, got 7");
}

} // namespace
} // namespace armature::kit
