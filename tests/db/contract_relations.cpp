#include "db/blog.hpp"

#include <armature/json/schema.hpp>
#include <armature/json/write.hpp>

namespace db_tests {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

struct Book;
struct Shelf {
    std::string name;
    db::Many<Book> books;
};
struct Book {
    std::int64_t id = 0;
    std::optional<std::string> shelf_name;
    db::One<Shelf> shelf;
};
ARMATURE_DESCRIBE(Shelf, name, books);
ARMATURE_DESCRIBE(Book, id, shelf_name, shelf);
ARMATURE_MODEL(Shelf, "shelves", key<&Shelf::name>, has_many<&Shelf::books, &Book::shelf_name>);
ARMATURE_MODEL(Book, "books", belongs_to<&Book::shelf, &Book::shelf_name>);

/// Two companies with two authors each, who have three posts each, with two of three tags each.
class Relations : public OfABlog {
  protected:
    void SetUp() override {
        OfABlog::SetUp();
        if (!database) return;
        for (const char* const name : {"blue", "green", "red"})
            tags.push_back(add_tag(name));
        std::vector<Company> companies(2);
        companies[0].name = "Acme";
        companies[1].name = "Globex";
        companies = await(of<Company>().insert_all(companies));
        int count = 0;
        for (const char* const name : {"ada", "bob", "cid", "dan"}) {
            Author author = add_author(name);
            author.company_id = companies[static_cast<std::size_t>(count++ / 2)].id;
            if (count > 1) author.mentor_id = 1;
            author = await(of<Author>().update(author));
            for (int i = 0; i < 3; ++i) {
                const Post post = add_post(author, author.name + std::to_string(i));
                const std::vector<Uuid> two{tags[static_cast<std::size_t>(i)].id, tags[0].id};
                await(of<Post>().attach(post, &Post::tags, two));
            }
        }
    }
    static std::vector<std::string> names(const db::Many<Tag>& some) {
        std::vector<std::string> all;
        for (const Tag& tag : some)
            all.push_back(tag.name);
        return all;
    }

    std::vector<Tag> tags;
};

TEST_F(Relations, AreLoadedByOneStatementEachHoweverManyObjectsThereAre) {
    Recorded session{db()};
    const std::vector<Author> authors = await(db::Repository<Author>{session}
                                                  .query()
                                                  .order_by(&Author::id)
                                                  .with(&Author::company)
                                                  .with(&Author::posts, &Post::tags)
                                                  .all());
    EXPECT_THAT(session.statements, SizeIs(4)) << "authors, companies, posts, tags";
    ASSERT_THAT(authors, SizeIs(4));
    EXPECT_EQ(authors[0].company->name, "Acme");
    EXPECT_EQ(authors[1].company->name, "Acme");
    EXPECT_EQ(authors[3].company->name, "Globex");
    for (const Author& author : authors) {
        ASSERT_EQ(author.posts.size(), 3U);
        EXPECT_EQ(author.posts[1].title, author.name + "1") << "in the order of their keys";
        EXPECT_THAT(names(author.posts[0].tags), ElementsAre("blue"));
        EXPECT_THAT(names(author.posts[1].tags), UnorderedElementsAre("blue", "green"));
        EXPECT_THAT(names(author.posts[2].tags), UnorderedElementsAre("blue", "red"));
    }
}

TEST_F(Relations, OfOnePathAreLoadedOnce) {
    Recorded session{db()};
    const std::vector<Post> posts = await(db::Repository<Post>{session}
                                              .query()
                                              .with(&Post::author)
                                              .with(&Post::author, &Author::company)
                                              .with(&Post::author, &Author::mentor)
                                              .all());
    EXPECT_THAT(session.statements, SizeIs(4)) << "posts, authors, companies, mentors";
    ASSERT_THAT(posts, SizeIs(12));
    for (const Post& post : posts) {
        EXPECT_EQ(post.author->id, post.author_id);
        EXPECT_TRUE(post.author->company);
        EXPECT_TRUE(post.author->mentor.is_loaded());
        EXPECT_EQ(static_cast<bool>(post.author->mentor), post.author->id != 1) << "ada has none";
    }
}

TEST_F(Relations, GoBothWays) {
    const std::vector<Company> companies =
        await(of<Company>().query().order_by(&Company::id).with(&Company::authors).all());
    EXPECT_EQ(companies[0].authors.size(), 2U);
    EXPECT_EQ(companies[1].authors[0].name, "cid");
    const Tag blue = await(of<Tag>().where(column(&Tag::name) == "blue").with(&Tag::posts).one());
    EXPECT_EQ(blue.posts.size(), 12U);

    Profile profile;
    profile.author_id = 2;
    profile.about = "Builds";
    await(of<Profile>().insert(profile));
    const std::vector<Author> authors =
        await(of<Author>().query().order_by(&Author::id).with(&Author::profile).all());
    EXPECT_FALSE(authors[0].profile);
    EXPECT_TRUE(authors[0].profile.is_loaded());
    EXPECT_EQ(authors[1].profile->about, "Builds");
    const Profile back = await(of<Profile>().query().with(&Profile::author).one());
    EXPECT_EQ(back.author->name, "bob");
}

TEST_F(Relations, LeaveOutWhatWasDeletedSoftly) {
    await(of<Post>().remove(1));
    const Author ada =
        await(of<Author>().where(column(&Author::id) == 1).with(&Author::posts).one());
    EXPECT_EQ(ada.posts.size(), 2U);
    const Tag red = await(of<Tag>().where(column(&Tag::name) == "blue").with(&Tag::posts).one());
    EXPECT_EQ(red.posts.size(), 11U);
}

TEST_F(Relations, AreLoadedForObjectsThatAreThere) {
    Author ada = await(of<Author>().get(1));
    EXPECT_FALSE(ada.posts.is_loaded());
    EXPECT_THROW((void)ada.posts.size(), std::logic_error) << "nothing was loaded";
    EXPECT_THROW((void)ada.company->name, std::logic_error);
    await(of<Author>().load(ada, &Author::posts, &Post::tags));
    EXPECT_EQ(ada.posts.size(), 3U);
    EXPECT_EQ(ada.posts[0].tags[0].name, "blue");
    std::vector<Author> authors = await(of<Author>().query().all());
    authors.push_back(authors.front());
    await(of<Author>().load(authors, &Author::posts));
    EXPECT_EQ(authors.front().posts.size(), 3U);
    EXPECT_EQ(authors.back().posts.size(), 3U) << "the same one twice";
    std::vector<Author> nobody;
    Recorded session{db()};
    await(db::Repository<Author>{session}.load(nobody, &Author::posts));
    EXPECT_THAT(session.statements, IsEmpty());
}

TEST_F(Relations, OfManyToManyAreChangedByKeys) {
    const Post post = await(of<Post>().get(3)); // blue and red
    const auto tags_of = [&] {
        Post now = post;
        await(of<Post>().load(now, &Post::tags));
        return names(now.tags);
    };
    const std::vector<Uuid> green{tags[1].id};
    const std::vector<Uuid> blue_green{tags[0].id, tags[1].id, tags[0].id};
    await(of<Post>().attach(post, &Post::tags, blue_green));
    EXPECT_THAT(tags_of(), UnorderedElementsAre("blue", "green", "red")) << "blue was there";
    await(of<Post>().detach(post, &Post::tags, green));
    EXPECT_THAT(tags_of(), UnorderedElementsAre("blue", "red"));
    await(of<Post>().sync(post, &Post::tags, blue_green));
    EXPECT_THAT(tags_of(), UnorderedElementsAre("blue", "green"));
    await(of<Post>().sync(post, &Post::tags, std::vector<Uuid>{}));
    EXPECT_THAT(tags_of(), IsEmpty());
    const std::vector<Uuid> nobody{Uuid::v4()};
    EXPECT_EQ(kind_of(error_of(loop, of<Post>().sync(post, &Post::tags, nobody))),
              ErrorKind::foreign_key_violation);
    const Tag green_tag = await(of<Tag>().get(tags[1].id));
    const std::vector<std::int64_t> posts{1, 2, 3};
    await(of<Tag>().sync(green_tag, &Tag::posts, posts));
    EXPECT_THAT(tags_of(), ElementsAre("green")) << "from the other side";
}

TEST_F(Relations, HaveKeysOfAnyText) {
    run("CREATE TABLE shelves (name VARCHAR(50) PRIMARY KEY)");
    run("CREATE TABLE books (id INTEGER PRIMARY KEY, shelf_name TEXT)");
    const std::vector<std::string> names_of_shelves{
        "a\"b\\c{d},e'f\tg\n\xC3\xBC", "b", "NULL", "'); DROP TABLE books; --", " ", "{}", "\\"};
    std::vector<Shelf> shelves;
    std::vector<Book> books(1); // which is on no shelf
    books.front().id = 1;
    for (const std::string& name : names_of_shelves) {
        shelves.emplace_back().name = name;
        Book& book = books.emplace_back();
        book.id = static_cast<std::int64_t>(books.size());
        book.shelf_name = name;
    }
    await(of<Shelf>().insert_all(shelves));
    await(of<Book>().insert_all(books));
    const std::vector<Shelf> filled = await(of<Shelf>().query().with(&Shelf::books).all());
    ASSERT_EQ(filled.size(), names_of_shelves.size());
    for (const Shelf& shelf : filled) {
        ASSERT_EQ(shelf.books.size(), 1U) << shelf.name;
        EXPECT_EQ(shelf.books[0].shelf_name, shelf.name);
    }
    const std::vector<Book> found =
        await(of<Book>().query().order_by(&Book::id).with(&Book::shelf).all());
    EXPECT_FALSE(found[0].shelf);
    for (std::size_t i = 0; i < names_of_shelves.size(); ++i)
        EXPECT_EQ(found[i + 1].shelf->name, names_of_shelves[i]);
}

TEST_F(Relations, AreOptionalInJsonAndSchemas) {
    Author ada = await(of<Author>().get(1));
    EXPECT_EQ(to_json(ada), R"({"id":1,"name":"ada","email":"ada@example.com","company_id":1})");
    await(of<Author>().load(ada, &Author::company));
    EXPECT_EQ(to_json(ada), R"({"id":1,"name":"ada","email":"ada@example.com","company_id":1,)"
                            R"("company":{"id":1,"name":"Acme"}})");
    const TypeInfo& type = type_info<Author>();
    EXPECT_EQ(type.members.back().type->kind, ValueKind::optional);
    EXPECT_EQ(type.members.back().type->item->item->name, "Post");
    EXPECT_FALSE(type.members.back().required);
}

TEST_F(Relations, ThatAModelHasntAreRefused) {
    db::detail::Choice choice{db(), db::model_info<Post>()};
    EXPECT_THROW(choice.add_path({"nothing"}), std::logic_error);
    EXPECT_THROW(of<Post>().query().after(Post{}), std::logic_error) << "order_by comes first";
}

} // namespace
} // namespace db_tests
