#include "rest_api/app.hpp"
#include "rest_api/store.hpp"
#include "rest_api/writers.hpp"

#include <armature/testing/client.hpp>
#include <armature/testing/gmock.hpp>

namespace rest_api {
namespace {

using namespace armature;

struct RestApi : ::testing::Test {
    const Settings settings{.database = ":memory:",
                            .secret = "a secret of the tests, long enough for HS256"};
    TestClient client{make_app(settings)};
    const std::string token = issue_token(settings, "ann");

    TestResponse add(const std::string& title) {
        return client.post("/todos").bearer(token).json(NewTodo{title, {}}).send();
    }
};

TEST_F(RestApi, KeepsATodoFromItsCreationToItsEnd) {
    const TestResponse made = add("Rest");
    EXPECT_THAT(made, HasStatus(Status::created));
    EXPECT_THAT(made, HasHeader("location", "/todos/1"));
    EXPECT_THAT(made, IsJson(R"({"id":1,"title":"Rest","done":false})"));
    const TestResponse changed =
        client.put("/todos/1").bearer(token).json(NewTodo{"Rest more", true}).send();
    EXPECT_THAT(changed, IsJson(R"({"id":1,"title":"Rest more","done":true})"));
    EXPECT_THAT(client.get("/todos").send(), HasJson("/total", 1));
    EXPECT_THAT(client.delete_("/todos/1").bearer(token).send(), HasStatus(Status::no_content));
    EXPECT_THAT(client.get("/todos/1").send(), IsProblem(404));
}

TEST_F(RestApi, NamesEveryFaultOfATodo) {
    EXPECT_THAT(client.post("/todos")
                    .bearer(token)
                    .body("application/json", R"({"title":"","done":1})")
                    .send(),
                IsProblem(422, "/title", "/done"));
    EXPECT_THAT(client.post("/todos").bearer(token).body("application/json", "{").send(),
                IsProblem(400));
    EXPECT_THAT(client.post("/todos").bearer(token).body("text/plain", "{}").send(),
                IsProblem(415));
}

TEST_F(RestApi, LetsWritersWriteOnly) {
    EXPECT_THAT(client.post("/todos").json(NewTodo{"x", {}}).send(), IsProblem(401));
    EXPECT_THAT(client.post("/todos").bearer("guess").json(NewTodo{"x", {}}).send(),
                IsProblem(401));
    JwtClaims reader = jwt_claims("rest_api", "ann", "todos", Duration::seconds(60));
    reader.scopes = {"todos:read"};
    const JwtSigner signer{Jwk::secret(settings.secret, JwsAlgorithm::hs256)};
    EXPECT_THAT(client.post("/todos").bearer(signer.sign(reader)).json(NewTodo{"x", {}}).send(),
                IsProblem(403));
    EXPECT_THAT(client.delete_("/todos/1").send(), IsProblem(401));
}

TEST_F(RestApi, WantsTitlesToBeUnique) {
    EXPECT_THAT(add("One"), HasStatus(Status::created));
    EXPECT_THAT(add("One"), IsProblem(409));
}

TEST_F(RestApi, GivesPages) {
    for (const char* title : {"A", "B", "C"})
        EXPECT_THAT(add(title), HasStatus(Status::created));
    EXPECT_THAT(client.get("/todos").query("limit", 2).query("page", 2).send(),
                IsJson(R"({"items":[{"id":3,"title":"C","done":false}],"total":3})"));
    EXPECT_THAT(client.get("/todos?limit=101").send(), IsProblem(422));
}

} // namespace
} // namespace rest_api
