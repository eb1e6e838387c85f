#include "seed/support.hpp"
#include "support/process.hpp"

namespace db_tests {
namespace {

using armature::testing::Ran;
using ::testing::HasSubstr;

class Seeders : public SeedingOf {
  protected:
    /// The program, with its arguments.
    Ran program(const std::string& arguments) const {
        return armature::testing::run(
            {"bash", "-c",
             "exec env DATABASE_URL='" + place->url() + "' " SEED_PROGRAM " " + arguments});
    }
    /// The same, its standard output alone.
    Ran output_of(const std::string& arguments) const {
        return armature::testing::run({"bash", "-c",
                                       "exec env DATABASE_URL='" + place->url() +
                                           "' " SEED_PROGRAM " " + arguments + " 2>/dev/null"});
    }
    [[nodiscard]] SeedOptions options() const {
        SeedOptions made;
        made.url = place->url();
        return made;
    }
};

TEST_F(Seeders, RunInTheirOrderAndWithinOneTransaction) {
    seed::Seeders seeders{options()};
    std::vector<std::string> order;
    seeders.add("First", [&](Seeding& seeding) -> Task<> {
        order.emplace_back("First");
        seeding.create(users().count(2));
        co_return;
    });
    seeders.add("Second", [&](Seeding& seeding) -> Task<> {
        order.emplace_back("Second");
        // what the first one wrote is there
        const auto count = co_await seeding.transaction().one<int>("SELECT count(*) FROM users");
        seeding.create(posts().set(&Post::author_id, count));
    });
    seeders.add("Third", [&](Seeding&) -> Task<> {
        order.emplace_back("Third");
        if (order.size() == 3) throw SeedError{"the third one fails"};
        co_return;
    });
    EXPECT_THROW(seeders.run(), SeedError);
    EXPECT_EQ(number("SELECT count(*) FROM users"), 0);
    EXPECT_EQ(to_text(seeders.run()), "users 2 0 0\nposts 1 0 0\n");
    EXPECT_EQ(order,
              (std::vector<std::string>{"First", "Second", "Third", "First", "Second", "Third"}));
    EXPECT_EQ(number("SELECT author_id FROM posts"), 2);
    EXPECT_THROW(seeders.add("First", [](Seeding&) -> Task<> { co_return; }),
                 std::invalid_argument);
}

TEST_F(Seeders, AreCommandsOfTheProgram) {
    EXPECT_EQ(program("").output, "the program itself\n");
    EXPECT_EQ(program("db:seed --list").output, "Users\nPosts\n");
    const Ran all = program("db:seed");
    EXPECT_EQ(all.status, 0);
    EXPECT_EQ(all.output, "users: 15 inserted, 0 updated, 0 same\n"
                          "posts: 20 inserted, 0 updated, 0 same\n"
                          "tags: 20 inserted, 0 updated, 0 same\n")
        << "without a terminal there is no bar";
    const Ran some = output_of("db:seed --class Users -n 1000 --json");
    EXPECT_EQ(some.status, 0);
    EXPECT_THAT(some.output, ::testing::MatchesRegex(
                                 R"(\{"seed":1,"dry_run":false,"seconds":[0-9.e-]+,"tables":)"
                                 R"(\[\{"table":"users","inserted":1000,"updated":0,"same":0,)"
                                 R"("emptied":0\}\]\}.)"));
    EXPECT_EQ(number("SELECT count(DISTINCT email) FROM users"), 1015);
    EXPECT_THAT(program("db:seed --help").output, HasSubstr("--truncate"));
}

TEST_F(Seeders, ShowABarOnATerminal) {
    if (armature::testing::shell("command -v script").status != 0)
        GTEST_SKIP() << "script isn't there (Debian: bsdutils)";
    const Ran watched = armature::testing::run(
        {"script", "-qec",
         "env DATABASE_URL='" + place->url() + "' " SEED_PROGRAM " db:seed -n 2000", "/dev/null"});
    EXPECT_EQ(watched.status, 0) << watched.output;
    EXPECT_THAT(watched.output, HasSubstr("rows  [......"));
    EXPECT_THAT(watched.output, HasSubstr("users: 2005 inserted, 0 updated, 0 same"));
}

TEST_F(Seeders, KeepNothingOfADryRun) {
    const Ran dry = program("db:seed --dry-run");
    EXPECT_EQ(dry.status, 0);
    EXPECT_THAT(dry.output, HasSubstr("posts: 20 inserted"));
    EXPECT_THAT(dry.output, HasSubstr("dry run: nothing was kept\n"));
    EXPECT_EQ(number("SELECT count(*) FROM users"), 0);
    run("INSERT INTO users (name, email, role) VALUES ('a', 'a@example.com', 'reader')");
    EXPECT_EQ(number("SELECT max(id) FROM users"), 1) << "nor did the sequence move";
}

TEST_F(Seeders, BeginAnew) {
    EXPECT_EQ(program("db:seed --class Posts").status, 0);
    const Ran again = program("db:seed --class Posts --truncate");
    EXPECT_EQ(again.status, 0) << again.output;
    EXPECT_THAT(again.output, HasSubstr("users: 5 removed, 5 inserted"));
    EXPECT_THAT(again.output, HasSubstr("posts: 20 removed, 20 inserted"));
    EXPECT_EQ(number("SELECT max(id) FROM users"), 5);
}

TEST_F(Seeders, SayWhatIsWrong) {
    const auto expect = [&](const std::string& arguments, int status, const std::string& what) {
        const Ran ran = program(arguments);
        EXPECT_EQ(ran.status, status) << arguments;
        EXPECT_THAT(ran.output, HasSubstr(what)) << arguments;
    };
    expect("db:seed --clas Users", 2, "db:seed: there is no option --clas; did you mean --class?");
    expect("db:seed --seed x", 2, "--seed takes a whole number");
    expect("db:seed --locale tlh", 2, "--locale takes en, de, fr, es or ja");
    expect("db:seed Users", 2, "'Users' is one word too many");
    expect("db:seed --class Nobody", 1, "there is no seeder Nobody; there are Users, Posts");
    expect("db:load", 2, "db:load needs a file");
    expect("db:load nowhere.json", 1, "nowhere.json: can't be read");
    expect("db:load nowhere.xml", 1, "ends in .json, .yaml, .yml or .csv");
    expect("db:dump --format xml", 2, "--format takes json, yaml, csv or django");
    expect("db:dump nowhere", 1, "there is no table nowhere");
}

// The golden rows: a change to a generator or a list of words that changes them changes everybody's
// data.
TEST_F(Seeders, WriteTheSameRowsForEver) {
    ASSERT_EQ(program("db:seed --class Users --seed 7 -n 3").status, 0);
    EXPECT_EQ(text("SELECT email FROM users WHERE id = 1"), "nathan.hughes.0ahogb1@example.org");
    EXPECT_EQ(text("SELECT name FROM users WHERE id = 3"), "Isaac Knight");
}

} // namespace
} // namespace db_tests
