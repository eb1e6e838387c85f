#include "cli/openapi/diff.hpp"
#include "cli/openapi/files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace armature::spec::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

std::vector<std::string> changes(const std::string& before, const std::string& after) {
    const Files files{{"old.yaml", document(before)}, {"new.yaml", document(after)}};
    const Document old = files.read("old.yaml");
    const Document fresh = files.read("new.yaml");
    std::vector<std::string> out;
    for (const Change& change : diff(old, fresh))
        out.push_back(std::string(change.level == Change::Level::breaking  ? "! "
                                  : change.level == Change::Level::warning ? "? "
                                                                           : "") +
                      change.id);
    return out;
}

std::string operation(const std::string& parts) {
    return "paths:\n  /a/{id}:\n    post:\n      operationId: a\n" + parts;
}
std::string request(const std::string& schema) {
    return operation("      requestBody: {content: {application/json: {schema: " + schema +
                     "}}}\n");
}
std::string response(const std::string& schema) {
    return operation("      responses: {'200': {description: Fine, content: {application/json: "
                     "{schema: " +
                     schema + "}}}}\n");
}

TEST(SpecDiff, TheSameDocumentHasNoChanges) {
    const std::string text = request("{type: object, properties: {a: {type: string}}}");
    EXPECT_THAT(changes(text, text), IsEmpty());
}

TEST(SpecDiff, NamesOfPathVariablesSayNothing) {
    EXPECT_THAT(
        changes("paths:\n  /a/{x}:\n    get:\n      parameters: [{name: x, in: path, required: "
                "true, schema: {type: string}}]\n",
                "paths:\n  /a/{y}:\n    get:\n      parameters: [{name: y, in: path, required: "
                "true, schema: {type: string}}]\n"),
        IsEmpty());
}

TEST(SpecDiff, Operations) {
    EXPECT_THAT(changes("paths: {/a: {get: {}, put: {deprecated: true}}, /b: {get: {}}}",
                        "paths: {/a: {post: {}}}"),
                ElementsAre("! api-removed-without-deprecation", "api-removed-with-deprecation",
                            "! api-path-removed-without-deprecation", "endpoint-added"));
}

TEST(SpecDiff, Parameters) {
    const auto with = [](const std::string& list) {
        return operation("      parameters: [" + list + "]\n");
    };
    EXPECT_THAT(changes(with("{name: a, in: query, schema: {type: string, maxLength: 5}}, "
                             "{name: b, in: query, schema: {enum: [x, y]}}, "
                             "{name: c, in: query, schema: {}}"),
                        with("{name: a, in: query, required: true, schema: {type: string, "
                             "maxLength: 4}}, {name: b, in: query, schema: {enum: [x, z]}}, "
                             "{name: d, in: query, required: true, schema: {}}")),
                UnorderedElementsAre(
                    "! request-parameter-became-required",
                    "! request-parameter-max-length-decreased",
                    "! request-parameter-enum-value-removed", "request-parameter-enum-value-added",
                    "? request-parameter-removed", "! new-required-request-parameter"));
}

TEST(SpecDiff, WhatIsSentMayBecomeMoreNotLess) {
    EXPECT_THAT(changes(request("{type: object, required: [a], properties: {a: {type: integer}, "
                                "b: {type: string}, r: {readOnly: true}}}"),
                        request("{type: object, required: [b, c], properties: {a: {type: number}, "
                                "b: {type: [string, 'null']}, c: {type: string}, d: {}}}")),
                UnorderedElementsAre(
                    "request-property-became-optional", "request-property-type-changed",
                    "! request-property-became-required", "request-property-became-nullable",
                    "! new-required-request-property", "new-optional-request-property"));
}

TEST(SpecDiff, WhatComesMayBecomeLessNotMore) {
    EXPECT_THAT(changes(response("{type: object, required: [a, c], properties: {a: {type: number}, "
                                 "b: {type: string}, c: {}, e: {enum: [x]}}}"),
                        response("{type: object, required: [b], properties: {a: {type: integer}, "
                                 "b: {type: [string, 'null']}, d: {}, e: {enum: [x, y]}}}")),
                UnorderedElementsAre(
                    "! response-property-became-optional", "response-property-type-changed",
                    "response-property-became-required", "! response-property-became-nullable",
                    "! response-required-property-removed", "response-optional-property-added",
                    "? response-property-enum-value-added"));
}

TEST(SpecDiff, ResponsesAndTheirContent) {
    EXPECT_THAT(
        changes(operation("      responses: {'200': {description: A, content: {a/b: {}}}, '404': "
                          "{description: B}}\n"),
                operation("      responses: {'201': {description: A}, '200': {description: A, "
                          "content: {c/d: {}}}}\n")),
        UnorderedElementsAre("! response-media-type-removed", "response-media-type-added",
                             "? response-non-success-status-removed",
                             "response-success-status-added"));
}

TEST(SpecDiff, Security) {
    const std::string schemes = "components: {securitySchemes: {a: {type: http, scheme: basic}, b: "
                                "{type: http, scheme: bearer}}}\n";
    EXPECT_THAT(changes(schemes + "security: [{a: []}]\n" + operation(""),
                        schemes + "security: [{b: []}]\n" + operation("")),
                ElementsAre("! api-security-removed", "api-security-added"));
}

TEST(SpecDiff, TypesThatContainThemselvesEnd) {
    const std::string tree = "components: {schemas: {T: {type: object, properties: {t: {$ref: "
                             "'#/components/schemas/T'}, v: {type: string}}}}}\n";
    std::string other = tree;
    other.replace(other.find("v: {type: string"), 16, "v: {type: number");
    EXPECT_THAT(changes(tree + request("{$ref: '#/components/schemas/T'}"),
                        other + request("{$ref: '#/components/schemas/T'}")),
                ElementsAre("! request-property-type-changed"));
}

} // namespace
} // namespace armature::spec::testing
