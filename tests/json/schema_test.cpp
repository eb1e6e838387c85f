#include "json/described_types.hpp"

#include <armature/json/nlohmann.hpp>
#include <armature/json/read.hpp>
#include <armature/json/schema.hpp>
#include <armature/json/write.hpp>

#include <gtest/gtest.h>

namespace shop {

struct Item {
    int x{};
};
ARMATURE_DESCRIBE(Item, x);
template <class T>
struct Page {
    std::vector<T> items;
};
ARMATURE_DESCRIBE(Page<Item>, items);
namespace old {
struct Item {
    std::string x;
};
ARMATURE_DESCRIBE(Item, x);
} // namespace old
struct Both {
    Item now;
    old::Item then;
    std::optional<Page<Item>> page;
};
ARMATURE_DESCRIBE(Both, now, then, page);

struct Samples {
    bool flag{};
    std::uint64_t natural{};
    int integer{};
    double real{};
    std::vector<std::string> list;
};
ARMATURE_DESCRIBE(Samples, (flag, example(true)), (natural, example(7u)), (integer, example(-7)),
                  (real, example(0.5)), (list, example_json(R"(["a"])")));

} // namespace shop

namespace armature {
namespace {

using nlohmann::json;

json definition(std::string_view document, const std::string& name) {
    return json::parse(document)["$defs"][name];
}

TEST(JsonSchema, IsADocumentWithDefinitions) {
    EXPECT_EQ(json_schema<int>(),
              R"({"$schema":"https://json-schema.org/draft/2020-12/schema","type":"integer",)"
              R"("format":"int32","minimum":-2147483648,"maximum":2147483647})");
    EXPECT_EQ(json_schema<described::Circle>(),
              R"({"$schema":"https://json-schema.org/draft/2020-12/schema",)"
              R"("$ref":"#/$defs/Circle","$defs":{"Circle":{"type":"object",)"
              R"("properties":{"radius":{"type":"number","format":"double",)"
              R"("exclusiveMinimum":0}},"required":["radius"]}}})");
}

TEST(JsonSchema, SaysWhatRulesAndNotesSay) {
    EXPECT_EQ(definition(json_schema<described::Noted>(), "Noted"), json::parse(R"({
        "type": "object",
        "properties": {
            "id": {"type": "integer", "minimum": 0, "maximum": 18446744073709551615,
                   "readOnly": true},
            "password": {"type": "string", "minLength": 3, "examples": ["secret"],
                         "writeOnly": true},
            "page": {"type": "integer", "format": "int32", "minimum": 1, "maximum": 2147483647,
                     "description": "Counted from 1", "default": 1},
            "order": {"type": "string", "default": "name"},
            "color": {"$ref": "#/$defs/Color", "default": "green"},
            "filter": {"type": "array", "default": [],
                       "items": {"type": "integer", "format": "int32",
                                 "minimum": -2147483648, "maximum": 2147483647}},
            "name": {"type": "string", "title": "Name", "deprecated": true},
            "label": {"anyOf": [{"$ref": "#/$defs/Label"}, {"type": "null"}]}
        },
        "required": ["password", "name"]
    })"));
    const json samples = definition(json_schema<shop::Samples>(), "Samples")["properties"];
    EXPECT_EQ(samples["flag"]["examples"], json::parse("[true]"));
    EXPECT_EQ(samples["natural"]["examples"], json::parse("[7]"));
    EXPECT_EQ(samples["integer"]["examples"], json::parse("[-7]"));
    EXPECT_EQ(samples["real"]["examples"], json::parse("[0.5]"));
    EXPECT_EQ(samples["list"]["examples"], json::parse(R"([["a"]])"));
}

TEST(JsonSchema, TellsInputFromOutput) {
    const json input = definition(json_schema<described::Noted>(SchemaUse::input), "Noted");
    EXPECT_FALSE(input["properties"].contains("id"));
    EXPECT_EQ(input["required"], json::parse(R"(["password","name"])"));
    const json output = definition(json_schema<described::Noted>(SchemaUse::output), "Noted");
    EXPECT_FALSE(output["properties"].contains("password"));
    EXPECT_EQ(output["required"], json::parse(R"(["id","page","order","color","filter","name"])"));
}

TEST(JsonSchema, GivesAVariantsStructsTheirDiscriminator) {
    const std::string document = json_schema<described::Shape>();
    EXPECT_EQ(definition(document, "Shape"), json::parse(R"({
        "oneOf": [{"$ref": "#/$defs/ShapeCircle"}, {"$ref": "#/$defs/ShapeLabel"},
                  {"$ref": "#/$defs/ShapeGroup"}],
        "discriminator": {"propertyName": "type",
                          "mapping": {"circle": "#/$defs/ShapeCircle",
                                      "Label": "#/$defs/ShapeLabel",
                                      "group": "#/$defs/ShapeGroup"}}
    })"));
    EXPECT_EQ(definition(document, "ShapeLabel"), json::parse(R"({
        "type": "object",
        "properties": {"type": {"type": "string", "const": "Label"},
                       "text": {"type": ["string", "null"], "maxLength": 3}},
        "required": ["type"]
    })"));
    EXPECT_EQ(definition(document, "ShapeGroup")["properties"]["shapes"]["items"],
              json::parse(R"({"$ref": "#/$defs/Shape"})"));
}

TEST(JsonSchema, NamesEachTypeOnce) {
    JsonSchemas schemas("#/components/schemas/");
    EXPECT_EQ(schemas.schema_of(type_info<shop::Both>()),
              R"({"$ref":"#/components/schemas/Both"})");
    EXPECT_EQ(schemas.schema_of(type_info<std::vector<shop::Item>>()),
              R"({"type":"array","items":{"$ref":"#/components/schemas/Item"}})");
    std::string names;
    for (const JsonSchemas::Named& named : schemas.named())
        (names += named.name) += ' ';
    EXPECT_EQ(names, "Both Item Item2 Page_Item ");
    EXPECT_EQ(schemas.schema_of(type_info<described::Bounds>().members[0]),
              R"({"type":"integer","format":"int32","maximum":2147483647,"minimum":5})");
}

TEST(JsonSchema, IsItselfJsonForEveryType) {
    using namespace described;
    for (const std::string& document :
         {json_schema<Numbers>(), json_schema<Bounds>(), json_schema<Texts>(),
          json_schema<Formats>(), json_schema<Lists>(), json_schema<Kinds>(),
          json_schema<Category>()}) {
        JsonErrors errors;
        json tree; // a member given twice would be a fault
        EXPECT_EQ(read_json(document, tree, errors), JsonStatus::ok) << document;
    }
    const json lists = definition(json_schema<Lists>(), "Lists")["properties"];
    EXPECT_EQ(lists["scores"]["minProperties"], 1);
    EXPECT_EQ(lists["point"]["maxItems"], 2);
    EXPECT_EQ(lists["set"]["uniqueItems"], true);
    EXPECT_EQ(lists["maybe"]["type"], json::parse(R"(["array","null"])"));
}

} // namespace
} // namespace armature
