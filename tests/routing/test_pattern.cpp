#include <armature/routing/pattern.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

namespace armature {
namespace {

// What the application layer relies on: everything works in a constant expression.
static_assert(check_pattern("/users/{id:regex([0-9]{2,4})}/posts/*rest") == PatternError::ok);
static_assert(check_pattern("users") == PatternError::missing_leading_slash);
static_assert(pattern_param_count("/a/:b/{c:int}/*d") == 3);
static_assert(pattern_param_name("/a/:b/{c:int}/*d", 1) == "c");
static_assert(pattern_param_kind("/a/:b/{c:int}/*d", 2) == ParamKind::wildcard);

PatternParam first_param(std::string_view pattern) { return pattern_param(pattern, 0); }

TEST(Pattern, TakesLiteralSegmentsAndAnOptionalSlashAtTheEnd) {
    for (const char* pattern : {"/", "/users", "/users/", "/a/b/c", "/v1/users:batch", "/~a.b,c",
                                "/caf\xc3\xa9", "/with space", "/.well-known/x", "/..."}) {
        EXPECT_EQ(check_pattern(pattern), PatternError::ok) << pattern;
        EXPECT_EQ(pattern_param_count(pattern), 0u) << pattern;
    }
}

TEST(Pattern, ColonAndBracesMeanTheSame) {
    EXPECT_EQ(first_param("/users/:id"), first_param("/users/{id}"));
    EXPECT_EQ(first_param("/users/:id"), (PatternParam{"id", ParamKind::any, ""}));
    EXPECT_EQ(first_param("/files/*rest"), first_param("/files/{*rest}"));
    EXPECT_EQ(first_param("/files/*rest"), (PatternParam{"rest", ParamKind::wildcard, ""}));
}

TEST(Pattern, KnowsEveryConstraint) {
    EXPECT_EQ(first_param("/{x:int}").kind, ParamKind::int_);
    EXPECT_EQ(first_param("/{x:uint}").kind, ParamKind::uint);
    EXPECT_EQ(first_param("/{x:alpha}").kind, ParamKind::alpha);
    EXPECT_EQ(first_param("/{x:alnum}").kind, ParamKind::alnum);
    EXPECT_EQ(first_param("/{x:hex}").kind, ParamKind::hex);
    EXPECT_EQ(first_param("/{x:uuid}").kind, ParamKind::uuid);
}

TEST(Pattern, RegexMayHoldParenthesesBracesSlashesAndClasses) {
    EXPECT_EQ(first_param("/{x:regex([0-9]{4})}"),
              (PatternParam{"x", ParamKind::regex, "[0-9]{4}"}));
    EXPECT_EQ(first_param("/{x:regex((a|b(c)))}/y").regex, "(a|b(c))");
    EXPECT_EQ(first_param("/{x:regex(\\)})}").regex, "\\)}");
    EXPECT_EQ(first_param("/{x:regex([)}]+)}").regex, "[)}]+");
    EXPECT_EQ(first_param("/{x:regex([])]+)}").regex, "[])]+");
    EXPECT_EQ(first_param("/{x:regex([^])]+)}").regex, "[^])]+");
    EXPECT_EQ(first_param("/{x:regex([^^]|a)}").regex, "[^^]|a");
    EXPECT_EQ(first_param("/{x:regex([[]|a)}").regex, "[[]|a");
    EXPECT_EQ(first_param("/{x:regex(a?b#c%d)}/y").regex, "a?b#c%d");
    EXPECT_EQ(first_param("/{x:regex(a/b)}/y").regex, "a/b");
}

TEST(Pattern, EveryMistakeHasItsOwnError) {
    const std::pair<const char*, PatternError> mistakes[] = {
        {"", PatternError::missing_leading_slash},
        {"users/:id", PatternError::missing_leading_slash},
        {"//", PatternError::empty_segment},
        {"/a//b", PatternError::empty_segment},
        {"/a//", PatternError::empty_segment},
        {"/a/./b", PatternError::dot_segment},
        {"/..", PatternError::dot_segment},
        {"/a?b=c", PatternError::query_or_fragment},
        {"/a#b", PatternError::query_or_fragment},
        {"/users/:id?", PatternError::query_or_fragment},
        {"/a%20b", PatternError::percent_sign},
        {"/a\nb", PatternError::control_character},
        {"/v{x}", PatternError::mixed_segment},
        {"/{x}.json", PatternError::mixed_segment},
        {"/a*", PatternError::mixed_segment},
        {"/a}", PatternError::mixed_segment},
        {"/:", PatternError::empty_parameter_name},
        {"/{}", PatternError::empty_parameter_name},
        {"/{:int}", PatternError::empty_parameter_name},
        {"/*", PatternError::empty_parameter_name},
        {"/{*}", PatternError::empty_parameter_name},
        {"/:1st", PatternError::invalid_parameter_name},
        {"/:user-id", PatternError::invalid_parameter_name},
        {"/:id<int>", PatternError::invalid_parameter_name},
        {"/:a/{a}", PatternError::duplicate_parameter_name},
        {"/:a/*a", PatternError::duplicate_parameter_name},
        {"/{a", PatternError::unclosed_brace},
        {"/{a/b}", PatternError::unclosed_brace},
        {"/{a:int", PatternError::unclosed_brace},
        {"/{", PatternError::unclosed_brace},
        {"/{*", PatternError::unclosed_brace},
        {"/{a:regex(", PatternError::unclosed_brace},
        {"/{a:regex(()}", PatternError::unclosed_brace},
        {"/{a:regex(b)", PatternError::unclosed_brace},
        {"/{a:regex(\\", PatternError::unclosed_brace},
        {"/{a:float}", PatternError::unknown_constraint},
        {"/{a:}", PatternError::unknown_constraint},
        {"/{*a:int}", PatternError::unknown_constraint},
        {"/{a:regex()}", PatternError::empty_regex},
        {"/*a/b", PatternError::wildcard_not_last},
        {"/{*a}/", PatternError::wildcard_not_last},
    };
    for (const auto& [pattern, error] : mistakes) {
        EXPECT_EQ(check_pattern(pattern), error) << pattern << ": " << to_string(error);
    }
    EXPECT_EQ(check_pattern({"/a\0b", 4}), PatternError::control_character);
}

TEST(Pattern, HasAtMostSixteenParameters) {
    std::string pattern;
    for (char name = 'a'; name < 'a' + 16; ++name)
        pattern.append("/:").push_back(name);
    EXPECT_EQ(check_pattern(pattern), PatternError::ok);
    EXPECT_EQ(check_pattern(pattern + "/z"), PatternError::ok);
    EXPECT_EQ(check_pattern(pattern + "/:z"), PatternError::too_many_parameters);
    EXPECT_EQ(check_pattern(pattern + "/*z"), PatternError::too_many_parameters);
}

TEST(Pattern, AParameterThatDoesNotExistIsEmpty) {
    EXPECT_EQ(pattern_param_name("/a/:b", 1), "");
    EXPECT_EQ(pattern_param_kind("/a", 0), ParamKind::any);
}

} // namespace
} // namespace armature
