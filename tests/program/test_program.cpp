#include <armature/app/app.hpp>
#include <armature/app/handler.hpp>
#include <armature/config/config.hpp>
#include <armature/program/program.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <stdexcept>

namespace armature {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

struct Stamp {
    std::optional<Response> before(Request&) const { return std::nullopt; }
};
struct Locked {
    bool can_activate(Request&) const { return false; }
};

App make_app() {
    return App::create()
        .wrap(Stamp{})
        .route("/users/{id}", get([](Path<int>) { return "one"; }).summary("One user"))
        .route("/users/me", get([] { return "me"; }).guard(Locked{}))
        .route("/users", post([] { return "new"; }).timeout(Duration::seconds(2)));
}

struct Result {
    int status;
    std::string out;
    std::string err;
};

struct Settings {
    std::string listen = "127.0.0.1:0";
    SecretString key{std::string{"hunter2"}};
    std::optional<int> workers;
    std::vector<std::string> hosts{"a", "b"};
};

Result run(std::vector<const char*> words, App (*app)() = make_app) {
    words.insert(words.begin(), "/usr/bin/shop");
    const int count = static_cast<int>(words.size());
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    Program program{count, words.data()};
    config::Loader loader;
    loader.arguments(program.option_count(), words.data());
    const auto settings = loader.load<Settings>([](config::Reader& reader, Settings& out) {
        reader.read("listen", out.listen);
        reader.read("key", out.key);
        reader.read("workers", out.workers);
        reader.read("hosts", out.hosts);
    });
    const int status = program.version("2.1.0")
                           .config(loader)
                           .openapi({.title = "Shop"})
                           .command("greet", "Greets somebody",
                                    [&](const std::vector<std::string>& given) {
                                        if (given.empty()) throw std::runtime_error{"greet whom?"};
                                        std::printf("Hello %s\n", given.back().c_str());
                                        return 7;
                                    })
                           .run(app, settings.listen);
    Result result{status, testing::internal::GetCapturedStdout(), {}};
    result.err = testing::internal::GetCapturedStderr();
    return result;
}

nlohmann::json json_of(const Result& result) {
    EXPECT_THAT(result.err, IsEmpty());
    return nlohmann::json::parse(result.out);
}

TEST(Program, ListsItsRoutesWithTheFinalOrderOfTheirMiddleware) {
    const Result result = run({"routes"});
    EXPECT_EQ(result.status, 0);
    EXPECT_THAT(result.out, testing::StartsWith("METHOD  PATH         MIDDLEWARE"));
    EXPECT_THAT(result.out, testing::ContainsRegex("GET     /users/me    .*Stamp > .*Locked "));
}

TEST(Program, ListsItsRoutesForMachines) {
    const nlohmann::json routes = json_of(run({"routes", "--json"}));
    ASSERT_EQ(routes.size(), 3u);
    EXPECT_EQ(routes[0]["method"], "GET");
    EXPECT_EQ(routes[0]["pattern"], "/users/{id}");
    EXPECT_EQ(routes[0]["summary"], "One user");
    EXPECT_EQ(routes[0]["body_limit"], 1024 * 1024);
    EXPECT_THAT(routes[0]["where"].get<std::string>(), HasSubstr("test_program.cpp:"));
    EXPECT_EQ(routes[1]["middleware"].size(), 2u);
    EXPECT_EQ(routes[2]["timeout_ms"], 2000);
}

TEST(Program, ListsTheRoutesThatAreAskedFor) {
    EXPECT_EQ(json_of(run({"routes", "--json", "--method", "POST"})).size(), 1u);
    EXPECT_EQ(json_of(run({"routes", "--json", "--path", "/users/*"})).size(), 2u);
    EXPECT_EQ(json_of(run({"routes", "--json", "--path=/nothing"})).size(), 0u);
}

TEST(Program, ListsItsRoutesForAPage) {
    EXPECT_THAT(run({"routes", "--markdown", "-m", "GET"}).out,
                testing::ContainsRegex(R"(\| GET \| `/users/\{id\}` \| .*Stamp \| One user \|)"));
}

TEST(Program, SaysWhichRoutesHideOthers) {
    const Result result = run({"routes", "--lint"});
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_THAT(result.out, testing::StartsWith("first    GET /users/me: GET /users/me ("));
    EXPECT_THAT(result.out, HasSubstr(", and not GET /users/{id} ("));
    const nlohmann::json overlaps = json_of(run({"routes", "--lint", "--json"}));
    ASSERT_EQ(overlaps.size(), 1U);
    EXPECT_EQ(overlaps[0]["path"], "/users/me");
    EXPECT_EQ(overlaps[0]["first"]["pattern"], "/users/me");
    EXPECT_EQ(overlaps[0]["second"]["pattern"], "/users/{id}");
    EXPECT_EQ(overlaps[0]["refused"], false);

    const Result refused = run({"routes", "--lint"}, [] {
        return App::create()
            .route("/users/{id}", delete_([](Path<int>) { return "gone"; }))
            .route("/users/me", get([] { return "me"; }));
    });
    EXPECT_EQ(refused.status, 1);
    EXPECT_THAT(refused.out, testing::StartsWith("refused  DELETE /users/me: 405"));
    EXPECT_THAT(run({"routes", "--lint"},
                    [] {
                        return App::create()
                            .route("/*page", get([](Path<std::string>) { return "page"; }))
                            .route("/users", get([] { return "users"; }));
                    })
                    .err,
                HasSubstr("No route hides another."));
}

TEST(Program, SaysWhichRouteAnswersAndWhy) {
    const Result me = run({"routes", "--why", "GET /users/me"});
    EXPECT_EQ(me.status, 0);
    EXPECT_THAT(me.out, testing::StartsWith("GET /users/me is answered by GET /users/me ("));
    EXPECT_THAT(me.out, HasSubstr("before GET /users/{id} ("));

    const Result one = run({"routes", "--why", "/users/a%2Fb"});
    EXPECT_THAT(one.out, HasSubstr("answered by GET /users/{id} ("));
    EXPECT_THAT(one.out, HasSubstr("id = a/b\n"));
    EXPECT_THAT(one.out, Not(HasSubstr("before")));
}

TEST(Program, SaysWhyNoRouteAnswers) {
    const struct {
        const char* request;
        const char* text;
        int status;
    } table[] = {{"GET /none", "404", 404},
                 {"PUT /users", "405, the path has other methods\n  Allow: ", 405},
                 {"GET /%zz", "400", 400}};
    for (const auto& row : table) {
        const Result result = run({"routes", "--why", row.request});
        EXPECT_EQ(result.status, 1) << row.request;
        EXPECT_THAT(result.out, HasSubstr(row.text));
        EXPECT_EQ(json_of(run({"routes", "--json", "--why", row.request}))["status"], row.status);
    }
    EXPECT_EQ(run({"routes", "--why", "OPTIONS /users"}).status, 0);
    EXPECT_EQ(run({"routes", "--why", "users"}).status, 2);
}

TEST(Program, PrintsItsOpenApiDocument) {
    const nlohmann::json document = json_of(run({"openapi"}));
    EXPECT_EQ(document["info"]["title"], "Shop");
    EXPECT_TRUE(document["paths"].contains("/users/{id}"));
    EXPECT_THAT(run({"openapi", "--yaml"}).out, HasSubstr("\n  title: Shop\n"));
}

TEST(Program, ListsItsSettingsAndWhereTheyCameFrom) {
    const Result result = run({"--workers=4", "config"});
    EXPECT_EQ(result.out, "listen   127.0.0.1:0  default\n"
                          "key      [redacted]   default\n"
                          "workers  4            --workers\n"
                          "hosts    a,b          default\n");
    const nlohmann::json settings = json_of(run({"config", "--json"}));
    EXPECT_EQ(settings[0]["variable"], "LISTEN");
    EXPECT_EQ(settings[2]["value"], "");
    EXPECT_THAT(settings.dump(), Not(HasSubstr("hunter2")));
}

TEST(Program, HasCommandsOfItsOwn) {
    const Result result = run({"greet", "--loud", "Ada"});
    EXPECT_EQ(result.status, 7);
    EXPECT_EQ(result.out, "Hello Ada\n");
    const Result failed = run({"greet"});
    EXPECT_EQ(failed.status, 1);
    EXPECT_EQ(failed.err, "shop: greet whom?\n");
}

TEST(Program, TeachesItsCommands) {
    for (const char* word : {"help", "--help", "-h"}) {
        const Result result = run({word});
        EXPECT_EQ(result.status, 0);
        EXPECT_THAT(result.out, HasSubstr("shop 2.1.0"));
        EXPECT_THAT(result.out, HasSubstr("  greet    Greets somebody\n"));
    }
    const Result wrong = run({"route"});
    EXPECT_EQ(wrong.status, 2);
    EXPECT_THAT(wrong.err, HasSubstr("did you mean shop routes?"));
    EXPECT_EQ(run({"--version"}).out, "shop 2.1.0\n");
}

TEST(Program, TellsInOneLineWhyItCantServe) {
    const Result result = run({"--listen=nonsense"});
    EXPECT_EQ(result.status, 2); // as App::run says
    EXPECT_THAT(result.err, HasSubstr("nonsense"));
}

} // namespace
} // namespace armature
