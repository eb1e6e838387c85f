#include "app/support.hpp"

#include <chrono>

namespace armature {
namespace {

using test::answer;
using test::header;
using test::problem;
using namespace std::chrono_literals;

struct Noted {
    static constexpr std::string_view name = "noted";
    void before(Request&) const {}
};
struct Logged {
    static constexpr std::string_view name = "logged";
    void before(Request&) const {}
};

TEST(Routes, ServeTheMethodsOfAPath) {
    const Application app = App::create()
                                .route("/", get([] { return "get"; })
                                                .post([] { return "post"; })
                                                .put([] { return "put"; })
                                                .patch([] { return "patch"; })
                                                .delete_([] { return "delete"; })
                                                .options([] { return "options"; }))
                                .build();
    EXPECT_EQ(answer(app, "/", Method::get), "200 get");
    EXPECT_EQ(answer(app, "/", Method::post), "200 post");
    EXPECT_EQ(answer(app, "/", Method::put), "200 put");
    EXPECT_EQ(answer(app, "/", Method::patch), "200 patch");
    EXPECT_EQ(answer(app, "/", Method::delete_), "200 delete");
    EXPECT_EQ(answer(app, "/", Method::options), "200 options");
}

TEST(Routes, AnswerUnknownPathsWith404) {
    const Application app = App::create().route("/x", get([] { return "x"; })).build();
    for (const char* target : {"/", "/y", "/x/y", "/X", "", "*", "x", "http://host/x"}) {
        const Response response = app.handle(Request::get(target));
        EXPECT_EQ(response.status(), Status::not_found) << target;
        problem(response);
    }
}

TEST(Routes, AnswerOtherMethodsWith405AndSayWhichThereAre) {
    const Application app =
        App::create().route("/x", get([] { return "x"; }).post([] { return "y"; })).build();
    const Response response = app.handle(Request{Method::delete_, "/x"});
    EXPECT_EQ(response.status(), Status::method_not_allowed);
    EXPECT_EQ(header(response, "allow"), "GET, HEAD, POST, OPTIONS");
    problem(response);
}

TEST(Routes, AnswerOptionsByThemselves) {
    const Application app = App::create().route("/x", get([] { return "x"; })).build();
    const Response response = app.handle(Request{Method::options, "/x"});
    EXPECT_EQ(answer(response), "204 ");
    EXPECT_EQ(header(response, "allow"), "GET, HEAD, OPTIONS");
    EXPECT_EQ(app.handle(Request{Method::options, "*"}).status(), Status::no_content);
    EXPECT_EQ(app.handle(Request{Method::options, "/none"}).status(), Status::not_found);
}

TEST(Routes, AnswerHeadAsGetWithoutContent) {
    int calls = 0;
    const Application app = App::create()
                                .route("/x", get([&calls] {
                                           ++calls;
                                           return Response::text("content").header("x-a", "b");
                                       }))
                                .route("/stream", get([] {
                                           return Response::stream([](BodyWriter& out) -> Task<> {
                                               co_await out.write("x");
                                           });
                                       }))
                                .route("/own", head([] {
                                                   return Response{}.header("x-head", "own");
                                               }).get([] { return "get"; }))
                                .build();
    const Response response = app.handle(Request{Method::head, "/x"});
    EXPECT_EQ(answer(response), "200 ");
    EXPECT_EQ(header(response, "x-a"), "b");
    EXPECT_EQ(header(response, "content-type"), "text/plain; charset=utf-8");
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(answer(app, "/stream", Method::head), "200 ");
    EXPECT_EQ(header(app.handle(Request{Method::head, "/own"}), "x-head"), "own");
    EXPECT_EQ(answer(app, "/none", Method::head), "404 ");
}

TEST(Routes, ShareOneHandlerForAnyMethod) {
    int calls = 0;
    const Application app = App::create()
                                .route("/", any([&calls](const Request& request) {
                                                ++calls;
                                                return std::string{request.method_text()};
                                            }).post([] { return "own"; }))
                                .build();
    EXPECT_EQ(answer(app, "/", Method::get), "200 GET");
    EXPECT_EQ(answer(app, "/", Method::delete_), "200 DELETE");
    EXPECT_EQ(answer(app, "/", Method::options), "200 OPTIONS");
    EXPECT_EQ(answer(app, "/", Method::post), "200 own");
    Request purge{Method::other, "/"};
    purge.head().method_text = "PURGE";
    EXPECT_EQ(answer(app.handle(std::move(purge))), "200 PURGE");
    EXPECT_EQ(calls, 4);
}

TEST(Routes, DoNotKnowMethodsThatNobodyRegistered) {
    const Application app = App::create().route("/", get([] { return "x"; })).build();
    Request request{Method::other, "/"};
    request.head().method_text = "PURGE";
    EXPECT_EQ(app.handle(std::move(request)).status(), Status::not_implemented);
}

TEST(Routes, TakeMoreThanAFewMethods) {
    const Application app = App::create()
                                .route("/{id}", get([](Path<int>) { return "1"; })
                                                    .post([] { return "2"; })
                                                    .put([](Path<int>) { return "3"; })
                                                    .patch([] { return "4"; })
                                                    .delete_([](Path<int>) { return "5"; })
                                                    .any([] { return "6"; }))
                                .build();
    EXPECT_EQ(answer(app, "/1", Method::get), "200 1");
    EXPECT_EQ(answer(app, "/1", Method::post), "200 2");
    EXPECT_EQ(answer(app, "/1", Method::put), "200 3");
    EXPECT_EQ(answer(app, "/1", Method::patch), "200 4");
    EXPECT_EQ(answer(app, "/1", Method::delete_), "200 5");
    EXPECT_EQ(answer(app, "/1", Method::options), "200 6");
}

TEST(Routes, KnownOnlyAtRunTimeServeAsWell) {
    App app = App::create();
    std::string short_pattern = "/a";
    std::string long_pattern = "/a/path/that/is/long/{id}";
    app.route_at_runtime(short_pattern, get([] { return "short"; }))
        .route_at_runtime(long_pattern, get([](Path<int> id) { return std::to_string(*id); }));
    const Application built = app.build();
    EXPECT_EQ(answer(built, "/a"), "200 short");
    EXPECT_EQ(answer(built, "/a/path/that/is/long/7"), "200 7");
    const Application chained =
        App::create().route_at_runtime("/b", get([] { return "b"; })).build();
    EXPECT_EQ(answer(chained, "/b"), "200 b");
}

// --- scopes -------------------------------------------------------------------------------------

TEST(Scopes, ServeTheirOwnPathAndThoseBelow) {
    const Application app =
        App::create()
            .service(
                scope("/users")
                    .route("/", get([] { return "all"; }))
                    .route("/{id}", get([](Path<int> id) { return std::to_string(*id); }))
                    .service(
                        scope("/{id}/posts").route("/{post}", get([](Path<int> id, Path<int> post) {
                                                       return std::to_string(*id * *post);
                                                   }))))
            .build();
    EXPECT_EQ(answer(app, "/users"), "200 all");
    EXPECT_EQ(answer(app, "/users/3"), "200 3");
    EXPECT_EQ(answer(app, "/users/3/posts/4"), "200 12");
    EXPECT_EQ(app.handle(Request::get("/users/")).status(), Status::not_found);
}

TEST(Scopes, MayShareAPrefix) {
    const Application app = App::create()
                                .service(scope("/api").route("/a", get([] { return "a"; })))
                                .service(scope("/api").route("/b", get([] { return "b"; })))
                                .service(scope("/u/{id}").route("/a", get([] { return "ua"; })))
                                .service(scope("/u/{name}").route("/b", get([] { return "ub"; })))
                                .service(scope("/{rest}").route("/z", get([] { return "z"; })))
                                .build();
    EXPECT_EQ(answer(app, "/api/a"), "200 a");
    EXPECT_EQ(answer(app, "/api/b"), "200 b");
    EXPECT_EQ(answer(app, "/u/1/a"), "200 ua");
    EXPECT_EQ(answer(app, "/u/1/b"), "200 ub");
    EXPECT_EQ(answer(app, "/q/z"), "200 z");
    EXPECT_EQ(app.handle(Request::get("/api/c")).status(), Status::not_found);
}

TEST(Scopes, MayHaveADefaultService) {
    const Application app =
        App::create()
            .default_service(
                [](const Request& request) { return "root " + std::string{request.path()}; })
            .route("/x", get([] { return "x"; }))
            .service(scope("/late").default_service([]() -> Task<std::pair<Status, std::string>> {
                co_await yield();
                co_return std::pair{Status::not_found, std::string{"late"}};
            }))
            .service(scope("/inherits").route("/y", get([] { return "y"; })))
            .service(scope("/body").default_service(
                [](Bytes bytes) { return std::string{bytes.view()}; }))
            .build();
    EXPECT_EQ(answer(app, "/none"), "200 root /none");
    EXPECT_EQ(answer(app, "/late/none"), "404 late");
    EXPECT_EQ(answer(app, "/inherits/none"), "200 root /inherits/none");
    EXPECT_EQ(answer(app.handle(Request::post("/body/x", "content", "x/y"))), "200 content");
    EXPECT_EQ(app.handle(Request{Method::post, "/x"}).status(), Status::method_not_allowed)
        << "the path is there: it is not unmatched";
}

// --- paths --------------------------------------------------------------------------------------

TEST(Paths, AreDecodedOnce) {
    const Application app = App::create()
                                .route("/a b/{x}", get([](Path<std::string> x) { return *x; }))
                                .route("/file/{x}", get([](Path<std::string> x) { return *x; }))
                                .build();
    EXPECT_EQ(answer(app, "/a%20b/c%2541"), "200 c%41");
    EXPECT_EQ(answer(app, "/%61%20b/%e2%82%ac"), "200 \xE2\x82\xAC");
    EXPECT_EQ(answer(app, "/file/a+b"), "200 a+b") << "a plus is a plus in a path";
    EXPECT_EQ(answer(app, "/file/%252e%252e"), "200 %2e%2e");
    EXPECT_EQ(answer(app, "/file/%252Fx"), "200 %2Fx");
}

TEST(Paths, WithMalformedEncodingAreRefused) {
    const Application app =
        App::create().route("/{x}", get([](Path<std::string> x) { return *x; })).build();
    for (const char* target : {"/%", "/%2", "/%zz", "/a%", "/%2g", "/%00", "/a%00b", "/%%41"}) {
        const Response response = app.handle(Request::get(target));
        EXPECT_EQ(response.status(), Status::bad_request) << target;
        problem(response);
    }
}

TEST(Paths, LoseTheirDotSegments) {
    const Application app = App::create()
                                .route("/", get([] { return "root"; }))
                                .route("/a", get([] { return "a"; }))
                                .route("/a/", get([] { return "a/"; }))
                                .route("/a/b", get([] { return "b"; }))
                                .route("/.hidden", get([] { return "hidden"; }))
                                .route("/a/b.txt", get([] { return "text"; }))
                                .build();
    EXPECT_EQ(answer(app, "/a/./b"), "200 b");
    EXPECT_EQ(answer(app, "/x/../a/b"), "200 b");
    EXPECT_EQ(answer(app, "/x/%2e%2e/a/%2E/b"), "200 b");
    EXPECT_EQ(answer(app, "/a/b/.."), "200 a/");
    EXPECT_EQ(answer(app, "/../../a"), "200 a");
    EXPECT_EQ(answer(app, "/.."), "200 root");
    EXPECT_EQ(answer(app, "/.hidden"), "200 hidden");
    EXPECT_EQ(answer(app, "/a/b.txt"), "200 text");
    EXPECT_EQ(app.handle(Request::get("/a/...")).status(), Status::not_found);
}

TEST(Paths, KeepEncodedSlashesInsideOfTheirSegment) {
    const Application app =
        App::create()
            .route("/files/{name}", get([](Path<std::string> name) { return *name; }))
            .route("/secret", get([] { return "secret"; }))
            .build();
    EXPECT_EQ(answer(app, "/files/..%2Fsecret"), "200 ../secret");
    EXPECT_EQ(app.handle(Request::get("/files%2Fx")).status(), Status::not_found);
}

TEST(Paths, EndInASlashOrNot) {
    const auto build = [](TrailingSlash policy) {
        return App::create()
            .trailing_slash(policy)
            .route("/a", get([] { return "a"; }))
            .route("/b/", get([] { return "b"; }))
            .build();
    };
    const Application strict = build(TrailingSlash::strict);
    EXPECT_EQ(answer(strict, "/a"), "200 a");
    EXPECT_EQ(strict.handle(Request::get("/a/")).status(), Status::not_found);
    EXPECT_EQ(strict.handle(Request::get("/b")).status(), Status::not_found);

    const Application ignore = build(TrailingSlash::ignore);
    EXPECT_EQ(answer(ignore, "/a/"), "200 a");
    EXPECT_EQ(answer(ignore, "/b"), "200 b");

    const Application redirect = build(TrailingSlash::redirect);
    const Response shorter = redirect.handle(Request::get("/a/?x=1&y=%20"));
    EXPECT_EQ(shorter.status(), Status::permanent_redirect);
    EXPECT_EQ(header(shorter, "location"), "/a?x=1&y=%20");
    EXPECT_EQ(header(redirect.handle(Request::get("/b")), "location"), "/b/");
    EXPECT_EQ(redirect.handle(Request{Method::post, "/b"}).status(), Status::permanent_redirect);
    EXPECT_EQ(redirect.handle(Request::get("/c/")).status(), Status::not_found);
}

TEST(Paths, RedirectToNoOtherSite) {
    const Application app =
        App::create()
            .trailing_slash(TrailingSlash::redirect)
            .route("/{a}", get([](Path<std::string> a) { return *a; }))
            .route("/{a}/{b}/",
                   get([](Path<std::string> a, Path<std::string> b) { return *a + *b; }))
            .route("/files/*rest", get([](Path<std::string> rest) { return *rest; }))
            .build();
    for (const char* target :
         {"//evil.com", "//evil.com/", "/\\evil.com/", "/\\\\evil.com/", "/%5Cevil.com/",
          "/%5cevil.com/", "/%2Fevil.com/", "/%2F%2Fevil.com/", "/.//evil.com", "/.//evil.com/",
          "/x/..//evil.com", "/\t/evil.com/", "/%09/evil.com", "///evil.com", "/%2e//evil.com/",
          "http://evil.com/", "//evil.com/%2e%2e/", "/\\/evil.com"}) {
        const Response response = app.handle(Request::get(target));
        const std::string location = header(response, "location");
        if (location == "(none)") continue;
        EXPECT_EQ(location[0], '/') << target;
        EXPECT_NE(location[1], '/') << target << " -> " << location;
        EXPECT_EQ(location.find_first_of("\\\t\r\n"), std::string::npos)
            << target << " -> " << location;
    }
    EXPECT_EQ(header(app.handle(Request::get("/a%20b/")), "location"), "/a%20b");
    EXPECT_EQ(header(app.handle(Request::get("/a%2Fb/")), "location"), "/a%2Fb");
    EXPECT_EQ(header(app.handle(Request::get("/x/./y")), "location"), "/x/y/");
}

// --- for people ---------------------------------------------------------------------------------

TEST(Application, FindsThePathOfANamedRoute) {
    const Application app =
        App::create()
            .service(scope("/api").route("/users/{id}",
                                         get([](Path<int>) { return "x"; }).named("user")))
            .build();
    EXPECT_EQ(app.url_for("user", {{"id", "7"}}).value(), "/api/users/7");
    EXPECT_EQ(app.url_for("user", {{"id", "a/b c"}}).value(), "/api/users/a%2Fb%20c");
    EXPECT_FALSE(app.url_for("user"));
    EXPECT_FALSE(app.url_for("nobody"));
}

TEST(Application, DescribesItself) {
    const Application app =
        App::create()
            .wrap(Logged{})
            .body_limit(2 * 1024 * 1024)
            .route("/", get([] { return "x"; }))
            .service(scope("/api")
                         .timeout(5s)
                         .wrap(Noted{})
                         .route("/users/{id}", any([](Path<int>) { return "x"; })
                                                   .body_limit(100)
                                                   .timeout(250ms)
                                                   .wrap(Noted{}))
                         .route("/short", delete_([] {}).body_limit(10 * 1024)))
            .build();
    std::string text = app.describe();
    for (std::size_t at = 0; (at = text.find("test_routes.cpp:", at)) != std::string::npos;) {
        at += 16; // the lines move as this file does
        text.erase(at, text.find(')', at) - at);
    }
    EXPECT_EQ(text,
              "GET     /                logged > handler  body <= 2 MiB, time-out none"
              "  (test_routes.cpp:)\n"
              "ANY     /api/users/{id}  logged > noted > noted > handler  body <= 100 B, time-out "
              "250 ms  (test_routes.cpp:)\n"
              "DELETE  /api/short       logged > noted > handler  body <= 10 KiB, time-out 5000 ms"
              "  (test_routes.cpp:)\n");
}

} // namespace
} // namespace armature
