#include "support.hpp"

#include <armature/app/controller.hpp>

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <string>

namespace armature::test {
namespace {

using ::testing::HasSubstr;

struct Note {
    std::string text;
};
ARMATURE_DESCRIBE(Note, text);

struct Closed {
    bool can_activate(Request&) const { return false; }
};
struct Missing {};

class Notes {
    ARMATURE_CONTROLLER(Notes, "/notes", .tags = {"notes"},
                        .filters = filters([](const Missing&) { return Error::not_found(); }));

  public:
    explicit Notes(std::string greeting) : greeting_(std::move(greeting)) {}

    ARMATURE_GET("/", list, .summary = "All notes", .cache_control = "max-age=60");
    [[nodiscard]] std::string list() const { return greeting_; }

    ARMATURE_GET("/{id}", find);
    Json<Note> find(Path<unsigned> id) {
        const auto found = notes_.find(*id);
        if (found == notes_.end()) throw Missing{};
        return Json{found->second};
    }

    ARMATURE_PUT("/{id}", replace, .status = Status::created, .body_limit = 100);
    Task<Json<Note>> replace(Path<unsigned> id, const Json<Note>& note) {
        co_await sleep_for(Duration::milliseconds(1));
        notes_[*id] = *note;
        co_return Json{*note};
    }

    ARMATURE_DELETE("/{id}", remove, .deprecated = true, .guards = guards<Closed>());
    void remove(Path<unsigned> id) { notes_.erase(*id); }

    ARMATURE_END_CONTROLLER();

  private:
    std::string greeting_;
    std::map<unsigned, Note> notes_;
};

Application notes() { return App::create().data(Closed{}).controller<Notes>("hello").build(); }
Response put_note(const Application& app, std::string text) {
    Request request{Method::put, "/notes/1"};
    request.set_header("content-type", "application/json");
    request.set_body(std::move(text));
    return app.handle(std::move(request));
}

TEST(Controllers, ServeTheirRoutesFromOneObject) {
    const Application app = notes();
    EXPECT_EQ(answer(app, "/notes"), "200 hello");
    EXPECT_EQ(app.handle(Request::get("/notes/1")).status(), Status::not_found);
    EXPECT_EQ(answer(put_note(app, R"({"text":"one"})")), R"(201 {"text":"one"})");
    EXPECT_EQ(answer(app, "/notes/1"), R"(200 {"text":"one"})");
}

TEST(Controllers, ApplyTheOptionsOfTheirDecorators) {
    const Application app = notes();
    EXPECT_EQ(header(app.handle(Request::get("/notes")), "cache-control"), "max-age=60");
    EXPECT_EQ(header(app.handle(Request::get("/notes/9")), "cache-control"), "(none)");
    EXPECT_EQ(put_note(app, R"({"text":")" + std::string(100, 'x') + R"("})").status(),
              Status::content_too_large);
    EXPECT_EQ(app.handle(Request{Method::delete_, "/notes/1"}).status(), Status::forbidden);
}

TEST(Controllers, DocumentTheirRoutes) {
    const std::vector<OperationInfo> operations = notes().operations();
    ASSERT_EQ(operations.size(), 4u);
    EXPECT_EQ(operations[0].summary, "All notes");
    EXPECT_EQ(operations[0].pattern, "/notes");
    EXPECT_EQ(operations[0].tags, std::vector<std::string>{"notes"});
    EXPECT_TRUE(std::any_of(operations[2].responses.begin(), operations[2].responses.end(),
                            [](const ResponseInfo& r) { return r.status == Status::created; }));
    EXPECT_TRUE(operations[3].deprecated);
}

// The same without macros, with a prefix that has a parameter.
class Members {
  public:
    static Scope routes() {
        return scope("/teams/{team}/members")
            .route("/", get<&Members::list>().post<&Members::add>())
            .route("/{name}", get<&Members::find>().named("member"));
    }

    [[nodiscard]] std::string list(Request& request) const {
        return std::string{*request.param("team")} + ": all";
    }
    [[nodiscard]] Status add() const noexcept { return Status::accepted; }
    [[nodiscard]] std::string find(Path<std::string> team, Path<std::string> name) const {
        return *team + ": " + *name;
    }
};

TEST(Controllers, NeedNoMacros) {
    const Application app = App::create().controller<Members>().build();
    EXPECT_EQ(answer(app, "/teams/red/members"), "200 red: all");
    EXPECT_EQ(answer(app, "/teams/red/members", Method::post), "202 ");
    EXPECT_EQ(answer(app, "/teams/red/members/ada"), "200 red: ada");
    EXPECT_EQ(app.url_for("member", {{"team", "red"}, {"name", "ada"}}).value(),
              "/teams/red/members/ada");
}

TEST(Controllers, StandInScopesAndInheritTheirLayers) {
    const Application app =
        App::create().service(scope("/api/v1").guard(Closed{}).controller<Members>()).build();
    EXPECT_EQ(app.handle(Request::get("/api/v1/teams/red/members")).status(), Status::forbidden);
}

TEST(Controllers, MemberFunctionsNeedTheApplicationsObject) {
    const Application app =
        App::create().data(Members{}).route("/add", get<&Members::add>()).build();
    EXPECT_EQ(answer(app, "/add"), "202 ");
    try {
        static_cast<void>(App::create().route("/add", get<&Members::add>()).build());
        FAIL() << "built";
    } catch (const BuildError& error) {
        EXPECT_THAT(error.what(), HasSubstr("GET /add"));
        EXPECT_THAT(error.what(), HasSubstr("Members"));
    }
}

TEST(Controllers, AreDescribedWithTheirGuards) {
    EXPECT_THAT(notes().describe(), HasSubstr("DELETE  /notes/{id}"));
    EXPECT_THAT(notes().describe(), HasSubstr("Closed > handler"));
}

} // namespace
} // namespace armature::test
