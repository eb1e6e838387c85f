#include "db/postgres_place.hpp"
#include "seed/support.hpp"

namespace db_tests {
namespace {

using ::testing::HasSubstr;

class SeedingOfPostgres : public SeedingOf {
  protected:
    std::string psql(const std::string& sql) {
        return armature::testing::run({"psql", place->url(), "-XAtc", sql}).output;
    }
};

// The rows as psql and sqlite3 print them.
TEST_F(SeedingOfPostgres, WritesTheSameAsSqlite) {
    const SqlitePlace other;
    {
        LocalLoop apart;
        Database sqlite{other.url()};
        std::istringstream all{schema(true)};
        for (std::string statement; std::getline(all, statement, ';');)
            apart.run(sqlite.execute(Statement{Sql::trusted(statement), {}}));
    }
    for (const std::string& url : {place->url(), other.url()}) {
        const auto ran =
            armature::testing::run({"env", "DATABASE_URL=" + url, SEED_PROGRAM, "db:seed", "--seed",
                                    "77", "--count", "2500", "--locale", "fr"});
        EXPECT_EQ(ran.status, 0) << ran.output;
    }
    const std::string users = "SELECT id, name, email, role, city, created_at FROM users ORDER BY "
                              "id";
    const std::string tags = "SELECT id, name FROM tags ORDER BY id";
    const auto posts = [](const std::string& is_public, const std::string& written_at) {
        return "SELECT id, author_id, title, text, price, " + is_public + ", " + written_at +
               " FROM posts ORDER BY id";
    };
    const auto sqlite3 = [&](const std::string& sql) {
        return armature::testing::run({"sqlite3", other.url().substr(7), sql}).output;
    };
    if (armature::testing::run({"sh", "-c", "command -v sqlite3"}).status != 0)
        GTEST_SKIP() << "sqlite3 isn't installed (Debian: sqlite3)";
    EXPECT_EQ(psql("SELECT count(*) FROM users"), "2505\n");
    EXPECT_EQ(psql("SELECT count(*) FROM posts"), "5000\n");
    EXPECT_TRUE(psql(users) == sqlite3(users));
    EXPECT_TRUE(psql(tags) == sqlite3(tags));
    EXPECT_TRUE(psql(posts("is_public::int", "to_char(written_at AT TIME ZONE 'UTC', "
                                             "'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')")) ==
                sqlite3(posts("is_public", "written_at")));
}

// Takes connections on an address of this machine, and hands them to the server's socket.
constexpr const char* forwarder = R"python(
import socket, sys, threading
listening = socket.create_server((sys.argv[1], 0))
print("port", listening.getsockname()[1], "ready", flush=True)
def pump(source, sink):
    while data := source.recv(65536):
        sink.sendall(data)
    sink.shutdown(socket.SHUT_WR)
while True:
    client, _ = listening.accept()
    server = socket.socket(socket.AF_UNIX)
    server.connect(sys.argv[2])
    for ends in ((client, server), (server, client)):
        threading.Thread(target=pump, args=ends, daemon=True).start()
)python";

TEST_F(SeedingOfPostgres, RefusesAnotherMachine) {
    const auto addresses = armature::testing::shell("hostname -I").output;
    const std::string own = addresses.substr(0, addresses.find_first_of(" \n"));
    if (own.empty() || own.find(':') != std::string::npos)
        GTEST_SKIP() << "this machine has no address but the loopback's";
    const auto seeded_over = [&](const std::string& address, const std::string& arguments) {
        armature::testing::Process forward{
            {"python3", "-c", forwarder, address, server->folder() + "/.s.PGSQL.5432"}};
        const std::string& said = forward.await(" ready");
        const std::string port = said.substr(5, said.find(" ready") - 5);
        const std::string url = place->url();
        const std::string name = url.substr(14, url.find('?') - 14);
        return armature::testing::run({"bash", "-c",
                                       "DATABASE_URL=postgresql://test@" + address + ':' + port +
                                           '/' + name + " exec " SEED_PROGRAM " db:seed " +
                                           arguments});
    };
    const auto refused = seeded_over(own, "");
    EXPECT_EQ(refused.status, 1);
    EXPECT_EQ(refused.output, "db:seed: this database is on another machine: nothing was done. If "
                              "you mean it, say --force, or SeedOptions::force\n");
    EXPECT_EQ(psql("SELECT count(*) FROM users"), "0\n");
    EXPECT_EQ(seeded_over(own, "--force --class Users").status, 0);
    EXPECT_EQ(seeded_over("127.0.0.1", "--class Users").status, 0);
    EXPECT_EQ(psql("SELECT count(*) FROM users"), "20\n");
}

TEST_F(SeedingOfPostgres, LeavesIdentitiesBehindItsKeys) {
    psql("CREATE TABLE a (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text)");
    psql("CREATE TABLE b (id serial PRIMARY KEY, name text)");
    const auto add = [](Seeding& seeding) -> Task<> {
        seeding.create(seed::Factory<Post>{"a"}.count(0)); // nothing at all
        FixtureOptions options;
        co_await seeding.load_text(
            FixtureFormat::json, R"({"a": [{"id": 41, "name": "x"}], "b": [{"id": 7}]})", options);
    };
    EXPECT_EQ(to_text(seeded(add)), "a 1 0 0\nb 1 0 0\n");
    EXPECT_EQ(to_text(seeded(add)), "a 0 0 1\nb 0 0 1\n");
    EXPECT_EQ(psql("INSERT INTO a (name) VALUES ('y') RETURNING id"), "42\nINSERT 0 1\n");
    EXPECT_EQ(psql("INSERT INTO b (name) VALUES ('y') RETURNING id"), "8\nINSERT 0 1\n");
    EXPECT_EQ(psql("SELECT setval('b_id_seq', 1000)"), "1000\n");
    EXPECT_EQ(to_text(seeded(add)), "a 0 0 1\nb 0 0 1\n");
    EXPECT_EQ(psql("SELECT nextval('b_id_seq')"), "1001\n") << "it never goes back";
}

TEST_F(SeedingOfPostgres, KnowsTablesOfOtherSchemas) {
    psql("CREATE SCHEMA shop");
    psql("CREATE TABLE shop.\"Tags\" (id uuid PRIMARY KEY, name text)");
    seeded([](Seeding& seeding) -> Task<> {
        seeding.create(seed::Factory<Tag>{"shop.Tags"}.count(5));
        co_return;
    });
    EXPECT_EQ(psql("SELECT count(DISTINCT id) FROM shop.\"Tags\""), "5\n");
}

TEST_F(SeedingOfPostgres, KeepsOthersFromItsKeysMeanwhile) {
    Transaction transaction = await(db().begin());
    Seeding seeding{transaction};
    seeding.create(users().count(10));
    await(seeding.flush());
    // Who inserts now waits until we are done.
    EXPECT_EQ(psql("SELECT count(*) FROM pg_locks WHERE relation = 'users'::regclass AND mode = "
                   "'ShareRowExclusiveLock'"),
              "1\n");
    await(transaction.commit());
}

} // namespace
} // namespace db_tests
