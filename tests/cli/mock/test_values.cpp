#include "cli/mock/faults.hpp"
#include "cli/mock/generate.hpp"
#include "cli/mock/values.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace armature::cli::mock {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The schema of the only response of a document.
class OneSchema {
  public:
    explicit OneSchema(const std::string& schema)
        : document_(spec::Document::read("api.json", [&](const std::string&) {
              return R"({"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{"/x":{"get":{
                  "responses":{"200":{"description":"d","content":{"application/json":{"schema":)" +
                     schema + R"(}}}}}}}})";
          })) {
        generator_.prepare(document_);
    }
    [[nodiscard]] const spec::Schema& schema() const {
        return *document_.operations().at(0).responses.at(0).content.at(0).schema;
    }
    [[nodiscard]] std::vector<std::string> faults(const std::string& value) const {
        std::vector<Fault> found;
        check(schema(), json::parse(value), Direction::response, found);
        std::vector<std::string> texts;
        for (const Fault& fault : found)
            texts.push_back(fault.pointer + ' ' + fault.keyword);
        return texts;
    }
    [[nodiscard]] json make(std::uint64_t seed) const {
        return generator_.make(schema(), Random{seed}, Generator::Options{});
    }

  private:
    spec::Document document_;
    Generator generator_;
};

TEST(MockValues, BreakRulesAtTheirPlaces) {
    const OneSchema pet{R"({"type":"object","required":["id"],"additionalProperties":false,
        "properties":{"id":{"type":"integer","minimum":1},"a/b":{"type":"string","maxLength":2},
        "tags":{"type":"array","uniqueItems":true,"items":{"enum":["x","y"]}}}})"};
    EXPECT_THAT(pet.faults(R"({"id":1,"a/b":"äö","tags":["x","y"]})"), IsEmpty());
    EXPECT_THAT(pet.faults(R"({"id":1.0})"), IsEmpty());
    EXPECT_THAT(pet.faults(R"({"id":0,"a/b":"abc","tags":["x","x","z"],"more":1})"),
                ElementsAre("/a~1b maxLength", "/id minimum", " additionalProperties",
                            "/tags uniqueItems", "/tags/2 enum"));
    EXPECT_THAT(pet.faults("[]"), ElementsAre(" type"));
    EXPECT_THAT(pet.faults("{}"), ElementsAre(" required"));
}

TEST(MockValues, ChooseAmongAlternatives) {
    const OneSchema either{R"({"oneOf":[{"type":"integer"},{"type":"number","minimum":5}]})"};
    EXPECT_THAT(either.faults("4"), IsEmpty());
    EXPECT_THAT(either.faults("5.5"), IsEmpty());
    EXPECT_THAT(either.faults("6"), ElementsAre(" oneOf"));
    EXPECT_THAT(either.faults("\"x\""), ElementsAre(" oneOf"));
}

TEST(MockValues, EndInSchemasWithoutEnd) {
    const OneSchema endless{
        R"({"$ref":"#/paths/~1x/get/responses/200/content/application~1json/schema/allOf/0",
        "allOf":[{"anyOf":[{"$ref":"#/paths/~1x/get/responses/200/content/application~1json/schema/allOf/0"}]}]})"};
    (void)endless.faults("1");
    (void)endless.make(1);
}

TEST(MockValues, OfTextsHaveTheTypesOfTheirSchemas) {
    const OneSchema number{R"({"type":"integer"})"};
    EXPECT_EQ(value_of_text(number.schema(), "7"), 7);
    EXPECT_EQ(value_of_text(number.schema(), "x"), "x");
    const OneSchema text{R"({"type":"string"})"};
    EXPECT_EQ(value_of_text(text.schema(), "7"), "7");
    const OneSchema truth{R"({"type":"boolean"})"};
    EXPECT_EQ(value_of_text(truth.schema(), "true"), true);
    const OneSchema either{R"({"type":["integer","null"]})"};
    EXPECT_EQ(value_of_text(either.schema(), "null"), nullptr);
}

TEST(MockGenerator, MakesWhatFits) {
    for (const char* schema :
         {R"({"type":"string","pattern":"^[A-Z]{3}-\\d{4}(?:x|yz)?$"})",
          R"({"type":"string","minLength":30,"maxLength":33})",
          R"({"type":"string","format":"uuid"})",
          R"({"type":"string","format":"date-time"})",
          R"({"type":"string","format":"email"})",
          R"({"type":"string","format":"ipv6"})",
          R"({"type":"string","format":"hostname"})",
          R"({"type":"string","format":"duration"})",
          R"({"type":"string","format":"byte"})",
          R"({"type":"integer","minimum":-5,"maximum":-3})",
          R"({"type":"integer","multipleOf":7})",
          R"({"type":"number","exclusiveMinimum":0,"exclusiveMaximum":0.01})",
          R"({"type":"number","multipleOf":0.25,"minimum":3,"maximum":3.25})",
          R"({"type":"array","items":{"enum":[1,2,3]},"minItems":3,"uniqueItems":true})",
          R"({"type":"object","additionalProperties":{"type":"boolean"},"minProperties":4})",
          R"({"allOf":[{"type":"object","required":["a"],"properties":{"a":{"type":"integer"}}},
              {"type":"object","required":["b"],"properties":{"b":{"const":"c"}}}]})",
          R"({"oneOf":[{"type":"integer","maximum":0},{"type":"string","maxLength":1}]})",
          R"({"not":{"type":"integer"},"type":"number"})",
          R"({"type":["null","boolean"]})",
          R"({"type":"object","required":["next"],"properties":{"next":{"type":["object","null"],
              "properties":{"deep":{"type":"array","items":{"type":"array","items":{}}}}}}})"}) {
        const OneSchema one{schema};
        for (std::uint64_t seed = 0; seed < 50; ++seed) {
            const json value = one.make(seed);
            EXPECT_THAT(one.faults(value.dump()), IsEmpty()) << schema << '\n' << value;
            EXPECT_EQ(value, one.make(seed));
        }
    }
}

TEST(MockGenerator, WritesTextsForPatterns) {
    Random random{1};
    for (const char* pattern :
         {"^[a-f0-9]{8}$", "\\d+\\.\\d{2}", "(foo|bar){2,3}", "^\\+?[1-9]\\d{1,14}$", "[^a-z]{3}",
          "^[\\w.-]+@[\\w-]+\\.[a-z]{2,}$", "a*b?c", "^(?:[A-Z][a-z]+ ){2}end$", "[\\]x-]y"})
        for (int i = 0; i < 20; ++i)
            EXPECT_TRUE(matches(pattern, text_of_pattern(pattern, random))) << pattern;
    for (const char* unknown : {"(?=a)b", "\\bword", "a{100}", "(", "[", "a{2", "\\p{L}", ")"})
        EXPECT_EQ(text_of_pattern(unknown, random), "") << unknown;
}

TEST(MockFaults, AreTheSameForTheSameSeed) {
    const Delay delay = Delay::parse("200±50");
    const std::vector<ErrorRate> rates{ErrorRate::parse("0.25:503"), ErrorRate::parse("0.5")};
    unsigned failures = 0;
    for (std::uint64_t number = 1; number <= 1000; ++number) {
        const Fate fate = fate_of(7, number, delay, rates);
        EXPECT_GE(fate.delay, 150u);
        EXPECT_LE(fate.delay, 250u);
        EXPECT_EQ(fate.status, fate_of(7, number, delay, rates).status);
        if (fate.status == 503) ++failures;
    }
    EXPECT_GT(failures, 200u);
    EXPECT_LT(failures, 300u);
}

} // namespace
} // namespace armature::cli::mock
