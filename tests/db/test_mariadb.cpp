#include "db/mariadb_place.hpp"

#include <atomic>
#include <fstream>

namespace db_tests {
namespace {

class Mariadb : public OnEachDatabase {
  protected:
    std::string client(const std::string& sql) {
        return server->client(static_cast<MariadbPlace&>(*place).name, sql);
    }
};

TEST_F(Mariadb, AndItsOwnClientSeeTheSame) {
    await(db().execute("CREATE TABLE t (name text, at datetime(3), ids uuid, price decimal(30,10), "
                       "bits bit(12), single float, span time(1), j json)"));
    const Uuid id = Uuid::v4();
    const std::chrono::sys_seconds at{std::chrono::seconds{1'709'208'000}};
    await(db().execute("INSERT INTO t VALUES ($1, $2, $3, $4, b'101', 0.1, '-26:00:05.5', $5)",
                       "it's 😀", at, id, *Decimal::parse("12345678901234567890.0123456789"),
                       R"({"a": 1})"));
    EXPECT_EQ(client("SELECT name, unix_timestamp(at), ids, price FROM t"),
              "it's 😀\t1709208000.000\t" + id.to_string() + "\t12345678901234567890.0123456789\n");
    // Prepared and as text.
    const Rows rows = await(db().query("SELECT * FROM t"));
    const Rows text = await(db().query(Statement{Sql::trusted("SELECT * FROM t"), {}}));
    for (std::size_t i = 0; i < rows.columns().size(); ++i)
        EXPECT_EQ(rows.text(0, i), text.text(0, i)) << rows.columns()[i];
    EXPECT_EQ(rows.text(0, 1), "2024-02-29 12:00:00.000");
    EXPECT_EQ(rows.text(0, 4), "5");
    EXPECT_EQ(rows.text(0, 5), "0.1");
    EXPECT_EQ(rows.text(0, 6), "-26:00:05.5");
    EXPECT_EQ(await(db().one<int>("SELECT count(*) FROM t WHERE price = $1 AND at = $2",
                                  *Decimal::parse("12345678901234567890.0123456789"), at)),
              1)
        << "compared as what they are";
    client("INSERT INTO t (name, at) VALUES ('by the client', '1970-01-01')");
    EXPECT_EQ(
        await(db().one<std::chrono::sys_seconds>("SELECT at FROM t WHERE name = 'by the client'")),
        std::chrono::sys_seconds{});
}

TEST_F(Mariadb, FollowTablesThatWereAltered) {
    await(db().execute("CREATE TABLE t (x integer)"));
    await(db().execute("INSERT INTO t VALUES (1)"));
    EXPECT_EQ(await(db().query("SELECT * FROM t")).columns().size(), 1U);
    client("ALTER TABLE t ADD COLUMN y text DEFAULT ('new')");
    const Rows rows = await(db().query("SELECT * FROM t"));
    ASSERT_EQ(rows.columns().size(), 2U);
    EXPECT_EQ(rows.text(0, 1), "new");
    client("ALTER TABLE t MODIFY x varchar(10)"); // as many columns as before
    EXPECT_EQ(await(db().query("SELECT * FROM t")).text(0, 0), "1");
    client("UPDATE t SET x = 'text'");
    EXPECT_EQ(await(db().query("SELECT * FROM t")).text(0, 0), "text");

    (void)await(db().query("INSERT INTO t VALUES ('a', 'b') RETURNING *"));
    client("ALTER TABLE t DROP COLUMN y, ADD COLUMN p integer DEFAULT 7, ADD COLUMN q integer");
    EXPECT_EQ(await(db().query("SELECT * FROM t")).columns().size(), 3U);
}

// It was done already, and isn't done twice.
TEST_F(Mariadb, TellWhenAStatementGaveOtherColumnsThanItHadWhenItWasPrepared) {
    await(db().execute("CREATE TABLE t (x integer)"));
    EXPECT_EQ(await(db().one<int>("INSERT INTO t VALUES (1) RETURNING *")), 1);
    client("ALTER TABLE t ADD COLUMN y text INVISIBLE DEFAULT ('new'), ADD COLUMN z integer "
           "DEFAULT 3");
    const auto insert = [&](Transaction& transaction) -> Task<Rows> {
        return transaction.query("INSERT INTO t (x) VALUES (2) RETURNING *");
    };
    (void)await(db().transaction(insert));
    client("ALTER TABLE t ADD COLUMN more integer");
    const auto error = error_of(loop, db().transaction(insert));
    EXPECT_THAT(error->what(), ::testing::HasSubstr("altered"));
    EXPECT_EQ(await(db().one<int>("SELECT count(*) FROM t")), 2);
    EXPECT_EQ(await(db().transaction(insert)).columns().size(), 3U);
    EXPECT_EQ(await(db().one<int>("SELECT count(*) FROM t")), 3);
}

TEST_F(Mariadb, KeepPreparedStatements) {
    const auto prepared = [&] {
        return await(db().one<int>(Statement{
            Sql::trusted("SELECT variable_value FROM information_schema.session_status WHERE "
                         "variable_name = 'COM_STMT_PREPARE'"),
            {}}));
    };
    const int before = prepared();
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(await(db().one<int>("SELECT $1 + 1", i)), i + 1);
    EXPECT_EQ(prepared(), before + 1);
    // More than a connection keeps.
    for (int i = 0; i < 300; ++i) {
        const std::string sql = "SELECT $1 + " + std::to_string(i);
        EXPECT_EQ(await(db().one<int>(Statement{Sql::trusted(sql), {1}})), i + 1);
    }
    DatabaseOptions plain = settings();
    plain.prepare = false;
    Database unprepared{plain};
    EXPECT_EQ(await(unprepared.one<int>("SELECT $1 + 1", 1)), 2);
    EXPECT_EQ(await(unprepared.one<int>("SELECT 2")), 2);
}

TEST_F(Mariadb, RunWhatCantBePrepared) {
    await(db().execute("CREATE PROCEDURE two_results() BEGIN SELECT 1 AS a; SELECT 2 AS b; END"));
    const Rows rows = await(db().query("CALL two_results()"));
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows.get<int>(0, 0), 1);
    const Rows text = await(db().query(Statement{Sql::trusted("CALL two_results()"), {}}));
    EXPECT_EQ(text.get<int>(0, 0), 1);
    await(db().execute("PREPARE p FROM 'SELECT 1'")); // not within a prepared statement
    EXPECT_EQ(await(db().one<int>("SELECT 3")), 3);
}

TEST_F(Mariadb, CountTheRowsThatWereFound) {
    await(db().execute("CREATE TABLE t (id integer PRIMARY KEY, x integer)"));
    EXPECT_EQ(await(db().execute("INSERT INTO t VALUES (1, 1), (2, 1)")), 2U);
    EXPECT_EQ(await(db().execute("UPDATE t SET x = 1")), 2U) << "though they are as before";
    const Rows made = await(db().query("INSERT INTO t VALUES (3, 7) RETURNING id, x"));
    EXPECT_EQ(made.changed(), 1U);
    EXPECT_EQ(made.get<int>(0, 1), 7);
    EXPECT_EQ(await(db().execute("INSERT INTO t VALUES (1, 5), (4, 5) ON DUPLICATE KEY UPDATE x = "
                                 "VALUES(x)")),
              2U);
    EXPECT_EQ(await(db().execute("DELETE FROM t")), 4U);
    EXPECT_EQ(await(db().execute("CREATE TABLE u SELECT 1 AS x")), 0U);
}

TEST_F(Mariadb, HasNoCopyAndNoChannels) {
    const auto copy = error_of(loop, db().copy_in("COPY t FROM STDIN"));
    EXPECT_EQ(kind_of(copy), ErrorKind::unsupported);
    EXPECT_STREQ(copy->what(), "MariaDB has no COPY; PostgreSQL does");
    EXPECT_EQ(kind_of(error_of(loop, db().copy_out("COPY t TO STDOUT"))), ErrorKind::unsupported);
    EXPECT_EQ(kind_of(error_of(loop, db().notify("news", "x"))), ErrorKind::unsupported);
    try {
        (void)await(db().listen("news"));
        ADD_FAILURE();
    } catch (const DatabaseError& error) {
        EXPECT_EQ(error.kind(), ErrorKind::unsupported);
    }
}

// --- transactions -------------------------------------------------------------------------------

TEST_F(Mariadb, BeginAnewAfterADeadlock) {
    await(db().execute("CREATE TABLE t (id integer PRIMARY KEY, x integer)"));
    await(db().execute("INSERT INTO t VALUES (1, 0), (2, 0)"));
    std::atomic<int> runs = 0;
    int holding = 0;
    const auto both = [&](int first, int second) -> Task<> {
        const auto work = [&, first, second](Transaction& transaction) -> Task<> {
            ++runs;
            co_await transaction.execute("UPDATE t SET x = x + 1 WHERE id = $1", first);
            ++holding;
            while (holding < 2) // until each has its first row
                co_await yield();
            co_await transaction.execute("UPDATE t SET x = x + 1 WHERE id = $1", second);
        };
        co_await db().transaction(work);
    };
    Running<void> one{loop, both(1, 2)};
    Running<void> other{loop, both(2, 1)};
    one.result();
    other.result();
    EXPECT_EQ(await(db().one<int>("SELECT CAST(sum(x) AS INTEGER) FROM t")), 4);
    EXPECT_EQ(runs, 3) << "one of them began anew";
}

TEST_F(Mariadb, BeginAnewWhenALockWasntGotInTime) {
    await(db().execute("CREATE TABLE t (id integer PRIMARY KEY, x integer)"));
    await(db().execute("INSERT INTO t VALUES (1, 0)"));
    Transaction holder = await(db().begin());
    await(holder.execute("UPDATE t SET x = 1"));
    int runs = 0;
    const auto work = [&](Transaction& transaction) -> Task<> {
        if (++runs == 2) co_await holder.commit();
        co_await transaction.execute("SET innodb_lock_wait_timeout = 1");
        co_await transaction.execute("UPDATE t SET x = x + 1");
    };
    await(db().transaction(work));
    EXPECT_EQ(runs, 2);
    EXPECT_EQ(await(db().one<int>("SELECT x FROM t")), 2);
}

// The server has rolled it back; what comes behind it must not be done by itself.
TEST_F(Mariadb, DoNothingMoreInATransactionThatADeadlockEnded) {
    await(db().execute("CREATE TABLE t (id integer PRIMARY KEY, x integer)"));
    await(db().execute("INSERT INTO t VALUES (1, 0), (2, 0)"));
    Transaction first = await(db().begin());
    Transaction second = await(db().begin());
    await(first.execute("UPDATE t SET x = 1 WHERE id = 1"));
    await(second.execute("UPDATE t SET x = 2 WHERE id = 2"));
    Running<std::uint64_t> waits{loop, first.execute("UPDATE t SET x = 1 WHERE id = 2")};
    const auto lock = [&](Transaction& transaction) -> Task<bool> {
        bool is_victim = false;
        try {
            co_await transaction.execute("UPDATE t SET x = 2 WHERE id = 1");
        } catch (const DatabaseError& error) {
            EXPECT_EQ(error.sqlstate(), "40001");
            is_victim = true;
        }
        co_return is_victim;
    };
    const bool is_second = await(lock(second));
    if (is_second)
        waits.result();
    else
        EXPECT_THROW((void)waits.result(), DatabaseError);
    Transaction& victim = is_second ? second : first;
    Transaction& winner = is_second ? first : second;
    await(winner.commit());
    EXPECT_EQ(error_of(loop, victim.execute("UPDATE t SET x = 99"))->sqlstate(), "40001");
    EXPECT_EQ(error_of(loop, victim.commit())->sqlstate(), "25P02");
    EXPECT_EQ(await(db().one<int>("SELECT count(*) FROM t WHERE x = 99")), 0);
}

TEST_F(Mariadb, DoNothingMoreInATransactionThatTheSchemasChangeCommitted) {
    await(db().execute("CREATE TABLE t (x integer)"));
    const auto work = [&](Transaction& transaction) -> Task<> {
        co_await transaction.execute("INSERT INTO t VALUES (1)");
        co_await transaction.execute("CREATE TABLE u (x integer)");
        co_await transaction.execute("INSERT INTO t VALUES (2)");
    };
    const auto error = error_of(loop, db().transaction(work));
    EXPECT_EQ(error->sqlstate(), "25P01");
    EXPECT_THAT(error->what(), ::testing::HasSubstr("committed by a statement in it"));
    EXPECT_EQ(await(db().one<int>("SELECT count(*) FROM t")), 1);
}

TEST_F(Mariadb, HaveTheIsolationThatIsAskedFor) {
    await(db().execute("CREATE TABLE t (x integer)"));
    db::TransactionOptions options;
    options.isolation = db::Isolation::read_committed;
    const auto count = [&](Transaction& transaction) -> Task<int> {
        (void)co_await transaction.query("SELECT count(*) FROM t");
        client("INSERT INTO t VALUES (1)");
        co_return co_await transaction.one<int>("SELECT count(*) FROM t");
    };
    EXPECT_EQ(await(db().transaction(count, options)), 1);
    options.isolation = db::Isolation::repeatable_read;
    EXPECT_EQ(await(db().transaction(count, options)), 1) << "not the second one";
}

// --- connections --------------------------------------------------------------------------------

TEST_F(Mariadb, AreReplacedWhenTheServerEndedThem) {
    EXPECT_EQ(await(db().one<int>("SELECT 1")), 1);
    const auto id = await(db().one<std::int64_t>("SELECT connection_id()"));
    client("KILL " + std::to_string(id));
    while (client("SELECT count(*) FROM information_schema.processlist WHERE id = " +
                  std::to_string(id)) != "0\n")
        continue;
    EXPECT_NE(await(db().one<std::int64_t>("SELECT connection_id()")), id) << "nobody notices";

    Running<Rows> running{loop, db().query(ARMATURE_ENDLESS)};
    await_running();
    const std::string killed = client("SELECT id FROM information_schema.processlist WHERE info "
                                      "LIKE 'WITH RECURSIVE%'");
    client("KILL " + killed);
    try {
        (void)running.result();
        ADD_FAILURE();
    } catch (const DatabaseError& error) {
        EXPECT_EQ(error.kind(), ErrorKind::unavailable) << error.what();
    }
    EXPECT_EQ(await(db().one<int>("SELECT 1")), 1);
    EXPECT_LE(db().open_connections(), 2U);
}

TEST_F(Mariadb, SurviveARestartOfTheServer) {
    std::vector<Transaction> held;
    for (int i = 0; i < 3; ++i)
        held.push_back(await(db().begin()));
    for (Transaction& transaction : held)
        await(transaction.commit());
    EXPECT_EQ(db().open_connections(), 3U);
    server->stop();
    EXPECT_EQ(kind_of(error_of(loop, db().query("SELECT 1"))), ErrorKind::unavailable);
    server->start();
    EXPECT_EQ(await(db().one<int>("SELECT 1")), 1);
}

TEST_F(Mariadb, SayWhyThereIsNoConnection) {
    for (const std::string& socket : {std::string{"/nonexistent"}, server->socket()}) {
        const std::string url = "mysql://nobody:hunter2@/shop?socket=" + socket;
        Database nowhere{url};
        try {
            await(nowhere.on_module_init());
            ADD_FAILURE();
        } catch (const std::runtime_error& error) {
            const std::string text = error.what();
            EXPECT_THAT(text, ::testing::StartsWith("armature: no connection to MariaDB at /"));
            EXPECT_THAT(text, ::testing::HasSubstr(", database shop: MariaDB: "));
            EXPECT_THAT(text, ::testing::Not(::testing::HasSubstr("hunter2")));
            EXPECT_EQ(text.find('\n'), std::string::npos);
        }
    }
    Database absent{server->url("no_such_database")};
    EXPECT_THROW(await(absent.on_module_init()), std::runtime_error);
}

TEST_F(Mariadb, SpeakTls) {
    client("CREATE OR REPLACE USER 'shop'@'%' IDENTIFIED BY 'pass:word/€' REQUIRE SSL");
    client("GRANT ALL ON *.* TO 'shop'@'%'");
    const auto cipher_at = [&](const std::string& host, const std::string& options) {
        Database secure{"mariadb://shop:pass%3Aword%2F%E2%82%AC@" + host + ':' +
                        std::to_string(server->port()) + "/?" + options};
        return await(secure.one<std::string>(
            "SELECT variable_value FROM information_schema.session_status WHERE variable_name = "
            "'SSL_CIPHER'"));
    };
    const std::string own = "&sslrootcert=" + server->certificate();
    EXPECT_NE(cipher_at("127.0.0.1", ""), "") << "as much as the server has";
    EXPECT_NE(cipher_at("127.0.0.1", "sslmode=require"), "");
    EXPECT_NE(cipher_at("127.0.0.1", "sslmode=verify-ca" + own), "");
    EXPECT_NE(cipher_at("localhost", "sslmode=verify-full" + own), "");
    // Another name than the certificate's, an authority that isn't known, and nothing to verify.
    EXPECT_THROW((void)cipher_at("127.0.0.1", "sslmode=verify-full" + own), DatabaseError);
    EXPECT_THROW((void)cipher_at("localhost", "sslmode=verify-full"), DatabaseError);
    EXPECT_THROW((void)cipher_at("localhost", "sslmode=verify-ca"), std::invalid_argument);
    EXPECT_THROW((void)cipher_at("127.0.0.1", "sslmode=disable"), DatabaseError)
        << "the user must have TLS";
    // Rows larger than a record of TLS, and a statement that is ended in the middle.
    DatabaseOptions options;
    options.url =
        "mariadb://shop:pass%3Aword%2F%E2%82%AC@localhost:" + std::to_string(server->port()) +
        "/?sslmode=verify-full" + own;
    Database secure{options};
    EXPECT_EQ(await(secure.one<std::string>("SELECT repeat('x', 1000000)")).size(), 1'000'000U);
    Running<Rows> running{loop, secure.query("SELECT sleep(3600)")};
    running.destroy();
    EXPECT_EQ(await(secure.one<int>("SELECT 1")), 1);
    EXPECT_TRUE(await(secure.is_local()));
}

TEST(MariadbUrl, IsChecked) {
    for (const char* url :
         {"mariadb://", "mariadb:///shop", "mariadb://a:secret@h/x?nosuchoption=1",
          "mariadb://a:sec%ret@h/x", "mariadb://a:secret@h:99999/x",
          "mariadb://a:secret@h/x?sslmode=maybe", "mariadb://a:secret@h/x?sslmode=verify-ca",
          "mariadb://a:secret@h/x?sslcert=/a"}) {
        try {
            Database db{url};
            ADD_FAILURE() << url;
        } catch (const std::invalid_argument& error) {
            EXPECT_THAT(error.what(), ::testing::StartsWith("armature: "));
            EXPECT_THAT(error.what(), ::testing::Not(::testing::HasSubstr("sec")));
        }
    }
}

} // namespace
} // namespace db_tests
