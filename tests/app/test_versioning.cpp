#include "app/support.hpp"

#include <armature/app/versioning.hpp>

namespace armature {
namespace {

using test::answer;
using test::header;
using test::problem;

std::string build_error(App& app) {
    try {
        static_cast<void>(app.build());
    } catch (const BuildError& error) {
        return error.what();
    }
    return "it was built";
}

std::string id_as(std::string_view version, Path<int> id) {
    return std::string{version} + ' ' + std::to_string(*id);
}

App users(Versioning versioning) {
    App app = App::create();
    app.versioning(std::move(versioning))
        .service(scope("/users")
                     .version("1")
                     .route("/", get([] { return "users 1"; }).post([] { return "made 1"; }))
                     .route("/{id}", get([](Path<int> id) { return id_as("one", id); })))
        .service(scope("/users")
                     .version("2")
                     .route("/", get([] { return "users 2"; }))
                     .route("/{user}", get([](Path<int> id) { return id_as("two", id); })))
        .route("/health", get([] { return "up"; }));
    return app;
}

TEST(Versioning, ByPathIsPartOfThePrefix) {
    const Application app = users(Versioning::path()).build();
    EXPECT_EQ(answer(app, "/v1/users"), "200 users 1");
    EXPECT_EQ(answer(app, "/v2/users"), "200 users 2");
    EXPECT_EQ(answer(app, "/v2/users/7"), "200 two 7");
    EXPECT_EQ(answer(app, "/health"), "200 up");
    EXPECT_EQ(app.handle(Request::get("/users")).status(), Status::not_found);
    EXPECT_EQ(app.handle(Request::get("/v3/users")).status(), Status::not_found);
}

TEST(Versioning, ByPathStandsWhereTheScopeDoes) {
    const Application app =
        App::create()
            .versioning(Versioning::path("version-"))
            .service(scope("/api")
                         .service(scope("/users").version("1").route("/", get([] { return "a"; })))
                         .route("/jobs", get([] { return "b"; }).version("2")))
            .build();
    EXPECT_EQ(answer(app, "/api/version-1/users"), "200 a");
    EXPECT_EQ(answer(app, "/api/version-2/jobs"), "200 b");
}

TEST(Versioning, ByHeaderChoosesAmongRoutesOfOnePath) {
    const Application app = users(Versioning::header()).build();
    const auto get_version = [&](std::string_view target, std::string_view version,
                                 Method method = Method::get) {
        return app.handle(Request{method, target}.set_header("api-version", version));
    };
    EXPECT_EQ(answer(get_version("/users", "1")), "200 users 1");
    EXPECT_EQ(answer(get_version("/users", "2")), "200 users 2");
    EXPECT_EQ(answer(get_version("/users/7", "1")), "200 one 7");
    EXPECT_EQ(answer(get_version("/users/7", "2")), "200 two 7");
    EXPECT_EQ(header(get_version("/users", "2"), "vary"), "API-Version");
    EXPECT_EQ(answer(get_version("/users", "1", Method::post)), "200 made 1");
    EXPECT_EQ(get_version("/users", "2", Method::post).status(), Status::bad_request);
    EXPECT_EQ(answer(get_version("/health", "9")), "200 up");
    EXPECT_EQ(header(app.handle(Request::get("/health")), "vary"), "(none)");

    const Response unknown = get_version("/users", "3");
    EXPECT_EQ(unknown.status(), Status::bad_request);
    EXPECT_EQ(problem(unknown)["detail"], "There is no such version; there are 1, 2. Say which in "
                                          "the field API-Version");
    EXPECT_EQ(app.handle(Request::get("/users")).status(), Status::bad_request);
}

TEST(Versioning, HasADefault) {
    const Application app = users(Versioning::header("X-V").default_version("2")).build();
    EXPECT_EQ(answer(app, "/users"), "200 users 2");
    EXPECT_EQ(answer(app.handle(Request::get("/users").set_header("x-v", "1"))), "200 users 1");
}

TEST(Versioning, ARouteWithoutVersionServesAllOthers) {
    const Application app =
        App::create()
            .versioning(Versioning::header())
            .route("/", get([] { return "old"; }))
            .service(scope("").version("2").route("/", get([] { return "new"; })))
            .build();
    EXPECT_EQ(answer(app, "/"), "200 old");
    EXPECT_EQ(answer(app.handle(Request::get("/").set_header("api-version", "1"))), "200 old");
    EXPECT_EQ(answer(app.handle(Request::get("/").set_header("api-version", "2"))), "200 new");
}

TEST(Versioning, ByMediaTypeReadsTheAcceptField) {
    const Application app = users(Versioning::media_type().default_version("1")).build();
    const auto accepting = [&](std::string_view accept) {
        return app.handle(Request::get("/users").set_header("accept", accept));
    };
    EXPECT_EQ(answer(accepting("text/html, application/json; version=2;q=0.5")), "200 users 2");
    EXPECT_EQ(answer(accepting("application/json;version=\"1\"")), "200 users 1");
    EXPECT_EQ(answer(accepting("*/*")), "200 users 1");
    EXPECT_EQ(header(accepting("*/*"), "vary"), "Accept");
    EXPECT_EQ(accepting("application/json; version=9").status(), Status::not_acceptable);
}

TEST(Versioning, FaultsAreFoundByBuild) {
    App without = App::create();
    without.service(scope("/a").version("1").route("/", get([] { return "x"; })));
    EXPECT_NE(build_error(without).find(".version() has no meaning without App::versioning()"),
              std::string::npos);
    App twice = App::create();
    twice.versioning(Versioning::header())
        .service(scope("/a").version("1").route("/", get([] { return "x"; })))
        .service(scope("/a").version("1").route("/", get([] { return "y"; })));
    EXPECT_NE(build_error(twice).find("another route has version \"1\" of it"), std::string::npos);
    App nested = App::create();
    nested.versioning(Versioning::path())
        .service(scope("/a").version("1").service(
            scope("/b").version("2").route("/", get([] { return "x"; }))));
    EXPECT_NE(build_error(nested).find("version 2 in the path is inside of version 1"),
              std::string::npos);
}

TEST(Versioning, IsSaidToDocumentsOnceForEachPath) {
    const Application app = users(Versioning::header().default_version("1")).build();
    int shown = 0;
    for (const OperationInfo& operation : app.operations()) {
        if (operation.pattern != "/users" || operation.method != "GET" || operation.hidden)
            continue;
        ++shown;
        ASSERT_EQ(operation.parameters.size(), 1u);
        EXPECT_EQ(operation.parameters[0].name, "API-Version");
        EXPECT_FALSE(operation.parameters[0].required);
    }
    EXPECT_EQ(shown, 1);
}

} // namespace
} // namespace armature
