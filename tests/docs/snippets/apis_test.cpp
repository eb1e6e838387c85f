// The C++ of docs/apis.md: compiled and run here, repeated there.
#include <armature/app/conditional.hpp>
#include <armature/app/negotiate.hpp>
#include <armature/app/page.hpp>
#include <armature/app/patch.hpp>
#include <armature/armature.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>

namespace apis {

using namespace armature;

struct User {
    std::uint64_t id;
    std::string name;
};
ARMATURE_DESCRIBE(User, id, name);

std::vector<User> some_users(std::uint64_t offset, std::uint64_t limit) {
    std::vector<User> users;
    for (std::uint64_t i = offset; i < std::min<std::uint64_t>(offset + limit, 5); ++i)
        users.push_back({i + 1, "User " + std::to_string(i + 1)});
    return users;
}

// [page]
Page<User> list_users(Query<PageRequest> page) {
    const std::uint64_t total = 5;
    return Page{some_users(page->offset(), page->limit), *page, total};
}
// [/page]

// [cursor]
std::uint64_t id_in(const std::string& cursor) {
    std::uint64_t id = 0;
    const auto [end, error] = std::from_chars(cursor.data(), cursor.data() + cursor.size(), id);
    if (error != std::errc{} || *end != '\0') throw Error::bad_request("This is no cursor");
    return id;
}

CursorPage<User> list_from(Query<CursorRequest> request) {
    const std::uint64_t after = request->cursor ? id_in(*request->cursor) : 0;
    std::vector<User> users = some_users(after, request->limit);
    std::optional<std::string> next;
    if (users.size() == request->limit) next = std::to_string(users.back().id);
    return CursorPage{std::move(users), std::move(next)};
}
// [/cursor]

// [patch]
User rename_user(Path<std::uint64_t> id, Patch<User> changes) {
    const User original{*id, "Ada"};
    return changes.applied_to(original); // 422 with all faults
}
// [/patch]

// [negotiate]
Response show(const Request& request) {
    const User user{1, "Ada"};
    return negotiate(request)
        .offer("application/json", [&] { return to_json(user); })
        .offer("text/csv; charset=utf-8",
               [&] { return std::to_string(user.id) + ',' + user.name + "\r\n"; })
        .respond();
}
// [/negotiate]

struct Document {
    std::string text = "first";
    std::uint64_t revision = 1;
};

// [etag]
std::string tag_of(const Document& document) {
    return '"' + std::to_string(document.revision) + '"';
}

Tagged<std::string> read_document(State<Document> document) {
    return Tagged{document->text, tag_of(*document)};
}

Status replace_document(const Request& request, Bytes text, State<Document> document) {
    const std::string tag = tag_of(*document);
    Validators current;
    current.etag = tag;
    require_preconditions(request, current, IfMatch::required);
    document->text = text.view();
    ++document->revision;
    return Status::no_content;
}
// [/etag]

std::string answer(const Response& response) {
    return std::to_string(status_code(response.status())) + ' ' +
           std::string{response.body().text()};
}

TEST(ApisPage, HasPages) {
    const Application app =
        App::create().route("/users", get(list_users)).route("/from", get(list_from)).build();
    const Response page = app.handle(Request::get("/users?page=2&limit=2"));
    EXPECT_EQ(answer(page), R"(200 [{"id":3,"name":"User 3"},{"id":4,"name":"User 4"}])");
    EXPECT_EQ(page.headers().get(Field::link),
              "</users?page=1&limit=2>; rel=\"first\", </users?page=1&limit=2>; rel=\"prev\", "
              "</users?page=3&limit=2>; rel=\"next\", </users?page=3&limit=2>; rel=\"last\"");
    const Response from = app.handle(Request::get("/from?limit=2&cursor=2"));
    EXPECT_EQ(from.headers().get(Field::link),
              "</from?limit=2>; rel=\"first\", </from?limit=2&cursor=4>; rel=\"next\"");
    EXPECT_EQ(app.handle(Request::get("/from?cursor=4x")).status(), Status::bad_request);
}

TEST(ApisPage, ChangesAPart) {
    const Application app = App::create().route("/users/{id}", patch(rename_user)).build();
    Request request{Method::patch, "/users/1"};
    request.set_header("content-type", "application/merge-patch+json");
    request.set_body(std::string{R"({"name":"Grace"})"});
    EXPECT_EQ(answer(app.handle(std::move(request))), R"(200 {"id":1,"name":"Grace"})");
}

TEST(ApisPage, ChoosesForms) {
    const Application app = App::create().route("/", get(show)).build();
    EXPECT_EQ(answer(app.handle(Request::get("/"))), R"(200 {"id":1,"name":"Ada"})");
    EXPECT_EQ(answer(app.handle(Request::get("/").set_header("accept", "text/csv"))),
              "200 1,Ada\r\n");
    EXPECT_EQ(app.handle(Request::get("/").set_header("accept", "image/png")).status(),
              Status::not_acceptable);
}

TEST(ApisPage, ProtectsChanges) {
    const Application app =
        App::create().data(Document{}).route("/", get(read_document).put(replace_document)).build();
    EXPECT_EQ(app.handle(Request::get("/").set_header("if-none-match", "\"1\"")).status(),
              Status::not_modified);
    const auto put = [&](std::string_view tag) {
        Request request = Request::get("/");
        request.head().method = Method::put;
        request.set_body(std::string{"second"});
        if (!tag.empty()) request.set_header("if-match", tag);
        return app.handle(std::move(request)).status();
    };
    EXPECT_EQ(put(""), Status::precondition_required);
    EXPECT_EQ(put("\"0\""), Status::precondition_failed);
    EXPECT_EQ(put("\"1\""), Status::no_content);
    EXPECT_EQ(put("\"1\""), Status::precondition_failed);
    EXPECT_EQ(answer(app.handle(Request::get("/"))), "200 second");
}

TEST(ApisPage, TagsByContent) {
    App app = App::create();
    // [auto]
    app.wrap(AutoETag{});
    // [/auto]
    app.route("/", get([] { return "text"; }));
    const Application built = app.build();
    const std::string tag{*built.handle(Request::get("/")).headers().get(Field::etag)};
    EXPECT_EQ(built.handle(Request::get("/").set_header("if-none-match", tag)).status(),
              Status::not_modified);
}

TEST(ApisPage, HasVersions) {
    const auto list = [] { return "list"; };
    const auto list_with_names = [] { return "names"; };
    const auto show_user = [](Path<int>) { return "user"; };
    App app = App::create();
    // [versions]
    app.versioning(Versioning::header("API-Version").default_version("1"));
    app.service(scope("/users").version("1").route("/", get(list)).route("/{id}", get(show_user)));
    app.service(scope("/users").version("2").route("/", get(list_with_names)));
    // [/versions]
    const Application built = app.build();
    EXPECT_EQ(answer(built.handle(Request::get("/users"))), "200 list");
    EXPECT_EQ(answer(built.handle(Request::get("/users").set_header("api-version", "2"))),
              "200 names");
    EXPECT_EQ(built.handle(Request::get("/users").set_header("api-version", "3")).status(),
              Status::bad_request);
}

} // namespace apis
