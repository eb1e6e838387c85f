#include "{{things}}.hpp"
#include "support.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {{ns}} {
namespace {

const std::string json = "application/json";
const std::string one = {{sample.one}};
const std::string other = {{sample.other}};

struct {{Things}} : testing::Test {
    ServedApp app;
    armature::TestClient& client = app.client;
};

TEST_F({{Things}}, AreAddedFoundReplacedAndRemoved) {
    const armature::TestResponse made = client.post("/{{path}}").body(json, one).send();
    ASSERT_EQ(made.status(), armature::Status::created) << made.text();
    const std::string path{made.header("location").value_or("")};
    EXPECT_EQ(path.find("/{{path}}/"), 0U) << path;
    EXPECT_EQ(client.get(path).send().text(), made.text());

    const armature::TestResponse changed = client.put(path).body(json, other).send();
    ASSERT_EQ(changed.status(), armature::Status::ok) << changed.text();
    EXPECT_NE(changed.text(), made.text());
    EXPECT_EQ(client.get("/{{path}}").send().text(), '[' + changed.text() + ']');

    EXPECT_EQ(client.delete_(path).send().status(), armature::Status::no_content);
    for (const char* method : {"GET", "DELETE"})
        EXPECT_EQ(client.request(method, path).send().status(), armature::Status::not_found);
    EXPECT_EQ(client.put(path).body(json, other).send().status(), armature::Status::not_found);
    EXPECT_EQ(client.get("/{{path}}").send().text(), "[]");
}

TEST_F({{Things}}, AreCheckedByTheirRules) {
    const std::string wrong = R"({{sample.wrong}})";
    const armature::TestResponse refused = client.post("/{{path}}").body(json, wrong).send();
    EXPECT_EQ(refused.status(), armature::Status::unprocessable_content) << refused.text();
    EXPECT_EQ(refused.header("content-type"), "application/problem+json");
}

} // namespace
} // namespace {{ns}}
