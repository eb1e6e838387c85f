// How services are made and how long they live.

#include "di/support.hpp"

#include <armature/core/scheduler.hpp>

#include <memory>
#include <vector>

namespace armature {
namespace {

using test::answer;
using test::faults;
using test::Log;
using test::Story;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Clock {
    virtual ~Clock() = default;
    [[nodiscard]] virtual std::string now() const = 0;
};
struct SystemClock final : Clock {
    [[nodiscard]] std::string now() const override { return "now"; }
};
struct FixedClock final : Clock {
    explicit FixedClock(std::string at) : time(std::move(at)) {}
    [[nodiscard]] std::string now() const override { return time; }
    std::string time;
};

std::string time_of(App& app) {
    app.route("/", get([](Inject<Clock> clock) { return clock->now(); }));
    return answer(app.build(), "/");
}

// --- values and factories -----------------------------------------------------------------------

TEST(Providers, GiveValuesAndSharedObjects) {
    const auto log = std::make_shared<Log>();
    App app = App::create();
    app.provide_value(FixedClock{"noon"}).provide_value(log);
    app.route("/", get([](Inject<FixedClock> clock, Inject<Log> story) {
                  story->add(clock->now());
                  return clock->now();
              }));
    EXPECT_EQ(answer(app.build(), "/"), "noon");
    EXPECT_THAT(log->lines, ElementsAre("noon"));
}

TEST(Providers, MakeWhatFactoriesReturn) {
    struct Unmovable {
        explicit Unmovable(int given) : value(given) {}
        Unmovable(Unmovable&&) = delete;
        int value;
    };
    struct Shared {
        int value;
    };
    struct Sum {
        int value;
    };
    App app = App::create();
    app.provide_factory([] { return Unmovable{1}; });
    app.provide_factory([two = 2](const Unmovable& one) {
        return std::make_shared<Shared>(Shared{one.value + two});
    });
    app.provide_factory([](Unmovable& one, std::shared_ptr<Shared> three) {
        return std::make_unique<Sum>(Sum{one.value + three->value});
    });
    app.provide_factory([](Sum& sum) -> std::unique_ptr<Clock> {
        return std::make_unique<FixedClock>(std::to_string(sum.value));
    });
    EXPECT_EQ(time_of(app), "4");
}

Task<std::unique_ptr<Clock>> slow_clock(Log& log) {
    log.add("begins");
    co_await sleep_for(Duration::milliseconds(1));
    log.add("ends");
    co_return std::make_unique<FixedClock>("late");
}
TEST(Providers, AwaitCoroutineFactoriesBeforeTheBuildIsDone) {
    const auto log = std::make_shared<Log>();
    App app = App::create();
    app.provide_factory(slow_clock).provide_value(log);
    app.route("/", get([](Inject<Clock> clock) { return clock->now(); }));
    const Application built = app.build();
    EXPECT_THAT(log->lines, ElementsAre("begins", "ends"));
    EXPECT_EQ(answer(built, "/"), "late");
}

TEST(Providers, GiveUpOnCoroutineFactoriesThatTakeTooLong) {
    App app = App::create();
    app.hook_timeout(Duration::milliseconds(5));
    app.provide_factory([]() -> Task<Log> {
        co_await sleep_for(Duration::seconds(3600));
        co_return Log{};
    });
    EXPECT_THAT(faults(app), HasSubstr("Log can't be made: cancelled"));
}

TEST(Providers, RefuseAFactorysNull) {
    App app = App::create();
    app.provide_factory([]() -> std::unique_ptr<Clock> { return nullptr; });
    EXPECT_THAT(faults(app), HasSubstr("Clock can't be made: its factory returned null"));
}

// --- what is known by what ----------------------------------------------------------------------

TEST(Providers, GiveOneObjectByAllItsInterfaces) {
    struct Reader {
        virtual ~Reader() = default;
    };
    struct Writer {
        virtual ~Writer() = default;
        int writes = 0;
    };
    struct File final : Reader, Writer {};
    App app = App::create();
    app.provide(provider<File>().as<Reader>().as<Writer>());
    app.route("/", get([](Inject<Reader> reader, Inject<Writer> writer) {
                  return dynamic_cast<File*>(&*reader) == dynamic_cast<File*>(&*writer) ? "one"
                                                                                        : "two";
              }));
    EXPECT_EQ(answer(app.build(), "/"), "one");
}

TEST(Providers, TellServicesOfOneTypeApartByName) {
    App app = App::create();
    app.provide(provider_of(FixedClock{"dawn"}).as<Clock>().named("morning"));
    app.provide(provider_of(FixedClock{"dusk"}).as<Clock>().named("evening"));
    app.route("/", get([](Inject<Clock, "morning"> morning, Inject<Clock, "evening"> evening) {
                  return morning->now() + ", " + evening->now();
              }));
    EXPECT_EQ(answer(app.build(), "/"), "dawn, dusk");
}

struct Times {
    Times(std::vector<Clock*> all, std::vector<std::shared_ptr<Clock>> owners)
        : clocks(std::move(all)), shared(std::move(owners)) {}
    std::vector<Clock*> clocks;
    std::vector<std::shared_ptr<Clock>> shared;
};
std::string times(Inject<Times> given) {
    std::string text;
    for (const Clock* clock : given->clocks)
        text += clock->now() + ' ';
    return text + std::to_string(given->shared.size());
}
TEST(Providers, CollectManyOfOneTypeInTheOrderOfRegistration) {
    App app = App::create();
    app.provide(provider<SystemClock>().as<Clock>().many());
    app.provide<Times>();
    app.provide(provider_of(FixedClock{"noon"}).as<Clock>().many());
    app.route("/", get(times));
    EXPECT_EQ(answer(app.build(), "/"), "now noon 2");
}
TEST(Providers, CollectNoneWhereNothingIsProvided) {
    App app = App::create();
    app.provide<Times>().route("/", get(times));
    EXPECT_EQ(answer(app.build(), "/"), "0");
}

TEST(Providers, StandInWhenNothingElseIsThere) {
    App alone = App::create();
    alone.provide(provider_of(FixedClock{"fallback"}).as<Clock>().if_missing());
    EXPECT_EQ(time_of(alone), "fallback");
    App app = App::create();
    app.provide(provider_of(FixedClock{"fallback"}).as<Clock>().if_missing());
    app.provide_as<Clock, SystemClock>();
    EXPECT_EQ(time_of(app), "now");
}

TEST(Providers, AreReplacedForTests) {
    App app = App::create();
    app.provide_as<Clock, SystemClock>();
    app.replace(provider<FixedClock>("frozen").as<Clock>());
    EXPECT_EQ(time_of(app), "frozen");
}
TEST(Providers, OnlyReplaceWhatIsThere) {
    App app = App::create();
    app.replace(provider<FixedClock>("frozen").as<Clock>());
    EXPECT_THAT(faults(app), HasSubstr("replace(): nothing provides"));
}

// --- how long they live -------------------------------------------------------------------------

struct First {
    explicit First(Log& to) : log(to) { log.add("first"); }
    ~First() { log.add("~first"); }
    Log& log;
};
struct Second {
    Second(First&, Log& to) : log(to) { log.add("second"); }
    ~Second() { log.add("~second"); }
    Log& log;
};
TEST(Providers, MakeSingletonsAfterWhatTheyNeedAndDestroyThemInReverse) {
    const auto log = std::make_shared<Log>();
    {
        App app = App::create();
        app.provide<Second>().provide<First>().provide_value(log);
        const Application built = app.build();
        EXPECT_THAT(log->lines, ElementsAre("first", "second"));
    }
    EXPECT_THAT(log->lines, ElementsAre("first", "second", "~second", "~first"));
}

struct Visit {
    Visit(Request& by, Log& to) : path(by.path()), log(to) { log.add("visit " + path); }
    ~Visit() { log.add("~visit " + path); }
    std::string path;
    Log& log;
};
struct Audit {
    explicit Audit(Visit& of) : visit(of) {}
    Visit& visit;
};
TEST(Providers, MakePerRequestServicesOnceForEachRequestThatNeedsThem) {
    const auto log = std::make_shared<Log>();
    App app = App::create();
    app.provide_value(log);
    app.provide(provider<Visit>().per_request()).provide(provider<Audit>().per_request());
    app.route("/a", get([](Inject<Audit> audit, Inject<Visit> visit) {
                  return &audit->visit == &*visit ? "one visit" : "two";
              }));
    app.route("/b", get([](Inject<Visit> visit) -> Task<std::string> {
                  co_await yield();
                  co_return visit->path;
              }));
    app.route("/c", get([] { return "no visit"; }));
    const Application built = app.build();
    EXPECT_EQ(answer(built, "/a"), "one visit");
    EXPECT_EQ(answer(built, "/b"), "/b");
    EXPECT_EQ(answer(built, "/c"), "no visit");
    EXPECT_THAT(log->lines, ElementsAre("visit /a", "~visit /a", "visit /b", "~visit /b"));
}

struct Token {
    explicit Token(Log& to) : number(++made), log(to) {}
    ~Token() { log.add("~token"); }
    int number;
    Log& log;
    static inline int made = 0;
};
struct Holder {
    Holder(Token& first, std::unique_ptr<Token> second, std::shared_ptr<Token> third)
        : a(first), b(std::move(second)), c(std::move(third)) {}
    Token& a;
    std::unique_ptr<Token> b;
    std::shared_ptr<Token> c;
};
TEST(Providers, MakeTransientServicesForEachParameter) {
    const auto log = std::make_shared<Log>();
    Token::made = 0;
    {
        App app = App::create();
        app.provide<Holder>().provide(provider<Token>().transient()).provide_value(log);
        app.route("/", get([](Inject<Holder> h, Inject<Token> own) {
                      return std::to_string(h->a.number + h->b->number + h->c->number) + ' ' +
                             std::to_string(own->number);
                  }));
        const Application built = app.build();
        EXPECT_EQ(answer(built, "/"), "6 4");
        EXPECT_EQ(log->lines.size(), 1u) << "the request's own is gone";
        EXPECT_EQ(answer(built, "/"), "6 5");
    }
    EXPECT_EQ(log->lines.size(), 5u);
}

struct ThrowsAfterTaking {
    ThrowsAfterTaking(std::unique_ptr<Token>, std::unique_ptr<Token>) {
        throw std::runtime_error("no");
    }
};
TEST(Providers, LoseNothingWhenAConstructorThrows) {
    const auto log = std::make_shared<Log>();
    App app = App::create();
    app.provide(provider<ThrowsAfterTaking>().transient())
        .provide(provider<Token>().transient())
        .provide_value(log);
    app.route("/", get([](Inject<ThrowsAfterTaking>) { return ""; }));
    EXPECT_EQ(app.build().handle(Request::get("/")).status(), Status::internal_server_error);
    EXPECT_THAT(log->lines, ElementsAre("~token", "~token"));
}

// --- lazily -------------------------------------------------------------------------------------

struct Expensive {
    explicit Expensive(Log& log) { log.add("made"); }
    int value = 1;
};
struct UsesItLater {
    explicit UsesItLater(Lazy<Expensive> given) : expensive(given) {}
    Lazy<Expensive> expensive;
};
TEST(Providers, MakeLazySingletonsWhenTheyAreUsedFirst) {
    const auto log = std::make_shared<Log>();
    App app = App::create();
    app.provide(provider<Expensive>().lazy()).provide<UsesItLater>().provide_value(log);
    app.route("/",
              get([](Inject<UsesItLater> user) { return std::to_string(user->expensive->value); }));
    app.route("/directly", get([](Inject<Expensive> it) { return std::to_string(it->value); }));
    const Application built = app.build();
    EXPECT_TRUE(log->lines.empty());
    EXPECT_EQ(answer(built, "/"), "1");
    EXPECT_EQ(answer(built, "/directly"), "1");
    EXPECT_EQ(answer(built, "/"), "1");
    EXPECT_THAT(log->lines, ElementsAre("made"));
}

struct Hen;
struct Egg {
    explicit Egg(Lazy<Hen> given) : hen(given) {}
    Lazy<Hen> hen;
};
struct Hen {
    explicit Hen(Egg& from) : egg(from) {}
    Egg& egg;
    std::string name = "hen";
};
TEST(Providers, LetALazyParameterBreakACycle) {
    App app = App::create();
    app.provide<Egg>().provide<Hen>();
    app.route("/", get([](Inject<Egg> egg) { return egg->hen->egg.hen->name; }));
    EXPECT_EQ(answer(app.build(), "/"), "hen");
}

struct Impatient;
struct Partner {
    explicit Partner(Impatient&) {}
};
struct Impatient {
    explicit Impatient(Lazy<Partner> partner) { static_cast<void>(*partner); }
};
TEST(Providers, RefuseALazyParameterThatIsUsedInTheConstructor) {
    App app = App::create();
    app.provide<Impatient>().provide<Partner>();
    EXPECT_THAT(faults(app), HasSubstr("uses a Lazy that leads back to it"));
}

} // namespace
} // namespace armature
