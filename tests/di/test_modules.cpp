// What a module shows to whom.

#include "di/support.hpp"

#include <memory>

namespace armature {
namespace {

using test::answer;
using test::faults;
using ::testing::AllOf;
using ::testing::HasSubstr;

struct Pool {
    std::string url = "default";
};
struct Users {
    explicit Users(Pool& given) : pool(given) {}
    Pool& pool;
};
struct Settings {
    std::string url;
};

int configured = 0;

Module pool_module() {
    ++configured;
    return Module{"pool"}.provide<Pool>().exports<Pool>();
}
Module users_module() {
    return Module{"users"}
        .imports(pool_module)
        .provide<Users>()
        .exports<Users>()
        .service(
            scope("/users").route("/", get([](Inject<Users> users) { return users->pool.url; })));
}

TEST(Modules, ServeTheirRoutesWithTheirServices) {
    App app = App::create();
    app.imports(users_module);
    EXPECT_EQ(answer(app.build(), "/users"), "default");
}

TEST(Modules, ShowWhatTheyExportToThoseThatImportThem) {
    App app = App::create();
    app.imports(users_module);
    app.route("/", get([](Inject<Users> users) { return users->pool.url; }));
    EXPECT_EQ(answer(app.build(), "/"), "default");
}

Module reports_module() { return Module{"reports"}.imports(users_module).imports(pool_module); }
TEST(Modules, AreConfiguredOnceHoweverOftenTheyAreImported) {
    configured = 0;
    App app = App::create();
    app.imports(reports_module).imports(users_module).imports(pool_module);
    app.route("/", get([](Inject<Users> users, Inject<Pool> pool) {
                  return &users->pool == &*pool ? "one pool" : "two";
              }));
    EXPECT_EQ(answer(app.build(), "/"), "one pool");
    EXPECT_EQ(configured, 1);
}

Module secretive_module() { return Module{"secretive"}.provide<Pool>(); }
TEST(Modules, HideWhatTheyDontExport) {
    App app = App::create();
    app.imports(secretive_module).provide<Users>();
    app.route("/", get([](Inject<Pool>) { return ""; }));
    EXPECT_THAT(
        faults(app),
        AllOf(HasSubstr("Pool (parameter 1), which module \"secretive\" provides but doesn't "
                        "export; export it there"),
              HasSubstr("Pool>, which module \"secretive\" provides but doesn't export")));
}

Module forgetful_module() { return Module{"forgetful"}.provide<Users>(); }
TEST(Modules, DontSeeWhatTheyDontImport) {
    App app = App::create();
    app.imports(forgetful_module).imports(pool_module);
    EXPECT_THAT(faults(app), HasSubstr("Pool (parameter 1), which module \"pool\" exports; import "
                                       "that module into \"forgetful\""));
}

TEST(Modules, SeeWhatTheApplicationProvides) {
    App app = App::create();
    app.imports(forgetful_module).provide<Pool>();
    EXPECT_NO_THROW(static_cast<void>(app.build()));
}

TEST(Modules, PreferTheirOwnServices) {
    App app = App::create();
    app.provide_value(Pool{"the application's"});
    app.imports(
        Module{"own"}
            .provide_value(Pool{"its own"})
            .service(scope("/own").route("/", get([](Inject<Pool> pool) { return pool->url; }))));
    app.route("/", get([](Inject<Pool> pool) { return pool->url; }));
    const Application built = app.build();
    EXPECT_EQ(answer(built, "/own"), "its own");
    EXPECT_EQ(answer(built, "/"), "the application's");
}

Module facade_module() { return Module{"facade"}.re_exports(pool_module); }
TEST(Modules, PassOnWhatTheyReExport) {
    App app = App::create();
    app.imports(facade_module).provide<Users>();
    EXPECT_NO_THROW(static_cast<void>(app.build()));
}

Module everywhere_module() { return Module{"everywhere"}.provide<Pool>().exports<Pool>().global(); }
TEST(Modules, AreVisibleEverywhereWhenTheyAreGlobal) {
    App app = App::create();
    app.imports(everywhere_module).imports(forgetful_module);
    EXPECT_NO_THROW(static_cast<void>(app.build()));
}

// A dynamic module: a function with parameters.
struct PoolModule {
    static Module for_root(Settings settings) {
        return Module{"pool root"}
            .provide_value(std::move(settings))
            .provide_factory([](const Settings& s) { return Pool{s.url}; })
            .exports<Pool>()
            .global();
    }
    static Module for_feature(const std::string& name) {
        return Module{"pool of " + name}
            .provide(provider_from([name](Pool& pool) {
                         return Settings{pool.url + '/' + name};
                     }).named(name))
            .exports<Settings>(name);
    }
};
TEST(Modules, AreDynamicWhenAFunctionMakesThemOfItsParameters) {
    App app = App::create();
    app.imports(PoolModule::for_root({"db://main"}))
        .imports(PoolModule::for_feature("users"))
        .imports(PoolModule::for_feature("orders"));
    app.route("/", get([](Inject<Settings, "users"> a, Inject<Settings, "orders"> b) {
                  return a->url + ' ' + b->url;
              }));
    EXPECT_EQ(answer(app.build(), "/"), "db://main/users db://main/orders");
}

TEST(Modules, OfOneNameAreRefused) {
    App app = App::create();
    app.imports(PoolModule::for_root({"a"})).imports(PoolModule::for_root({"b"}));
    EXPECT_THAT(faults(app), HasSubstr("two modules are called \"pool root\" (test_modules.cpp:"));
}

TEST(Modules, CountCopiesOfOneValueAsOne) {
    const Module pool = PoolModule::for_root({"shared"});
    App app = App::create();
    app.imports(pool).imports(Module{"other"}.imports(pool));
    EXPECT_NO_THROW(static_cast<void>(app.build()));
}

TEST(Modules, BelongToOneApplication) {
    const Module pool = PoolModule::for_root({"shared"});
    App first = App::create();
    first.imports(pool);
    const Application built = first.build();
    App second = App::create();
    second.imports(pool);
    EXPECT_THAT(faults(second), HasSubstr("is a part of another application already"));
}

Module ping_module();
Module pong_module() { return Module{"pong"}.imports(ping_module); }
Module ping_module() { return Module{"ping"}.imports(pong_module); }
TEST(Modules, ThatImportEachOtherAreRefused) {
    App app = App::create();
    app.imports(ping_module);
    EXPECT_THAT(faults(app), HasSubstr("modules import each other: ping -> pong -> ping"));
}
TEST(Modules, ThatImportEachOtherByValueAreRefused) {
    Module ping{"ping"};
    Module pong{"pong"};
    ping.imports(pong);
    pong.imports(ping);
    App app = App::create();
    app.imports(ping);
    EXPECT_THAT(faults(app), HasSubstr("modules import each other: ping -> pong -> ping"));
}

TEST(Modules, CantExportWhatTheyDontProvide) {
    App app = App::create();
    app.imports(Module{"empty"}.exports<Pool>());
    EXPECT_THAT(faults(app), HasSubstr("module \"empty\" exports "));
}

TEST(Modules, LetTestsReplaceTheirServices) {
    App app = App::create();
    app.imports(users_module).replace(provider_of(Pool{"fake"}));
    EXPECT_EQ(answer(app.build(), "/users"), "fake");
}

TEST(Modules, LetReplacedServicesOfSeveralModulesKeepTheirPlaces) {
    App app = App::create();
    app.imports(Module{"one"}.provide<Pool>().provide<Users>());
    app.imports(Module{"two"}.provide<Pool>().provide<Users>().exports<Users>());
    app.replace(provider_of(Pool{"fake"}));
    app.route("/", get([](Inject<Users> users) { return users->pool.url; }));
    EXPECT_EQ(answer(app.build(), "/"), "fake");
}

struct Plugin {
    explicit Plugin(std::string called) : name(std::move(called)) {}
    std::string name;
};
TEST(Modules, AddToWhatIsCollected) {
    App app = App::create();
    app.imports(Module{"extra"}.provide(provider<Plugin>("extra").many()).exports<Plugin>());
    app.imports(Module{"hidden"}.provide(provider<Plugin>("hidden").many()));
    app.provide(provider<Plugin>("own").many());
    app.provide_factory([](std::vector<Plugin*> all) {
        Settings names;
        for (const Plugin* plugin : all)
            names.url += plugin->name + ' ';
        return names;
    });
    app.route("/", get([](Inject<Settings> names) { return names->url; }));
    EXPECT_EQ(answer(app.build(), "/"), "own extra ");
}

} // namespace
} // namespace armature
