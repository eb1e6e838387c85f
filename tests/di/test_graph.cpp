// What `build` finds wrong with the services, before anything is made.

#include "di/support.hpp"

#include <memory>

namespace armature {
namespace {

using test::faults;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

struct Database {};
struct Mailer {
    virtual ~Mailer() = default;
};
struct Mailbox {};
struct Plain {};

struct A;
struct B {
    explicit B(A&) {}
};
struct C {
    explicit C(B&) {}
};
struct A {
    explicit A(C&) {}
};
struct NeedsTwo {
    NeedsTwo(Database&, Mailer&) {}
};

TEST(Graph, SaysWhoMissesWhatAndWhatIsNear) {
    App app = App::create();
    app.provide<NeedsTwo>().provide<Mailbox>();
    EXPECT_THAT(faults(app), AllOf(HasSubstr("NeedsTwo needs "),
                                   HasSubstr("Database (parameter 1), but nothing provides it"),
                                   HasSubstr("Mailer (parameter 2), but nothing provides it; "
                                             "there is "),
                                   HasSubstr("Mailbox")));
}

TEST(Graph, NamesTheRouteThatWantsWhatNobodyProvides) {
    App app = App::create();
    app.provide<Plain>();
    app.route("/users/{id}", get([](Path<int>, Inject<Database>) { return ""; }));
    EXPECT_THAT(faults(app), AllOf(HasSubstr("GET /users/{id} (test_graph.cpp:"),
                                   HasSubstr("its handler takes Inject<"),
                                   HasSubstr("Database>, but nothing provides it")));
}

TEST(Graph, NamesTheRouteOfAnApplicationWithoutAnyServices) {
    App app = App::create();
    app.route("/", get([](Inject<Database>) { return ""; }));
    EXPECT_THAT(faults(app), HasSubstr("Database>, but the application provides no services"));
}

TEST(Graph, PrintsACycleWithItsPath) {
    App app = App::create();
    app.provide<A>().provide<B>().provide<C>();
    const std::string text = faults(app);
    const std::size_t at = text.find("a cycle: ");
    ASSERT_NE(at, std::string::npos) << text;
    EXPECT_EQ(text.find("a cycle: ", at + 1), std::string::npos) << "once only";
    std::string path = text.substr(at);
    for (std::size_t scope; (scope = path.find("armature::{anonymous}::")) != std::string::npos;)
        path.erase(scope, 23);
    for (std::size_t scope;
         (scope = path.find("armature::(anonymous namespace)::")) != std::string::npos;)
        path.erase(scope, 33);
    EXPECT_THAT(path, HasSubstr("a cycle: A -> C -> B -> A"));
}

struct Session {};
struct Helper {
    explicit Helper(Session&) {}
};
struct Cache {
    explicit Cache(Helper&) {}
};
TEST(Graph, RefusesASingletonThatNeedsWhatARequestHas) {
    App app = App::create();
    app.provide<Cache>()
        .provide(provider<Helper>().transient())
        .provide(provider<Session>().per_request());
    EXPECT_THAT(faults(app), AllOf(HasSubstr("Cache is a singleton, but needs what lives for one "
                                             "request only: "),
                                   HasSubstr("Helper -> "), HasSubstr("Session")));
}

struct LooksAtTheRequest {
    explicit LooksAtTheRequest(const Request&) {}
};
TEST(Graph, RefusesASingletonThatTakesTheRequest) {
    App app = App::create();
    app.provide<LooksAtTheRequest>();
    EXPECT_THAT(faults(app), HasSubstr("LooksAtTheRequest -> Request"));
}

TEST(Graph, RefusesTwoProvidersOfOneType) {
    App app = App::create();
    app.provide<Database>().provide<Database>();
    EXPECT_THAT(faults(app), HasSubstr("Database is provided twice"));
}

struct WantsOne {
    explicit WantsOne(Database&) {}
};
TEST(Graph, RefusesToChooseOneOfMany) {
    App app = App::create();
    app.provide(provider<Database>().many()).provide(provider<Database>().many());
    app.provide<WantsOne>();
    EXPECT_THAT(faults(app), HasSubstr("but there are several"));
}

struct OwnsDatabase {
    explicit OwnsDatabase(std::unique_ptr<Database>) {}
};
struct NoDestructor {};
struct Implementation : NoDestructor {};
struct OwnsByBase {
    explicit OwnsByBase(std::unique_ptr<NoDestructor>) {}
};
TEST(Graph, RefusesAUniquePointerToWhatCantBeOwned) {
    App shared = App::create();
    shared.provide<OwnsDatabase>().provide<Database>();
    EXPECT_THAT(faults(shared), HasSubstr("as std::unique_ptr, but it isn't transient()"));
    App by_base = App::create();
    by_base.provide<OwnsByBase>();
    by_base.provide(provider<Implementation>().as<NoDestructor>().transient());
    EXPECT_THAT(faults(by_base), HasSubstr("has no virtual destructor"));
    App made_shared = App::create();
    made_shared.provide<OwnsDatabase>();
    made_shared.provide(provider_from([] { return std::make_shared<Database>(); }).transient());
    EXPECT_THAT(faults(made_shared), HasSubstr("its factory makes a std::shared_ptr"));
}

struct LazySession {
    explicit LazySession(Lazy<Session>) {}
};
TEST(Graph, RefusesLifetimesThatNobodyCouldKeep) {
    App app = App::create();
    app.provide<LazySession>().provide(provider<Session>().per_request());
    app.provide(provider_of(Plain{}).per_request());
    app.provide(provider_from([]() -> Task<Database> { co_return Database{}; }).transient());
    app.provide(provider_from([]() -> Task<Mailbox> { co_return Mailbox{}; }).lazy());
    EXPECT_THAT(faults(app),
                AllOf(HasSubstr("as Lazy, but Lazy is for singletons"),
                      HasSubstr("Plain is provided as a value"),
                      HasSubstr("Database is made by a coroutine"),
                      HasSubstr("Mailbox is made by a coroutine, which is awaited when the "
                                "application is built, so it can't be lazy()")));
}

struct HasHook {
    void on_module_init() {}
};
struct HasShutdownHook {
    void on_module_destroy() {}
};
TEST(Graph, RefusesHooksThatNothingWouldRun) {
    App app = App::create();
    app.provide(provider<HasHook>().per_request()).provide(provider<HasShutdownHook>().lazy());
    EXPECT_THAT(faults(app), AllOf(HasSubstr("HasHook has a lifecycle hook, but isn't a singleton"),
                                   HasSubstr("HasShutdownHook has a lifecycle hook, so it can't "
                                             "be lazy()")));
}

TEST(Graph, ListsAllFaultsTogetherWithThoseOfTheRoutes) {
    App app = App::create();
    app.provide<NeedsTwo>().provide<A>().provide<B>().provide<C>().provide<Cache>();
    app.route("/same", get([] { return ""; })).route("/same", get([] { return ""; }));
    const std::string text = faults(app);
    EXPECT_THAT(text,
                AllOf(HasSubstr("Database (parameter 1)"), HasSubstr("Mailer (parameter 2)"),
                      HasSubstr("Helper (parameter 1)"), HasSubstr("a cycle"), HasSubstr("/same")));
}

} // namespace
} // namespace armature
