#include "app/support.hpp"

#include <armature/app/patch.hpp>
#include <armature/json/schema.hpp>

#include <cstdint>
#include <optional>

namespace armature {

struct Stamp {
    std::string by;
};
ARMATURE_DESCRIBE(Stamp, by);

struct Note {
    std::int64_t id = 0;
    std::string title;
    std::optional<std::string> text;
    int stars = 3;
    std::vector<std::string> tags;
    Stamp stamp;
};
ARMATURE_DESCRIBE(Note, (id, read_only), (title, min_length(1), max_length(10)), text,
                  (stars, defaulted, max(5)), tags, (stamp, read_only));

namespace {

using test::answer;
using test::problem;

Note original() { return {7, "Old", "Its text", 4, {"a", "b"}, {"ann"}}; }

Application notes() {
    return App::create()
        .route("/note", patch([](Patch<Note> changes) { return changes.applied_to(original()); }))
        .build();
}

Response patched(std::string_view content, std::string_view type = "application/merge-patch+json") {
    const Application app = notes();
    Request request{Method::patch, "/note"};
    request.set_header("content-type", type);
    request.set_body(std::string{content});
    return app.handle(std::move(request));
}

TEST(Patch, ChangesTheMembersThatAreThere) {
    EXPECT_EQ(answer(patched("{}")),
              R"(200 {"id":7,"title":"Old","text":"Its text","stars":4,"tags":["a","b"],)"
              R"("stamp":{"by":"ann"}})");
    EXPECT_EQ(answer(patched(R"({"title":"New","tags":["c"]})", "application/json")),
              R"(200 {"id":7,"title":"New","text":"Its text","stars":4,"tags":["c"],)"
              R"("stamp":{"by":"ann"}})");
}

TEST(Patch, TakesAwayByNullWhatMayBeAbsent) {
    EXPECT_EQ(answer(patched(R"({"text":null})")),
              R"(200 {"id":7,"title":"Old","stars":4,"tags":["a","b"],"stamp":{"by":"ann"}})");
    for (const char* wrong : {R"({"title":null})", R"({"stars":null})"})
        EXPECT_EQ(patched(wrong).status(), Status::unprocessable_content) << wrong;
}

TEST(Patch, IgnoresWhatIsReadOnlyOrUnknown) {
    EXPECT_EQ(answer(patched(R"({"id":9,"stamp":{"by":"eve"},"other":1})")), answer(patched("{}")));
}

TEST(Patch, IsCheckedByTheRulesOfItsMembers) {
    const auto document = problem(patched(R"({"title":"","stars":9,"text":5})"));
    EXPECT_EQ(document["status"], 422);
    ASSERT_EQ(document["errors"].size(), 3U);
    EXPECT_EQ(document["errors"][0]["pointer"], "/title");
    EXPECT_EQ(patched("[]").status(), Status::unprocessable_content);
    EXPECT_EQ(patched(R"({"title":"a","title":"b"})").status(), Status::unprocessable_content);
    EXPECT_EQ(patched("{").status(), Status::bad_request);
    EXPECT_EQ(patched("{} {}").status(), Status::bad_request);
    EXPECT_EQ(patched("{}", "text/plain").status(), Status::unsupported_media_type);
}

TEST(Patch, IsDescribedAsItsTypeWithNothingRequired) {
    JsonSchemas schemas{"#/", SchemaUse::input};
    EXPECT_EQ(schemas.schema_of(Patch<Note>::type()), R"({"$ref":"#/NotePatch"})");
    ASSERT_FALSE(schemas.named().empty());
    const auto schema = nlohmann::json::parse(schemas.named()[0].schema);
    EXPECT_FALSE(schema.contains("required"));
    EXPECT_EQ(schema["properties"]["title"]["minLength"], 1);
    EXPECT_FALSE(schema["properties"]["stars"].contains("default"));
    EXPECT_FALSE(schema["properties"].contains("id"));

    const std::vector<OperationInfo> operations = notes().operations();
    ASSERT_EQ(operations.size(), 1U);
    ASSERT_EQ(operations[0].body.size(), 2U);
    EXPECT_EQ(operations[0].body[0].media_type, "application/merge-patch+json");
    EXPECT_EQ(operations[0].body[1].media_type, "application/json");
}

} // namespace
} // namespace armature
