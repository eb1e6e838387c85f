#include "openapi/yaml.hpp"

#include <gtest/gtest.h>

namespace armature::detail {

namespace {

std::string yaml(const char* json) { return to_yaml(Node::parse(json)); }

TEST(Yaml, KeepsTheOrderOfMembers) {
    EXPECT_EQ(yaml(R"({"b":1,"a":{"c":true,"d":null}})"), "b: 1\na:\n  c: true\n  d: null\n");
}

TEST(Yaml, WritesListsOfStructures) {
    EXPECT_EQ(yaml(R"({"list":[{"a":1,"b":[2,3]},"x",[],{}]})"),
              "list:\n  - a: 1\n    b:\n      - 2\n      - 3\n  - x\n  - []\n  - {}\n");
    EXPECT_EQ(yaml("[[1,2],[3]]"), "- - 1\n  - 2\n- - 3\n");
}

TEST(Yaml, QuotesWhatWouldBeReadAsSomethingElse) {
    EXPECT_EQ(yaml(R"(["no","On","~","1.0","- a","a: b","#x","", "a b", "x\ny", "200"])"),
              "- \"no\"\n- \"On\"\n- \"~\"\n- \"1.0\"\n- \"- a\"\n- \"a: b\"\n- \"#x\"\n- \"\"\n"
              "- a b\n- \"x\\ny\"\n- \"200\"\n");
    EXPECT_EQ(yaml(R"({"200":1,"/a/{id}":2})"), "\"200\": 1\n\"/a/{id}\": 2\n");
}

} // namespace

} // namespace armature::detail
