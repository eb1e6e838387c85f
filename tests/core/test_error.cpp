#include <armature/core/error.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <stdexcept>
#include <string>
#include <utility>

namespace armature {
namespace {

using nlohmann::json;

TEST(Error, IsAProblemDetailsDocument) {
    const Error error = Error::conflict("The name is taken")
                            .type("https://example.com/taken")
                            .title("Taken")
                            .add("/name", "is taken")
                            .add("/email", "is taken too");
    EXPECT_EQ(error.to_json(false),
              R"({"type":"https://example.com/taken","title":"Taken","status":409,)"
              R"("detail":"The name is taken","errors":[{"pointer":"/name","detail":"is taken"},)"
              R"({"pointer":"/email","detail":"is taken too"}]})");
}

TEST(Error, NeedsNothingButAStatus) {
    EXPECT_EQ(Error{Status::not_found}.to_json(false),
              R"({"type":"about:blank","title":"Not Found","status":404})");
}

TEST(Error, HidesTheDetailsOf5xxUnlessTold) {
    const Error error = Error::internal("password=secret in db.cpp").add("/x", "secret too");
    const std::string hidden = error.to_json(false);
    EXPECT_EQ(hidden, R"({"type":"about:blank","title":"Internal Server Error","status":500})");
    const json revealed = json::parse(error.to_json(true));
    EXPECT_EQ(revealed["detail"], "password=secret in db.cpp");
    EXPECT_EQ(revealed["errors"].size(), 1u);
    EXPECT_TRUE(json::parse(Error::bad_request("shown").to_json(false)).contains("detail"));
}

TEST(Error, EscapesWhatJsonCannotHold) {
    std::string text = "quote \" backslash \\ newline \n tab \t nul ";
    text += '\0';
    text += " unit \x1f delete \x7f slash / euro \xE2\x82\xAC face \xF0\x9F\x98\x80";
    const json parsed = json::parse(Error::bad_request(text).add(text, text).to_json(false));
    EXPECT_EQ(parsed["detail"].get<std::string>(), text);
    EXPECT_EQ(parsed["errors"][0]["pointer"].get<std::string>(), text);
    EXPECT_EQ(parsed["errors"][0]["detail"].get<std::string>(), text);
}

TEST(Error, ReplacesBytesThatAreNoUtf8) {
    const std::string replacement = "\xEF\xBF\xBD";
    const std::pair<std::string, int> cases[] = {
        {"\xff", 1},             // never in UTF-8
        {"\x80", 1},             // a continuation without a start
        {"\xC0\xAF", 2},         // an overlong slash
        {"\xE0\x80\x80", 3},     // overlong
        {"\xED\xA0\x80", 3},     // a surrogate
        {"\xF4\x90\x80\x80", 4}, // above U+10FFFF
        {"\xF0\x80\x80\x80", 4}, // overlong
        {"\xF5\x80\x80\x80", 4},
        {"\xE2\x82", 1}, // one that is cut short
        {"\xC3", 1},
    };
    for (const auto& [bytes, count] : cases) {
        std::string expected = "a";
        for (int i = 0; i < count; ++i)
            expected += replacement;
        const Error at_end = Error::bad_request("a" + bytes);
        const Error inside = Error::bad_request("a" + bytes + "z").title("t" + bytes);
        json parsed;
        ASSERT_NO_THROW(parsed = json::parse(at_end.to_json(false))) << bytes.size();
        EXPECT_EQ(parsed["detail"].get<std::string>(), expected);
        ASSERT_NO_THROW(parsed = json::parse(inside.to_json(false)));
        EXPECT_EQ(parsed["detail"].get<std::string>(), expected + "z");
    }
}

TEST(Error, KeepsEveryLimitOfUtf8) {
    for (const char* text :
         {"\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
          "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"})
        EXPECT_EQ(json::parse(Error::bad_request(text).to_json(false))["detail"].get<std::string>(),
                  text);
}

TEST(Error, SaysWhatItIs) {
    EXPECT_STREQ(Error::forbidden("Not yours").what(), "Not yours");
    EXPECT_STREQ(Error::forbidden().what(), "Forbidden");
    EXPECT_STREQ(Error{Status::forbidden}.title("Go away").what(), "Go away");
    EXPECT_STRNE(Error{static_cast<Status>(599)}.what(), nullptr);
    EXPECT_TRUE(json::accept(Error{static_cast<Status>(599)}.to_json(true)));
}

TEST(Error, HasAShortNameForEachUsualStatus) {
    EXPECT_EQ(Error::bad_request().status(), Status::bad_request);
    EXPECT_EQ(Error::unauthorized().status(), Status::unauthorized);
    EXPECT_EQ(Error::forbidden().status(), Status::forbidden);
    EXPECT_EQ(Error::not_found().status(), Status::not_found);
    EXPECT_EQ(Error::conflict().status(), Status::conflict);
    EXPECT_EQ(Error::unprocessable().status(), Status::unprocessable_content);
    EXPECT_EQ(Error::internal().status(), Status::internal_server_error);
    EXPECT_EQ(Error::unavailable().status(), Status::service_unavailable);
}

TEST(Error, CopiesAreIndependent) {
    Error first = Error::conflict("one").header("retry-after", "1");
    Error second = first;
    second.add("/x", "y").header("retry-after", "2");
    EXPECT_TRUE(first.items().empty());
    EXPECT_EQ(first.headers().size(), 1u);
    EXPECT_EQ(second.headers().size(), 2u);
    first = second;
    EXPECT_EQ(first.items().size(), 1u);
    second = std::move(first);
    first = Error::not_found();
    EXPECT_EQ(second.items().size(), 1u);
}

TEST(Error, RefusesLineBreaksInFields) {
    EXPECT_THROW(static_cast<void>(Error::conflict().header("a", "b\r\nc: d")),
                 std::invalid_argument);
}

} // namespace
} // namespace armature
