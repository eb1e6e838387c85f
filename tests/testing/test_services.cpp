#include <armature/app/app.hpp>
#include <armature/core/scheduler.hpp>
#include <armature/di/di.hpp>
#include <armature/testing/client.hpp>
#include <armature/testing/gmock.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace armature::kit {
namespace {

using ::testing::ElementsAre;

struct Clock {
    virtual ~Clock() = default;
    virtual std::string now() const = 0;
};
struct SystemClock final : Clock {
    std::string now() const override { return "now"; }
};
struct FrozenClock final : Clock {
    std::string now() const override { return "noon"; }
};

TEST(ServicesUnderTest, AreReplacedBeforeTheApplicationIsBuilt) {
    App app = App::create().provide_as<Clock, SystemClock>().route(
        "/", get([](Inject<Clock> clock) { return clock->now(); }));
    app.replace(provider<FrozenClock>().as<Clock>());
    TestClient client{app};
    EXPECT_THAT(client.get("/").send(), HasBody("noon"));
}

struct Notes {
    std::vector<std::string>* list;
};
class Pool {
  public:
    explicit Pool(Notes& notes) : notes_(*notes.list) {}
    void on_module_init() { notes_.push_back("init"); }
    Task<> before_application_shutdown(std::string_view) {
        co_await sleep_for(Duration::seconds(20));
        notes_.push_back("before shutdown");
    }
    void on_application_shutdown(std::string_view) { notes_.push_back("shutdown"); }

  private:
    std::vector<std::string>& notes_;
};

TEST(ServicesUnderTest, LiveAsLongAsTheClient) {
    std::vector<std::string> notes;
    {
        TestClient client{App::create()
                              .provide(provider_of(Notes{&notes}))
                              .provide<Pool>()
                              .route("/", get([](Inject<Pool>) { return "ok"; }))};
        EXPECT_THAT(notes, ElementsAre("init"));
        EXPECT_THAT(client.get("/").send(), HasBody("ok"));
        client.begin_shutdown();
        EXPECT_THAT(notes, ElementsAre("init", "before shutdown"));
        EXPECT_EQ(client.clock().elapsed(), Duration::seconds(20));
    }
    EXPECT_THAT(notes, ElementsAre("init", "before shutdown", "shutdown"));
}

} // namespace
} // namespace armature::kit
