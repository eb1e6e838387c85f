#pragma once

#include "db/support.hpp"

#include <armature/db/diff.hpp>
#include <armature/db/migrations.hpp>
#include <armature/db/repository.hpp>

#include <stdexcept>

namespace db_tests {

using db::column; // that of members too

// A blog, whose models have every kind of relation.

struct Author;
struct Post;
struct Tag;

struct Company {
    std::int64_t id = 0;
    std::string name;
    db::Many<Author> authors;
};

struct Profile {
    std::int64_t id = 0;
    std::int64_t author_id = 0;
    std::string about;
    db::One<Author> author;
};

struct Author {
    std::int64_t id = 0;
    std::string name;
    std::string email;
    std::optional<std::int64_t> company_id;
    std::optional<std::int64_t> mentor_id;
    db::One<Company> company;
    db::One<Author> mentor;
    db::One<Profile> profile;
    db::Many<Post> posts;
};

enum class PostState : std::uint8_t { draft, published };
ARMATURE_DESCRIBE_ENUM(PostState, draft, published);

using Time = std::chrono::sys_time<std::chrono::microseconds>;

struct Post {
    std::int64_t id = 0;
    std::int64_t author_id = 0;
    std::string title;
    std::optional<std::string> text;
    PostState state = PostState::draft;
    std::int32_t views = 0;
    Decimal price;
    Time created_at{};
    Time updated_at{};
    std::optional<Time> deleted_at;
    std::int32_t version = 0;
    db::One<Author> author;
    db::Many<Tag> tags;
};

struct Tag {
    Uuid id;
    std::string name;
    db::Many<Post> posts;
};

ARMATURE_DESCRIBE(Company, (id, read_only), (name, min_length(1)), authors);
ARMATURE_DESCRIBE(Profile, (id, read_only), author_id, about, author);
ARMATURE_DESCRIBE(Author, (id, read_only), (name, min_length(1), max_length(50)),
                  (email, format::email), company_id, mentor_id, company, mentor, profile, posts);
ARMATURE_DESCRIBE(Post, (id, read_only), author_id, (title, min_length(1), max_length(200)), text,
                  (state, defaulted), (views, min(0), defaulted), (price, defaulted),
                  (created_at, read_only), (updated_at, read_only), (deleted_at, read_only),
                  (version, read_only), author, tags);
ARMATURE_DESCRIBE(Tag, (id, read_only), (name, pattern("^[a-z]+$")), posts);

ARMATURE_MODEL(Company, "companies", has_many<&Company::authors, &Author::company_id>);
ARMATURE_MODEL(Profile, "profiles", belongs_to<&Profile::author, &Profile::author_id>);
ARMATURE_MODEL(Author, "authors", column_name<&Author::email>("e-mail"),
               belongs_to<&Author::company, &Author::company_id>,
               belongs_to<&Author::mentor, &Author::mentor_id>,
               has_one<&Author::profile, &Profile::author_id>,
               has_many<&Author::posts, &Post::author_id>);
ARMATURE_MODEL(Post, "posts", timestamps<&Post::created_at, &Post::updated_at>,
               soft_delete<&Post::deleted_at>, version<&Post::version>,
               belongs_to<&Post::author, &Post::author_id>,
               many_to_many<&Post::tags>("post_tags", "post_id", "tag_id"));
ARMATURE_MODEL(Tag, "tags", key<&Tag::id>,
               many_to_many<&Tag::posts>("post_tags", "tag_id", "post_id"));

/// A database as it is, that tells the statements which were run.
class Recorded final : public db::Session {
  public:
    explicit Recorded(Database& database) : database_(database) {}
    std::vector<std::string> statements;

    Task<std::vector<Rows>> batch(std::vector<Statement> all) override {
        return database_.batch(std::move(all));
    }
    using db::Session::begin;
    Task<Transaction> begin(db::TransactionOptions options) override {
        return database_.begin(options);
    }
    [[nodiscard]] Dialect dialect() const noexcept override { return database_.dialect(); }

  protected:
    Task<Rows> run(Statement statement) override {
        statements.emplace_back(statement.sql());
        return database_.query(std::move(statement));
    }
    Task<std::shared_ptr<db::detail::Lease>> connection() override {
        throw std::logic_error("no streams here");
    }
    [[nodiscard]] bool can_retry() const noexcept override { return false; }

  private:
    Database& database_;
};

/// Its tables are made by the migration that the models ask for.
class OfABlog : public OnEachDatabase {
  protected:
    void SetUp() override {
        OnEachDatabase::SetUp();
        if (!database) return;
        db::MigrationOptions options;
        options.url = place->url();
        options.folder = "/nonexistent";
        db::Migrations migrations{options};
        migrations.add("1_blog.sql", difference().migration());
        migrations.up();
        run("CREATE UNIQUE INDEX authors_email ON authors (\"e-mail\")");
    }
    db::SchemaDiff difference() {
        return await(db::diff(db(), db::models<Post, Profile, Author, Company, Tag>(),
                              {"armature_migrations"}));
    }

    template <class T>
    db::Repository<T> of() {
        return db::Repository<T>{db()};
    }
    Author add_author(const std::string& name) {
        Author author;
        author.name = name;
        author.email = name + "@example.com";
        return await(of<Author>().insert(author));
    }
    Post add_post(const Author& author, const std::string& title) {
        Post post;
        post.author_id = author.id;
        post.title = title;
        return await(of<Post>().insert(post));
    }
    Tag add_tag(const std::string& name) {
        Tag tag;
        tag.name = name;
        return await(of<Tag>().insert(tag));
    }
};

/// What a task throws, to be looked at.
template <class E = Error, class T>
std::optional<E> thrown_by(LocalLoop& loop, Task<T> task) {
    try {
        (void)loop.run(std::move(task));
    } catch (const E& error) {
        return error;
    }
    ADD_FAILURE() << "nothing was thrown";
    return std::nullopt;
}

} // namespace db_tests
