// The C++ of docs/openapi.md: compiled and run here, repeated there.
#include <armature/armature.hpp>
#include <armature/openapi/openapi.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace openapi_page {

using namespace armature;

struct Note {
    std::uint64_t id;
    std::string text;
};
ARMATURE_DESCRIBE(Note, id, text);

std::vector<Note> list_notes() { return {{1, "Buy milk"}}; }
Created<Note> add_note(Json<Note> note) { return Created{std::move(note).value()}; }
std::optional<Note> find_note(Path<std::uint64_t>) { return std::nullopt; }

// clang-format off
// [serve]
App make_app() {
    return App::create()
        .service(scope("/notes")
                     .tag("Notes")
                     .route("/", get(list_notes).summary("All notes").post(add_note).summary("Adds a note"))
                     .route("/{id:uint}", get(find_note).summary("One note")))
        .service(openapi({.title = "Notes", .version = "1.0.0"}));
}
// [/serve]
// clang-format on

// [route]
App described_app() {
    return App::create().route(
        "/notes/{id}", delete_([](Path<std::uint64_t>) {})
                           .summary("Removes a note")
                           .description("For good: there is **no** way back.")
                           .tag("Notes")
                           .operation_id("removeNote")
                           .document([](OperationInfo& operation) {
                               operation.error(Status::conflict).description = "It has replies";
                           }));
}
// [/route]

// [guard]
struct KeyGuard {
    void before(Request& request) const {
        if (request.header("x-api-key") != "open sesame") throw Error::unauthorized();
    }
    void document(OperationInfo& operation) const {
        operation.requires_security(SecurityScheme::api_key(ParameterIn::header, "X-API-Key"));
        operation.error(Status::unauthorized);
    }
};
// [/guard]

// [api]
OpenApi describe_api() {
    return {.title = "Notes",
            .version = "1.0.0",
            .license = {.name = "MIT", .identifier = "MIT"},
            .servers = {{"https://notes.example.com", "Production"}},
            .tags = {{"Notes", "What people wrote"}},
            .webhooks = {webhook<Note>("noteAdded", "A note was added")}};
}
// [/api]

// clang-format off
// [print]
int notes_main(int argc, const char* const argv[]) {
    const Application application = make_app().build();
    if (print_openapi(argc, argv, application, describe_api())) return 0; // --openapi, --openapi=yaml
    // … serve
    return 0;
}
// [/print]
// clang-format on

bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

TEST(OpenApiPage, ServesTheDocument) {
    const Application app = make_app().build();
    const Response document = app.handle(Request{Method::get, "/openapi.json"});
    EXPECT_TRUE(has(document.body().text(), R"("operationId":"postNotes")"));
    EXPECT_EQ(app.handle(Request{Method::get, "/docs"}).status(), Status::ok);
}

TEST(OpenApiPage, HasWhatRoutesGuardsAndTheApiSay) {
    const std::string routes = openapi_json(described_app().build(), describe_api());
    EXPECT_TRUE(has(routes, "It has replies"));
    EXPECT_TRUE(has(routes, "noteAdded"));
    const Application guarded =
        App::create().wrap(KeyGuard{}).route("/", get([] { return "x"; })).build();
    EXPECT_TRUE(has(openapi_yaml(guarded, describe_api()), "name: X-API-Key"));
    EXPECT_EQ(guarded.handle(Request{Method::get, "/"}).status(), Status::unauthorized);
}

TEST(OpenApiPage, PrintsTheDocument) {
    const char* const arguments[] = {"notes", "--openapi"};
    ::testing::internal::CaptureStdout();
    EXPECT_EQ(notes_main(2, arguments), 0);
    EXPECT_TRUE(has(::testing::internal::GetCapturedStdout(), R"("title": "Notes")"));
}

} // namespace openapi_page
