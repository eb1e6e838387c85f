#include "cli/openapi/files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace armature::spec::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Schema* schema_of(const Document& api, std::string_view name) {
    for (const Schema* const schema : api.schemas())
        if (schema->name == name) return schema;
    return nullptr;
}

TEST(SpecDocument, ReadsOperationsWithWhatTheirPathGivesThem) {
    const Files files{{"api.yaml", document(R"(
servers: [{url: 'https://{host}/v1/', variables: {host: {default: a.example}}}]
security: [{key: []}]
paths:
  /users/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: integer}}
      - {name: limit, in: query, schema: {type: integer}}
    get:
      operationId: getUser
      tags: [users]
      parameters:
        - {name: limit, in: query, required: true, schema: {type: string}}
        - {name: ids, in: query, style: pipeDelimited, schema: {type: array, items: {}}}
      responses:
        '200': {description: Fine, content: {application/json: {schema: {type: object}}}}
        4XX: {description: Wrong}
        default: {description: Other}
    delete:
      security: []
      servers: [{url: https://b.example}]
      responses: {'204': {description: Gone}}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key}
)")}};
    const Document api = files.read();
    EXPECT_THAT(api.findings(), IsEmpty());
    EXPECT_EQ(api.version(), "3.1.0");
    ASSERT_EQ(api.operations().size(), 2U);
    const Operation& get = api.operations()[0];
    EXPECT_EQ(get.method + " " + get.path + " " + get.id, "get /users/{id} getUser");
    EXPECT_THAT(get.tags, ElementsAre("users"));
    ASSERT_EQ(get.parameters.size(), 3U);
    EXPECT_EQ(get.parameters[0].name, "id");
    EXPECT_EQ(get.parameters[0].style, "simple");
    const Parameter* const limit = get.parameter("limit", Parameter::In::query);
    EXPECT_TRUE(limit->is_required);
    EXPECT_TRUE(limit->explode);
    EXPECT_TRUE(limit->schema->types.is_only(Types::text));
    EXPECT_FALSE(get.parameter("ids", Parameter::In::query)->explode);
    EXPECT_EQ(get.response(200)->content[0].type, "application/json");
    EXPECT_EQ(get.response(404)->status, "4XX");
    EXPECT_EQ(get.response(500)->status, "default");
    ASSERT_EQ(get.security.size(), 1U);
    EXPECT_EQ(get.security[0].schemes[0].first->parameter, "X-Key");
    EXPECT_EQ(get.servers[0].expanded(), "https://a.example/v1/");
    const Operation& gone = api.operations()[1];
    EXPECT_THAT(gone.security, IsEmpty());
    EXPECT_EQ(gone.servers[0].url, "https://b.example");
    EXPECT_EQ(gone.response(200), nullptr);
}

TEST(SpecDocument, ABareReferenceIsWhatItNames) {
    const Files files{{"api.yaml", document(R"(
paths: {}
components:
  schemas:
    Node:
      type: object
      properties:
        next: {$ref: '#/components/schemas/Node'}
        described: {$ref: '#/components/schemas/Node', description: Mine}
    Alias: {$ref: '#/components/schemas/Node'}
)")}};
    const Document api = files.read();
    EXPECT_THAT(api.findings(), IsEmpty());
    const Schema* const node = schema_of(api, "Node");
    ASSERT_NE(node, nullptr);
    EXPECT_EQ(node->find("next")->schema, node);
    const Schema* const described = node->find("described")->schema;
    EXPECT_EQ(described->description, "Mine");
    EXPECT_THAT(described->all_of, ElementsAre(node));
    EXPECT_EQ(merged(*described).properties.size(), 2U);
    EXPECT_EQ(api.schemas().size(), 1U);
}

TEST(SpecDocument, FollowsReferencesIntoOtherFilesAndBack) {
    const Files files{{"dir/api.yaml", document(R"(
paths:
  /a:
    $ref: paths.yaml#/a
components:
  schemas:
    Root: {type: string}
)")},
                      {"dir/paths.yaml", R"(a:
  get:
    parameters: [{$ref: '../shared/p.json'}]
    responses:
      '200':
        description: Fine
        content:
          application/json:
            schema: {oneOf: [{$ref: 'api.yaml#/components/schemas/Root'}, {$ref: '#/b~1c%20d'}]}
b/c d: {type: integer}
)"},
                      {"shared/p.json", R"({"name":"q","in":"query","schema":{"type":"string"}})"}};
    const Document api = files.read("dir/api.yaml");
    EXPECT_THAT(api.findings(), IsEmpty());
    const Operation& get = api.operations().at(0);
    EXPECT_EQ(get.parameters.at(0).name, "q");
    const Schema& schema = *get.responses.at(0).content.at(0).schema;
    EXPECT_EQ(schema.one_of.at(0), api.schemas().at(0));
    EXPECT_TRUE(schema.one_of.at(1)->types.is_only(Types::integer));
    EXPECT_THAT(api.files(), ElementsAre("dir/api.yaml", "dir/paths.yaml", "shared/p.json"));
}

TEST(SpecDocument, SaysWhereAReferenceLeadsNowhereAndGoesOn) {
    const Files files{{"api.yaml", document(R"(paths: {}
components:
  schemas:
    User:
      properties:
        a: {$ref: '#/components/schemas/Usr'}
        b: {$ref: 'none.yaml'}
        c: {$ref: '#/components/schemas/D'}
    D: {$ref: '#/components/schemas/E'}
    E: {$ref: '#/components/schemas/D'}
)")}};
    const Document api = files.read();
    EXPECT_TRUE(api.has_errors());
    std::vector<std::string> texts;
    for (const Finding& finding : api.findings())
        texts.push_back(to_text(finding));
    EXPECT_THAT(
        texts,
        ElementsAre("api.yaml:11: error: the reference \"#/components/schemas/E\" comes back "
                    "to itself; let one of the references be what it means "
                    "(reference-cycle)",
                    "api.yaml:12: error: the reference \"#/components/schemas/D\" comes back "
                    "to itself; let one of the references be what it means "
                    "(reference-cycle)",
                    "api.yaml:8: error: the reference \"#/components/schemas/Usr\" leads "
                    "nowhere: there is no \"Usr\" in api.yaml:5; did you mean \"User\"? "
                    "(unknown-reference)",
                    "api.yaml:9: error: the reference leads to a file that can't be read: "
                    "none.yaml: no such file; correct the reference or the file "
                    "(unreadable-file)"));
    EXPECT_TRUE(schema_of(api, "User")->find("a")->schema->types.is_any());
}

TEST(SpecDocument, ThirtyAndThirtyOneAreOneModel) {
    const Files files{{"old.yaml", document(R"(
paths: {}
components:
  schemas:
    S: {type: integer, nullable: true, minimum: 1, exclusiveMinimum: true, example: 2}
)",
                                            "3.0.3")},
                      {"new.yaml", document(R"(
paths: {}
components:
  schemas:
    S: {type: [integer, 'null'], exclusiveMinimum: 1, examples: [2]}
)")}};
    for (const char* const name : {"old.yaml", "new.yaml"}) {
        const Document api = files.read(name);
        EXPECT_THAT(api.findings(), IsEmpty());
        const Schema& schema = *api.schemas().at(0);
        EXPECT_TRUE(schema.is_nullable);
        EXPECT_TRUE(schema.types.is_only(Types::integer));
        EXPECT_EQ(schema.exclusive_minimum, 1.0);
        EXPECT_EQ(schema.minimum, std::nullopt);
        EXPECT_EQ(schema.examples.at(0)->text, "2");
    }
}

TEST(SpecDocument, DiscriminatorsNameSchemas) {
    const Files files{{"api.yaml", document(R"(
paths: {}
components:
  schemas:
    Pet:
      oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]
      discriminator: {propertyName: kind, mapping: {cat: '#/components/schemas/Cat', kitten: Cat}}
    Cat: {type: object}
    Dog: {type: object}
)")}};
    const Document api = files.read();
    EXPECT_THAT(api.findings(), IsEmpty());
    const Schema& pet = *schema_of(api, "Pet");
    EXPECT_THAT(pet.discriminator->tags_of(*pet.one_of[0]), ElementsAre("cat", "kitten"));
    EXPECT_THAT(pet.discriminator->tags_of(*pet.one_of[1]), ElementsAre("Dog"));
}

TEST(SpecDocument, MergesAllOf) {
    const Files files{{"api.yaml", document(R"(
paths: {}
components:
  schemas:
    A: {type: object, required: [x], properties: {x: {type: string}, y: {}}, minProperties: 1}
    B:
      allOf: [{$ref: '#/components/schemas/A'}, {properties: {y: {type: integer}}, minProperties: 2}]
      required: [y]
      description: Both
)")}};
    const Document api = files.read();
    const Schema whole = merged(*schema_of(api, "B"));
    EXPECT_EQ(whole.name, "B");
    EXPECT_EQ(whole.description, "Both");
    ASSERT_EQ(whole.properties.size(), 2U);
    EXPECT_TRUE(whole.find("x")->is_required);
    EXPECT_TRUE(whole.find("y")->is_required);
    EXPECT_TRUE(whole.find("y")->schema->types.is_only(Types::integer));
    EXPECT_EQ(whole.min_properties, 2U);
}

TEST(SpecDocument, WhatIsNoOpenApiIsRefused) {
    const Files files{{"swagger.yaml", "swagger: '2.0'\n"},
                      {"future.yaml", "openapi: 4.0.0\n"},
                      {"list.yaml", "- a\n"}};
    const auto problem = [&](const char* name) -> std::string {
        try {
            (void)files.read(name);
        } catch (const ReadError& error) {
            return error.what();
        }
        return "none";
    };
    EXPECT_THAT(problem("swagger.yaml"), HasSubstr("swagger.yaml:1: this is Swagger 2.0"));
    EXPECT_THAT(problem("future.yaml"), HasSubstr("\"4.0.0\" is not supported"));
    EXPECT_THAT(problem("list.yaml"), HasSubstr("no OpenAPI document"));
    EXPECT_THAT(problem("none.yaml"), HasSubstr("no such file"));
}

TEST(SpecDocument, LocationsOfReferences) {
    EXPECT_EQ(resolve_location("api.yaml", "b.yaml"), "b.yaml");
    EXPECT_EQ(resolve_location("a/api.yaml", "../b.yaml"), "b.yaml");
    EXPECT_EQ(resolve_location("a/api.yaml", "https://x.example/b.yaml"),
              "https://x.example/b.yaml");
    EXPECT_EQ(resolve_location("http://x.example/a/api.json", "../b.json"),
              "http://x.example/b.json");
    EXPECT_EQ(resolve_location("http://x.example/api.json", "file:///etc/passwd"), std::nullopt);
    EXPECT_EQ(resolve_location("http://x.example/api.json", "ftp://x.example/b"), std::nullopt);
}

TEST(SpecDocument, AChainOfThousandsOfSchemasNestsNoCalls) {
    std::string text = "paths: {}\ncomponents:\n  schemas:\n";
    for (int i = 0; i != 2'000; ++i)
        text += "    S" + std::to_string(i) + ": {properties: {n: {$ref: '#/components/schemas/S" +
                std::to_string((i + 1) % 2'000) + "'}}}\n";
    const Files files{{"api.yaml", document(text)}};
    const Document api = files.read();
    EXPECT_EQ(api.schemas().size(), 2'000U);
    const Schema* at = api.schemas()[0];
    for (int i = 0; i != 2'000; ++i)
        at = at->properties.at(0).schema;
    EXPECT_EQ(at, api.schemas()[0]);
}

} // namespace
} // namespace armature::spec::testing
