#include "db/blog.hpp"

#include <armature/json/write.hpp>

namespace db_tests {
namespace {

using db::set;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Models : public OfABlog {
  protected:
    static std::vector<std::string> titles(const std::vector<Post>& posts) {
        std::vector<std::string> all;
        for (const Post& post : posts)
            all.push_back(post.title);
        return all;
    }
};

// --- inserting ----------------------------------------------------------------------------------

TEST_F(Models, AreInsertedAndFoundAsTheDatabaseMadeThem) {
    const Author ada = add_author("ada");
    EXPECT_EQ(ada.id, 1);
    Post post;
    post.author_id = ada.id;
    post.title = "Notes'); DROP TABLE posts; --";
    post.text = "…";
    post.state = PostState::published;
    post.views = 7;
    post.price = Decimal{12};
    const Time before =
        std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
    const Post made = await(of<Post>().insert(post));
    EXPECT_EQ(made.id, 1);
    EXPECT_EQ(made.version, 1);
    EXPECT_GE(made.created_at, before);
    EXPECT_EQ(made.created_at, made.updated_at);

    const std::optional<Post> found = await(of<Post>().find(made.id));
    ASSERT_TRUE(found);
    EXPECT_EQ(to_json(*found), to_json(made));
    EXPECT_EQ(found->title, post.title);
    EXPECT_EQ(found->text, "…");
    EXPECT_EQ(found->state, PostState::published);
    EXPECT_EQ(found->price, Decimal{12});
    EXPECT_EQ(found->deleted_at, std::nullopt);
    EXPECT_FALSE(await(of<Post>().find(99)));
    EXPECT_EQ(thrown_by(loop, of<Post>().get(99))->status(), Status::not_found);
    EXPECT_EQ(await(of<Author>().find_by(&Author::email, "ada@example.com"))->id, ada.id);
}

TEST_F(Models, HaveKeysOfTheirOwnWhereTheySaySo) {
    const Tag made = add_tag("blue");
    EXPECT_EQ(made.id.version(), 7U) << "made by the program, in the order of time";
    Tag other;
    other.id = Uuid::v4();
    other.name = "green";
    EXPECT_EQ(await(of<Tag>().insert(other)).id, other.id);
    EXPECT_EQ(await(of<Tag>().get(other.id)).name, "green");
}

TEST_F(Models, AreInsertedTogetherByOneStatement) {
    const Author ada = add_author("ada");
    std::vector<Post> posts(40);
    for (std::size_t i = 0; i < posts.size(); ++i) {
        posts[i].author_id = ada.id;
        posts[i].title = "Post " + std::to_string(i);
    }
    Recorded session{db()};
    const std::vector<Post> made = await(db::Repository<Post>{session}.insert_all(posts));
    EXPECT_THAT(session.statements, SizeIs(1));
    ASSERT_THAT(made, SizeIs(40));
    for (std::size_t i = 0; i < made.size(); ++i) {
        EXPECT_EQ(made[i].id, static_cast<std::int64_t>(i + 1));
        EXPECT_EQ(made[i].title, posts[i].title);
    }
    EXPECT_THAT(await(of<Post>().insert_all({})), IsEmpty());
}

TEST_F(Models, AreInsertedTogetherHoweverManyAllOrNone) {
    std::vector<Company> companies(20'000);
    for (std::size_t i = 0; i < companies.size(); ++i)
        companies[i].name = "Company " + std::to_string(i);
    const std::vector<Company> made = await(of<Company>().insert_all(companies));
    EXPECT_EQ(made.back().name, "Company 19999");
    EXPECT_EQ(await(of<Company>().query().count()), 20'000);

    std::vector<Profile> profiles(20'000);
    for (Profile& profile : profiles)
        profile.author_id = 1;
    profiles.front().author_id = add_author("ada").id;
    profiles.back().author_id = 99; // is nobody
    EXPECT_THROW(await(of<Profile>().insert_all(profiles)), DatabaseError);
    EXPECT_EQ(await(of<Profile>().query().count()), 0);
}

TEST_F(Models, MayHaveTheirKeysGivenForSomeOfThem) {
    std::vector<Company> companies(2);
    companies[0].id = 50;
    companies[0].name = "Given";
    companies[1].name = "Made";
    const std::vector<Company> made = await(of<Company>().insert_all(companies));
    EXPECT_EQ(made[0].id, 50);
    EXPECT_NE(made[1].id, 0);
    EXPECT_EQ(await(of<Company>().get(made[1].id)).name, "Made");
}

// --- rules --------------------------------------------------------------------------------------

TEST_F(Models, AreValidatedByTheRulesOfTheirDescription) {
    Recorded session{db()};
    Author author;
    author.email = "nowhere";
    const auto error = thrown_by(loop, db::Repository<Author>{session}.insert(author));
    EXPECT_EQ(error->status(), Status::unprocessable_content);
    ASSERT_THAT(error->items(), SizeIs(2));
    EXPECT_EQ(error->items()[0].pointer, "/name");
    EXPECT_EQ(error->items()[0].detail, "must have at least 1 character");
    EXPECT_EQ(error->items()[1].pointer, "/email");

    std::vector<Tag> tags(2);
    tags[0].name = "good";
    tags[1].name = "Bad!";
    const auto several = thrown_by(loop, db::Repository<Tag>{session}.insert_all(tags));
    ASSERT_THAT(several->items(), SizeIs(1));
    EXPECT_EQ(several->items()[0].pointer, "/1/name");

    const auto bulk =
        thrown_by(loop, db::Repository<Post>{session}.query().update(set(&Post::views, -1)));
    EXPECT_EQ(bulk->items()[0].pointer, "/views");
    EXPECT_THAT(session.statements, IsEmpty()) << "the database wasn't asked";
}

TEST_F(Models, NameTheMemberWhoseValueIsTaken) {
    add_author("ada");
    Author twin;
    twin.name = "Another";
    twin.email = "ada@example.com";
    const auto error = thrown_by<DatabaseError>(loop, of<Author>().insert(twin));
    EXPECT_EQ(error->kind(), ErrorKind::unique_violation);
    EXPECT_EQ(error->status(), Status::conflict);
    ASSERT_THAT(error->items(), SizeIs(1));
    EXPECT_EQ(error->items()[0].pointer, "/email");
    EXPECT_EQ(error->items()[0].detail, "is taken already");

    Post orphan;
    orphan.author_id = 99;
    orphan.title = "Nobody's";
    EXPECT_EQ(thrown_by(loop, of<Post>().insert(orphan))->status(), Status::conflict);
}

// --- finding ------------------------------------------------------------------------------------

TEST_F(Models, AreFoundByConditions) {
    const Author ada = add_author("ada");
    for (const char* const title : {"b", "a", "c", "a"})
        add_post(ada, title);
    const db::Repository<Post> posts = of<Post>();
    EXPECT_THAT(titles(await(posts.query().order_by(&Post::title).order_by(&Post::id).all())),
                ElementsAre("a", "a", "b", "c"));
    const auto filtered = posts.where(column(&Post::title) >= "b")
                              .where(column(&Post::author_id) == ada.id)
                              .order_by(&Post::title, db::Order::descending);
    EXPECT_THAT(titles(await(filtered.all())), ElementsAre("c", "b"));
    EXPECT_EQ(await(filtered.count()), 2);
    EXPECT_EQ(await(filtered.first())->title, "c");
    EXPECT_TRUE(await(filtered.exists()));
    EXPECT_FALSE(await(posts.where(column(&Post::title) == "z").exists()));
    EXPECT_EQ(thrown_by(loop, posts.where(column(&Post::title) == "z").one())->status(),
              Status::not_found);
    EXPECT_EQ(await(of<Author>().where(column(&Author::email) == "ada@example.com").one()).id,
              ada.id)
        << "the column has another name";
}

TEST_F(Models, ArePagedByTheLastOne) {
    const Author ada = add_author("ada");
    for (const char* const title : {"b", "a", "c", "a", "b"})
        add_post(ada, title);
    std::vector<std::string> seen;
    std::vector<std::size_t> sizes;
    auto page = of<Post>().query().order_by(&Post::title).order_by(&Post::id).limit(2);
    for (;;) {
        const std::vector<Post> posts = await(page.all());
        if (posts.empty()) break;
        sizes.push_back(posts.size());
        for (const Post& post : posts)
            seen.push_back(post.title + std::to_string(post.id));
        page.after(posts.back());
    }
    EXPECT_THAT(seen, ElementsAre("a2", "a4", "b1", "b5", "c3"));
    EXPECT_THAT(sizes, ElementsAre(2, 2, 1));
    EXPECT_THAT(titles(await(of<Post>().query().order_by(&Post::id).limit(2).offset(3).all())),
                ElementsAre("a", "b"));
}

// --- changing -----------------------------------------------------------------------------------

TEST_F(Models, AreUpdatedAsAWhole) {
    Post post = add_post(add_author("ada"), "Before");
    post.title = "After";
    post.text = "Text";
    post.created_at = {};
    const Post updated = await(of<Post>().update(post));
    EXPECT_EQ(updated.version, 2);
    EXPECT_GE(updated.updated_at, updated.created_at);
    const Post found = await(of<Post>().get(post.id));
    EXPECT_EQ(to_json(found), to_json(updated));
    EXPECT_NE(found.created_at, Time{}) << "creation stays as it was";
    post.id = 99;
    EXPECT_EQ(thrown_by(loop, of<Post>().update(post))->status(), Status::not_found);
}

TEST_F(Models, AreUpdatedInWhatChanged) {
    const Author ada = add_author("ada");
    Recorded session{db()};
    const db::Repository<Author> authors{session};
    Author changed = ada;
    EXPECT_EQ(await(authors.update(changed, ada)).name, "ada");
    EXPECT_THAT(session.statements, IsEmpty()) << "nothing changed";
    run("UPDATE authors SET \"e-mail\" = 'new@example.com'");
    changed.name = "Ada";
    await(authors.update(changed, ada));
    if (!is_mariadb()) { // which has no UPDATE … RETURNING: it is a transaction of two there
        ASSERT_THAT(session.statements, SizeIs(1));
        EXPECT_THAT(session.statements[0], HasSubstr("SET \"name\" = $1 WHERE \"id\" = $2"));
    }
    const Author found = await(of<Author>().get(ada.id));
    EXPECT_EQ(found.name, "Ada");
    EXPECT_EQ(found.email, "new@example.com") << "as somebody else left it";
}

TEST_F(Models, ArentOverwrittenUnseen) {
    const Post made = add_post(add_author("ada"), "First");
    Post mine = await(of<Post>().get(made.id));
    Post theirs = mine;
    mine.title = "Mine";
    theirs.title = "Theirs";
    await(of<Post>().update(mine));
    EXPECT_EQ(thrown_by<db::StaleObject>(loop, of<Post>().update(theirs))->status(),
              Status::conflict);
    EXPECT_EQ(thrown_by<db::StaleObject>(loop, of<Post>().update(theirs, made))->status(),
              Status::conflict);
    EXPECT_EQ(thrown_by<db::StaleObject>(loop, of<Post>().remove(theirs))->status(),
              Status::conflict);
    EXPECT_EQ(await(of<Post>().get(made.id)).title, "Mine");
    EXPECT_EQ(db::Repository<Post>::etag(made), "\"1\"");
    const Post now = await(of<Post>().get(made.id));
    EXPECT_EQ(db::Repository<Post>::etag(now), "\"2\"");
    await(of<Post>().remove(now));
    EXPECT_FALSE(await(of<Post>().find(made.id)));
}

TEST_F(Models, AreChangedManyAtATime) {
    const Author ada = add_author("ada");
    for (const char* const title : {"a", "b", "c"})
        add_post(ada, title);
    const auto some = of<Post>().where(column(&Post::title) != "b");
    EXPECT_EQ(
        await(some.update(set(&Post::state, PostState::published), db::increment(&Post::views, 5))),
        2U);
    EXPECT_EQ(await(some.update(db::increment(&Post::views))), 2U);
    const Post a = await(of<Post>().get(1));
    EXPECT_EQ(a.state, PostState::published);
    EXPECT_EQ(a.views, 6);
    EXPECT_EQ(a.version, 3) << "whoever has read it before is told";
    EXPECT_EQ(await(of<Post>().get(2)).views, 0);
}

TEST_F(Models, AreInsertedOrUpdated) {
    Author ada = add_author("ada");
    ada.name = "By key";
    EXPECT_EQ(await(of<Author>().upsert(ada)).id, ada.id);
    Author same;
    same.name = "By e-mail";
    same.email = ada.email;
    EXPECT_EQ(await(of<Author>().upsert(same, &Author::email)).id, ada.id);
    EXPECT_EQ(await(of<Author>().get(ada.id)).name, "By e-mail");
    std::vector<Author> both(2, same);
    both[0].name = "Again";
    both[1].email = "new@example.com";
    const std::vector<Author> made = await(of<Author>().upsert_all(both, &Author::email));
    EXPECT_EQ(made[0].id, ada.id);
    EXPECT_NE(made[1].id, ada.id);
    EXPECT_EQ(await(of<Author>().query().count()), 2);

    const Post post = add_post(ada, "First");
    Post other = post;
    other.title = "Second";
    const Post changed = await(of<Post>().upsert(other));
    EXPECT_EQ(changed.version, 2);
    EXPECT_EQ(changed.created_at, post.created_at);
}

// --- deleting -----------------------------------------------------------------------------------

TEST_F(Models, AreDeleted) {
    const Author ada = add_author("ada");
    await(of<Author>().remove(ada.id));
    EXPECT_FALSE(await(of<Author>().find(ada.id)));
    EXPECT_EQ(thrown_by(loop, of<Author>().remove(ada.id))->status(), Status::not_found);
    EXPECT_EQ(await(db().one<int>("SELECT count(*) FROM authors")), 0);
}

TEST_F(Models, AreDeletedSoftlyWhereTheySaySo) {
    const Author ada = add_author("ada");
    const Post post = add_post(ada, "One");
    add_post(ada, "Two");
    await(of<Post>().remove(post.id));
    EXPECT_FALSE(await(of<Post>().find(post.id)));
    EXPECT_EQ(await(of<Post>().query().count()), 1);
    EXPECT_EQ(await(of<Post>().query().with_deleted().count()), 2);
    const std::vector<Post> gone = await(of<Post>().query().only_deleted().all());
    ASSERT_THAT(gone, SizeIs(1));
    EXPECT_GE(*gone[0].deleted_at, gone[0].created_at);
    EXPECT_EQ(thrown_by(loop, of<Post>().remove(post.id))->status(), Status::not_found);
    EXPECT_EQ(thrown_by(loop, of<Post>().update(gone[0]))->status(), Status::not_found);

    EXPECT_EQ(await(of<Post>().restore(post.id)).deleted_at, std::nullopt);
    EXPECT_EQ(thrown_by(loop, of<Post>().restore(post.id))->status(), Status::not_found);
    EXPECT_EQ(await(of<Post>().query().count()), 2);

    EXPECT_EQ(await(of<Post>().where(column(&Post::title) == "Two").remove()), 1U);
    EXPECT_EQ(await(of<Post>().where(column(&Post::title) == "Two").remove()), 0U);
    await(of<Post>().purge(2));
    EXPECT_EQ(await(of<Post>().query().with_deleted().count()), 1);
}

// --- transactions -------------------------------------------------------------------------------

TEST_F(Models, AreWrittenInTransactions) {
    const db::Repository<Company> companies = of<Company>();
    const auto fails = [&](Transaction& transaction) -> Task<> {
        Company company;
        company.name = "Gone";
        co_await companies.in(transaction).insert(company);
        company.name = "";
        co_await companies.in(transaction).insert(company);
    };
    EXPECT_THROW(await(db().transaction(fails)), Error);
    EXPECT_EQ(await(companies.query().count()), 0);
}

} // namespace
} // namespace db_tests
