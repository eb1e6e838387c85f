#include "db/support.hpp"

#include <cmath>
#include <limits>

namespace db_tests {
namespace {

enum class Color { red, green };
ARMATURE_DESCRIBE_ENUM(Color, red, green);

struct Everything {
    bool truth = false;
    std::int32_t small = 0;
    std::int64_t large = 0;
    double real = 0;
    std::string text;
    std::optional<std::string> maybe;
    std::optional<std::int64_t> number;
    Uuid id;
    Decimal price;
    std::chrono::sys_time<std::chrono::milliseconds> at;
    std::chrono::year_month_day day;
    std::chrono::seconds span{};
    Color color = Color::red;
    db::Bytes bytes;
};
ARMATURE_DESCRIBE(Everything, truth, small, large, real, text, maybe, number, id, price, at, day,
                  span, color);

class Values : public OnEachDatabase {
  protected:
    void make_table() {
        if (is_sqlite())
            run("CREATE TABLE everything (truth INTEGER, small INTEGER, large INTEGER, real REAL, "
                "text TEXT, maybe TEXT, number INTEGER, id TEXT, price TEXT, at TEXT, day TEXT, "
                "span TEXT, color TEXT, bytes BLOB)");
        else if (is_mariadb())
            run("CREATE TABLE everything (truth boolean, small integer, large bigint, \"real\" "
                "double, text text, maybe text, number bigint, id uuid, price decimal(20,2), "
                "at datetime(6), day date, span text, color text, bytes longblob)");
        else
            run("CREATE TABLE everything (truth boolean, small integer, large bigint, real double "
                "precision, text text, maybe text, number bigint, id uuid, price numeric(20,2), "
                "at timestamptz, day date, span interval, color text, bytes bytea)");
    }
};

TEST_F(Values, ComeBackAsTheyWere) {
    make_table();
    Everything sent;
    sent.truth = true;
    sent.small = std::numeric_limits<std::int32_t>::min();
    sent.large = std::numeric_limits<std::int64_t>::max();
    sent.real = 0.1;
    sent.text = "it's \"quoted\", \\ and grüßt 你好 😀;\n--";
    sent.number = -1;
    sent.id = Uuid::v7();
    sent.price = Decimal::scaled(1250, 2);
    sent.at = std::chrono::sys_time<std::chrono::milliseconds>{
        std::chrono::milliseconds{1'709'208'000'123}};
    sent.day = std::chrono::year{2024} / 2 / 29;
    sent.span = std::chrono::hours{26} + std::chrono::seconds{5};
    sent.color = Color::green;
    await(db().execute(db::Insert{"everything"}.values(sent)));
    const Everything got = await(db().one<Everything>("SELECT * FROM everything"));
    EXPECT_EQ(got.truth, sent.truth);
    EXPECT_EQ(got.small, sent.small);
    EXPECT_EQ(got.large, sent.large);
    EXPECT_EQ(got.real, sent.real);
    EXPECT_EQ(got.text, sent.text);
    EXPECT_EQ(got.maybe, std::nullopt);
    EXPECT_EQ(got.number, sent.number);
    EXPECT_EQ(got.id, sent.id);
    EXPECT_EQ(got.price.to_string(), "12.50");
    EXPECT_EQ(got.at, sent.at);
    EXPECT_EQ(got.day, sent.day);
    EXPECT_EQ(got.span, sent.span);
    EXPECT_EQ(got.color, sent.color);
}

TEST_F(Values, MayBeBytesOfAnyKind) {
    make_table();
    db::Bytes bytes;
    for (int i = 0; i < 256; ++i)
        bytes.push_back(static_cast<std::byte>(i));
    await(db().execute("INSERT INTO everything (bytes) VALUES ($1)", bytes));
    await(db().execute("INSERT INTO everything (bytes) VALUES ($1)", db::Bytes{}));
    const auto all = await(db().all<std::optional<db::Bytes>>(
        "SELECT bytes FROM everything ORDER BY length(bytes) DESC"));
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0], bytes);
    EXPECT_EQ(all[1], db::Bytes{});
}

TEST_F(Values, AreNullWithoutAValue) {
    make_table();
    const std::optional<int> none;
    await(db().execute("INSERT INTO everything (number, text) VALUES ($1, $2)", none, nullptr));
    EXPECT_EQ(await(db().one<std::int64_t>(
                  "SELECT count(*) FROM everything WHERE number IS NULL AND text IS NULL")),
              1);
    const auto error = error_of(loop, db().one<std::string>("SELECT text FROM everything"));
    EXPECT_EQ(kind_of(error), ErrorKind::mapping);
    EXPECT_STREQ(error->what(), "column text is NULL, but its member wants anything but NULL");
    EXPECT_EQ(error->status(), Status::internal_server_error);
}

TEST_F(Values, MayBeUsedTwiceAndInAnyOrder) {
    const std::string type = is_mariadb() ? "CHAR" : "TEXT";
    const std::string sql = "SELECT CAST($2 AS " + type + ") AS b, CAST($1 AS " + type +
                            ") AS a, CAST($2 AS " + type + ") AS c";
    const Rows rows = await(db().query(Statement{Sql::trusted(sql), {"first", "second"}}));
    EXPECT_EQ(rows.text(0, 0), "second");
    EXPECT_EQ(rows.text(0, 1), "first");
    EXPECT_EQ(rows.text(0, 2), "second");
    EXPECT_THAT(rows.columns(), ::testing::ElementsAre("b", "a", "c"));
}

struct Name {
    std::string name;
};
ARMATURE_DESCRIBE(Name, name);

TEST_F(Values, MustFitTheStructThatTheyAreReadInto) {
    const auto no_column = error_of(loop, db().one<Name>("SELECT 1 AS other"));
    EXPECT_EQ(kind_of(no_column), ErrorKind::mapping);
    EXPECT_STREQ(no_column->what(),
                 "the statement gives no column name, which the described struct has");
    EXPECT_EQ(kind_of(error_of(loop, db().one<std::int8_t>("SELECT 200"))), ErrorKind::mapping);
    EXPECT_EQ(kind_of(error_of(loop, db().one<int>("SELECT 'x'"))), ErrorKind::mapping);
    EXPECT_EQ(kind_of(error_of(loop, db().one<Color>("SELECT 'blue'"))), ErrorKind::mapping);
    EXPECT_EQ(await(db().first<int>("SELECT 1 WHERE 1 = 0")), std::nullopt);
    EXPECT_THROW((void)await(db().one<int>("SELECT 1 WHERE 1 = 0")), Error);
    const std::uint64_t huge = std::numeric_limits<std::uint64_t>::max();
    EXPECT_THROW((void)db().query("SELECT $1", huge), DatabaseError);
}

// --- injection ----------------------------------------------------------------------------------

TEST_F(Values, AreNeverReadAsSql) {
    run("CREATE TABLE users (id INTEGER, name TEXT)");
    const std::vector<std::string> attacks = {
        "'; DROP TABLE users; --",
        "' OR '1'='1",
        "' OR 1=1 --",
        "\" OR \"\"=\"",
        "') OR ('1'='1",
        "1; DELETE FROM users",
        "admin'--",
        "admin' #",
        "admin'/*",
        "' UNION SELECT * FROM users --",
        "' UNION ALL SELECT NULL, NULL --",
        "'; SELECT pg_sleep(3600); --",
        "'||(SELECT version())||'",
        "\\'; DROP TABLE users; --",
        "\\",
        "'",
        "''",
        "$1",
        "$2",
        "$$; DROP TABLE users; $$",
        "?",
        ":name",
        "@name",
        "%00'; DROP TABLE users",
        "E'\\047'",
        "U&'\\0027'",
        "\xC2\xBF' OR 1=1",
        "/*!50000 DROP TABLE users */",
        "'; EXEC xp_cmdshell('dir'); --",
        "'; COPY users TO PROGRAM 'id'; --",
        "'; ATTACH DATABASE '/tmp/x' AS x; --",
        "'; PRAGMA writable_schema=1; --",
        "1e309",
        "NULL",
        "DEFAULT",
        "now()",
        "{1,2}",
        "[\"a\"]",
        "\t\n\r",
        "'); INSERT INTO users VALUES (99, 'x'); --",
    };
    std::int64_t id = 0;
    for (const std::string& attack : attacks) {
        SCOPED_TRACE(attack);
        await(db().execute("INSERT INTO users (id, name) VALUES ($1, $2)", ++id, attack));
        EXPECT_EQ(await(db().one<std::string>("SELECT name FROM users WHERE id = $1", id)), attack);
        EXPECT_EQ(await(db().all<std::int64_t>("SELECT id FROM users WHERE name = $1", attack)),
                  std::vector{id});
        // As a value of the builder, and as a pattern's text.
        db::Select same{"users"};
        same.columns({"id"}).where(column("name") == attack);
        EXPECT_EQ(await(db().all<std::int64_t>(same)), std::vector{id});
        db::Select begins{"users"};
        begins.columns({"id"}).where(column("name").starts_with(attack) && column("id") == id);
        EXPECT_EQ(await(db().all<std::int64_t>(begins)), std::vector{id});
        // As a name: there is no such column, and nothing else happens.
        if (attack.find_first_of("\t\n\r") == std::string::npos) {
            db::Select named{"users"};
            named.columns({attack});
            const auto error = error_of(loop, db().query(named));
            EXPECT_EQ(kind_of(error), ErrorKind::syntax) << error->what();
        }
    }
    EXPECT_EQ(await(db().one<std::int64_t>("SELECT count(*) FROM users")),
              static_cast<std::int64_t>(attacks.size()));
}

TEST_F(Values, WithANulByteHarmNothing) {
    run("CREATE TABLE users (name TEXT)");
    const std::string text{"a\0b", 3};
    if (is_sqlite() || is_mariadb()) {
        await(db().execute("INSERT INTO users VALUES ($1)", text));
        EXPECT_EQ(await(db().one<std::string>("SELECT name FROM users")), text);
    } else {
        const auto error = error_of(loop, db().execute("INSERT INTO users VALUES ($1)", text));
        EXPECT_EQ(kind_of(error), ErrorKind::data);
        EXPECT_EQ(error->sqlstate(), "22021");
        EXPECT_EQ(await(db().one<int>("SELECT 1")), 1) << "the connection is as good as before";
    }
}

TEST_F(Values, NeedAStatementOfTheirNumber) {
    // A literal's placeholders are counted by the compiler; those of other texts when it runs.
    Statement two{Sql::trusted("SELECT $1, $2"), {1}};
    EXPECT_NE(kind_of(error_of(loop, db().query(std::move(two)))), ErrorKind::mapping);
    Statement none{Sql::trusted("SELECT 1"), {1}};
    EXPECT_NE(kind_of(error_of(loop, db().query(std::move(none)))), ErrorKind::mapping);
    Statement second{Sql::trusted("SELECT 1; SELECT 2"), {}};
    EXPECT_EQ(kind_of(error_of(loop, db().query(std::move(second)))), ErrorKind::syntax);
}

// --- the builder --------------------------------------------------------------------------------

struct User {
    std::int64_t id = 0;
    std::string name;
    std::optional<int> age;
};
ARMATURE_DESCRIBE(User, (id, read_only), name, age);

std::vector<std::int64_t> ids_of(const std::vector<User>& users) {
    std::vector<std::int64_t> ids;
    for (const User& user : users)
        ids.push_back(user.id);
    return ids;
}

class Builder : public OnEachDatabase {
  protected:
    void SetUp() override {
        OnEachDatabase::SetUp();
        if (!database) return;
        run(in_its_words(
            "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT UNIQUE, age INTEGER)",
            "CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text "
            "UNIQUE, age integer)",
            "CREATE TABLE users (id bigint AUTO_INCREMENT PRIMARY KEY, name varchar(100) COLLATE "
            "utf8mb4_bin UNIQUE, age integer)"));
        const std::pair<const char*, std::optional<int>> rows[] = {
            {"Ada", 36}, {"Bob", {}}, {"Cy_", 36}, {"Dan", 20}, {"100%", 50}};
        for (const auto& [name, age] : rows) {
            User user;
            user.name = name;
            user.age = age;
            await(db().execute(db::Insert{"users"}.values(user)));
        }
    }
    std::vector<std::int64_t> find(const db::Filter& filter) {
        db::Select select{"users"};
        select.columns<User>().where(filter).order_by("id");
        return ids_of(await(db().all<User>(select)));
    }
    using Ids = std::vector<std::int64_t>;
};

TEST_F(Builder, FindsByFilters) {
    EXPECT_EQ(find(column("age") == 36), (Ids{1, 3}));
    EXPECT_EQ(find(column("age") != 36), (Ids{4, 5}));
    EXPECT_EQ(find(column("age") == nullptr), (Ids{2}));
    EXPECT_EQ(find(column("age") != std::optional<int>{}), (Ids{1, 3, 4, 5}));
    EXPECT_EQ(find(column("age") > 20 && column("age") <= 36), (Ids{1, 3}));
    EXPECT_EQ(find(column("age") < 36 || column("name") == "Ada"), (Ids{1, 4}));
    EXPECT_EQ(find(!(column("age") >= 36)), (Ids{4}));
    EXPECT_EQ(find(column("id").in({1, 5, 99})), (Ids{1, 5}));
    EXPECT_EQ(find(column("id").in({})), (Ids{}));
    EXPECT_EQ(find(column("name").starts_with("Cy_")), (Ids{3}));
    EXPECT_EQ(find(column("name").starts_with("_")), (Ids{})) << "stands for itself";
    EXPECT_EQ(find(column("name").contains("%")), (Ids{5}));
    EXPECT_EQ(find(column("name").like("%a%") && column("users.id") != 1), (Ids{4}));
    EXPECT_THROW(find(column("age") > nullptr), std::invalid_argument);
}

TEST_F(Builder, GivesPagesByKey) {
    Ids seen;
    std::optional<User> last;
    for (int page = 0; page < 4; ++page) {
        db::Select select{"users"};
        select.columns<User>()
            .where(column("age") != nullptr)
            .order_by("age", db::Order::descending)
            .order_by("id")
            .limit(2);
        if (last) select.after({*last->age, last->id});
        const std::vector<User> users = await(db().all<User>(select));
        for (const User& user : users)
            seen.push_back(user.id);
        if (users.empty()) break;
        last = users.back();
    }
    EXPECT_EQ(seen, (Ids{5, 1, 3, 4}));
    db::Select second{"users"};
    second.columns<User>().order_by("id").offset(3);
    EXPECT_EQ(ids_of(await(db().all<User>(second))), (Ids{4, 5}));
}

TEST_F(Builder, ChangesRows) {
    User eve;
    eve.name = "Eve";
    const User made = await(db().one<User>(db::Insert{"users"}.values(eve).returning<User>()));
    EXPECT_EQ(made.id, 6);
    eve.age = 5;
    EXPECT_EQ(await(db().execute(db::Insert{"users"}.values(eve).or_update({"name"}))), 1U);
    EXPECT_EQ(await(db().one<int>("SELECT age FROM users WHERE name = 'Eve'")), 5);
    EXPECT_EQ(
        await(db().execute(db::Update{"users"}.set("age", nullptr).where(column("age") == 36))),
        2U);
    EXPECT_EQ(await(db().execute(db::Delete{"users"}.where(column("age") == nullptr))), 3U);
    EXPECT_THROW((void)db::Delete{"users"}.statement(), std::logic_error);
    EXPECT_THROW((void)db::Update{"users"}.set("age", 1).statement(), std::logic_error);
    EXPECT_EQ(await(db().execute(db::Delete{"users"}.everywhere())), 3U);
}

} // namespace
} // namespace db_tests
