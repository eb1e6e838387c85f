// The C++ of docs/pipeline.md and docs/controllers.md: compiled and run here, repeated there.
#include <armature/app/controller.hpp>
#include <armature/armature.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace pipeline {

using namespace armature;

// [guard]
struct ApiKey {
    std::string key;

    void can_activate(Request& request) const {
        if (request.header("x-api-key") != key)
            throw Error::unauthorized("Send the key in X-Api-Key")
                .header("www-authenticate", "ApiKey");
    }
};

bool is_local(Request& request) { return request.peer().to_string().starts_with("127."); }
// [/guard]

// [interceptor]
struct Timing {
    Task<Response> operator()(Request& request, Next next) const {
        const std::int64_t start = steady_now();
        Response response = co_await next(request);
        response.header("server-timing", "handler;dur=" + std::to_string(steady_now() - start));
        co_return response;
    }
};
// [/interceptor]

// [pipe]
struct NewUser {
    std::string name;
    std::string email;
};
ARMATURE_DESCRIBE(NewUser, (name, min_length(1)), (email, format::email));

struct LowerCaseEmail {
    void operator()(NewUser& user) const {
        for (char& c : user.email)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
};
// [/pipe]

// [metadata]
struct Roles {
    std::vector<std::string> names;
};

struct HasRole {
    bool can_activate(Request& request) const {
        const Roles* wanted = request.metadata<Roles>();
        const auto role = request.header("x-role"); // stands for what your login knows
        return wanted != nullptr && role &&
               std::find(wanted->names.begin(), wanted->names.end(), *role) != wanted->names.end();
    }
};
// [/metadata]

// [filter]
struct OutOfStock : std::runtime_error {
    using std::runtime_error::runtime_error;
};

Error out_of_stock(const OutOfStock& error) { return Error::conflict(error.what()); }
// [/filter]

App app() {
    const auto create = [](const Json<NewUser>& user) { return user->email; };
    const auto buy = []() -> Status { throw OutOfStock{"No more of these"}; };
    const auto panel = [] { return "panel"; };
    App app = App::create();
    // [levels]
    app.intercept(Timing{})
        .route("/users", post(create).pipe(LowerCaseEmail{}))
        .route("/orders", post(buy).on_error(out_of_stock))
        .service(scope("/admin")
                     .guard(ApiKey{"secret"})
                     .guard(HasRole{})
                     .metadata(Roles{{"admin"}})
                     .route("/", get(panel))
                     .route("/log", get(panel).metadata(Roles{{"admin", "auditor"}})));
    // [/levels]
    return app;
}

TEST(PipelinePage, WorksAsWritten) {
    const Application built = app().build();
    const auto as = [&](std::string_view path, std::string_view role) {
        return built
            .handle(Request::get(path).set_header("x-api-key", "secret").set_header("x-role", role))
            .status();
    };
    const Response made = built.handle(
        Request::post("/users", R"({"name":"Ada","email":"Ada@Example.org"})", "application/json"));
    EXPECT_EQ(made.body().text(), "ada@example.org");
    EXPECT_TRUE(made.headers().contains("server-timing"));
    EXPECT_EQ(built.handle(Request{Method::post, "/orders"}).status(), Status::conflict);
    EXPECT_EQ(built.handle(Request::get("/admin")).status(), Status::unauthorized);
    EXPECT_EQ(as("/admin", "auditor"), Status::forbidden);
    EXPECT_EQ(as("/admin", "admin"), Status::ok);
    EXPECT_EQ(as("/admin/log", "auditor"), Status::ok);
    EXPECT_EQ(App::create()
                  .guard(is_local)
                  .route("/", get([] {}))
                  .build()
                  .handle(Request::get("/"))
                  .status(),
              Status::forbidden);
}

} // namespace pipeline

namespace controllers {

using namespace armature;

struct Note {
    std::uint64_t id;
    std::string text;
};
ARMATURE_DESCRIBE(Note, id, (text, max_length(1000)));
struct NewNote {
    std::string text;
};
ARMATURE_DESCRIBE(NewNote, (text, max_length(1000)));

struct Editors {
    bool can_activate(Request& request) const { return request.header("x-role") == "editor"; }
};

// [controller]
class Notes {
    ARMATURE_CONTROLLER(Notes, "/notes", .tags = {"notes"});

  public:
    explicit Notes(std::size_t capacity) : capacity_(capacity) {}

    ARMATURE_GET("/{id}", find, .summary = "One note");
    std::optional<Note> find(Path<std::uint64_t> id) const {
        return *id < notes_.size() ? std::optional{notes_[*id]} : std::nullopt;
    }

    ARMATURE_POST("/", add, .summary = "Adds a note", .status = Status::created,
                  .guards = guards(Editors{}));
    Note add(Json<NewNote> note) {
        if (notes_.size() == capacity_) throw Error::conflict("There is no room for another note");
        return notes_.emplace_back(Note{notes_.size(), note->text});
    }

    ARMATURE_END_CONTROLLER();

  private:
    std::size_t capacity_;
    std::vector<Note> notes_;
};
// [/controller]

TEST(ControllersPage, WorksAsWritten) {
    App app = App::create();
    // [register]
    app.service(scope("/api").controller<Notes>(100));
    // [/register]
    const Application built = app.build();
    EXPECT_EQ(built.handle(Request::get("/api/notes/0")).status(), Status::not_found);
    EXPECT_EQ(
        built.handle(Request::post("/api/notes", R"({"text":"x"})", "application/json")).status(),
        Status::forbidden);
    const Response made =
        built.handle(Request::post("/api/notes", R"({"text":"x"})", "application/json")
                         .set_header("x-role", "editor"));
    EXPECT_EQ(made.status(), Status::created);
    EXPECT_EQ(made.body().text(), R"({"id":0,"text":"x"})");
}

// [plain]
class Tags {
  public:
    static Scope routes() {
        return scope("/tags")
            .tag("notes")
            .route("/", get<&Tags::list>().summary("All tags"))
            .route("/{name}", put<&Tags::add>().guard(Editors{}));
    }

    std::vector<std::string> all;

    [[nodiscard]] Json<std::vector<std::string>> list() const { return Json{all}; }
    void add(Path<std::string> name) { all.push_back(*name); }
};
// [/plain]

TEST(ControllersPage, NeedsNoMacros) {
    const Application built = App::create().controller<Tags>().build();
    EXPECT_EQ(built.handle(Request{Method::put, "/tags/a"}).status(), Status::forbidden);
    Request put{Method::put, "/tags/a"};
    put.set_header("x-role", "editor");
    EXPECT_EQ(built.handle(std::move(put)).status(), Status::no_content);
    EXPECT_EQ(built.handle(Request::get("/tags")).body().text(), R"(["a"])");
}

} // namespace controllers
