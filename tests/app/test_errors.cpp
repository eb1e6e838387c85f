#include "app/support.hpp"

#include <stdexcept>

namespace armature {
namespace {

using test::answer;
using test::header;
using test::problem;

struct DbTimeout : std::runtime_error {
    using std::runtime_error::runtime_error;
};

TEST(Errors, BecomeProblemDetails) {
    const Application app = test::serving("/", []() -> std::string {
        throw Error::conflict("Taken").type("urn:taken").header("retry-after", "3");
    });
    const Response response = app.handle(Request::get("/"));
    EXPECT_EQ(response.status(), Status::conflict);
    EXPECT_EQ(header(response, "retry-after"), "3");
    EXPECT_EQ(problem(response)["type"], "urn:taken");
    EXPECT_EQ(problem(response)["detail"], "Taken");
}

TEST(Errors, HideWhatTheServerDidWrong) {
    const auto build = [](bool development) {
        return App::create()
            .development(development)
            .route("/error", get([]() -> std::string { throw Error::internal("secret"); }))
            .route("/exception", get([]() -> std::string { throw std::runtime_error("secret"); }))
            .route("/number", get([]() -> std::string { throw 3; }))
            .route("/late", get([]() -> Task<std::string> {
                       co_await yield();
                       throw std::runtime_error("secret");
                   }))
            .build();
    };
    const Application production = build(false);
    const Application development = build(true);
    for (const char* target : {"/error", "/exception", "/number", "/late"}) {
        const Response hidden = production.handle(Request::get(target));
        EXPECT_EQ(hidden.status(), Status::internal_server_error);
        EXPECT_EQ(hidden.body().text().find("secret"), std::string_view::npos);
        EXPECT_FALSE(problem(hidden).contains("detail"));
        EXPECT_TRUE(problem(development.handle(Request::get(target))).contains("detail"));
    }
    EXPECT_EQ(problem(development.handle(Request::get("/exception")))["detail"], "secret");
}

TEST(Errors, ForgetWhatTheHandlerHadSet) {
    const Application app = App::create()
                                .wrap([](Request& request, Next next) -> Task<Response> {
                                    Response response = co_await next(request);
                                    response.header("x-before", "set");
                                    throw Error::conflict();
                                })
                                .route("/", get([] { return "x"; }))
                                .build();
    const Response response = app.handle(Request::get("/"));
    EXPECT_EQ(header(response, "x-before"), "(none)");
    EXPECT_EQ(header(response, "content-type"), "application/problem+json");
}

TEST(ErrorMapper, TakesItsTypeOfException) {
    const Application app =
        App::create()
            .on_error([](const DbTimeout& timeout) {
                return Response::text(timeout.what()).status(Status::gateway_timeout);
            })
            .on_error([](const std::logic_error&, Request& request) {
                return "logic at " + std::string{request.path()};
            })
            .route("/db", get([]() -> std::string { throw DbTimeout("slow"); }))
            .route("/logic", get([]() -> Task<std::string> {
                       co_await yield();
                       throw std::out_of_range("x");
                   }))
            .route("/other", get([]() -> std::string { throw std::runtime_error("x"); }))
            .build();
    EXPECT_EQ(answer(app, "/db"), "504 slow");
    EXPECT_EQ(answer(app, "/logic"), "200 logic at /logic") << "a mapper takes derived types too";
    EXPECT_EQ(app.handle(Request::get("/other")).status(), Status::internal_server_error);
    EXPECT_EQ(app.handle(Request::get("/none")).status(), Status::not_found);
}

TEST(ErrorMapper, MayAnswerWithAnError) {
    const Application app =
        App::create()
            .on_error([](const DbTimeout&) { return Error::unavailable("later"); })
            .on_error([](const std::invalid_argument&) { return Status::bad_request; })
            .route("/db", get([]() -> std::string { throw DbTimeout("slow"); }))
            .route("/argument", get([]() -> std::string { throw std::invalid_argument("x"); }))
            .build();
    EXPECT_EQ(app.handle(Request::get("/db")).status(), Status::service_unavailable);
    problem(app.handle(Request::get("/db")));
    EXPECT_EQ(app.handle(Request::get("/argument")).status(), Status::bad_request);
}

TEST(ErrorMapper, TheFirstOneThatTakesItWins) {
    const Application app =
        App::create()
            .on_error([](const DbTimeout&) { return "first"; })
            .on_error([](const std::runtime_error&) { return "second"; })
            .route("/db", get([]() -> std::string { throw DbTimeout("x"); }))
            .route("/runtime", get([]() -> std::string { throw std::runtime_error("x"); }))
            .build();
    EXPECT_EQ(answer(app, "/db"), "200 first");
    EXPECT_EQ(answer(app, "/runtime"), "200 second");
}

Application with_renderer() {
    return App::create()
        .on_error([](const DbTimeout&) { return Error::unavailable("later"); })
        .on_error([](const Error& error) {
            return Response::text("custom " + std::string{error.title()} + ": " +
                                  std::string{error.detail()})
                .status(error.status());
        })
        .route("/conflict", get([]() -> std::string { throw Error::conflict("Taken"); }))
        .route("/status", get([] { return Status::gone; }))
        .route("/db", get([]() -> std::string { throw DbTimeout("slow"); }))
        .route("/exception", get([]() -> std::string { throw std::runtime_error("secret"); }))
        .route("/{id}", armature::post([](Path<int>) { return "x"; }))
        .build();
}

TEST(ErrorMapper, OfErrorRendersEveryError) {
    const Application app = with_renderer();
    EXPECT_EQ(answer(app, "/conflict"), "409 custom Conflict: Taken");
    EXPECT_EQ(answer(app, "/status"), "410 custom Gone: ");
    EXPECT_EQ(answer(app, "/a/b"), "404 custom Not Found: There is nothing at this path");
    EXPECT_EQ(answer(app, "/x"),
              "405 custom Method Not Allowed: The path exists, but not for this method");
    EXPECT_EQ(answer(app, "/x", Method::post).substr(0, 14), "400 custom Bad");
    EXPECT_EQ(answer(app, "/%zz").substr(0, 14), "400 custom Bad");
}

TEST(ErrorMapper, OfErrorRendersWhatOtherMappersAnswer) {
    EXPECT_EQ(answer(with_renderer(), "/db"), "503 custom Service Unavailable: later");
}

TEST(ErrorMapper, OfErrorRendersUnknownExceptionsWithoutTheirText) {
    EXPECT_EQ(answer(with_renderer(), "/exception"), "500 custom Internal Server Error: ");
}

TEST(ErrorMapper, ThatThrowsIsAnErrorToo) {
    const Application app =
        App::create()
            .on_error([](const Error& error) -> std::string {
                if (error.status() == Status::conflict) throw Error::forbidden("from the mapper");
                throw std::runtime_error("broken renderer");
            })
            .route("/conflict", get([]() -> std::string { throw Error::conflict(); }))
            .build();
    EXPECT_GE(status_code(app.handle(Request::get("/conflict")).status()), 400);
    EXPECT_EQ(app.handle(Request::get("/none")).status(), Status::internal_server_error);
    problem(app.handle(Request::get("/none")));
}

TEST(ErrorMapper, WorksForMiddlewareToo) {
    struct Throws {
        void before(Request&) const { throw DbTimeout("in before"); }
    };
    const Application app = App::create()
                                .on_error([](const DbTimeout& error) {
                                    return Response::text(error.what()).status(Status::bad_gateway);
                                })
                                .wrap(Throws{})
                                .route("/", get([] { return "x"; }))
                                .build();
    EXPECT_EQ(answer(app, "/"), "502 in before");
}

// What adapters render when no handler is involved.
TEST(Dispatcher, RendersFailuresOfAdapters) {
    class TestExchange final : public Exchange {
        void completed() override {}
    };
    for (const bool custom : {false, true}) {
        const Application app =
            custom ? with_renderer() : App::create().route("/", get([] { return "x"; })).build();
        TestExchange exchange;
        static_cast<void>(app.dispatcher().route(exchange));
        exchange.response.header("left", "over");
        app.dispatcher().render(Error{Status::content_too_large, "Too much"}, exchange);
        EXPECT_EQ(exchange.response.status(), Status::content_too_large);
        EXPECT_EQ(header(exchange.response, "left"), "(none)");
        EXPECT_NE(exchange.response.body().text().find("Too much"), std::string_view::npos);
    }
}

} // namespace
} // namespace armature
