#include "cli/openapi/node.hpp"

#include <gtest/gtest.h>

namespace armature::spec {
namespace {

const std::string file = "f.yaml";

std::string json(const std::string& text) { return to_json(read_node(text, file)); }
std::string problem(const std::string& text, const std::string& name = file) {
    try {
        (void)read_node(text, name);
    } catch (const ReadError& error) {
        return error.what();
    }
    return "none";
}

TEST(SpecNode, ReadsJsonWithItsLines) {
    const Node node = read_node("{\n \"a\": [1,\n 2\n, \"x\"],\n\n \"b\":\n {}}", file);
    EXPECT_EQ(node.place(), "f.yaml:1");
    EXPECT_EQ(node.find("a")->line, 2U);
    EXPECT_EQ(node.find("a")->items[0].line, 2U);
    EXPECT_EQ(node.find("a")->items[1].line, 3U);
    EXPECT_EQ(node.find("a")->items[2].line, 4U);
    EXPECT_EQ(node.members[1].line, 6U);
    EXPECT_EQ(node.members[1].value.line, 6U);
}

TEST(SpecNode, ReadsYamlWithItsLines) {
    const Node node = read_node("a:\n  - 1\n  - x: |\n      text\n    y: ~\nb: {}\n", file);
    EXPECT_EQ(node.find("a")->items[0].line, 2U);
    EXPECT_EQ(node.find("a")->items[1].find("x")->line, 3U);
    EXPECT_EQ(node.find("a")->items[1].find("y")->line, 5U);
    EXPECT_EQ(node.find("b")->line, 6U);
    EXPECT_EQ(to_json(node), R"({"a":[1,{"x":"text\n","y":null}],"b":{}})");
}

TEST(SpecNode, PlainScalarsOfYamlAreThoseOfItsCoreSchema) {
    EXPECT_EQ(json("[~, null, true, False, 1, -2, +3, 007, 0x1F, 0o17, 1.5, .5, 2., 1e3, -0.0]"),
              "[null,null,true,false,1,-2,3,7,31,15,1.5,0.5,2,1e3,-0.0]");
    EXPECT_EQ(json("[yes, no, on, 2020-01-01, 1.2.3, 1_000, 0x, 0b1, .inf, 12:30]"),
              R"(["yes","no","on","2020-01-01","1.2.3","1_000","0x","0b1",".inf","12:30"])");
    EXPECT_EQ(json("['1', \"true\", !!str 1]"), R"(["1","true","1"])");
}

TEST(SpecNode, NumbersKeepTheirDigits) {
    EXPECT_EQ(json(R"({"a":18446744073709551615,"b":0.10000000000000000001})"),
              R"({"a":18446744073709551615,"b":0.10000000000000000001})");
    EXPECT_TRUE(read_node("1e2", file).is_integer());
    EXPECT_FALSE(read_node("1.5", file).is_integer());
}

TEST(SpecNode, AnchorsAliasesAndMergeKeysAreFollowed) {
    EXPECT_EQ(json("base: &base {a: 1, b: 2}\nmore: {<<: *base, b: 3}\nlist: [*base]\n"),
              R"({"base":{"a":1,"b":2},"more":{"a":1,"b":3},"list":[{"a":1,"b":2}]})");
    EXPECT_EQ(problem("a: *none"), "f.yaml:1: the alias *none has no anchor &none before it");
}

TEST(SpecNode, SaysWhereATextIsWrong) {
    EXPECT_EQ(problem("{\n\"a\": 1,\n\"a\": 2}", "f.json"),
              "f.json:3: \"a\" stands twice in one map, first in line 2; remove one");
    EXPECT_EQ(
        problem("a: 1\nb: [\n"),
        "f.yaml:3: not valid YAML: did not find expected node content, while parsing a flow node");
    EXPECT_TRUE(
        problem("{\"a\": 1,\n \"b\": tru }", "f.json").starts_with("f.json:2: not valid JSON: "));
    EXPECT_EQ(problem(""), "f.yaml:1: the file is empty");
    EXPECT_EQ(problem("a: 1\n---\nb: 2\n"),
              "f.yaml:2: a second document begins; keep one for each file");
    EXPECT_EQ(problem("? [a]\n: 1\n"), "f.yaml:1: a key has to be a text");
}

TEST(SpecNode, BombsEndEarly) {
    std::string lol = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i != 12; ++i) {
        const std::string before = "*a" + std::to_string(i - 1);
        lol += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
        for (int j = 0; j != 10; ++j)
            lol += (j != 0 ? "," : "") + before;
        lol += "]\n";
    }
    EXPECT_EQ(problem(lol), "f.yaml:6: more values by aliases than a document may have");
    EXPECT_EQ(problem(std::string(5000, '['), "f.json"),
              "f.json:1: nested more than 256 levels deep");
}

TEST(SpecNode, EqualsAsJsonDoes) {
    EXPECT_TRUE(read_node("{a: 1, b: [x]}", file) == read_node("{b: [x], a: 1.0}", file));
    EXPECT_FALSE(read_node("{a: 1}", file) == read_node("{a: '1'}", file));
}

} // namespace
} // namespace armature::spec
