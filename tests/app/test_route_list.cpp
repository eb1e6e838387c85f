#include "app/support.hpp"

#include <armature/app/route_list.hpp>
#include <armature/app/versioning.hpp>

#include <gmock/gmock.h>

namespace armature {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

std::vector<std::string> patterns(const Application& app, const std::vector<std::size_t>& places) {
    const std::vector<RouteInfo> routes = route_list(app);
    std::vector<std::string> texts;
    for (const std::size_t place : places)
        texts.push_back(routes.at(place).pattern);
    return texts;
}

App make_app() {
    return App::create()
        .service(scope("/files")
                     .route("/*path", get([](Path<std::string>) { return "any"; }))
                     .route("/{name}", get([](Path<std::string>) { return "name"; }))
                     .route("/{id:int}", get([](Path<int>) { return "id"; }))
                     .route("/new", get([] { return "new"; }))
                     .route("/new", post([] { return "post"; })))
        .route("/all", any([] { return "all"; }));
}

TEST(RouteExplanations, FollowTheRoutersPrecedence) {
    const Application app = make_app().build();
    const auto explain = [&](std::string_view target) { return explain_route(app, "GET", target); };
    EXPECT_THAT(patterns(app, explain("/files/new").chosen), ElementsAre("/files/new"));
    EXPECT_THAT(patterns(app, explain("/files/new").shadowed),
                ElementsAre("/files/*path", "/files/{name}"));
    EXPECT_THAT(patterns(app, explain("/files/7?a=b").chosen), ElementsAre("/files/{id:int}"));
    EXPECT_THAT(patterns(app, explain("/files/a/b").chosen), ElementsAre("/files/*path"));
    EXPECT_THAT(explain("/files/a/b").shadowed, IsEmpty());
}

TEST(RouteExplanations, DecodeAndResolveAsARequestsPathIs) {
    const Application app = make_app().build();
    EXPECT_THAT(explain_route(app, "GET", "/x/../files/a%20b%2Fc").params,
                ElementsAre(Pair("name", "a b/c")));
    EXPECT_TRUE(explain_route(app, "GET", "/files/%0").is_malformed);
}

TEST(RouteExplanations, KnowMethods) {
    const Application app = make_app().build();
    EXPECT_THAT(patterns(app, explain_route(app, "HEAD", "/files/new").chosen),
                ElementsAre("/files/new"));
    EXPECT_EQ(route_list(app)[explain_route(app, "POST", "/files/new").chosen.at(0)].method,
              "POST");
    EXPECT_THAT(patterns(app, explain_route(app, "PURGE", "/all").chosen), ElementsAre("/all"));
    EXPECT_THAT(explain_route(app, "DELETE", "/files/new").chosen, IsEmpty());
    EXPECT_EQ(explain_route(app, "DELETE", "/files/new").allow, "GET, HEAD, POST, OPTIONS");
    EXPECT_TRUE(explain_route(app, "OPTIONS", "/files/new").is_automatic);
    EXPECT_EQ(explain_route(app, "GET", "/none").allow, "");
}

TEST(RouteExplanations, NameAllThatTheVersionChoosesAmong) {
    App made = App::create();
    made.versioning(Versioning::header("api-version"))
        .service(scope("/users").version("1").route("/", get([] { return "1"; })))
        .service(scope("/users").version("2").route("/", get([] { return "2"; })));
    const Application app = made.build();
    EXPECT_EQ(explain_route(app, "GET", "/users").chosen, (std::vector<std::size_t>{0, 1}));
    EXPECT_EQ(route_list(app)[1].version, "2");
}

// "GET /first before POST /second at /path"
std::vector<std::string> overlaps(App app) {
    const Application built = app.build();
    const std::vector<RouteInfo> routes = route_list(built);
    std::vector<std::string> texts;
    for (const RouteOverlap& overlap : route_overlaps(built))
        texts.push_back(routes.at(overlap.first).pattern +
                        (overlap.is_refused ? " refuses " : " before ") +
                        routes.at(overlap.second).method + ' ' + routes.at(overlap.second).pattern +
                        " at " + overlap.path);
    return texts;
}

TEST(RouteOverlaps, AreWhatTheRouterDecides) {
    EXPECT_THAT(overlaps(make_app()), testing::UnorderedElementsAre(
                                          "/files/new before GET /files/{name} at /files/new",
                                          "/files/{id:int} before GET /files/{name} at /files/1",
                                          "/files/new before GET /files/*path at /files/new",
                                          "/files/{id:int} before GET /files/*path at /files/1",
                                          "/files/{name} before GET /files/*path at /files/x"));
}

TEST(RouteOverlaps, TellOfMethodsThatAreRefusedThoughARouteHasThem) {
    const auto text = [] { return "x"; };
    const auto one = [](Path<std::string>) { return "x"; };
    EXPECT_THAT(overlaps(App::create()
                             .route("/users/{id}", delete_(one).get(one))
                             .route("/users/me", get(text))),
                testing::UnorderedElementsAre("/users/me refuses DELETE /users/{id} at /users/me",
                                              "/users/me before GET /users/{id} at /users/me"));
    EXPECT_THAT(
        overlaps(App::create().route("/users/{id}", delete_(one)).route("/users/me", any(text))),
        ElementsAre("/users/me before DELETE /users/{id} at /users/me"));
}

TEST(RouteOverlaps, NeedAPathOfBoth) {
    const auto one = [](Path<std::string>) { return "x"; };
    EXPECT_THAT(overlaps(App::create()
                             .route("/a/{x:uint}", get(one))
                             .route("/a/{x:alpha}", get(one))
                             .route("/a/{x}/b", get(one))
                             .route("/a/{x}/", get(one))
                             .route("/b/{x:regex([0-9]+)}", get(one))
                             .route("/b/new", get([] { return "new"; }))),
                IsEmpty());
    EXPECT_THAT(
        overlaps(App::create().route("/b/{x:regex([a-z]+)}", get(one)).route("/b/new", get([] {
                                                                                 return "new";
                                                                             }))),
        ElementsAre("/b/new before GET /b/{x:regex([a-z]+)} at /b/new"));
    EXPECT_THAT(overlaps(App::create().route("/{x:int}", get(one)).route("/{x:uint}", get(one))),
                ElementsAre("/{x:uint} before GET /{x:int} at /1"));
}

} // namespace
} // namespace armature
