#include <armature/app/app.hpp>
#include <armature/middleware/cors.hpp>
#include <armature/testing/client.hpp>
#include <armature/testing/gmock.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace armature {
namespace {

constexpr std::string_view shop = "https://shop.example";

Cors for_shop() {
    CorsOptions options;
    options.origins = {std::string{shop}};
    return Cors{std::move(options)};
}

TestResponse preflight(TestClient& client, std::string_view target, std::string_view origin = shop,
                       std::string_view method = "PUT") {
    return client.options(target)
        .header("origin", origin)
        .header("access-control-request-method", method)
        .header("access-control-request-headers", "content-type")
        .send();
}

App shop_app() {
    return App::create()
        .wrap(for_shop())
        .route("/", get([] { return "hello"; }))
        .route("/own", get([] { return "own"; }).options([] { return "my options"; }))
        .route("/fails", get([]() -> std::string { throw Error::conflict("taken"); }));
}

void expect_granted(const TestResponse& response) {
    EXPECT_THAT(response, HasStatus(Status::no_content));
    EXPECT_THAT(response, HasHeader("access-control-allow-origin", std::string{shop}));
    EXPECT_THAT(response,
                HasHeader("access-control-allow-methods", "GET, HEAD, POST, PUT, PATCH, DELETE"));
    EXPECT_THAT(response, HasHeader("access-control-allow-headers", "authorization, content-type"));
    EXPECT_THAT(response, HasHeader("access-control-max-age", "600"));
    EXPECT_THAT(response, HasHeader("vary", "Origin"));
    EXPECT_EQ(response.text(), "");
}

TEST(CorsPreflight, IsAnsweredWhateverTheRouterHasThere) {
    TestClient client{shop_app()};
    for (const std::string_view target : {"/", "/own", "/nothing", "/fails"})
        expect_granted(preflight(client, target));
}

TEST(CorsPreflight, OfAForeignOriginIsAnsweredWithoutPermission) {
    TestClient client{shop_app()};
    const TestResponse response = preflight(client, "/", "https://evil.test");
    EXPECT_THAT(response, HasStatus(Status::no_content));
    EXPECT_THAT(response, HasHeader("vary", "Origin"));
    for (const Headers::Entry& field : response.headers())
        EXPECT_FALSE(field.name().starts_with("access-control-")) << field.name();
}

TEST(CorsPreflight, IsOnlyWhatHasAnOriginAndAMethod) {
    TestClient client{shop_app()};
    EXPECT_EQ(client.options("/own").header("origin", shop).send().text(), "my options");
    EXPECT_EQ(client.options("/own").header("access-control-request-method", "PUT").send().text(),
              "my options");
    const TestResponse automatic = client.options("/").send();
    EXPECT_THAT(automatic, HasStatus(Status::no_content));
    EXPECT_THAT(automatic, HasHeader("allow", "GET, HEAD, OPTIONS"));
    EXPECT_THAT(automatic, HasHeader("vary", "Origin"));
}

TEST(CorsPreflight, OfAScopeStaysInTheScope) {
    TestClient client{
        App::create()
            .service(scope("/api").wrap(for_shop()).route("/a", get([] { return "1"; })))
            .route("/b", get([] { return "2"; }))};
    expect_granted(preflight(client, "/api/a"));
    expect_granted(preflight(client, "/api/nothing"));
    EXPECT_FALSE(preflight(client, "/b").header("access-control-allow-origin"));
}

TEST(CorsPreflight, OfARouteAsksTheRouteWhoseMethodItNames) {
    TestClient client{
        App::create()
            .route("/a/{id}", get([] { return "1"; }).put([] { return "2"; }).wrap(for_shop()))
            .route("/a/{id}", post([] { return "3"; }))
            .route("/b", get([] { return "4"; }))};
    expect_granted(preflight(client, "/a/7", shop, "PUT"));
    expect_granted(preflight(client, "/a/7", shop, "HEAD"));
    for (const std::string_view method : {"POST", "DELETE", "BREW", "put", ""}) {
        const TestResponse response = preflight(client, "/a/7", shop, method);
        EXPECT_THAT(response, HasStatus(Status::no_content));
        EXPECT_THAT(response, HasHeader("allow", "GET, HEAD, POST, PUT, OPTIONS"));
        EXPECT_FALSE(response.header("access-control-allow-origin")) << method;
    }
    EXPECT_FALSE(preflight(client, "/b").header("access-control-allow-origin"));
}

TEST(CorsPreflight, ComesBeforeGuards) {
    TestClient client{
        App::create().service(scope("/admin")
                                  .wrap(for_shop())
                                  .guard([](Request&) { return false; })
                                  .route("/", get([] { return "1"; }).wrap(for_shop())))};
    expect_granted(preflight(client, "/admin"));
    const TestResponse refused = client.get("/admin").header("origin", shop).send();
    EXPECT_THAT(refused, HasStatus(Status::forbidden));
    EXPECT_THAT(refused, HasHeader("access-control-allow-origin", std::string{shop}));
    EXPECT_THAT(refused, HasHeader("vary", "Origin"));
}

TEST(CorsPreflight, OpensAPrivateNetworkOnlyIfToldTo) {
    for (const bool open : {false, true}) {
        CorsOptions options;
        options.origins = {std::string{shop}};
        options.private_network = open;
        TestClient client{App::create().wrap(Cors{std::move(options)})};
        const auto ask = [&](std::string_view origin, std::string_view wanted) {
            return client.options("/")
                .header("origin", origin)
                .header("access-control-request-method", "GET")
                .header("access-control-request-private-network", wanted)
                .send()
                .header("access-control-allow-private-network")
                .has_value();
        };
        EXPECT_EQ(ask(shop, "true"), open);
        EXPECT_FALSE(ask(shop, "false"));
        EXPECT_FALSE(ask("https://evil.test", "true"));
    }
}

TEST(Cors, SaysWhoMayReadAnAnswerAlsoOfErrors) {
    TestClient client{shop_app()};
    for (const std::string_view target : {"/", "/fails", "/nothing"}) {
        const TestResponse response = client.get(target).header("origin", shop).send();
        EXPECT_THAT(response, HasHeader("access-control-allow-origin", std::string{shop}));
        EXPECT_THAT(response, HasHeader("vary", "Origin"));
        EXPECT_FALSE(response.header("access-control-allow-credentials"));
        EXPECT_FALSE(response.header("access-control-allow-methods"));
    }
    const TestResponse wrong_method = client.post("/").header("origin", shop).send();
    EXPECT_THAT(wrong_method, HasStatus(Status::method_not_allowed));
    EXPECT_THAT(wrong_method, HasHeader("access-control-allow-origin", std::string{shop}));
}

TEST(Cors, SaysThatTheAnswerDependsOnTheOriginToThoseWithoutOneToo) {
    TestClient client{shop_app()};
    const TestResponse response = client.get("/").send();
    EXPECT_THAT(response, HasHeader("vary", "Origin"));
    EXPECT_FALSE(response.header("access-control-allow-origin"));
}

TEST(Cors, AddsToTheHandlersVaryAndSaysNothingTwice) {
    const auto vary_of = [](const char* own) {
        TestClient client{
            App::create().wrap(for_shop()).route("/", get([own] {
                                                     return Response::text("x").header("vary", own);
                                                 }))};
        std::vector<std::string> values;
        const TestResponse response = client.get("/").send();
        response.headers().all(Field::vary,
                               [&](std::string_view value) { values.emplace_back(value); });
        return values;
    };
    using ::testing::ElementsAre;
    EXPECT_THAT(vary_of("accept-encoding"), ElementsAre("accept-encoding", "Origin"));
    EXPECT_THAT(vary_of("accept, origin"), ElementsAre("accept, origin"));
    EXPECT_THAT(vary_of("*"), ElementsAre("*"));
    EXPECT_THAT(vary_of("original"), ElementsAre("original", "Origin"));
}

TEST(Cors, LeavesTheHandlersOwnWord) {
    TestClient client{App::create().wrap(for_shop()).route("/", get([] {
                                                               return Response::text("x").header(
                                                                   "access-control-allow-origin",
                                                                   "https://other.example");
                                                           }))};
    const TestResponse response = client.get("/").header("origin", shop).send();
    EXPECT_THAT(response, HasHeader("access-control-allow-origin", "https://other.example"));
}

TEST(Cors, NamesTheFieldsThatScriptsMayRead) {
    CorsOptions options;
    options.origins = {std::string{shop}};
    options.exposed_headers = {"x-total", "link"};
    options.credentials = true;
    TestClient client{
        App::create().wrap(Cors{std::move(options)}).route("/", get([] { return "1"; }))};
    const TestResponse response = client.get("/").header("origin", shop).send();
    EXPECT_THAT(response, HasHeader("access-control-expose-headers", "x-total, link"));
    EXPECT_THAT(response, HasHeader("access-control-allow-credentials", "true"));
    const TestResponse foreign = client.get("/").header("origin", "https://evil.test").send();
    EXPECT_FALSE(foreign.header("access-control-expose-headers"));
    EXPECT_FALSE(foreign.header("access-control-allow-credentials"));
}

TEST(CorsPermissive, SaysTheSameToEverybody) {
    TestClient client{App::create().wrap(Cors::permissive()).route("/", get([] { return "1"; }))};
    for (const std::string_view origin : {"https://evil.test", "null", ""}) {
        TestRequest request = client.get("/");
        if (!origin.empty()) request.header("origin", origin);
        const TestResponse response = request.send();
        EXPECT_THAT(response, HasHeader("access-control-allow-origin", "*"));
        EXPECT_THAT(response, HasHeader("access-control-expose-headers", "*"));
        EXPECT_FALSE(response.header("vary"));
        EXPECT_FALSE(response.header("access-control-allow-credentials"));
    }
    const TestResponse answer = preflight(client, "/", "null");
    EXPECT_THAT(answer, HasHeader("access-control-allow-methods", "*"));
    EXPECT_THAT(answer, HasHeader("access-control-allow-headers", "*, authorization"));
    EXPECT_FALSE(answer.header("vary"));
}

} // namespace
} // namespace armature
