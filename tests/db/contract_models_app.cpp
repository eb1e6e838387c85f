#include "db/blog.hpp"
#include "support/process.hpp"
#include "support/test_server.hpp"

#include <armature/app/conditional.hpp>
#include <armature/app/controller.hpp>
#include <armature/app/json.hpp>
#include <armature/app/query.hpp>
#include <armature/di/di.hpp>

namespace db_tests {
namespace {

using armature::testing::TestServer;
using ::testing::EndsWith;
using ::testing::HasSubstr;

struct NewPost {
    std::int64_t author_id = 0;
    std::string title;
};
ARMATURE_DESCRIBE(NewPost, author_id, title); // no rules: the model has them

struct Page {
    std::optional<std::int64_t> after;
};
ARMATURE_DESCRIBE(Page, after);

class Posts {
    ARMATURE_CONTROLLER(Posts, "/posts");

  public:
    explicit Posts(db::Repository<Post>& posts) : posts_(posts) {}

    ARMATURE_GET("/", list);
    Task<Json<std::vector<Post>>> list(Query<Page> page) {
        auto query = posts_.query();
        query.order_by(&Post::id).with(&Post::author).limit(2);
        if (page->after) query.where(column(&Post::id) > *page->after);
        co_return Json{co_await query.all()};
    }
    ARMATURE_GET("/{id}", find);
    Task<std::optional<Tagged<Post>>> find(Path<std::int64_t> id) {
        std::optional<Post> post = co_await posts_.find(*id);
        if (!post) co_return std::nullopt;
        std::string etag = posts_.etag(*post);
        co_return Tagged{std::move(*post), std::move(etag)};
    }
    ARMATURE_POST("/", add);
    Task<Post> add(Json<NewPost> given) {
        Post post;
        post.author_id = given->author_id;
        post.title = given->title;
        return posts_.insert(std::move(post));
    }
    /// Whose version is in If-Match.
    ARMATURE_PUT("/{id}", replace);
    Task<Post> replace(Path<std::int64_t> id, Json<NewPost> given, const Request& request) {
        const Post original = co_await posts_.get(*id);
        const std::string etag = posts_.etag(original);
        Validators current;
        current.etag = etag;
        require_preconditions(request, current);
        Post post = original;
        post.title = given->title;
        // Somebody else is faster: between the check and the change.
        if (post.title == "late")
            (void)co_await posts_.where(column(&Post::id) == *id)
                .update(db::increment(&Post::views));
        co_return co_await posts_.update(std::move(post), original);
    }
    ARMATURE_DELETE("/{id}", remove);
    Task<> remove(Path<std::int64_t> id) { return posts_.remove(*id); }

  private:
    db::Repository<Post>& posts_;

    ARMATURE_END_CONTROLLER();
};

struct NewAuthor {
    std::string name;
    std::string email;
};
ARMATURE_DESCRIBE(NewAuthor, name, email);

Task<Author> add_an_author(Json<NewAuthor> given, Inject<db::Database> database) {
    Author author;
    author.name = given->name;
    author.email = given->email;
    return db::Repository<Author>{*database}.insert(std::move(author));
}

class ModelsInAnApplication : public OfABlog {
  protected:
    void SetUp() override {
        OfABlog::SetUp();
        if (!database) return;
        server.emplace(App::create()
                           .provide_value(std::make_shared<Database>(settings()))
                           .provide<db::Repository<Post>>()
                           .controller<Posts>()
                           .route("/authors", post(add_an_author))
                           .build());
    }
    std::string curl(std::vector<std::string> arguments, const std::string& path) {
        arguments.insert(arguments.begin(),
                         {"curl", "-sS", "--max-time", "60", "-H", "content-type: application/json",
                          "-w", "\n%{http_code}"});
        arguments.push_back(server->url(path));
        return armature::testing::run(std::move(arguments)).output;
    }
    std::string put(const std::string& title, const std::string& etag) {
        return curl({"-X", "PUT", "-H", "if-match: " + etag, "-d",
                     R"({"author_id":1,"title":")" + title + "\"}"},
                    "/posts/1");
    }
    std::optional<TestServer> server;
};

TEST_F(ModelsInAnApplication, ServeCurl) {
    EXPECT_THAT(curl({"-d", R"({"name":"ada","email":"ada@example.com"})"}, "/authors"),
                EndsWith("\n200"));
    for (const char* const title : {"One", "Two", "Three"})
        EXPECT_THAT(
            curl({"-d", R"({"author_id":1,"title":")" + std::string{title} + "\"}"}, "/posts"),
            EndsWith("\n200"));
    const std::string page = curl({}, "/posts");
    EXPECT_THAT(page, HasSubstr(R"("title":"One")"));
    EXPECT_THAT(page, HasSubstr(R"("title":"Two")"));
    EXPECT_THAT(page, Not(HasSubstr("Three")));
    EXPECT_THAT(page, HasSubstr(R"("author":{"id":1,"name":"ada","email":"ada@example.com"})"));
    EXPECT_THAT(curl({}, "/posts?after=2"), HasSubstr(R"([{"id":3,)"));
    EXPECT_THAT(curl({"-X", "DELETE"}, "/posts/3"), EndsWith("\n204"));
    EXPECT_THAT(curl({}, "/posts?after=2"), "[]\n200");
}

TEST_F(ModelsInAnApplication, TellClientsWhatIsWrong) {
    curl({"-d", R"({"name":"ada","email":"ada@example.com"})"}, "/authors");
    const std::string taken =
        curl({"-d", R"({"name":"eve","email":"ada@example.com"})"}, "/authors");
    EXPECT_THAT(taken, EndsWith("\n409"));
    EXPECT_THAT(taken, HasSubstr(R"("errors":[{"pointer":"/email","detail":"is taken already"}])"));
    const std::string rule = curl({"-d", R"({"author_id":1,"title":""})"}, "/posts");
    EXPECT_THAT(rule, EndsWith("\n422"));
    EXPECT_THAT(rule, HasSubstr(R"("pointer":"/title")"));
    EXPECT_THAT(curl({"-d", R"({"author_id":9,"title":"x"})"}, "/posts"), EndsWith("\n409"));
    EXPECT_THAT(curl({}, "/posts/9"), EndsWith("\n404"));
    EXPECT_THAT(curl({"-X", "DELETE"}, "/posts/9"), EndsWith("\n404"));
}

TEST_F(ModelsInAnApplication, RefuseToOverwriteWhatTheClientHasntSeen) {
    curl({"-d", R"({"name":"ada","email":"ada@example.com"})"}, "/authors");
    curl({"-d", R"({"author_id":1,"title":"One"})"}, "/posts");
    EXPECT_THAT(curl({"-D", "-", "-o", "/dev/null"}, "/posts/1"), HasSubstr("etag: \"1\"\r\n"));
    EXPECT_THAT(curl({"-H", "if-none-match: \"1\""}, "/posts/1"), EndsWith("\n304"));
    EXPECT_THAT(put("Two", "\"1\""), HasSubstr(R"("version":2)"));
    EXPECT_THAT(put("Three", "\"1\""), EndsWith("\n412"));
    EXPECT_THAT(put("late", "\"2\""), EndsWith("\n409")) << "changed after the check";
    EXPECT_THAT(curl({}, "/posts/1"), HasSubstr(R"("title":"Two")"));
}

} // namespace
} // namespace db_tests
