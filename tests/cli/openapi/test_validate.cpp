#include "cli/openapi/files.hpp"
#include "cli/openapi/validate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace armature::spec::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> rules_of(const std::string& text, const std::string& version = "3.1.0") {
    const Files files{{"api.yaml", document(text, version)}};
    const Document api = files.read();
    return rules(validate(api));
}

TEST(SpecValidate, ASoundDocumentHasNoFindings) {
    EXPECT_THAT(rules_of(R"(paths:
  /users/{id}:
    get:
      operationId: getUser
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses: {'200': {description: Fine}}
)"),
                IsEmpty());
}

TEST(SpecValidate, Structure) {
    EXPECT_THAT(rules_of(R"(path: {}
tags: none
paths:
  users: {}
  /a:
    gett: {}
    get:
      summary: 1
      responses:
        '200': {}
        '2': {description: x}
)"),
                ElementsAre("3 unknown-field", "4 wrong-type", "6 bad-path", "8 unknown-field",
                            "9 operation-id-missing", "10 wrong-type", "12 missing-field",
                            "13 bad-status"));
}

TEST(SpecValidate, AFindingNamesPlaceAndRemedy) {
    const Files files{{"api.yaml", document("paths: {}\ncomponents:\n  schemas:\n"
                                            "    A: {type: strin, propertis: {}}\n",
                                            "3.0.0")}};
    const std::vector<Finding> findings = validate(files.read());
    ASSERT_EQ(findings.size(), 3U);
    EXPECT_EQ(to_text(findings[0]),
              "api.yaml:6: error: a schema has no \"propertis\"; did you mean \"properties\"? "
              "(unknown-field)");
}

TEST(SpecValidate, PathsAndTheirParameters) {
    EXPECT_THAT(rules_of(R"(paths:
  /a/{x}:
    get:
      operationId: one
      parameters:
        - {name: y, in: path, required: true, schema: {}}
        - {name: x, in: path, schema: {}}
        - {name: q, in: query, schema: {}}
        - {name: q, in: query, schema: {}}
        - {name: z, in: form, schema: {}}
        - {name: w, in: query}
      responses: {'200': {description: Fine}}
  /a/{b}:
    get:
      operationId: one
      responses: {'404': {description: Never}}
)"),
                ElementsAre("8 path-parameter-unknown", "9 path-parameter-optional",
                            "11 duplicate-parameter", "12 bad-value", "13 schema-or-content",
                            "15 path-conflict", "16 operation-id-duplicate",
                            "16 path-parameter-missing", "16 no-success"));
}

TEST(SpecValidate, Schemas) {
    EXPECT_THAT(rules_of(R"(paths: {}
components:
  schemas:
    A:
      type: string
      enum: [a, 1]
      default: 2
      minLength: 3
      maxLength: 2
    B:
      type: object
      required: [a, b]
      properties: {a: {$ref: '#/components/schemas/A'}}
    C:
      oneOf: [{$ref: '#/components/schemas/B'}, {type: object}]
      discriminator: {propertyName: kind}
      nullable: true
      minItems: -1
)"),
                ElementsAre("6 no-value", "8 enum-type", "9 default-type", "12 required-unknown",
                            "12 discriminator-missing", "16 unused-schema",
                            "17 discriminator-inline", "19 nullable-in-3.1", "20 bad-value"));
}

TEST(SpecValidate, SecurityAndServers) {
    EXPECT_THAT(rules_of(R"(servers: [{url: 'https://{host}/'}]
security: [{bearr: []}]
paths: {}
components:
  securitySchemes:
    bearer: {type: http}
    odd: {type: magic}
)"),
                ElementsAre("3 server-variable", "4 unknown-security-scheme", "8 missing-field",
                            "9 bad-value"));
}

TEST(SpecValidate, ThreeZeroHasItsOwnRules) {
    EXPECT_THAT(rules_of(R"(paths: {}
webhooks: {}
components:
  schemas:
    A: {type: [string, 'null']}
    B: {type: array}
    C: {type: 'null'}
    D: {$ref: '#/components/schemas/A', description: lost}
    E: {const: 1}
)",
                         "3.0.3")
                    .size(),
                11U);
}

} // namespace
} // namespace armature::spec::testing
