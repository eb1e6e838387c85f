// The program of README.md, which rest.cpp is as it stands; here its application is called.
#define main rest_main
#include "rest.cpp"
#undef main

#include <gtest/gtest.h>

namespace {

TEST(ReadmePage, CreatesAndFindsANote) {
    const Application app = make_app().build();
    const Response created =
        app.handle(Request::post("/notes", R"({"title":"Milk"})", "application/json"));
    EXPECT_EQ(created.status(), Status::created);
    EXPECT_EQ(created.body().text(), R"({"id":1,"title":"Milk"})");
    EXPECT_EQ(app.handle(Request::get("/notes/1")).body().text(), created.body().text());
    EXPECT_EQ(app.handle(Request::get("/notes/2")).status(), Status::not_found);
    EXPECT_EQ(app.handle(Request::get("/notes/x")).status(), Status::bad_request);
    EXPECT_EQ(app.handle(Request::post("/notes", "{", "application/json")).status(),
              Status::bad_request);
    EXPECT_EQ(app.handle(Request::post("/notes", "{}", "text/plain")).status(),
              Status::unsupported_media_type);
    EXPECT_EQ(app.handle(Request{Method::put, "/notes"}).headers().get(Field::allow),
              "POST, OPTIONS");
}

TEST(ReadmePage, RefusesANoteWithoutTitle) {
    const Application app = make_app().build();
    const Response refused =
        app.handle(Request::post("/notes", R"({"title":""})", "application/json"));
    EXPECT_EQ(refused.status(), Status::unprocessable_content);
    EXPECT_EQ(refused.body().text(),
              R"({"type":"about:blank","title":"Unprocessable Content","status":422,)"
              R"("detail":"The content breaks the rules of this operation",)"
              R"("errors":[{"pointer":"/title","detail":"must have at least 1 character"}]})");
}

} // namespace
