// Guards, interceptors, pipes, error mappers and metadata: what stands between the middleware and a
// handler, at every level.
#include "support.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace armature::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Trace = std::vector<std::string>;

// Writes down when it runs, as middleware or interceptor.
struct Traced {
    std::shared_ptr<Trace> trace;
    std::string label;
    void before(Request&) const { trace->push_back(label); }
    void after(Request&, Response&) const { trace->push_back("/" + label); }
};
struct TracedGuard {
    std::shared_ptr<Trace> trace;
    std::string label;
    bool can_activate(Request&) const {
        trace->push_back(label);
        return true;
    }
};

struct Closed {
    bool can_activate(Request&) const { return false; }
};
struct NeedsToken {
    void can_activate(Request& request) const {
        if (request.header("authorization") != "Bearer good")
            throw Error::unauthorized("Bearer").header("www-authenticate", "Bearer");
    }
};
struct Waits {
    bool passes;
    Task<bool> can_activate(Request&) const {
        co_await sleep_for(Duration::milliseconds(1));
        co_return passes;
    }
};

TEST(Layers, RunMiddlewareThenGuardsThenInterceptorsThenPipesThenTheHandler) {
    const auto trace = std::make_shared<Trace>();
    const Application app =
        App::create()
            .intercept(Traced{trace, "app interceptor"})
            .guard(TracedGuard{trace, "app guard"})
            .wrap(Traced{trace, "app middleware"})
            .service(scope("/in")
                         .pipe([trace](const int&) { trace->push_back("scope pipe"); })
                         .guard(TracedGuard{trace, "scope guard"})
                         .wrap(Traced{trace, "scope middleware"})
                         .route("/{id}", get([trace](Path<int>) {
                                             trace->push_back("handler");
                                             return Status::ok;
                                         })
                                             .pipe([trace](const Path<int>&) {
                                                 trace->push_back("route pipe");
                                             })
                                             .intercept(Traced{trace, "route interceptor"})
                                             .guard(TracedGuard{trace, "route guard"})
                                             .wrap(Traced{trace, "route middleware"})))
            .build();
    EXPECT_EQ(answer(app, "/in/7"), "200 ");
    EXPECT_THAT(*trace, ElementsAre("app middleware", "scope middleware", "route middleware",
                                    "app guard", "scope guard", "route guard", "app interceptor",
                                    "route interceptor", "route pipe", "scope pipe", "handler",
                                    "/route interceptor", "/app interceptor", "/route middleware",
                                    "/scope middleware", "/app middleware"));
}

// --- guards

TEST(Guards, RefuseWith403) {
    const Application app =
        App::create().guard(Closed{}).route("/", get([] { return "in"; })).build();
    const Response response = app.handle(Request::get("/"));
    EXPECT_EQ(response.status(), Status::forbidden);
    EXPECT_EQ(problem(response)["title"], "Forbidden");
}

TEST(Guards, RefuseWithWhatTheyThrow) {
    const Application app =
        App::create().route("/", get([] { return "in"; }).guard(NeedsToken{})).build();
    const Response refused = app.handle(Request::get("/"));
    EXPECT_EQ(refused.status(), Status::unauthorized);
    EXPECT_EQ(header(refused, "www-authenticate"), "Bearer");
    Request allowed = Request::get("/");
    allowed.set_header("authorization", "Bearer good");
    EXPECT_EQ(answer(app.handle(std::move(allowed))), "200 in");
}

TEST(Guards, MayBeFunctions) {
    const Application app = App::create()
                                .guard([](Request& request) { return request.query("key") == "k"; })
                                .route("/", get([] { return "in"; }))
                                .build();
    EXPECT_EQ(answer(app, "/?key=k"), "200 in");
    EXPECT_EQ(app.handle(Request::get("/")).status(), Status::forbidden);
}

TEST(Guards, MayWait) {
    const auto with = [](bool passes) {
        return App::create().guard(Waits{passes}).route("/", get([] { return "in"; })).build();
    };
    EXPECT_EQ(answer(with(true), "/"), "200 in");
    EXPECT_EQ(with(false).handle(Request::get("/")).status(), Status::forbidden);
}

TEST(Guards, StandBeforeTheContentIsRead) {
    bool called = false;
    const Application app = App::create()
                                .guard(Closed{})
                                .route("/", post([&called](const Bytes&) {
                                           called = true;
                                           return Status::ok;
                                       }))
                                .build();
    EXPECT_EQ(app.handle(Request::post("/", "not JSON", "application/json")).status(),
              Status::forbidden);
    EXPECT_FALSE(called);
}

TEST(Guards, DontRunForWhatHasNoRoute) {
    const Application app =
        App::create().guard(Closed{}).route("/", get([] { return "in"; })).build();
    EXPECT_EQ(app.handle(Request::get("/none")).status(), Status::not_found);
    EXPECT_EQ(app.handle(Request{Method::put, "/"}).status(), Status::method_not_allowed);
    EXPECT_EQ(app.handle(Request{Method::options, "/"}).status(), Status::no_content);
}

TEST(Guards, StandBeforeADefaultService) {
    const Application app = App::create()
                                .guard(Closed{})
                                .default_service([] { return "a page of everything"; })
                                .route("/", get([] { return "in"; }))
                                .build();
    EXPECT_EQ(app.handle(Request::get("/none")).status(), Status::forbidden);
}

TEST(Guards, AreTheApplicationsObjectsWhenNamedAsTypes) {
    struct Gate {
        bool is_open;
        bool can_activate(Request&) const { return is_open; }
    };
    const auto with = [](bool is_open) {
        return App::create()
            .guard<Gate>()
            .data(Gate{is_open})
            .route("/", get([] { return "in"; }))
            .build();
    };
    EXPECT_EQ(answer(with(true), "/"), "200 in");
    EXPECT_EQ(with(false).handle(Request::get("/")).status(), Status::forbidden);
}

TEST(Guards, NamedAsTypesThatNobodyHasAreAFaultAtBuild) {
    try {
        static_cast<void>(
            App::create().route("/here", get([] { return "in"; }).guard<Closed>()).build());
        FAIL() << "built";
    } catch (const BuildError& error) {
        EXPECT_THAT(error.what(), HasSubstr("/here"));
        EXPECT_THAT(error.what(), HasSubstr("Closed"));
    }
}

// --- interceptors

TEST(Interceptors, RunOnlyForWhatGuardsLetPass) {
    const auto trace = std::make_shared<Trace>();
    const Application app = App::create()
                                .intercept(Traced{trace, "interceptor"})
                                .guard(Closed{})
                                .wrap(Traced{trace, "middleware"})
                                .route("/", get([] { return "in"; }))
                                .build();
    EXPECT_EQ(app.handle(Request::get("/")).status(), Status::forbidden);
    EXPECT_THAT(*trace, ElementsAre("middleware", "/middleware"));
}

TEST(Interceptors, MayBeCoroutinesAroundTheHandler) {
    const Application app =
        App::create()
            .intercept([](Request& request, Next next) -> Task<Response> {
                Response response = co_await next(request);
                response.headers().append("x-seen",
                                          std::to_string(response.body().size().value_or(0)));
                co_return response;
            })
            .route("/", get([] { return "four"; }))
            .build();
    EXPECT_EQ(header(app.handle(Request::get("/")), "x-seen"), "4");
}

// --- pipes

struct Name {
    std::string value;
};
ARMATURE_DESCRIBE(Name, value);

struct Trim {
    void operator()(Name& name) const {
        while (!name.value.empty() && name.value.back() == ' ')
            name.value.pop_back();
    }
};

TEST(Pipes, ChangeTheValueInsideOfAnExtractor) {
    const Application app =
        App::create()
            .pipe(Trim{})
            .route("/", post([](const Json<Name>& name) { return "<" + name->value + ">"; }))
            .build();
    EXPECT_EQ(answer(app.handle(Request::post("/", R"({"value":"Ada  "})", "application/json"))),
              "200 <Ada>");
}

TEST(Pipes, ChangeTheParametersOfCoroutines) {
    const Application app = App::create()
                                .route("/{id}", get([](const Path<int>& id) -> Task<std::string> {
                                                    co_await sleep_for(Duration::milliseconds(1));
                                                    co_return std::to_string(*id);
                                                }).pipe([](int id) { return id * 2; }))
                                .build();
    EXPECT_EQ(answer(app, "/21"), "200 42");
}

TEST(Pipes, RefuseWithWhatTheyThrow) {
    const Application app =
        App::create()
            .route("/{id}", get([](Path<int>) { return Status::ok; }).pipe([](const int& id) {
                if (id % 2 != 0) throw Error::bad_request("an odd number");
            }))
            .build();
    EXPECT_EQ(answer(app, "/2"), "200 ");
    EXPECT_EQ(app.handle(Request::get("/3")).status(), Status::bad_request);
}

TEST(Pipes, OfARouteThatHasNoUseForThemAreAFaultAtBuild) {
    try {
        static_cast<void>(App::create().route("/x", get([] { return "in"; }).pipe(Trim{})).build());
        FAIL() << "built";
    } catch (const BuildError& error) {
        EXPECT_THAT(error.what(), HasSubstr("Trim"));
        EXPECT_THAT(error.what(), HasSubstr("Name"));
    }
}

// --- error mappers

struct Broken : std::runtime_error {
    Broken() : std::runtime_error("broken") {}
};

TEST(ErrorMappers, TheRoutesOwnComeBeforeItsScopesBeforeTheApps) {
    const auto text = [](const char* who) {
        return [who](const Broken&) { return std::pair{Status::conflict, std::string{who}}; };
    };
    const auto breaks = []() -> Status { throw Broken{}; };
    const Application app = App::create()
                                .on_error(text("app"))
                                .route("/app", get(breaks))
                                .service(scope("/scope")
                                             .on_error(text("scope"))
                                             .route("/", get(breaks))
                                             .route("/route", get(breaks).on_error(text("route"))))
                                .build();
    EXPECT_EQ(answer(app, "/app"), "409 app");
    EXPECT_EQ(answer(app, "/scope"), "409 scope");
    EXPECT_EQ(answer(app, "/scope/route"), "409 route");
}

TEST(ErrorMappers, OfAScopeRenderItsOwn404) {
    const auto render = [](const Error& error) {
        return std::pair{error.status(), std::string{"api says no"}};
    };
    const Application app =
        App::create()
            .service(scope("/api").on_error(render).route("/", get([] { return "api"; })))
            .build();
    EXPECT_EQ(answer(app, "/api/none"), "404 api says no");
    EXPECT_EQ(header(app.handle(Request::get("/none")), "content-type"),
              "application/problem+json");
}

// --- metadata

struct Roles {
    std::vector<std::string> names;
};
struct HasRole {
    bool can_activate(Request& request) const {
        const Roles* roles = request.metadata<Roles>();
        if (roles == nullptr) return false;
        for (const std::string& name : roles->names)
            if (request.header("x-role") == name) return true;
        return false;
    }
};

TEST(Metadata, OfARouteHidesItsScopes) {
    const Application app =
        App::create()
            .guard(HasRole{})
            .metadata(Roles{{"reader"}})
            .route("/read", get([] { return "read"; }))
            .route("/write", get([] { return "written"; }).metadata(Roles{{"writer"}}))
            .build();
    const auto as = [&](std::string_view role, std::string_view path) {
        Request request = Request::get(path);
        request.set_header("x-role", role);
        return status_code(app.handle(std::move(request)).status());
    };
    EXPECT_EQ(as("reader", "/read"), 200u);
    EXPECT_EQ(as("reader", "/write"), 403u);
    EXPECT_EQ(as("writer", "/write"), 200u);
}

} // namespace
} // namespace armature::test
