#include "app/support.hpp"

#include <memory>
#include <optional>
#include <stdexcept>

namespace armature {
namespace {

using test::answer;
using test::header;

using Log = std::vector<std::string>;

// Notes when it is passed, on the way in and on the way out.
struct Hooks {
    Log* log;
    std::string label;
    void before(Request&) const { log->push_back(label); }
    void after(Request&, Response&) const { log->push_back(label); }
};

auto around(Log& log, std::string label, bool waits = false) {
    return [&log, label, waits](Request& request, Next next) -> Task<Response> {
        log.push_back(label);
        if (waits) co_await yield();
        Response response = co_await next(request);
        if (waits) co_await yield();
        log.push_back(label);
        co_return response;
    };
}

TEST(Middleware, RunsInTheOrderWritten) {
    Log log;
    const auto build = [&log](auto handler) {
        return App::create()
            .wrap(Hooks{&log, "root"})
            .service(
                scope("/nested")
                    .wrap(Hooks{&log, "nested"})
                    .route("/x",
                           get(std::move(handler)).wrap(Hooks{&log, "a"}).wrap(Hooks{&log, "b"})))
            .build();
    };
    const Log expected{"root", "nested", "a", "b", "handler", "b", "a", "nested", "root"};
    const Application sync = build([&log] { log.push_back("handler"); });
    EXPECT_EQ(answer(sync, "/nested/x"), "204 ");
    EXPECT_EQ(log, expected);
    log.clear();
    const Application late = build([&log]() -> Task<> {
        co_await yield();
        log.push_back("handler");
    });
    EXPECT_EQ(answer(late, "/nested/x"), "204 ");
    EXPECT_EQ(log, expected);
}

TEST(Middleware, OfAllKindsMix) {
    // Each of four places is a pair of hooks, a coroutine, or a coroutine that waits.
    for (int kinds = 0; kinds < 81; ++kinds) {
        for (const bool handler_waits : {false, true}) {
            Log log;
            const char* labels[] = {"root", "nested", "a", "b"};
            int rest = kinds;
            const auto next_kind = [&rest] {
                const int kind = rest % 3;
                rest /= 3;
                return kind;
            };
            const auto wrap = [&](auto& target, const char* label) {
                const int kind = next_kind();
                if (kind == 0)
                    target.wrap(Hooks{&log, label});
                else
                    target.wrap(around(log, label, kind == 2));
            };
            App app = App::create();
            Scope nested = scope("/nested");
            Scope inner = scope("/inner");
            wrap(app, labels[0]);
            wrap(nested, labels[1]);
            wrap(inner, labels[2]);
            wrap(inner, labels[3]);
            inner.route("/x", get([&log, handler_waits]() -> Task<std::string> {
                            if (handler_waits) co_await yield();
                            log.push_back("handler");
                            co_return "done";
                        }));
            nested.service(std::move(inner));
            app.service(std::move(nested));
            const Application built = app.build();
            EXPECT_EQ(answer(built, "/nested/inner/x"), "200 done") << kinds;
            EXPECT_EQ(log, (Log{"root", "nested", "a", "b", "handler", "b", "a", "nested", "root"}))
                << kinds;
        }
    }
}

struct Refuse {
    std::optional<Response> before(Request& request) const {
        if (request.query("ok")) return std::nullopt;
        return Response::text("refused").status(Status::forbidden);
    }
};

TEST(Middleware, MayAnswerInsteadOfTheHandler) {
    Log log;
    const Application app = App::create()
                                .wrap(Hooks{&log, "outer"})
                                .wrap(Refuse{})
                                .wrap(Hooks{&log, "inner"})
                                .route("/", get([&log] { log.push_back("handler"); }))
                                .build();
    EXPECT_EQ(answer(app, "/"), "403 refused");
    EXPECT_EQ(log, (Log{"outer", "outer"}));
    log.clear();
    EXPECT_EQ(answer(app, "/?ok"), "204 ");
    EXPECT_EQ(log, (Log{"outer", "inner", "handler", "inner", "outer"}));
}

TEST(Middleware, MayLeaveTheRestOut) {
    Log log;
    for (const bool waits : {false, true}) {
        log.clear();
        const Application app = App::create()
                                    .wrap(Hooks{&log, "outer"})
                                    .wrap([waits](Request&, Next) -> Task<Response> {
                                        if (waits) co_await yield();
                                        co_return Response::text("instead");
                                    })
                                    .wrap(Hooks{&log, "inner"})
                                    .route("/", get([&log] { log.push_back("handler"); }))
                                    .build();
        EXPECT_EQ(answer(app, "/"), "200 instead");
        EXPECT_EQ(log, (Log{"outer", "outer"}));
    }
}

TEST(Middleware, MayTryAgain) {
    for (const int waits : {0, 1, 2, 3}) {
        Log log;
        int attempt = 0;
        const Application app = App::create()
                                    .wrap(Hooks{&log, "outer"})
                                    .wrap([](Request& request, Next next) -> Task<Response> {
                                        for (int i = 0; i < 2; ++i) {
                                            Response response = co_await next(request);
                                            if (response.status() != Status::service_unavailable)
                                                co_return response;
                                        }
                                        co_return co_await next(request);
                                    })
                                    .wrap(around(log, "inner", (waits & 1) != 0))
                                    .wrap(Hooks{&log, "hook"})
                                    .route("/", get([&attempt, &log, waits]() -> Task<std::string> {
                                               const std::string text(100, 'x');
                                               if ((waits & 2) != 0) co_await yield();
                                               log.push_back("handler");
                                               if (++attempt < 3) throw Error::unavailable();
                                               co_return text;
                                           }))
                                    .build();
        EXPECT_EQ(answer(app, "/"), "200 " + std::string(100, 'x'));
        EXPECT_EQ(attempt, 3);
        const Log once{"inner", "hook", "handler", "hook", "inner"};
        Log expected{"outer"};
        for (int i = 0; i < 3; ++i)
            expected.insert(expected.end(), once.begin(), once.end());
        expected.push_back("outer");
        EXPECT_EQ(log, expected) << waits;
    }
}

TEST(Middleware, ThatThrowsIsAnErrorToThoseOutside) {
    for (const bool waits : {false, true}) {
        for (const bool before : {true, false}) {
            Status seen{};
            struct See {
                Status* seen;
                void after(Request&, Response& response) const { *seen = response.status(); }
            };
            Log log;
            const Application app =
                App::create()
                    .wrap(See{&seen})
                    .wrap([waits, before](Request& request, Next next) -> Task<Response> {
                        if (waits) co_await yield();
                        if (before) throw Error::conflict("before");
                        static_cast<void>(co_await next(request));
                        if (waits) co_await yield();
                        throw Error::conflict("after");
                    })
                    .route("/", get([&log] { log.push_back("handler"); }))
                    .build();
            const Response response = app.handle(Request::get("/"));
            EXPECT_EQ(test::problem(response)["detail"], before ? "before" : "after");
            EXPECT_EQ(seen, Status::conflict);
            EXPECT_EQ(log.size(), before ? 0u : 1u);
        }
    }
}

struct BeforeThrows {
    void before(Request&) const { throw Error::forbidden("in before"); }
};
struct AfterThrows {
    void after(Request&, Response&) const { throw std::runtime_error("in after"); }
};

TEST(Middleware, HooksThatThrowAreErrorsToThoseOutside) {
    Log log;
    const Application before = App::create()
                                   .wrap(Hooks{&log, "outer"})
                                   .wrap(BeforeThrows{})
                                   .wrap(Hooks{&log, "inner"})
                                   .route("/", get([] { return "x"; }))
                                   .build();
    EXPECT_EQ(test::problem(before.handle(Request::get("/")))["detail"], "in before");
    EXPECT_EQ(log, (Log{"outer", "outer"}));

    log.clear();
    const Application after = App::create()
                                  .wrap(Hooks{&log, "outer"})
                                  .wrap(AfterThrows{})
                                  .wrap(Hooks{&log, "inner"})
                                  .route("/", get([] { return "x"; }))
                                  .build();
    EXPECT_EQ(after.handle(Request::get("/")).status(), Status::internal_server_error);
    EXPECT_EQ(log, (Log{"outer", "inner", "inner", "outer"}));
}

struct Stamp {
    void after(Request&, Response& response) const {
        response.header("x-status", std::to_string(status_code(response.status())));
    }
};

TEST(Middleware, SeesErrorsFurtherInAsResponses) {
    const Application app =
        App::create()
            .wrap(Stamp{})
            .wrap([](Request& request, Next next) -> Task<Response> {
                Response response = co_await next(request);
                response.header("x-around", std::to_string(status_code(response.status())));
                co_return response;
            })
            .route("/throws", get([]() -> std::string { throw Error::conflict(); }))
            .route("/late", get([]() -> Task<std::string> {
                       co_await yield();
                       throw std::runtime_error("x");
                   }))
            .build();
    EXPECT_EQ(header(app.handle(Request::get("/throws")), "x-status"), "409");
    EXPECT_EQ(header(app.handle(Request::get("/throws")), "x-around"), "409");
    EXPECT_EQ(header(app.handle(Request::get("/late")), "x-status"), "500");
    EXPECT_EQ(header(app.handle(Request::get("/late")), "x-around"), "500");
}

TEST(Middleware, RunsForEveryAnswerThatIsNotAHandlers) {
    struct Scoped {
        void after(Request&, Response& response) const { response.header("x-scope", "api"); }
    };
    const Application app =
        App::create()
            .wrap(Stamp{})
            .route("/x", get([] { return "x"; }))
            .service(scope("/api").wrap(Scoped{}).route("/y", get([] { return "y"; })))
            .build();
    const auto status = [&app](Method method, std::string_view target) {
        const Response response = app.handle(Request{method, target});
        EXPECT_EQ(header(response, "x-status"), std::to_string(status_code(response.status())));
        return header(response, "x-status") + ' ' + header(response, "x-scope");
    };
    EXPECT_EQ(status(Method::get, "/none"), "404 (none)");
    EXPECT_EQ(status(Method::post, "/x"), "405 (none)");
    EXPECT_EQ(status(Method::options, "/x"), "204 (none)");
    EXPECT_EQ(status(Method::options, "*"), "204 (none)");
    EXPECT_EQ(status(Method::head, "/x"), "200 (none)");
    EXPECT_EQ(status(Method::get, "/%zz"), "400 (none)");
    EXPECT_EQ(status(Method::get, "/api/y"), "200 api");
    for (const char* target : {"/api", "/api/", "/api/none", "/api/a/b/c"})
        EXPECT_EQ(status(Method::get, target), "404 api") << target;
    EXPECT_EQ(status(Method::delete_, "/api/y"), "405 api");
    EXPECT_EQ(status(Method::options, "/api/y"), "204 api");
    EXPECT_EQ(status(Method::head, "/api/y"), "200 api");
    EXPECT_EQ(status(Method::get, "/apix"), "404 (none)");
}

TEST(Middleware, OfARouteRunsOnlyForIt) {
    Log log;
    const Application app = App::create()
                                .route("/x", get([] { return "x"; }).wrap(Hooks{&log, "x"}))
                                .route("/y", get([] { return "y"; }))
                                .build();
    static_cast<void>(app.handle(Request::get("/y")));
    EXPECT_TRUE(log.empty());
    static_cast<void>(app.handle(Request::get("/x")));
    EXPECT_EQ(log, (Log{"x", "x"}));
}

TEST(Middleware, MaySayForWhichMethodsItHasNothingToDoBefore) {
    struct Unsafe {
        Log* log;
        bool runs_before(Method method) const { return method != Method::get; }
        void before(Request& request) const { log->emplace_back(request.method_text()); }
        void after(Request&, Response&) const { log->emplace_back("after"); }
    };
    Log log;
    const auto x = [] { return "x"; };
    const Application app = App::create()
                                .wrap(Hooks{&log, "outer"})
                                .wrap(Unsafe{&log})
                                .wrap(Hooks{&log, "inner"})
                                .route("/", get(x).post(x))
                                .route("/any", any(x))
                                .build();
    const auto passes = [&](Method method, std::string_view target) {
        log.clear();
        static_cast<void>(app.handle(Request{method, target}));
        return log;
    };
    EXPECT_EQ(passes(Method::get, "/"), (Log{"outer", "inner", "inner", "after", "outer"}));
    EXPECT_EQ(passes(Method::post, "/"),
              (Log{"outer", "POST", "inner", "inner", "after", "outer"}));
    // Where the method isn't known beforehand it runs for all of them.
    EXPECT_EQ(passes(Method::get, "/any"),
              (Log{"outer", "GET", "inner", "inner", "after", "outer"}));
    EXPECT_EQ(passes(Method::get, "/none"),
              (Log{"outer", "GET", "inner", "inner", "after", "outer"}));
}

TEST(Middleware, ThatAnswersHasTheRightOnesOutsideOfIt) {
    struct AnswersTo {
        Log* log;
        std::string label;
        std::optional<Response> before(Request& request) const {
            if (request.path() == "/" + label) return Response::text(label);
            if (request.path() == "/throws-" + label) throw Error::conflict(label);
            return std::nullopt;
        }
        void after(Request&, Response&) const { log->push_back(label); }
    };
    struct OnlyBefore {
        Log* log;
        void before(Request&) const { log->emplace_back("before"); }
    };
    Log log;
    const Application app = App::create()
                                .wrap(AnswersTo{&log, "a"})
                                .wrap(OnlyBefore{&log})
                                .wrap(AnswersTo{&log, "b"})
                                .wrap(AnswersTo{&log, "c"})
                                .route("/*path", get([] { return "handler"; }))
                                .build();
    const auto passes = [&](std::string_view target) {
        log.clear();
        static_cast<void>(app.handle(Request::get(target)));
        return log;
    };
    for (const std::string how : {"/", "/throws-"}) {
        EXPECT_EQ(passes(how + "a"), Log{}) << how;
        EXPECT_EQ(passes(how + "b"), (Log{"before", "a"})) << how;
        EXPECT_EQ(passes(how + "c"), (Log{"before", "b", "a"})) << how;
    }
    EXPECT_EQ(passes("/x"), (Log{"before", "c", "b", "a"}));
}

TEST(Middleware, MayPassValuesOn) {
    struct User {
        std::string name;
    };
    struct Authenticate {
        void before(Request& request) const { request.set(User{"ann"}); }
    };
    const Application app =
        App::create()
            .wrap(Authenticate{})
            .route("/", get([](Request& request) { return request.find<User>()->name; }))
            .build();
    EXPECT_EQ(answer(app, "/"), "200 ann");
}

TEST(Middleware, MayAskForTheRestFromAFunctionOfItsOwn) {
    struct Helper {
        static Task<Response> run(Request& request, Next next) {
            co_await yield();
            Response response = co_await next(request);
            co_return response;
        }
    };
    Log log;
    const Application app = App::create()
                                .wrap([](Request& request, Next next) -> Task<Response> {
                                    Response response = co_await Helper::run(request, next);
                                    response.header("x-helper", "yes");
                                    co_return response;
                                })
                                .wrap(around(log, "inner", true))
                                .route("/", get([]() -> Task<std::string> {
                                           co_await yield();
                                           co_return "x";
                                       }))
                                .build();
    const Response response = app.handle(Request::get("/"));
    EXPECT_EQ(answer(response), "200 x");
    EXPECT_EQ(header(response, "x-helper"), "yes");
    EXPECT_EQ(log.size(), 2u);
}

TEST(Middleware, LivesAsLongAsItsApplication) {
    const auto owned = std::make_shared<int>(1);
    struct Owner {
        std::shared_ptr<int> owned;
        void before(Request&) const {}
    };
    {
        const Application app =
            App::create().wrap(Owner{owned}).route("/", get([] { return "x"; })).build();
        EXPECT_EQ(owned.use_count(), 2);
    }
    EXPECT_EQ(owned.use_count(), 1);
}

// A member that happens to have a hook's name is none.
struct Named {
    static constexpr std::string_view name = "limiter";
    int before = 3;
    Task<Response> operator()(Request& request, Next next) const {
        co_return co_await next(request);
    }
};

TEST(Middleware, MayHaveAName) {
    const Application app = App::create().wrap(Named{}).route("/", get([] { return "x"; })).build();
    EXPECT_NE(app.describe().find("limiter > handler"), std::string::npos) << app.describe();
    EXPECT_EQ(answer(app, "/"), "200 x");
}

} // namespace
} // namespace armature
