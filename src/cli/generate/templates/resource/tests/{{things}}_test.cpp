{{test.includes}}

#include <gtest/gtest.h>

#include <string>

namespace {{ns}} {
namespace {

const std::string json = "application/json";
const std::string merge = "application/merge-patch+json";
const std::string one =
    {{sample.one}};
const std::string other =
    {{sample.other}};
{{test.parents}}
struct {{Things}} : testing::Test {
    ServedApp app;
    armature::TestClient& client = app.client;
{{test.seed}}{{test.etag}}
};

TEST_F({{Things}}, AreAddedFoundChangedAndRemoved) {
    const armature::TestResponse made = client.post("/{{path}}").body(json, one).send();
    ASSERT_EQ(made.status(), armature::Status::created) << made.text();
    const std::string path{made.header("location").value_or("")};
    EXPECT_EQ(path.find("/{{path}}/"), 0U) << path;
    EXPECT_EQ(client.get(path).send().text(), made.text());
    {{test.related}}

    const armature::TestResponse changed =
        client.put(path){{test.match}}.body(json, other).send();
    ASSERT_EQ(changed.status(), armature::Status::ok) << changed.text();
    EXPECT_NE(changed.text(), made.text());
    EXPECT_EQ(client.get(path).send().text(), changed.text());

    const std::string part = R"({{sample.part}})";
    const armature::TestResponse patched =
        client.patch(path){{test.match}}.body(merge, '{' + part + '}').send();
    ASSERT_EQ(patched.status(), armature::Status::ok) << patched.text();
    EXPECT_NE(patched.text().find(part), std::string::npos) << patched.text();
    EXPECT_EQ(client.get(path).send().text(), patched.text());

    EXPECT_EQ(client.delete_(path){{test.match}}.send().status(),
              armature::Status::no_content);
    for (const char* method : {"GET", "DELETE"})
        EXPECT_EQ(client.request(method, path).send().status(), armature::Status::not_found);
    EXPECT_EQ(client.put(path).body(json, other).send().status(), armature::Status::not_found);
    EXPECT_EQ(client.get("/{{path}}").send().text(), "[]");
}

TEST_F({{Things}}, AreListedPageByPage) {
    const armature::TestResponse first = client.post("/{{path}}").body(json, one).send();
    ASSERT_EQ(client.post("/{{path}}").body(json, other).send().status(),
              armature::Status::created);
    const std::string path{first.header("location").value_or("")};
    const std::string cursor = "cursor=" + path.substr(path.rfind('/') + 1);

    const armature::TestResponse page = client.get("/{{path}}?limit=1").send();
    const std::string links{page.header("link").value_or("")};
    EXPECT_NE(links.find(cursor + ">; rel=\"next\""), std::string::npos) << links;
    const armature::TestResponse last = client.get("/{{path}}?limit=1&" + cursor).send();
    EXPECT_NE(last.text(), page.text());
    EXPECT_EQ(std::string{last.header("link").value_or("")}.find("next"), std::string::npos);
    EXPECT_EQ(client.get("/{{path}}?limit=0").send().status(),
              armature::Status::unprocessable_content);
}

TEST_F({{Things}}, AreCheckedByTheirRules) {
    const std::string wrong = R"({{sample.wrong}})";
    const armature::TestResponse refused = client.post("/{{path}}").body(json, wrong).send();
    EXPECT_EQ(refused.status(), armature::Status::unprocessable_content) << refused.text();
    EXPECT_EQ(refused.header("content-type"), "application/problem+json");

    const armature::TestResponse made = client.post("/{{path}}").body(json, one).send();
    EXPECT_EQ(made.status(), armature::Status::created) << made.text();
    {{test.conflict}}
}
{{test.version}}

} // namespace
} // namespace {{ns}}
