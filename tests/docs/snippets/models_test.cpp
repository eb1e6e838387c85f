// The C++ of docs/models.md: compiled and run here, repeated there.
#include <armature/app/conditional.hpp>
#include <armature/armature.hpp>
#include <armature/db/diff.hpp>
#include <armature/db/migrations.hpp>
#include <armature/db/repository.hpp>
#include <armature/describe/chrono.hpp>
#include <armature/di/di.hpp>
#include <armature/testing/client.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

namespace models_page {

using namespace armature;

// [structs]
struct Post;

struct Author {
    std::int64_t id = 0;
    std::string name;
    std::string email;
    db::Many<Post> posts; // nothing is in it until it was loaded
};

struct Tag {
    std::int64_t id = 0;
    std::string name;
};

using Time = std::chrono::sys_time<std::chrono::microseconds>;

struct Post {
    std::int64_t id = 0;
    std::int64_t author_id = 0;
    std::string title;
    std::optional<std::string> text; // NULL
    std::int64_t views = 0;
    Time created_at{};
    Time updated_at{};
    std::optional<Time> deleted_at;
    std::int64_t version = 0;
    db::One<Author> author;
    db::Many<Tag> tags;
};

ARMATURE_DESCRIBE(Author, (id, read_only), (name, min_length(1)), (email, format::email), posts);
ARMATURE_DESCRIBE(Tag, (id, read_only), (name, pattern("^[a-z]+$")));
ARMATURE_DESCRIBE(Post, (id, read_only), author_id, (title, min_length(1), max_length(200)), text,
                  (views, read_only), (created_at, read_only), (updated_at, read_only),
                  (deleted_at, read_only), (version, read_only), author, tags);

ARMATURE_MODEL(Author, "authors", has_many<&Author::posts, &Post::author_id>);
ARMATURE_MODEL(Tag, "tags");
ARMATURE_MODEL(Post, "posts", belongs_to<&Post::author, &Post::author_id>,
               many_to_many<&Post::tags>("post_tags", "post_id", "tag_id"),
               timestamps<&Post::created_at, &Post::updated_at>, soft_delete<&Post::deleted_at>,
               version<&Post::version>);
// [/structs]

// [handlers]
Task<std::optional<Post>> find(Path<std::int64_t> id, Inject<db::Repository<Post>> posts) {
    return posts->find(*id); // nullopt is answered with 404
}

Task<Post> add(Json<Post> post, Inject<db::Repository<Post>> posts) {
    return posts->insert(std::move(*post)); // with its key and timestamps; 422, 409
}

Task<> remove(Path<std::int64_t> id, Inject<db::Repository<Post>> posts) {
    return posts->remove(*id); // 404 if there is none
}

App blog(const std::string& url) {
    return App::create()
        .provide_value(std::make_shared<db::Database>(url))
        .provide<db::Repository<Post>>()
        .route("/posts", post(add))
        .route("/posts/{id}", get(find).delete_(remove));
}
// [/handlers]

// [finding]
Task<std::vector<Post>> page(db::Repository<Post> posts, std::int64_t author,
                             std::optional<Post> last) {
    auto query = posts.where(db::column(&Post::author_id) == author);
    query.order_by(&Post::title).order_by(&Post::id).limit(20);
    if (last) query.after(*last); // the page behind that post, found by an index
    return query.all();
}
// [/finding]

// [relations]
Task<std::string> tags_of_all(db::Repository<Author> authors) {
    // Three statements: authors, their posts, the tags of these.
    const std::vector<Author> all =
        co_await authors.query().with(&Author::posts, &Post::tags).all();
    std::string names;
    for (const Author& author : all)
        for (const Post& post : author.posts)
            for (const Tag& tag : post.tags)
                names += author.name + ": " + tag.name + '\n';
    co_return names;
}

Task<> retag(db::Repository<Post> posts, std::int64_t id, std::vector<std::int64_t> tags) {
    Post post = co_await posts.get(id);           // or 404
    co_await posts.load(post, &Post::author);     // of an object that is there
    co_await posts.sync(post, &Post::tags, tags); // these, and no others; also attach, detach
}
// [/relations]

// [changing]
Task<> change(db::Repository<Post> posts, std::int64_t id) {
    const Post original = co_await posts.get(id);
    Post post = original;
    post.title = "Changed";
    post = co_await posts.update(post, original); // UPDATE … SET title, updated_at, version
    post.text = "All columns";
    post = co_await posts.update(post);

    (void)co_await posts.where(db::column(&Post::views) > 1000)
        .update(db::set(&Post::title, "Popular"), db::increment(&Post::views));
    co_await posts.remove(id);  // deleted_at is set: nobody finds it
    co_await posts.restore(id); // and now they do
    co_await posts.purge(id);   // gone for good
}
// [/changing]

// [locking]
Task<Tagged<Post>> read(Path<std::int64_t> id, Inject<db::Repository<Post>> posts) {
    Post post = co_await posts->get(*id);
    std::string etag = posts->etag(post);
    co_return Tagged{std::move(post), std::move(etag)};
}

Task<Post> replace(Path<std::int64_t> id, Json<Post> given, Inject<db::Repository<Post>> posts,
                   Request& request) {
    const Post original = co_await posts->get(*id);
    const std::string etag = posts->etag(original);
    Validators current;
    current.etag = etag;
    require_preconditions(request, current, IfMatch::required); // 412: it knows another version
    Post post = original;
    post.title = given->title;
    post.text = given->text;
    co_return co_await posts->update(post, original); // 409: somebody was faster
}
// [/locking]

// [transaction]
Task<> publish(db::Database& db, std::vector<Post> drafts) {
    const db::Repository<Post> posts{db};
    const auto together = [&](db::Transaction& transaction) -> Task<> {
        (void)co_await posts.in(transaction).insert_all(drafts); // one statement
        co_await transaction.execute("UPDATE authors SET name = upper(name)");
    };
    co_await db.transaction(together);
}
// [/transaction]

// [upsert]
Task<Author> sign_in(db::Repository<Author> authors, std::string name, std::string email) {
    Author author;
    author.name = std::move(name);
    author.email = std::move(email);
    return authors.upsert(std::move(author), &Author::email); // which has a unique index
}
// [/upsert]

// [migrate]
db::MigrationOptions migrations_of_blog(const std::string& url) {
    db::MigrationOptions options;
    options.url = url;
    options.models = db::models<Author, Tag, Post>();
    return options; // for db::migrate_command
}
// [/migrate]

// [diff]
Task<std::string> what_is_missing(db::Database& db) {
    const db::SchemaDiff diff = co_await db::diff<Author, Tag, Post>(db);
    co_return diff.empty() ? "" : diff.text() + diff.migration();
}
// [/diff]

TEST(ModelsPage, DoesWhatItSays) {
    std::string folder = std::filesystem::temp_directory_path() / "armature-page-XXXXXX";
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    const std::string url = "sqlite:" + folder + "/blog.db";
    {
        LocalLoop loop;
        db::Database db{url};
        EXPECT_THAT(loop.run(what_is_missing(db)), ::testing::HasSubstr("CREATE TABLE \"posts\""));
        const db::SchemaDiff diff = loop.run(db::diff<Author, Tag, Post>(db));
        db::MigrationOptions options = migrations_of_blog(url);
        options.folder = folder;
        db::Migrations migrations{options};
        migrations.add("1_blog.sql", diff.migration());
        migrations.up();
        EXPECT_EQ(loop.run(what_is_missing(db)), "");
        (void)loop.run(db.execute("CREATE UNIQUE INDEX authors_email ON authors (email)"));

        const Author ada = loop.run(sign_in(db::Repository<Author>{db}, "ada", "ada@example.com"));
        EXPECT_EQ(loop.run(sign_in(db::Repository<Author>{db}, "Ada", "ada@example.com")).id,
                  ada.id);
        TestClient client =
            TestClient::over_http(blog(url).route("/versioned/{id}", get(read).put(replace)));
        EXPECT_EQ(client.post("/posts")
                      .body("application/json", R"({"author_id":1,"title":"First"})")
                      .send()
                      .status(),
                  Status::ok);
        EXPECT_EQ(client.get("/posts/1").send().status(), Status::ok);
        EXPECT_EQ(client.get("/posts/2").send().status(), Status::not_found);
        const auto put = [&](const char* etag) {
            return client.put("/versioned/1")
                .header("if-match", etag)
                .body("application/json", R"({"author_id":1,"title":"Second"})")
                .send()
                .status();
        };
        EXPECT_EQ(client.get("/versioned/1").send().status(), Status::ok);
        EXPECT_EQ(put("\"1\""), Status::ok);
        EXPECT_EQ(put("\"1\""), Status::precondition_failed);

        const db::Repository<Post> posts{db};
        Tag tag;
        tag.name = "blue";
        tag = loop.run(db::Repository<Tag>{db}.insert(tag));
        loop.run(retag(posts, 1, {tag.id}));
        EXPECT_EQ(loop.run(tags_of_all(db::Repository<Author>{db})), "Ada: blue\n");
        EXPECT_EQ(loop.run(page(posts, 1, std::nullopt)).size(), 1U);
        EXPECT_TRUE(loop.run(page(posts, 1, loop.run(posts.get(1)))).empty());
        std::vector<Post> drafts(2);
        for (Post& draft : drafts) {
            draft.author_id = 1;
            draft.title = "Draft";
        }
        loop.run(publish(db, drafts));
        EXPECT_EQ(loop.run(posts.query().count()), 3);
        EXPECT_EQ(loop.run(db::Repository<Author>{db}.get(1)).name, "ADA");
        loop.run(change(posts, 2));
        EXPECT_EQ(client.delete_("/posts/3").send().status(), Status::no_content);
        EXPECT_EQ(loop.run(posts.query().with_deleted().count()), 2);
    }
    std::filesystem::remove_all(folder);
}

} // namespace models_page
