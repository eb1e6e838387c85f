// The C++ of docs/state.md: compiled and run here, repeated there.
#include <armature/armature.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>

namespace state {

using namespace armature;

// [data]
struct Settings {
    std::string greeting;
};

struct Visits {
    std::atomic<int> count{0};
};

std::string greet(State<Settings> settings, State<Visits> visits) {
    const int visit = ++visits->count;
    return settings->greeting + " visitor " + std::to_string(visit);
}

App make_app() {
    return App::create()
        .data(Settings{"Hello"})
        .data(std::make_shared<Visits>())
        .route("/", get(greet));
}
// [/data]

TEST(StatePage, IsSharedByAllRequests) {
    const Application app = make_app().build();
    EXPECT_EQ(app.handle(Request::get("/")).body().text(), "Hello visitor 1");
    EXPECT_EQ(app.handle(Request::get("/")).body().text(), "Hello visitor 2");
}

TEST(StatePage, InnerScopesHideOuterValues) {
    const auto greeting = [](State<Settings> settings) { return settings->greeting; };
    App app = App::create();
    // [scopes]
    app.data(Settings{"Hello"})
        .route("/", get(greeting))
        .service(scope("/de").data(Settings{"Hallo"}).route("/", get(greeting)));
    // [/scopes]
    const Application built = app.build();
    EXPECT_EQ(built.handle(Request::get("/")).body().text(), "Hello");
    EXPECT_EQ(built.handle(Request::get("/de")).body().text(), "Hallo");
}

TEST(StatePage, MissingStateStopsTheStart) {
    App app = App::create();
    app.route("/", get(greet)).data(Settings{"Hello"});
    try {
        static_cast<void>(app.build());
        FAIL() << "built without Visits";
    } catch (const BuildError& error) {
        EXPECT_THAT(error.what(), testing::HasSubstr("State<state::Visits>"));
        EXPECT_THAT(error.what(),
                    testing::HasSubstr("no enclosing scope has .data() of that type"));
    }
}

// [interface]
struct Mailer {
    virtual ~Mailer() = default;
    virtual void send(std::string to, std::string text) = 0;
};

struct Outbox : Mailer {
    std::mutex mutex;
    std::vector<std::string> sent;
    void send(std::string to, std::string) override {
        const std::lock_guard lock{mutex};
        sent.push_back(std::move(to));
    }
};

Status invite(Path<std::string> address, State<Mailer> mailer) {
    mailer->send(*address, "Come in");
    return Status::accepted;
}

App invitations(std::shared_ptr<Mailer> mailer) {
    return App::create().data(std::move(mailer)).route("/invite/{address}", post(invite));
}
// [/interface]

TEST(StatePage, InterfacesAreReplacedInTests) {
    // [fake]
    const auto outbox = std::make_shared<Outbox>();
    const Application app = invitations(outbox).build();
    EXPECT_EQ(app.handle(Request{Method::post, "/invite/ada@example.com"}).status(),
              Status::accepted);
    EXPECT_THAT(outbox->sent, testing::ElementsAre("ada@example.com"));
    // [/fake]
}

} // namespace state
