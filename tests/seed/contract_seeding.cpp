#include "seed/support.hpp"

namespace db_tests {
namespace {

using ::testing::HasSubstr;

TEST_F(SeedingOf, WritesWhatBelongsTogether) {
    const auto report = seeded([](Seeding& seeding) -> Task<> {
        // posts are asked for before the users that they refer to
        const auto written = seeding.create(posts().count(2).for_(&Post::author_id, users()));
        const auto readers = seeding.create(users().count(10));
        seeding.create(users().count(5).with("admin").has(posts().count(3), &Post::author_id));
        seeding.create(posts().count(20).recycle(&Post::author_id, readers));
        const auto all_tags = seeding.create(tags().count(4));
        seeding.create(seed::Factory<Tagging>{"taggings"}
                           .count(30)
                           .recycle(&Tagging::post_id, written)
                           .recycle_skewed(&Tagging::tag_id, all_tags));
        co_return;
    });
    EXPECT_EQ(to_text(report), "users 16 0 0\nposts 37 0 0\ntags 4 0 0\ntaggings 30 0 0\n");
    EXPECT_EQ(number("SELECT count(*) FROM users WHERE role = 'admin'"), 5);
    EXPECT_EQ(number("SELECT count(*) FROM posts p JOIN users u ON u.id = p.author_id WHERE "
                     "u.role = 'admin'"),
              15);
    EXPECT_EQ(number("SELECT max(n) FROM (SELECT count(*) AS n FROM posts p JOIN users u ON u.id "
                     "= p.author_id WHERE u.role = 'admin' GROUP BY u.id) x"),
              3);
    EXPECT_EQ(number("SELECT count(DISTINCT author_id) FROM posts WHERE id <= 2"), 1);
    EXPECT_EQ(number("SELECT count(DISTINCT post_id) FROM taggings"), 2);
    EXPECT_EQ(number("SELECT count(*) FROM users WHERE created_at <> 'now'"), 0)
        << "what is read only is the database's";
}

TEST_F(SeedingOf, MakesAParentForEachRowUnlessOneIsGiven) {
    const auto with_author = posts().belongs_to(&Post::author_id, users());
    seeded([&](Seeding& seeding) -> Task<> {
        seeding.create(with_author.count(3));
        const auto one = seeding.create(users());
        seeding.create(with_author.count(4).recycle(&Post::author_id, one));
        co_return;
    });
    EXPECT_EQ(number("SELECT count(*) FROM users"), 4);
    EXPECT_EQ(number("SELECT count(DISTINCT author_id) FROM posts"), 4);
}

TEST_F(SeedingOf, CountsOnFromWhatIsThere) {
    const auto add = [](Seeding& seeding) -> Task<> {
        seeding.create(users().count(50));
        co_return;
    };
    seeded(add);
    seeded(add); // the emails are unique, so the second fifty are others
    EXPECT_EQ(number("SELECT count(DISTINCT email) FROM users"), 100);
    EXPECT_EQ(number("SELECT max(id) FROM users"), 100);
    // An id that the database gives meets none of ours.
    run("INSERT INTO users (name, email, role) VALUES ('by hand', 'hand@example.com', 'reader')");
    EXPECT_EQ(number("SELECT max(id) FROM users"), 101);
}

TEST_F(SeedingOf, MayRunAgain) {
    const auto add = [](Seeding& seeding) -> Task<> {
        const auto authors = seeding.create(users().count(40).keys_from(1));
        seeding.create(posts().count(60).keys_from(1).recycle(&Post::author_id, authors));
        co_return;
    };
    EXPECT_EQ(to_text(seeded(add)), "users 40 0 0\nposts 60 0 0\n");
    run("UPDATE users SET name = 'edited' WHERE id = 7");
    run("DELETE FROM posts WHERE id IN (1, 2)");
    EXPECT_EQ(to_text(seeded(add)), "users 0 1 39\nposts 2 0 58\n");
    EXPECT_EQ(to_text(seeded(add)), "users 0 0 40\nposts 0 0 60\n");
}

TEST_F(SeedingOf, BringsRowsUpToDateByTheirNaturalKey) {
    const auto put = [&](std::vector<User> rows) {
        const auto work = [&](Seeding& seeding) -> Task<> {
            seeding.upsert("users", rows, {"email"});
            co_return;
        };
        return to_text(seeded(work));
    };
    User ada;
    ada.name = "Ada";
    ada.email = "ada@example.com";
    User ben;
    ben.name = "Ben";
    ben.email = "ben@example.com";
    EXPECT_EQ(put({ada, ben}), "users 2 0 0\n");
    ben.city = "Newbridge";
    User cleo = ada;
    cleo.email = "cleo@example.com";
    EXPECT_EQ(put({ada, ben, cleo}), "users 1 1 1\n");
    EXPECT_EQ(text("SELECT city FROM users WHERE email = 'ben@example.com'"), "Newbridge");
    EXPECT_THAT(failure_of([&](Seeding& seeding) -> Task<> {
                    seeding.upsert("users", std::vector{ada, ada}, {"email"});
                    co_return;
                }),
                HasSubstr("users: email 'ada@example.com' is there twice"));
}

TEST_F(SeedingOf, CallsBackWhenAllIsWritten) {
    const auto greeted =
        users().count(3).after_creating([](db::Session& session, const User& user) -> Task<> {
            co_await session.execute(
                "INSERT INTO posts (author_id, title, text, price, is_public, written_at) VALUES "
                "($1, $2, 'hello', '1.00', true, '2024-01-01T00:00:00Z')",
                user.id, user.email);
        });
    seeded([&](Seeding& seeding) -> Task<> {
        seeding.create(greeted);
        co_return;
    });
    EXPECT_EQ(number("SELECT count(*) FROM posts p JOIN users u ON u.id = p.author_id AND u.email "
                     "= p.title"),
              3);
}

TEST_F(SeedingOf, GivesTheRowsThatItWrote) {
    std::vector<User> made;
    seeded([&](Seeding& seeding) -> Task<> {
        const auto created = seeding.create(users().count(3));
        co_await seeding.flush();
        for (std::uint64_t i = 0; i < created.count(); ++i)
            made.push_back(created.row(i));
    });
    const auto stored = await(db().all<User>("SELECT * FROM users ORDER BY id"));
    ASSERT_EQ(stored.size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(made[i].id, stored[i].id);
        EXPECT_EQ(made[i].email, stored[i].email);
        EXPECT_EQ(made[i].city, stored[i].city);
    }
}

// --- circles ------------------------------------------------------------------------------------

struct Team {
    std::int64_t id = 0;
    std::optional<std::int64_t> leader_id;
};
ARMATURE_DESCRIBE(Team, id, leader_id);
struct Member {
    std::int64_t id = 0;
    std::int64_t team_id = 0;
    std::optional<std::int64_t> mentor_id;
};
ARMATURE_DESCRIBE(Member, id, team_id, mentor_id);

Task<> add_teams(Seeding& seeding) {
    const auto teams = seeding.create(seed::Factory<Team>{"teams"}.count(5));
    const auto members =
        seeding.create(seed::Factory<Member>{"members"}.count(50).recycle(&Member::team_id, teams));
    teams.recycle(&Team::leader_id, members);
    members.recycle(&Member::mentor_id, members); // each other, and those that come later
    co_return;
}

TEST_F(SeedingOf, WritesTablesThatReferToEachOther) {
    run("CREATE TABLE teams (id integer PRIMARY KEY, leader_id integer)");
    run("CREATE TABLE members (id integer PRIMARY KEY, team_id integer NOT NULL REFERENCES teams "
        "(id), mentor_id integer REFERENCES members (id))");
    if (is_sqlite()) {
        run("DROP TABLE teams");
        run("CREATE TABLE teams (id integer PRIMARY KEY, leader_id integer REFERENCES members "
            "(id))");
    } else {
        run("ALTER TABLE teams ADD FOREIGN KEY (leader_id) REFERENCES members (id)");
    }
    EXPECT_EQ(to_text(seeded(add_teams)), "teams 5 0 0\nmembers 50 0 0\n");
    EXPECT_EQ(number("SELECT count(*) FROM teams t JOIN members m ON m.id = t.leader_id"), 5);
    EXPECT_EQ(number("SELECT count(*) FROM members m JOIN members n ON n.id = m.mentor_id"), 50);
}

TEST_F(SeedingOf, WritesACircleWhoseForeignKeyIsDeferrable) {
    run("CREATE TABLE teams (id integer PRIMARY KEY, leader_id integer NOT NULL)");
    run("CREATE TABLE members (id integer PRIMARY KEY, team_id integer NOT NULL REFERENCES teams "
        "(id), mentor_id integer REFERENCES members (id))");
    if (is_sqlite()) GTEST_SKIP() << "all of them are";
    run("ALTER TABLE teams ADD CONSTRAINT leader FOREIGN KEY (leader_id) REFERENCES members (id)");
    EXPECT_THAT(failure_of(add_teams), HasSubstr("the foreign keys of teams, members go in a "
                                                 "circle: make one of them DEFERRABLE"));
    EXPECT_EQ(number("SELECT count(*) FROM teams"), 0);
    run("ALTER TABLE teams ALTER CONSTRAINT leader DEFERRABLE");
    EXPECT_EQ(to_text(seeded(add_teams)), "teams 5 0 0\nmembers 50 0 0\n");
    EXPECT_EQ(number("SELECT count(*) FROM teams t JOIN members m ON m.id = t.leader_id"), 5);
}

// --- truncate -----------------------------------------------------------------------------------

TEST_F(SeedingOf, EmptiesTheTablesAndWhatRefersToThem) {
    const auto add = [](Seeding& seeding) -> Task<> {
        seeding.create(users().count(3).has(posts().count(2), &Post::author_id));
        co_return;
    };
    seeded(add);
    SeedOptions again;
    again.truncate = true;
    const auto report = seeded(again, [](Seeding& seeding) -> Task<> {
        seeding.create(users().count(2));
        co_return;
    });
    EXPECT_EQ(to_text(report), "users 2 0 0 -3\nposts 0 0 0 -6\n");
    EXPECT_EQ(number("SELECT max(id) FROM users"), 2) << "the keys begin anew";
    EXPECT_EQ(number("SELECT count(*) FROM posts"), 0);
}

TEST_F(SeedingOf, RefusesWhatItCantDo) {
    EXPECT_THAT(failure_of([](Seeding& seeding) -> Task<> {
                    seeding.create(seed::Factory<User>{"nowhere"});
                    co_return;
                }),
                HasSubstr("there is no table nowhere"));
    EXPECT_THAT(failure_of([](Seeding& seeding) -> Task<> {
                    seeding.create(seed::Factory<User>{"tags"});
                    co_return;
                }),
                HasSubstr("tags has no column email"));
    EXPECT_THAT(failure_of([](Seeding& seeding) -> Task<> {
                    seeding.create(users().count(2).state(
                        [](User& user) { user.email = "same@example.com"; }));
                    co_return;
                }),
                HasSubstr("users: "));
    EXPECT_THAT(failure_of([](Seeding& seeding) -> Task<> {
                    seeding.create(posts().set(&Post::author_id, 99));
                    co_return;
                }),
                ::testing::AnyOf(HasSubstr("foreign key"), HasSubstr("FOREIGN KEY")));
    EXPECT_EQ(number("SELECT count(*) FROM users"), 0);
}

} // namespace
} // namespace db_tests
