#include <armature/routing/router.hpp>

#include <gmock/gmock.h>

#include <string>

namespace armature {
namespace {

using testing::HasSubstr;
using namespace std::string_literals;

Router named_routes() {
    RouterBuilder builder;
    builder.add(Method::get, "/", 0, "home");
    builder.add(Method::get, "/users/{id:uint}", 1, "user");
    builder.add(Method::put, "/users/{id:uint}", 2, "user");
    builder.add(Method::get, "/tags/:tag/", 3, "tag");
    builder.add(Method::get, "/files/*path", 4, "file");
    builder.add(Method::get, "/caf\xc3\xa9:menu/{day:regex([a-z]{3})}", 5, "menu");
    builder.add(Method::get, "/*all", 6, "all");
    return builder.build();
}

std::string url(std::string_view name, std::initializer_list<UrlParam> params = {}) {
    auto result = named_routes().url_for(name, params);
    return result ? *result : "error: " + std::string{result.error().detail()};
}

TEST(UrlFor, FillsInParameters) {
    EXPECT_EQ(url("home"), "/");
    EXPECT_EQ(url("user", {{"id", "42"}}), "/users/42");
    EXPECT_EQ(url("tag", {{"tag", "cpp"}}), "/tags/cpp/");
    EXPECT_EQ(url("menu", {{"day", "mon"}}), "/caf%C3%A9:menu/mon");
}

TEST(UrlFor, EncodesValuesButKeepsAWildcardsSlashes) {
    EXPECT_EQ(url("tag", {{"tag", "a b/c?d#e%f"}}), "/tags/a%20b%2Fc%3Fd%23e%25f/");
    EXPECT_EQ(url("tag", {{"tag", "a\0b"s}}), "/tags/a%2Fb/");
    EXPECT_EQ(url("file", {{"path", "css/site map.css"}}), "/files/css/site%20map.css");
    EXPECT_EQ(url("file", {{"path", "a\0b/c"s}}), "/files/a%2Fb/c");
    EXPECT_EQ(url("file", {{"path", ""}}), "/files/");
}

TEST(UrlFor, SaysWhatIsWrong) {
    EXPECT_EQ(url("nobody"), "error: no route is named 'nobody'");
    EXPECT_EQ(url("user"), "error: parameter 'id' is missing in the URL of GET /users/{id:uint}");
    EXPECT_THAT(url("user", {{"id", "x"}}), HasSubstr("parameter 'id' doesn't accept 'x'"));
    EXPECT_THAT(url("menu", {{"day", "monday"}}), HasSubstr("doesn't accept 'monday'"));
    EXPECT_THAT(url("tag", {{"tag", ""}}), HasSubstr("doesn't accept ''"));
    EXPECT_THAT(url("user", {{"id", "1"}, {"ID", "2"}}), HasSubstr("there is no parameter 'ID'"));
    EXPECT_THAT(url("user", {{"id", "1"}, {"id", "2"}}), HasSubstr("'id' is given twice"));
}

TEST(UrlFor, RefusesValuesThatWouldLeadElsewhere) {
    EXPECT_THAT(url("tag", {{"tag", ".."}}), HasSubstr("doesn't accept '..'"));
    EXPECT_THAT(url("file", {{"path", "a/../../b"}}), HasSubstr("doesn't accept"));
    EXPECT_THAT(url("all", {{"all", "/evil.example"}}), HasSubstr("doesn't accept"));
}

} // namespace
} // namespace armature
