// The C++ of docs/routing.md: compiled and run here, repeated there.
#include <armature/armature.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace routing {

using namespace armature;
using testing::HasSubstr;

std::string_view text_of(const Response& response) { return response.body().text(); }

TEST(RoutingPage, OnePathHasSeveralMethods) {
    const auto list = [] { return "list"; };
    const auto create = [] { return Status::created; };
    const auto show = [](Path<int>) { return "show"; };
    const auto remove = [](Path<int>) {};
    App app = App::create();
    // [methods]
    app.route("/users", get(list).post(create));
    app.route("/users/{id}", get(show).delete_(remove));
    app.route("/any", any([](Request& request) { return std::string{request.method_text()}; }));
    // [/methods]
    const Application built = app.build();
    EXPECT_EQ(text_of(built.handle(Request::get("/users"))), "list");
    EXPECT_EQ(built.handle(Request{Method::post, "/users"}).status(), Status::created);
    EXPECT_EQ(built.handle(Request{Method::delete_, "/users/1"}).status(), Status::no_content);
    EXPECT_EQ(text_of(built.handle(Request{Method::patch, "/any"})), "PATCH");
    EXPECT_EQ(built.handle(Request{Method::head, "/users"}).status(), Status::ok);
    EXPECT_EQ(built.handle(Request{Method::options, "/users"}).headers().get(Field::allow),
              "GET, HEAD, POST, OPTIONS");
    const Response refused = built.handle(Request{Method::put, "/users"});
    EXPECT_EQ(refused.status(), Status::method_not_allowed);
    EXPECT_EQ(refused.headers().get(Field::allow), "GET, HEAD, POST, OPTIONS");
}

TEST(RoutingPage, PatternsHaveParametersOfManyKinds) {
    const auto of = [](const char* name) {
        return [name](Path<std::string> value) { return std::string{name} + ' ' + *value; };
    };
    App app = App::create();
    // [patterns]
    app.route("/files/readme", get([] { return "literal"; }))
        .route("/files/{id:uint}", get(of("number")))
        .route("/files/{id:uuid}", get(of("uuid")))
        .route("/files/{version:regex(v[0-9]+)}", get(of("version")))
        .route("/files/{name}", get(of("name")))
        .route("/files/*path", get(of("path")));
    // [/patterns]
    const Application built = app.build();
    const auto answer = [&](const char* path) {
        return std::string{text_of(built.handle(Request::get(path)))};
    };
    EXPECT_EQ(answer("/files/readme"), "literal");
    EXPECT_EQ(answer("/files/7"), "number 7");
    EXPECT_EQ(answer("/files/b3e1a6ce-3d39-4f4e-9c7f-0d2a3c1b5a77"),
              "uuid b3e1a6ce-3d39-4f4e-9c7f-0d2a3c1b5a77");
    EXPECT_EQ(answer("/files/v12"), "version v12");
    EXPECT_EQ(answer("/files/notes"), "name notes");
    EXPECT_EQ(answer("/files/a/b"), "path a/b");
    EXPECT_EQ(answer("/files/a%2Fb"), "name a/b");
    EXPECT_EQ(answer("/files/x/../readme"), "literal");
}

TEST(RoutingPage, ScopesNest) {
    const auto list = [] { return "list"; };
    const auto posts = [](Path<int> user, Path<int> post) {
        return std::to_string(*user) + '/' + std::to_string(*post);
    };
    App app = App::create();
    // [scopes]
    app.service(scope("/api/v1")
                    .route("/users", get(list))
                    .service(scope("/users/{user}").route("/posts/{post}", get(posts))));
    // [/scopes]
    const Application built = app.build();
    EXPECT_EQ(text_of(built.handle(Request::get("/api/v1/users"))), "list");
    EXPECT_EQ(text_of(built.handle(Request::get("/api/v1/users/3/posts/4"))), "3/4");
}

TEST(RoutingPage, NamedRoutesGivePaths) {
    App app = App::create();
    // [url_for]
    app.route("/users/{id}/files/*path",
              get([](Path<int>, Path<std::string>) { return "a file"; }).named("file"));
    const Application built = app.build();
    const std::string path = built.url_for("file", {{"id", "42"}, {"path", "a b/c.txt"}}).value();
    // [/url_for]
    EXPECT_EQ(path, "/users/42/files/a%20b/c.txt");
    EXPECT_FALSE(built.url_for("nothing").has_value());
}

TEST(RoutingPage, TrailingSlashIsAPolicy) {
    // [slash]
    const Application app = App::create()
                                .trailing_slash(TrailingSlash::redirect)
                                .route("/users", get([] { return "users"; }))
                                .build();
    // [/slash]
    const Response moved = app.handle(Request::get("/users/?page=2"));
    EXPECT_EQ(moved.status(), Status::permanent_redirect);
    EXPECT_EQ(moved.headers().get(Field::location), "/users?page=2");
}

TEST(RoutingPage, DefaultServiceTakesWhatNoRouteTakes) {
    // [default]
    const Application app = App::create()
                                .route("/", get([] { return "home"; }))
                                .default_service([](Request& request) {
                                    return Response::text("no page " + std::string{request.path()})
                                        .status(Status::not_found);
                                })
                                .build();
    // [/default]
    const Response answer = app.handle(Request::get("/x"));
    EXPECT_EQ(answer.status(), Status::not_found);
    EXPECT_EQ(text_of(answer), "no page /x");
    EXPECT_EQ(app.handle(Request{Method::put, "/"}).status(), Status::method_not_allowed);
}

TEST(RoutingPage, PatternsMayComeAtRunTime) {
    const std::string prefix = "/plugins/search";
    // [runtime]
    App app = App::create();
    app.route_at_runtime(prefix + "/{query}",
                         get([](Path<std::string> query) { return "found " + *query; }));
    // [/runtime]
    const Application built = app.build();
    EXPECT_EQ(text_of(built.handle(Request::get("/plugins/search/tea"))), "found tea");
}

TEST(RoutingPage, BuildNamesAllFaults) {
    const auto show = [](Path<int>) { return "user"; };
    const auto find = [](Path<std::string>) { return "user"; };
    // [conflict]
    App app = App::create();
    app.route("/users/{id}", get(show)).route("/users/:name", get(find));
    try {
        const Application built = app.build();
    } catch (const BuildError& error) {
        EXPECT_THAT(error.what(), HasSubstr("GET /users/{id}"));
        EXPECT_THAT(error.what(), HasSubstr("GET /users/:name"));
    }
    // [/conflict]
}

struct Logger {
    static constexpr const char* name = "logger";
    void before(Request&) const {}
};

TEST(RoutingPage, DescribePrintsEveryRoute) {
    const auto list = [] { return "list"; };
    const auto create = [](Bytes) { return Status::created; };
    // [describe]
    const Application app =
        App::create()
            .wrap(Logger{})
            .service(scope("/api")
                         .timeout(Duration::seconds(5))
                         .route("/users", get(list).post(create).body_limit(64 * 1024)))
            .build();
    const std::string routes = app.describe();
    // [/describe]
    EXPECT_THAT(routes, HasSubstr("GET   /api/users  logger > handler  body <= 64 KiB, "
                                  "time-out 5000 ms  (routing_test.cpp:"));
    EXPECT_THAT(routes, HasSubstr("POST  /api/users  logger > handler  body <= 64 KiB, "
                                  "time-out 5000 ms  (routing_test.cpp:"));
}

} // namespace routing
