// The C++ of docs/dependency-injection.md: compiled and run here, repeated there.
#include <armature/app/controller.hpp>
#include <armature/armature.hpp>
#include <armature/di/di.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace injection {

using namespace armature;

// [first]
struct Database {
    std::string name_of(std::uint64_t id) { return "user " + std::to_string(id); }
};

class Users {
  public:
    explicit Users(Database& database) : database_(database) {}
    std::string greet(std::uint64_t id) { return "Hello, " + database_.name_of(id); }

  private:
    Database& database_;
};

App make_app() {
    return App::create().provide<Database>().provide<Users>().route(
        "/users/{id}",
        get([](Path<std::uint64_t> id, Inject<Users> users) { return users->greet(*id); }));
}
// [/first]

TEST(InjectionPage, Begins) {
    EXPECT_EQ(make_app().build().handle(Request::get("/users/7")).body().text(), "Hello, user 7");
}

struct Cache {};
struct Job {};

// [constructor]
struct Mailer {
    virtual ~Mailer() = default;
    virtual void send(std::string text) = 0;
};
struct SmtpMailer final : Mailer {
    SmtpMailer(const Database&, Cache* cache, std::string host)
        : cache_(cache), host_(std::move(host)) {}
    void send(std::string) override {}

    Cache* cache_; // null: nobody provides one
    std::string host_;
};

// For a class with several constructors, when the longest isn't the one.
struct Reports {
    using Dependencies = DependencyList<Database&>;
    explicit Reports(Database&) {}
    Reports(Database&, Mailer&) {}
};
// [/constructor]

// [providers]
struct Settings {
    std::string smtp_host;
};

App provide_all(Settings settings) {
    return App::create()
        .provide_value(settings)                               // an object that exists
        .provide_as<Mailer, SmtpMailer>("mail.example")        // by its interface only
        .provide_factory([](const Settings&) -> Task<Database> // awaited by build()
                         { co_return Database{}; })
        .provide(provider<Reports>().lazy())                               // when it is used first
        .provide(provider_of(Settings{"backup.example"}).named("backup")); // Named<…>, Inject<…>
}
// [/providers]

TEST(InjectionPage, Provides) {
    App app = provide_all({"mail.example"});
    app.route("/", get([](Inject<Mailer>, Inject<Settings, "backup"> backup, Inject<Reports>) {
                  return backup->smtp_host;
              }));
    EXPECT_EQ(app.build().handle(Request::get("/")).body().text(), "backup.example");
}

// [many]
struct Check {
    virtual ~Check() = default;
    virtual bool passes() = 0;
};
struct DatabaseCheck final : Check {
    explicit DatabaseCheck(Database&) {}
    bool passes() override { return true; }
};
struct DiskCheck final : Check {
    bool passes() override { return true; }
};

class Health {
  public:
    explicit Health(std::vector<Check*> checks) : checks_(std::move(checks)) {}
    bool is_good() {
        for (Check* check : checks_)
            if (!check->passes()) return false;
        return true;
    }

  private:
    std::vector<Check*> checks_;
};

App with_health() {
    return App::create()
        .provide<Database>()
        .provide<Health>()
        .provide(provider<DatabaseCheck>().as<Check>().many())
        .provide(provider<DiskCheck>().as<Check>().many());
}
// [/many]

TEST(InjectionPage, Collects) {
    App app = with_health();
    app.route("/", get([](Inject<Health> health) { return health->is_good() ? "good" : "bad"; }));
    EXPECT_EQ(app.build().handle(Request::get("/")).body().text(), "good");
}

// [request]
class CurrentUser {
  public:
    explicit CurrentUser(const Request& request)
        : name_(request.header("x-user").value_or("nobody")) {}
    const std::string& name() const { return name_; }

  private:
    std::string name_;
};

App with_users() {
    return App::create()
        .provide(provider<CurrentUser>().per_request())
        .route("/me", get([](Inject<CurrentUser> user) { return user->name(); }));
}
// [/request]

TEST(InjectionPage, MakesSomeForEachRequest) {
    const Application app = with_users().build();
    EXPECT_EQ(app.handle(Request::get("/me").set_header("x-user", "Ada")).body().text(), "Ada");
    EXPECT_EQ(app.handle(Request::get("/me")).body().text(), "nobody");
}

// [modules]
Module database_module() { return Module{"database"}.provide<Database>().exports<Database>(); }

class UserController {
    ARMATURE_CONTROLLER(UserController, "/users");

  public:
    explicit UserController(Users& users) : users_(users) {}

    ARMATURE_GET("/{id}", greet);
    std::string greet(Path<std::uint64_t> id) { return users_.greet(*id); }

    ARMATURE_END_CONTROLLER();

  private:
    Users& users_;
};

Module user_module() {
    return Module{"users"}.imports(database_module).provide<Users>().controller<UserController>();
}

App modular_app() { return App::create().imports(user_module); }
// [/modules]

TEST(InjectionPage, HasModules) {
    EXPECT_EQ(modular_app().build().handle(Request::get("/users/7")).body().text(),
              "Hello, user 7");
}

// [dynamic]
struct Pool {
    std::string url;
};
struct Table {
    std::string name;
};

struct PoolModule {
    static Module for_root(std::string url) {
        return Module{"pool"}.provide_factory([url] { return Pool{url}; }).exports<Pool>().global();
    }
    static Module for_feature(std::string name) {
        return Module{"pool for " + name}
            .provide(provider_from([name](Pool& pool) {
                         return Table{pool.url + '/' + name};
                     }).named(name))
            .exports<Table>(name);
    }
};

App dynamic_app() {
    return App::create()
        .imports(PoolModule::for_root("db://main"))
        .imports(PoolModule::for_feature("users"))
        .route("/", get([](Inject<Table, "users"> users) { return users->name; }));
}
// [/dynamic]

TEST(InjectionPage, HasDynamicModules) {
    EXPECT_EQ(dynamic_app().build().handle(Request::get("/")).body().text(), "db://main/users");
}

// [hooks]
class Connections {
  public:
    Task<> on_module_init() { // the first: make ready
        co_await sleep_for(Duration::milliseconds(1));
        open_ = true;
    }
    void on_application_bootstrap() {} // all are ready; nobody is served yet

    void before_application_shutdown(std::string_view) {} // still serving: leave the balancer
    void on_application_shutdown(std::string_view) {}     // nobody is served any more
    void on_module_destroy() { open_ = false; }           // the last

    bool open() const { return open_; }

  private:
    bool open_ = false;
};
// [/hooks]

TEST(InjectionPage, HasHooks) {
    App app = App::create();
    app.provide<Connections>().hook_timeout(Duration::seconds(5));
    app.route("/", get([](Inject<Connections> c) { return c->open() ? "open" : "closed"; }));
    const Application built = app.build();
    built.start();
    EXPECT_EQ(built.handle(Request::get("/")).body().text(), "open");
    built.shutdown({});
    EXPECT_EQ(built.handle(Request::get("/")).body().text(), "closed");
}

// [replace]
struct FakeDatabase final : Database {};

TEST(Greeting, ComesFromTheDatabase) {
    const Application app = modular_app().replace(provider<FakeDatabase>().as<Database>()).build();
    EXPECT_EQ(app.handle(Request::get("/users/7")).body().text(), "Hello, user 7");
}
// [/replace]

TEST(InjectionPage, SaysWhatIsWrong) {
    App app = App::create();
    app.provide<Users>().provide(provider<CurrentUser>().per_request());
    app.provide_factory([](CurrentUser&) { return Job{}; });
    try {
        static_cast<void>(app.build());
        FAIL() << "it was built";
    } catch (const BuildError& error) {
        EXPECT_THAT(error.what(), ::testing::AllOf(::testing::HasSubstr(
                                      "Users needs injection::Database (parameter 1), but "
                                      "nothing provides it")));
    }
}

} // namespace injection
