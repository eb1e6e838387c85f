// The C++ of docs/middleware.md: compiled and run here, repeated there.
#include <armature/armature.hpp>

#include <gtest/gtest.h>

namespace middleware {

using namespace armature;

// [hooks]
struct RequireToken {
    std::string token;

    std::optional<Response> before(Request& request) const {
        if (request.header(Field::authorization) == "Bearer " + token) return std::nullopt;
        throw Error::unauthorized("Send the token").header("www-authenticate", "Bearer");
    }
};

struct NoSniff {
    static constexpr std::string_view name = "no-sniff";

    void after(Request&, Response& response) const {
        response.header("x-content-type-options", "nosniff");
    }
};
// [/hooks]

// [around]
struct RetryOnce {
    Task<Response> operator()(Request& request, Next next) const {
        Response response = co_await next(request);
        if (response.status() == Status::service_unavailable) {
            co_await sleep_for(Duration::milliseconds(10));
            response = co_await next(request);
        }
        co_return response;
    }
};
// [/around]

TEST(MiddlewarePage, HooksGuardAndDecorate) {
    const auto home = [] { return "open"; };
    const auto panel = [] { return "closed"; };
    App app = App::create();
    // [wrap]
    app.wrap(NoSniff{})
        .route("/", get(home))
        .service(scope("/admin").wrap(RequireToken{"secret"}).route("/", get(panel)));
    // [/wrap]
    const Application built = app.build();
    const Response refused = built.handle(Request::get("/admin"));
    EXPECT_EQ(refused.status(), Status::unauthorized);
    EXPECT_EQ(refused.headers().get(Field::www_authenticate), "Bearer");
    EXPECT_EQ(refused.headers().get("x-content-type-options"), "nosniff");
    EXPECT_EQ(built.handle(Request::get("/admin/nothing")).status(), Status::unauthorized);
    EXPECT_EQ(built.handle(Request::get("/")).body().text(), "open");
    EXPECT_EQ(built.handle(Request::get("/admin").set_header("authorization", "Bearer secret"))
                  .body()
                  .text(),
              "closed");
}

TEST(MiddlewarePage, AroundMayRunTheRestAgain) {
    int calls = 0;
    const Application app = App::create()
                                .wrap(RetryOnce{})
                                .route("/", get([&calls] {
                                           if (++calls == 1) throw Error::unavailable();
                                           return "second";
                                       }))
                                .build();
    EXPECT_EQ(app.handle(Request::get("/")).body().text(), "second");
    EXPECT_EQ(calls, 2);
}

// [short_circuit]
struct Maintenance {
    std::optional<Response> before(Request& request) const {
        if (request.path() == "/health") return std::nullopt;
        return Response::problem(Status::service_unavailable, "Back at noon")
            .header("retry-after", "3600");
    }
};
// [/short_circuit]

TEST(MiddlewarePage, BeforeMayAnswer) {
    const Application app = App::create()
                                .wrap(Maintenance{})
                                .route("/health", get([] { return "ok"; }))
                                .route("/", get([] { return "never"; }))
                                .build();
    EXPECT_EQ(app.handle(Request::get("/health")).body().text(), "ok");
    const Response answer = app.handle(Request::get("/"));
    EXPECT_EQ(answer.status(), Status::service_unavailable);
    EXPECT_EQ(answer.headers().get(Field::retry_after), "3600");
}

// [pass]
struct CurrentUser {
    std::string name;
};

struct Identify {
    void before(Request& request) const {
        if (const auto user = request.header("x-user"))
            request.set(CurrentUser{std::string{*user}});
    }
};

std::string whoami(Request& request) {
    const CurrentUser* user = request.find<CurrentUser>();
    return user != nullptr ? user->name : "nobody";
}
// [/pass]

TEST(MiddlewarePage, ValuesTravelWithTheRequest) {
    const Application app = App::create().wrap(Identify{}).route("/", get(whoami)).build();
    EXPECT_EQ(app.handle(Request::get("/").set_header("x-user", "Ada")).body().text(), "Ada");
    EXPECT_EQ(app.handle(Request::get("/")).body().text(), "nobody");
}

// [order]
using Trace = std::vector<std::string>;

struct Mark {
    Trace* trace;
    const char* text;
    void before(Request&) const { trace->push_back(std::string{text} + " in"); }
    void after(Request&, Response&) const { trace->push_back(std::string{text} + " out"); }
};

App marked(Trace& trace) {
    const auto handler = [&trace] { trace.push_back("handler"); };
    return App::create()
        .wrap(Mark{&trace, "app"})
        .service(scope("/a")
                     .wrap(Mark{&trace, "scope"})
                     .route("/b", get(handler).wrap(Mark{&trace, "path"})));
}
// [/order]

TEST(MiddlewarePage, RunsInTheOrderWritten) {
    Trace trace;
    const Application app = marked(trace).build();
    static_cast<void>(app.handle(Request::get("/a/b")));
    EXPECT_EQ(trace, (Trace{"app in", "scope in", "path in", "handler", "path out", "scope out",
                            "app out"}));
    trace.clear();
    EXPECT_EQ(app.handle(Request::get("/a/none")).status(), Status::not_found);
    EXPECT_EQ(trace, (Trace{"app in", "scope in", "scope out", "app out"}));
    trace.clear();
    EXPECT_EQ(app.handle(Request{Method::put, "/a/b"}).status(), Status::method_not_allowed);
    EXPECT_EQ(trace, (Trace{"app in", "scope in", "scope out", "app out"}));
    trace.clear();
    EXPECT_EQ(app.handle(Request{Method::options, "/a/b"}).status(), Status::no_content);
    EXPECT_EQ(trace, (Trace{"app in", "scope in", "scope out", "app out"}));
    trace.clear();
    EXPECT_EQ(app.handle(Request::get("/none")).status(), Status::not_found);
    EXPECT_EQ(trace, (Trace{"app in", "app out"}));
}

struct Refuse {
    Trace* trace;
    std::optional<Response> before(Request&) const {
        trace->push_back("refused");
        return Response{Status::forbidden};
    }
    void after(Request&, Response&) const { trace->push_back("never"); }
};

TEST(MiddlewarePage, OneThatAnswersHasNoAfter) {
    Trace trace;
    const Application app = App::create()
                                .wrap(Mark{&trace, "outer"})
                                .wrap(Refuse{&trace})
                                .wrap(Mark{&trace, "inner"})
                                .route("/", get([] { return ""; }))
                                .build();
    EXPECT_EQ(app.handle(Request::get("/")).status(), Status::forbidden);
    EXPECT_EQ(trace, (Trace{"outer in", "refused", "outer out"}));
}

} // namespace middleware
