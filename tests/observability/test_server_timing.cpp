#include <armature/armature.hpp>
#include <armature/observability/server_timing.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace armature {
namespace {

using ::testing::MatchesRegex;

std::string field_of(App app, Request request = Request::get("/")) {
    const Application built = app.build();
    const Response response = built.handle(std::move(request));
    EXPECT_LE(std::distance(response.headers().begin(), response.headers().end()), 3);
    return std::string{response.headers().get("server-timing").value_or("none")};
}

TEST(ServerTiming, TellsTheWholeTime) {
    EXPECT_THAT(field_of(App::create().wrap(ServerTiming{}).route("/", get([] { return "x"; }))),
                MatchesRegex("total;dur=[0-9]+\\.[0-9][0-9][0-9]"));
    EXPECT_THAT(field_of(App::create().wrap(ServerTiming{})), MatchesRegex("total;dur=[0-9.]+"))
        << "of 404 too";
}

TEST(ServerTiming, TellsThePartsThatAHandlerAdds) {
    const auto handler = [](Extension<Timings> timings) {
        timings->add("db", 12.3456, "a \"slow\" one");
        timings->add("cache", 0);
        timings->add("negative", -1);
        {
            const auto timing = timings->measure("render");
        }
        return "x";
    };
    EXPECT_THAT(field_of(App::create().wrap(ServerTiming{}).route("/", get(handler))),
                MatchesRegex("db;dur=12\\.345;desc=\"a \\\\\"slow\\\\\" one\", cache;dur=0\\.000, "
                             "negative;dur=0\\.000, render;dur=[0-9.]+, total;dur=[0-9.]+"));
}

TEST(ServerTiming, TwoOfThemTellItOnce) {
    EXPECT_THAT(
        field_of(App::create()
                     .wrap(ServerTiming{})
                     .service(scope("").wrap(ServerTiming{}).route("/", get([] { return "x"; })))),
        MatchesRegex("total;dur=[0-9.]+"));
}

TEST(ServerTiming, RefusesWhatWouldBreakTheField) {
    Timings timings;
    for (const char* name : {"", "two words", "a;b", "a,b", "a\r\nset-cookie: x", "\xC3\xA4"})
        EXPECT_THROW(timings.add(name, 1), std::invalid_argument) << name;
    for (const char* description : {"\r\n", "\t", "\x7f", "\xC3\xA4"})
        EXPECT_THROW(timings.add("a", 1, description), std::invalid_argument);
    for (int i = 0; i < 100; ++i)
        timings.add("a", 1e300); // more than has room is left out
}

} // namespace
} // namespace armature
