#include "openapi/notes_app.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace armature::testing {

namespace {

using nlohmann::json;

json document_of(App app, const OpenApi& api = notes_api()) {
    return json::parse(openapi_json(app.build(), api));
}
const json& notes() {
    static const json document = document_of(notes_app());
    return document;
}
const json& operation(const char* path, const char* method = "get") {
    return notes().at("paths").at(path).at(method);
}
const json& schema(const char* name) { return notes().at("components").at("schemas").at(name); }

TEST(OpenApiDocument, SaysWhatTheApiIs) {
    EXPECT_EQ(notes()["openapi"], "3.1.0");
    EXPECT_EQ(notes()["info"]["title"], "Notes");
    EXPECT_EQ(notes()["info"]["version"], "2.1.0");
    EXPECT_EQ(notes()["info"]["license"]["identifier"], "MIT");
    EXPECT_EQ(notes()["servers"][0]["url"], "/");
}

TEST(OpenApiDocument, HasEveryRouteExceptHiddenOnes) {
    std::vector<std::string> paths;
    for (const auto& [path, methods] : notes()["paths"].items())
        paths.push_back(path);
    EXPECT_EQ(paths, (std::vector<std::string>{"/colours/{name}", "/echo", "/files/{rest}",
                                               "/notes", "/notes/{id}", "/private/me"}));
}

TEST(OpenApiDocument, DerivesIdsThatAreUnique) {
    EXPECT_EQ(operation("/notes")["operationId"], "getNotes");
    EXPECT_EQ(operation("/notes", "post")["operationId"], "postNotes");
    EXPECT_EQ(operation("/notes/{id}", "delete")["operationId"], "deleteNotesById");
    EXPECT_EQ(operation("/colours/{name}")["operationId"], "colourOf");
}

// What middleware around a route adds doesn't hide that nobody knows how the route itself answers.
TEST(OpenApiDocument, SaysThatThereAreOtherAnswersThanErrors) {
    struct Refusing {
        void before(Request&) const {}
        void document(OperationInfo& info) const { info.error(Status::too_many_requests); }
    };
    const json paths = document_of(App::create()
                                       .wrap(Refusing{})
                                       .route("/any", get([] { return Response{}; }))
                                       .route("/text", get([] { return "text"; })))["paths"];
    const json& any = paths["/any"]["get"]["responses"];
    EXPECT_EQ(any.size(), 2u);
    EXPECT_TRUE(any.contains("429"));
    EXPECT_EQ(any["default"]["description"], "Any answer");
    const json& text = paths["/text"]["get"]["responses"];
    EXPECT_TRUE(text.contains("200"));
    EXPECT_FALSE(text.contains("default"));
}

TEST(OpenApiDocument, RefusesOneIdForTwoOperations) {
    App app = App::create();
    app.route("/a", get([] {}).operation_id("same")).route("/b", get([] {}).operation_id("same"));
    try {
        static_cast<void>(document_of(std::move(app)));
        FAIL();
    } catch (const BuildError& error) {
        EXPECT_NE(std::string_view{error.what()}.find(
                      "the operation id \"same\" is that of GET /a and of GET /b"),
                  std::string_view::npos)
            << error.what();
    }
}

TEST(OpenApiDocument, TakesNamesAndConstraintsOfPathParametersFromThePattern) {
    const json& parameter = operation("/colours/{name}")["parameters"][0];
    EXPECT_EQ(parameter["name"], "name");
    EXPECT_EQ(parameter["in"], "path");
    EXPECT_EQ(parameter["required"], true);
    EXPECT_EQ(parameter["schema"], (json{{"type", "string"}, {"pattern", "^(?:[a-z]+)$"}}));
    const json& id = operation("/notes/{id}", "delete")["parameters"][0]["schema"];
    EXPECT_EQ(id["type"], "integer");
    EXPECT_EQ(id["minimum"], 0);
}

TEST(OpenApiDocument, JoinsRoutesThatDifferInTheirConstraintsOnly) {
    const json& joined = operation("/notes/{id}");
    ASSERT_EQ(joined["parameters"].size(), 1U);
    EXPECT_EQ(joined["parameters"][0]["schema"]["anyOf"].size(), 2U);
    EXPECT_TRUE(joined["responses"]["200"]["content"].contains("application/json"));
    EXPECT_TRUE(joined["responses"]["200"]["content"].contains("text/plain"));
}

TEST(OpenApiDocument, HasTheErrorsThatExtractorsAndResultsImply) {
    const json& responses = operation("/notes", "post")["responses"];
    for (const char* status : {"201", "400", "413", "415", "422"})
        EXPECT_TRUE(responses.contains(status)) << status;
    EXPECT_EQ(responses["422"]["$ref"], "#/components/responses/UnprocessableContent");
    const json& named = notes()["components"]["responses"]["UnprocessableContent"];
    EXPECT_EQ(named["content"]["application/problem+json"]["schema"]["$ref"],
              "#/components/schemas/Problem");
    EXPECT_EQ(schema("Problem")["required"], (json{"type", "title", "status"}));
    EXPECT_TRUE(operation("/notes/{id}")["responses"].contains("404"));
    EXPECT_EQ(operation("/notes/{id}", "delete")["responses"]["204"]["description"], "No Content");
    EXPECT_EQ(operation("/colours/{name}")["responses"]["default"]["$ref"],
              "#/components/responses/Error");
    EXPECT_EQ(operation("/colours/{name}")["responses"]["409"]["description"], "Not now");
}

TEST(OpenApiDocument, DescribesTypesOnce) {
    EXPECT_EQ(operation("/notes")["responses"]["200"]["content"]["application/json"]["schema"],
              (json{{"type", "array"}, {"items", {{"$ref", "#/components/schemas/Note"}}}}));
    const json& note = schema("Note");
    EXPECT_EQ(note["required"], (json{"title", "author"}));
    EXPECT_EQ(note["properties"]["id"]["readOnly"], true);
    EXPECT_EQ(note["properties"]["title"]["maxLength"], 80);
    EXPECT_EQ(note["properties"]["title"]["description"], "One line");
    EXPECT_EQ(note["properties"]["replies"]["items"]["$ref"], "#/components/schemas/Note");
    EXPECT_EQ(schema("Colour")["enum"], (json{"red", "green", "blue"}));
}

namespace first {
struct Item {
    int one;
};
ARMATURE_DESCRIBE(Item, one);
} // namespace first
namespace second {
struct Item {
    std::string two;
};
ARMATURE_DESCRIBE(Item, two);
} // namespace second

TEST(OpenApiDocument, KeepsTypesOfOneNameApart) {
    App app = App::create();
    app.route("/one", get([] { return first::Item{1}; }));
    app.route("/two", get([] { return second::Item{"2"}; }));
    const json document = document_of(std::move(app));
    const json& schemas = document["components"]["schemas"];
    ASSERT_TRUE(schemas.contains("Item"));
    const auto reference = [&](const char* path) {
        return document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
                       ["schema"]["$ref"];
    };
    EXPECT_NE(reference("/one"), reference("/two"));
}

TEST(OpenApiDocument, HasTheSecurityOfGuards) {
    EXPECT_EQ(operation("/private/me")["security"], json::parse(R"([{"bearer":[]}])"));
    EXPECT_TRUE(operation("/private/me")["responses"].contains("401"));
    EXPECT_EQ(operation("/private/me")["deprecated"], true);
    EXPECT_EQ(notes()["components"]["securitySchemes"]["bearer"],
              (json{{"type", "http"}, {"scheme", "bearer"}}));
    EXPECT_FALSE(operation("/notes").contains("security"));
}

TEST(OpenApiDocument, HasTheMethodsThatAHandlerOfAnyMethodIsFor) {
    EXPECT_EQ(notes()["paths"]["/echo"].size(), 5U);
    EXPECT_TRUE(operation("/echo", "post").contains("requestBody"));
    EXPECT_FALSE(operation("/echo", "get").contains("requestBody"));
}

TEST(OpenApiDocument, HasTagsAndWebhooks) {
    EXPECT_EQ(notes()["tags"][0]["description"], "What people wrote");
    EXPECT_EQ(operation("/notes")["tags"], (json{"Notes"}));
    const json& sent = notes()["webhooks"]["noteAdded"]["post"];
    EXPECT_EQ(sent["requestBody"]["content"]["application/json"]["schema"]["$ref"],
              "#/components/schemas/Note");
    EXPECT_TRUE(sent["responses"].contains("2XX"));
}

} // namespace

} // namespace armature::testing
