#include "jobs/support.hpp"
#include "rest_api/app.hpp"
#include "rest_api/exports.hpp"
#include "rest_api/migrations.hpp"
#include "rest_api/writers.hpp"

#include <armature/db/diff.hpp>
#include <armature/jobs/sqlite.hpp>
#include <armature/testing/client.hpp>
#include <armature/testing/gmock.hpp>

namespace rest_api {
namespace {

using namespace armature;

struct RestApi : ::testing::Test {
    const job_tests::Folder folder;
    const Settings settings{.database = folder.file("todos.db"),
                            .secret = "a secret of the tests, long enough for HS256",
                            .writes_per_minute = 3};
    const std::size_t migrations = make_migrations(settings)->up();
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

TEST_F(RestApi, LimitsTheWritesOfEachUser) {
    for (const char* title : {"A", "B", "C"})
        EXPECT_THAT(add(title), HasStatus(Status::created));
    const TestResponse refused = add("D");
    EXPECT_THAT(refused, IsProblem(429));
    EXPECT_THAT(refused, HasHeader("retry-after", "20"));
    EXPECT_THAT(client.get("/todos").send(), HasJson("/total", 3)) << "reading is free";
    const std::string other = issue_token(settings, "bob");
    EXPECT_THAT(client.delete_("/todos/1").bearer(other).send(), HasStatus(Status::no_content));
    client.clock().advance(Duration::seconds(20));
    EXPECT_THAT(add("D"), HasStatus(Status::created));
}

TEST_F(RestApi, LetsWritersExportOnly) {
    EXPECT_THAT(client.post("/exports").send(), IsProblem(401));
    EXPECT_THAT(client.get("/exports/1").send(), IsProblem(401));
    EXPECT_THAT(client.get("/exports/1").bearer(token).send(), IsProblem(404));
    const TestResponse made = client.post("/exports").bearer(token).send();
    EXPECT_THAT(made, HasStatus(Status::created));
    EXPECT_THAT(made, HasHeader("location", "/exports/1"));
    EXPECT_THAT(made, IsJson(R"({"id":1,"state":"waiting","todos":[]})"));
    // Its worker runs beside the client, so whether it is done by now is for nobody to say.
    EXPECT_THAT(client.get("/exports/1").bearer(token).send(), HasJson("/id", 1));
}

TEST_F(RestApi, CountsRequestsByTheirRoute) {
    EXPECT_THAT(client.get("/todos/7").send(), IsProblem(404));
    EXPECT_THAT(
        client.get("/metrics").send().text(),
        ::testing::HasSubstr("http_server_requests_total{method=\"GET\",route=\"/todos/{id}\","
                             "code=\"404\"} 1\n"));
}

TEST_F(RestApi, IsReadyWithItsDatabase) {
    EXPECT_THAT(client.get("/health/ready").send(),
                IsJson(R"({"status":"pass","checks":{"database":{"status":"pass"}}})"));
}

/// The parts of the application that exports are made of.
struct Parts {
    explicit Parts(const Settings& settings)
        : database(database_url(settings)), jobs(sqlite_jobs(settings.database)) {}
    db::Database database;
    db::Repository<Todo> todos{database};
    Jobs jobs;
    ExportStore exports{database, todos, jobs};
};

TEST_F(RestApi, HasNoExportWithoutItsJob) {
    LocalLoop loop;
    Parts parts{settings};
    (void)loop.run(parts.database.execute("DROP TABLE armature_jobs"));
    EXPECT_THROW((void)loop.run(parts.exports.add()), db::DatabaseError);
    EXPECT_FALSE(loop.run(parts.exports.find(1)));
}

TEST_F(RestApi, HasTheSchemaThatItsModelsWant) {
    LocalLoop loop;
    Parts parts{settings};
    EXPECT_EQ(loop.run(db::diff<Todo, ExportRow>(parts.database)).text(), "");
    EXPECT_EQ(make_migrations(settings)->down(2), 2U);
    EXPECT_EQ(loop.run(db::diff<Todo, ExportRow>(parts.database)).differences().size(), 2U);
}

TEST(RestApiDatabase, HasExportsMadeThatWaitedForAWorker) {
    const job_tests::Folder folder;
    const Settings settings{.database = folder.file("todos.db"),
                            .secret = "a secret of the tests, long enough for HS256"};
    make_migrations(settings)->up();
    { // a process that ended before its worker began
        LocalLoop loop;
        Parts parts{settings};
        Todo todo;
        todo.title = "Rest";
        (void)loop.run(parts.todos.insert(todo));
        EXPECT_EQ(loop.run(parts.exports.add()).id, 1);
    }
    TestClient client = TestClient::over_http(make_app(settings));
    const std::string token = issue_token(settings, "ann");
    const auto is_done = [&] {
        const TestResponse answer = client.get("/exports/1").bearer(token).send();
        return answer.text() ==
               R"({"id":1,"state":"done","todos":[{"id":1,"title":"Rest","done":false}]})";
    };
    EXPECT_TRUE(armature::testing::eventually(is_done));
}

} // namespace
} // namespace rest_api
