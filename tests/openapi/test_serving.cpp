#include "openapi/notes_app.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace armature::testing {

namespace {

std::string field(const Response& response, std::string_view name) {
    return std::string{response.headers().get(name).value_or("")};
}

TEST(OpenApiRoutes, ServeTheDocumentAsJsonAndYaml) {
    const Application app = notes_app().build();
    const Response json = app.handle(Request{Method::get, "/openapi.json"});
    EXPECT_EQ(json.status(), Status::ok);
    EXPECT_EQ(field(json, "content-type"), "application/json");
    EXPECT_EQ(nlohmann::json::parse(json.body().text()),
              nlohmann::json::parse(openapi_json(app, notes_api())));
    const Response yaml = app.handle(Request{Method::get, "/openapi.yaml"});
    EXPECT_EQ(field(yaml, "content-type"), "application/yaml");
    EXPECT_TRUE(yaml.body().text().starts_with("openapi: \"3.1.0\"\n"));
}

TEST(OpenApiRoutes, AnswerWhoHasTheDocumentAlreadyWith304) {
    const Application app = notes_app().build();
    for (const char* path : {"/openapi.json", "/openapi.yaml", "/docs", "/docs/app.js"}) {
        const std::string etag = field(app.handle(Request{Method::get, path}), "etag");
        ASSERT_FALSE(etag.empty());
        Request again{Method::get, path};
        again.set_header("if-none-match", etag);
        EXPECT_EQ(app.handle(std::move(again)).status(), Status::not_modified) << path;
    }
}

TEST(OpenApiRoutes, ServeAPageThatLoadsNothingFromElsewhere) {
    const Application app = notes_app().build();
    const Response page = app.handle(Request{Method::get, "/docs"});
    EXPECT_EQ(field(page, "content-type"), "text/html; charset=utf-8");
    const std::string policy = field(page, "content-security-policy");
    EXPECT_NE(policy.find("default-src 'none'"), std::string::npos);
    EXPECT_EQ(policy.find("unsafe"), std::string::npos);
    EXPECT_EQ(page.body().text().find("://"), std::string_view::npos);
    EXPECT_NE(page.body().text().find("<title>Notes</title>"), std::string_view::npos);
}

TEST(OpenApiRoutes, LetThePageSendRequestsToTheServersOfTheDocumentOnly) {
    OpenApi api = notes_api();
    api.servers = {{"https://api.example.com/v1", "Production"}, {"https://a;b'*", "Nonsense"}};
    const Application app = notes_app(api).build();
    const std::string policy =
        field(app.handle(Request{Method::get, "/docs"}), "content-security-policy");
    EXPECT_TRUE(policy.ends_with("connect-src 'self' https://api.example.com")) << policy;
}

TEST(OpenApiRoutes, MayBeElsewhereOrNotAtAll) {
    OpenApi api = notes_api();
    api.title = "A<b>";
    api.json_path = "/meta/api.json";
    api.yaml_path.clear();
    api.docs_path = "/meta/reference";
    const Application app = notes_app(api).build();
    EXPECT_EQ(app.handle(Request{Method::get, "/openapi.yaml"}).status(), Status::not_found);
    EXPECT_EQ(app.handle(Request{Method::get, "/meta/reference/app.js"}).status(), Status::ok);
    const Response page = app.handle(Request{Method::get, "/meta/reference"});
    EXPECT_NE(page.body().text().find("\"../meta/api.json\""), std::string_view::npos);
    EXPECT_NE(page.body().text().find("<title>A&lt;b></title>"), std::string_view::npos);
}

TEST(OpenApiRoutes, StopTheBuildOfADocumentThatIsWrong) {
    App app = notes_app();
    app.route("/twice", get([] {}).operation_id("colourOf"));
    EXPECT_THROW(static_cast<void>(app.build()), BuildError);
}

TEST(PrintOpenApi, DoesNothingUnlessAsked) {
    const Application app = notes_app().build();
    const char* const none[] = {"app", "--port=1"};
    ::testing::internal::CaptureStdout();
    EXPECT_FALSE(print_openapi(2, none, app, notes_api()));
    const char* const yaml[] = {"app", "--openapi=yaml"};
    EXPECT_TRUE(print_openapi(2, yaml, app, notes_api()));
    EXPECT_EQ(::testing::internal::GetCapturedStdout(), openapi_yaml(app, notes_api()));
}

} // namespace

} // namespace armature::testing
