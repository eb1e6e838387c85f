#include "seed/support.hpp"

namespace db_tests {
namespace {

using ::testing::HasSubstr;

class Fixtures : public SeedingOf {
  protected:
    void SetUp() override {
        SeedingOf::SetUp();
        if (!database) return;
        run("CREATE TABLE countries (code text PRIMARY KEY, name text NOT NULL, people bigint, "
            "is_island boolean, area " +
            std::string{is_sqlite() ? "TEXT" : "numeric(10, 2)"} + ")");
    }
    std::string load(FixtureFormat format, const std::string& text,
                     const FixtureOptions& options = FixtureOptions{}) {
        const auto work = [&](Seeding& seeding) -> Task<> {
            co_await seeding.load_text(format, text, options);
        };
        return to_text(seeded(work));
    }
    std::string error_of(FixtureFormat format, const std::string& text) {
        return failure_of([&](Seeding& seeding) -> Task<> {
            FixtureOptions options;
            options.table("countries");
            co_await seeding.load_text(format, text, options);
        });
    }
    std::string dump(std::vector<std::string> tables, FixtureFormat format) {
        return await(seed::dump_fixture(db(), std::move(tables), format));
    }
};

constexpr const char* countries_json = R"({"countries": [
  {"code": "is", "name": "Iceland", "people": 387758, "is_island": true, "area": "102775.00"},
  {"code": "ch", "name": "Switzerland \"CH\"", "people": null, "is_island": false},
  {"code": "de", "name": "Größe, Zeile\nzwei"}]})";

TEST_F(Fixtures, BringRowsUpToDateByTheirPrimaryKey) {
    EXPECT_EQ(load(FixtureFormat::json, countries_json), "countries 3 0 0\n");
    EXPECT_EQ(load(FixtureFormat::json, countries_json), "countries 0 0 3\n");
    run("UPDATE countries SET name = 'Island' WHERE code = 'is'");
    run("DELETE FROM countries WHERE code = 'de'");
    EXPECT_EQ(load(FixtureFormat::json, countries_json), "countries 1 1 1\n");
    EXPECT_EQ(text("SELECT name FROM countries WHERE code = 'is'"), "Iceland");
    EXPECT_EQ(number("SELECT count(*) FROM countries WHERE is_island"), 1);
    EXPECT_EQ(text("SELECT area FROM countries WHERE code = 'is'"), "102775.00");
}

TEST_F(Fixtures, OfAllFormatsAreTheSame) {
    load(FixtureFormat::json, countries_json);
    const std::string json = dump({"countries"}, FixtureFormat::json);
    EXPECT_EQ(
        json,
        "{\n\"countries\": [\n"
        "  {\"code\": \"ch\", \"name\": \"Switzerland \\\"CH\\\"\", \"people\": null, "
        "\"is_island\": false, \"area\": null},\n"
        "  {\"code\": \"de\", \"name\": \"Größe, Zeile\\nzwei\", \"people\": null, "
        "\"is_island\": null, \"area\": null},\n"
        "  {\"code\": \"is\", \"name\": \"Iceland\", \"people\": 387758, \"is_island\": true, "
        "\"area\": \"102775.00\"}\n]\n}\n");
    for (const FixtureFormat format :
         {FixtureFormat::json, FixtureFormat::yaml, FixtureFormat::csv, FixtureFormat::django}) {
        const std::string text = dump({"countries"}, format);
        run("DELETE FROM countries");
        FixtureOptions options;
        options.table("countries");
        EXPECT_EQ(load(format, text, options), "countries 3 0 0\n") << text;
        EXPECT_EQ(dump({"countries"}, FixtureFormat::json), json) << text;
        EXPECT_EQ(load(format, text, options), "countries 0 0 3\n") << text;
    }
}

TEST_F(Fixtures, InYamlAreOfItsVersionOneTwo) {
    EXPECT_EQ(load(FixtureFormat::yaml, "# comment\n"
                                        "countries:\n"
                                        "  - code: no\n" // not false
                                        "    name: 007\n"
                                        "    people: 5000\n"
                                        "    area: 12.50\n"
                                        "    is_island: false\n"
                                        "  - {code: is, name: 'it''s', people: 10, area: ~}\n"
                                        "tags: []\n"),
              "countries 2 0 0\n");
    EXPECT_EQ(text("SELECT name FROM countries WHERE code = 'no'"), "007");
    EXPECT_EQ(text("SELECT area FROM countries WHERE code = 'no'"), "12.50");
    EXPECT_EQ(number("SELECT count(*) FROM countries WHERE NOT is_island"), 1);
    EXPECT_EQ(number("SELECT count(*) FROM countries WHERE area IS NULL AND name = 'it''s'"), 1);
}

TEST_F(Fixtures, AreFilesOfOneTableOrMany) {
    const Folder folder;
    std::ofstream{folder.file("countries.csv")} << "code,name,people\r\n"
                                                   "is,Iceland,387758\r\n"
                                                   "ch,\"Switzerland, \"\"CH\"\"\",\r\n"
                                                   "xx,\"\",1\r\n";
    std::ofstream{folder.file("shop.yaml")}
        << "posts:\n  - {id: 1, author_id: 10, title: t, text: x, price: 12.50, is_public: true,\n"
           "     written_at: 2024-01-01T00:00:00Z}\n"
           "users:\n  - {id: 10, name: Ada, email: ada@example.com, role: admin}\n";
    const auto report = seeded([&](Seeding& seeding) -> Task<> {
        co_await seeding.load(folder.file("countries.csv"));
        co_await seeding.load(folder.file("shop.yaml"));
    });
    EXPECT_EQ(to_text(report), "countries 3 0 0\nusers 1 0 0\nposts 1 0 0\n")
        << "in the order of the foreign keys";
    EXPECT_EQ(text("SELECT name FROM countries WHERE code = 'ch'"), "Switzerland, \"CH\"");
    EXPECT_EQ(number("SELECT count(*) FROM countries WHERE people IS NULL"), 1);
    EXPECT_EQ(number("SELECT count(*) FROM countries WHERE name = ''"), 1);
    EXPECT_EQ(await(db().one<Decimal>("SELECT price FROM posts")).to_string(), "12.50");
    run("INSERT INTO users (name, email, role) VALUES ('next', 'n@example.com', 'reader')");
    EXPECT_EQ(number("SELECT max(id) FROM users"), 11) << "the sequence is behind the given keys";
}

TEST_F(Fixtures, MayNameANaturalKey) {
    FixtureOptions by_email;
    by_email.table("users").key({"email"});
    const std::string csv = "name,email,role\nAda,ada@example.com,admin\n";
    EXPECT_EQ(load(FixtureFormat::csv, csv, by_email), "users 1 0 0\n");
    EXPECT_EQ(load(FixtureFormat::csv, csv, by_email), "users 0 0 1\n");
    FixtureOptions by_name;
    by_name.table("users").key({"name"});
    EXPECT_THAT(failure_of([&](Seeding& seeding) -> Task<> {
                    co_await seeding.load_text(FixtureFormat::csv, csv, by_name);
                }),
                ::testing::AnyOf(HasSubstr("no unique or exclusion constraint"),
                                 HasSubstr("does not match any PRIMARY KEY or UNIQUE")));
}

TEST_F(Fixtures, ThatAreWrongSayWhere) {
    EXPECT_THAT(error_of(FixtureFormat::json, "{\"countries\": [\n{]"),
                HasSubstr("the fixture:2:2: "));
    EXPECT_THAT(error_of(FixtureFormat::json, "{\"countries\": 5}"), HasSubstr("isn't a list"));
    EXPECT_THAT(error_of(FixtureFormat::json, "[{\"cod\": 1}]"), HasSubstr("has no column cod"));
    EXPECT_THAT(error_of(FixtureFormat::json, "[{}]"), HasSubstr("a row without columns"));
    EXPECT_THAT(error_of(FixtureFormat::yaml, "- code: a\n  code: b\n"),
                HasSubstr("the fixture:2:3: a key is there twice"));
    EXPECT_THAT(error_of(FixtureFormat::yaml, "- &a {code: x}\n- *a\n"),
                HasSubstr("the fixture:2:3: aliases"));
    EXPECT_THAT(error_of(FixtureFormat::yaml, "- {code: [\n"), HasSubstr("the fixture:"));
    EXPECT_THAT(error_of(FixtureFormat::csv, "code,name\na\n"),
                HasSubstr("the fixture:2: has 1 values for 2 columns"));
    EXPECT_THAT(error_of(FixtureFormat::csv, "code,name\na,\"b\n"),
                HasSubstr("a quote without an end"));
    EXPECT_THAT(error_of(FixtureFormat::csv, "code,name\na,b\na,c\n"),
                HasSubstr("countries: code 'a' is there twice"));
    EXPECT_THAT(error_of(FixtureFormat::json, "[{\"model\": 5, \"fields\": {}}]"),
                HasSubstr("a Django fixture"));
    EXPECT_EQ(number("SELECT count(*) FROM countries"), 0);
}

TEST_F(Fixtures, KeepBytesAndJson) {
    run(is_sqlite() ? "CREATE TABLE things (id integer PRIMARY KEY, bytes BLOB, data TEXT)"
                    : "CREATE TABLE things (id integer PRIMARY KEY, bytes bytea, data jsonb)");
    EXPECT_EQ(load(FixtureFormat::json,
                   R"({"things": [{"id": 1, "bytes": "\\x00ff0a", "data": {"a": [1, true]}}]})"),
              "things 1 0 0\n");
    EXPECT_EQ(number(is_sqlite() ? "SELECT length(bytes) FROM things"
                                 : "SELECT octet_length(bytes) FROM things"),
              3);
    EXPECT_THAT(dump({"things"}, FixtureFormat::json), HasSubstr(R"("bytes": "\\x00ff0a")"));
}

} // namespace
} // namespace db_tests
