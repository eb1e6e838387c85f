#include "support.hpp"

#include <armature/app/controller.hpp>
#include <armature/di/di.hpp>

#include <string>

namespace armature::test {
namespace {

struct Greetings {
    std::string text = "Hello";
};

class Gate {
  public:
    explicit Gate(Greetings& greetings) : greetings_(&greetings) {}
    bool can_activate(Request& request) const { return request.query("say") == greetings_->text; }

  private:
    Greetings* greetings_;
};

class Hall {
    ARMATURE_CONTROLLER(Hall, "/hall");

  public:
    explicit Hall(Greetings& greetings) : greetings_(&greetings) {}

    ARMATURE_GET("/{name}", greet, .guards = guards<Gate>());
    [[nodiscard]] std::string greet(Path<std::string> name) const {
        return greetings_->text + " " + *name;
    }

    ARMATURE_END_CONTROLLER();

  private:
    Greetings* greetings_;
};

std::string ask(const Application& app, std::string_view target) {
    const Response response = app.handle(Request::get(target));
    return std::to_string(status_code(response.status())) + " " +
           std::string{response.status() == Status::ok ? response.body().text() : ""};
}

TEST(InjectedControllers, AreConstructedByTheContainerAndSoAreTheirGuards) {
    const Application app =
        App::create().provide<Greetings>().provide<Gate>().controller<Hall>().build();
    EXPECT_EQ(ask(app, "/hall/Ada?say=Hello"), "200 Hello Ada");
    EXPECT_EQ(ask(app, "/hall/Ada?say=Bye"), "403 ");
}

TEST(InjectedControllers, SeeWhatTheirModuleSees) {
    const Application app =
        App::create()
            .imports(Module{"hall"}.provide<Greetings>().provide<Gate>().controller<Hall>())
            .build();
    EXPECT_EQ(ask(app, "/hall/Ada?say=Hello"), "200 Hello Ada");
}

TEST(InjectedControllers, WithoutWhatTheyNeedAreAFaultAtBuild) {
    App app = App::create();
    app.provide<Gate>().controller<Hall>();
    EXPECT_THAT(faults(app),
                ::testing::AllOf(::testing::HasSubstr("Hall"), ::testing::HasSubstr("Greetings")));
}

} // namespace
} // namespace armature::test
