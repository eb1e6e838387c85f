#include "app/support.hpp"

#include <memory>

namespace armature {
namespace {

struct Config {
    int value = 0;
};

std::string fault(App app) {
    try {
        static_cast<void>(app.build());
    } catch (const BuildError& error) {
        return error.what();
    }
    return "(none)";
}

bool holds(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

TEST(Build, NamesTheMissingStateAndItsRoute) {
    const std::string text = fault(
        App::create().route("/users/{id}", get([](Path<int>, State<Config>) { return "x"; })));
    EXPECT_TRUE(holds(text, "GET /users/{id}")) << text;
    EXPECT_TRUE(holds(text, "Config")) << text;
    EXPECT_TRUE(holds(text, "test_build.cpp:")) << text;
}

TEST(Build, LooksForStateInTheEnclosingScopesOnly) {
    const auto handler = [](State<Config>) { return "x"; };
    EXPECT_TRUE(holds(fault(App::create()
                                .service(scope("/a").data(Config{}).route("/", get(handler)))
                                .service(scope("/b").route("/", get(handler)))),
                      "GET /b"));
    EXPECT_TRUE(holds(fault(App::create().default_service(handler)), "default service"));
}

TEST(Build, NamesBothRoutesOfAConflict) {
    App app = App::create();
    const auto first_line = __LINE__ + 1;
    app.route("/users/{id}", get([](Path<int>) { return "x"; }));
    app.route("/users/{name}", get([](Path<std::string>) { return "y"; }));
    const std::string text = fault(std::move(app));
    EXPECT_TRUE(holds(text, "/users/{id} (test_build.cpp:" + std::to_string(first_line) + ")"))
        << text;
    EXPECT_TRUE(
        holds(text, "/users/{name} (test_build.cpp:" + std::to_string(first_line + 1) + ")"))
        << text;
}

TEST(Build, RefusesAMethodTwice) {
    EXPECT_NE(fault(App::create().route("/", get([] { return "x"; }).get([] { return "y"; }))),
              "(none)");
    EXPECT_NE(fault(App::create().route("/", any([] { return "x"; }).any([] { return "y"; }))),
              "(none)");
}

TEST(Build, ChecksThePrefixesOfScopes) {
    for (const char* prefix : {"api", "/api/", "/", "/{id", "/a//b", "/{id}/{id}"}) {
        const std::string text =
            fault(App::create().service(scope(prefix).route("/x", get([] { return "x"; }))));
        EXPECT_TRUE(holds(text, std::string{"scope \""} + prefix + '"')) << prefix << ": " << text;
        EXPECT_TRUE(holds(text, "test_build.cpp:")) << text;
    }
}

TEST(Build, CountsTheParametersOfPrefixAndPathTogether) {
    const std::string text = fault(App::create().service(
        scope("/users/{user}").route("/posts/{post}", get([](Path<int>) { return "x"; }))));
    EXPECT_TRUE(holds(text, "/users/{user}/posts/{post}")) << text;
    EXPECT_TRUE(holds(text, "2 parameters")) << text;
    EXPECT_TRUE(holds(text, "1 Path")) << text;
    EXPECT_EQ(fault(App::create().service(
                  scope("/users/{user}").route("/posts/{post}", get([](Path<int>, Path<int>) {
                                                   return "x";
                                               })))),
              "(none)");
    EXPECT_EQ(fault(App::create().service(
                  scope("/users/{user}").route("/posts/{post}", get([] { return "x"; })))),
              "(none)")
        << "a handler may read them from the request";
}

TEST(Build, RefusesOneNameForTwoParameters) {
    EXPECT_NE(fault(App::create().service(
                  scope("/users/{id}").route("/posts/{id}", get([] { return "x"; })))),
              "(none)");
}

TEST(Build, RefusesTwoValuesOfOneType) {
    const std::string text =
        fault(App::create().data(Config{}).data(std::make_shared<Config>()).route("/", get([] {
                                                                                      return "x";
                                                                                  })));
    EXPECT_TRUE(holds(text, "two values of one type")) << text;
    EXPECT_EQ(fault(App::create().data(Config{}).service(
                  scope("/x").data(Config{}).route("/", get([] { return "x"; })))),
              "(none)");
}

TEST(Build, ChecksPatternsThatAreOnlyKnownAtRunTime) {
    for (const char* pattern : {"x", "/{", "/{a}/{a}", "/{a:unknown}", "/a?b"}) {
        const std::string text =
            fault(App::create().route_at_runtime(pattern, get([] { return "x"; })));
        EXPECT_TRUE(holds(text, pattern)) << text;
        EXPECT_TRUE(holds(text, "test_build.cpp:")) << text;
    }
    EXPECT_TRUE(
        holds(fault(App::create().route_at_runtime("/{a}/{b}", get([](Path<int>) { return "x"; }))),
              "2 parameters"));
}

TEST(Build, RefusesANameForTwoRoutes) {
    EXPECT_TRUE(holds(fault(App::create()
                                .route("/a", get([] { return "x"; }).named("same"))
                                .route("/b", get([] { return "x"; }).named("same"))),
                      "same"));
}

TEST(Build, ListsAllFaultsAtOnce) {
    const std::string text = fault(
        App::create()
            .route("/a", get([](State<Config>) { return "x"; }))
            .route("/b", get([] { return "x"; }))
            .route("/b", get([] { return "y"; }))
            .service(scope("bad").route("/c", get([] { return "x"; })))
            .service(scope("/{id}").route("/d", get([](Path<int>, Path<int>) { return "x"; })))
            .route_at_runtime("/{", get([] { return "x"; })));
    for (const char* part : {"State<", "/b", "scope \"bad\"", "/{id}/d", "/{ "})
        EXPECT_TRUE(holds(text, part)) << part << " in " << text;
    EXPECT_GE(std::count(text.begin(), text.end(), '\n'), 5) << text;
}

TEST(Build, AcceptsAnApplicationWithoutRoutes) {
    const Application app = App::create().build();
    EXPECT_EQ(app.handle(Request::get("/")).status(), Status::not_found);
    EXPECT_EQ(app.describe(), "");
}

TEST(Build, LeavesTheAppEmpty) {
    App app = App::create();
    app.route("/", get([] { return "x"; }));
    const Application first = app.build();
    const Application second = app.build();
    EXPECT_EQ(test::answer(first, "/"), "200 x");
    EXPECT_EQ(second.handle(Request::get("/")).status(), Status::not_found);
}

} // namespace
} // namespace armature
