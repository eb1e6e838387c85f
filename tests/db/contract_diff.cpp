#include "db/blog.hpp"
#include "support/process.hpp"

#include <algorithm>
#include <memory>

namespace db_tests {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

struct Item {
    std::int64_t id = 0;
    std::string name;
    std::optional<std::string> note;
    std::int64_t count = 0;
};
ARMATURE_DESCRIBE(Item, id, name, note, count);
ARMATURE_MODEL(Item, "items");

struct Left;
struct Right {
    std::int64_t id = 0;
    std::optional<std::int64_t> left_id;
    db::One<Left> left;
};
struct Left {
    std::int64_t id = 0;
    std::optional<std::int64_t> right_id;
    db::One<Right> right;
};
ARMATURE_DESCRIBE(Right, id, left_id, left);
ARMATURE_DESCRIBE(Left, id, right_id, right);
ARMATURE_MODEL(Right, "rights", belongs_to<&Right::left, &Right::left_id>);
ARMATURE_MODEL(Left, "lefts", belongs_to<&Left::right, &Left::right_id>);

class Differences : public OnEachDatabase {
  protected:
    template <db::Model... T>
    db::SchemaDiff difference() {
        return await(db::diff<T...>(db()));
    }
    /// As the database's names are quoted.
    std::string quoted(std::string sql) const {
        if (is_mariadb()) std::replace(sql.begin(), sql.end(), '"', '`');
        return sql;
    }
    /// The migration of that text, to be run up and down.
    std::unique_ptr<db::Migrations> migrations(const std::string& text) {
        db::MigrationOptions options;
        options.url = place->url();
        options.folder = "/nonexistent";
        auto made = std::make_unique<db::Migrations>(options);
        made->add("1_all.sql", text);
        return made;
    }
};

TEST_F(Differences, OfAnEmptyDatabaseAreAllTablesAndTheirMigrationMakesThem) {
    const auto models = db::models<Post, Profile, Author, Company, Tag>();
    const db::SchemaDiff all = await(db::diff(db(), models));
    EXPECT_THAT(all.differences(), SizeIs(6)) << "and the table between posts and tags";
    EXPECT_THAT(all.text(), HasSubstr("missing table   post_tags: isn't there\n"));
    EXPECT_THAT(all.migration(), HasSubstr(quoted("\"company_id\" " +
                                                  std::string{is_sqlite() ? "INTEGER" : "bigint"} +
                                                  " REFERENCES \"companies\" (\"id\")")));
    EXPECT_THAT(all.migration(),
                HasSubstr(quoted("CREATE UNIQUE INDEX \"profiles_author_id\" ON \"profiles\"")));
    const auto migration = migrations(all.migration());
    migration->up();
    EXPECT_EQ(await(db::diff(db(), models)).text(), "");
    migration->down();
    EXPECT_THAT(await(db::diff(db(), models)).differences(), SizeIs(6)) << "down undoes it";
}

TEST_F(Differences, OfModelsThatReferToEachOtherAreMigratedToo) {
    const auto migration = migrations(difference<Left, Right>().migration());
    migration->up();
    EXPECT_EQ((difference<Left, Right>().text()), "");
    run("INSERT INTO lefts (id) VALUES (1)");
    EXPECT_EQ(kind_of(error_of(loop, db().execute("UPDATE lefts SET right_id = 2"))),
              ErrorKind::foreign_key_violation);
    migration->down();
    EXPECT_THAT((difference<Left, Right>().differences()), SizeIs(2));
}

TEST_F(Differences, AreToldForEachColumn) {
    run("CREATE TABLE items (id INTEGER PRIMARY KEY, name INTEGER NOT NULL, note TEXT NOT NULL, "
        "old TEXT NOT NULL)");
    run("CREATE TABLE leftovers (x INTEGER)");
    const db::SchemaDiff diff = difference<Item>();
    const std::string integer = in_its_words("INTEGER", "integer", "int");
    const std::string text = is_sqlite() ? "TEXT" : "text";
    const std::string wanted = is_mariadb() ? "longtext" : text;
    std::string expected;
    if (!is_sqlite())
        expected += "type            items.id: is " + integer + ", its member wants bigint\n";
    expected += "type            items.name: is " + integer + ", its member wants " + wanted +
                '\n' +
                "nullability     items.note: is NOT NULL, but its member may have no value\n" +
                "missing column  items.count: " + (is_sqlite() ? "INTEGER" : "bigint") +
                " NOT NULL\n" + "extra column    items.old: " + text +
                ", which no member has; NOT NULL without a default: inserting fails\n" +
                "extra table     leftovers: belongs to no model\n";
    EXPECT_EQ(diff.text(), expected);

    const std::string sql = diff.migration();
    EXPECT_THAT(sql, HasSubstr(quoted("\n-- DROP TABLE \"leftovers\";")));
    EXPECT_THAT(sql, HasSubstr(quoted("\n-- ALTER TABLE \"items\" DROP COLUMN \"old\";")));
    EXPECT_THAT(sql, HasSubstr(quoted("\n-- ALTER TABLE \"items\" ADD COLUMN \"count\"")));
    if (is_sqlite()) {
        EXPECT_THAT(sql, HasSubstr("-- SQLite changes a column by building its table anew: items"));
    } else if (is_mariadb()) {
        EXPECT_THAT(sql, HasSubstr("\nALTER TABLE `items` MODIFY COLUMN `id` bigint NOT NULL;"));
        EXPECT_THAT(sql, HasSubstr("\n-- ALTER TABLE `items` MODIFY COLUMN `name` longtext NOT "
                                   "NULL;"));
        EXPECT_THAT(sql, HasSubstr("\n-- ALTER TABLE `items` MODIFY COLUMN `note` longtext NULL;"));
    } else {
        EXPECT_THAT(sql, HasSubstr("\nALTER TABLE \"items\" ALTER COLUMN \"id\" TYPE bigint;"));
        EXPECT_THAT(sql, HasSubstr("\n-- ALTER TABLE \"items\" ALTER COLUMN \"name\" TYPE text"));
        EXPECT_THAT(sql, HasSubstr("\nALTER TABLE \"items\" ALTER COLUMN \"note\" DROP NOT NULL;"));
    }
}

TEST_F(Differences, ThatAreCertainAreGoneAfterTheMigration) {
    run(is_sqlite() ? "CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT NOT NULL, count "
                      "INTEGER NOT NULL)"
                    : "CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT NOT NULL, count "
                      "integer NOT NULL)");
    const db::SchemaDiff before = difference<Item>();
    EXPECT_FALSE(before.empty());
    EXPECT_THAT(before.migration(), Not(HasSubstr("-- ALTER")));
    migrations(before.migration())->up();
    EXPECT_EQ(difference<Item>().text(), "");
}

TEST_F(Differences, AreWhatMayBeNullAndTheKey) {
    run("CREATE TABLE items (id BIGINT, name VARCHAR(50) PRIMARY KEY, note TEXT, count BIGINT)");
    const std::string text = difference<Item>().text();
    EXPECT_THAT(text, HasSubstr("items.count: may be NULL, but its member always has a value\n"));
    EXPECT_THAT(text, HasSubstr("key             items: the primary key is name, the model's is "
                                "id\n"));
}

TEST_F(Differences, ArentInTypesThatHoldTheSame) {
    run(in_its_words("CREATE TABLE items (id INTEGER PRIMARY KEY, name VARCHAR(100) NOT NULL, "
                     "note CLOB, count BIGINT NOT NULL)",
                     "CREATE TABLE items (id BIGSERIAL PRIMARY KEY, name VARCHAR(100) NOT NULL, "
                     "note JSONB, count BIGINT NOT NULL)",
                     "CREATE TABLE items (id BIGINT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(100) "
                     "NOT NULL, note JSON, count BIGINT NOT NULL)"));
    run("CREATE VIEW all_items AS SELECT * FROM items");
    EXPECT_EQ(difference<Item>().text(), "");
}

// --- the command --------------------------------------------------------------------------------

class DiffCommand : public OnEachDatabase {
  protected:
    armature::testing::Ran migrate(const std::string& words) {
        return armature::testing::shell("cd " + folder.path() + " && mkdir -p db/migrations && " +
                                        "DATABASE_URL='" + place->url() + "' " + MIGRATE_PROGRAM +
                                        " migrate " + words + " 2>&1");
    }
    Folder folder;
};

TEST_F(DiffCommand, WritesTheMigrationThatIsMissing) {
    const auto first = migrate("diff create_notes");
    EXPECT_EQ(first.status, 0);
    EXPECT_THAT(first.output, ::testing::StartsWith("missing table   notes: isn't there\n"));
    EXPECT_THAT(first.output, ::testing::EndsWith("_create_notes.sql\n"));
    EXPECT_THAT(migrate("diff").output, HasSubstr("migrations are pending"));
    EXPECT_EQ(migrate("up").status, 0);
    const auto none = migrate("diff --exit-code");
    EXPECT_EQ(none.output, "the database is as the models say\n");
    EXPECT_EQ(none.status, 0);
    EXPECT_EQ(migrate("verify").status, 0);
    run("ALTER TABLE notes ADD COLUMN more TEXT");
    EXPECT_EQ(migrate("diff --exit-code").status, 2);
    EXPECT_EQ(migrate("diff").status, 0);
}

} // namespace
} // namespace db_tests
