#include <armature/core/etag.hpp>

#include <gtest/gtest.h>

#include <initializer_list>
#include <utility>

namespace armature {
namespace {

constexpr std::string_view date = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr std::string_view earlier = "Sun, 06 Nov 1994 08:49:36 GMT";
constexpr std::string_view later = "Sun, 06 Nov 1994 08:49:38 GMT";
constexpr std::int64_t date_seconds = 784111777;

const Validators current{.exists = true, .etag = "\"a\"", .last_modified = date_seconds};
const Validators nothing{.exists = false, .etag = {}, .last_modified = {}};

Headers request(std::initializer_list<std::pair<Field, std::string_view>> fields) {
    Headers headers;
    for (const auto& [field, value] : fields)
        headers.append(field, value);
    return headers;
}

EntityTag tag(std::string_view text) { return EntityTag::parse(text).value(); }

// The table of RFC 9110 §8.8.3.2.
TEST(EntityTag, ComparesAsTheTableOfTheRfc) {
    struct Row {
        std::string_view a, b;
        bool strong, weak;
    };
    for (const Row& row :
         {Row{"W/\"1\"", "W/\"1\"", false, true}, Row{"W/\"1\"", "W/\"2\"", false, false},
          Row{"W/\"1\"", "\"1\"", false, true}, Row{"\"1\"", "\"1\"", true, true}}) {
        EXPECT_EQ(strong_equal(tag(row.a), tag(row.b)), row.strong) << row.a << row.b;
        EXPECT_EQ(weak_equal(tag(row.a), tag(row.b)), row.weak) << row.a << row.b;
    }
}

TEST(EntityTag, ReadsTheExamplesOfTheRfc) {
    EXPECT_EQ(tag("\"xyzzy\"").opaque, "xyzzy");
    EXPECT_TRUE(tag("W/\"xyzzy\"").weak);
    EXPECT_EQ(tag("\"\"").opaque, "");
    EXPECT_EQ(tag("\"\xc3\xa4\\,\"").opaque, "\xc3\xa4\\,");
}

TEST(EntityTag, RefusesWhatIsNone) {
    for (const char* bad : {"", "xyzzy", "\"", "\"a", "a\"", "w/\"a\"", "W\"a\"", "W/a", "\"a\"b",
                            "\"a b\"", "\"a\"\"", "\"\x7f\"", "*", " \"a\""})
        EXPECT_FALSE(EntityTag::parse(bad)) << bad;
}

TEST(Preconditions, ProceedWithoutAny) {
    EXPECT_EQ(evaluate_preconditions(Method::get, {}, current), Precondition::proceed);
}

TEST(Preconditions, IfMatchComparesStrongly) {
    const auto outcome = [](std::string_view value, const Validators& validators) {
        return evaluate_preconditions(Method::put, request({{Field::if_match, value}}), validators);
    };
    EXPECT_EQ(outcome("\"a\"", current), Precondition::proceed);
    EXPECT_EQ(outcome("\"xyzzy\", \"r2d2xxxx\", \"a\"", current), Precondition::proceed);
    EXPECT_EQ(outcome("*", current), Precondition::proceed);
    EXPECT_EQ(outcome("\"b\"", current), Precondition::precondition_failed);
    EXPECT_EQ(outcome("W/\"a\"", current), Precondition::precondition_failed);
    EXPECT_EQ(outcome("\"a\"", {.etag = "W/\"a\""}), Precondition::precondition_failed);
    EXPECT_EQ(outcome("*", nothing), Precondition::precondition_failed);
    EXPECT_EQ(outcome("\"a\"", nothing), Precondition::precondition_failed);
    EXPECT_EQ(outcome("a", current), Precondition::precondition_failed);
    EXPECT_EQ(outcome("", current), Precondition::precondition_failed);
}

TEST(Preconditions, IfNoneMatchComparesWeakly) {
    const auto outcome = [](Method method, std::string_view value, const Validators& validators) {
        return evaluate_preconditions(method, request({{Field::if_none_match, value}}), validators);
    };
    EXPECT_EQ(outcome(Method::get, "\"a\"", current), Precondition::not_modified);
    EXPECT_EQ(outcome(Method::head, "W/\"a\"", current), Precondition::not_modified);
    EXPECT_EQ(outcome(Method::get, "W/\"x\",\"c3,piozzzz\" , W/\"a\"", current),
              Precondition::not_modified);
    EXPECT_EQ(outcome(Method::get, "*", current), Precondition::not_modified);
    EXPECT_EQ(outcome(Method::get, "\"b\"", current), Precondition::proceed);
    EXPECT_EQ(outcome(Method::put, "*", current), Precondition::precondition_failed);
    EXPECT_EQ(outcome(Method::put, "*", nothing), Precondition::proceed);
    EXPECT_EQ(outcome(Method::post, "\"a\"", current), Precondition::precondition_failed);
    EXPECT_EQ(outcome(Method::options, "\"a\"", current), Precondition::proceed);
}

TEST(Preconditions, ReadSeveralLinesAsOneList) {
    EXPECT_EQ(evaluate_preconditions(
                  Method::get,
                  request({{Field::if_none_match, "\"x\""}, {Field::if_none_match, "\"a\""}}),
                  current),
              Precondition::not_modified);
}

TEST(Preconditions, TagsMayHoldCommas) {
    const Headers headers = request({{Field::if_none_match, "\"x,a\", bad, \"y\""}});
    EXPECT_EQ(evaluate_preconditions(Method::get, headers, {.etag = "\"a\""}),
              Precondition::proceed);
    EXPECT_EQ(evaluate_preconditions(Method::get, headers, {.etag = "\"x,a\""}),
              Precondition::not_modified);
    EXPECT_EQ(evaluate_preconditions(Method::get, headers, {.etag = "\"y\""}),
              Precondition::not_modified);
}

TEST(Preconditions, IfModifiedSinceIsForGetAndHead) {
    const auto outcome = [](Method method, std::string_view value) {
        return evaluate_preconditions(method, request({{Field::if_modified_since, value}}),
                                      current);
    };
    EXPECT_EQ(outcome(Method::get, date), Precondition::not_modified);
    EXPECT_EQ(outcome(Method::head, later), Precondition::not_modified);
    EXPECT_EQ(outcome(Method::get, earlier), Precondition::proceed);
    EXPECT_EQ(outcome(Method::get, "yesterday"), Precondition::proceed);
    EXPECT_EQ(outcome(Method::put, date), Precondition::proceed);
}

TEST(Preconditions, IfUnmodifiedSinceFailsForLaterChanges) {
    const auto outcome = [](std::string_view value, const Validators& validators) {
        return evaluate_preconditions(Method::delete_,
                                      request({{Field::if_unmodified_since, value}}), validators);
    };
    EXPECT_EQ(outcome(date, current), Precondition::proceed);
    EXPECT_EQ(outcome(earlier, current), Precondition::precondition_failed);
    EXPECT_EQ(outcome("yesterday", current), Precondition::proceed);
    EXPECT_EQ(outcome(earlier, {.etag = "\"a\""}), Precondition::proceed);
}

// RFC 9110 §13.2.2: tags overrule dates, and If-Match comes before If-None-Match.
TEST(Preconditions, AreEvaluatedInOrder) {
    EXPECT_EQ(evaluate_preconditions(
                  Method::put,
                  request({{Field::if_match, "\"a\""}, {Field::if_unmodified_since, earlier}}),
                  current),
              Precondition::proceed);
    EXPECT_EQ(evaluate_preconditions(
                  Method::get,
                  request({{Field::if_none_match, "\"b\""}, {Field::if_modified_since, later}}),
                  current),
              Precondition::proceed);
    EXPECT_EQ(evaluate_preconditions(
                  Method::get,
                  request({{Field::if_none_match, "\"a\""}, {Field::if_match, "\"b\""}}), current),
              Precondition::precondition_failed);
    EXPECT_EQ(evaluate_preconditions(
                  Method::get,
                  request({{Field::if_none_match, "\"a\""}, {Field::if_match, "\"a\""}}), current),
              Precondition::not_modified);
}

TEST(IfRange, ComparesStronglyAndDatesExactly) {
    const auto holds = [](std::string_view value, const Validators& validators) {
        return range_is_current(request({{Field::if_range, value}}), validators);
    };
    EXPECT_TRUE(range_is_current({}, current));
    EXPECT_TRUE(holds("\"a\"", current));
    EXPECT_FALSE(holds("\"b\"", current));
    EXPECT_FALSE(holds("W/\"a\"", {.etag = "W/\"a\""}));
    EXPECT_TRUE(holds(date, current));
    EXPECT_FALSE(holds(later, current));
    EXPECT_FALSE(holds(earlier, current));
    EXPECT_FALSE(holds("nonsense", current));
    EXPECT_FALSE(holds(date, nothing));
}

} // namespace
} // namespace armature
