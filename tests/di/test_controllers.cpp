// Controllers that the container makes, and guards that it finds.

#include "di/support.hpp"

#include <armature/app/controller.hpp>

namespace armature {
namespace {

using test::answer;
using test::faults;
using test::Log;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Greetings {
    std::string text = "Hello";
};

class Greeter {
    ARMATURE_CONTROLLER(Greeter, "/greet");

  public:
    Greeter(Greetings& greetings, std::string mark)
        : greetings_(greetings), mark_(std::move(mark)) {}

    ARMATURE_GET("/{name}", greet);
    [[nodiscard]] std::string greet(const Path<std::string>& name) const {
        return greetings_.text + ' ' + *name + mark_;
    }

    ARMATURE_END_CONTROLLER();

  private:
    Greetings& greetings_;
    std::string mark_;
};

TEST(InjectedControllers, GetServicesAndThenGivenValues) {
    App app = App::create();
    app.provide<Greetings>().controller<Greeter>("!");
    EXPECT_EQ(answer(app.build(), "/greet/Ada"), "Hello Ada!");
}

TEST(InjectedControllers, MissWhatNobodyProvides) {
    App app = App::create();
    app.controller<Greeter>("!");
    EXPECT_THAT(faults(app), HasSubstr("Greetings (parameter 1), but nothing provides it"));
}

struct Counter {
    ARMATURE_CONTROLLER(Counter, "/count");

  public:
    explicit Counter(Greetings&) {}
    ARMATURE_GET("/", next);
    std::string next() { return std::to_string(++count); }
    int count = 0;
    ARMATURE_END_CONTROLLER();
};

TEST(InjectedControllers, OfAModuleSeeItsServices) {
    App app = App::create();
    app.imports(Module{"greeting"}.provide<Greetings>().controller<Counter>());
    EXPECT_EQ(answer(app.build(), "/count"), "1");
}

TEST(InjectedControllers, AreOneObjectHoweverOftenTheyAreMounted) {
    App app = App::create();
    app.provide<Greetings>();
    app.service(scope("/v1").controller<Counter>()).service(scope("/v2").controller<Counter>());
    const Application built = app.build();
    EXPECT_EQ(answer(built, "/v1/count"), "1");
    EXPECT_EQ(answer(built, "/v2/count"), "2");
}

struct Hooked {
    static Scope routes() { return scope("/hooked").route("/", get<&Hooked::answer>()); }
    void on_module_init() { ready = true; }
    [[nodiscard]] std::string answer() const { return ready ? "ready" : "not ready"; }
    bool ready = false;
};

TEST(InjectedControllers, HaveLifecycleHooks) {
    App app = App::create();
    app.controller<Hooked>();
    const Application built = app.build();
    EXPECT_EQ(answer(built, "/hooked"), "not ready");
    built.start();
    EXPECT_EQ(answer(built, "/hooked"), "ready");
    built.shutdown({});
}

struct Doorkeeper {
    explicit Doorkeeper(Log& to) : log(to) {}
    [[nodiscard]] bool can_activate(Request& request) const {
        log.add(std::string{request.path()});
        return request.path() != "/closed";
    }
    Log& log;
};

TEST(InjectedGuards, AreFoundByTheirType) {
    const auto log = std::make_shared<Log>();
    App app = App::create();
    app.provide_value(log).provide<Doorkeeper>().guard<Doorkeeper>();
    app.route("/open", get([] { return "open"; })).route("/closed", get([] { return "closed"; }));
    const Application built = app.build();
    EXPECT_EQ(answer(built, "/open"), "open");
    EXPECT_EQ(built.handle(Request::get("/closed")).status(), Status::forbidden);
    EXPECT_THAT(log->lines, ElementsAre("/open", "/closed"));
}

TEST(InjectedGuards, ThatNobodyProvidesAreAFault) {
    App app = App::create();
    app.provide<Greetings>().guard<Doorkeeper>();
    app.route("/", get([] { return ""; }));
    EXPECT_THAT(faults(app), HasSubstr("Doorkeeper, but nothing provides it"));
}

} // namespace
} // namespace armature
