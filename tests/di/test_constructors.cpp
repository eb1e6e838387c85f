// What a class says of its needs by its constructor.

#include "di/support.hpp"

#include <memory>
#include <optional>

namespace armature {
namespace {

using test::answer;
using test::faults;
using ::testing::HasSubstr;

struct Database {
    std::string name = "main";
};
struct Mailer {
    virtual ~Mailer() = default;
    [[nodiscard]] virtual std::string send() const = 0;
};
struct SmtpMailer final : Mailer {
    explicit SmtpMailer(Database& given) : database(given) {}
    [[nodiscard]] std::string send() const override { return "sent by " + database.name; }
    Database& database;
};
struct Parser {
    int uses = 0;
};
struct Unprovided;

// What `look` finds in a service that was made with the usual providers around.
template <class T, class... Values>
std::string made(std::string (*look)(const T&), Values&&... values) {
    App app = App::create();
    app.provide<T>(std::forward<Values>(values)...);
    app.provide_as<Mailer, SmtpMailer>().provide<Database>();
    app.provide(provider<Parser>().transient());
    app.provide(provider_of(Database{"spare"}).named("spare"));
    app.route("/", get([look](Inject<T> service) { return look(*service); }));
    return answer(app.build(), "/");
}

struct TakesReferences {
    TakesReferences(Database& first, const Mailer& second) : database(first), mailer(second) {}
    Database& database;
    const Mailer& mailer;
};
TEST(Constructors, TakeReferences) {
    EXPECT_EQ(made<TakesReferences>([](const TakesReferences& t) {
                  return t.mailer.send() + " with " + t.database.name;
              }),
              "sent by main with main");
}

struct TakesPointers {
    TakesPointers(const Database* there, Unprovided* not_there)
        : database(there), missing(not_there) {}
    const Database* database;
    Unprovided* missing;
};
TEST(Constructors, TakePointersToWhatMayBeMissing) {
    EXPECT_EQ(made<TakesPointers>([](const TakesPointers& t) {
                  return t.database->name + (t.missing == nullptr ? ", nothing" : ", something");
              }),
              "main, nothing");
}

struct TakesOwners {
    TakesOwners(std::shared_ptr<const Database> shared, const std::shared_ptr<Mailer>& by_reference,
                std::unique_ptr<Parser> own)
        : database(std::move(shared)), mailer(by_reference), parser(std::move(own)) {}
    std::shared_ptr<const Database> database;
    std::shared_ptr<Mailer> mailer;
    std::unique_ptr<Parser> parser;
};
TEST(Constructors, TakeOwners) {
    EXPECT_EQ(made<TakesOwners>([](const TakesOwners& t) {
                  return t.database->name + ", " + t.mailer->send() + ", " +
                         std::to_string(t.parser->uses);
              }),
              "main, sent by main, 0");
}

struct TakesNamed {
    TakesNamed(Database& usual, Named<Database, "spare"> other) : database(usual), spare(other) {}
    Database& database;
    Database& spare;
};
TEST(Constructors, TakeWhatHasAName) {
    EXPECT_EQ(
        made<TakesNamed>([](const TakesNamed& t) { return t.database.name + ", " + t.spare.name; }),
        "main, spare");
}

struct IsAnAggregate {
    Database& database;
    std::shared_ptr<Mailer> mailer;
    int answer = 42;
};
TEST(Constructors, OfAggregatesAreTheirMembers) {
    EXPECT_EQ(made<IsAnAggregate>([](const IsAnAggregate& t) {
                  return t.mailer->send() + ' ' + std::to_string(t.answer);
              }),
              "sent by main 42");
}

struct HasSeveral {
    HasSeveral() = default;
    explicit HasSeveral(Database& first) : database(&first) {}
    HasSeveral(Database& first, Mailer& second) : database(&first), mailer(&second) {}
    HasSeveral(Database&, Mailer&, int) {}
    Database* database = nullptr;
    Mailer* mailer = nullptr;
};
TEST(Constructors, AreTheLongestThatCanBeInjected) {
    EXPECT_EQ(made<HasSeveral>([](const HasSeveral& t) { return t.mailer->send(); }),
              "sent by main");
}

struct ListsWhichOne {
    using Dependencies = DependencyList<Database&>;
    explicit ListsWhichOne(Database&) : took("a database") {}
    explicit ListsWhichOne(Mailer&) : took("a mailer") {}
    ListsWhichOne(Database&, Mailer&) : took("both") {}
    std::string took;
};
TEST(Constructors, AreChosenByAListOfDependencies) {
    EXPECT_EQ(made<ListsWhichOne>([](const ListsWhichOne& t) { return t.took; }), "a database");
}

struct TakesAnything {
    using Dependencies = DependencyList<Mailer&, Named<Database, "spare">>;
    template <class... Args>
    explicit TakesAnything(Args&&...) : count(sizeof...(Args)) {}
    std::size_t count;
};
TEST(Constructors, MayBeTemplatesWhenTheDependenciesAreListed) {
    EXPECT_EQ(made<TakesAnything>([](const TakesAnything& t) { return std::to_string(t.count); }),
              "2");
}

struct TakesValues {
    TakesValues(Database& first, std::string second, int third)
        : text(first.name + ' ' + std::move(second) + ' ' + std::to_string(third)) {}
    std::string text;
};
TEST(Constructors, GetGivenValuesAfterTheirServices) {
    EXPECT_EQ(made<TakesValues>([](const TakesValues& t) { return t.text; }, "given", 7),
              "main given 7");
}

struct TakesAValueOnly {
    explicit TakesAValueOnly(std::unique_ptr<int> given) : value(std::move(given)) {}
    std::unique_ptr<int> value;
};
TEST(Constructors, GetGivenValuesThatCanOnlyBeMoved) {
    EXPECT_EQ(
        made<TakesAValueOnly>([](const TakesAValueOnly& t) { return std::to_string(*t.value); },
                              std::make_unique<int>(5)),
        "5");
}

struct Decorator final : Mailer {
    explicit Decorator(Named<Mailer, "plain"> given) : inner(given) {}
    [[nodiscard]] std::string send() const override { return '<' + inner.send() + '>'; }
    Mailer& inner;
};
TEST(Constructors, MayTakeTheirOwnBaseClass) {
    App app = App::create();
    app.provide<Database>();
    app.provide_as<Mailer, Decorator>();
    app.provide(provider<SmtpMailer>().as<Mailer>().named("plain"));
    app.route("/", get([](Inject<Mailer> mailer) { return mailer->send(); }));
    EXPECT_EQ(answer(app.build(), "/"), "<sent by main>");
}

struct NeverThrows {
    NeverThrows(Database& given, Mailer&) noexcept : database(given) {}
    Database& database;
};
TEST(Constructors, AreFoundOutWithoutBeingCalledAlsoWhenTheyAreNoexcept) {
    EXPECT_EQ(made<NeverThrows>([](const NeverThrows& t) { return t.database.name; }), "main");
}

struct Counted {
    explicit Counted(Database&) { ++count; }
    static inline int count = 0;
};
TEST(Constructors, RunOnceForASingleton) {
    Counted::count = 0;
    App app = App::create();
    app.provide<Counted>().provide<Database>();
    const Application built = app.build();
    EXPECT_EQ(Counted::count, 1);
}

struct Fails {
    explicit Fails(Database&) { throw std::runtime_error("the disk is full"); }
};
TEST(Constructors, ThatThrowStopTheBuildWithTheirName) {
    App app = App::create();
    app.provide<Fails>().provide<Database>();
    EXPECT_THAT(faults(app), HasSubstr("Fails can't be made: the disk is full"));
}

// A class that keeps itself alive.
struct Itself : std::enable_shared_from_this<Itself> {};
TEST(Constructors, OfClassesThatShareThemselves) {
    App app = App::create();
    app.provide<Itself>();
    app.route("/", get([](Inject<Itself> itself) {
                  return itself->shared_from_this() != nullptr ? "shared" : "";
              }));
    EXPECT_EQ(answer(app.build(), "/"), "shared");
}

} // namespace
} // namespace armature
