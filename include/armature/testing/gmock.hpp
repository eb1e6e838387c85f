#pragma once

#include <armature/testing/json.hpp>
#include <armature/testing/response.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Matchers and assertions for GoogleTest. The rest of the testing kit doesn't need it.

namespace armature {

/// What GoogleTest shows of a response.
inline void PrintTo(const TestResponse& response, std::ostream* out) {
    *out << response.describe();
}
inline void PrintTo(Status status, std::ostream* out) {
    *out << status_code(status) << ' ' << reason(status);
}

namespace detail {

// A matcher of responses from a function: `explain` returns why a response doesn't match, or "".
template <class Explain>
class ResponseMatcher {
  public:
    using is_gtest_matcher = void;
    ResponseMatcher(std::string what, Explain explain)
        : what_(std::move(what)), explain_(std::move(explain)) {}

    bool MatchAndExplain(const TestResponse& response, std::ostream* out) const {
        const std::string why = explain_(response);
        if (why.empty()) return true;
        if (out != nullptr) *out << why;
        return false;
    }
    void DescribeTo(std::ostream* out) const { *out << what_; }
    void DescribeNegationTo(std::ostream* out) const { *out << "not: " << what_; }

  private:
    std::string what_;
    Explain explain_;
};

template <class Value, class Matcher>
std::string explain_match(std::string_view name, const Value& value, const Matcher& matcher) {
    ::testing::StringMatchResultListener listener;
    if (::testing::SafeMatcherCast<const Value&>(matcher).MatchAndExplain(value, &listener))
        return {};
    std::string why{name};
    why.append(" is ").append(::testing::PrintToString(value));
    if (!listener.str().empty()) why.append(", ").append(listener.str());
    return why;
}

template <class Value, class Matcher>
std::string describe_match(const Matcher& matcher) {
    return ::testing::DescribeMatcher<const Value&>(matcher);
}

} // namespace detail

/// `EXPECT_THAT(response, HasStatus(Status::created))`; when it fails, the content is shown.
inline auto HasStatus(Status status) {
    return detail::ResponseMatcher{
        "has status " + ::testing::PrintToString(status), [status](const TestResponse& response) {
            return response.status() == status ? std::string{} : "it is " + response.describe();
        }};
}

/// `HasHeader("location", "/users/7")`, `HasHeader("etag", StartsWith("\""))`: the first value of
/// that field equals a text or satisfies a matcher of std::string. `HasHeader("etag")`: it is
/// there.
template <class Matcher>
auto HasHeader(std::string name, Matcher matcher) {
    std::string what =
        "has the field '" + name + "' that " + detail::describe_match<std::string>(matcher);
    return detail::ResponseMatcher{
        std::move(what),
        [name = std::move(name), matcher = std::move(matcher)](const TestResponse& response) {
            const auto value = response.header(name);
            if (!value) return "it has no field '" + name + "'";
            return detail::explain_match("its field '" + name + "'", std::string{*value}, matcher);
        }};
}
inline auto HasHeader(std::string name) { return HasHeader(std::move(name), ::testing::_); }

/// The content equals a text or satisfies a matcher of std::string.
template <class Matcher>
auto HasBody(Matcher matcher) {
    std::string what = "has content that " + detail::describe_match<std::string>(matcher);
    return detail::ResponseMatcher{
        std::move(what), [matcher = std::move(matcher)](const TestResponse& response) {
            return detail::explain_match("its content", response.text(), matcher);
        }};
}

namespace detail {

class JsonMatcher {
  public:
    using is_gtest_matcher = void;
    JsonMatcher(std::string what, std::string expected, JsonMatch match)
        : what_(std::move(what)), expected_(std::move(expected)), match_(match) {}

    template <class Got>
    bool MatchAndExplain(const Got& got, std::ostream* out) const {
        const std::string difference = json_difference(expected_, json_text(got), match_);
        if (out != nullptr && !difference.empty()) *out << "which differs:\n" << difference;
        return difference.empty();
    }
    void DescribeTo(std::ostream* out) const { *out << what_ << expected_; }
    void DescribeNegationTo(std::ostream* out) const { *out << "not: " << what_ << expected_; }

  private:
    std::string what_;
    std::string expected_;
    JsonMatch match_;
};

} // namespace detail

/// The content is this JSON: a text, or a value that is written as JSON. What differs is shown with
/// its JSON Pointer. Takes responses and texts.
template <class Expected>
auto IsJson(const Expected& expected) {
    return detail::JsonMatcher{"is the JSON ", detail::json_text(expected), JsonMatch::exact};
}
/// The same, but objects may have further members.
template <class Expected>
auto ContainsJson(const Expected& expected) {
    return detail::JsonMatcher{"contains the JSON ", detail::json_text(expected),
                               JsonMatch::partial};
}

/// What the JSON Pointer points at equals a value: `HasJson("/items/0/name", "Ada")`.
template <class Value>
auto HasJson(std::string pointer, const Value& value) {
    std::string expected = detail::json_value(value);
    std::string what = "has " + expected + " at " + pointer;
    return detail::ResponseMatcher{
        std::move(what), [pointer = std::move(pointer),
                          expected = std::move(expected)](const TestResponse& response) {
            const auto found = json_at(response.text(), pointer);
            if (!found) return "there is nothing at " + pointer + " in " + response.describe();
            return json_difference(expected, *found).empty() ? std::string{}
                                                             : "at " + pointer + " is " + *found;
        }};
}
/// There is something at the JSON Pointer.
inline auto HasJson(std::string pointer) {
    std::string what = "has something at " + pointer;
    return detail::ResponseMatcher{
        std::move(what), [pointer = std::move(pointer)](const TestResponse& response) {
            if (json_at(response.text(), pointer)) return std::string{};
            return "there is nothing at " + pointer + " in " + response.describe();
        }};
}

/// A problem details document (RFC 9457) of that status. With pointers: its `errors` name exactly
/// these faults, in any order: `IsProblem(422, "/name", "/age")`.
template <class... Pointers>
auto IsProblem(int status, Pointers... pointers) {
    std::vector<std::string> wanted{std::string{pointers}...};
    std::string what = "is a problem of status " + std::to_string(status);
    if (!wanted.empty()) what += " with faults at " + ::testing::PrintToString(wanted);
    return detail::ResponseMatcher{
        std::move(what), [status, wanted = std::move(wanted)](const TestResponse& response) {
            return detail::explain_problem(response, status, wanted);
        }};
}
template <class... Pointers>
auto IsProblem(Status status, Pointers... pointers) {
    return IsProblem(static_cast<int>(status_code(status)), pointers...);
}

namespace detail {

template <class Expected, class Got>
::testing::AssertionResult expect_json_equal(const char* expected_text, const char* got_text,
                                             const Expected& expected, const Got& got) {
    const std::string difference = json_difference(json_text(expected), json_text(got));
    if (difference.empty()) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure()
           << got_text << " is not the JSON of " << expected_text << ":\n"
           << difference;
}

} // namespace detail

} // namespace armature

/// Both are the same JSON; what differs is shown with its JSON Pointer. Each is a response, a JSON
/// text, or a value that is written as JSON.
#define EXPECT_JSON_EQ(expected, got)                                                              \
    EXPECT_PRED_FORMAT2(::armature::detail::expect_json_equal, expected, got)
#define ASSERT_JSON_EQ(expected, got)                                                              \
    ASSERT_PRED_FORMAT2(::armature::detail::expect_json_equal, expected, got)
