// What services do when the application starts and stops, and what a request brings with it: over
// real sockets, with curl.

#include "di/support.hpp"
#include "support/process.hpp"
#include "support/test_server.hpp"

#include <armature/core/scheduler.hpp>
#include <armature/log/capture.hpp>

#include <memory>
#include <mutex>

namespace armature {
namespace {

using armature::testing::run;
using armature::testing::TestServer;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Written by the server's thread and the test's.
struct Diary {
    void add(std::string line) {
        const std::lock_guard lock{mutex};
        lines.push_back(std::move(line));
    }
    std::vector<std::string> read() {
        const std::lock_guard lock{mutex};
        return lines;
    }
    std::mutex mutex;
    std::vector<std::string> lines;
};

std::string curl(const std::string& url) {
    return run({"curl", "-sS", "--max-time", "60", url}).output;
}

struct Pool {
    explicit Pool(Diary& to) : diary(to) { diary.add("Pool"); }
    ~Pool() { diary.add("~Pool"); }
    Task<> on_module_init() {
        co_await sleep_for(Duration::milliseconds(1));
        diary.add("Pool init");
    }
    void on_application_bootstrap() { diary.add("Pool bootstrap"); }
    void before_application_shutdown(std::string_view) { diary.add("Pool before shutdown"); }
    Task<> on_application_shutdown(std::string_view) {
        co_await yield();
        diary.add("Pool shutdown");
    }
    void on_module_destroy() { diary.add("Pool destroy"); }
    Diary& diary;
};
struct Registry {
    Registry(Pool&, Diary& to) : diary(to) {}
    void on_module_init() { diary.add("Registry init"); }
    Task<> on_application_bootstrap() {
        diary.add("Registry bootstrap");
        co_return;
    }
    Task<> before_application_shutdown(std::string_view signal) {
        co_await sleep_for(Duration::milliseconds(1));
        diary.add("Registry before shutdown" + std::string{signal});
    }
    void on_application_shutdown(std::string_view) { diary.add("Registry shutdown"); }
    Task<> on_module_destroy() {
        co_await sleep_for(Duration::milliseconds(1));
        diary.add("Registry destroy");
    }
    Diary& diary;
};

App app_with(const std::shared_ptr<Diary>& diary) {
    App app = App::create();
    app.provide<Registry>().provide<Pool>().provide_value(diary);
    return app;
}

TEST(Lifecycle, RunsTheHooksInOrderAroundTheServer) {
    const auto diary = std::make_shared<Diary>();
    {
        App app = app_with(diary);
        app.route("/", get([](Inject<Diary> story) {
                      story->add("request");
                      return "hello";
                  }));
        Application built = app.build();
        EXPECT_THAT(diary->read(), ElementsAre("Pool")) << "build only makes them";
        TestServer server{std::move(built)};
        EXPECT_EQ(curl(server.url("/")), "hello");
        server.stop();
        EXPECT_THAT(diary->read(),
                    ElementsAre("Pool", "Pool init", "Registry init", "Pool bootstrap",
                                "Registry bootstrap", "request", "Registry before shutdown",
                                "Pool before shutdown", "Registry shutdown", "Pool shutdown",
                                "Registry destroy", "Pool destroy"));
    }
    EXPECT_EQ(diary->read().back(), "~Pool");
}

TEST(Lifecycle, StillServesWhileServicesPrepareForTheEnd) {
    struct Farewell {
        Task<> before_application_shutdown(std::string_view) {
            begun = true;
            while (!may_end)
                co_await sleep_for(Duration::milliseconds(1));
        }
        std::atomic<bool> begun{false};
        std::atomic<bool> may_end{false};
    };
    const auto farewell = std::make_shared<Farewell>();
    App app = App::create();
    app.provide_value(farewell).route("/", get([] { return "still here"; }));
    TestServer server{app.build()};
    server.begin_stop();
    ASSERT_TRUE(testing::eventually([&] { return farewell->begun.load(); }));
    EXPECT_EQ(curl(server.url("/")), "still here");
    farewell->may_end = true;
    server.stop();
}

TEST(Lifecycle, StopsTheStartWhenAHookFails) {
    struct Unlucky {
        Task<> on_application_bootstrap() {
            co_await yield();
            throw std::runtime_error("no route to host");
        }
    };
    App app = App::create();
    app.provide<Unlucky>();
    const Application built = app.build();
    try {
        const Server server{built, TestServer::quiet()};
        FAIL() << "it started";
    } catch (const std::runtime_error& error) {
        EXPECT_THAT(error.what(), AllOf(HasSubstr("the application can't start: "),
                                        HasSubstr("Unlucky::on_application_bootstrap failed: no "
                                                  "route to host")));
    }
}

TEST(Lifecycle, StopsTheStartWhenAHookTakesTooLong) {
    struct Slow {
        Task<> on_module_init() { co_await sleep_for(Duration::seconds(3600)); }
    };
    App app = App::create();
    app.provide<Slow>().hook_timeout(Duration::milliseconds(5));
    const Application built = app.build();
    try {
        built.start();
        FAIL() << "it started";
    } catch (const std::runtime_error& error) {
        EXPECT_THAT(error.what(), HasSubstr("on_module_init failed: it took longer than 5 ms"));
    }
}

TEST(Lifecycle, GivesUpOnAHookThatDoesntHearThatItIsCancelled) {
    struct Deaf {
        explicit Deaf(Diary& to) : diary(to) {}
        Task<> on_module_init() {
            struct AtEnd {
                Diary& diary;
                explicit AtEnd(Diary& to) : diary(to) {}
                ~AtEnd() { diary.add("its frame is gone"); }
            };
            const AtEnd end{diary};
            co_await std::suspend_always{};
        }
        Diary& diary;
    };
    const auto diary = std::make_shared<Diary>();
    App app = App::create();
    app.provide<Deaf>().provide_value(diary).hook_timeout(Duration::milliseconds(5));
    const Application built = app.build();
    EXPECT_THROW(built.start(), std::runtime_error);
    EXPECT_THAT(diary->read(), ElementsAre("its frame is gone"));
}

TEST(Lifecycle, LogsWhatFailsDuringTheShutdownAndGoesOn) {
    struct Fails {
        explicit Fails(Pool&) {}
        void before_application_shutdown(std::string_view) { throw std::runtime_error("first"); }
        Task<> on_application_shutdown(std::string_view) {
            co_await yield();
            throw std::runtime_error("second");
        }
        void on_module_destroy() { throw std::runtime_error("third"); }
    };
    const auto diary = std::make_shared<Diary>();
    const log::Capture captured;
    App app = app_with(diary);
    app.provide<Fails>();
    TestServer server{app.build()};
    server.stop();
    EXPECT_EQ(diary->read().back(), "Pool destroy");
    std::vector<std::string> errors;
    for (const log::CapturedRecord& record : captured.records())
        if (record.level == log::Level::error)
            errors.push_back(std::string{record.field("hook")} + ": " +
                             std::string{record.field("error")});
    EXPECT_THAT(errors, ElementsAre("before_application_shutdown: first",
                                    "on_application_shutdown: second", "on_module_destroy: third"));
}

TEST(Lifecycle, ShutsDownWhatWasStartedWhenTheServerCantListen) {
    const auto diary = std::make_shared<Diary>();
    App app = app_with(diary);
    const Application built = app.build();
    ServerOptions options = TestServer::quiet();
    options.http = {"no such address:x"};
    EXPECT_THROW(Server(built, options), ServerError);
    EXPECT_EQ(diary->read().back(), "Pool destroy");
}

TEST(Lifecycle, IsThatOfTheFirstAndTheLastServerOfAnApplication) {
    const auto diary = std::make_shared<Diary>();
    App app = app_with(diary);
    const Application built = app.build();
    {
        Server first{built, TestServer::quiet()};
        const std::size_t started = diary->read().size();
        {
            Server second{built, TestServer::quiet()};
            EXPECT_EQ(diary->read().size(), started);
        }
        EXPECT_EQ(diary->read().size(), started);
    }
    EXPECT_EQ(diary->read().back(), "Pool destroy");
}

// --- per request --------------------------------------------------------------------------------

struct Session {
    explicit Session(const Request& request, Diary& to)
        : user(request.header("x-user").value_or("nobody")), diary(to) {}
    ~Session() { diary.add("end of " + user); }
    std::string user;
    Diary& diary;
};
struct Basket {
    explicit Basket(Session& of) : session(of) {}
    Session& session;
};

TEST(RequestServices, LiveAsLongAsTheirRequest) {
    const auto diary = std::make_shared<Diary>();
    App app = App::create();
    app.provide_value(diary)
        .provide(provider<Session>().per_request())
        .provide(provider<Basket>().per_request());
    app.route("/", get([](Inject<Basket> basket, Inject<Session> session) -> Task<std::string> {
                  co_await sleep_for(Duration::milliseconds(1));
                  co_return &basket->session == &*session ? session->user : "two sessions";
              }));
    TestServer server{app.build()};
    EXPECT_EQ(run({"curl", "-sS", "--max-time", "60", "-H", "x-user: ada", server.url("/"), "-H",
                   "x-user: ada", server.url("/")})
                  .output,
              "adaada");
    EXPECT_EQ(run({"curl", "-sS", "--max-time", "60", "-H", "x-user: bob", server.url("/")}).output,
              "bob");
    server.stop();
    EXPECT_THAT(diary->read(), ElementsAre("end of ada", "end of ada", "end of bob"));
}

} // namespace
} // namespace armature
